"""The compiled worth of given packages; the lanes are neighbouring runs."""

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
    FloatArray,
    Outlook,
    appraise,
    outlast,
    settle,
    uncounted,
)


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
    )


@njit(error_model="numpy", inline="always")
def beside(lo: int, lane: int) -> int:
    """The run on a lane of the tile from `lo` on."""
    # Unsigned: an index that might count from the end keeps LLVM from using the vector unit.
    return np.uint64(lo) + np.uint64(lane)  # type: ignore[return-value]


@uncounted
def put_row(flat: FloatArray, place: int, rows: FloatArray, row: int, lo: int) -> None:
    """Put the tile of runs from `lo` on of a row into a place of flat rows of LANES."""
    for lane in range(LANES):
        flat[place * LANES + lane] = rows[row, beside(lo, lane)]


@uncounted
def lay_ground(bench: Bench, ground: FloatArray, lo: int) -> None:
    """Put the ground (7, run) of the tile of runs from `lo` on the bench."""
    for row in range(GROUND_ROWS):
        put_row(bench.ground, row, ground, row, lo)


@uncounted
def lay_deals(bench: Bench, sums: FloatArray, term: FloatArray, base: FloatArray, lo: int) -> None:
    """Put the effects of a tile's packages, from sums (tile, row, lane), on the bench; `term` and `base` (run,)."""
    tile = lo // LANES
    for row in range(EFFECT_CHANNELS):
        for lane in range(LANES):
            bench.sums[row * LANES + lane] = sums[tile, row, lane]
    for lane in range(LANES):
        bench.term[lane] = term[beside(lo, lane)]
        bench.base[lane] = base[beside(lo, lane)]


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
    put_row(bench.seen, 0, outlook.odds, e, lo)
    put_row(bench.seen, 1, outlook.first_wins, e, lo)
    put_row(bench.seen, 2, outlook.second_wins, e, lo)
    put_row(bench.seen, 3, outlook.cost, e, lo)
    put_row(bench.seen, 4, outlook.sincere_first, e, lo)
    put_row(bench.seen, 5, outlook.sincere_second, e, lo)


@uncounted
def any_of(flags: BoolArray, lo: int) -> bool:
    """Whether some run of the tile from `lo` on is flagged; `flags` (run,)."""
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
                worth[e, beside(lo, lane)] = bench.worth[lane]


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
