"""The compiled look-up of what given packages add up to and are worth; the lanes are neighbouring runs."""

from math import exp
from typing import Final, NamedTuple

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
from sim.engine.kernels_fetch import fetch, fetch_lanes, fetch_rows

KINDS: Final = EFFECT_CHANNELS + 3  # of rows


class Reading(NamedTuple):
    """What must be read of a table to add up a package; everything else is neutral. Kinds of rows: see `kind_of`."""

    issue_from: IntArray  # (kind + 1,) where the issues that act on a kind of row start
    issue: IntArray
    link_from: IntArray  # (option + 1,) where the links that start from an option do
    link: IntArray
    with_option: IntArray  # the option at their other end
    with_issue: IntArray  # and its issue
    acts: BoolArray  # (kind, issue) whether the issue's option, or a link of it, acts on a kind of row
    term_issue: int  # the issue that names term and kind of a deal, or -1
    term: FloatArray  # (option,) days
    base: FloatArray  # (option,) base hazard per day of the kind


class Viewpoint(NamedTuple):
    """How the war is seen from round to round; an outlook, and what brings it up to date."""

    factor: FloatArray  # (entry, run) as in `sim.engine.block.Perspective`
    prior: FloatArray  # (entry, belligerent, run)
    learns: BoolArray  # (entry, belligerent) whether the belief is one that evidence moves
    outlook: Outlook
    reservation: FloatArray  # (entry, run) worth of the war


class Bench(NamedTuple):
    """Scratch for the worth of packages in a tile of runs; flat rows of LANES."""

    sums: FloatArray  # effects
    own: FloatArray  # relief and utility of an entry
    term: FloatArray  # (LANES,) days
    base: FloatArray  # (LANES,) base hazard per day
    ground: FloatArray
    settled: FloatArray
    lasting: FloatArray
    seen: FloatArray
    worth: FloatArray  # (LANES,)
    odds: FloatArray  # (LANES,)


class Hopes(NamedTuple):
    """Each entry's best package; what a round does not change about its worth."""

    sums: FloatArray  # (entry, tile, row, lane) channel sums: effects, and the entry's own relief and utility
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


@uncounted
def add_up_run(
    reading: Reading, field: Field, here: IntArray, run: int, first: int, last: int, redo: BoolArray, sums: FloatArray
) -> None:
    """Sums of rows `first .. last - 1` of one run's package `here` (issue,), into `sums` (tile, row, lane).

    Only of the kinds of rows to `redo` (kind,).
    """
    entries = (field.rows.shape[1] - EFFECT_CHANNELS) // 3
    tile, lane = run // LANES, run % LANES
    for row in range(first, last):
        kind = kind_of(row, entries)
        if not redo[kind]:
            continue
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
            if row < first or row >= last or not redo[kind_of(row, entries)]:
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
    here, redo = np.empty(packages.shape[0], dtype=np.int64), np.ones(KINDS, dtype=np.bool_)
    for run in range(packages.shape[1]):
        if active[run]:
            for i in range(here.shape[0]):
                here[i] = packages[i, run]
            add_up_run(reading, field, here, run, first, last, redo, sums)


@njit(error_model="numpy", cache=True)
def make_bench() -> Bench:
    """Scratch for the worth of packages in a tile of runs."""
    return Bench(
        np.empty(EFFECT_CHANNELS * LANES),
        np.empty(2 * LANES),
        np.empty(LANES),
        np.empty(LANES),
        np.empty(GROUND_ROWS * LANES),
        np.empty(SETTLED_ROWS * LANES),
        np.empty(LASTING_ROWS * LANES),
        np.empty(SEEN_ROWS * LANES),
        np.empty(LANES),
        np.empty(LANES),
    )


@uncounted
def lay_ground(bench: Bench, ground: FloatArray, lo: int) -> None:
    """Put the ground (7, run) of the tile of runs from `lo` on the bench."""
    for row in range(GROUND_ROWS):
        for lane in range(LANES):
            bench.ground[row * LANES + lane] = ground[row, lo + lane]


