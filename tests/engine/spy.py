"""A mediator that shows a test what it saw and what it proposed."""

from collections.abc import Callable
from typing import final

from sim.engine.mediators import AbstractMediator, Proposal, Sight


@final
class Spy(AbstractMediator):
    """Does what another mediator does, and lets a test look on before anything is learned from the answers."""

    def __init__(self, inner: AbstractMediator, look: Callable[[Sight, Proposal], None]) -> None:
        self.inner, self.look = inner, look
        self.knowledge = inner.knowledge

    @property
    def behaviour(self) -> str:
        return self.inner.behaviour

    def check(self, scenario) -> None:
        self.inner.check(scenario)

    def seat(self, scenario) -> int | None:
        return self.inner.seat(scenario)

    def propose(self, sight: Sight) -> Proposal:
        proposal = self.inner.propose(sight)
        self.look(sight, proposal)
        return proposal
