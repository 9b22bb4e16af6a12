"""Scenario -> sampled worlds of a block of runs: every number drawn at its own address, in arrays for the kernels."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.engine.draws import Numbers
from sim.engine.kernels import (
    BURDEN_FIRST,
    CLEAR,
    EFFECT_CHANNELS,
    EXPOSURE,
    FACTORS,
    FRONT,
    HAZARD,
    LASTS,
    NIL,
    RELIEF,
    SETTLES,
    SHIFT,
    UTILITY,
)
from sim.engine.kernels_tastes import Tastes, fill_utilities
from sim.engine.space import Space
from sim.world.distributions import Exactly
from sim.world.parts import Effects, Party
from sim.world.scenario import Number, Scenario

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
Read = Callable[[Number], FloatArray]
SINGLE_EFFECTS: Final = (
    ("settles", SETTLES),
    ("lasts", LASTS),
    ("hazard", HAZARD),
    ("exposure", EXPOSURE),
    ("shift", SHIFT),
    ("front", FRONT),
)


@dataclass(frozen=True, slots=True, eq=False)
class Links:
    """What pairs of options bring beyond the two alone, in an order that every viewer shares."""

    first: IntArray  # (link,) flat option
    second: IntArray  # (link,)
    channel: IntArray  # (link,) a channel of sim.engine.kernels
    party: IntArray  # (link,) party of a per-party channel, else 0
    value: FloatArray  # (link, run)
    line: IntArray  # (link,) red line that the link belongs to, or -1


@dataclass(frozen=True, slots=True, eq=False)
class RedLines:
    """Every red line of every party, in the order of the scenario, and whether it is one in each run."""

    party: IntArray  # (line,)
    issue: IntArray  # (line,) the first issue it names
    crossing: tuple[tuple[tuple[int, frozenset[int]], ...], ...]  # per line: issue -> flat options that cross it
    chance: FloatArray  # (line,)
    drawn: BoolArray  # (line, run)


@dataclass(frozen=True, slots=True, eq=False)
class Worlds:
    """A block of sampled worlds; it takes ownership of its arrays and locks them. Run axis last."""

    first: int  # number of the block's first run
    weight: FloatArray  # (party, issue, run), >= 0, sums to 1 over issue
    utility: FloatArray  # (party, option, run) weight times value
    effects: FloatArray  # (channel, option, run) channels of sim.engine.kernels; exposure as an odds ratio
    relief: FloatArray  # (party, option, run)
    links: Links
    lines: RedLines
    kind: IntArray  # (party, run) type drawn, 0 where a party has none
    plays: BoolArray  # (belligerent, run) whether it plays for time
    cost: FloatArray  # (party, run)
    lean: FloatArray  # (party, run) optimism, signed toward the first belligerent's victory; 0 for third parties
    firmness: FloatArray  # (party, run)
    concession: FloatArray  # (party, run)
    exaggeration: FloatArray  # (party, run)
    control: FloatArray  # (belligerent, run)
    trust: FloatArray  # (party, belligerent, run) odds that the belligerent is sincere; its own: 1 (unused)
    logit_odds: FloatArray  # (run,) opening logit of the first belligerent's chance to prevail
    drift: FloatArray  # (run,) logits a day
    volatility: FloatArray  # (run,) sd of the logit a week
    planning: FloatArray  # (run,) days
    rearm: FloatArray  # (run,) days
    deliberate: FloatArray  # (run,) breaches a day
    spoiler: FloatArray  # (run,) breaches a day
    reservation: FloatArray  # (party, run); zeros where the conflict is the outside option
    discount: FloatArray  # (run,)

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                value.setflags(write=False)

    @property
    def runs(self) -> int:
        """Number of runs in the block."""
        return int(self.utility.shape[2])


def taste_tables(scenario: Scenario, party: Party, read: Read) -> tuple[FloatArray, FloatArray]:
    """Weights (issue, run) and utility of options (option, run), weight times value, of one party.

    Single-peaked value: `1 - (|x - ideal| / max(ideal, 1 - ideal)) ** gamma` [KeeneyRaiffa1976]_.
    """
    saliences = np.stack([read(taste.salience) for taste in party.tastes])
    weight = saliences / saliences.sum(axis=0)
    rows = []
    for issue, taste, share in zip(scenario.issues, party.tastes, weight, strict=True):
        if taste.values is not None:
            rows += [share * read(value) for value in taste.values]
        elif taste.ideal is not None:
            ideal = read(taste.ideal)
            reach = np.maximum(ideal, 1.0 - ideal)
            for option in issue.options:
                position = 0.0 if option.position is None else option.position.centre
                distance = np.abs(position - ideal) / reach
                bent = distance if taste.gamma is None else distance ** read(taste.gamma)
                rows.append(share * (1.0 - bent))
    return weight, np.stack(rows)


def channel_rows(effects: Effects, scenario: Scenario, read: Read) -> list[tuple[int, int, FloatArray]]:
    """(channel, party, values) of every effect stated."""
    rows = []
    for name, channel in SINGLE_EFFECTS:
        number: Number | None = getattr(effects, name)
        if number is None:
            continue
        values = np.exp(read(number)) if channel == EXPOSURE else read(number)
        if channel < FACTORS:
            values = np.maximum(values, NIL)
        rows.append((channel, 0, values))
        if channel == LASTS:  # the settlement lasts no longer than the deal
            rows.append((SETTLES, 0, values))
    for who, number in effects.relief.items():
        rows.append((RELIEF, scenario.party_index(who), read(number)))
    belligerents = scenario.conflict.belligerents if scenario.conflict is not None else ()
    for who, number in effects.burden.items():
        rows.append((BURDEN_FIRST + belligerents.index(scenario.party_index(who)), 0, read(number)))
    return rows


def _effect_tables(scenario: Scenario, space: Space, read: Read, runs: int) -> tuple[FloatArray, FloatArray]:
    effects = np.zeros((EFFECT_CHANNELS, space.options, runs))
    effects[:FACTORS] = 1.0
    relief = np.zeros((len(scenario.parties), space.options, runs))
    place = 0
    for issue in scenario.issues:
        for option in issue.options:
            for channel, party, values in channel_rows(option.effects, scenario, read):
                if channel == RELIEF:
                    relief[party, place] += values
                elif channel < FACTORS:
                    effects[channel, place] *= values
                else:
                    effects[channel, place] += values
            place += 1
    return effects, relief


def _red_lines(scenario: Scenario, space: Space, luck: FloatArray) -> RedLines:
    owner, issue, crossing, chance = [], [], [], []
    for index, party in enumerate(scenario.parties):
        for line in party.red_lines:
            owner.append(index)
            issue.append(line.when[0][0])
            crossing.append(tuple((i, frozenset(int(space.start[i]) + o for o in options)) for i, options in line.when))
            chance.append(line.chance.centre)
    chances = np.asarray(chance, dtype=np.float64)
    return RedLines(
        party=np.asarray(owner, dtype=np.int64),
        issue=np.asarray(issue, dtype=np.int64),
        crossing=tuple(crossing),
        chance=chances,
        drawn=luck < chances[:, np.newaxis],
    )


def _links(scenario: Scenario, space: Space, lines: RedLines, read: Read, by_party: list[Read]) -> Links:
    rows: list[tuple[int, int, int, int, int, FloatArray]] = []
    for pair in scenario.effects:
        one, other = (int(space.start[issue]) + option for issue, option in (pair.first, pair.second))
        for channel, who, values in channel_rows(pair.effects, scenario, read):
            rows.append((one, other, channel, who, -1, values))
    for index, party in enumerate(scenario.parties):
        for bonus in party.interactions:
            one, other = (int(space.start[issue]) + option for issue, option in (bonus.first, bonus.second))
            rows.append((one, other, UTILITY, index, -1, by_party[index](bonus.bonus)))
    for number, crossing in enumerate(lines.crossing):
        if len(crossing) == 2:
            crossed = np.where(lines.drawn[number], NIL, 1.0)
            for one in sorted(crossing[0][1]):
                rows += [
                    (one, other, CLEAR, int(lines.party[number]), number, crossed) for other in sorted(crossing[1][1])
                ]
    runs = lines.drawn.shape[1]
    columns = [np.asarray([row[k] for row in rows], dtype=np.int64) for k in range(5)]
    value = np.stack([row[5] for row in rows]) if rows else np.zeros((0, runs))
    return Links(
        first=columns[0], second=columns[1], channel=columns[2], party=columns[3], line=columns[4], value=value
    )


class Plan:
    """How worlds of a scenario are sampled, compiled once."""

    def __init__(self, scenario: Scenario, space: Space) -> None:
        self.scenario, self.space = scenario, space
        self.numbers = Numbers(scenario)
        self.tastes = self._tastes()
        self.bent = any(taste.gamma is not None for party in scenario.parties for taste in party.tastes)

    def _tastes(self) -> Tastes:
        options = [option for issue in self.scenario.issues for option in issue.options]
        position = [0.0 if option.position is None else option.position.centre for option in options]
        shape = len(self.scenario.parties), self.space.issues
        salience, ideal = np.zeros(shape, dtype=np.int64), np.full(shape, -1)
        value = np.full((shape[0], self.space.options), -1)
        for index, party in enumerate(self.scenario.parties):
            for issue, wish in enumerate(party.tastes):
                salience[index, issue] = self.numbers.row_of(wish.salience, index)
                if wish.ideal is not None:
                    ideal[index, issue] = self.numbers.row_of(wish.ideal, index)
                for option, number in enumerate(wish.values or ()):
                    value[index, self.space.start[issue] + option] = self.numbers.row_of(number, index)
        return Tastes(self.space.start, np.asarray(position, dtype=np.float64), salience, ideal, value)

    def stated(self) -> tuple[FloatArray, FloatArray]:
        """Effects (channel, option) and relief (party, option) of options, NaN where they differ from run to run."""

        def read(number: Number) -> FloatArray:
            belief = number.distribution
            return np.full(1, belief.centre if isinstance(belief, Exactly) else np.nan)

        effects, relief = _effect_tables(self.scenario, self.space, read, 1)
        return effects[:, :, 0], relief[:, :, 0]

    def utilities(self, table: FloatArray, reads: list[Read]) -> tuple[FloatArray, FloatArray]:
        """Weights (party, issue, run) and utilities (party, option, run) of every party: see `taste_tables`."""
        parties, issues = self.tastes.salience.shape
        weight = np.empty((parties, issues, table.shape[1]))
        utility = np.empty((parties, self.space.options, table.shape[1]))
        fill_utilities(self.tastes, table, weight, utility)
        if self.bent:
            for index, (party, read) in enumerate(zip(self.scenario.parties, reads, strict=True)):
                weight[index], utility[index] = taste_tables(self.scenario, party, read)
        return weight, utility


def sample_worlds(plan: Plan, seed: int, first: int, runs: int) -> Worlds:
    """The worlds of runs `first .. first + runs - 1`, each a function of `(seed, address, run)` and nothing else."""
    scenario, space, numbers = plan.scenario, plan.space, plan.numbers
    table, kinds, luck = numbers.draw(seed, first, runs)

    def reader(party: int) -> Read:
        return lambda number: table[numbers.row_of(number, party)]

    draws, reads = reader(-1), [reader(party) for party in range(len(scenario.parties))]
    weight, utility = plan.utilities(table, reads)
    effects, relief = _effect_tables(scenario, space, draws, runs)
    lines = _red_lines(scenario, space, luck)
    zero = np.zeros(runs)

    def personal(name: str) -> FloatArray:
        numbers: list[Number | None] = [getattr(party, name) for party in scenario.parties]
        pairs = zip(numbers, reads, strict=True)
        return np.stack([zero if number is None else read(number) for number, read in pairs])

    conflict = scenario.conflict
    pair = conflict.belligerents if conflict is not None else ()
    signs = np.zeros((len(scenario.parties), 1))
    for side, belligerent in enumerate(pair):
        signs[belligerent] = 1.0 if side == 0 else -1.0

    def world(name: str, otherwise: float) -> FloatArray:
        return np.full(runs, otherwise) if conflict is None else draws(getattr(conflict, name))

    odds = world("odds", 0.5)
    return Worlds(
        first=first,
        weight=weight,
        utility=utility,
        effects=effects,
        relief=relief,
        links=_links(scenario, space, lines, draws, reads),
        lines=lines,
        kind=kinds,
        plays=_plays(scenario, kinds, runs),
        cost=personal("cost"),
        lean=personal("optimism") * signs,
        firmness=personal("firmness"),
        concession=personal("concession"),
        exaggeration=personal("exaggeration"),
        control=np.stack([personal("control")[b] for b in pair]) if pair else np.ones((2, runs)),
        trust=_trust(scenario, reads, runs),
        logit_odds=np.log(odds) - np.log1p(-odds),
        drift=world("drift", 0.0),
        volatility=world("volatility", 0.0),
        planning=world("planning_days", 1.0),
        rearm=world("rearm_days", 1.0),
        deliberate=world("deliberate_rate", 0.0),
        spoiler=world("spoiler_rate", 0.0),
        reservation=personal("reservation"),
        discount=np.ones(runs) if scenario.discount is None else draws(scenario.discount),
    )


def _plays(scenario: Scenario, kinds: IntArray, runs: int) -> BoolArray:
    plays = np.zeros((2, runs), dtype=np.bool_)
    for side, belligerent in enumerate(scenario.conflict.belligerents if scenario.conflict is not None else ()):
        for index, kind in enumerate(scenario.parties[belligerent].types):
            plays[side] |= kind.plays_for_time & (kinds[belligerent] == index)
    return plays


def _trust(scenario: Scenario, reads: list[Read], runs: int) -> FloatArray:
    """Prior odds that each belligerent is sincere; beliefs are kept in [1e-12, 1 - 1e-12]."""
    odds = np.ones((len(scenario.parties), 2, runs))
    for side, belligerent in enumerate(scenario.conflict.belligerents if scenario.conflict is not None else ()):
        name = scenario.parties[belligerent].name
        for index, party in enumerate(scenario.parties):
            if name in party.trust:
                belief = np.clip(reads[index](party.trust[name]), 1e-12, 1.0 - 1e-12)
                odds[index, side] = belief / (1.0 - belief)
    return odds
