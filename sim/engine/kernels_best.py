"""The compiled exact search for a party's best package.

Exact because options that neither carry effects nor stand in a link or rule act only through the additive utility:
jointly acting issues (the core) are enumerated, every other issue is maximised on its own beside each joint choice.
The lanes are joint choices of one run.
"""

import numpy as np
from numba import njit

from sim.engine.kernels import (
    EFFECT_CHANNELS,
    FACTORS,
    LANES,
    Board,
    BoolArray,
    Field,
    FloatArray,
    IntArray,
    Outlook,
    outlast,
    settle,
)
from sim.engine.kernels_score import worth_entry
from sim.engine.kernels_text import load_run, workspace
from sim.engine.space import Tree


@njit(error_model="numpy", cache=True)
def _grow(nodes: FloatArray, rows: FloatArray, parent: IntArray, option: IntArray, adds_to: int) -> None:
    """Rows of the partial choices, each its parent's with one more option; parents come before children."""
    for c in range(nodes.shape[0]):
        row, node = rows[c], nodes[c]
        if c < FACTORS or c >= adds_to:
            for k in range(parent.shape[0]):
                node[k] = (node[parent[k]] if parent[k] >= 0 else 1.0) * row[option[k]]
        else:
            for k in range(parent.shape[0]):
                node[k] = (node[parent[k]] if parent[k] >= 0 else 0.0) + row[option[k]]


@njit(error_model="numpy", cache=True)
def _rest(
    board: Board,
    rows: FloatArray,
    link_value: FloatArray,
    link_row: IntArray,
    combo: IntArray,
    core: IntArray,
    issue: int,
    entry: int,
    entries: int,
) -> tuple[float, int]:
    """(gain, option) of the entry's best permitted option of one issue outside the core beside a joint choice."""
    utility, clear = EFFECT_CHANNELS + 2 * entry + 1, EFFECT_CHANNELS + 2 * entries + entry
    best, chosen = -np.inf, -1
    for option in range(board.start[issue], board.start[issue + 1]):
        gain, free = rows[utility, option], rows[clear, option]
        barred = False
        for c in range(core.shape[0]):
            barred = barred or board.forbidden[option, combo[c]]
        for r in range(board.link_first.shape[0]):
            first, second = board.link_first[r], board.link_second[r]
            if (first != option and second != option) or (link_row[r] != utility and link_row[r] != clear):
                continue
            partner = second if first == option else first
            for c in range(core.shape[0]):
                if combo[c] == partner:
                    if link_row[r] == utility:
                        gain += link_value[r]
                    else:
                        free *= link_value[r]
        if not barred and free > 0.5 and gain > best:
            best, chosen = gain, option
    return best, chosen


@njit(error_model="numpy", cache=True)
def best_packages(
    board: Board,
    field: Field,
    outlook: Outlook,
    tree: Tree,
    core: IntArray,
    rest: IntArray,
    bound: BoolArray,
    combos: IntArray,
    packages: IntArray,
    best_worth: FloatArray,
) -> None:
    """Each entry's best feasible package that crosses none of its own red lines, and its worth, exactly.

    `tree` are the partial joint choices (parent, option, first leaf); `combos` (combo, core issue) its leaves; `rest`
    (issue outside the core,) and `bound` (rest, core issue), whether a link or rule ties the two. Writes `packages`
    (entry, issue, run), -1 where every package crosses a red line, and `best_worth` (entry, run), -inf there.
    """
    entries = packages.shape[0]
    row_count = field.rows.shape[1]
    adds_to = FACTORS + 3 + 2 * entries
    links = board.link_first.shape[0]
    work = workspace(packages.shape[1], field.rows.shape[2], row_count, entries, links)
    parent, option, leaf = tree.parent, tree.option, tree.leaf
    nodes = np.zeros((row_count, max(parent.shape[0], 1)))
    chosen = np.zeros((entries, rest.shape[0], LANES), dtype=np.int64)
    loose = np.zeros((entries, rest.shape[0]))
    loose_option = np.zeros((entries, rest.shape[0]), dtype=np.int64)
    nothing = np.zeros(0, dtype=np.int64)
    packages[:] = -1
    best_worth[:] = -np.inf
    for run in range(packages.shape[2]):
        rows, link_value = field.rows[run], field.link_value[run]
        load_run(work, outlook, run)
        _grow(nodes, rows, parent, option, adds_to)
        for e in range(entries):
            for n in range(rest.shape[0]):
                found = _rest(board, rows, link_value, field.link_row, nothing, nothing, rest[n], e, entries)
                loose[e, n], loose_option[e, n] = found
        for lo in range(0, combos.shape[0], LANES):
            hi = min(combos.shape[0], lo + LANES)
            width = hi - lo
            for c in range(row_count):
                neutral = 1.0 if c < FACTORS or c >= adds_to else 0.0
                for lane in range(width):
                    work.sums[c * LANES + lane] = nodes[c, leaf + lo + lane] if core.shape[0] > 0 else neutral
            for lane in range(width):
                combo = combos[lo + lane]
                for r in range(links):
                    row = field.link_row[r]
                    one = core_holds(combo, board.link_first[r])
                    if row >= 0 and one and core_holds(combo, board.link_second[r]):
                        if row < FACTORS or row >= adds_to:
                            work.sums[row * LANES + lane] *= link_value[r]
                        else:
                            work.sums[row * LANES + lane] += link_value[r]
                for c in range(core.shape[0]):
                    if core[c] == board.term_issue:
                        work.term[lane] = board.term[combo[c]]
                        work.base[lane] = outlook.base[board.treaty[combo[c]]]
            if board.conflict:
                settle(work.sums, work.term, work.ground, work.settled)
                outlast(work.sums, work.term, work.base, work.ground, work.lasting)
            for lane in range(width):
                k = lo + lane
                for n in range(rest.shape[0]):
                    moved = False
                    for c in range(core.shape[0]):
                        moved = moved or (bound[n, c] and (k == 0 or combos[k, c] != combos[k - 1, c]))
                    for e in range(entries):
                        if moved:
                            found = _rest(board, rows, link_value, field.link_row, combos[k], core, rest[n], e, entries)
                            loose[e, n], loose_option[e, n] = found
                        work.sums[(EFFECT_CHANNELS + 2 * e + 1) * LANES + lane] += loose[e, n]
                        chosen[e, n, lane] = loose_option[e, n]
            for e in range(entries):
                clear = (EFFECT_CHANNELS + 2 * entries + e) * LANES
                worth = work.worth[e]
                worth_entry(
                    work.sums, work.settled, work.lasting, work.seen[e], outlook.discount[run], board.conflict, e, worth
                )
                for lane in range(width):
                    if work.sums[clear + lane] > 0.5 and worth[lane] > best_worth[e, run]:
                        best_worth[e, run] = worth[lane]
                        for c in range(core.shape[0]):
                            packages[e, core[c], run] = combos[lo + lane, c]
                        for n in range(rest.shape[0]):
                            packages[e, rest[n], run] = chosen[e, n, lane]


@njit(error_model="numpy", cache=True)
def core_holds(combo: IntArray, option: int) -> bool:
    """Whether a joint choice holds an option."""
    held = False
    for c in range(combo.shape[0]):
        held = held or combo[c] == option
    return held
