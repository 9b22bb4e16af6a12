"""The compiled text of a search: its options, what single changes gain, and what a revision carries along."""

from typing import NamedTuple

import numpy as np
from numba import njit

from sim.engine.kernels import (
    EFFECT_CHANNELS,
    LANES,
    Board,
    BoolArray,
    Field,
    FloatArray,
    IntArray,
    WordArray,
    uncounted,
)
from sim.engine.space import Moves


class Lanes(NamedTuple):
    """Candidates of one step. Flat rows have a stride of LANES."""

    utility: FloatArray  # (entry, LANES)
    free: FloatArray  # (entry, LANES) chance that no red line is crossed
    worth: FloatArray  # (entry, LANES)
    value: FloatArray  # (entry, LANES) terms of an objective
    share: FloatArray  # (LANES,) share of the conflict settled
    counted: FloatArray  # (LANES,)
    score: FloatArray  # (LANES,)
    slot: IntArray  # (LANES,)
    move: IntArray  # (LANES,)
    out: BoolArray  # (LANES,) no candidate


class Text(NamedTuple):
    """The current text of one run, and what its single changes bring. `width`: options up to whole tiles of lanes."""

    here: IntArray  # (issue,) flat options
    words: WordArray  # (word,) the same as a set of bits
    plain: FloatArray  # (entry, width) utility of an option less that of its issue's current one
    gain: FloatArray  # (entry, width) the same with the links that the change switches
    plain_free: FloatArray  # (entry, width) the same as factors on the chance that no red line is crossed
    gain_free: FloatArray  # (entry, width)
    utility: FloatArray  # (entry,) of the text
    free: FloatArray  # (entry,)
    after: IntArray  # (issue,) the revised text; equal to `here` between revisions
    words_after: WordArray  # (word,)
    changed: IntArray  # (issue,) issues that a revision changes
    place: IntArray  # (1,) of the text's joint choice of the core


@njit(error_model="numpy", cache=True)
def make_text(issues: int, options: int, words: int, entries: int) -> Text:
    """An empty text."""
    width = (options + LANES - 1) // LANES * LANES
    return Text(
        np.zeros(issues, dtype=np.int64),
        np.zeros(words, dtype=np.uint64),
        np.zeros((entries, width)),
        np.zeros((entries, width)),
        np.ones((entries, width)),
        np.ones((entries, width)),
        np.zeros(entries),
        np.zeros(entries),
        np.zeros(issues, dtype=np.int64),
        np.zeros(words, dtype=np.uint64),
        np.zeros(issues, dtype=np.int64),
        np.zeros(1, dtype=np.int64),
    )


@uncounted
def _compare(text: Text, board: Board, field: Field, run: int, lo: int, hi: int) -> None:
    """What each option of issues lo .. hi - 1 brings beside the current one, links left out."""
    entries = text.utility.shape[0]
    rows, here, start, live = field.rows, text.here, board.start, board.live
    for e in range(entries):
        row = EFFECT_CHANNELS + 2 * e + 1
        free = EFFECT_CHANNELS + 2 * entries + e
        for i in range(lo, hi):
            base = rows[run, row, here[i]]
            for option in range(start[i], start[i + 1]):
                text.plain[e, option] = rows[run, row, option] - base
            if live[free, i]:
                inverse = 1.0 / rows[run, free, here[i]]
                for option in range(start[i], start[i + 1]):
                    text.plain_free[e, option] = rows[run, free, option] * inverse


@uncounted
def _undo(gain: FloatArray, e: int, lo: int, hi: int, kept: int, adds: bool, value: float) -> None:
    """Take a link away from the single changes lo .. hi - 1 of an entry, but for the option kept."""
    before = gain[e, kept]
    for option in range(lo, hi):
        gain[e, option] = gain[e, option] - value if adds else gain[e, option] / value
    gain[e, kept] = before


