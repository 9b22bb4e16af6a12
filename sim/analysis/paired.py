"""Two ensembles that share their luck, run by run: what changes, in how many runs, and by how much."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.analysis.estimates import Mean, Share, paired_mean, plain, share
from sim.engine.records import NEVER, NO_DEAL, Records
from sim.world.scenario import Scenario

BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Switch:
    """Something that happens or not in each run, played twice. Differences are other minus base, in shares of runs."""

    name: str
    base: Share
    other: Share
    difference: Mean
    both: int  # runs
    only_base: int
    only_other: int
    neither: int


@dataclass(frozen=True, slots=True)
class Change:
    """A quantity of each run, played twice. The difference is other minus base, in its own unit."""

    name: str
    base: float  # mean
    other: float
    difference: Mean
    changed: int  # runs in which it differs at all


@dataclass(frozen=True, slots=True)
class Comparison:
    """Paired differences between two scenarios, or two plays of one, at one seed."""

    base: str  # name of the scenario
    other: str
    runs: int
    outcomes: tuple[Switch, ...]  # at the horizon; no deal first
    ever: tuple[Switch, ...]  # any deal, then each class, ever in force
    days_in_force: Change
    worths: tuple[Change, ...]  # parties of both; each on a scale of its own

    def to_json(self) -> dict[str, object]:
        """Dicts, lists, words and numbers."""
        return {name: plain(getattr(self, name)) for name in Comparison.__slots__}


def excludes_zero(difference: Mean) -> bool:
    """Whether the 95% interval leaves out no difference at all."""
    return difference.low > 0 or difference.high < 0


def compare(records_a: Records, records_b: Records, scenario_a: Scenario, scenario_b: Scenario) -> Comparison:
    """Paired differences, `b` minus `a`, of rows that have the same seed and the same run numbers.

    Outcome classes are matched by name (by position between a scenario and its twin), parties by role. A class that one
    scenario does not name never occurs in it. Raises ValueError where the rows are not of the same runs.
    """
    if (records_a.first, records_a.runs) != (records_b.first, records_b.runs):
        raise ValueError(
            f"runs {records_a.first} to {records_a.first + records_a.runs - 1} cannot be paired with runs "
            f"{records_b.first} to {records_b.first + records_b.runs - 1}; play the same runs of both"
        )
    twins = scenario_a.digest == scenario_b.digest
    names_a = [outcome.name for outcome in scenario_a.outcomes]
    names_b = names_a if twins else [outcome.name for outcome in scenario_b.outcomes]
    names = list(dict.fromkeys((*names_a, *names_b)))
    outcomes = [_switch(NO_DEAL, records_a.outcome == 0, records_b.outcome == 0)]
    outcomes += [_switch(n, _now(records_a, names_a, n), _now(records_b, names_b, n)) for n in names]
    ever = [_switch("any deal", records_a.agreed_round != NEVER, records_b.agreed_round != NEVER)]
    ever += [_switch(n, _ever(records_a, names_a, n), _ever(records_b, names_b, n)) for n in names]
    return Comparison(
        base=scenario_a.name,
        other=scenario_b.name,
        runs=records_a.runs,
        outcomes=tuple(outcomes),
        ever=tuple(ever),
        days_in_force=_change("days in force", records_a.days_in_force, records_b.days_in_force),
        worths=_worths(records_a, records_b, scenario_a, scenario_b),
    )


def _now(records: Records, names: list[str], name: str) -> BoolArray:
    place = names.index(name) + 1 if name in names else -1
    return np.asarray(records.outcome == place)


def _ever(records: Records, names: list[str], name: str) -> BoolArray:
    if name not in names:
        return np.zeros(records.runs, dtype=np.bool_)
    return np.asarray(records.class_round[names.index(name)] != NEVER)


def _worths(records_a: Records, records_b: Records, scenario_a: Scenario, scenario_b: Scenario) -> tuple[Change, ...]:
    places_b = {party.role: place for place, party in enumerate(scenario_b.parties)}
    return tuple(
        _change(party.name, records_a.worth[place], records_b.worth[places_b[party.role]])
        for place, party in enumerate(scenario_a.parties)
        if party.role in places_b
    )


def _switch(name: str, base: BoolArray, other: BoolArray) -> Switch:
    return Switch(
        name=name,
        base=share(base),
        other=share(other),
        difference=paired_mean(other.astype(np.float64) - base.astype(np.float64)),
        both=int(np.count_nonzero(base & other)),
        only_base=int(np.count_nonzero(base & ~other)),
        only_other=int(np.count_nonzero(~base & other)),
        neither=int(np.count_nonzero(~base & ~other)),
    )


def _change(name: str, base: NDArray[np.float64], other: NDArray[np.float64]) -> Change:
    return Change(
        name=name,
        base=float(base.mean()),
        other=float(other.mean()),
        difference=paired_mean(other - base),
        changed=int(np.count_nonzero(other != base)),
    )
