"""The address of every random draw: `(seed, stream, item, round, run)` and nothing else.

Draws come from Philox, a counter-based generator [Salmon2011]_: the address *is* the counter, so run 4711 alone
equals run 4711 of a million, and a mechanism that starts to draw moves no other.
"""

import hashlib
from enum import IntEnum
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import special

WORDS_PER_STEP: Final = 4  # Philox yields four 64-bit words per step of its counter
_HALF_STEP: Final = 2.0**-54  # half of the grid of the uniforms: keeps the normal quantile finite at 0


class Stream(IntEnum):
    """Purposes that draw. The values are stored with results: append, never renumber."""

    NUMBERS = 1
    TYPE = 2
    RED_LINE = 3
    WALK = 4
    BREACH = 5
    DEADLINE = 6
    MEDIATOR = 7


Items = tuple[tuple[Stream, str], ...]  # what draws: a purpose and the address of a number or party


@lru_cache(maxsize=65_536)
def item_of(address: str) -> int:
    """Stable 64-bit hash of a number's path in roles; the same on every machine and in every Python."""
    return int.from_bytes(hashlib.blake2b(address.encode(), digest_size=8).digest(), "little")


@lru_cache(maxsize=4096)
def _counters(items: Items) -> NDArray[np.uint64]:
    """The upper words of the counters of items in round 0; (item, 2)."""
    words = [(int(stream) << 32, item_of(address)) for stream, address in items]
    return np.array(words, dtype=np.uint64).reshape(-1, 2)


def uniform_rows(seed: int, items: Items, round_: int, first: int, runs: int) -> NDArray[np.float64]:
    """Draws in [0, 1) of items (stream, address) in one round, for runs `first .. first + runs - 1`; (item, run).

    Raises ValueError for a negative seed, round or run.
    """
    if seed < 0 or round_ < 0 or first < 0 or runs < 0:
        raise ValueError(f"seed {seed}, round {round_}, first {first} and runs {runs} must not be negative")
    bits = np.random.Philox(key=np.array([seed, 0], dtype=np.uint64))
    state = bits.state  # set anew for every item: to make a generator takes several times as long
    draw, skip = np.random.Generator(bits).random, first % WORDS_PER_STEP
    luck = np.empty((len(items), runs))
    for row, (upper, item) in enumerate(_counters(items)):
        counter = [first // WORDS_PER_STEP, 0, int(upper) | round_, int(item)]
        state["state"]["counter"] = np.array(counter, dtype=np.uint64)
        state["buffer_pos"] = WORDS_PER_STEP
        bits.state = state
        if skip:
            draw(skip)
        draw(out=luck[row])
    return luck


def uniforms(seed: int, stream: Stream, address: str, round_: int, first: int, runs: int) -> NDArray[np.float64]:
    """The same of one item; (run,)."""
    return np.asarray(uniform_rows(seed, ((stream, address),), round_, first, runs)[0])


def normal_rows(seed: int, items: Items, round_: int, first: int, runs: int) -> NDArray[np.float64]:
    """Standard normal draws at the same addresses, by the inverse distribution function; (item, run)."""
    return np.asarray(special.ndtri(uniform_rows(seed, items, round_, first, runs) + _HALF_STEP))