@uncounted
def look_round(text: Text, board: Board, field: Field, run: int) -> None:
    """Work out what single changes of the text gain, links included."""
    entries, width = text.plain.shape
    here, issue_of, start = text.here, board.issue_of, board.start
    for e in range(entries):
        for option in range(width):
            text.gain[e, option] = text.plain[e, option]
            text.gain_free[e, option] = text.plain_free[e, option]
    for t in range(board.ties.shape[0]):
        first, second = board.link_first[board.ties[t]], board.link_second[board.ties[t]]
        i, k = issue_of[first], issue_of[second]
        one, other = here[i] == first, here[k] == second
        if not (one or other):
            continue
        e, value = board.tie_entry[t], field.link_value[run, board.ties[t]]
        if one and other:
            gain = text.gain if board.tie_adds[t] else text.gain_free
            _undo(gain, e, start[i], start[i + 1], first, board.tie_adds[t], value)
            _undo(gain, e, start[k], start[k + 1], second, board.tie_adds[t], value)
        elif board.tie_adds[t]:
            text.gain[e, second if one else first] += value
        else:
            text.gain_free[e, second if one else first] *= value


@uncounted
def begin_text(text: Text, board: Board, field: Field, run: int, packages: IntArray) -> None:
    """Take a run's package as the current text."""
    entries = text.utility.shape[0]
    text.words[:] = 0
    text.place[0] = 0
    for i in range(packages.shape[0]):
        option = packages[i, run]
        text.here[i] = option
        text.after[i] = option
        text.place[0] += board.core_step[option]
        text.words[option >> 6] |= board.bit[option]
    _compare(text, board, field, run, 0, packages.shape[0])
    for e in range(entries):
        utility, free = 0.0, 1.0
        for i in range(packages.shape[0]):
            utility += field.rows[run, EFFECT_CHANNELS + 2 * e + 1, text.here[i]]
            free *= field.rows[run, EFFECT_CHANNELS + 2 * entries + e, text.here[i]]
        text.utility[e], text.free[e] = utility, free
    for t in range(board.ties.shape[0]):
        r = board.ties[t]
        first, second, value = board.link_first[r], board.link_second[r], field.link_value[run, r]
        if text.here[board.issue_of[first]] == first and text.here[board.issue_of[second]] == second:
            if board.tie_adds[t]:
                text.utility[board.tie_entry[t]] += value
            else:
                text.free[board.tie_entry[t]] *= value
    look_round(text, board, field, run)


@njit(error_model="numpy", inline="always")
def conflicts(text: Text, board: Board, option: int) -> bool:
    """Whether an option is forbidden beside the text."""
    clash = False
    for w in range(text.words.shape[0]):
        clash = clash or (board.forbids[option, w] & text.words[w]) != 0
    return clash


@njit(error_model="numpy", inline="always")
def pair_conflicts(text: Text, board: Board, first: int, second: int) -> bool:
    """Whether what two options leave of the text is forbidden beside them."""
    one, other = text.here[board.issue_of[first]], text.here[board.issue_of[second]]
    for w in range(text.words.shape[0]):
        kept = text.words[w]
        if one >> 6 == w:
            kept &= ~board.bit[one]
        if other >> 6 == w:
            kept &= ~board.bit[other]
        if (board.forbids[first, w] | board.forbids[second, w]) & kept:
            return True
    return False


@njit(error_model="numpy", inline="always")
def _put(text: Text, board: Board, option: int, count: int) -> int:
    """Put an option into the revised text; the number of issues changed so far."""
    issue = board.issue_of[option]
    old = text.after[issue]
    if old == option:
        return count
    text.words_after[old >> 6] &= ~board.bit[old]
    text.words_after[option >> 6] |= board.bit[option]
    text.after[issue] = option
    text.changed[count] = issue
    return count + 1


