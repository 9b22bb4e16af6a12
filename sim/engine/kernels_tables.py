"""The compiled layout of a block's tables, run first, from sampled worlds, run last; and sums straight from worlds."""

from typing import Final, NamedTuple

from numba import njit

from sim.engine.kernels import (
    EFFECT_CHANNELS,
    Board,
    Field,
    FloatArray,
    IntArray,
    uncounted,
)

STRIP: Final = 16  # runs laid out together: their rows stay in the nearest cache while the worlds are read along them


class Cells(NamedTuple):
    """Where a field of some seats differs from run to run; what is the same in every run is in `same`."""

    same: FloatArray  # (row, option)
    seats: IntArray  # (entry,) party
    effect_channel: IntArray  # (cell,)
    effect_option: IntArray  # (cell,)
    relief_entry: IntArray  # (cell,)
    relief_option: IntArray  # (cell,)
    clear_row: IntArray  # (cell,) of red lines that a single option crosses
    clear_option: IntArray  # (cell,)
    clear_line: IntArray  # (cell,)


class Told(NamedTuple):
    """What a viewer holds for true: a share of the way from central values to the truth, or the truth itself."""

    whole: bool  # the truth, to the last bit
    share: float
    utility: FloatArray  # (party, option) central values
    relief: FloatArray  # (party, option)


@njit(error_model="numpy", cache=True)
def fill_rows(
    cells: Cells,
    effects: FloatArray,
    relief: FloatArray,
    utility: FloatArray,
    clear: FloatArray,
    told: Told,
    rows: FloatArray,
) -> None:
    """Write `rows` (run, row, option) of a field.

    `effects` (channel, option, run); `relief`, `utility` (party, option, run); `clear` (line, run) chance that a red
    line is none.
    """
    runs, share, whole = rows.shape[0], told.share, told.whole
    for lo in range(0, runs, STRIP):
        hi = min(lo + STRIP, runs)
        for run in range(lo, hi):
            rows[run] = cells.same
        for n in range(cells.effect_channel.shape[0]):
            channel, option = cells.effect_channel[n], cells.effect_option[n]
            for run in range(lo, hi):
                rows[run, channel, option] = effects[channel, option, run]
        for entry in range(cells.seats.shape[0]):
            party, row = cells.seats[entry], EFFECT_CHANNELS + 2 * entry + 1
            for option in range(rows.shape[2]):
                prior = told.utility[party, option]
                for run in range(lo, hi):
                    truth = utility[party, option, run]
                    rows[run, row, option] = truth if whole else prior + share * (truth - prior)
        for n in range(cells.relief_entry.shape[0]):
            entry, option = cells.relief_entry[n], cells.relief_option[n]
            party = cells.seats[entry]
            prior = told.relief[party, option]
            for run in range(lo, hi):
                truth = relief[party, option, run]
                rows[run, EFFECT_CHANNELS + 2 * entry, option] = truth if whole else prior + share * (truth - prior)
        for n in range(cells.clear_row.shape[0]):
            row, option, line = cells.clear_row[n], cells.clear_option[n], cells.clear_line[n]
            for run in range(lo, hi):
                rows[run, row, option] *= clear[line, run]


@uncounted
def utilities(board: Board, field: Field, packages: IntArray, utility: FloatArray) -> None:
    """Utility of one package a run, (issue, run), to every entry of a field, links included; writes (entry, run)."""
    for entry in range(utility.shape[0]):
        row = EFFECT_CHANNELS + 2 * entry + 1
        for run in range(packages.shape[1]):
            value = field.rows[run, row, packages[0, run]]
            for i in range(1, packages.shape[0]):
                value += field.rows[run, row, packages[i, run]]
            utility[entry, run] = value
        for r in range(board.link_first.shape[0]):
            if field.link_row[r] != row:
                continue
            first, second = board.link_first[r], board.link_second[r]
            one, other = board.issue_of[first], board.issue_of[second]
            for run in range(packages.shape[1]):
                if packages[one, run] == first and packages[other, run] == second:
                    utility[entry, run] += field.link_value[run, r]


@njit(error_model="numpy", cache=True)
def add_up_worlds(
    board: Board,
    table: FloatArray,
    factors: int,
    link_row: IntArray,
    link_value: FloatArray,
    packages: IntArray,
    sums: FloatArray,
) -> None:
    """Sums of one package a run, (issue, run), over a table of worlds (row, option, run); writes (row, run).

    The first `factors` rows multiply, the others add. Links act on their row (link,), -1 for none, by (link, run).
    """
    runs = packages.shape[1]
    for row in range(table.shape[0]):
        values, own = table[row], sums[row]
        for run in range(runs):
            own[run] = values[packages[0, run], run]
        for i in range(1, packages.shape[0]):
            for run in range(runs):
                value = values[packages[i, run], run]
                own[run] = own[run] * value if row < factors else own[run] + value
    for r in range(link_row.shape[0]):
        row, first, second = link_row[r], board.link_first[r], board.link_second[r]
        if row < 0:
            continue
        one, other = board.issue_of[first], board.issue_of[second]
        for run in range(runs):
            if packages[one, run] == first and packages[other, run] == second:
                value = link_value[r, run]
                sums[row, run] = sums[row, run] * value if row < factors else sums[row, run] + value
