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
from sim.engine.kernels_slots import Slots, find_worth
from sim.engine.kernels_stage import NEED, STANDING
from sim.engine.kernels_text import Lanes

JOINT, NASH, EGALITARIAN, UTILITARIAN, WORTH = range(5)
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
    focus: int  # under WORTH, the entry whose worth is the score


@njit(error_model="numpy", inline="always")
def accept(lanes: Lanes, e: int, standing: float, need: float, doubt: float) -> None:
    """The mediator's estimate that an entry signs: `S((surplus - need s) / doubt)` times its freedom from red lines.

    S is the algebraic sigmoid: no transcendental function in the scan.
    """
    for lane in range(LANES):
        x = (lanes.worth[e, lane] - standing - need * lanes.share[lane]) / doubt
        lanes.value[e, lane] = (0.5 + 0.5 * x / np.sqrt(1.0 + x * x)) * lanes.free[e, lane]


@uncounted
def find_value(lanes: Lanes, aim: Aim, e: int, standing: float, need: float) -> None:
    """The entry's term in the objective, into `lanes.value`; outside JOINT a likely red line forbids the text."""
    weight, objective = aim.weight[e], aim.objective
    if objective == JOINT:
        accept(lanes, e, standing, need, aim.doubt)
        if weight != 1.0:
            for lane in range(LANES):
                lanes.value[e, lane] = lanes.value[e, lane] ** weight
        return
    for lane in range(LANES):
        surplus = lanes.worth[e, lane] - standing
        if objective == EGALITARIAN:
            spare = surplus - need * lanes.share[lane]
            lanes.value[e, lane] = spare / weight if spare > 0.0 else spare * weight
        elif objective == UTILITARIAN:
            lanes.value[e, lane] = weight * surplus
        elif objective == NASH:
            lanes.value[e, lane] = weight * np.log(surplus) if surplus > 0.0 else IMPOSSIBLE + surplus


@uncounted
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


@uncounted
def join_blocs(lanes: Lanes, aim: Aim) -> None:
    """A bloc counts as its quorum's-largest term."""
    values, counted = lanes.value, lanes.counted
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
        join(lanes.score, counted, aim.objective)


@uncounted
def multiply_acceptance(
    worth: FloatArray, free: FloatArray, share: FloatArray, score: FloatArray, e: int,
    standing: float, need: float, doubt: float,
) -> None:  # fmt: skip
    """Fold an entry's acceptance, at weight 1, into the joint score in one pass: few arrays, so it vectorises."""
    for lane in range(LANES):
        x = (worth[e, lane] - standing - need * share[lane]) / doubt
        score[lane] *= (0.5 + 0.5 * x / np.sqrt(1.0 + x * x)) * free[e, lane]


@uncounted
def score_lanes(slots: Slots, lanes: Lanes, aim: Aim, conflict: bool) -> None:
    """Scores of the candidates on the lanes, whose slots are appraised; texts that must not be proposed: NOT_TABLED."""
    entries, score = aim.weight.shape[0], lanes.score
    for lane in range(LANES):
        lanes.share[lane] = slots.share[lanes.slot[lane]]
    if aim.objective == WORTH:
        find_worth(slots, lanes, aim.focus)
        for lane in range(LANES):
            score[lane] = lanes.worth[aim.focus, lane] if lanes.free[aim.focus, lane] > 0.5 else NOT_TABLED
    else:
        start = 1.0 if aim.objective == JOINT else (np.inf if aim.objective == EGALITARIAN else 0.0)
        plain = aim.objective == JOINT and aim.quorum.shape[0] == 0
        for e in range(entries):
            plain = plain and aim.weight[e] == 1.0
        for lane in range(LANES):
            score[lane] = start
        if plain:
            for e in range(entries):
                if aim.named[e]:
                    find_worth(slots, lanes, e)
                    standing, need = slots.lens[e, STANDING], slots.lens[e, NEED]
                    multiply_acceptance(lanes.worth, lanes.free, lanes.share, score, e, standing, need, aim.doubt)
            entries = 0
        for e in range(entries):
            find_worth(slots, lanes, e)
            find_value(lanes, aim, e, slots.lens[e, STANDING], slots.lens[e, NEED])
            if aim.named[e]:
                join(score, lanes.value[e], aim.objective)
        join_blocs(lanes, aim)
        if aim.objective != JOINT:
            for e in range(entries):
                for lane in range(LANES):
                    if lanes.free[e, lane] < 0.5:
                        score[lane] = NOT_TABLED
    if conflict:
        for lane in range(LANES):
            if lanes.share[lane] < NOTHING_SETTLED:
                score[lane] = NOT_TABLED
