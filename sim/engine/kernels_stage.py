"""The compiled stages of worth that a joint choice of the core fixes for a whole run.

How much a deal settles, how long it lasts and whom it exposes depend on few of the core issues and not on the round.
Joint choices that differ only in how they shift the odds share a *stage*; each of them is a *line*, because what a
party makes of it in a round is a straight line in its utility: `worth = level + slope * utility` (`kernels_lines`).
Lines stand in the order of stages.
"""

from typing import Final, NamedTuple

import numpy as np
from numba import njit

from sim.engine.kernels import (
    BURDEN_FIRST,
    BURDEN_SECOND,
    DRIFT,
    EFFECT_CHANNELS,
    EXPOSURE,
    FACTORS,
    FRONT,
    HAZARD,
    LASTS,
    PLANNING,
    RATE,
    SETTLES,
    SHIFT,
    SPOIL_FIRST,
    SPOIL_SECOND,
    Board,
    Field,
    FloatArray,
    IntArray,
    Outlook,
    exponential,
)

STAGE_TILE: Final = 32  # stages worked out together; a constant, so LLVM can prove that rows do not overlap
# Columns of a stage. HOLDS and BREAKS have one for each pair of types: (sincere, sincere), (plays, sincere), (sincere,
# plays), (plays, plays).
SHARE, EXPOSED, TERM, FORGONE, LASTING, HOLDS, BREAKS = 0, 1, 2, 3, 4, 5, 9
STAGE_COLUMNS: Final = 13


class Stages(NamedTuple):
    """Where joint choices of the core stand as stages and lines; the same for every run."""

    size: int  # number of stages, up to whole tiles
    lines: int  # number of lines
    stage_options: IntArray  # (core issue, stage) flat options, one joint choice that has the stage
    line_options: IntArray  # (core issue, line) flat options
    line_of: IntArray  # (joint choice,) its line
    stage_of: IntArray  # (line,)
    stage_links: IntArray  # (n, 2) link and stage, where a stage's joint choices switch the link on
    line_links: IntArray  # (n, 2) link and line, for links that shift the odds


def stage_width(stages: Stages) -> int:
    """Floats of one run: tile by tile the columns of the stages, then what shifts the odds in every line."""
    return STAGE_COLUMNS * stages.size + stages.lines


@njit(error_model="numpy", cache=True)
def _add_up(board: Board, field: Field, stages: Stages, run: int, sums: FloatArray, shift: FloatArray) -> None:
    """Effects of every stage, into `sums` (channel, stage), and what shifts the odds in every line, into `shift`."""
    rows = field.rows
    for row in range(EFFECT_CHANNELS):
        for s in range(stages.size):
            sums[row, s] = 1.0 if row < FACTORS else 0.0
        for c in range(board.core.shape[0]):
            if row == SHIFT or not board.live[row, board.core[c]]:
                continue
            if row < FACTORS:
                for s in range(stages.size):
                    sums[row, s] *= rows[run, row, stages.stage_options[c, s]]
            else:
                for s in range(stages.size):
                    sums[row, s] += rows[run, row, stages.stage_options[c, s]]
    for n in range(stages.stage_links.shape[0]):
        r, s = stages.stage_links[n]
        row = field.link_row[r]
        if 0 <= row < FACTORS:
            sums[row, s] *= field.link_value[run, r]
        elif 0 <= row < EFFECT_CHANNELS:
            sums[row, s] += field.link_value[run, r]
    shift[:] = 0.0
    for c in range(board.core.shape[0]):
        if board.live[SHIFT, board.core[c]]:
            for k in range(stages.lines):
                shift[k] += rows[run, SHIFT, stages.line_options[c, k]]
    for n in range(stages.line_links.shape[0]):
        shift[stages.line_links[n, 1]] += field.link_value[run, stages.line_links[n, 0]]


@njit(error_model="numpy", cache=True)
def _outlast(sums: FloatArray, term: FloatArray, base: FloatArray, ground: FloatArray, lo: int, at: FloatArray) -> None:
    """Columns of a tile of stages from lo on in one run, into `at` (column * STAGE_TILE).

    As `kernels.settle` and `kernels.outlast`. `sums` (channel, stage), `term` and `base` (stage,), `ground` (7,).
    """
    tile = STAGE_TILE
    for k in range(tile):
        s = lo + k
        span = min(term[s], ground[PLANNING])
        multiplier = sums[HAZARD, s]
        half = 0.5 * base[s] * multiplier
        one, other = half + ground[SPOIL_FIRST], half + ground[SPOIL_SECOND]
        rate = ground[RATE] * multiplier
        one_plays = rate * min(max(sums[BURDEN_FIRST, s], 0.0), 1.0)
        other_plays = rate * min(max(sums[BURDEN_SECOND, s], 0.0), 1.0)
        h0 = exponential(-span * (one + other))
        h1 = h0 * exponential(-span * one_plays)
        less = exponential(-span * other_plays)
        h2, h3 = h0 * less, h1 * less
        floor = 1e-300  # a hazard of zero has no side; nothing breaks then
        at[SHARE * tile + k], at[EXPOSED * tile + k] = sums[SETTLES, s], sums[EXPOSURE, s]
        at[LASTING * tile + k], at[TERM * tile + k] = sums[LASTS, s], term[s]
        at[FORGONE * tile + k] = ground[DRIFT] * span * (1.0 - sums[FRONT, s])
        at[HOLDS * tile + k], at[(HOLDS + 1) * tile + k] = h0, h1
        at[(HOLDS + 2) * tile + k], at[(HOLDS + 3) * tile + k] = h2, h3
        worse = one + one_plays
        at[BREAKS * tile + k] = (1.0 - h0) * one / (one + other + floor)
        at[(BREAKS + 1) * tile + k] = (1.0 - h1) * worse / (worse + other + floor)
        at[(BREAKS + 2) * tile + k] = (1.0 - h2) * one / (one + other + other_plays + floor)
        at[(BREAKS + 3) * tile + k] = (1.0 - h3) * worse / (worse + other + other_plays + floor)


@njit(error_model="numpy", cache=True)
def stage_block(board: Board, field: Field, stages: Stages, outlook: Outlook, stage: FloatArray) -> None:
    """Stages and lines of every run, into `stage` (run, stage_width)."""
    sums, base = np.zeros((EFFECT_CHANNELS, stages.size)), np.full(stages.size, outlook.base[0])
    term = np.full(stages.size, 1e9)
    if board.term_issue >= 0:
        for s in range(stages.size):
            option = stages.stage_options[board.core_place[board.term_issue], s]
            term[s], base[s] = board.term[option], outlook.base[board.treaty[option]]
    ground = np.zeros(outlook.ground.shape[0])
    for run in range(stage.shape[0]):
        for row in range(ground.shape[0]):
            ground[row] = outlook.ground[row, run]
        _add_up(board, field, stages, run, sums, stage[run, STAGE_COLUMNS * stages.size :])
        for lo in range(0, stages.size, STAGE_TILE):
            _outlast(sums, term, base, ground, lo, stage[run, STAGE_COLUMNS * lo : STAGE_COLUMNS * (lo + STAGE_TILE)])
