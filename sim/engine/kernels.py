"""The compiled arithmetic of worth over lanes: candidates of one run, or one package in neighbouring runs.

Every channel of a package is a sum or a product over its options and links, so a revision costs only what it changes.
`error_model="numpy"` because a division that may raise keeps LLVM from using the vector unit; no fastmath, so results
are bit-identical wherever a lane stands. The oracle is `sim.theory.worth` (tests/engine/test_kernels.py).
"""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar, cast

import numpy as np
from numba import config, njit
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
WordArray = NDArray[np.uint64]


def _keep_compiled_by_source() -> None:
    """Keep compiled kernels by the text of all of them: Numba does not notice when a callee in another file changes."""
    folder = Path(__file__).parent
    sources = [*sorted(folder.glob("kernels*.py")), folder / "space.py"]
    if "NUMBA_CACHE_DIR" in os.environ or not os.access(folder, os.W_OK):
        return
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:12]
    vars(config)["CACHE_DIR"] = str(folder / "__pycache__" / f"kernels-{digest}")


_keep_compiled_by_source()

LANES: Final = 40  # five vectors of eight; a constant, so LLVM can prove that rows do not overlap and unroll
# Channels of effects. Up to FRONT they multiply over the options of a package, from SHIFT on they add.
SETTLES, LASTS, HAZARD, EXPOSURE, FRONT, SHIFT, BURDEN_FIRST, BURDEN_SECOND = range(8)
EFFECT_CHANNELS: Final = 8
FACTORS: Final = 5
# Per-party channels, as codes of links. Rows of a table with K entries: the effects, then relief and utility of each
# entry, which add, then the chance of each entry that no red line is crossed, which multiplies.
RELIEF, UTILITY, CLEAR = 8, 9, 10
# Rows of `Outlook.ground`.
SPOIL_FIRST, SPOIL_SECOND, RATE, PLANNING, REARM, PAUSED, DRIFT = range(7)
GROUND_ROWS: Final = 7
SEEN_ROWS: Final = 8  # of `Outlook`, from odds to need
NIL: Final = 1e-18  # stands for a factor of 0 and can be divided out again
NOTHING_SETTLED: Final = 1e-12  # a text that settles less disposes of nothing
# Rows between the stages of an evaluation.
_S, _LASTS, _SHIFTED, _EXPOSED = range(4)
SETTLED_ROWS: Final = 4
_H0, _H1, _H2, _PHI00, _PHI10, _PHI01, _PHI11 = range(7)
LASTING_ROWS: Final = 7


class Board(NamedTuple):
    """What is the same for every run: see `sim.engine.space.Space`."""

    start: IntArray  # (issue + 1,)
    issue_of: IntArray  # (option,)
    forbidden: NDArray[np.bool_]  # (option, option)
    term: FloatArray  # (option,) days
    treaty: IntArray  # (option,)
    term_issue: int
    live: NDArray[np.bool_]  # (row, issue) some option of the issue acts on the row; the others are neutral there
    link_first: IntArray  # (link,) flat option
    link_second: IntArray  # (link,)
    conflict: bool
    bit: WordArray  # (option,) the option's bit in its word, of 64 options each
    forbids: WordArray  # (option, word) `forbidden` as sets of bits
    core: IntArray  # (core issue,) issues that act jointly on worth
    core_place: IntArray  # (issue,) position in `core`, or -1
    combos: IntArray  # (core issue, choice) feasible joint choices, the last one repeated up to whole tiles of lanes
    core_step: IntArray  # (option,) what an option adds to the place of a joint choice; 0 outside the core
    combo_at: IntArray  # (place,) joint choice at a place, or -1 where the rules forbid it
    ties: IntArray  # (tie,) links that act on the utility of an entry, or on its freedom from red lines
    tie_entry: IntArray  # (tie,)
    tie_adds: BoolArray  # (tie,) on utility, else on freedom
    eases: IntArray  # (ease,) links that act on the relief of an entry
    tied: BoolArray  # (issue, issue) symmetric: some tie joins the two


