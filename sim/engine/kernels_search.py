"""The compiled search over revisions: from a text to the best one that single and linked revisions reach.

Each run climbs alone; the lanes are the candidates of one step, so no run waits for its neighbours and nothing that one
run does can touch another. Ties go to the first move in the order of the package space: nothing here draws.
"""

from typing import Final, NamedTuple

import numpy as np
from numba import njit

from sim.engine.kernels import LANES, Board, BoolArray, Field, FloatArray, IntArray, Outlook, uncounted
from sim.engine.kernels_score import NOT_TABLED, Aim, score_lanes
from sim.engine.kernels_slots import (
    Slots,
    appraise_slots,
    begin_slots,
    find_worth,
    make_lanes,
    make_room,
    make_slots,
    slot_of,
)
from sim.engine.kernels_text import (
    Lanes,
    Text,
    begin_text,
    conflicts,
    make_text,
    pair_conflicts,
    place_after,
    revise,
    take,
    weigh_revision,
    withdraw,
)
from sim.engine.space import Moves

_TOLERANCE: Final = 1e-12  # an improvement below rounding is none; otherwise a climb could circle
_MAX_STEPS: Final = 1000


class Tools(NamedTuple):
    """Scratch of a search, used run after run."""

    text: Text
    slots: Slots
    lanes: Lanes


@njit(error_model="numpy", cache=True)
def make_tools(board: Board, entries: int, linked: int) -> Tools:
    """Scratch of a search."""
    issues, options, words = board.start.shape[0] - 1, board.issue_of.shape[0], board.forbids.shape[1]
    return Tools(make_text(issues, options, words, entries), make_slots(board, entries, linked), make_lanes(entries))


@njit(error_model="numpy", inline="always")
def begin(tools: Tools, board: Board, field: Field, outlook: Outlook, packages: IntArray, run: int) -> None:
    """Take a run's package as the current text."""
    begin_text(tools.text, board, field, run, packages)
    begin_slots(tools.slots, outlook, run)
    if not board.conflict:  # worth is then the utility itself, discounted
        tools.slots.slope[:, 0] = outlook.discount[run]


@njit(error_model="numpy", inline="always")
def lay_singles(
    tools: Tools, board: Board, field: Field, outlook: Outlook, run: int, moves: Moves, move: int, lo: int, hi: int
) -> int:
    """Put the texts after one option each, flat options lo .. hi - 1, on the lanes; returns the next move to place.

    `moves` has one move per option that has any; lanes without one are out. Putting a current option in place is the
    text itself.
    """
    text, slots, lanes = tools.text, tools.slots, tools.lanes
    entries = text.utility.shape[0]
    for e in range(entries):
        utility, free = text.utility[e], text.free[e]
        for lane in range(LANES):
            lanes.utility[e, lane] = utility + text.gain[e, lo + lane]
            lanes.free[e, lane] = free * text.gain_free[e, lo + lane]
    own = slot_of(slots, board, text.place[0])
    for lane in range(LANES):
        lanes.slot[lane] = own
        lanes.out[lane] = True
    while move < moves.first.shape[0] and moves.first[move] < hi:
        first = moves.first[move]
        lane = first - lo
        lanes.move[lane] = move
        if not conflicts(text, board, first):
            lanes.out[lane] = False
            old = text.here[board.issue_of[first]]
            step = board.core_step[first] - board.core_step[old]
            if step != 0:
                lanes.slot[lane] = slot_of(slots, board, text.place[0] + step)
        else:
            count = revise(text, board, moves, move)
            if count >= 0:
                lanes.out[lane] = False
                weigh_revision(text, board, field, run, count, lanes.utility, lanes.free, lane)
                lanes.slot[lane] = slot_of(slots, board, place_after(text, board, count))
                withdraw(text, count)
        move += 1
    appraise_slots(slots, board, field, outlook, run)
    return move


@njit(error_model="numpy", inline="always")
def best_single(
    tools: Tools, board: Board, field: Field, outlook: Outlook, run: int, aim: Aim, moves: Moves
) -> tuple[float, int, float]:
    """The best single revision: (score, move); move -1 where none beats the text itself. Also the text's own score."""
    lanes, options = tools.lanes, board.issue_of.shape[0]
    best, own = -np.inf, np.nan
    chosen, move = -1, 0
    make_room(tools.slots, options)
    for lo in range(0, options, LANES):
        hi = min(options, lo + LANES)
        move = lay_singles(tools, board, field, outlook, run, moves, move, lo, hi)
        score_lanes(tools.slots, lanes, aim, board.conflict)
        here = tools.text.here[0] - lo
        if 0 <= here < hi - lo:
            own = lanes.score[here]
            best = max(best, own + _TOLERANCE * abs(own))
        for lane in range(hi - lo):
            if not lanes.out[lane] and lanes.score[lane] > best:
                best = lanes.score[lane]
                chosen = lanes.move[lane]
    return best, chosen, own


