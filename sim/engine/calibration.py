"""The base hazard of a deal, solved once so that a reference deal survives as observed.

Observed survival already contains spoilers and bad faith; the terms for them are added on top of the base, so the base
must be what is left. Solved on the root scenario at central values: variants, sweeps and frozen inputs inherit it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from sim.world.errors import ScenarioError
from sim.world.scenario import Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A deal of one kind, and the share of such deals observed to have failed by some day."""

    days: float
    failed: float  # share, 0..1
    burden: tuple[float, float]  # what keeping it costs each belligerent, 0..1

    def __post_init__(self) -> None:
        if not (self.days > 0.0 and 0.0 < self.failed < 1.0 and all(0.0 <= b <= 1.0 for b in self.burden)):
            raise ValueError(
                f"a reference deal needs days > 0, a share failed between 0 and 1 and burdens in 0..1, not {self}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """Reference deals for the two kinds."""

    truce: Reference
    treaty: Reference


def survival(scenario: Scenario, reference: Reference, base: float, days: float) -> float:
    """Share of runs, over the belligerents' types, in which a reference deal lasts `days` at this base hazard."""
    conflict = scenario.conflict
    if conflict is None:
        return 1.0
    spoiler, rate = conflict.spoiler_rate.centre, conflict.deliberate_rate.centre
    share = float(np.exp(-days * base))
    for side, belligerent in enumerate(conflict.belligerents):
        party = scenario.parties[belligerent]
        plays = sum(kind.chance.centre for kind in party.types if kind.plays_for_time)
        control = 1.0 if party.control is None else party.control.centre
        share *= float(np.exp(-days * (1.0 - control) * spoiler))
        share *= (1.0 - plays) + plays * float(np.exp(-days * rate * reference.burden[side]))
    return share


def base_hazards(root: Scenario, calibration: Calibration) -> NDArray[np.float64]:
    """Base hazard per day of a truce and of a treaty; (2,).

    Raises ScenarioError where spoilers and bad faith alone break more deals than were observed to fail.
    """
    if root.conflict is None:
        return np.zeros(2)
    bases = []
    for kind, reference in (("truce", calibration.truce), ("treaty", calibration.treaty)):
        target = 1.0 - reference.failed
        without = survival(root, reference, 0.0, reference.days)
        if without < target:
            raise ScenarioError(
                f"scenario {root.name!r}: spoilers and deliberate breaches alone break {1 - without:.1%} of reference "
                f"{kind} deals within {reference.days:g} days, more than the {reference.failed:.1%} observed; lower "
                "conflict.deliberate_rate or conflict.spoiler_rate (or raise control)"
            )

        def gap(base: float, reference: Reference = reference, target: float = target) -> float:
            return survival(root, reference, base, reference.days) - target

        bases.append(0.0 if without == target else float(brentq(gap, 0.0, 1.0, xtol=1e-15)))
    return np.asarray(bases)