class Field(NamedTuple):
    """One viewer's tables of a block; the run first, so that all that one search reads lies together."""

    rows: FloatArray  # (run, row, option)
    link_value: FloatArray  # (run, link)
    link_row: IntArray  # (link,) row that a link acts on, or -1 where its party is not seen
    stage: FloatArray  # (run, number) see `kernels_stage`; the same for every viewer; none without a conflict


class Outlook(NamedTuple):
    """What worth depends on besides the package, this round, for the parties seen (entries); run last."""

    odds: FloatArray  # (entry, run) odds that the first belligerent prevails, as the party sees them
    first_wins: FloatArray  # (entry, run) utility of the first belligerent's victory
    second_wins: FloatArray  # (entry, run)
    cost: FloatArray  # (entry, run)
    sincere_first: FloatArray  # (entry, run) chance that the first belligerent is sincere, as the party sees it
    sincere_second: FloatArray  # (entry, run)
    standing: FloatArray  # (entry, run)
    need: FloatArray  # (entry, run) surplus asked per unit of the conflict settled
    ground: FloatArray  # (7, run)
    base: FloatArray  # (2,) base hazard per day of a truce and of a treaty
    discount: FloatArray  # (run,) factor on utility; only without a conflict


Function = TypeVar("Function", bound=Callable[..., object])


def uncounted(function: Function) -> Function:
    """Compile a function that allocates nothing, without counting references to arrays.

    The search hands tuples of many arrays from function to function; counting a reference to each of them at every call
    took three quarters of its time. Such a function must not make an array, nor return one.
    """
    options: dict[str, Any] = {"error_model": "numpy", "cache": True, "_nrt": False}
    return cast(Function, njit(**options)(function))


@njit(error_model="numpy", inline="always")
def multiplies(row: int, entries: int) -> bool:
    """Whether a row of a table multiplies over options (else it adds)."""
    return row < FACTORS or row >= EFFECT_CHANNELS + 2 * entries


@njit(error_model="numpy", inline="always")
def exponential(x: float) -> float:
    """exp(x) for x in -45..45, the nearer end beyond."""
    # (Taylor to the tenth order at x / 64) ** 64: only products and sums, so lanes vectorise and machines agree.
    y = min(max(x, -45.0), 45.0) * (1.0 / 64.0)
    t = 1.0 + y * (1.0 / 8.0) * (1.0 + y * (1.0 / 9.0) * (1.0 + y * (1.0 / 10.0)))
    t = 1.0 + y * (1.0 / 4.0) * (1.0 + y * (1.0 / 5.0) * (1.0 + y * (1.0 / 6.0) * (1.0 + y * (1.0 / 7.0) * t)))
    t = 1.0 + y * (1.0 + y * (1.0 / 2.0) * (1.0 + y * (1.0 / 3.0) * t))
    t *= t
    t *= t
    t *= t
    t *= t
    t *= t
    return t * t


@njit(error_model="numpy", cache=True)
def settle(sums: FloatArray, term: FloatArray, ground: FloatArray, settled: FloatArray) -> None:
    """What a deal settles, and how it moves the odds: share, factor on relief, exposure and shift as odds ratios.

    Flat rows of LANES: `sums` by channel, `ground`, and `settled`, which is written; `term` (lane,).
    """
    for lane in range(LANES):
        rearm = ground[REARM * LANES + lane]
        moving = min(term[lane], max(rearm - ground[PAUSED * LANES + lane], 0.0)) / rearm
        span = min(term[lane], ground[PLANNING * LANES + lane])
        forgone = ground[DRIFT * LANES + lane] * span * (1.0 - sums[FRONT * LANES + lane])
        settled[_S * LANES + lane] = sums[SETTLES * LANES + lane]
        settled[_LASTS * LANES + lane] = sums[LASTS * LANES + lane]
        settled[_EXPOSED * LANES + lane] = sums[EXPOSURE * LANES + lane]
        settled[_SHIFTED * LANES + lane] = exponential(sums[SHIFT * LANES + lane] * moving - forgone)