@njit(error_model="numpy", inline="always")
def lay_pairs(
    tools: Tools, board: Board, field: Field, outlook: Outlook, run: int, moves: Moves, m: int
) -> tuple[int, int]:
    """Fill the lanes with texts after linked revisions from the m-th on: (lanes filled, next move).

    Only those that change both issues (else it is a single revision, scored before) and carry nothing along.
    """
    text, slots, lanes = tools.text, tools.slots, tools.lanes
    here, after, issue_of = text.here, text.after, board.issue_of
    filled = 0
    lanes.slot[:] = 0
    while m < moves.first.shape[0] and filled < LANES:
        first, second = moves.first[m], moves.second[m]
        i, k = issue_of[first], issue_of[second]
        if here[i] != first and here[k] != second and not pair_conflicts(text, board, first, second):
            if board.tied[i, k]:
                after[i], after[k] = first, second
                text.changed[0], text.changed[1] = i, k
                weigh_revision(text, board, field, run, 2, lanes.utility, lanes.free, filled)
                after[i], after[k] = here[i], here[k]
            else:
                for e in range(text.utility.shape[0]):
                    lanes.utility[e, filled] = text.utility[e] + text.gain[e, first] + text.gain[e, second]
                    lanes.free[e, filled] = text.free[e] * text.gain_free[e, first] * text.gain_free[e, second]
            place = text.place[0] + board.core_step[first] + board.core_step[second]
            place -= board.core_step[here[i]] + board.core_step[here[k]]
            lanes.slot[filled] = slot_of(slots, board, place)
            lanes.move[filled] = m
            filled += 1
        m += 1
    appraise_slots(slots, board, field, outlook, run)
    return filled, m


@njit(error_model="numpy", inline="always")
def best_linked(
    tools: Tools, board: Board, field: Field, outlook: Outlook, run: int, aim: Aim, moves: Moves, best: float
) -> int:
    """The best revision of two linked issues that beats `best`, or -1."""
    lanes = tools.lanes
    chosen, m = -1, 0
    while m < moves.first.shape[0]:
        make_room(tools.slots, LANES)
        filled, m = lay_pairs(tools, board, field, outlook, run, moves, m)
        if filled > 0:
            score_lanes(tools.slots, lanes, aim, board.conflict)
        for lane in range(filled):
            if lanes.score[lane] > best:
                best = lanes.score[lane]
                chosen = lanes.move[lane]
    return chosen


@uncounted
def _climb(
    tools: Tools, board: Board, field: Field, outlook: Outlook, aim: Aim, single: Moves, linked: Moves,
    packages: IntArray, active: BoolArray, scores: FloatArray,
) -> None:  # fmt: skip
    text = tools.text
    for run in range(packages.shape[1]):
        if not active[run]:
            continue
        begin(tools, board, field, outlook, packages, run)
        own = NOT_TABLED
        for _step in range(_MAX_STEPS):
            best, chosen, own = best_single(tools, board, field, outlook, run, aim, single)
            moves = single
            if chosen < 0:
                moves = linked
                chosen = best_linked(tools, board, field, outlook, run, aim, linked, best)
            if chosen < 0:
                break
            take(text, board, field, run, moves, chosen, tools.lanes)
        scores[run] = own
        for i in range(packages.shape[0]):
            packages[i, run] = text.here[i]


def _permit(board: Board, packages: IntArray, active: BoolArray) -> None:
    if (board.combo_at[board.core_step[packages].sum(axis=0)][active] < 0).any():
        raise ValueError("a text holds options that the rules of the scenario do not let stand together")


def climb(
    board: Board, field: Field, outlook: Outlook, aim: Aim, single: Moves, linked: Moves,
    packages: IntArray, active: BoolArray, scores: FloatArray,
) -> None:  # fmt: skip
    """Climb from `packages` (issue, run), in place, in the runs `active` (run,); `scores` (run,) at its end.

    One issue at a time to the best improvement; two linked issues where no single revision improves; until neither
    does. Raises ValueError for a package that the rules forbid.
    """
    _permit(board, packages, active)
    tools = make_tools(board, aim.weight.shape[0], linked.first.shape[0])
    _climb(tools, board, field, outlook, aim, single, linked, packages, active, scores)


@uncounted
def _best_changes(
    tools: Tools, board: Board, field: Field, outlook: Outlook, single: Moves,
    packages: IntArray, short: BoolArray, issue_named: IntArray, worth_then: FloatArray,
) -> None:  # fmt: skip
    entries, options = short.shape[0], board.issue_of.shape[0]
    lanes = tools.lanes
    for run in range(packages.shape[1]):
        wanted = False
        for e in range(entries):
            wanted = wanted or short[e, run]
            worth_then[e, run] = -np.inf if short[e, run] else worth_then[e, run]
        if not wanted:
            continue
        begin(tools, board, field, outlook, packages, run)
        move = 0
        for lo in range(0, options, LANES):
            hi = min(options, lo + LANES)
            move = lay_singles(tools, board, field, outlook, run, single, move, lo, hi)
            here = tools.text.here[0] - lo
            for e in range(entries):
                if not short[e, run]:
                    continue
                find_worth(tools.slots, lanes, e)
                own = lanes.worth[e, here] if 0 <= here < hi - lo else -np.inf
                if own + _TOLERANCE >= worth_then[e, run]:
                    worth_then[e, run] = own + _TOLERANCE
                    issue_named[e, run] = -1
                for lane in range(hi - lo):
                    worth = lanes.worth[e, lane]
                    if not lanes.out[lane] and lanes.free[e, lane] > 0.5 and worth > worth_then[e, run]:
                        worth_then[e, run] = worth
                        issue_named[e, run] = board.issue_of[lo + lane]


def best_changes(
    board: Board, field: Field, outlook: Outlook, single: Moves,
    packages: IntArray, short: BoolArray, issue_named: IntArray, worth_then: FloatArray,
) -> None:  # fmt: skip
    """The issue whose best single change raises an entry's worth most, in the runs where the entry falls short.

    `packages` (issue, run), `short` (entry, run). Writes `issue_named` (entry, run), -1 where no single change that
    crosses none of its red lines raises its worth, and `worth_then` (entry, run), its worth after that change. Raises
    ValueError for a package that the rules forbid.
    """
    _permit(board, packages, np.asarray(short.any(axis=0)))
    tools = make_tools(board, short.shape[0], 0)
    _best_changes(tools, board, field, outlook, single, packages, short, issue_named, worth_then)
