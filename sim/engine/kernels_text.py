"""The compiled text of a search: its options, and what single changes of it gain."""

from typing import NamedTuple

import numpy as np
from numba import njit

from sim.engine.kernels import EFFECT_CHANNELS, LANES, Board, BoolArray, Field, FloatArray, IntArray, uncounted


class Text(NamedTuple):
    """The current text of one run, and what its single changes bring. `width`: options up to whole tiles of lanes."""

    wanted: BoolArray  # (entry,) whom the search asks about; nothing is worked out for the others
    here: IntArray  # (issue,) flat options
    utility: FloatArray  # (entry,) of the text
    free: FloatArray  # (entry,) chance that it crosses no red line
    gain: FloatArray  # (entry, width) utility of an option less that of its issue's current one, links included
    gain_free: FloatArray  # (entry, width) the same as a factor on `free`
    plain: FloatArray  # (entry, width) `gain` without links
    plain_free: FloatArray  # (entry, width)


@njit(error_model="numpy", cache=True)
def make_text(issues: int, options: int, entries: int) -> Text:
    """An empty text."""
    width = (options + LANES - 1) // LANES * LANES
    return Text(
        np.ones(entries, dtype=np.bool_),
        np.zeros(issues, dtype=np.int64),
        np.zeros(entries),
        np.ones(entries),
        np.zeros((entries, width)),
        np.ones((entries, width)),
        np.zeros((entries, width)),
        np.ones((entries, width)),
    )


@uncounted
def _undo(gain: FloatArray, e: int, lo: int, hi: int, kept: int, adds: bool, value: float) -> None:
    """Take a link away from the single changes lo .. hi - 1 of an entry, but for the option kept."""
    before = gain[e, kept]
    for option in range(lo, hi):
        gain[e, option] = gain[e, option] - value if adds else gain[e, option] / value
    gain[e, kept] = before


@njit(error_model="numpy", inline="always")
def compare(text: Text, board: Board, field: Field, run: int, i: int) -> None:
    """What each option of an issue brings beside the current one, links left out."""
    entries = text.utility.shape[0]
    rows, here, first, end = field.rows, text.here[i], board.start[i], board.start[i + 1]
    for e in range(entries):
        if not text.wanted[e]:
            continue
        row, clear = EFFECT_CHANNELS + 2 * e + 1, EFFECT_CHANNELS + 2 * entries + e
        base = rows[run, row, here]
        for option in range(first, end):
            text.plain[e, option] = rows[run, row, option] - base
        if board.live[clear, i]:
            inverse = 1.0 / rows[run, clear, here]
            for option in range(first, end):
                text.plain_free[e, option] = rows[run, clear, option] * inverse


@njit(error_model="numpy", inline="always")
def look_round(text: Text, board: Board, field: Field, run: int) -> None:
    """Work out what single changes of the text gain, links included."""
    here, issue_of, start = text.here, board.issue_of, board.start
    for e in range(text.utility.shape[0]):
        if not text.wanted[e]:
            continue
        gain, plain, free, plain_free = text.gain[e], text.plain[e], text.gain_free[e], text.plain_free[e]
        for option in range(text.gain.shape[1]):
            gain[option] = plain[option]
        for option in range(text.gain.shape[1]):
            free[option] = plain_free[option]
    for t in range(board.ties.shape[0]):
        first, second = board.link_first[board.ties[t]], board.link_second[board.ties[t]]
        i, k = issue_of[first], issue_of[second]
        one, other = here[i] == first, here[k] == second
        if one or other:
            e, value = board.tie_entry[t], field.link_value[run, board.ties[t]]
            if one and other:
                if board.tie_adds[t]:
                    _undo(text.gain, e, start[i], start[i + 1], first, True, value)
                    _undo(text.gain, e, start[k], start[k + 1], second, True, value)
                else:
                    _undo(text.gain_free, e, start[i], start[i + 1], first, False, value)
                    _undo(text.gain_free, e, start[k], start[k + 1], second, False, value)
            elif board.tie_adds[t]:
                text.gain[e, second if one else first] += value
            else:
                text.gain_free[e, second if one else first] *= value


@njit(error_model="numpy", inline="always")
def begin_text(text: Text, board: Board, field: Field, run: int, packages: IntArray) -> None:
    """Take a run's package as the current text."""
    here, entries = text.here, text.utility.shape[0]
    for i in range(here.shape[0]):
        here[i] = packages[i, run]
    for e in range(entries):
        if not text.wanted[e]:
            continue
        row, clear = EFFECT_CHANNELS + 2 * e + 1, EFFECT_CHANNELS + 2 * entries + e
        utility, free = 0.0, 1.0
        for i in range(here.shape[0]):
            utility += field.rows[run, row, here[i]]
            if board.live[clear, i]:
                free *= field.rows[run, clear, here[i]]
        text.utility[e], text.free[e] = utility, free
    for t in range(board.ties.shape[0]):
        r = board.ties[t]
        first, second = board.link_first[r], board.link_second[r]
        if here[board.issue_of[first]] == first and here[board.issue_of[second]] == second:
            if board.tie_adds[t]:
                text.utility[board.tie_entry[t]] += field.link_value[run, r]
            else:
                text.free[board.tie_entry[t]] *= field.link_value[run, r]
    for i in range(here.shape[0]):
        compare(text, board, field, run, i)
    look_round(text, board, field, run)