@njit(error_model="numpy", cache=True)
def outlast(sums: FloatArray, term: FloatArray, base: FloatArray, ground: FloatArray, lasting: FloatArray) -> None:
    """Whether a deal lasts and who breaks it, for each pair of types of the belligerents; `lasting` is written.

    Survival `h = exp(-H Lambda)` factorises over the two types, so three exponentials serve every belief.
    """
    for lane in range(LANES):
        span = min(term[lane], ground[PLANNING * LANES + lane])
        multiplier = sums[HAZARD * LANES + lane]
        half = 0.5 * base[lane] * multiplier
        one, other = half + ground[SPOIL_FIRST * LANES + lane], half + ground[SPOIL_SECOND * LANES + lane]
        rate = ground[RATE * LANES + lane] * multiplier
        one_plays = rate * min(max(sums[BURDEN_FIRST * LANES + lane], 0.0), 1.0)
        other_plays = rate * min(max(sums[BURDEN_SECOND * LANES + lane], 0.0), 1.0)
        lasting[_H0 * LANES + lane] = exponential(-span * (one + other))
        lasting[_H1 * LANES + lane] = exponential(-span * one_plays)
        lasting[_H2 * LANES + lane] = exponential(-span * other_plays)
        floor = 1e-300  # a hazard of zero has no side; phi is then 0
        lasting[_PHI00 * LANES + lane] = one / (one + other + floor)
        lasting[_PHI10 * LANES + lane] = (one + one_plays) / (one + one_plays + other + floor)
        lasting[_PHI01 * LANES + lane] = one / (one + other + other_plays + floor)
        lasting[_PHI11 * LANES + lane] = (one + one_plays) / (one + one_plays + other + other_plays + floor)


@njit(error_model="numpy", cache=True)
def appraise(settled: FloatArray, lasting: FloatArray, own: FloatArray, seen: FloatArray, worth: FloatArray) -> None:
    """Worth of a package to one party in every lane (docs/odd.md, worth of a package).

    Flat rows of LANES: `settled` from `settle`, `lasting` from `outlast`, `own` relief and utility, `seen` as in
    `Outlook` (odds, first_wins, second_wins, cost, sincere_first, sincere_second); writes `worth` (lane,).
    """
    for lane in range(LANES):
        p, q = seen[4 * LANES + lane], seen[5 * LANES + lane]
        p0q0, p1q0, p0q1, p1q1 = p * q, (1.0 - p) * q, p * (1.0 - q), (1.0 - p) * (1.0 - q)
        h0 = lasting[_H0 * LANES + lane]
        h1, h2 = h0 * lasting[_H1 * LANES + lane], h0 * lasting[_H2 * LANES + lane]
        h3 = h1 * lasting[_H2 * LANES + lane]
        holds = p0q0 * h0 + p1q0 * h1 + p0q1 * h2 + p1q1 * h3
        breaks = p0q0 * (1.0 - h0) * lasting[_PHI00 * LANES + lane] + p1q0 * (1.0 - h1) * lasting[_PHI10 * LANES + lane]
        breaks += (
            p0q1 * (1.0 - h2) * lasting[_PHI01 * LANES + lane] + p1q1 * (1.0 - h3) * lasting[_PHI11 * LANES + lane]
        )
        exposed = settled[_EXPOSED * LANES + lane]
        odds = seen[lane] * settled[_SHIFTED * LANES + lane]
        up, down = odds * exposed, odds / exposed
        cost = seen[3 * LANES + lane]
        stake = seen[1 * LANES + lane] - seen[2 * LANES + lane]
        lost = seen[2 * LANES + lane] - cost
        war = lost + stake * odds / (1.0 + odds)
        eased = war + cost * min(own[lane], 1.0) * settled[_LASTS * LANES + lane]
        share = settled[_S * LANES + lane]
        kept = share * own[LANES + lane] + (1.0 - share) * eased
        broken = breaks * (lost + stake * up / (1.0 + up))
        broken += (1.0 - holds - breaks) * (lost + stake * down / (1.0 + down))
        worth[lane] = holds * kept + broken
