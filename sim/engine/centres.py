"""A scenario's numbers at their central values: what is thought of the parties before anything is known of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from sim.engine.kernels import UTILITY
from sim.engine.space import Space
from sim.engine.worlds import Links, Read, channel_rows, taste_tables
from sim.world.parts import Party
from sim.world.scenario import Number, Scenario

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Centres:
    """Central values of a scenario's numbers, the parties' types averaged by their chances."""

    utility: FloatArray  # (party, option)
    relief: FloatArray  # (party, option)
    optimism: FloatArray  # (party,)
    cost: FloatArray  # (party,)
    trust: FloatArray  # (party, belligerent) belief that it is sincere, even odds where unstated
    links: FloatArray  # (link,) of a party's own; 0 for facts and red lines


def compile_centres(scenario: Scenario, space: Space, links: Links) -> Centres:
    """The scenario's central values; `links` in the order of its worlds."""
    return Centres(
        utility=central_utility(scenario)[:, :, 0],
        relief=central_relief(scenario, space)[:, :, 0],
        optimism=central_personal(scenario, "optimism")[:, 0],
        cost=central_personal(scenario, "cost")[:, 0],
        trust=central_trust(scenario)[:, :, 0],
        links=_central_links(scenario, links),
    )


def _over_types(party: Party, of: Callable[[Read], FloatArray]) -> FloatArray:
    """A quantity read at mean values as one run, averaged over the party's types by their chances."""

    def reader(overrides: Mapping[str, Number]) -> Read:
        return lambda number: np.full(1, overrides.get(number.path, number).distribution.mean)

    if not party.types:
        return of(reader({}))
    return np.asarray(sum(kind.chance.centre * of(reader(kind.overrides)) for kind in party.types))


def central_utility(scenario: Scenario) -> FloatArray:
    """Utility of options at central values; (party, option, 1)."""

    def of(party: Party) -> FloatArray:
        return _over_types(party, lambda read: taste_tables(scenario, party, read)[1])

    return np.stack([of(party) for party in scenario.parties])


def central_personal(scenario: Scenario, name: str) -> FloatArray:
    """A personal number of every party at its central value; (party, 1)."""

    def of(party: Party) -> FloatArray:
        number: Number | None = getattr(party, name)
        return _over_types(party, lambda read: np.zeros(1) if number is None else read(number))

    return np.stack([of(party) for party in scenario.parties])


def _read(read: Read, number: Number) -> FloatArray:
    return read(number)


def at_mean(number: Number) -> FloatArray:
    """A number read at its mean, as one run."""
    return np.full(1, number.distribution.mean)


def central_relief(scenario: Scenario, space: Space) -> FloatArray:
    """Relief that options bring parties, at central values; (party, option, 1)."""
    relief = np.zeros((len(scenario.parties), space.options, 1))
    options = (option for issue in scenario.issues for option in issue.options)
    for place, option in enumerate(options):
        for who, number in option.effects.relief.items():
            relief[scenario.party_index(who), place] = at_mean(number)
    return relief


def central_trust(scenario: Scenario) -> FloatArray:
    """Belief that each belligerent is sincere, at central values; (party, belligerent, 1), even odds where unstated."""
    trust = np.full((len(scenario.parties), 2, 1), 0.5)
    pair = scenario.conflict.belligerents if scenario.conflict is not None else ()
    for side, belligerent in enumerate(pair):
        name = scenario.parties[belligerent].name
        for index, party in enumerate(scenario.parties):
            if name in party.trust:
                trust[index, side] = _over_types(party, partial(_read, number=party.trust[name]))
    return trust


def _central_links(scenario: Scenario, links: Links) -> FloatArray:
    centres = np.zeros(len(links.channel))
    pairs = [row for pair in scenario.effects for row in channel_rows(pair.effects, scenario, at_mean)]
    for place, (_, _, values) in enumerate(pairs):
        centres[place] = values[0]
    bonuses = [bonus for party in scenario.parties for bonus in party.interactions]
    for row, bonus in zip(np.flatnonzero(links.channel == UTILITY), bonuses, strict=True):
        centres[row] = bonus.bonus.distribution.mean
    return centres
