"""The compiled text that a search stands on, and what its revisions add up to; lanes are revisions of one text."""

from typing import NamedTuple

import numpy as np
from numba import njit

from sim.engine.kernels import (
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
    multiplies,
)
from sim.engine.space import Moves


class Workspace(NamedTuple):
    """Scratch of one run. Flat rows have a stride of LANES."""

    here: IntArray  # (issue,) flat options of the current text
    bare: FloatArray  # (row,) what the current text adds up to without links
    total: FloatArray  # (row,) the same with links
    change: FloatArray  # (row, option) factor or addition when the option replaces its issue's current one
    on: np.ndarray  # (link,) whether both ends of a link stand in the current text
    sums: FloatArray  # (row * LANES) of the candidates
    seen: FloatArray  # (entry, 8 * LANES)
    ground: FloatArray  # (7 * LANES)
    settled: FloatArray  # (4 * LANES)
    lasting: FloatArray  # (7 * LANES)
    term: FloatArray  # (LANES,) days
    base: FloatArray  # (LANES,)
    worth: FloatArray  # (entry, LANES)
    value: FloatArray  # (entry, LANES)
    counted: FloatArray  # (LANES,)
    score: FloatArray  # (LANES,)
    excluded: np.ndarray  # (LANES,)
    candidate: IntArray  # (issue,) scratch of one candidate
    kept: IntArray  # (LANES,) moves on the lanes


