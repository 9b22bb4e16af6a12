"""All numbers of a scenario as rows of one table, so that a block draws them together, family by family."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

from sim.engine.streams import Stream, uniform_rows
from sim.world.distributions import AbstractDistribution, Exactly, LogitNormal, Lognormal, Normal, TruncatedNormal
from sim.world.parts import Party
from sim.world.scenario import Number, Scenario

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
_GRID: Final = 2.0**-53  # of the uniforms
_HALF_STEP: Final = 2.0**-54  # so that 0 is never asked for
BELLS: Final = (Normal, TruncatedNormal, Lognormal, LogitNormal)
_STRIP: Final = 8  # rows taken at once: few enough to stay in the cache
_PLAIN, _LOG, _LOGIT, _OTHER, _CERTAIN = range(5)  # families, in the order of the table


def bells(luck: FloatArray, shapes: FloatArray) -> FloatArray:
    """Values of bells at uniforms (item, run) in [0, 1); `shapes` (item, column) as `sim.world.bells.Bell`."""
    left, right, mass, at, spread, low, high = shapes.reshape(-1, 7).T[:, :, np.newaxis]
    # Counted from the nearer tail: probabilities next to 1 have lost the digits that matter.
    below = left + np.where(luck < 0.5, luck + _HALF_STEP, luck) * mass
    above = right + ((1.0 - _GRID - luck) + _HALF_STEP) * mass
    z = np.where(below <= above, 1.0, -1.0) * special.ndtri(np.minimum(below, above))
    return np.asarray(np.clip(at + spread * z, low, high))


class Drawn(NamedTuple):
    """What a block drew of a scenario's numbers; run axis last, (run,) each row."""

    table: FloatArray  # (row, run) see `Numbers.row_of`
    kinds: IntArray  # (party, run) type drawn, 0 where a party has none
    lines: FloatArray  # (line, run) luck of every red line, in the order of the scenario


class Numbers:
    """A scenario's numbers, compiled: one row of a table for each, and for what a party's type makes of it.

    Every row is drawn at the number's own address, whoever else draws.
    """

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        numbers = sorted(_drawn_numbers(scenario), key=lambda number: _family(number.distribution))
        beliefs = [number.distribution for number in numbers]
        families = np.asarray([_family(belief) for belief in beliefs], dtype=np.int64)
        self._ends = np.searchsorted(families, range(5), side="right").tolist()  # row after the last of each family
        self._rows = {id(number): row for row, number in enumerate(numbers)}
        self._shapes = np.asarray([belief.bell for belief in beliefs if isinstance(belief, BELLS)], dtype=np.float64)
        self._medians = np.asarray([[belief.at] for belief in beliefs if isinstance(belief, Lognormal)])
        self._others = beliefs[self._ends[_LOGIT] : self._ends[_OTHER]]
        self._certain = np.asarray([[belief.centre] for belief in beliefs[self._ends[_OTHER] :]])
        parties = scenario.parties
        self._typed = [(index, party) for index, party in enumerate(parties) if party.types]
        lines = [line for party in parties for line in party.red_lines]
        self._items = (
            *((Stream.NUMBERS, number.address) for number in numbers[: self._ends[_OTHER]]),
            *((Stream.TYPE, f"parties.{party.role}.types") for _, party in self._typed),
            *((Stream.RED_LINE, line.chance.address) for line in lines),
        )
        self._own = {}  # (party, number) -> row of the number as the type drawn for the party has it
        self._overrides: list[tuple[int, int, int, list[tuple[int, int]]]] = []  # row, party, row, (type, row)
        for index, party in self._typed:
            for number in party.numbers():
                found = [(kind, self._rows[id(other)]) for kind, other in _overrides(party, number)]
                if found:
                    row = len(numbers) + len(self._overrides)
                    self._own[index, id(number)] = row
                    self._overrides.append((row, index, self._rows[id(number)], found))

    def __reduce__(self) -> tuple[type["Numbers"], tuple[Scenario]]:
        return Numbers, (self.scenario,)  # rows are found by identity, which does not travel

    def row_of(self, number: Number, party: int = -1) -> int:
        """Row of a number; of a party's own number, as the type drawn for the party has it."""
        return self._own.get((party, id(number)), self._rows[id(number)])

    def draw(self, seed: int, first: int, runs: int) -> Drawn:
        """Draws of runs `first .. first + runs - 1`."""
        luck = uniform_rows(seed, self._items, 0, first, runs)
        plain, log, logit, other, certain = self._ends
        table = np.empty((certain + len(self._overrides), runs))
        table[:other] = luck[:other]
        for lo in range(0, logit, _STRIP):
            rows = slice(lo, min(lo + _STRIP, logit))
            table[rows] = bells(luck[rows], self._shapes[rows])
        table[plain:log] = self._medians.reshape(-1, 1) * np.exp(table[plain:log])
        table[log:logit] = special.expit(table[log:logit])
        for row, belief in enumerate(self._others, start=logit):
            table[row] = belief.quantile(luck[row])
        table[other:certain] = self._certain.reshape(-1, 1)
        kinds = np.zeros((len(self.scenario.parties), runs), dtype=np.int64)
        for row, (index, party) in enumerate(self._typed, start=other):
            upto = np.cumsum([kind.chance.centre for kind in party.types])
            kinds[index] = np.minimum(np.searchsorted(upto, luck[row], side="right"), len(party.types) - 1)
        for row, index, base, found in self._overrides:
            table[row] = table[base]
            for kind, own in found:
                table[row] = np.where(kinds[index] == kind, table[own], table[row])
        table.setflags(write=False)
        return Drawn(table, kinds, luck[other + len(self._typed) :])


def _drawn_numbers(scenario: Scenario) -> list[Number]:
    """Every number that may be drawn, once: positions and chances are read at their centres."""
    centred = {id(option.position) for issue in scenario.issues for option in issue.options}
    for party in scenario.parties:
        centred |= {id(line.chance) for line in party.red_lines} | {id(kind.chance) for kind in party.types}
    return [number for number in {id(n): n for n in scenario.numbers()}.values() if id(number) not in centred]


def _family(belief: AbstractDistribution) -> int:
    if isinstance(belief, Normal | TruncatedNormal):
        return _PLAIN
    if isinstance(belief, Lognormal | LogitNormal):
        return _LOG if isinstance(belief, Lognormal) else _LOGIT
    return _CERTAIN if isinstance(belief, Exactly) else _OTHER


def _overrides(party: Party, number: Number) -> list[tuple[int, Number]]:
    """(type, number) of a party's types that override one of its numbers."""
    kinds = enumerate(party.types)
    return [(index, kind.overrides[number.path]) for index, kind in kinds if number.path in kind.overrides]