@uncounted
def lay_deals(bench: Bench, sums: FloatArray, term: FloatArray, base: FloatArray, lo: int) -> None:
    """Put the effects of a tile's packages, from sums (tile, row, lane), on the bench; `term` and `base` (run,)."""
    tile = lo // LANES
    for row in range(EFFECT_CHANNELS):
        for lane in range(LANES):
            bench.sums[row * LANES + lane] = sums[tile, row, lane]
    for lane in range(LANES):
        bench.term[lane] = term[lo + lane]
        bench.base[lane] = base[lo + lane]


@uncounted
def settle_deals(bench: Bench) -> None:
    """What the packages on the bench settle, and whether they last."""
    settle(bench.sums, bench.term, bench.ground, bench.settled)
    outlast(bench.sums, bench.term, bench.base, bench.ground, bench.lasting)


@uncounted
def appraise_deals(bench: Bench, outlook: Outlook, e: int, sums: FloatArray, lo: int) -> None:
    """Worth to an entry of the packages settled on the bench, into `bench.worth`; its own rows from `sums`."""
    tile, row, seen = lo // LANES, EFFECT_CHANNELS + 2 * e, bench.seen
    for lane in range(LANES):
        bench.own[lane] = sums[tile, row, lane]
        bench.own[LANES + lane] = sums[tile, row + 1, lane]
    see_entry(bench, outlook, e, lo)
    appraise(bench.settled, bench.lasting, bench.own, seen, bench.worth)


@uncounted
def see_entry(bench: Bench, outlook: Outlook, e: int, lo: int) -> None:
    """Put on the bench how an entry sees the war in the tile of runs from `lo` on."""
    seen = bench.seen
    for lane in range(LANES):
        seen[0 * LANES + lane] = outlook.odds[e, lo + lane]
        seen[1 * LANES + lane] = outlook.first_wins[e, lo + lane]
        seen[2 * LANES + lane] = outlook.second_wins[e, lo + lane]
    for lane in range(LANES):
        seen[3 * LANES + lane] = outlook.cost[e, lo + lane]
        seen[4 * LANES + lane] = outlook.sincere_first[e, lo + lane]
        seen[5 * LANES + lane] = outlook.sincere_second[e, lo + lane]


@uncounted
def any_of(flags: BoolArray, lo: int) -> bool:
    found = False
    for lane in range(LANES):
        found = found or flags[lo + lane]
    return found


@njit(error_model="numpy", cache=True)
def appraise_sums(
    sums: FloatArray, term: FloatArray, base: FloatArray, outlook: Outlook, active: BoolArray, worth: FloatArray
) -> None:
    """Worth of packages to every entry from channel sums (tile, row, lane), days to run `term` and base hazard `base`.

    `term`, `base` (run,); writes `worth` (entry, run) in tiles with an active run.
    """
    bench = make_bench()
    for tile in range(sums.shape[0]):
        lo = tile * LANES
        if not any_of(active, lo):
            continue
        lay_ground(bench, outlook.ground, lo)
        lay_deals(bench, sums, term, base, lo)
        settle_deals(bench)
        for e in range(worth.shape[0]):
            appraise_deals(bench, outlook, e, sums, lo)
            for lane in range(LANES):
                worth[e, lo + lane] = bench.worth[lane]


@njit(error_model="numpy", cache=True)
def outlast_sums(sums: FloatArray, term: FloatArray, base: FloatArray, ground: FloatArray, lasting: FloatArray) -> None:
    """Whether packages last, in every run: `lasting` (tile, row * lane) from channel sums (tile, row, lane)."""
    bench = make_bench()
    for tile in range(sums.shape[0]):
        lo = tile * LANES
        lay_ground(bench, ground, lo)
        lay_deals(bench, sums, term, base, lo)
        outlast(bench.sums, bench.term, bench.base, bench.ground, bench.lasting)
        for place in range(lasting.shape[1]):
            lasting[tile, place] = bench.lasting[place]


