"""The compiled normal quantile, and numbers whose belief is a bell: word for word what `scipy.special.ndtri` gives.

The rational approximations are those of the Cephes library. Between the tails they need neither root nor logarithm, so
a row is first taken as if it had none, lane by lane; then its tails are gathered, and written over it.
"""

import math
from typing import Final

import numpy as np
from numba import njit

from sim.engine.kernels import FloatArray, IntArray

TAIL: Final = 0.13533528323661269189  # exp(-2): probability at which the tails begin
FAR: Final = 8.0  # root of minus twice the logarithm from which a tail is far
_GRID: Final = 2.0**-53  # of the uniforms
_HALF_STEP: Final = 2.0**-54
_ROOT: Final = 2.50662827463100050242  # sqrt(2 pi)
LEFT, RIGHT, MASS, AT, SPREAD, LOW, HIGH = range(7)  # columns of the shape of a bell, see `sim.world.bells.Bell`


@njit(error_model="numpy", inline="always")
def _between(y: float) -> float:
    """The quantile between the tails."""
    x = y - 0.5
    s = x * x
    p = -5.99633501014107895267e1
    p = p * s + 9.80010754185999661536e1
    p = p * s - 5.66762857469070293439e1
    p = p * s + 1.39312609387279679503e1
    p = p * s - 1.23916583867381258016e0
    q = s + 1.95448858338141759834e0
    q = q * s + 4.67627912898881538453e0
    q = q * s + 8.63602421390890590575e1
    q = q * s - 2.25462687854119370527e2
    q = q * s + 2.00260212380060660359e2
    q = q * s - 8.20372256168333339912e1
    q = q * s + 1.59056225126211695515e1
    q = q * s - 1.18331621121330003142e0
    return (x + x * (s * p / q)) * _ROOT


@njit(error_model="numpy", inline="always")
def _near(z: float) -> float:
    """What is taken off in a tail down to a chance of 1e-14, at the inverse of the root."""
    p = 4.05544892305962419923e0
    p = p * z + 3.15251094599893866154e1
    p = p * z + 5.71628192246421288162e1
    p = p * z + 4.40805073893200834700e1
    p = p * z + 1.46849561928858024014e1
    p = p * z + 2.18663306850790267539e0
    p = p * z - 1.40256079171354495875e-1
    p = p * z - 3.50424626827848203418e-2
    p = p * z - 8.57456785154685413611e-4
    q = z + 1.57799883256466749731e1
    q = q * z + 4.53907635128879210584e1
    q = q * z + 4.13172038254672030440e1
    q = q * z + 1.50425385692907503408e1
    q = q * z + 2.50464946208309415979e0
    q = q * z - 1.42182922854787788574e-1
    q = q * z - 3.80806407691578277194e-2
    q = q * z - 9.33259480895457427372e-4
    return z * p / q


@njit(error_model="numpy", inline="always")
def _far(z: float) -> float:
    """The same further out."""
    p = 3.23774891776946035970e0
    p = p * z + 6.91522889068984211695e0
    p = p * z + 3.93881025292474443415e0
    p = p * z + 1.33303460815807542389e0
    p = p * z + 2.01485389549179081538e-1
    p = p * z + 1.23716634817820021358e-2
    p = p * z + 3.01581553508235416007e-4
    p = p * z + 2.65806974686737550832e-6
    p = p * z + 6.23974539184983293730e-9
    q = z + 6.02427039364742014255e0
    q = q * z + 3.67983563856160859403e0
    q = q * z + 1.37702099489081330271e0
    q = q * z + 2.16236993594496635890e-1
    q = q * z + 1.34204006088543189037e-2
    q = q * z + 3.28014464682127739104e-4
    q = q * z + 2.89247864745380683936e-6
    q = q * z + 6.79019408009981274425e-9
    return z * p / q


@njit(error_model="numpy", cache=True)
def _quantiles(chance: FloatArray, value: FloatArray, room: FloatArray, tail: IntArray) -> None:
    """Quantiles of chances (run,) into `value`; `room` (3, run) and `tail` (run,) are scratch."""
    runs = chance.shape[0]
    tails = 0
    for run in range(runs):
        value[run] = _between(chance[run])
    for run in range(runs):
        tail[tails] = run
        tails += chance[run] <= TAIL or chance[run] > 1.0 - TAIL
    root, log, less = room[0], room[1], room[2]
    for n in range(tails):
        y = chance[tail[n]]
        root[n] = math.sqrt(-2.0 * math.log(y if y <= TAIL else 1.0 - y))
    for n in range(tails):
        log[n] = math.log(root[n])
    for n in range(tails):
        less[n] = _near(1.0 / root[n])
    for n in range(tails):
        run, x = tail[n], root[n]
        if x >= FAR:
            less[n] = _far(1.0 / x)
        z = less[n] - (x - log[n] / x)
        value[run] = z if chance[run] <= TAIL else -z
        if x == math.inf:
            value[run] = -x if chance[run] <= TAIL else x


@njit(error_model="numpy", cache=True)
def to_normals(luck: FloatArray) -> None:
    """Turn uniforms (item, run) in [0, 1) into standard normal draws, in place."""
    runs = luck.shape[1]
    chance, room, tail = np.empty(runs), np.empty((3, runs)), np.empty(runs, dtype=np.int64)
    for item in range(luck.shape[0]):
        for run in range(runs):
            chance[run] = luck[item, run] + _HALF_STEP  # so that 0 is never asked for
        _quantiles(chance, luck[item], room, tail)


@njit(error_model="numpy", cache=True)
def to_bells(luck: FloatArray, shape: FloatArray) -> None:
    """Turn uniforms (item, run) in [0, 1) into values of bells, `shape` (item, column), in place."""
    runs = luck.shape[1]
    chance, side = np.empty(runs), np.empty(runs)
    room, tail = np.empty((3, runs)), np.empty(runs, dtype=np.int64)
    for item in range(luck.shape[0]):
        row = luck[item]
        left, right, mass = shape[item, LEFT], shape[item, RIGHT], shape[item, MASS]
        at, spread, low, high = shape[item, AT], shape[item, SPREAD], shape[item, LOW], shape[item, HIGH]
        for run in range(runs):
            u = row[run]
            # Counted from the nearer tail: probabilities next to 1 have lost the digits that matter.
            below = left + (u + _HALF_STEP if u < 0.5 else u) * mass
            above = right + ((1.0 - _GRID - u) + _HALF_STEP) * mass
            chance[run] = min(below, above)
            side[run] = 1.0 if below <= above else -1.0
        _quantiles(chance, row, room, tail)
        for run in range(runs):
            row[run] = min(max(at + spread * (side[run] * row[run]), low), high)
