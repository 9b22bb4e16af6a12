"""The compiled rules of revision: which revisions a text permits, and what each carries along.

That depends on what the text holds on few issues (its *state*: those that rules, links between issues or linked
revisions bind) and on no number of any run, so it is worked out once for each state met and kept on a sheet.
"""

from typing import Final, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.engine.kernels import Board, IntArray, WordArray, uncounted
from sim.engine.kernels_stage import Layout
from sim.engine.space import Moves

ShortArray = NDArray[np.int32]
SHEETS: Final = 4096  # states kept; a later one takes the place of an earlier one
OUT: Final = -1  # line of a revision that the rules do not permit


class Sheets(NamedTuple):
    """Sheets of states, and the scratch to fill one. Options are flat; lanes of singles are the options themselves."""

    single: Moves
    linked: Moves
    step: IntArray  # (option,) what an option adds to the state beside its joint choice
    states: int  # states beside a joint choice
    state: IntArray  # (sheet,) state whose sheet it is, or -1
    line: ShortArray  # (sheet, option) line of the text with the option put in place, or OUT
    move: IntArray  # (option,) single revision that puts the option in place, or -1
    carries_from: ShortArray  # (sheet, option + 1) where what a single revision carries along starts
    carries: ShortArray  # (sheet, carry) flat options
    fixes_from: ShortArray  # (sheet, option + 1) where its fixes start
    fixes: ShortArray  # (sheet, fix, 2) tie and how often it is to be counted beyond the changes one by one
    pair_line: ShortArray  # (sheet, pair)
    pair: ShortArray  # (sheet, pair, 3) both options and the linked revision
    pair_fixes_from: ShortArray  # (sheet, pair + 1)
    pair_fixes: ShortArray  # (sheet, fix, 2)
    pairs: IntArray  # (sheet,) linked revisions that the rules permit
    after: IntArray  # (issue,) scratch: the revised text
    changed: IntArray  # (issue,) scratch: issues changed
    words: WordArray  # (word,) scratch: the revised text as a set of bits


@uncounted
def _put(sheets: Sheets, board: Board, option: int, count: int) -> int:
    """Put an option into the revised text; the number of issues changed so far."""
    issue = board.issue_of[option]
    old = sheets.after[issue]
    if old == option:
        return count
    sheets.words[old >> 6] &= ~board.bit[old]
    sheets.words[option >> 6] |= board.bit[option]
    sheets.after[issue] = option
    sheets.changed[count] = issue
    return count + 1


@uncounted
def _revise(sheets: Sheets, board: Board, here: IntArray, m: int) -> int:
    """Put the text after single revision `m` into `sheets.after`; the number of issues changed, -1 on a clash.

    What the option put in place forbids is carried along, each issue to its first permitted option.
    """
    moves = sheets.single
    first = moves.first[m]
    count = _put(sheets, board, first, 0)
    for c in range(moves.carried_from[m], moves.carried_from[m + 1]):
        if board.forbidden[first, sheets.after[moves.carried_issue[c]]]:
            count = _put(sheets, board, moves.carried_option[c], count)
    for n in range(count):
        option = sheets.after[sheets.changed[n]]
        for w in range(sheets.words.shape[0]):
            if board.forbids[option, w] & sheets.words[w]:
                return -1
    return count


@uncounted
def _withdraw(sheets: Sheets, board: Board, here: IntArray) -> None:
    """Take a revision back."""
    sheets.words[:] = 0
    for i in range(here.shape[0]):
        option = here[i]
        sheets.after[i] = option
        sheets.words[option >> 6] |= board.bit[option]


@uncounted
def _fix(sheets: Sheets, board: Board, here: IntArray, fixes: ShortArray, at: int) -> int:
    """Note the ties that two changes of a revision switch together; the number of fixes noted in all.

    The gains of single changes count a tie as if its other end stood still.
    """
    after = sheets.after
    for t in range(board.ties.shape[0]):
        first, second = board.link_first[board.ties[t]], board.link_second[board.ties[t]]
        i, k = board.issue_of[first], board.issue_of[second]
        if after[i] == here[i] or after[k] == here[k]:
            continue
        was, now = here[i] == first and here[k] == second, after[i] == first and after[k] == second
        alone = int(after[i] == first and here[k] == second) + int(here[i] == first and after[k] == second)
        times = int(now) - alone + int(was)
        if times != 0:
            fixes[at, 0], fixes[at, 1] = t, times
            at += 1
    return at


@uncounted
def _line_after(sheets: Sheets, board: Board, layout: Layout) -> int:
    place = 0
    for i in range(sheets.after.shape[0]):
        place += board.core_step[sheets.after[i]]
    combo = board.combo_at[place]
    return OUT if combo < 0 else layout.line_of[combo]


