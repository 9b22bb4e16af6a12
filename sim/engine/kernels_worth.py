"""The compiled look-up of what given packages add up to and are worth; the lanes are neighbouring runs."""

from typing import NamedTuple

import numpy as np
from numba import njit

from sim.engine.kernels import (
    EFFECT_CHANNELS,
    GROUND_ROWS,
    LANES,
    LASTING_ROWS,
    SEEN_ROWS,
    SETTLED_ROWS,
    BoolArray,
    Field,
    FloatArray,
    IntArray,
    Outlook,
    appraise,
    multiplies,
    outlast,
    settle,
    uncounted,
)


class Reading(NamedTuple):
    """What must be read of a table to add up a package; everything else is neutral. Kinds of rows: see `kind_of`."""

    issue_from: IntArray  # (kind + 1,) where the issues that act on a kind of row start
    issue: IntArray
    link_from: IntArray  # (option + 1,) where the links that start from an option do
    link: IntArray
    with_option: IntArray  # the option at their other end
    with_issue: IntArray  # and its issue


class Hopes(NamedTuple):
    """Each entry's best package; what a round does not change about its worth."""

    sums: FloatArray  # (entry, tile, row, lane) effects, relief and utility
    lasting: FloatArray  # (entry, tile, row * lane) from `outlast`
    term: FloatArray  # (entry, run) days
    none: BoolArray  # (entry, run) it has none: every package crosses a red line


@njit(error_model="numpy", inline="always")
def kind_of(row: int, entries: int) -> int:
    """Effects by channel, then relief, utility and freedom from red lines, whosever they are."""
    if row < EFFECT_CHANNELS:
        return row
    if row < EFFECT_CHANNELS + 2 * entries:
        return EFFECT_CHANNELS + ((row - EFFECT_CHANNELS) & 1)
    return EFFECT_CHANNELS + 2


@njit(error_model="numpy", cache=True)
def note_changes(packages: IntArray, asked: BoolArray, known: IntArray, changed: BoolArray) -> None:
    """Where packages asked for differ from `known` (issue, run), which they replace; into `changed` (run,)."""
    for run in range(asked.shape[0]):
        changed[run] = False
        if asked[run]:
            for i in range(packages.shape[0]):
                if packages[i, run] != known[i, run]:
                    changed[run] = True
                    known[i, run] = packages[i, run]


@uncounted
def _add_up_run(
    reading: Reading, field: Field, here: IntArray, run: int, entries: int, first: int, last: int, sums: FloatArray
) -> None:
    tile, lane = run // LANES, run % LANES
    for row in range(first, last):
        kind = kind_of(row, entries)
        if multiplies(row, entries):
            value = 1.0
            for n in range(reading.issue_from[kind], reading.issue_from[kind + 1]):
                value *= field.rows[run, row, here[reading.issue[n]]]
        else:
            value = 0.0
            for n in range(reading.issue_from[kind], reading.issue_from[kind + 1]):
                value += field.rows[run, row, here[reading.issue[n]]]
        sums[tile, row, lane] = value
    for i in range(here.shape[0]):
        for n in range(reading.link_from[here[i]], reading.link_from[here[i] + 1]):
            if here[reading.with_issue[n]] != reading.with_option[n]:
                continue
            row = field.link_row[reading.link[n]]
            if row < first or row >= last:
                continue
            if multiplies(row, entries):
                sums[tile, row, lane] *= field.link_value[run, reading.link[n]]
            else:
                sums[tile, row, lane] += field.link_value[run, reading.link[n]]


@njit(error_model="numpy", cache=True)
def add_up(
    reading: Reading,
    field: Field,
    packages: IntArray,
    active: BoolArray,
    first: int,
    last: int,
    sums: FloatArray,
) -> None:
    """Sums of rows `first .. last - 1` of one package per active run, links included.

    `packages` (issue, run) flat options; writes `sums` (tile, row, lane) of the active runs.
    """
    entries = (field.rows.shape[1] - EFFECT_CHANNELS) // 3
    here = np.empty(packages.shape[0], dtype=np.int64)
    for run in range(packages.shape[1]):
        if active[run]:
            for i in range(here.shape[0]):
                here[i] = packages[i, run]
            _add_up_run(reading, field, here, run, entries, first, last, sums)


@njit(error_model="numpy", inline="always")
def _lay_ground(outlook: Outlook, lo: int, ground: FloatArray) -> None:
    for row in range(GROUND_ROWS):
        for lane in range(LANES):
            ground[row * LANES + lane] = outlook.ground[row, lo + lane]


@njit(error_model="numpy", inline="always")
def _see(outlook: Outlook, e: int, lo: int, seen: FloatArray) -> None:
    for lane in range(LANES):
        seen[0 * LANES + lane] = outlook.odds[e, lo + lane]
        seen[1 * LANES + lane] = outlook.first_wins[e, lo + lane]
        seen[2 * LANES + lane] = outlook.second_wins[e, lo + lane]
        seen[3 * LANES + lane] = outlook.cost[e, lo + lane]
        seen[4 * LANES + lane] = outlook.sincere_first[e, lo + lane]
        seen[5 * LANES + lane] = outlook.sincere_second[e, lo + lane]


