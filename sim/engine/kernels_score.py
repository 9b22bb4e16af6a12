"""The compiled objectives of a search: from what candidates add up to, to one score each."""

from typing import Final, NamedTuple

import numpy as np
from numba import njit

from sim.engine.kernels import (
    EFFECT_CHANNELS,
    LANES,
    NOTHING_SETTLED,
    SETTLES,
    FloatArray,
    IntArray,
    accept_term,
    appraise,
)

JOINT, NASH, EGALITARIAN, UTILITARIAN, WORTH = range(5)
NOT_TABLED: Final = -1e9  # score of a text that must not be proposed
IMPOSSIBLE: Final = -1000.0  # where some surplus is not positive, the Nash objective ranks below by the shortfall


class Aim(NamedTuple):
    """What a search maximises over the parties seen (entries)."""

    objective: int
    named: np.ndarray  # (entry,) whether its own answer counts, beside any bloc's
    members: IntArray  # entries of every bloc in a row
    members_from: IntArray  # (bloc + 1,) where each bloc's members start
    quorum: IntArray  # (bloc,)
    weight: FloatArray  # (entry,) exponent or factor of the entry in the objective
    doubt: float  # scale of the mediator's doubt about an answer, in worth
    focus: int  # under WORTH, the entry whose worth is the score


@njit(error_model="numpy", cache=True)
def worth_entry(
    sums: FloatArray,
    settled: FloatArray,
    lasting: FloatArray,
    seen: FloatArray,
    discount: float,
    conflict: bool,
    e: int,
    worth: FloatArray,
) -> None:
    """Worth of the candidates to one entry, (lane,)."""
    place = (EFFECT_CHANNELS + 2 * e) * LANES
    if conflict:
        appraise(settled, lasting, sums[place : place + 2 * LANES], seen, worth)
    else:
        for lane in range(LANES):
            worth[lane] = sums[place + LANES + lane] * discount


@njit(error_model="numpy", cache=True)
def value_entry(
    objective: int,
    worth: FloatArray,
    seen: FloatArray,
    share: FloatArray,
    clear: FloatArray,
    weight: float,
    doubt: float,
    value: FloatArray,
) -> None:
    """The entry's term in the objective, (lane,); outside JOINT a likely red line forbids the text."""
    standing, need = seen[6 * LANES : 7 * LANES], seen[7 * LANES : 8 * LANES]
    if objective == JOINT:
        accept_term(worth, standing, need, share, doubt, value)
        for lane in range(LANES):
            value[lane] *= clear[lane]
        if weight != 1.0:
            for lane in range(LANES):
                value[lane] = value[lane] ** weight
        return
    for lane in range(LANES):
        surplus = worth[lane] - standing[lane]
        if objective == EGALITARIAN:
            spare = surplus - need[lane] * share[lane]
            value[lane] = spare / weight if spare > 0.0 else spare * weight
        elif objective == UTILITARIAN:
            value[lane] = weight * surplus
        elif objective == NASH:
            value[lane] = weight * np.log(surplus) if surplus > 0.0 else IMPOSSIBLE + surplus


@njit(error_model="numpy", cache=True)
def join(score: FloatArray, value: FloatArray, objective: int) -> None:
    """Fold one term into the score: product, sum, least, or (Nash) sum below the first shortfall."""
    if objective == JOINT:
        for lane in range(LANES):
            score[lane] *= value[lane]
        return
    for lane in range(LANES):
        term = value[lane]
        if objective == EGALITARIAN:
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


@njit(error_model="numpy", cache=True)
def join_blocs(score: FloatArray, values: FloatArray, aim: Aim, counted: FloatArray) -> None:
    """A bloc counts as its quorum's-largest term; `counted` (lane,) is scratch."""
    for b in range(aim.quorum.shape[0]):
        lo, end, quorum = aim.members_from[b], aim.members_from[b + 1], aim.quorum[b]
        for lane in range(LANES):
            for k in range(lo, end):
                value = values[aim.members[k], lane]
                above, level = 0, 0
                for j in range(lo, end):
                    above += values[aim.members[j], lane] > value
                    level += values[aim.members[j], lane] >= value
                if above < quorum <= level:
                    counted[lane] = value
        join(score, counted, aim.objective)


@njit(error_model="numpy", cache=True)
def score_lanes(
    sums: FloatArray,
    settled: FloatArray,
    lasting: FloatArray,
    seen: FloatArray,
    discount: float,
    conflict: bool,
    aim: Aim,
    worth: FloatArray,
    value: FloatArray,
    counted: FloatArray,
    score: FloatArray,
) -> None:
    """Scores (lane,) of the candidates whose rows stand in `sums`; texts that must not be proposed get NOT_TABLED.

    `seen` (entry, 8 * LANES); `worth`, `value` (entry, LANES) and `counted` (LANES,) are scratch.
    """
    entries = aim.weight.shape[0]
    clear = (EFFECT_CHANNELS + 2 * entries) * LANES
    if aim.objective == WORTH:
        e = aim.focus
        worth_entry(sums, settled, lasting, seen[e], discount, conflict, e, worth[e])
        for lane in range(LANES):
            score[lane] = worth[e, lane] if sums[clear + e * LANES + lane] > 0.5 else NOT_TABLED
    else:
        start = 1.0 if aim.objective == JOINT else (np.inf if aim.objective == EGALITARIAN else 0.0)
        for lane in range(LANES):
            score[lane] = start
        for e in range(entries):
            own_clear = sums[clear + e * LANES : clear + (e + 1) * LANES]
            worth_entry(sums, settled, lasting, seen[e], discount, conflict, e, worth[e])
            value_entry(aim.objective, worth[e], seen[e], settled, own_clear, aim.weight[e], aim.doubt, value[e])
            if aim.named[e]:
                join(score, value[e], aim.objective)
        join_blocs(score, value, aim, counted)
        if aim.objective != JOINT:
            for e in range(entries):
                for lane in range(LANES):
                    if sums[clear + e * LANES + lane] < 0.5:
                        score[lane] = NOT_TABLED
    if conflict:
        for lane in range(LANES):
            if sums[SETTLES * LANES + lane] < NOTHING_SETTLED:
                score[lane] = NOT_TABLED