@njit(error_model="numpy", cache=True)
def workspace(issues: int, options: int, rows: int, entries: int, links: int) -> Workspace:
    """Scratch for a search."""
    change = np.ones((rows, (options + LANES - 1) // LANES * LANES))
    change[FACTORS : FACTORS + 3 + 2 * entries] = 0.0
    return Workspace(
        np.zeros(issues, dtype=np.int64),
        np.zeros(rows),
        np.zeros(rows),
        change,
        np.zeros(links, dtype=np.bool_),
        np.zeros(rows * LANES),
        np.zeros((entries, SEEN_ROWS * LANES)),
        np.zeros(GROUND_ROWS * LANES),
        np.ones(SETTLED_ROWS * LANES),
        np.ones(LASTING_ROWS * LANES),
        np.full(LANES, 1e9),
        np.zeros(LANES),
        np.zeros((entries, LANES)),
        np.zeros((entries, LANES)),
        np.zeros(LANES),
        np.zeros(LANES),
        np.zeros(LANES, dtype=np.bool_),
        np.zeros(issues, dtype=np.int64),
        np.zeros(LANES, dtype=np.int64),
    )


@njit(error_model="numpy", cache=True)
def load_run(work: Workspace, outlook: Outlook, run: int) -> None:
    """Spread one run's outlook over the lanes."""
    for e in range(outlook.odds.shape[0]):
        seen = work.seen[e]
        for lane in range(LANES):
            seen[0 * LANES + lane] = outlook.odds[e, run]
            seen[1 * LANES + lane] = outlook.first_wins[e, run]
            seen[2 * LANES + lane] = outlook.second_wins[e, run]
            seen[3 * LANES + lane] = outlook.cost[e, run]
            seen[4 * LANES + lane] = outlook.sincere_first[e, run]
            seen[5 * LANES + lane] = outlook.sincere_second[e, run]
            seen[6 * LANES + lane] = outlook.standing[e, run]
            seen[7 * LANES + lane] = outlook.need[e, run]
    ground = work.ground
    for row in range(GROUND_ROWS):
        value = outlook.ground[row, run]
        for lane in range(LANES):
            ground[row * LANES + lane] = value
    base = work.base
    for lane in range(LANES):
        base[lane] = outlook.base[0]


@njit(error_model="numpy", cache=True)
def compare(
    change: FloatArray,
    rows: FloatArray,
    start: IntArray,
    live: BoolArray,
    here: IntArray,
    lo: int,
    hi: int,
    factors_to: int,
    adds_to: int,
) -> None:
    """Fill `change` (row, option) for issues lo .. hi - 1, whose current flat options are `here` (issue,).

    Where no option of an issue acts on a row (`live`), `change` keeps the neutral value it was made with.
    """
    for c in range(rows.shape[0]):
        row, out = rows[c], change[c]
        if c < factors_to or c >= adds_to:
            for i in range(lo, hi):
                if not live[c, i]:
                    continue
                inverse = 1.0 / row[here[i]]
                for option in range(start[i], start[i + 1]):
                    out[option] = row[option] * inverse
        else:
            for i in range(lo, hi):
                if not live[c, i]:
                    continue
                base = row[here[i]]
                for option in range(start[i], start[i + 1]):
                    out[option] = row[option] - base


@njit(error_model="numpy", cache=True)
def add_to(total: FloatArray, row: int, value: float, entries: int) -> None:
    """Let a value act on a row of a column."""
    if multiplies(row, entries):
        total[row] *= value
    else:
        total[row] += value


@njit(error_model="numpy", cache=True)
def stand_on(work: Workspace, board: Board, rows: FloatArray, link_value: FloatArray, link_row: IntArray) -> None:
    """Take `work.here` as the current text of the run whose tables are `rows` (row, option)."""
    entries = work.seen.shape[0]
    adds_to = FACTORS + 3 + 2 * entries
    bare, total, here, live = work.bare, work.total, work.here, board.live
    for c in range(bare.shape[0]):
        if c < FACTORS or c >= adds_to:
            value = 1.0
            for i in range(here.shape[0]):
                if live[c, i]:
                    value *= rows[c, here[i]]
        else:
            value = 0.0
            for i in range(here.shape[0]):
                if live[c, i]:
                    value += rows[c, here[i]]
        bare[c] = value
        total[c] = value
    for r in range(board.link_first.shape[0]):
        first, second = board.link_first[r], board.link_second[r]
        on = here[board.issue_of[first]] == first and here[board.issue_of[second]] == second
        work.on[r] = on
        if on and link_row[r] >= 0:
            add_to(total, link_row[r], link_value[r], entries)


@njit(error_model="numpy", cache=True)
def fill_single(
    sums: FloatArray, total: FloatArray, change: FloatArray, lo: int, factors_to: int, adds_to: int
) -> None:
    """Columns of the texts after one option each, from option lo on, without what links and carrying change."""
    for c in range(total.shape[0]):
        start = total[c]
        row, column = change[c], c * LANES
        if c < factors_to or c >= adds_to:
            for lane in range(LANES):
                sums[column + lane] = start * row[lo + lane]
        else:
            for lane in range(LANES):
                sums[column + lane] = start + row[lo + lane]


@njit(error_model="numpy", cache=True)
def switch_links(work: Workspace, board: Board, link_value: FloatArray, link_row: IntArray, lo: int, hi: int) -> None:
    """Correct single-change columns for links that the change switches on or off."""
    entries = work.seen.shape[0]
    sums, here = work.sums, work.here
    for r in range(board.link_first.shape[0]):
        row = link_row[r]
        if row < 0:
            continue
        value = link_value[r]
        for end in range(2):
            mine = board.link_first[r] if end == 0 else board.link_second[r]
            other = board.link_second[r] if end == 0 else board.link_first[r]
            issue = board.issue_of[mine]
            if work.on[r]:
                undo = 1.0 / value if multiplies(row, entries) else -value
                for option in range(max(lo, board.start[issue]), min(hi, board.start[issue + 1])):
                    if option != mine:
                        place = row * LANES + option - lo
                        sums[place] = sums[place] * undo if multiplies(row, entries) else sums[place] + undo
            elif lo <= mine < hi and here[board.issue_of[other]] == other:
                place = row * LANES + mine - lo
                sums[place] = sums[place] * value if multiplies(row, entries) else sums[place] + value


@njit(error_model="numpy", cache=True)
def revise(work: Workspace, board: Board, moves: Moves, m: int) -> int:
    """Put the text after move `m` into `work.candidate`; returns how many issues were carried along, -1 on a clash."""
    first, second = moves.first[m], moves.second[m]
    candidate = work.candidate
    for i in range(candidate.shape[0]):
        candidate[i] = work.here[i]
    candidate[board.issue_of[first]] = first
    if second >= 0:
        candidate[board.issue_of[second]] = second
    carried = 0
    for c in range(moves.carried_from[m], moves.carried_from[m + 1]):
        issue = moves.carried_issue[c]
        option = candidate[issue]
        if board.forbidden[first, option] or (second >= 0 and board.forbidden[second, option]):
            candidate[issue] = moves.carried_option[c]
            carried += 1
    if carried > 0:
        for c in range(moves.carried_from[m], moves.carried_from[m + 1]):
            option = candidate[moves.carried_issue[c]]
            for i in range(candidate.shape[0]):
                if board.forbidden[option, candidate[i]]:
                    return -1
    return carried


@njit(error_model="numpy", cache=True)
def column(
    work: Workspace, board: Board, link_value: FloatArray, link_row: IntArray, outlook: Outlook, lane: int
) -> None:
    """Column of the text in `work.candidate`, whatever it changes, into one lane."""
    entries = work.seen.shape[0]
    adds_to = FACTORS + 3 + 2 * entries
    sums, bare, change, here, candidate = work.sums, work.bare, work.change, work.here, work.candidate
    for c in range(bare.shape[0]):
        sums[c * LANES + lane] = bare[c]
    for i in range(here.shape[0]):
        option = candidate[i]
        if option == here[i]:
            continue
        for c in range(FACTORS):
            sums[c * LANES + lane] *= change[c, option]
        for c in range(FACTORS, adds_to):
            sums[c * LANES + lane] += change[c, option]
        for c in range(adds_to, bare.shape[0]):
            sums[c * LANES + lane] *= change[c, option]
    for r in range(board.link_first.shape[0]):
        row = link_row[r]
        first, second = board.link_first[r], board.link_second[r]
        if (
            row < 0
            or work.candidate[board.issue_of[first]] != first
            or work.candidate[board.issue_of[second]] != second
        ):
            continue
        if multiplies(row, entries):
            sums[row * LANES + lane] *= link_value[r]
        else:
            sums[row * LANES + lane] += link_value[r]
    if board.term_issue >= 0:
        ending = work.candidate[board.term_issue]
        work.term[lane] = board.term[ending]
        work.base[lane] = outlook.base[board.treaty[ending]]


@njit(error_model="numpy", cache=True)
def fill_pairs(work: Workspace, moves: Moves, lanes: int, factors_to: int, adds_to: int) -> None:
    """Columns of texts after two options each (`work.kept` moves), without what links and carrying change."""
    sums, total, kept = work.sums, work.total, work.kept
    for c in range(total.shape[0]):
        start, row, column = total[c], work.change[c], c * LANES
        if c < factors_to or c >= adds_to:
            for lane in range(lanes):
                m = kept[lane]
                sums[column + lane] = start * row[moves.first[m]] * row[moves.second[m]]
        else:
            for lane in range(lanes):
                m = kept[lane]
                sums[column + lane] = start + row[moves.first[m]] + row[moves.second[m]]


@njit(error_model="numpy", cache=True)
def switch_pair_links(
    work: Workspace, board: Board, link_value: FloatArray, link_row: IntArray, moves: Moves, lanes: int
) -> None:
    """Correct pair columns for links that the two changes switch on or off."""
    entries = work.seen.shape[0]
    here, sums, kept = work.here, work.sums, work.kept
    for lane in range(lanes):
        m = kept[lane]
        one, other = moves.first[m], moves.second[m]
        i, k = board.issue_of[one], board.issue_of[other]
        for place in range(moves.links_from[m], moves.links_from[m + 1]):
            r = moves.links[place]
            row, first, second = link_row[r], board.link_first[r], board.link_second[r]
            if row < 0:
                continue
            a, b = board.issue_of[first], board.issue_of[second]
            at_first = one if a == i else (other if a == k else here[a])
            at_second = one if b == i else (other if b == k else here[b])
            now = at_first == first and at_second == second
            if now == work.on[r]:
                continue
            cell = row * LANES + lane
            if multiplies(row, entries):
                sums[cell] = sums[cell] * link_value[r] if now else sums[cell] / link_value[r]
            else:
                sums[cell] = sums[cell] + link_value[r] if now else sums[cell] - link_value[r]


@njit(error_model="numpy", cache=True)
def clashes(here: IntArray, forbidden: BoolArray, moves: Moves, m: int) -> bool:
    """Whether the rest of the text cannot stand beside the two options of a linked revision."""
    first, second = moves.first[m], moves.second[m]
    for c in range(moves.carried_from[m], moves.carried_from[m + 1]):
        option = here[moves.carried_issue[c]]
        if forbidden[first, option] or forbidden[second, option]:
            return True
    return False


@njit(error_model="numpy", cache=True)
def take(work: Workspace, board: Board, rows: FloatArray, moves: Moves, m: int) -> None:
    """Make the text after move `m` the current one."""
    adds_to = FACTORS + 3 + 2 * work.seen.shape[0]
    revise(work, board, moves, m)
    for i in range(work.here.shape[0]):
        if work.candidate[i] != work.here[i]:
            work.here[i] = work.candidate[i]
            compare(work.change, rows, board.start, board.live, work.here, i, i + 1, FACTORS, adds_to)


@njit(error_model="numpy", cache=True)
def begin(work: Workspace, board: Board, field: Field, outlook: Outlook, packages: IntArray, run: int) -> None:
    """Take a run's package as the current text."""
    for i in range(packages.shape[0]):
        work.here[i] = packages[i, run]
    load_run(work, outlook, run)
    adds_to = FACTORS + 3 + 2 * outlook.odds.shape[0]
    compare(work.change, field.rows[run], board.start, board.live, work.here, 0, packages.shape[0], FACTORS, adds_to)
