"""What the war and the deal in force do between talks: the odds walk, deals break, deals reach their term."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.engine.block import SLACK, Block
from sim.engine.kernels_war import Passed, War, pass_days
from sim.engine.signing import SignersAgree
from sim.engine.streams import Stream, normals, uniforms

BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]
DAYS_PER_WEEK: Final = 7.0


def pass_round(block: Block) -> Passed:
    """Move the odds by one round, break deals and run down their days.

    The noise is `(z1 - z2) / sqrt 2`, each z keyed by its belligerent's role, so swapping them mirrors the walk.
    """
    worlds, days = block.worlds, block.scenario.round_days
    address = block.round, worlds.first, block.runs
    first, second = (normals(block.seed, Stream.WALK, role, *address) for role in _roles(block))
    luck = np.zeros((2, block.runs))
    if block.has_deal.any():
        for side, role in enumerate(_roles(block)):
            luck[side] = uniforms(block.seed, Stream.BREACH, role, *address)
    passed = Passed(
        broken=np.empty(block.runs, dtype=np.bool_),
        who=np.empty(block.runs, dtype=np.int64),
        kept=np.empty(block.runs),
    )
    pass_days(
        War(block.logit, block.ground_rows, block.evidence, block.has_deal, block.term_left),
        passed,
        block.deal_sums.rows,
        block.deal_sums.base,
        worlds.volatility,
        worlds.plays,
        (first - second) / np.sqrt(2.0),
        luck,
        days,
        days / DAYS_PER_WEEK,
    )
    return passed


def _roles(block: Block) -> tuple[str, str]:
    assert block.scenario.conflict is not None
    first, second = block.scenario.conflict.belligerents
    return block.scenario.parties[first].role, block.scenario.parties[second].role


def reach_term(block: Block, signers_agree: SignersAgree) -> tuple[BoolArray, BoolArray]:
    """Deals at their term roll over where every signer has worth >= reservation, else expire; (expired, rolled) masks.

    Terms run in whole rounds: a deal ends with the round in which its last day falls.
    """
    due = block.has_deal & (block.term_left <= SLACK)
    if not due.any():
        return due, due
    block.see()
    again = np.zeros((block.parties, block.runs), dtype=np.bool_)
    again[block.seats] = block.worth(block.deal_sums, block.outlook, due) >= block.reservation - SLACK
    rolled = due & signers_agree(again)
    np.copyto(block.term_left, block.deal_sums.term, where=rolled)
    expired = due & ~rolled
    block.has_deal &= ~expired
    block.paused[expired] = 0.0
    return expired, rolled