@njit(error_model="numpy", cache=True)
def appraise_sums(
    sums: FloatArray,
    own: FloatArray,
    term: FloatArray,
    base: FloatArray,
    outlook: Outlook,
    active: BoolArray,
    worth: FloatArray,
) -> None:
    """Worth of packages to every entry, days to run `term` (run,) and base hazard `base` (run,).

    `sums` and `own` (tile, row, lane) are channel sums: effects are taken from the one, relief and utility from the
    other. Writes `worth` (entry, run) in tiles with an active run.
    """
    seen, ground = np.empty(SEEN_ROWS * LANES), np.empty(GROUND_ROWS * LANES)
    settled, lasting = np.empty(SETTLED_ROWS * LANES), np.empty(LASTING_ROWS * LANES)
    for tile in range(sums.shape[0]):
        lo = tile * LANES
        if not active[lo : lo + LANES].any():
            continue
        _lay_ground(outlook, lo, ground)
        flat, mine = sums[tile].ravel(), own[tile].ravel()
        settle(flat, term[lo : lo + LANES], ground, settled)
        outlast(flat, term[lo : lo + LANES], base[lo : lo + LANES], ground, lasting)
        for e in range(worth.shape[0]):
            _see(outlook, e, lo, seen)
            place = (EFFECT_CHANNELS + 2 * e) * LANES
            appraise(settled, lasting, mine[place : place + 2 * LANES], seen, worth[e, lo : lo + LANES])


@njit(error_model="numpy", cache=True)
def outlast_sums(
    sums: FloatArray, term: FloatArray, base: FloatArray, ground_rows: FloatArray, lasting: FloatArray
) -> None:
    """Whether packages last, in every run: `lasting` (tile, row * lane) from channel sums (tile, row, lane)."""
    ground = np.empty(GROUND_ROWS * LANES)
    for tile in range(sums.shape[0]):
        lo = tile * LANES
        for row in range(GROUND_ROWS):
            ground[row * LANES : (row + 1) * LANES] = ground_rows[row, lo : lo + LANES]
        outlast(sums[tile].ravel(), term[lo : lo + LANES], base[lo : lo + LANES], ground, lasting[tile])


@njit(error_model="numpy", cache=True)
def find_gaps(hopes: Hopes, outlook: Outlook, standing: FloatArray, gap: FloatArray) -> None:
    """How much better than its standing each entry's best package is now, at least 0, into `gap` (entry, run)."""
    seen, ground = np.empty(SEEN_ROWS * LANES), np.empty(GROUND_ROWS * LANES)
    settled, worth = np.empty(SETTLED_ROWS * LANES), np.empty(LANES)
    for tile in range(hopes.sums.shape[1]):
        lo = tile * LANES
        _lay_ground(outlook, lo, ground)
        for e in range(gap.shape[0]):
            flat = hopes.sums[e, tile].ravel()
            settle(flat, hopes.term[e, lo : lo + LANES], ground, settled)
            _see(outlook, e, lo, seen)
            own = flat[EFFECT_CHANNELS * LANES : (EFFECT_CHANNELS + 2) * LANES]
            appraise(settled, hopes.lasting[e, tile], own, seen, worth)
            for lane in range(LANES):
                better = max(worth[lane] - standing[e, lo + lane], 0.0)
                gap[e, lo + lane] = 0.0 if hopes.none[e, lo + lane] else better


@njit(error_model="numpy", cache=True)
def see_war(
    odds: FloatArray,
    evidence: FloatArray,
    factor: FloatArray,
    prior: FloatArray,
    learns: BoolArray,
    bound: float,
    outlook: Outlook,
    reservation: FloatArray,
) -> None:
    """Bring an outlook up to date with public odds (run,) and evidence (belligerent, run), and the worth of war.

    `factor` (entry, run) and `prior` (entry, belligerent, run) as in `Perspective`; `learns` (entry, belligerent):
    whether the belief is one that evidence moves; beliefs stay in `1 - bound .. bound`. Writes the odds and beliefs of
    `outlook`, and `reservation` (entry, run).
    """
    for e in range(factor.shape[0]):
        lean, seen = factor[e], outlook.odds[e]
        for run in range(odds.shape[0]):
            seen[run] = lean[run] * odds[run]
        for side in range(2):
            if not learns[e, side]:
                continue
            belief = outlook.sincere_first[e] if side == 0 else outlook.sincere_second[e]
            before, speaks = prior[e, side], evidence[side]
            for run in range(odds.shape[0]):
                likely = before[run] * speaks[run]
                belief[run] = min(max(likely / (1.0 + likely), 1.0 - bound), bound)
        first, second, cost, war = outlook.first_wins[e], outlook.second_wins[e], outlook.cost[e], reservation[e]
        for run in range(odds.shape[0]):
            war[run] = second[run] + (first[run] - second[run]) * (seen[run] / (1.0 + seen[run])) - cost[run]


@njit(error_model="numpy", cache=True)
def stand(
    sums: FloatArray,
    own: FloatArray,
    term: FloatArray,
    base: FloatArray,
    outlook: Outlook,
    has_deal: BoolArray,
    reservation: FloatArray,
) -> None:
    """Write the standing of an outlook: the worth of the deal in force, else the reservation (entry, run).

    What the deal adds up to, `sums` and `own`, and its days left `term` (run,) as in `appraise_sums`.
    """
    standing = outlook.standing
    appraise_sums(sums, own, term, base, outlook, has_deal, standing)
    for e in range(standing.shape[0]):
        for run in range(has_deal.shape[0]):
            if not has_deal[run]:
                standing[e, run] = reservation[e, run]
