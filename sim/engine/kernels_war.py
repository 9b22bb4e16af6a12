"""The compiled passing of a round between talks: the odds walk, deals break, the days left of deals run down."""

from math import exp, log, log1p, sqrt
from typing import NamedTuple

from numba import njit

from sim.engine.kernels import (
    BURDEN_FIRST,
    DRIFT,
    EXPOSURE,
    FRONT,
    HAZARD,
    LANES,
    PAUSED,
    RATE,
    REARM,
    SHIFT,
    SPOIL_FIRST,
    BoolArray,
    FloatArray,
    IntArray,
)


class War(NamedTuple):
    """What a round between talks changes; all in place."""

    logit: FloatArray  # (run,) of the odds
    ground: FloatArray  # (7, run) as in `Outlook`; the days of the present pause change
    evidence: FloatArray  # (belligerent, run) factor on the odds of sincere
    has_deal: BoolArray  # (run,)
    term_left: FloatArray  # (run,) days


class Passed(NamedTuple):
    """What happened in a round between talks."""

    broken: BoolArray  # (run,)
    who: IntArray  # (run,) whose side broke the deal, 1 or 2; 0 nobody
    kept: FloatArray  # (run,) days of the round that a deal was kept; 0 without one


@njit(error_model="numpy", cache=True)
def pass_days(
    war: War,
    passed: Passed,
    deal: FloatArray,
    base: FloatArray,
    volatility: FloatArray,
    plays: BoolArray,
    noise: FloatArray,
    luck: FloatArray,
    days: float,
    weeks: float,
) -> None:
    """Pass a round of `days` days, or `weeks` weeks, in every run.

    `deal` (tile, channel, lane) and `base` (run,): channel sums and base hazard of the deal in force; `volatility`
    (run,); `plays` (belligerent, run) who plays for time; `noise` (run,) standard normal; `luck` (belligerent, run)
    uniform. Competing risks: each side's time to breach is exponential in its own hazard, the earlier one counts. Days
    kept speak for both sides' sincerity, a breach against whoever broke.
    """
    ground = war.ground
    for run in range(noise.shape[0]):
        drift = ground[DRIFT, run]
        passed.broken[run], passed.who[run], passed.kept[run] = False, 0, 0.0
        if not war.has_deal[run]:
            war.logit[run] += drift * days + volatility[run] * sqrt(weeks) * noise[run]
            continue
        terms, lane = deal[run // LANES], run % LANES
        front, shift, multiplier = terms[FRONT, lane], terms[SHIFT, lane], terms[HAZARD, lane]
        war.logit[run] += front * drift * days + volatility[run] * sqrt(front * weeks) * noise[run]
        if shift != 0.0:
            rearm = ground[REARM, run]
            moving = min(days, min(war.term_left[run], max(rearm - ground[PAUSED, run], 0.0)))
            war.logit[run] += shift * moving / rearm
            ground[PAUSED, run] += days
        who, kept = 0, days
        for side in range(2):
            burden = min(max(terms[BURDEN_FIRST + side, lane], 0.0), 1.0)
            hazard = 0.5 * base[run] * multiplier + ground[SPOIL_FIRST + side, run]
            if plays[side, run]:
                hazard += ground[RATE, run] * multiplier * burden
            # A logarithm only where it can matter: -log(1 - u) >= u.
            if luck[side, run] < hazard * days:
                time = -log1p(-luck[side, run]) / hazard
                if time < kept:
                    who, kept = side + 1, time
        for side in range(2):
            burden = min(max(terms[BURDEN_FIRST + side, lane], 0.0), 1.0)
            sincere = 0.5 * base[run] * multiplier + ground[SPOIL_FIRST + side, run]
            extra = ground[RATE, run] * multiplier * burden
            if extra > 0.0:
                told = exp(extra * kept)
                if who == side + 1:
                    told *= sincere / (sincere + extra)
                war.evidence[side, run] *= told
        passed.who[run], passed.kept[run] = who, kept
        if who > 0:
            exposure = log(terms[EXPOSURE, lane])
            war.logit[run] += exposure if who == 1 else -exposure
            war.has_deal[run], passed.broken[run], ground[PAUSED, run] = False, True, 0.0
        else:
            war.term_left[run] -= days
