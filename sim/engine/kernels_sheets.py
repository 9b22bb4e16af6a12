"""The compiled rules of revision: which revisions a text permits, and what each carries along.

That depends on what the text holds on few issues (its *state*: those that rules, links between issues or linked
revisions bind) and on no number of any run, so it is worked out once for each state met and kept on a sheet.
"""

from typing import Final, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.engine.kernels import LANES, Board, BoolArray, FloatArray, IntArray, WordArray, uncounted
from sim.engine.kernels_stage import Stages
from sim.engine.space import Moves

ShortArray = NDArray[np.uint32]  # unsigned, so that an index needs no check for counting from the end
SHEETS: Final = 4096  # states kept; a later one takes the place of an earlier one
OUT: Final = -1  # line of a revision that the rules do not permit
# Columns of `Sheets.lengths`.
SINGLES, LINES, CARRIES, FIXES, PAIRS, PAIR_LINES, PAIR_FIXES = range(7)
COLUMNS: Final = 7


class Sheets(NamedTuple):
    """Sheets of states, and the scratch to fill one. Options are flat; lanes of singles are the options themselves."""

    single: Moves
    linked: Moves
    step: IntArray  # (option,) what an option adds to the state beside its joint choice
    states: int  # states beside a joint choice
    state: IntArray  # (sheet,) state whose sheet it is, or -1
    move: IntArray  # (option,) single revision that puts the option in place, or -1
    lengths: NDArray[np.int32]  # (sheet, column) how many of each of the lists below
    open: FloatArray  # (sheet, lane) 1 where the rules permit the option in place, else nan
    single_lane: ShortArray  # (sheet, n) lanes that are open
    single_line: ShortArray  # (sheet, n) line of the text with the option put in place
    lines: ShortArray  # (sheet, n) lines of singles, each once
    carry_lane: ShortArray  # (sheet, n) in the order of lanes
    carry: ShortArray  # (sheet, n) flat option that the single revision carries along
    fix_lane: ShortArray  # (sheet, n)
    fix: NDArray[np.int32]  # (sheet, n, 2) tie and how often it is to be counted beyond the changes one by one
    pair_line: ShortArray  # (sheet, pair) permitted linked revisions, in order
    pair_first: ShortArray  # (sheet, pair) flat option
    pair_second: ShortArray  # (sheet, pair) flat option
    pair_lines: ShortArray  # (sheet, n) lines of pairs that are none of `lines`, each once
    pair_fix_lane: ShortArray  # (sheet, n) pair
    pair_fix: NDArray[np.int32]  # (sheet, n, 2)
    met: BoolArray  # (line,) scratch: lines already listed
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
def _fix(
    sheets: Sheets, board: Board, here: IntArray, lanes: ShortArray, fixes: NDArray[np.int32], at: int, lane: int
) -> int:
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
            lanes[at], fixes[at, 0], fixes[at, 1] = lane, t, times
            at += 1
    return at


@uncounted
def _list(met: BoolArray, lines: ShortArray, at: int, line: int) -> int:
    """List a line that is not yet listed; the number of lines listed."""
    if not met[line]:
        met[line] = True
        lines[at] = line
        at += 1
    return at


@uncounted
def _line_after(sheets: Sheets, board: Board, stages: Stages) -> int:
    place = 0
    for i in range(sheets.after.shape[0]):
        place += board.core_step[sheets.after[i]]
    combo = board.combo_at[place]
    return OUT if combo < 0 else stages.line_of[combo]


@uncounted
def _fill(sheets: Sheets, board: Board, stages: Stages, here: IntArray, sheet: int) -> None:
    """Work out the sheet of the text `here` (issue,)."""
    _withdraw(sheets, board, here)
    for line in range(sheets.met.shape[0]):
        sheets.met[line] = False
    singles, listed, carried, fixed = 0, 0, 0, 0
    for option in range(board.issue_of.shape[0]):
        sheets.open[sheet, option] = np.nan
        if sheets.move[option] < 0:
            continue
        count = _revise(sheets, board, here, sheets.move[option])
        line = _line_after(sheets, board, stages)
        if count >= 0 and line != OUT:
            sheets.open[sheet, option] = 1.0
            sheets.single_lane[sheet, singles], sheets.single_line[sheet, singles] = option, line
            singles += 1
            listed = _list(sheets.met, sheets.lines[sheet], listed, line)
            for n in range(1, count):
                sheets.carry_lane[sheet, carried] = option
                sheets.carry[sheet, carried] = sheets.after[sheets.changed[n]]
                carried += 1
            fixed = _fix(sheets, board, here, sheets.fix_lane[sheet], sheets.fix[sheet], fixed, option)
        _withdraw(sheets, board, here)
    counts = sheets.lengths[sheet]
    counts[SINGLES], counts[LINES], counts[CARRIES], counts[FIXES] = singles, listed, carried, fixed
    pairs, listed, fixed = 0, 0, 0
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
        line = _line_after(sheets, board, stages)
        if not clash and line != OUT:
            sheets.pair_first[sheet, pairs], sheets.pair_second[sheet, pairs] = first, second
            sheets.pair_line[sheet, pairs] = line
            listed = _list(sheets.met, sheets.pair_lines[sheet], listed, line)
            fixed = _fix(sheets, board, here, sheets.pair_fix_lane[sheet], sheets.pair_fix[sheet], fixed, pairs)
            pairs += 1
        _withdraw(sheets, board, here)
    counts[PAIRS], counts[PAIR_LINES], counts[PAIR_FIXES] = pairs, listed, fixed


@njit(error_model="numpy", inline="always")
def sheet_of(sheets: Sheets, board: Board, stages: Stages, here: IntArray) -> int:
    """The sheet of a text (issue,) that the rules permit."""
    place, beside = 0, 0
    for i in range(here.shape[0]):
        place += board.core_step[here[i]]
        beside += sheets.step[here[i]]
    state = board.combo_at[place] * sheets.states + beside
    sheet = state % sheets.state.shape[0]
    if sheets.state[sheet] != state:
        _fill(sheets, board, stages, here, sheet)
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


def make_sheets(board: Board, stages: Stages, single: Moves, linked: Moves) -> Sheets:
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

    def short(*shape: int) -> ShortArray:
        return np.zeros((sheets, *shape), dtype=np.uint32)

    carries, width = len(single.carried_issue) + 1, -(-options // LANES) * LANES
    return Sheets(
        single=single,
        linked=linked,
        step=step,
        states=states,
        state=np.full(sheets, -1),
        move=move,
        lengths=np.zeros((sheets, COLUMNS), dtype=np.int32),
        open=np.full((sheets, width), np.nan),
        single_lane=short(options),
        single_line=short(options),
        lines=short(options),
        carry_lane=short(carries),
        carry=short(carries),
        fix_lane=short(fixes + 1),
        fix=np.zeros((sheets, fixes + 1, 2), dtype=np.int32),
        pair_line=short(pairs),
        pair_first=short(pairs),
        pair_second=short(pairs),
        pair_lines=short(pairs),
        pair_fix_lane=short(pair_fixes + 1),
        pair_fix=np.zeros((sheets, pair_fixes + 1, 2), dtype=np.int32),
        met=np.zeros(max(stages.lines, 1), dtype=np.bool_),
        after=np.zeros(issues, dtype=np.int64),
        changed=np.zeros(issues, dtype=np.int64),
        words=np.zeros(board.forbids.shape[1], dtype=np.uint64),
    )
