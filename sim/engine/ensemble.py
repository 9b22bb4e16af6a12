"""Blocks -> workers -> rows, the same in any order: an ensemble is a range of runs, each a function of its address."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.engine.block import Block
from sim.engine.kernels import LANES
from sim.engine.kernels_stage import stage_width
from sim.engine.mediators import AbstractMediator
from sim.engine.memory import keep_freed
from sim.engine.model import Negotiation, Watcher, release
from sim.engine.records import Records, joined
from sim.engine.signing import SignersAgree
from sim.engine.space import Space, compile_space
from sim.engine.tables import Layout, padded
from sim.engine.worlds import Plan, sample_worlds
from sim.world.scenario import Scenario

BLOCK_RUNS: Final = 960  # whole tiles; fits the cache; results do not depend on it
STAGE_BYTES: Final = 2**28  # that the stages of the joint choices of a block may take, but for a single tile of runs


@dataclass(frozen=True)
class Game:
    """All that decides a run besides its number: scenario, mediator, base hazards and seed."""

    scenario: Scenario
    mediator: AbstractMediator
    base: NDArray[np.float64]  # (2,) base hazard per day of a truce and of a treaty
    seed: int

    def __post_init__(self) -> None:
        self.mediator.check(self.scenario)

    def __getstate__(self) -> dict[str, object]:
        """Without what follows from the rest: another process compiles it sooner than it is sent."""
        kind = type(self)
        return {k: v for k, v in vars(self).items() if not isinstance(getattr(kind, k, None), cached_property)}

    @cached_property
    def space(self) -> Space:
        """The scenario's package space."""
        return compile_space(self.scenario)

    @cached_property
    def plan(self) -> Plan:
        """How the scenario's worlds are sampled."""
        return Plan(self.scenario, self.space)

    @cached_property
    def layout(self) -> Layout:
        """What its blocks have in common."""
        return Layout(self.plan, self.seats)

    def block(self, first: int, runs: int) -> Block:
        """Runs `first .. first + runs - 1` before their first round, and neighbours up to whole tiles."""
        worlds = sample_worlds(self.plan, self.seed, first, padded(runs))
        return Block(self.layout, worlds, self.seed, self.base)

    @cached_property
    def seats(self) -> tuple[int, ...]:
        """Parties whose worth counts in every round: the deciders, and the mediator's own party."""
        own = self.mediator.seat(self.scenario)
        deciders = SignersAgree.of(self.scenario).deciders
        return deciders if own is None or own in deciders else (*deciders, own)


def play_block(game: Game, first: int, runs: int, watcher: Watcher | None = None) -> Records:
    """The rows of runs `first .. first + runs - 1`, played as one Mesa model.

    As several, one after the other, where a scenario has so many joint choices that their stages would fill the memory.
    """
    keep_freed()
    fits = max(STAGE_BYTES // (max(stage_width(game.layout.stages), 1) * 8) // LANES, 1) * LANES
    if runs > fits and watcher is None:
        return joined([play_block(game, start, count) for start, count in blocks(first, runs, fits)])
    model = Negotiation(game.block(first, runs), game.mediator, watcher)
    try:
        return model.play().take(runs)
    finally:
        release(model)
        model.__dict__.clear()  # it and its agents refer to each other: its arrays would wait to be collected


def blocks(first: int, runs: int, size: int = BLOCK_RUNS) -> Iterator[tuple[int, int]]:
    """(first run, runs) of the blocks of a range."""
    for start in range(first, first + runs, size):
        yield start, min(size, first + runs - start)