@njit(error_model="numpy", inline="always")
def revise(text: Text, board: Board, moves: Moves, m: int) -> int:
    """Put the text after move `m` into `text.after`; the number of issues changed, -1 on a clash.

    What the options put in place forbid is carried along, each issue to its first permitted option. `withdraw` must
    follow, also after a clash.
    """
    first, second = moves.first[m], moves.second[m]
    for w in range(text.words.shape[0]):
        text.words_after[w] = text.words[w]
    count = _put(text, board, first, 0)
    if second >= 0:
        count = _put(text, board, second, count)
    own = count
    for c in range(moves.carried_from[m], moves.carried_from[m + 1]):
        option = text.after[moves.carried_issue[c]]
        if board.forbidden[first, option] or (second >= 0 and board.forbidden[second, option]):
            count = _put(text, board, moves.carried_option[c], count)
    if count > own:
        for c in range(moves.carried_from[m], moves.carried_from[m + 1]):
            option = text.after[moves.carried_issue[c]]
            for w in range(text.words.shape[0]):
                if board.forbids[option, w] & text.words_after[w]:
                    withdraw(text, count)
                    return -1
    return count


@njit(error_model="numpy", inline="always")
def withdraw(text: Text, count: int) -> None:
    """Take a revision back."""
    for n in range(count):
        text.after[text.changed[n]] = text.here[text.changed[n]]


@njit(error_model="numpy", inline="always")
def place_after(text: Text, board: Board, count: int) -> int:
    """Place of the revised text's joint choice of the core."""
    place = int(text.place[0])
    for n in range(count):
        issue = text.changed[n]
        place += board.core_step[text.after[issue]] - board.core_step[text.here[issue]]
    return place


@njit(error_model="numpy", inline="always")
def _tied(text: Text, board: Board, count: int) -> bool:
    for n in range(count):
        for k in range(n):
            if board.tied[text.changed[n], text.changed[k]]:
                return True
    return False


@njit(error_model="numpy", inline="always")
def weigh_revision(
    text: Text, board: Board, field: Field, run: int, count: int, utility: FloatArray, free: FloatArray, lane: int
) -> None:
    """Utility and freedom from red lines of the revised text to each entry, into (entry, lane)."""
    entries = text.utility.shape[0]
    tied = _tied(text, board, count)
    gain, gain_free = (text.plain, text.plain_free) if tied else (text.gain, text.gain_free)
    for e in range(entries):
        value, chance = text.utility[e], text.free[e]
        for n in range(count):
            option = text.after[text.changed[n]]
            value += gain[e, option]
            chance *= gain_free[e, option]
        utility[e, lane], free[e, lane] = value, chance
    if not tied:
        return
    here, after = text.here, text.after
    for t in range(board.ties.shape[0]):
        r = board.ties[t]
        first, second = board.link_first[r], board.link_second[r]
        i, k = board.issue_of[first], board.issue_of[second]
        was, now = here[i] == first and here[k] == second, after[i] == first and after[k] == second
        if was == now:
            continue
        e, value = board.tie_entry[t], field.link_value[run, r]
        if board.tie_adds[t]:
            utility[e, lane] = utility[e, lane] + value if now else utility[e, lane] - value
        else:
            free[e, lane] = free[e, lane] * value if now else free[e, lane] / value


@uncounted
def take(text: Text, board: Board, field: Field, run: int, moves: Moves, m: int, lanes: Lanes) -> None:
    """Make the text after move `m` the current one; lane 0 of `lanes` is overwritten."""
    count = revise(text, board, moves, m)
    weigh_revision(text, board, field, run, count, lanes.utility, lanes.free, 0)
    for e in range(text.utility.shape[0]):
        text.utility[e], text.free[e] = lanes.utility[e, 0], lanes.free[e, 0]
    text.place[0] = place_after(text, board, count)
    for w in range(text.words.shape[0]):
        text.words[w] = text.words_after[w]
    for n in range(count):
        issue = text.changed[n]
        text.here[issue] = text.after[issue]
        _compare(text, board, field, run, issue, issue + 1)
    look_round(text, board, field, run)
