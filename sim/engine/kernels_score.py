"""The compiled objectives of a search: from what candidates add up to, to one score each."""

from typing import Final, NamedTuple

import numpy as np
from numba import njit

from sim.engine.kernels import (
    LANES,
    NOTHING_SETTLED,
    BoolArray,
    FloatArray,
    IntArray,
    uncounted,
)
from sim.engine.kernels_lines import Ask

JOINT, NASH, EGALITARIAN, UTILITARIAN = range(4)
NOT_TABLED: Final = -1e9  # score of a text that must not be proposed
IMPOSSIBLE: Final = -1000.0  # where some surplus is not positive, the Nash objective ranks below by the shortfall


class Aim(NamedTuple):
    """What a search maximises over the parties seen (entries)."""

    objective: int
    named: BoolArray  # (entry,) whether its own answer counts, beside any bloc's
    members: IntArray  # entries of every bloc in a row
    members_from: IntArray  # (bloc + 1,) where each bloc's members start
    quorum: IntArray  # (bloc,)
    weight: FloatArray  # (entry,) exponent or factor of the entry in the objective
    doubt: float  # scale of the mediator's doubt about an answer, in worth


class Lanes(NamedTuple):
    """Candidates of one step. Width: whole tiles of LANES."""

    utility: FloatArray  # (entry, width)
    free: FloatArray  # (entry, width) chance that no red line is crossed
    level: FloatArray  # (entry, width)
    slope: FloatArray  # (entry, width)
    value: FloatArray  # (entry, width) terms of an objective
    share: FloatArray  # (width,) share of the conflict settled
    counted: FloatArray  # (LANES,)
    score: FloatArray  # (width,)
    open: FloatArray  # (width,) 1 where a lane holds a candidate, nan where not


@njit(error_model="numpy", cache=True)
def make_lanes(entries: int, candidates: int) -> Lanes:
    """Empty lanes, up to whole tiles."""
    width = (candidates + LANES - 1) // LANES * LANES
    return Lanes(
        np.zeros((entries, width)),
        np.ones((entries, width)),
        np.zeros((entries, width)),
        np.zeros((entries, width)),
        np.zeros((entries, width)),
        np.ones(width),
        np.zeros(LANES),
        np.zeros(width),
        np.ones(width),
    )


@njit(error_model="numpy", inline="always")
def is_plain(aim: Aim) -> bool:
    """Whether the score is the bare product of the named entries' chances of signing."""
    plain = aim.objective == JOINT and aim.quorum.shape[0] == 0
    for e in range(aim.weight.shape[0]):
        plain = plain and aim.weight[e] == 1.0
    return plain


@uncounted
def add_gains(utility: FloatArray, gain: FloatArray, own: float) -> None:
    """Utility of a tile of candidates from that of the text."""
    for lane in range(LANES):
        utility[lane] = own + gain[lane]


@uncounted
def times_gains(free: FloatArray, gain: FloatArray, own: float) -> None:
    """Freedom from red lines of a tile of candidates from that of the text."""
    for lane in range(LANES):
        free[lane] = own * gain[lane]


def ask_of(aim: Aim) -> Ask:
    """What of a worth the aim counts."""
    if aim.objective == JOINT:
        return Ask(standing=1.0, need=1.0, scale=1.0 / aim.doubt, void=np.nan)
    return Ask(standing=1.0, need=float(aim.objective == EGALITARIAN), scale=1.0, void=0.0)


@njit(error_model="numpy", inline="always")
def sign(x: float) -> float:
    """The mediator's estimate that a party signs, red lines apart: the algebraic sigmoid, nothing transcendental."""
    return float(0.5 + 0.5 * x / np.sqrt(1.0 + x * x))


@uncounted
def multiply_acceptance(
    score: FloatArray, level: FloatArray, slope: FloatArray, utility: FloatArray, free: FloatArray
) -> None:
    """Fold an entry's acceptance, at weight 1, into a tile of joint scores: few arrays, so it vectorises."""
    for lane in range(LANES):
        x = level[lane] + slope[lane] * utility[lane]
        score[lane] *= (0.5 + 0.5 * x / np.sqrt(1.0 + x * x)) * free[lane]