@uncounted
def see_tile(
    bench: Bench, viewpoint: Viewpoint, logit: FloatArray, evidence: FloatArray, bound: float, lo: int
) -> None:
    """Bring odds, beliefs and reservations of a tile of runs up to date with the public odds and evidence.

    `logit` (run,) of the odds, `evidence` (belligerent, run); beliefs stay in `1 - bound .. bound`.
    """
    outlook, odds = viewpoint.outlook, bench.odds
    for lane in range(LANES):
        odds[lane] = exp(logit[lo + lane])
    for e in range(outlook.odds.shape[0]):
        for lane in range(LANES):
            outlook.odds[e, lo + lane] = viewpoint.factor[e, lo + lane] * odds[lane]
        if viewpoint.learns[e, 0]:
            for lane in range(LANES):
                likely = viewpoint.prior[e, 0, lo + lane] * evidence[0, lo + lane]
                outlook.sincere_first[e, lo + lane] = min(max(likely / (1.0 + likely), 1.0 - bound), bound)
        if viewpoint.learns[e, 1]:
            for lane in range(LANES):
                likely = viewpoint.prior[e, 1, lo + lane] * evidence[1, lo + lane]
                outlook.sincere_second[e, lo + lane] = min(max(likely / (1.0 + likely), 1.0 - bound), bound)
        for lane in range(LANES):
            run = lo + lane
            seen, second = outlook.odds[e, run], outlook.second_wins[e, run]
            war = second + (outlook.first_wins[e, run] - second) * (seen / (1.0 + seen))
            viewpoint.reservation[e, run] = war - outlook.cost[e, run]


@uncounted
def stand_tile(bench: Bench, viewpoint: Viewpoint, own: FloatArray, has_deal: BoolArray, some: bool, lo: int) -> None:
    """Standings of a tile of runs: the worth of the deal in force, settled on the bench, else the reservation.

    `own` (tile, row, lane): what the deal adds up to as seen from there; `some` run of the tile has one.
    """
    standing, reservation = viewpoint.outlook.standing, viewpoint.reservation
    for e in range(standing.shape[0]):
        if not some:
            for lane in range(LANES):
                standing[e, lo + lane] = reservation[e, lo + lane]
            continue
        appraise_deals(bench, viewpoint.outlook, e, own, lo)
        for lane in range(LANES):
            run = lo + lane
            standing[e, run] = bench.worth[lane] if has_deal[run] else reservation[e, run]


@uncounted
def gap_tile(bench: Bench, hopes: Hopes, outlook: Outlook, gap: FloatArray, lo: int) -> None:
    """How much better than its standing each entry's best package is now, at least 0, in a tile; into (entry, run).

    The ground must stand on the bench; what else stands there is written over.
    """
    tile = lo // LANES
    for e in range(gap.shape[0]):
        for row in range(EFFECT_CHANNELS):
            for lane in range(LANES):
                bench.sums[row * LANES + lane] = hopes.sums[e, tile, row, lane]
        for place in range(LASTING_ROWS * LANES):
            bench.lasting[place] = hopes.lasting[e, tile, place]
        for lane in range(LANES):
            bench.term[lane] = hopes.term[e, lo + lane]
            bench.own[lane] = hopes.sums[e, tile, EFFECT_CHANNELS + 2 * e, lane]
            bench.own[LANES + lane] = hopes.sums[e, tile, EFFECT_CHANNELS + 2 * e + 1, lane]
        settle(bench.sums, bench.term, bench.ground, bench.settled)
        see_entry(bench, outlook, e, lo)
        appraise(bench.settled, bench.lasting, bench.own, bench.seen, bench.worth)
        for lane in range(LANES):
            better = max(bench.worth[lane] - outlook.standing[e, lo + lane], 0.0)
            gap[e, lo + lane] = 0.0 if hopes.none[e, lo + lane] else better


@njit(error_model="numpy", cache=True)
def find_gaps(hopes: Hopes, outlook: Outlook, gap: FloatArray) -> None:
    """How much better than its standing each entry's best package is now, at least 0, into `gap` (entry, run)."""
    bench = make_bench()
    for tile in range(hopes.sums.shape[1]):
        lay_ground(bench, outlook.ground, tile * LANES)
        gap_tile(bench, hopes, outlook, gap, tile * LANES)


