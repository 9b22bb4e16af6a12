"""What the war and the deal in force do between talks: the odds walk, deals break, deals reach their term."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.engine.block import SLACK, Block
from sim.engine.kernels_records import Book
from sim.engine.kernels_war import Passed, pass_round
from sim.engine.signing import SignersAgree
from sim.engine.streams import Stream, normal_rows, uniform_rows
from sim.theory.worth import ALMOST_CERTAIN

FloatArray = NDArray[np.float64]
DAYS_PER_WEEK: Final = 7.0


def pass_days(block: Block, rule: SignersAgree, book: Book) -> Passed:
    """Move the odds by one round, break deals, let those at their term roll over or expire, and book it all.

    A deal rolls over where every signer has worth >= reservation. Terms run in whole rounds: a deal ends with the round
    in which its last day falls. The parties' views of the war, not yet their standings, are then up to date.
    """
    passed = Passed(
        broken=np.zeros(block.runs, dtype=np.bool_),
        who=np.zeros(block.runs, dtype=np.int64),
        expired=np.zeros(block.runs, dtype=np.bool_),
        rolled=np.zeros(block.runs, dtype=np.bool_),
    )
    days = block.scenario.round_days
    if not block.conflict:
        book.days_in_force[block.has_deal] += days
        return passed
    pass_round(
        block.war, block.deals, passed, block.viewpoint, rule.compiled, block.seats, block.parties, book,
        *_draws(block), block.round - 1, days, days / DAYS_PER_WEEK, ALMOST_CERTAIN, SLACK,
    )  # fmt: skip
    return passed


def _draws(block: Block) -> tuple[FloatArray, FloatArray]:
    """Noise of the walk, standard normal (run,), and luck of the two sides' breaches, uniform (belligerent, run).

    The noise is `(z1 - z2) / sqrt 2`, each z keyed by its belligerent's role, so swapping them mirrors the walk.
    """
    assert block.scenario.conflict is not None
    roles = [block.scenario.parties[party].role for party in block.scenario.conflict.belligerents]
    address = block.round, block.worlds.first, block.runs
    first, second = normal_rows(block.seed, tuple((Stream.WALK, role) for role in roles), *address)
    luck = np.zeros((2, block.runs))
    if block.has_deal.any():
        luck = uniform_rows(block.seed, tuple((Stream.BREACH, role) for role in roles), *address)
    return (first - second) / np.sqrt(2.0), luck
