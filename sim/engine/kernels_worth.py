"""The compiled look-up of what given packages add up to and are worth; the lanes are neighbouring runs."""

import numpy as np
from numba import njit

from sim.engine.kernels import (
    EFFECT_CHANNELS,
    FACTORS,
    GROUND_ROWS,
    LANES,
    LASTING_ROWS,
    SEEN_ROWS,
    SETTLED_ROWS,
    Board,
    BoolArray,
    Field,
    FloatArray,
    IntArray,
    Outlook,
    appraise,
    multiplies,
    outlast,
    settle,
)


@njit(error_model="numpy", cache=True)
def add_up(board: Board, field: Field, packages: IntArray, active: BoolArray, sums: FloatArray, entries: int) -> None:
    """Channel sums of one package per active run, links included.

    `packages` (issue, run) flat options; writes `sums` (tile, row, lane) of the active runs.
    """
    adds_to = FACTORS + 3 + 2 * entries
    for run in range(packages.shape[1]):
        if not active[run]:
            continue
        tile, lane = run // LANES, run % LANES
        rows = field.rows[run]
        for c in range(rows.shape[0]):
            value = rows[c, packages[0, run]]
            if c < FACTORS or c >= adds_to:
                for i in range(1, packages.shape[0]):
                    value *= rows[c, packages[i, run]]
            else:
                for i in range(1, packages.shape[0]):
                    value += rows[c, packages[i, run]]
            sums[tile, c, lane] = value
        for r in range(board.link_first.shape[0]):
            row, first, second = field.link_row[r], board.link_first[r], board.link_second[r]
            if row < 0 or packages[board.issue_of[first], run] != first:
                continue
            if packages[board.issue_of[second], run] == second:
                if multiplies(row, entries):
                    sums[tile, row, lane] *= field.link_value[run, r]
                else:
                    sums[tile, row, lane] += field.link_value[run, r]


@njit(error_model="numpy", cache=True)
def appraise_sums(
    sums: FloatArray,
    term: FloatArray,
    base: FloatArray,
    outlook: Outlook,
    entries: IntArray,
    active: BoolArray,
    worth: FloatArray,
) -> None:
    """Worth of packages with the given channel sums, days to run `term` (run,) and base hazard `base` (run,).

    For the entries listed; writes `worth` (entry, run) in tiles with an active run.
    """
    seen, ground = np.empty(SEEN_ROWS * LANES), np.empty(GROUND_ROWS * LANES)
    settled, lasting = np.empty(SETTLED_ROWS * LANES), np.empty(LASTING_ROWS * LANES)
    for tile in range(sums.shape[0]):
        lo = tile * LANES
        if not active[lo : lo + LANES].any():
            continue
        for row in range(GROUND_ROWS):
            for lane in range(LANES):
                ground[row * LANES + lane] = outlook.ground[row, lo + lane]
        flat = sums[tile].ravel()
        settle(flat, term[lo : lo + LANES], ground, settled)
        outlast(flat, term[lo : lo + LANES], base[lo : lo + LANES], ground, lasting)
        for e in entries:
            for lane in range(LANES):
                seen[0 * LANES + lane] = outlook.odds[e, lo + lane]
                seen[1 * LANES + lane] = outlook.first_wins[e, lo + lane]
                seen[2 * LANES + lane] = outlook.second_wins[e, lo + lane]
                seen[3 * LANES + lane] = outlook.cost[e, lo + lane]
                seen[4 * LANES + lane] = outlook.sincere_first[e, lo + lane]
                seen[5 * LANES + lane] = outlook.sincere_second[e, lo + lane]
            place = (EFFECT_CHANNELS + 2 * e) * LANES
            appraise(settled, lasting, flat[place : place + 2 * LANES], seen, worth[e, lo : lo + LANES])


@njit(error_model="numpy", cache=True)
def learn(
    board: Board, field: Field, truth: Field, entry: int, issue: IntArray, active: BoolArray, rate: float
) -> None:
    """Move what the named issue is thought to be worth to an entry toward the truth in the active runs, in place.

    Its utility of the issue's options, and the relief they bring it. `field`, `truth`: tables of the estimates and of
    the world; `issue` (run,), -1 where no issue was named.
    """
    relief = EFFECT_CHANNELS + 2 * entry
    for run in range(issue.shape[0]):
        if active[run] and issue[run] >= 0:
            for row in range(relief, relief + 2):
                for option in range(board.start[issue[run]], board.start[issue[run] + 1]):
                    gap = truth.rows[run, row, option] - field.rows[run, row, option]
                    field.rows[run, row, option] += rate * gap