@njit(error_model="numpy", cache=True)
def look(
    viewpoint: Viewpoint,
    logit: FloatArray,
    evidence: FloatArray,
    bound: float,
    sums: FloatArray,
    own: FloatArray,
    term_left: FloatArray,
    base: FloatArray,
    has_deal: BoolArray,
) -> None:
    """Bring a viewpoint up to date: odds, beliefs, reservations, and standings by the deal in force.

    `sums` (tile, row, lane), `term_left` and `base` (run,): what the deal adds up to; `own` as in `stand_tile`.
    """
    bench = make_bench()
    for tile in range(sums.shape[0]):
        lo = tile * LANES
        see_tile(bench, viewpoint, logit, evidence, bound, lo)
        some = any_of(has_deal, lo)
        if some:
            lay_ground(bench, viewpoint.outlook.ground, lo)
            lay_deals(bench, sums, term_left, base, lo)
            settle_deals(bench)
        stand_tile(bench, viewpoint, own, has_deal, some, lo)


@uncounted
def fetch_viewpoint(viewpoint: Viewpoint, lo: int) -> None:
    """Ask for what `see_tile` and `stand_tile` will read of a viewpoint."""
    outlook = viewpoint.outlook
    fetch_lanes(viewpoint.factor, lo)
    fetch_lanes(outlook.first_wins, lo)
    fetch_lanes(outlook.second_wins, lo)
    fetch_lanes(outlook.cost, lo)
    fetch_lanes(outlook.odds, lo)
    fetch_lanes(outlook.sincere_first, lo)
    fetch_lanes(outlook.sincere_second, lo)
    fetch_lanes(outlook.standing, lo)
    fetch_lanes(viewpoint.reservation, lo)
    if lo < outlook.odds.shape[1]:
        for e in range(outlook.odds.shape[0]):
            for lane in range(0, LANES, 8):
                fetch(viewpoint.prior, (e, 0, lo + lane))
                fetch(viewpoint.prior, (e, 1, lo + lane))


@uncounted
def _fetch_deals(sums: FloatArray, own: FloatArray, tile: int) -> None:
    fetch_rows(sums, tile, 0, sums.shape[1])
    fetch_rows(own, tile, EFFECT_CHANNELS, own.shape[1])


@uncounted
def _fetch_hopes(hopes: Hopes, e: int, tile: int) -> None:
    if tile < hopes.sums.shape[1]:
        own = EFFECT_CHANNELS + 2 * e
        for lane in range(0, LANES, 8):
            for row in range(EFFECT_CHANNELS):
                fetch(hopes.sums, (e, tile, row, lane))
            fetch(hopes.sums, (e, tile, own, lane))
            fetch(hopes.sums, (e, tile, own + 1, lane))
            fetch(hopes.term, (e, tile * LANES + lane))
        for place in range(0, LASTING_ROWS * LANES, 8):
            fetch(hopes.lasting, (e, tile, place))


@njit(error_model="numpy", cache=True)
def take_stock(
    viewpoint: Viewpoint,
    estimated: Viewpoint,
    logit: FloatArray,
    evidence: FloatArray,
    bound: float,
    sums: FloatArray,
    own: FloatArray,
    term_left: FloatArray,
    base: FloatArray,
    has_deal: BoolArray,
    hopes: Hopes,
    gap: FloatArray,
) -> None:
    """`look` from two viewpoints, and `find_gaps` of the first, whose view of the war must be up to date.

    `own` (tile, row, lane): what the deal adds up to as it is estimated from the second.
    """
    bench = make_bench()
    for tile in range(sums.shape[0]):
        lo = tile * LANES
        fetch_viewpoint(viewpoint, lo + LANES)
        fetch_viewpoint(estimated, lo + LANES)
        fetch_lanes(viewpoint.outlook.ground, lo + LANES)
        _fetch_deals(sums, own, tile + 1)
        for e in range(gap.shape[0]):
            _fetch_hopes(hopes, e, tile + 1)
        see_tile(bench, estimated, logit, evidence, bound, lo)
        some = any_of(has_deal, lo)
        lay_ground(bench, viewpoint.outlook.ground, lo)
        if some:
            lay_deals(bench, sums, term_left, base, lo)
            settle_deals(bench)
        stand_tile(bench, viewpoint, sums, has_deal, some, lo)
        stand_tile(bench, estimated, own, has_deal, some, lo)
        gap_tile(bench, hopes, viewpoint.outlook, gap, lo)
