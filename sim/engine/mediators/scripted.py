"""Mediators that do not search: a fixed sequence of named texts, and none at all."""

from dataclasses import dataclass, field
from typing import final

import numpy as np

from sim.engine.estimates import Knowledge
from sim.engine.mediators.base import AbstractMediator, MediatorError, Proposal, Sight, silence
from sim.world.errors import nearest
from sim.world.scenario import Scenario


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Scripted(AbstractMediator):
    """Tables named texts of the scenario in turn, over and over; one in force already is passed over in silence."""

    texts: tuple[str, ...] = ()  # none: all that the scenario names, in its order
    rounds_each: int = 1  # rounds that a text stays on the table before the next is tried
    knowledge: Knowledge = field(default_factory=Knowledge)

    def __post_init__(self) -> None:
        if self.rounds_each < 1:
            raise MediatorError(f"rounds_each must be at least 1, got {self.rounds_each}")

    @property
    def behaviour(self) -> str:
        """See AbstractMediator."""
        return "tables in turn " + (", then ".join(self.texts) or "every text that the scenario names")

    def check(self, scenario: Scenario) -> None:
        """See AbstractMediator."""
        names = [text.name for text in scenario.texts]
        if not names:
            raise MediatorError(
                "a scripted mediator tables the scenario's `texts`, and this scenario names none; add some"
            )
        for name in self.texts:
            if name not in names:
                raise MediatorError(f"the script names the text {name!r}, unknown here; {nearest(name, names)}")

    def propose(self, sight: Sight) -> Proposal:
        """See AbstractMediator."""
        script = self.texts or tuple(text.name for text in sight.scenario.texts)
        name = script[((sight.round - 1) // self.rounds_each) % len(script)]
        package = next(text.package for text in sight.scenario.texts if text.name == name)
        packages = np.repeat(sight.space.flat(package)[:, np.newaxis], len(sight.talking), axis=1)
        in_force = sight.has_deal & (packages == sight.deal).all(axis=0)
        return Proposal(packages=packages, asked=sight.talking & ~in_force)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class NoMediator(AbstractMediator):
    """Tables nothing: the war goes its way, and a deal in force at the start plays on."""

    knowledge: Knowledge = field(default_factory=Knowledge)

    @property
    def behaviour(self) -> str:
        """See AbstractMediator."""
        return "tables nothing"

    def check(self, scenario: Scenario) -> None:
        """See AbstractMediator."""

    def propose(self, sight: Sight) -> Proposal:
        """See AbstractMediator."""
        return silence(sight)