@uncounted
def _fill(sheets: Sheets, board: Board, layout: Layout, here: IntArray, sheet: int) -> None:
    """Work out the sheet of the text `here` (issue,)."""
    _withdraw(sheets, board, here)
    carried, fixed = 0, 0
    for option in range(board.issue_of.shape[0]):
        sheets.carries_from[sheet, option], sheets.fixes_from[sheet, option] = carried, fixed
        sheets.line[sheet, option] = OUT
        if sheets.move[option] < 0:
            continue
        count = _revise(sheets, board, here, sheets.move[option])
        if count >= 0:
            sheets.line[sheet, option] = _line_after(sheets, board, layout)
            for n in range(1, count):
                sheets.carries[sheet, carried] = sheets.after[sheets.changed[n]]
                carried += 1
            fixed = _fix(sheets, board, here, sheets.fixes[sheet], fixed)
        _withdraw(sheets, board, here)
    sheets.carries_from[sheet, board.issue_of.shape[0]] = carried
    sheets.fixes_from[sheet, board.issue_of.shape[0]] = fixed
    pairs, fixed = 0, 0
    for m in range(sheets.linked.first.shape[0]):
        first, second = sheets.linked.first[m], sheets.linked.second[m]
        i, k = board.issue_of[first], board.issue_of[second]
        if here[i] == first or here[k] == second:  # a single revision, or none
            continue
        _put(sheets, board, first, 0)
        _put(sheets, board, second, 1)
        clash = False
        for w in range(sheets.words.shape[0]):
            clash = clash or ((board.forbids[first, w] | board.forbids[second, w]) & sheets.words[w]) != 0
        if not clash:
            sheets.pair[sheet, pairs, 0], sheets.pair[sheet, pairs, 1], sheets.pair[sheet, pairs, 2] = first, second, m
            sheets.pair_line[sheet, pairs] = _line_after(sheets, board, layout)
            sheets.pair_fixes_from[sheet, pairs] = fixed
            fixed = _fix(sheets, board, here, sheets.pair_fixes[sheet], fixed)
            pairs += 1
        _withdraw(sheets, board, here)
    sheets.pair_fixes_from[sheet, pairs] = fixed
    sheets.pairs[sheet] = pairs


@uncounted
def sheet_of(sheets: Sheets, board: Board, layout: Layout, here: IntArray) -> int:
    """The sheet of a text (issue,) that the rules permit."""
    place, beside = 0, 0
    for i in range(here.shape[0]):
        place += board.core_step[here[i]]
        beside += sheets.step[here[i]]
    state = board.combo_at[place] * sheets.states + beside
    sheet = state % sheets.state.shape[0]
    if sheets.state[sheet] != state:
        _fill(sheets, board, layout, here, sheet)
        sheets.state[sheet] = state
    return int(sheet)


@njit(error_model="numpy", cache=True)
def _most_fixes(board: Board, issues: IntArray) -> int:
    """How many ties can have both ends among the issues."""
    count = 0
    for t in range(board.ties.shape[0]):
        i = board.issue_of[board.link_first[board.ties[t]]]
        k = board.issue_of[board.link_second[board.ties[t]]]
        count += int((issues == i).any() and (issues == k).any())
    return count


def make_sheets(board: Board, single: Moves, linked: Moves) -> Sheets:
    """No state met yet."""
    issues, options = len(board.start) - 1, len(board.issue_of)
    bound = {int(issue) for issue in board.issue_of[np.flatnonzero(board.forbidden.any(axis=1))]}
    bound |= {int(board.issue_of[option]) for ends in (linked.first, linked.second) for option in ends}
    step, states = np.zeros(options, dtype=np.int64), 1
    for issue in sorted(bound - {int(core) for core in board.core}):
        places = np.arange(board.start[issue], board.start[issue + 1])
        step[places] = np.arange(len(places)) * states
        states *= len(places)
    move = np.full(options, -1)
    move[single.first] = np.arange(len(single.first))
    fixes = sum(
        _most_fixes(board, np.append(single.carried_issue[lo:hi], board.issue_of[first]))
        for first, lo, hi in zip(single.first, single.carried_from[:-1], single.carried_from[1:], strict=True)
    )
    pair_fixes = sum(
        _most_fixes(board, board.issue_of[np.asarray(ends)]) for ends in zip(linked.first, linked.second, strict=True)
    )
    pairs = len(linked.first)
    sheets = min(SHEETS, len(board.combo_at) * states)
    return Sheets(
        single=single,
        linked=linked,
        step=step,
        states=states,
        state=np.full(sheets, -1),
        line=np.zeros((sheets, options), dtype=np.int32),
        move=move,
        carries_from=np.zeros((sheets, options + 1), dtype=np.int32),
        carries=np.zeros((sheets, len(single.carried_issue) + 1), dtype=np.int32),
        fixes_from=np.zeros((sheets, options + 1), dtype=np.int32),
        fixes=np.zeros((sheets, fixes + 1, 2), dtype=np.int32),
        pair_line=np.zeros((sheets, pairs), dtype=np.int32),
        pair=np.zeros((sheets, pairs, 3), dtype=np.int32),
        pair_fixes_from=np.zeros((sheets, pairs + 1), dtype=np.int32),
        pair_fixes=np.zeros((sheets, pair_fixes + 1, 2), dtype=np.int32),
        pairs=np.zeros(sheets, dtype=np.int64),
        after=np.zeros(issues, dtype=np.int64),
        changed=np.zeros(issues, dtype=np.int64),
        words=np.zeros(board.forbids.shape[1], dtype=np.uint64),
    )
