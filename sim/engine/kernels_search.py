"""The compiled search over revisions: from a text to the best one that single and linked revisions reach.

Each run climbs alone; the lanes are the candidates of one step, so no run waits for its neighbours and nothing that one
run does can touch another. Ties go to the first move in the order of the package space: nothing here draws.
"""

from typing import Final

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
from sim.engine.kernels_score import NOT_TABLED, Aim, score_lanes, worth_entry
from sim.engine.kernels_text import (
    Workspace,
    begin,
    clashes,
    column,
    fill_pairs,
    fill_single,
    revise,
    stand_on,
    switch_links,
    switch_pair_links,
    take,
    workspace,
)
from sim.engine.space import Moves

_TOLERANCE: Final = 1e-12  # an improvement below rounding is none; otherwise a climb could circle
_MAX_STEPS: Final = 1000


@njit(error_model="numpy", cache=True)
def share_stage(work: Workspace, conflict: bool) -> None:
    """What all parties share of the candidates on the lanes."""
    if conflict:
        settle(work.sums, work.term, work.ground, work.settled)
        outlast(work.sums, work.term, work.base, work.ground, work.lasting)


@njit(error_model="numpy", cache=True)
def fill_singles(
    work: Workspace,
    board: Board,
    link_value: FloatArray,
    link_row: IntArray,
    outlook: Outlook,
    moves: Moves,
    move: int,
    lo: int,
    hi: int,
) -> int:
    """Put the texts after one option each, flat options lo .. hi - 1, on the lanes; returns the next move to place.

    `moves` has one move per option that has any; lanes without one are excluded. Putting a current option in place is
    the text itself.
    """
    entries = outlook.odds.shape[0]
    fill_single(work.sums, work.total, work.change, lo, FACTORS, FACTORS + 3 + 2 * entries)
    switch_links(work, board, link_value, link_row, lo, hi)
    excluded, kept, here = work.excluded, work.kept, work.here
    if board.term_issue >= 0:
        term, base = board.term[here[board.term_issue]], outlook.base[board.treaty[here[board.term_issue]]]
        for lane in range(LANES):
            work.term[lane] = term
            work.base[lane] = base
        for option in range(max(lo, board.start[board.term_issue]), min(hi, board.start[board.term_issue + 1])):
            work.term[option - lo] = board.term[option]
            work.base[option - lo] = outlook.base[board.treaty[option]]
    for lane in range(hi - lo):
        excluded[lane] = True
    while move < moves.first.shape[0] and moves.first[move] < hi:
        first = moves.first[move]
        lane = first - lo
        kept[lane] = move
        excluded[lane] = False
        for c in range(moves.carried_from[move], moves.carried_from[move + 1]):
            if board.forbidden[first, here[moves.carried_issue[c]]]:
                excluded[lane] = revise(work, board, moves, move) < 0
                if not excluded[lane]:
                    column(work, board, link_value, link_row, outlook, lane)
                break
        move += 1
    return move


@njit(error_model="numpy", cache=True)
def best_single(
    work: Workspace,
    board: Board,
    link_value: FloatArray,
    link_row: IntArray,
    outlook: Outlook,
    run: int,
    aim: Aim,
    moves: Moves,
) -> tuple[float, int, float]:
    """The best single revision: (score, move); move -1 where none beats the text itself. Also the text's own score."""
    options = board.issue_of.shape[0]
    best, own = -np.inf, np.nan
    chosen, move = -1, 0
    for lo in range(0, options, LANES):
        hi = min(options, lo + LANES)
        move = fill_singles(work, board, link_value, link_row, outlook, moves, move, lo, hi)
        score_all(work, board, outlook, run, aim)
        here = work.here[0] - lo
        if 0 <= here < hi - lo:
            own = work.score[here]
            best = max(best, own + _TOLERANCE * abs(own))
        for lane in range(hi - lo):
            if not work.excluded[lane] and work.score[lane] > best:
                best = work.score[lane]
                chosen = work.kept[lane]
    return best, chosen, own


@njit(error_model="numpy", cache=True)
def score_all(work: Workspace, board: Board, outlook: Outlook, run: int, aim: Aim) -> None:
    """Scores of the candidates on the lanes."""
    share_stage(work, board.conflict)
    score_lanes(
        work.sums, work.settled, work.lasting, work.seen, outlook.discount[run], board.conflict, aim,
        work.worth, work.value, work.counted, work.score,
    )  # fmt: skip


@njit(error_model="numpy", cache=True)
def score_pairs(
    work: Workspace,
    board: Board,
    link_value: FloatArray,
    link_row: IntArray,
    outlook: Outlook,
    run: int,
    aim: Aim,
    moves: Moves,
    lanes: int,
) -> None:
    """Score the pair moves in `work.kept`."""
    entries = outlook.odds.shape[0]
    fill_pairs(work, moves, lanes, FACTORS, FACTORS + 3 + 2 * entries)
    switch_pair_links(work, board, link_value, link_row, moves, lanes)
    for lane in range(lanes):
        m = work.kept[lane]
        first, second = moves.first[m], moves.second[m]
        if board.term_issue >= 0:
            option = work.here[board.term_issue]
            option = first if board.issue_of[first] == board.term_issue else option
            option = second if board.issue_of[second] == board.term_issue else option
            work.term[lane] = board.term[option]
            work.base[lane] = outlook.base[board.treaty[option]]
    score_all(work, board, outlook, run, aim)


