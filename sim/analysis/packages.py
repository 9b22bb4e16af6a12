"""Which packages are in force at the horizon, and how often."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.analysis.estimates import Share, share_of
from sim.engine.records import NEVER, NO_DEAL, Records
from sim.world.scenario import Package, Scenario

SHOWN: Final = 8  # packages listed one by one


@dataclass(frozen=True, slots=True)
class Frequency:
    """One package and how often it is what is in force."""

    package: Package
    outcome: str  # its class, or no deal
    share: Share


@dataclass(frozen=True, slots=True)
class Packages:
    """The most frequent packages, the first found first where two are equally frequent."""

    nothing: Share  # of runs with nothing in force
    top: tuple[Frequency, ...]
    others: Share  # of runs with a package not listed
    kinds: int  # different packages in force over all runs


def frequent_packages(scenario: Scenario, records: Records, shown: int = SHOWN) -> Packages:
    """The packages most often in force at the horizon."""
    held = records.package[:, records.package[0] != NEVER]
    firsts, counts = _distinct(held, [len(issue.options) for issue in scenario.issues])
    order = np.lexsort((firsts, -counts))
    runs = records.runs
    top = []
    for place in order[:shown]:
        package = tuple(int(option) for option in held[:, firsts[place]])
        top.append(Frequency(package, outcome_of(scenario, package), share_of(int(counts[place]), runs)))
    return Packages(
        nothing=share_of(runs - held.shape[1], runs),
        top=tuple(top),
        others=share_of(int(counts[order[shown:]].sum()), runs),
        kinds=len(counts),
    )


def outcome_of(scenario: Scenario, package: Package) -> str:
    """Name of the first outcome class that a package belongs to, else no deal."""
    return next((outcome.name for outcome in scenario.outcomes if outcome.matches(package)), NO_DEAL)


def _distinct(packages: NDArray[np.int64], sizes: list[int]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Of (issue, run) packages: the first run of each different one, and how many runs have it."""
    key = np.zeros(packages.shape[1], dtype=np.int64)
    span = 1
    for options, size in zip(packages, sizes, strict=True):
        if span * size > np.iinfo(np.int64).max // 2:  # ranks of what occurs take less room than all that could
            seen, key = np.unique(key, return_inverse=True)
            span = len(seen)
        key = key * size + options
        span *= size
    _, firsts, counts = np.unique(key, return_index=True, return_counts=True)
    return firsts.astype(np.int64), counts.astype(np.int64)
