"""The compiled stages of worth that a joint choice of the core fixes for a whole run.

How much a deal settles, how it moves the odds and how long it lasts depend on the core issues alone and not on the
round, so they are worked out once a run for every joint choice (`stage_block`). What a party makes of a joint choice in
a round is then a straight line in its utility: `worth = level + slope * utility` (`line_of`).
"""

from typing import Final, NamedTuple

import numpy as np
from numba import njit

from sim.engine.kernels import (
    EFFECT_CHANNELS,
    EXPOSURE,
    FACTORS,
    GROUND_ROWS,
    LANES,
    LASTING_ROWS,
    LASTS,
    PAUSED,
    SETTLED_ROWS,
    SETTLES,
    SHIFT,
    Board,
    Field,
    FloatArray,
    IntArray,
    Outlook,
    exponential,
    outlast,
    settle,
    uncounted,
)

# Columns of a stage. HOLDS and BREAKS have one for each pair of types: (sincere, sincere), (plays, sincere), (sincere,
# plays), (plays, plays).
SHARE, EXPOSED, SHIFTED, SHIFTING, TERM, LASTING, HOLDS, BREAKS = 0, 1, 2, 3, 4, 5, 6, 10
STAGE_COLUMNS: Final = 14
CHUNK: Final = 32  # slots appraised together: enough vectors that none waits for the division of another
# Columns of a lens: how one party sees the war in one run.
_ODDS, _STAKE, _LOST, _COST, _PAIRS, STANDING, NEED = 0, 1, 2, 3, 4, 8, 9
LENS_COLUMNS: Final = 10


class Bench(NamedTuple):
    """Scratch for putting stages together. Flat rows have a stride of LANES."""

    sums: FloatArray  # (channel * LANES) effects of the joint choices on the lanes
    term: FloatArray  # (LANES,) days
    base: FloatArray  # (LANES,) base hazard per day
    ground: FloatArray  # (GROUND_ROWS * LANES)
    settled: FloatArray  # (SETTLED_ROWS * LANES)
    lasting: FloatArray  # (LASTING_ROWS * LANES)


@njit(error_model="numpy", cache=True)
def make_bench() -> Bench:
    """Scratch for putting stages together."""
    return Bench(
        np.zeros(EFFECT_CHANNELS * LANES),
        np.full(LANES, 1e9),
        np.zeros(LANES),
        np.zeros(GROUND_ROWS * LANES),
        np.ones(SETTLED_ROWS * LANES),
        np.ones(LASTING_ROWS * LANES),
    )


@uncounted
def lay_ground(bench: Bench, outlook: Outlook, run: int) -> None:
    """Spread one run's ground over the lanes, as it is before any pause."""
    for row in range(GROUND_ROWS):
        value = 0.0 if row == PAUSED else outlook.ground[row, run]
        for lane in range(LANES):
            bench.ground[row * LANES + lane] = value


@uncounted
def _add_up(bench: Bench, board: Board, field: Field, run: int, lo: int) -> None:
    """Effects of the joint choices lo .. lo + LANES - 1, links included."""
    rows, sums, core, combos = field.rows, bench.sums, board.core, board.combos
    for row in range(EFFECT_CHANNELS):
        at = row * LANES
        for lane in range(LANES):
            sums[at + lane] = 1.0 if row < FACTORS else 0.0
        for c in range(core.shape[0]):
            if not board.live[row, core[c]]:
                continue
            if row < FACTORS:
                for lane in range(LANES):
                    sums[at + lane] *= rows[run, row, combos[c, lo + lane]]
            else:
                for lane in range(LANES):
                    sums[at + lane] += rows[run, row, combos[c, lo + lane]]
    for r in range(board.link_first.shape[0]):
        row = field.link_row[r]
        if row < 0 or row >= EFFECT_CHANNELS:
            continue
        first, second, value = board.link_first[r], board.link_second[r], field.link_value[run, r]
        one, other = board.core_place[board.issue_of[first]], board.core_place[board.issue_of[second]]
        for lane in range(LANES):
            if combos[one, lo + lane] == first and combos[other, lo + lane] == second:
                at = row * LANES + lane
                sums[at] = sums[at] * value if row < FACTORS else sums[at] + value


