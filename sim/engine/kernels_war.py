"""The compiled passing of a round between talks: the odds walk, deals break, deals reach their term."""

from math import exp, log, log1p, sqrt
from typing import NamedTuple

import numpy as np
from numba import njit

from sim.engine.kernels import (
    BURDEN_FIRST,
    DRIFT,
    EFFECT_CHANNELS,
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
    uncounted,
)
from sim.engine.kernels_answers import Rule, agreed
from sim.engine.kernels_fetch import fetch_lanes, fetch_rows
from sim.engine.kernels_records import COLLAPSED, EXPIRED, Book, note_end
from sim.engine.kernels_stand import Viewpoint, fetch_viewpoint, see_tile
from sim.engine.kernels_worth import Bench, appraise_deals, lay_deals, lay_ground, make_bench, settle_deals


class War(NamedTuple):
    """What is public of the war in every run, and what drives it."""

    logit: FloatArray  # (run,) of the odds
    odds: FloatArray  # (run,) as they were last looked at
    ground: FloatArray  # (7, run) as in `Outlook`; the days of the present pause change
    evidence: FloatArray  # (belligerent, run) factor on the odds of sincere
    volatility: FloatArray  # (run,) sd of the logit a week
    plays: BoolArray  # (belligerent, run) whether it plays for time


class Deals(NamedTuple):
    """The deal in force in every run, or the last that was."""

    packages: IntArray  # (issue, run) flat options
    sums: FloatArray  # (tile, channel, lane) what they add up to
    term: FloatArray  # (run,) days
    base: FloatArray  # (run,) base hazard per day
    in_force: BoolArray  # (run,)
    term_left: FloatArray  # (run,) days


class Passed(NamedTuple):
    """What happened in a round between talks; (run,) each."""

    broken: BoolArray
    who: IntArray  # whose side broke the deal, 1 or 2; 0 nobody
    expired: BoolArray
    rolled: BoolArray


@uncounted
def _pass_run(
    war: War, deals: Deals, passed: Passed, book: Book, noise: FloatArray, luck: FloatArray, run: int,
    rounds: int, days: float, weeks: float,
) -> None:  # fmt: skip
    """Pass a round of `days` days, or `weeks` weeks, after `rounds` others, in one run, but for terms.

    Competing risks: each side's time to breach is exponential in its own hazard, the earlier one counts. Days kept
    speak for both sides' sincerity, a breach against whoever broke.
    """
    ground, terms, tile, lane = war.ground, deals.sums, run // LANES, run % LANES
    drift = ground[DRIFT, run]
    passed.broken[run], passed.who[run] = False, 0
    if not deals.in_force[run]:
        war.logit[run] += drift * days + war.volatility[run] * sqrt(weeks) * noise[run]
        return
    front, shift, multiplier = terms[tile, FRONT, lane], terms[tile, SHIFT, lane], terms[tile, HAZARD, lane]
    war.logit[run] += front * drift * days + war.volatility[run] * sqrt(front * weeks) * noise[run]
    if shift != 0.0:
        rearm = ground[REARM, run]
        moving = min(days, min(deals.term_left[run], max(rearm - ground[PAUSED, run], 0.0)))
        war.logit[run] += shift * moving / rearm
        ground[PAUSED, run] += days
    who, kept = 0, days
    for side in range(2):
        burden = min(max(terms[tile, BURDEN_FIRST + side, lane], 0.0), 1.0)
        hazard = 0.5 * deals.base[run] * multiplier + ground[SPOIL_FIRST + side, run]
        if war.plays[side, run]:
            hazard += ground[RATE, run] * multiplier * burden
        # A logarithm only where it can matter: -log(1 - u) >= u.
        if luck[side, run] < hazard * days:
            time = -log1p(-luck[side, run]) / hazard
            if time < kept:
                who, kept = side + 1, time
    for side in range(2):
        burden = min(max(terms[tile, BURDEN_FIRST + side, lane], 0.0), 1.0)
        sincere = 0.5 * deals.base[run] * multiplier + ground[SPOIL_FIRST + side, run]
        extra = ground[RATE, run] * multiplier * burden
        if extra > 0.0:
            told = exp(extra * kept)
            if who == side + 1:
                told *= sincere / (sincere + extra)
            war.evidence[side, run] *= told
    book.days_in_force[run] += kept
    if who == 0:
        deals.term_left[run] -= days
        return
    exposure = log(terms[tile, EXPOSURE, lane])
    war.logit[run] += exposure if who == 1 else -exposure
    deals.in_force[run], ground[PAUSED, run] = False, 0.0
    passed.broken[run], passed.who[run], book.broke[run] = True, who, who
    note_end(book, run, COLLAPSED, rounds, days, kept)


