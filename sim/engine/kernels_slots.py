"""The compiled scratch of a search: joint choices met are appraised once (slots), candidates stand on lanes."""

from typing import NamedTuple

import numpy as np
from numba import njit

from sim.engine.kernels import LANES, PAUSED, REARM, Board, Field, FloatArray, IntArray, Outlook, uncounted
from sim.engine.kernels_stage import CHUNK, LENS_COLUMNS, SHARE, STAGE_COLUMNS, focus, gather, line_of, relieve
from sim.engine.kernels_text import Lanes

SPARE = 4 * LANES  # slots beyond what one scan can fill, so that a climb seldom starts over


class Slots(NamedTuple):
    """Joint choices of the core that a search has met in one run, and their worth as lines in utility."""

    memo: IntArray  # (combo,) slot of a joint choice, or -1
    combo: IntArray  # (slot,) joint choice
    level: FloatArray  # (entry, slot)
    slope: FloatArray  # (entry, slot)
    share: FloatArray  # (slot,) share of the conflict settled
    taken: IntArray  # (2,) slots taken, slots appraised
    lens: FloatArray  # (entry, LENS_COLUMNS)
    picked: FloatArray  # (column * CHUNK,)
    relief: FloatArray  # (CHUNK,)


@njit(error_model="numpy", cache=True)
def make_slots(board: Board, entries: int, linked: int) -> Slots:
    """No joint choice met yet."""
    size = (board.issue_of.shape[0] + linked + SPARE) // CHUNK * CHUNK + 2 * CHUNK
    return Slots(
        np.full(max(board.combos.shape[1], 1), -1),
        np.zeros(size, dtype=np.int64),
        np.zeros((entries, size)),
        np.zeros((entries, size)),
        np.ones(size),
        np.zeros(2, dtype=np.int64),
        np.zeros((entries, LENS_COLUMNS)),
        np.zeros(STAGE_COLUMNS * CHUNK),
        np.zeros(CHUNK),
    )


@njit(error_model="numpy", cache=True)
def make_lanes(entries: int) -> Lanes:
    """Empty lanes."""
    return Lanes(
        np.zeros((entries, LANES)),
        np.ones((entries, LANES)),
        np.zeros((entries, LANES)),
        np.zeros((entries, LANES)),
        np.ones(LANES),
        np.zeros(LANES),
        np.zeros(LANES),
        np.zeros(LANES, dtype=np.int64),
        np.zeros(LANES, dtype=np.int64),
        np.ones(LANES, dtype=np.bool_),
    )


@uncounted
def forget(slots: Slots) -> None:
    """Forget every joint choice."""
    for s in range(slots.taken[0]):
        slots.memo[slots.combo[s]] = -1
    slots.taken[0] = slots.taken[1] = 0


@uncounted
def begin_slots(slots: Slots, outlook: Outlook, run: int) -> None:
    """Turn to a run."""
    forget(slots)
    focus(slots.lens, outlook, run)


@uncounted
def take_slot(memo: IntArray, combos: IntArray, taken: IntArray, combo: int) -> int:
    """A new slot for a joint choice; appraised by `appraise_slots`."""
    slot = int(taken[0])
    memo[combo] = slot
    combos[slot] = combo
    taken[0] = slot + 1
    return slot


@njit(error_model="numpy", inline="always")
def slot_of(slots: Slots, board: Board, place: int) -> int:
    """Slot of the joint choice at a place, which the rules must permit; appraised by `appraise_slots`."""
    slot = 0
    if board.conflict:
        combo = board.combo_at[place]
        slot = slots.memo[combo]
        if slot < 0:
            slot = take_slot(slots.memo, slots.combo, slots.taken, combo)
    return slot


@uncounted
def make_room(slots: Slots, wanted: int) -> None:
    """Forget joint choices where one more scan might not fit."""
    if slots.taken[0] + wanted + CHUNK > slots.combo.shape[0]:
        forget(slots)


@uncounted
def appraise_slots(slots: Slots, board: Board, field: Field, outlook: Outlook, run: int) -> None:
    """Appraise the joint choices met since the last time."""
    count, done = slots.taken[0], slots.taken[1]
    if count == done:
        return
    rearm, paused = outlook.ground[REARM, run], outlook.ground[PAUSED, run]
    for lo in range(done, count, CHUNK):
        hi = min(count, lo + CHUNK)
        gather(slots.picked, field.stage[run], slots.combo, lo, hi, rearm, paused)
        for lane in range(CHUNK):
            slots.share[lo + lane] = slots.picked[SHARE * CHUNK + lane]
        for e in range(slots.lens.shape[0]):
            relieve(slots.relief, board, field, run, slots.combo, lo, hi, e)
            line_of(slots.picked, slots.relief, slots.lens, e, slots.level[e], slots.slope[e], lo)
    slots.taken[1] = count


@njit(error_model="numpy", inline="always")
def find_worth(slots: Slots, lanes: Lanes, e: int) -> None:
    """Worth of the candidates on the lanes to entry e."""
    for lane in range(LANES):
        s = lanes.slot[lane]
        lanes.worth[e, lane] = slots.level[e, s] + slots.slope[e, s] * lanes.utility[e, lane]