@uncounted
def _stage_lanes(bench: Bench, board: Board, base: FloatArray, lo: int, stage: FloatArray) -> None:
    """Stages of the joint choices whose effects stand in the bench, into `stage` (combo, column) from lo on.

    The run's ground must stand in the bench; `base` (2,) are the base hazards.
    """
    for lane in range(LANES):
        bench.base[lane] = base[0]
        if board.term_issue >= 0:
            option = board.combos[board.core_place[board.term_issue], lo + lane]
            bench.term[lane] = board.term[option]
            bench.base[lane] = base[board.treaty[option]]
    sums, settled, lasting = bench.sums, bench.settled, bench.lasting
    settle(sums, bench.term, bench.ground, settled)
    outlast(sums, bench.term, bench.base, bench.ground, lasting)
    for lane in range(min(LANES, stage.shape[0] - lo)):
        k = lo + lane
        stage[k, SHARE] = sums[SETTLES * LANES + lane]
        stage[k, EXPOSED] = sums[EXPOSURE * LANES + lane]
        stage[k, SHIFTED] = settled[2 * LANES + lane]
        stage[k, SHIFTING] = sums[SHIFT * LANES + lane]
        stage[k, TERM] = bench.term[lane]
        stage[k, LASTING] = sums[LASTS * LANES + lane]
        h0, h1, h2 = lasting[lane], lasting[LANES + lane], lasting[2 * LANES + lane]
        h1, h2, h3 = h0 * h1, h0 * h2, h0 * h1 * h2
        stage[k, HOLDS], stage[k, HOLDS + 1], stage[k, HOLDS + 2], stage[k, HOLDS + 3] = h0, h1, h2, h3
        stage[k, BREAKS] = (1.0 - h0) * lasting[3 * LANES + lane]
        stage[k, BREAKS + 1] = (1.0 - h1) * lasting[4 * LANES + lane]
        stage[k, BREAKS + 2] = (1.0 - h2) * lasting[5 * LANES + lane]
        stage[k, BREAKS + 3] = (1.0 - h3) * lasting[6 * LANES + lane]


@njit(error_model="numpy", cache=True)
def stage_block(board: Board, field: Field, outlook: Outlook, stage: FloatArray) -> None:
    """Stages of every joint choice in every run, into `stage` (run, combo, column)."""
    bench = make_bench()
    for run in range(stage.shape[0]):
        lay_ground(bench, outlook, run)
        for lo in range(0, stage.shape[1], LANES):
            _add_up(bench, board, field, run, lo)
            _stage_lanes(bench, board, outlook.base, lo, stage[run])


@uncounted
def focus(lens: FloatArray, outlook: Outlook, run: int) -> None:
    """How each entry sees the war in a run, into `lens` (entry, LENS_COLUMNS)."""
    for e in range(lens.shape[0]):
        p, q = outlook.sincere_first[e, run], outlook.sincere_second[e, run]
        lens[e, _ODDS] = outlook.odds[e, run]
        lens[e, _STAKE] = outlook.first_wins[e, run] - outlook.second_wins[e, run]
        lens[e, _LOST] = outlook.second_wins[e, run] - outlook.cost[e, run]
        lens[e, _COST] = outlook.cost[e, run]
        lens[e, _PAIRS], lens[e, _PAIRS + 1] = p * q, (1.0 - p) * q
        lens[e, _PAIRS + 2], lens[e, _PAIRS + 3] = p * (1.0 - q), (1.0 - p) * (1.0 - q)
        lens[e, STANDING], lens[e, NEED] = outlook.standing[e, run], outlook.need[e, run]


