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
    DRIFT,
    EFFECT_CHANNELS,
    EXPOSURE,
    FACTORS,
    FRONT,
    GROUND_ROWS,
    LANES,
    LASTING_ROWS,
    LASTS,
    PLANNING,
    SETTLES,
    SHIFT,
    Board,
    Field,
    FloatArray,
    IntArray,
    Outlook,
    outlast,
)

STAGE_TILE: Final = LANES  # stages worked out together
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
def _fill_tile(
    sums: FloatArray, term: FloatArray, base: FloatArray, ground: FloatArray, lasting: FloatArray, at: FloatArray
) -> None:
    """Columns of a tile of stages in one run, into `at` (column * STAGE_TILE).

    Flat rows of STAGE_TILE: `sums` by channel, `ground`, and `lasting`, which is scratch; `term`, `base` (stage,).
    """
    tile = STAGE_TILE
    outlast(sums, term, base, ground, lasting)
    for k in range(tile):
        h0, h1, h2 = lasting[k], lasting[tile + k], lasting[2 * tile + k]
        h1, h2, h3 = h0 * h1, h0 * h2, h0 * h1 * h2
        span = min(term[k], ground[PLANNING * tile + k])
        at[SHARE * tile + k], at[EXPOSED * tile + k] = sums[SETTLES * tile + k], sums[EXPOSURE * tile + k]
        at[LASTING * tile + k], at[TERM * tile + k] = sums[LASTS * tile + k], term[k]
        at[FORGONE * tile + k] = ground[DRIFT * tile + k] * span * (1.0 - sums[FRONT * tile + k])
        at[HOLDS * tile + k], at[(HOLDS + 1) * tile + k] = h0, h1
        at[(HOLDS + 2) * tile + k], at[(HOLDS + 3) * tile + k] = h2, h3
        at[BREAKS * tile + k] = (1.0 - h0) * lasting[3 * tile + k]
        at[(BREAKS + 1) * tile + k] = (1.0 - h1) * lasting[4 * tile + k]
        at[(BREAKS + 2) * tile + k] = (1.0 - h2) * lasting[5 * tile + k]
        at[(BREAKS + 3) * tile + k] = (1.0 - h3) * lasting[6 * tile + k]


@njit(error_model="numpy", cache=True)
def stage_block(board: Board, field: Field, stages: Stages, outlook: Outlook, stage: FloatArray) -> None:
    """Stages and lines of every run, into `stage` (run, stage_width)."""
    sums, base = np.zeros((EFFECT_CHANNELS, stages.size)), np.full(stages.size, outlook.base[0])
    term = np.full(stages.size, 1e9)
    if board.term_issue >= 0:
        for s in range(stages.size):
            option = stages.stage_options[board.core_place[board.term_issue], s]
            term[s], base[s] = board.term[option], outlook.base[board.treaty[option]]
    ground, lasting = np.zeros(GROUND_ROWS * STAGE_TILE), np.zeros(LASTING_ROWS * STAGE_TILE)
    flat = np.zeros(EFFECT_CHANNELS * STAGE_TILE)
    for run in range(stage.shape[0]):
        for row in range(GROUND_ROWS):
            ground[row * STAGE_TILE : (row + 1) * STAGE_TILE] = outlook.ground[row, run]
        _add_up(board, field, stages, run, sums, stage[run, STAGE_COLUMNS * stages.size :])
        for lo in range(0, stages.size, STAGE_TILE):
            end = lo + STAGE_TILE
            for row in range(EFFECT_CHANNELS):
                flat[row * STAGE_TILE : (row + 1) * STAGE_TILE] = sums[row, lo:end]
            at = stage[run, STAGE_COLUMNS * lo : STAGE_COLUMNS * end]
            _fill_tile(flat, term[lo:end], base[lo:end], ground, lasting, at)
