"""The one interface of mediators, and all that a mediator may see."""

import abc
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.engine.estimates import Knowledge
from sim.engine.kernels import Board, Field, Outlook
from sim.engine.kernels_sheets import Sheets
from sim.engine.kernels_stage import Stages
from sim.engine.signing import SignersAgree
from sim.engine.space import Space
from sim.world.scenario import Scenario

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


class MediatorError(ValueError):
    """A mediator that cannot mediate this scenario."""


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """What a mediator sees in a round: public facts and its own estimates, never a preference table."""

    scenario: Scenario
    space: Space
    board: Board
    stages: Stages  # joint choices as stages and lines
    sheets: Sheets  # revisions that texts permit
    rule: SignersAgree
    seats: tuple[int, ...]  # parties in the order of the tables' entries
    estimates: Field  # the parties' tables as estimated
    outlook: Outlook  # how parties see the war, their standings and needs, as estimated
    round: int
    text: IntArray  # (issue, run) last tabled; the status quo before the first
    tabled: BoolArray  # (run,) whether any text was tabled
    has_deal: BoolArray  # (run,)
    deal: IntArray  # (issue, run) in force
    talking: BoolArray  # (run,) whether tabling goes on


@dataclass(frozen=True, slots=True, eq=False)
class Proposal:
    """What is tabled this round."""

    packages: IntArray  # (issue, run) flat options
    asked: BoolArray  # (run,) False where nothing is tabled


class AbstractMediator(abc.ABC):
    """Proposes a text, in every run of a block at once. Frozen: what it learns stands in its estimates."""

    knowledge: Knowledge  # how much of the truth reaches it

    @property
    @abc.abstractmethod
    def behaviour(self) -> str:
        """One sentence that says what it does, for lists and reports."""

    @abc.abstractmethod
    def check(self, scenario: Scenario) -> None:
        """Raise MediatorError where it cannot mediate the scenario."""

    def seat(self, scenario: Scenario) -> int | None:
        """The party that mediates, where its own worth matters to the mediator."""
        return None

    @abc.abstractmethod
    def propose(self, sight: Sight) -> Proposal:
        """The text of this round in every run."""


def silence(sight: Sight) -> Proposal:
    """Nothing tabled anywhere."""
    return Proposal(packages=sight.text.copy(), asked=np.zeros_like(sight.talking))
