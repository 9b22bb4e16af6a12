"""The hill-climbing mediator: revises a single text as long as its objective improves [Klein2003]_."""

from dataclasses import dataclass, field
from typing import Final, final

import numpy as np

from sim.engine.estimates import Knowledge
from sim.engine.kernels_score import EGALITARIAN, JOINT, NASH, NOT_TABLED, UTILITARIAN, Aim
from sim.engine.kernels_search import climb
from sim.engine.mediators.base import AbstractMediator, BoolArray, FloatArray, IntArray, MediatorError, Proposal, Sight
from sim.engine.space import Space
from sim.world.errors import nearest
from sim.world.scenario import Scenario

OBJECTIVES: Final = {"joint": JOINT, "nash": NASH, "egalitarian": EGALITARIAN, "utilitarian": UTILITARIAN}


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class HillClimb(AbstractMediator):
    """Moves from the text last tabled (the deal in force after a signature) to the best revision until none improves.

    Revisions change one issue, carrying along whatever a rule then forbids, or, where no single change improves, two
    linked ones beside which the rest may stand. The first text is the best of one climb from each option of the
    scenario's scope issue.
    """

    objective: str = "joint"
    doubt: float = 0.03  # scale of its doubt about an answer, in worth
    bias: dict[str, float] = field(default_factory=dict)  # party -> weight in the objective; 1 where not named
    party: str | None = None  # the party that mediates, if it is one
    own_weight: float = 0.0  # weight of that party's own worth in the objective
    knowledge: Knowledge = field(default_factory=Knowledge)

    def __post_init__(self) -> None:
        if self.objective not in OBJECTIVES:
            raise MediatorError(
                f"there is no objective {self.objective!r}; {nearest(self.objective, list(OBJECTIVES))}"
            )
        if not self.doubt > 0.0:
            raise MediatorError(f"doubt must be positive, got {self.doubt:g}; for a mediator that is sure, use 0.001")
        for name, weight in {**self.bias, "own_weight": self.own_weight}.items():
            if not weight >= 0.0 or not np.isfinite(weight):
                raise MediatorError(f"the weight of {name} must be a finite number of at least 0, got {weight:g}")
        if self.own_weight > 0.0 and self.party is None:
            raise MediatorError("own_weight needs `party`: name the party that mediates, or set own_weight to 0")

    @property
    def behaviour(self) -> str:
        """See AbstractMediator."""
        return (
            f"revises the last text, one issue or two linked ones at a time, while its {self.objective} objective rises"
        )

    def check(self, scenario: Scenario) -> None:
        """See AbstractMediator."""
        names = [party.name for party in scenario.parties]
        for name in (*self.bias, *((self.party,) if self.party is not None else ())):
            if name not in names:
                raise MediatorError(f"the mediator names the party {name!r}, unknown here; {nearest(name, names)}")

    def seat(self, scenario: Scenario) -> int | None:
        """See AbstractMediator."""
        return None if self.party is None else scenario.party_index(self.party)

    def propose(self, sight: Sight) -> Proposal:
        """See AbstractMediator."""
        aim = self._aim(sight)
        packages = np.where(sight.has_deal, sight.deal, sight.text)
        scores = np.full(sight.talking.shape, NOT_TABLED)
        opened = sight.talking & (sight.tabled | sight.has_deal)
        self._climb(sight, aim, packages, opened, scores)
        opening = sight.talking & ~opened
        if opening.any():
            for start in opening_texts(sight.scenario, sight.space):
                attempt = np.repeat(start[:, np.newaxis], len(opening), axis=1)
                reached = np.full(opening.shape, NOT_TABLED)
                self._climb(sight, aim, attempt, opening, reached)
                better = opening & (reached > scores)
                packages = np.where(better, attempt, packages)
                scores = np.where(better, reached, scores)
        unchanged = sight.has_deal & (packages == sight.deal).all(axis=0)
        return Proposal(packages=packages, asked=sight.talking & ~unchanged & (scores > NOT_TABLED))

    def _climb(self, sight: Sight, aim: Aim, packages: IntArray, active: BoolArray, scores: FloatArray) -> None:
        if active.any():
            rules = sight.stages, sight.sheets
            climb(sight.board, sight.estimates, *rules, sight.outlook, aim, packages, active, scores)

    def _aim(self, sight: Sight) -> Aim:
        scenario, rule, seats = sight.scenario, sight.rule, list(sight.seats)
        own = scenario.party_index(self.party) if self.party is not None and self.own_weight > 0.0 else None
        weight = [self.bias.get(scenario.parties[party].name, 1.0) for party in seats]
        if own is not None:  # a mediator that must sign has both weights: its signature's and its own interest's
            weight[seats.index(own)] = self.own_weight + (weight[seats.index(own)] if own in rule.signers else 0.0)
        members = [seats.index(member) for group, _ in rule.blocs for member in group]
        return Aim(
            objective=OBJECTIVES[self.objective],
            named=np.asarray([party in rule.signers or party == own for party in seats]),
            members=np.asarray(members, dtype=np.int64),
            members_from=np.cumsum([0, *(len(group) for group, _ in rule.blocs)]),
            quorum=np.asarray([quorum for _, quorum in rule.blocs], dtype=np.int64),
            weight=np.asarray(weight),
            doubt=self.doubt,
        )


def opening_texts(scenario: Scenario, space: Space) -> list[IntArray]:
    """Where first climbs start: the status quo with each option of the scope issue in place, (issue,) flat options."""
    if scenario.scope_issue is None:
        return [space.status_quo]
    starts = (space.revised(space.status_quo, place) for place in space.places(scenario.scope_issue))
    return [start for start in starts if start is not None]
