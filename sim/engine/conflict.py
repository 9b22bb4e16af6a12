"""What the war and the deal in force do between talks: the odds walk, deals break, deals reach their term."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.engine.block import SLACK, Block
from sim.engine.kernels import EXPOSURE, FRONT, SHIFT
from sim.engine.signing import SignersAgree
from sim.engine.streams import Stream, normals, uniforms
from sim.theory.worth import deliberate_hazards, sincere_hazards

BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]
DAYS_PER_WEEK: Final = 7.0


def _roles(block: Block) -> tuple[str, str]:
    assert block.scenario.conflict is not None
    first, second = block.scenario.conflict.belligerents
    return block.scenario.parties[first].role, block.scenario.parties[second].role


def walk(block: Block) -> None:
    """Move the odds by one round: drift and noise of the front, and the shift of a pause that is on.

    The noise is `(z1 - z2) / sqrt 2`, each z keyed by its belligerent's role, so swapping them mirrors the walk.
    """
    worlds, days = block.worlds, block.scenario.round_days
    z = [normals(block.seed, Stream.WALK, role, block.round, worlds.first, block.runs) for role in _roles(block)]
    shift = block.deal_sums.channel(SHIFT)
    front = np.where(block.has_deal, block.deal_sums.channel(FRONT), 1.0)
    spread = worlds.volatility * np.sqrt(front * days / DAYS_PER_WEEK)
    block.logit += front * worlds.drift * days + spread * (z[0] - z[1]) / np.sqrt(2.0)
    pausing = block.has_deal & (shift != 0.0)
    moving = np.minimum(days, np.minimum(block.term_left, np.maximum(worlds.rearm - block.paused, 0.0)))
    block.logit += np.where(pausing, shift * moving / worlds.rearm, 0.0)
    block.paused = np.where(pausing, block.paused + days, block.paused)


def breach(block: Block) -> tuple[BoolArray, NDArray[np.int64], FloatArray]:
    """Breaches of the deal in force during the round: who broke (run,) 0 nobody, 1 or 2; days kept (run,).

    Competing risks: each side's time to breach is exponential in its own hazard, the earlier one counts. Also weighs
    the round as evidence of sincerity: days kept speak for both sides, a breach against whoever broke.
    """
    worlds, days = block.worlds, block.scenario.round_days
    terms, ground = block.deal_sums.terms(), block.ground
    sincere = np.stack(sincere_hazards(terms, ground))
    extra = np.stack(deliberate_hazards(terms, ground))
    hazard = sincere + worlds.plays * extra
    luck = np.stack(
        [uniforms(block.seed, Stream.BREACH, role, block.round, worlds.first, block.runs) for role in _roles(block)]
    )
    waited = -np.log1p(-luck)
    times = np.divide(waited, hazard, out=np.full_like(waited, np.inf), where=hazard > 0.0)
    earliest = times.min(axis=0)
    broken = block.has_deal & (earliest < days)
    who = np.where(broken, np.where(times[0] <= times[1], 1, 2), 0)
    kept = np.where(broken, earliest, days)
    learned = np.exp(extra * kept)
    suspicion = np.divide(sincere, sincere + extra, out=np.ones_like(sincere), where=sincere + extra > 0.0)
    for side in (0, 1):
        learned[side] = np.where(who == side + 1, learned[side] * suspicion[side], learned[side])
    block.evidence = np.where(block.has_deal, block.evidence * learned, block.evidence)
    return broken, who, kept


def collapse(block: Block, broken: BoolArray, who: NDArray[np.int64]) -> None:
    """End the deals that broke: the odds move by the exposure in favour of whoever broke."""
    exposure = np.log(block.deal_sums.channel(EXPOSURE))
    gain = np.where(who == 1, exposure, -exposure)
    block.logit = np.where(broken, block.logit + gain, block.logit)
    _lapse(block, broken)


def reach_term(block: Block, signers_agree: SignersAgree) -> tuple[BoolArray, BoolArray]:
    """Deals at their term roll over where every signer has worth >= reservation, else expire; (expired, rolled) masks.

    Terms run in whole rounds: a deal ends with the round in which its last day falls.
    """
    due = block.has_deal & (block.term_left <= SLACK)
    if not due.any():
        return due, due
    block.look()
    again = np.zeros((block.parties, block.runs), dtype=np.bool_)
    again[block.seats] = block.worth(block.deal_sums, block.outlook, due) >= block.reservation - SLACK
    rolled = due & signers_agree(again)
    block.term_left = np.where(rolled, block.deal_sums.term, block.term_left)
    expired = due & ~rolled
    _lapse(block, expired)
    return expired, rolled


def _lapse(block: Block, ended: BoolArray) -> None:
    block.has_deal &= ~ended
    block.paused = np.where(ended, 0.0, block.paused)
