"""What a mediator believes about the parties: central values moved toward the truth, and what refusals disclose.

The mediator never sees a preference table. The engine, which does, moves these estimates: `information` is how much of
the truth reached the mediator beforehand, and a refusal discloses the issue or red line that it names.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from sim.engine.answers import Aspirations
from sim.engine.block import Block, Perspective, victories
from sim.engine.kernels import EFFECT_CHANNELS, NIL, RELIEF, UTILITY, Outlook
from sim.engine.kernels_learn import Central, Learning, estimate
from sim.engine.kernels_round import Observer, observe_deals
from sim.engine.space import Space
from sim.engine.worlds import Read, channel_rows, taste_tables
from sim.world.parts import Party
from sim.world.scenario import Number, Scenario

FloatArray = NDArray[np.float64]
Toward = Callable[[FloatArray, FloatArray], FloatArray]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """How much a mediator knows and learns; both 0..1."""

    information: float = 0.5  # share of the way from central values to the truth, before talks begin
    learning: float = 0.5  # share of the remaining way that a refusal discloses of what it names

    def __post_init__(self) -> None:
        for name in ("information", "learning"):
            value = getattr(self, name)
            if not 0.0 <= value <= 1.0:
                raise ValueError(f"{name} is a share of the truth, 0..1, not {value:g}")


class Estimates:
    """A mediator's estimates in every run of a block, updated in place by what parties disclose."""

    def __init__(self, block: Block, aspirations: Aspirations, knowledge: Knowledge) -> None:
        self.block, self.knowledge = block, knowledge
        share = knowledge.information

        def toward(truth: FloatArray, prior: FloatArray) -> FloatArray:
            return np.asarray(prior + share * (truth - prior))

        rows, links = np.empty_like(block.field.rows), np.empty_like(block.field.link_value)
        self.field = block.field._replace(rows=rows, link_value=links)
        utility = central_utility(block.scenario)[:, :, 0]
        estimate(block.field, self._central(utility), block.lines, block.seats, share, self.field)
        self.perspective = self._perspective(toward, utility)
        self.need = aspirations.announced.copy()  # (entry, run) what parties say they need is public
        view = self.perspective.view(np.exp(block.logit), block.evidence)
        self.viewpoint = block.viewpoint_of(self.perspective, view, self.need)
        self.observer = Observer(
            field=self.field,
            reading=block.reading,
            learning=Learning(
                rate=knowledge.learning,
                seats=block.seats,
                decides=aspirations.decides,
                need=self.need,
                lines=block.lines,
                start=block.space.start,
                eases=block.board.live[EFFECT_CHANNELS],
            ),
            deal_sums=np.ones_like(block.deals.sums),
        )
        observe_deals(self.observer, block.deals)

    @property
    def outlook(self) -> Outlook:
        """How the parties are thought to see the war, their standings, needs; brought up to date in place."""
        return self.viewpoint.outlook

    def look(self) -> None:
        """Bring the outlook up to date with the odds, the deal in force and breaches, which are public."""
        self.block.look_from(self.viewpoint, self.observer.deal_sums)

    def _central(self, utility: FloatArray) -> Central:
        """Central values for the kernels, and what is thought of red lines; `utility` (party, option)."""
        block, share = self.block, self.knowledge.information
        lines, links = block.worlds.lines, block.worlds.links
        relief = central_relief(block.scenario, block.space)
        rows = np.stack([relief[block.seats, :, 0], utility[block.seats]], axis=1)
        believed = [lines.chance + share * (drawn - lines.chance) for drawn in (0.0, 1.0)]
        return Central(
            rows=rows.reshape(-1, block.space.options),
            links=self._link_centres(),
            own=(links.channel == UTILITY) | (links.channel == RELIEF),
            line=links.line,
            free=np.maximum(1.0 - np.stack(believed, axis=1), NIL),
        )

    def _link_centres(self) -> FloatArray:
        """Central value of every link that is a party's own, in the order of the links; 0 for facts and red lines."""
        scenario, channels = self.block.scenario, self.block.worlds.links.channel
        centres = np.zeros(len(channels))
        pairs = [row for pair in scenario.effects for row in channel_rows(pair.effects, scenario, at_mean)]
        for place, (_, _, values) in enumerate(pairs):
            centres[place] = values[0]
        bonuses = [bonus for party in scenario.parties for bonus in party.interactions]
        for row, bonus in zip(np.flatnonzero(channels == UTILITY), bonuses, strict=True):
            centres[row] = bonus.bonus.distribution.mean
        return centres

    def _perspective(self, toward: Toward, utility: FloatArray) -> Perspective:
        """How the parties are thought to see the war; nobody outside knows a belligerent's type."""
        block, worlds, seats = self.block, self.block.worlds, self.block.seats
        lean = np.zeros((block.parties, 1))
        trusted = toward(worlds.trust / (1.0 + worlds.trust), central_trust(block.scenario))
        prior = np.asarray(trusted / (1.0 - trusted))[seats]
        if block.scenario.conflict is not None:
            optimism = central_personal(block.scenario, "optimism")
            for side, belligerent in enumerate(block.scenario.conflict.belligerents):
                lean[belligerent] = optimism[belligerent] * (1.0 if side == 0 else -1.0)
                others = [party for party in range(block.parties) if party != belligerent]
                mean = trusted[others, side].mean(axis=0)
                prior[seats == belligerent, side] = mean / (1.0 - mean)

        def believed(party: int, places: slice) -> FloatArray:
            return toward(worlds.utility[party, places], utility[party, places, np.newaxis])

        won = [
            block.utility_of(package, self.field)
            for package in victories(block.scenario, block.space, believed, block.runs)
        ]
        return Perspective(
            factor=np.exp(worlds.drift * worlds.planning + toward(worlds.lean, lean)[seats]),
            first_wins=won[0],
            second_wins=won[1],
            cost=toward(worlds.cost, central_personal(block.scenario, "cost"))[seats],
            prior=prior,
            known=(),
        )
