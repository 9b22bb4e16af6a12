"""The compiled estimates of a mediator: central values moved toward the truth, and what refusals disclose."""

from typing import NamedTuple

from numba import njit

from sim.engine.kernels import EFFECT_CHANNELS, LANES, NIL, Board, BoolArray, Field, FloatArray, IntArray
from sim.engine.kernels_answers import Lines


class Central(NamedTuple):
    """What is thought of parties whom nothing is known about."""

    rows: FloatArray  # (2 * entry, option) relief and utility of each entry, as in the tables
    links: FloatArray  # (link,) value of the links that are a party's own
    own: BoolArray  # (link,) whether it is one
    line: IntArray  # (link,) red line that a link belongs to, or -1
    free: FloatArray  # (line, 2) chance that a line is none, as thought where it is none and where it is one


@njit(error_model="numpy", cache=True)
def estimate(truth: Field, central: Central, lines: Lines, seats: IntArray, share: float, field: Field) -> None:
    """Write the tables of an observer who was told `share` of the way from central values to the truth."""
    entries = seats.shape[0]
    clear = EFFECT_CHANNELS + 2 * entries
    options = truth.rows.shape[2]
    for run in range(truth.rows.shape[0]):
        true, thought = truth.rows[run], field.rows[run]
        for row in range(EFFECT_CHANNELS):
            for option in range(options):
                thought[row, option] = true[row, option]
        for row in range(2 * entries):
            for option in range(options):
                centre = central.rows[row, option]
                gap = true[EFFECT_CHANNELS + row, option] - centre
                thought[EFFECT_CHANNELS + row, option] = centre + share * gap
        for e in range(entries):
            for option in range(options):
                thought[clear + e, option] = 1.0
            for line in range(lines.from_party[seats[e]], lines.from_party[seats[e] + 1]):
                if lines.single[line]:
                    free = central.free[line, 1 if lines.drawn[line, run] else 0]
                    issue = lines.issues_from[line]
                    for option in range(options):
                        if lines.crosses[issue, option]:
                            thought[clear + e, option] *= free
        for r in range(central.links.shape[0]):
            value = truth.link_value[run, r]
            if central.own[r]:
                value = central.links[r] + share * (value - central.links[r])
            elif central.line[r] >= 0:
                value = central.free[central.line[r], 1 if lines.drawn[central.line[r], run] else 0]
            field.link_value[run, r] = value


@njit(error_model="numpy", cache=True)
def learn(
    board: Board,
    lines: Lines,
    truth: Field,
    field: Field,
    seats: IntArray,
    decides: BoolArray,
    asked: BoolArray,
    accepts: BoolArray,
    line: IntArray,
    issue: IntArray,
    per_unit: FloatArray,
    rate: float,
    need: FloatArray,
    deal: IntArray,
    deal_sums: FloatArray,
) -> None:
    """Take in what refusals disclose, in place: the named issue's values, the need behind them, the named red line.

    `truth` and `field`: tables of the world and of the estimates. `seats` and `decides` (entry,); `asked` (run,);
    `accepts`, `line` and `issue` (party, run) as in `Answers`; `per_unit` and `need` (entry, run).
    Keeps up with it what the deal last in force, `deal` (issue, run), adds up to as estimated: `deal_sums` (tile,
    channel, lane).
    """
    entries = seats.shape[0]
    for run in range(asked.shape[0]):
        if not asked[run]:
            continue
        for e in range(entries):
            party = seats[e]
            if not decides[e] or accepts[party, run]:
                continue
            named = line[party, run]
            if named >= 0:
                if lines.single[named]:
                    place, row = lines.issues_from[named], EFFECT_CHANNELS + 2 * entries + e
                    for option in range(board.start[lines.issue[place]], board.start[lines.issue[place] + 1]):
                        if lines.crosses[place, option]:
                            field.rows[run, row, option] = NIL
                for n in range(lines.links_from[named], lines.links_from[named + 1]):
                    field.link_value[run, lines.link[n]] = NIL
                continue
            need[e, run] += rate * (per_unit[e, run] - need[e, run])
            over = issue[party, run]
            if over < 0:
                continue
            for row in range(EFFECT_CHANNELS + 2 * e, EFFECT_CHANNELS + 2 * e + 2):
                for option in range(board.start[over], board.start[over + 1]):
                    gap = truth.rows[run, row, option] - field.rows[run, row, option]
                    field.rows[run, row, option] += rate * gap
                    if option == deal[over, run]:
                        deal_sums[run // LANES, row, run % LANES] += rate * gap
