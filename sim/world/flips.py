"""What a scenario would be if a claim said the opposite: every number that rests on the claim, mirrored.

A share, chance or opening chance x becomes 1 - x, a signed number changes its sign. Saliences, costs and other scales
say how much, not which way, and stay; so does a mixture, which stands for what the claim leaves open.
"""

from typing import Final

from sim.world.distributions import Mixture
from sim.world.errors import ClaimError, nearest
from sim.world.scenario import Scenario

_ON_THE_UNIT_INTERVAL: Final = frozenset({"share", "chance", "logit"})


def flipped(scenario: Scenario, claim: str) -> dict[str, float]:
    """Changes (path -> central value) that mirror every number of the scenario that cites the claim.

    Raises ClaimError where no number rests on it, naming the nearest that some number rests on.
    """
    cited = sorted({name for number in scenario.numbers() for name in number.claims})
    if claim not in cited:
        raise ClaimError(f"no number of {scenario.name!r} rests on claim {claim!r}; {nearest(claim, cited)}")
    changes: dict[str, float] = {}
    for number in scenario.numbers():
        if claim not in number.claims or isinstance(number.distribution, Mixture):
            continue
        if number.kind in _ON_THE_UNIT_INTERVAL and number.centre != 0.5:
            changes[f"{number.path}.at"] = 1.0 - number.centre
        elif number.kind == "real" and number.centre != 0.0:
            changes[f"{number.path}.at"] = -number.centre
    if not changes:
        raise ClaimError(
            f"claim {claim!r} stands behind numbers that have no opposite only (saliences, costs, mixtures, even odds)"
        )
    return changes
