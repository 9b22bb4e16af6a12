"""The compiled counter-based generator: Philox 4x64 with ten rounds [Salmon2011]_, one item of luck a row."""

from typing import Final

import numpy as np
from numba import njit

from sim.engine.kernels import FloatArray, WordArray

_ONE, _OTHER = np.uint64(0xD2E7470EE14C6C93), np.uint64(0xCA5A826395121157)  # multipliers of the round
_KEY, _LAST_KEY = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBB67AE8584CAA73B)  # what a round adds to the key
_HALF, _LOW, _UNUSED = np.uint64(32), np.uint64(0xFFFFFFFF), np.uint64(11)
_ROUNDS: Final = 10
_GRID: Final = 2.0**-53


@njit(error_model="numpy", inline="always")
def _high(a: np.uint64, b: np.uint64) -> np.uint64:
    """Upper word of a product, from products of half words: so that lanes vectorise."""
    a0, a1, b0, b1 = a & _LOW, a >> _HALF, b & _LOW, b >> _HALF
    one = a1 * b0 + ((a0 * b0) >> _HALF)
    other = a0 * b1 + (one & _LOW)
    return a1 * b1 + (one >> _HALF) + (other >> _HALF)


@njit(error_model="numpy", cache=True)
def fill_uniforms(seed: np.uint64, items: WordArray, round_: np.uint64, first: int, luck: FloatArray) -> None:
    """Write draws in [0, 1) of items in a round into `luck` (item, run), for runs `first` onward.

    `items` (item, 2): the two upper words of an item's counter, less the round; the lower two count runs by fours.
    """
    count = luck.shape[1]
    skip = first % 4
    steps = (skip + count + 3) // 4
    zero, start = np.uint64(0), np.uint64(first // 4 + 1)  # a counter stands one step ahead
    x0, x1 = np.empty(steps, dtype=np.uint64), np.empty(steps, dtype=np.uint64)
    x2, x3 = np.empty(steps, dtype=np.uint64), np.empty(steps, dtype=np.uint64)
    words = np.empty(4 * steps)
    for item in range(items.shape[0]):
        for n in range(steps):
            x0[n], x1[n], x2[n], x3[n] = start + np.uint64(n), zero, items[item, 0] | round_, items[item, 1]
        key, last_key = seed, zero
        for _ in range(_ROUNDS):
            for n in range(steps):
                one, other = x0[n], x2[n]
                x0[n] = _high(_OTHER, other) ^ x1[n] ^ key
                x1[n] = _OTHER * other
                x2[n] = _high(_ONE, one) ^ x3[n] ^ last_key
                x3[n] = _ONE * one
            key += _KEY
            last_key += _LAST_KEY
        for n in range(steps):
            words[4 * n] = np.int64(x0[n] >> _UNUSED) * _GRID
            words[4 * n + 1] = np.int64(x1[n] >> _UNUSED) * _GRID
            words[4 * n + 2] = np.int64(x2[n] >> _UNUSED) * _GRID
            words[4 * n + 3] = np.int64(x3[n] >> _UNUSED) * _GRID
        for run in range(count):
            luck[item, run] = words[skip + run]