@njit(error_model="numpy", inline="always")
def gather(
    picked: FloatArray, stage: FloatArray, combos: IntArray, lo: int, hi: int, rearm: float, paused: float
) -> None:
    """Stages of joint choices `combos[lo:hi]` into `picked` (column * CHUNK), brought to the present pause.

    At most CHUNK of them; on the lanes beyond stands what stood there.
    """
    for lane in range(hi - lo):
        k = combos[lo + lane]
        for column in range(stage.shape[1]):
            picked[column * CHUNK + lane] = stage[k, column]
    if paused > 0.0:
        left = max(rearm - paused, 0.0)
        for lane in range(CHUNK):
            term = picked[TERM * CHUNK + lane]
            less = (min(term, left) - min(term, rearm)) / rearm
            picked[SHIFTED * CHUNK + lane] *= exponential(picked[SHIFTING * CHUNK + lane] * less)


@njit(error_model="numpy", inline="always")
def relieve(
    relief: FloatArray, board: Board, field: Field, run: int, combos: IntArray, lo: int, hi: int, e: int
) -> None:
    """Share of entry e's cost that the joint choices `combos[lo:hi]` lift, as a viewer sees it; (CHUNK,)."""
    row, rows = EFFECT_CHANNELS + 2 * e, field.rows
    for lane in range(hi - lo):
        relief[lane] = 0.0
    for c in range(board.core.shape[0]):
        if board.live[row, board.core[c]]:
            for lane in range(hi - lo):
                relief[lane] += rows[run, row, board.combos[c, combos[lo + lane]]]
    for n in range(board.eases.shape[0]):
        r = board.eases[n]
        if field.link_row[r] != row:
            continue
        first, second = board.link_first[r], board.link_second[r]
        one, other = board.core_place[board.issue_of[first]], board.core_place[board.issue_of[second]]
        for lane in range(hi - lo):
            k = combos[lo + lane]
            if board.combos[one, k] == first and board.combos[other, k] == second:
                relief[lane] += field.link_value[run, r]


@uncounted
def line_of(
    picked: FloatArray, relief: FloatArray, lens: FloatArray, e: int, level: FloatArray, slope: FloatArray, lo: int
) -> None:
    """Worth to entry e as a line in its utility, for the CHUNK choices in `picked`, into `level`, `slope` from lo."""
    odds, stake, lost, cost = lens[e, _ODDS], lens[e, _STAKE], lens[e, _LOST], lens[e, _COST]
    w0, w1, w2, w3 = lens[e, _PAIRS], lens[e, _PAIRS + 1], lens[e, _PAIRS + 2], lens[e, _PAIRS + 3]
    for lane in range(CHUNK):
        holds = w0 * picked[HOLDS * CHUNK + lane] + w1 * picked[(HOLDS + 1) * CHUNK + lane]
        holds += w2 * picked[(HOLDS + 2) * CHUNK + lane] + w3 * picked[(HOLDS + 3) * CHUNK + lane]
        breaks = w0 * picked[BREAKS * CHUNK + lane] + w1 * picked[(BREAKS + 1) * CHUNK + lane]
        breaks += w2 * picked[(BREAKS + 2) * CHUNK + lane] + w3 * picked[(BREAKS + 3) * CHUNK + lane]
        exposed = picked[EXPOSED * CHUNK + lane]
        shifted = odds * picked[SHIFTED * CHUNK + lane]
        up, down = shifted * exposed, shifted / exposed
        settled = holds * picked[SHARE * CHUNK + lane]
        open_ = holds - settled
        won = open_ * (shifted / (1.0 + shifted)) + breaks * (up / (1.0 + up))
        won += (1.0 - holds - breaks) * (down / (1.0 + down))
        slope[lo + lane] = settled
        eased = cost * min(relief[lane], 1.0) * picked[LASTING * CHUNK + lane]
        level[lo + lane] = lost * (1.0 - settled) + open_ * eased + stake * won