@uncounted
def _reach_term(
    bench: Bench, war: War, deals: Deals, passed: Passed, viewpoint: Viewpoint, rule: Rule, seats: IntArray,
    accepts: BoolArray, slack: float, lo: int,
) -> None:  # fmt: skip
    """Which of a tile's deals that are due, noted as expired, roll over for their full term.

    Those in which the rule is met when every party accepts that has worth >= reservation. `accepts` (party, LANES) is
    scratch.
    """
    lay_ground(bench, war.ground, lo)
    lay_deals(bench, deals.sums, deals.term, deals.base, lo)
    settle_deals(bench)
    for e in range(seats.shape[0]):
        appraise_deals(bench, viewpoint.outlook, e, deals.sums, lo)
        for lane in range(LANES):
            accepts[seats[e], lane] = bench.worth[lane] >= viewpoint.reservation[e, lo + lane] - slack
    for lane in range(LANES):
        run = lo + lane
        if passed.expired[run] and agreed(rule, accepts, lane):
            passed.expired[run], passed.rolled[run] = False, True
            deals.term_left[run] = deals.term[run]


@njit(error_model="numpy", cache=True)
def pass_round(
    war: War,
    deals: Deals,
    passed: Passed,
    viewpoint: Viewpoint,
    rule: Rule,
    seats: IntArray,
    parties: int,
    book: Book,
    noise: FloatArray,
    luck: FloatArray,
    rounds: int,
    days: float,
    weeks: float,
    bound: float,
    slack: float,
) -> None:
    """Pass a round of `days` days, or `weeks` weeks, after `rounds` others, in every run; views are then up to date.

    `noise` (run,) standard normal, `luck` (belligerent, run) uniform; `seats` (entry,) the parties whose viewpoint it
    is; `bound` as in `see_tile`. A deal ends with the round in which its last day falls, up to `slack` days.
    """
    bench, accepts = make_bench(), np.zeros((parties, LANES), dtype=np.bool_)
    for tile in range(deals.sums.shape[0]):
        lo, due = tile * LANES, False
        fetch_rows(deals.sums, tile + 1, 0, EFFECT_CHANNELS)
        fetch_lanes(war.ground, lo + LANES)
        fetch_viewpoint(viewpoint, lo + LANES)
        for run in range(lo, lo + LANES):
            _pass_run(war, deals, passed, book, noise, luck, run, rounds, days, weeks)
            passed.rolled[run] = False
            passed.expired[run] = deals.in_force[run] and deals.term_left[run] <= slack
            due = due or passed.expired[run]
        for run in range(lo, lo + LANES):
            war.odds[run] = exp(war.logit[run])
        see_tile(bench, viewpoint, war.odds, war.evidence, bound, lo)
        if not due:
            continue
        _reach_term(bench, war, deals, passed, viewpoint, rule, seats, accepts, slack, lo)
        for run in range(lo, lo + LANES):
            if passed.expired[run]:
                deals.in_force[run], war.ground[PAUSED, run] = False, 0.0
                note_end(book, run, EXPIRED, rounds, days, days)
