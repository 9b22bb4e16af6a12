"""The compiled exact search for a party's best package.

Exact because options that neither carry effects nor stand in a link or rule act only through the additive utility:
jointly acting issues (the core) are enumerated, every other issue is maximised on its own beside each joint choice.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from sim.engine.kernels import (
    EFFECT_CHANNELS,
    Board,
    Field,
    FloatArray,
    IntArray,
    Outlook,
)
from sim.engine.kernels_lines import Ask, begin_lines, know_lines, make_lines, see
from sim.engine.kernels_stage import Stages


class Beside(NamedTuple):
    """Issues outside the core, and what each may hold beside the joint choices; a cell: choices alike to one."""

    rest: IntArray  # (issue outside the core,)
    cell: IntArray  # (issue outside the core, combo) cell of a joint choice
    options_from: IntArray  # (cell + 1,) where a cell's permitted options start
    option: IntArray  # (permitted option,)
    ties_from: IntArray  # (permitted option + 1,) where the links that the option switches on there start
    tie: IntArray  # links
    stages: int  # number of stages
    staged: IntArray  # (core issue that the stage decides, stage) flat option
    staged_cell: IntArray  # (issue outside the core whose cell the stage decides, stage)
    apart: IntArray  # (other core issue, combo) flat option
    apart_cell: IntArray  # (other issue outside the core, combo)
    core_ties_from: IntArray  # (combo + 1,) where the links start that a joint choice switches on by itself
    core_tie: IntArray  # links


@njit(error_model="numpy", cache=True)
def _best_beside(
    beside: Beside, field: Field, run: int, e: int, entries: int, gain: FloatArray, chosen: IntArray
) -> None:
    """The entry's best permitted option in every cell that crosses none of its red lines, and its utility: (cell,)."""
    utility, clear = EFFECT_CHANNELS + 2 * e + 1, EFFECT_CHANNELS + 2 * entries + e
    for cell in range(gain.shape[0]):
        best, best_option = -np.inf, -1
        for n in range(beside.options_from[cell], beside.options_from[cell + 1]):
            option = beside.option[n]
            value, free = field.rows[run, utility, option], field.rows[run, clear, option]
            for t in range(beside.ties_from[n], beside.ties_from[n + 1]):
                r = beside.tie[t]
                if field.link_row[r] == utility:
                    value += field.link_value[run, r]
                elif field.link_row[r] == clear:
                    free *= field.link_value[run, r]
            if free > 0.5 and value > best:
                best, best_option = value, option
        gain[cell], chosen[cell] = best, best_option


@njit(error_model="numpy", cache=True)
def _find_utility(
    board: Board, stages: Stages, beside: Beside, field: Field, run: int, e: int, gain: FloatArray,
    staged: FloatArray, utility: FloatArray,
) -> None:  # fmt: skip
    """The most utility to the entry beside every joint choice, into (combo,); -inf where that crosses a red line.

    What follows from the stage alone is added up once a stage, in `staged` (stage,).
    """
    entries = (field.rows.shape[1] - EFFECT_CHANNELS) // 3
    own, clear = EFFECT_CHANNELS + 2 * e + 1, EFFECT_CHANNELS + 2 * entries + e
    value, free = field.rows[run, own], field.rows[run, clear]
    for s in range(beside.stages):
        staged[s] = 0.0
        for n in range(beside.staged.shape[0]):
            option = beside.staged[n, s]
            staged[s] += value[option] if free[option] > 0.5 else -np.inf
        for n in range(beside.staged_cell.shape[0]):
            staged[s] += gain[beside.staged_cell[n, s]]
    for k in range(utility.shape[0]):
        most = staged[stages.stage_of[stages.line_of[k]]]
        for n in range(beside.apart.shape[0]):
            option = beside.apart[n, k]
            most += value[option] if free[option] > 0.5 else -np.inf
        for n in range(beside.apart_cell.shape[0]):
            most += gain[beside.apart_cell[n, k]]
        for t in range(beside.core_ties_from[k], beside.core_ties_from[k + 1]):
            r = beside.core_tie[t]
            if field.link_row[r] == own:
                most += field.link_value[run, r]
            elif field.link_row[r] == clear and not field.link_value[run, r] > 0.5:
                most = -np.inf
        utility[k] = most


@njit(error_model="numpy", cache=True)
def best_packages(
    board: Board, field: Field, stages: Stages, outlook: Outlook, beside: Beside,
    packages: IntArray, best_worth: FloatArray,
) -> None:  # fmt: skip
    """Each entry's best feasible package that crosses none of its own red lines, and its worth, exactly.

    Writes `packages` (entry, issue, run), -1 where every package crosses a red line, and `best_worth` (entry, run),
    -inf there.
    """
    entries, combos = packages.shape[0], beside.cell.shape[1]
    cells = beside.options_from.shape[0] - 1
    lines, ask, numbers = make_lines(stages, entries), Ask(0.0, 0.0, 1.0, 0.0), np.arange(stages.lines)
    everyone = np.ones(entries, dtype=np.bool_)
    gain, chosen, utility = np.zeros(cells), np.zeros(cells, dtype=np.int64), np.zeros(combos)
    staged = np.zeros(beside.stages)
    packages[:] = -1
    best_worth[:] = -np.inf
    for run in range(packages.shape[2]):
        begin_lines(lines, board, field, stages, outlook, ask, run)
        for e in range(entries):
            see(lines, board, field, stages, outlook, ask, run, e)
        know_lines(lines, stages, field.stage[run], numbers, stages.lines, everyone)
        for e in range(entries):
            _best_beside(beside, field, run, e, entries, gain, chosen)
            _find_utility(board, stages, beside, field, run, e, gain, staged, utility)
            best, at = -np.inf, -1
            for k in range(combos):
                line = stages.line_of[k]
                worth = lines.level[e, line] + lines.slope[e, line] * utility[k]
                if worth > best:
                    best, at = worth, k
            best_worth[e, run] = best
            if at >= 0:
                for c in range(board.core.shape[0]):
                    packages[e, board.core[c], run] = board.combos[c, at]
                for n in range(beside.rest.shape[0]):
                    packages[e, beside.rest[n], run] = chosen[beside.cell[n, at]]
