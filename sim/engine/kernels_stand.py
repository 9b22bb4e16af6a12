"""The compiled standings: how the war is seen, what the deal in force is worth, how much better would be the best."""

from typing import NamedTuple

from numba import njit

from sim.engine.kernels import (
    EFFECT_CHANNELS,
    LANES,
    LASTING_ROWS,
    BoolArray,
    FloatArray,
    Outlook,
    appraise,
    settle,
    uncounted,
)
from sim.engine.kernels_fetch import fetch, fetch_lanes, fetch_rows
from sim.engine.kernels_worth import (
    Bench,
    any_of,
    appraise_deals,
    beside,
    lay_deals,
    lay_ground,
    make_bench,
    see_entry,
    settle_deals,
)


class Viewpoint(NamedTuple):
    """How the war is seen from round to round; an outlook, and what brings it up to date."""

    factor: FloatArray  # (entry, run) as in `sim.engine.block.Perspective`
    prior: FloatArray  # (entry, belligerent, run)
    learns: BoolArray  # (entry, belligerent) whether the belief is one that evidence moves
    outlook: Outlook
    reservation: FloatArray  # (entry, run) worth of the war


class Hopes(NamedTuple):
    """Each entry's best package; what a round does not change about its worth."""

    sums: FloatArray  # (entry, tile, row, lane) channel sums: effects, and the entry's own relief and utility
    lasting: FloatArray  # (entry, tile, row * lane) from `outlast`
    term: FloatArray  # (entry, run) days
    none: BoolArray  # (entry, run) it has none: every package crosses a red line


@uncounted
def _believe(
    belief: FloatArray, prior: FloatArray, evidence: FloatArray, e: int, side: int, bound: float, lo: int
) -> None:
    for lane in range(LANES):
        likely = prior[e, side, beside(lo, lane)] * evidence[side, beside(lo, lane)]
        belief[e, beside(lo, lane)] = min(max(likely / (1.0 + likely), 1.0 - bound), bound)


@uncounted
def see_tile(bench: Bench, viewpoint: Viewpoint, odds: FloatArray, evidence: FloatArray, bound: float, lo: int) -> None:
    """Bring odds, beliefs and reservations of a tile of runs up to date with the public odds and evidence.

    `odds` (run,), `evidence` (belligerent, run); beliefs stay in `1 - bound .. bound`.
    """
    outlook, seen = viewpoint.outlook, bench.seen
    for e in range(outlook.odds.shape[0]):
        for lane in range(LANES):
            outlook.odds[e, beside(lo, lane)] = viewpoint.factor[e, beside(lo, lane)] * odds[beside(lo, lane)]
        if viewpoint.learns[e, 0]:
            _believe(outlook.sincere_first, viewpoint.prior, evidence, e, 0, bound, lo)
        if viewpoint.learns[e, 1]:
            _believe(outlook.sincere_second, viewpoint.prior, evidence, e, 1, bound, lo)
        see_entry(bench, outlook, e, lo)
        for lane in range(LANES):
            sure, second = seen[lane] / (1.0 + seen[lane]), seen[2 * LANES + lane]
            war = second + (seen[1 * LANES + lane] - second) * sure
            viewpoint.reservation[e, beside(lo, lane)] = war - seen[3 * LANES + lane]


@uncounted
def stand_tile(bench: Bench, viewpoint: Viewpoint, own: FloatArray, has_deal: BoolArray, some: bool, lo: int) -> None:
    """Standings of a tile of runs: the worth of the deal in force, settled on the bench, else the reservation.

    `own` (tile, row, lane): what the deal adds up to as seen from there; `some` run of the tile has one.
    """
    standing, reservation = viewpoint.outlook.standing, viewpoint.reservation
    for e in range(standing.shape[0]):
        if not some:
            for lane in range(LANES):
                standing[e, beside(lo, lane)] = reservation[e, beside(lo, lane)]
            continue
        appraise_deals(bench, viewpoint.outlook, e, own, lo)
        for lane in range(LANES):
            run = beside(lo, lane)
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
            bench.term[lane] = hopes.term[e, beside(lo, lane)]
            bench.own[lane] = hopes.sums[e, tile, EFFECT_CHANNELS + 2 * e, lane]
            bench.own[LANES + lane] = hopes.sums[e, tile, EFFECT_CHANNELS + 2 * e + 1, lane]
        settle(bench.sums, bench.term, bench.ground, bench.settled)
        see_entry(bench, outlook, e, lo)
        appraise(bench.settled, bench.lasting, bench.own, bench.seen, bench.worth)
        for lane in range(LANES):
            run = beside(lo, lane)
            better = max(bench.worth[lane] - outlook.standing[e, run], 0.0)
            gap[e, run] = 0.0 if hopes.none[e, run] else better


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
    odds: FloatArray,
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
        see_tile(bench, viewpoint, odds, evidence, bound, lo)
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
    odds: FloatArray,
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
        see_tile(bench, estimated, odds, evidence, bound, lo)
        some = any_of(has_deal, lo)
        lay_ground(bench, viewpoint.outlook.ground, lo)
        if some:
            lay_deals(bench, sums, term_left, base, lo)
            settle_deals(bench)
        stand_tile(bench, viewpoint, sums, has_deal, some, lo)
        stand_tile(bench, estimated, own, has_deal, some, lo)
        gap_tile(bench, hopes, viewpoint.outlook, gap, lo)