@njit(error_model="numpy", cache=True)
def best_linked(
    work: Workspace,
    board: Board,
    link_value: FloatArray,
    link_row: IntArray,
    outlook: Outlook,
    run: int,
    aim: Aim,
    moves: Moves,
    best: float,
) -> int:
    """The best revision of two linked issues that beats `best`, or -1."""
    chosen, lanes = -1, 0
    last = moves.first.shape[0] - 1
    for m in range(moves.first.shape[0]):
        first, second = moves.first[m], moves.second[m]
        # With one of the two already in place this is a single revision, scored before.
        new = work.here[board.issue_of[first]] != first and work.here[board.issue_of[second]] != second
        if new and not clashes(work.here, board.forbidden, moves, m):
            work.kept[lanes] = m
            lanes += 1
        if lanes == LANES or (lanes > 0 and m == last):
            score_pairs(work, board, link_value, link_row, outlook, run, aim, moves, lanes)
            for lane in range(lanes):
                if work.score[lane] > best:
                    best = work.score[lane]
                    chosen = work.kept[lane]
            lanes = 0
    return chosen


@njit(error_model="numpy", cache=True)
def climb(
    board: Board,
    field: Field,
    outlook: Outlook,
    aim: Aim,
    single: Moves,
    linked: Moves,
    packages: IntArray,
    active: BoolArray,
    scores: FloatArray,
) -> None:
    """Climb from `packages` (issue, run), in place, where `active` (run,) holds; `scores` (run,) gets the end's.

    One issue at a time to the best improvement; two linked ones where no single revision improves; until neither does.
    """
    options, row_count = field.rows.shape[2], field.rows.shape[1]
    work = workspace(packages.shape[0], options, row_count, aim.weight.shape[0], board.link_first.shape[0])
    for run in range(packages.shape[1]):
        if not active[run]:
            continue
        rows, link_value = field.rows[run], field.link_value[run]
        begin(work, board, field, outlook, packages, run)
        own = NOT_TABLED
        for _step in range(_MAX_STEPS):
            stand_on(work, board, rows, link_value, field.link_row)
            best, chosen, own = best_single(work, board, link_value, field.link_row, outlook, run, aim, single)
            if chosen >= 0:
                take(work, board, rows, single, chosen)
                continue
            chosen = best_linked(work, board, link_value, field.link_row, outlook, run, aim, linked, best)
            if chosen < 0:
                break
            take(work, board, rows, linked, chosen)
        scores[run] = own
        for i in range(packages.shape[0]):
            packages[i, run] = work.here[i]


@njit(error_model="numpy", cache=True)
def best_changes(
    board: Board,
    field: Field,
    outlook: Outlook,
    single: Moves,
    packages: IntArray,
    short: BoolArray,
    issue_named: IntArray,
    worth_then: FloatArray,
) -> None:
    """The issue whose best single change raises an entry's worth most, in the runs where the entry falls short.

    `packages` (issue, run), `short` (entry, run). Writes `issue_named` (entry, run), -1 where no single change that
    crosses none of its red lines raises its worth, and `worth_then` (entry, run), its worth after that change.
    """
    entries, options = short.shape[0], field.rows.shape[2]
    clear = EFFECT_CHANNELS + 2 * entries
    work = workspace(packages.shape[0], options, field.rows.shape[1], entries, board.link_first.shape[0])
    for run in range(packages.shape[1]):
        if not short[:, run].any():
            continue
        link_value = field.link_value[run]
        begin(work, board, field, outlook, packages, run)
        stand_on(work, board, field.rows[run], link_value, field.link_row)
        move = 0
        for e in range(entries):
            worth_then[e, run] = -np.inf
        for lo in range(0, options, LANES):
            hi = min(options, lo + LANES)
            move = fill_singles(work, board, link_value, field.link_row, outlook, single, move, lo, hi)
            share_stage(work, board.conflict)
            for e in range(entries):
                if not short[e, run]:
                    continue
                worth = work.worth[e]
                worth_entry(
                    work.sums, work.settled, work.lasting, work.seen[e], outlook.discount[run], board.conflict, e, worth
                )
                here = work.here[0] - lo
                if 0 <= here < hi - lo and worth[here] + _TOLERANCE >= worth_then[e, run]:
                    worth_then[e, run] = worth[here] + _TOLERANCE
                    issue_named[e, run] = -1
                place = (clear + e) * LANES
                for lane in range(hi - lo):
                    if not work.excluded[lane] and work.sums[place + lane] > 0.5 and worth[lane] > worth_then[e, run]:
                        worth_then[e, run] = worth[lane]
                        issue_named[e, run] = board.issue_of[lo + lane]