@uncounted
def find_value(lanes: Lanes, aim: Aim, e: int, lo: int) -> None:
    """The entry's term in the objective, into `lanes.value`, for the tile of lanes from lo."""
    weight, objective = aim.weight[e], aim.objective
    for lane in range(lo, lo + LANES):
        counted = lanes.level[e, lane] + lanes.slope[e, lane] * lanes.utility[e, lane]
        if objective == JOINT:
            signs = sign(counted) * lanes.free[e, lane]
            lanes.value[e, lane] = signs if weight == 1.0 else signs**weight
        elif objective == EGALITARIAN:
            lanes.value[e, lane] = counted / weight if counted > 0.0 else counted * weight
        elif objective == UTILITARIAN:
            lanes.value[e, lane] = weight * counted
        elif objective == NASH:
            lanes.value[e, lane] = weight * np.log(counted) if counted > 0.0 else IMPOSSIBLE + counted


@uncounted
def join(score: FloatArray, value: FloatArray, objective: int, lo: int, at: int) -> None:
    """Fold one term into the score: product, sum, least, or (Nash) sum below the first shortfall.

    For the tile of scores from lo on, and of values from `at` on.
    """
    for n in range(LANES):
        lane, term = lo + n, value[at + n]
        if objective == JOINT:
            score[lane] *= term
        elif objective == EGALITARIAN:
            score[lane] = min(score[lane], term)
        elif objective == NASH:
            short, shorter = score[lane] <= IMPOSSIBLE, term <= IMPOSSIBLE
            if short and shorter:
                score[lane] += term - IMPOSSIBLE
            elif short == shorter:
                score[lane] += term
            elif shorter:
                score[lane] = term
        else:
            score[lane] += term


@uncounted
def join_blocs(lanes: Lanes, aim: Aim, lo: int) -> None:
    """A bloc counts as its quorum's-largest term."""
    values, counted = lanes.value, lanes.counted
    for b in range(aim.quorum.shape[0]):
        first, end, quorum = aim.members_from[b], aim.members_from[b + 1], aim.quorum[b]
        for n in range(LANES):
            for k in range(first, end):
                value = values[aim.members[k], lo + n]
                above, level = 0, 0
                for j in range(first, end):
                    above += values[aim.members[j], lo + n] > value
                    level += values[aim.members[j], lo + n] >= value
                if above < quorum <= level:
                    counted[n] = value
        join(lanes.score, counted, aim.objective, lo, 0)


@uncounted
def score_lanes(lanes: Lanes, aim: Aim, plain: bool, conflict: bool, lo: int) -> None:
    """Scores of the tile of candidates from lo on; `plain`: as `is_plain` says.

    Texts that must not be proposed score NOT_TABLED, or nan where plain: they settle nothing or, outside JOINT, cross
    a likely red line. Where no candidate is: nan.
    """
    entries, score, end = aim.weight.shape[0], lanes.score, lo + LANES
    if plain:
        for lane in range(lo, end):
            score[lane] = lanes.open[lane]
        for e in range(entries):
            if aim.named[e]:
                multiply_acceptance(
                    score[lo:end], lanes.level[e, lo:end], lanes.slope[e, lo:end], lanes.utility[e, lo:end],
                    lanes.free[e, lo:end],
                )  # fmt: skip
        return
    start = 1.0 if aim.objective == JOINT else (np.inf if aim.objective == EGALITARIAN else 0.0)
    for lane in range(lo, end):
        score[lane] = start
    for e in range(entries):
        find_value(lanes, aim, e, lo)
        if aim.named[e]:
            join(score, lanes.value[e], aim.objective, lo, lo)
    join_blocs(lanes, aim, lo)
    if aim.objective != JOINT:
        for e in range(entries):
            for lane in range(lo, end):
                if lanes.free[e, lane] < 0.5:
                    score[lane] = NOT_TABLED
    if conflict:
        for lane in range(lo, end):
            if lanes.share[lane] < NOTHING_SETTLED:
                score[lane] = NOT_TABLED
    for lane in range(lo, end):
        score[lane] *= lanes.open[lane]
