"""What kind of quantity each number of a scenario is: its range, its family, and how its grade widens it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sim.world.distributions import (
    AbstractDistribution,
    Exactly,
    LogitNormal,
    Lognormal,
    Normal,
    TruncatedNormal,
)
from sim.world.errors import ScenarioError, nearest
from sim.world.numbers import Grade

Widths = Mapping[str, Mapping[str, float]]  # kind -> grade -> spread in the family's own scale

SPREADING: Final = ("share", "real", "scale", "logit")
SMALLEST_REAL: Final = 0.1  # a real number is at least as uncertain as one of this size


@dataclass(frozen=True, slots=True)
class Quantity:
    """A kind of number with its range; `strict` where the bounds themselves are out of the question."""

    kind: str
    low: float = 0.0
    high: float = math.inf
    strict: bool = False
    proportional: bool = False  # the spread of a real number in proportion to its size, however small

    @property
    def spreads(self) -> bool:
        """Whether a number of this kind is uncertain at all."""
        return self.kind in SPREADING

    def admits(self, low: float, high: float) -> bool:
        """Whether everything from low to high lies in the range."""
        if self.strict:
            return self.low < low and high < self.high
        return self.low <= low and high <= self.high

    def words(self) -> str:
        """The range, for a message."""
        if math.isfinite(self.high):
            span = f"{self.low:g}..{self.high:g}" if math.isfinite(self.low) else f"at most {self.high:g}"
        elif math.isfinite(self.low):
            return f"more than {self.low:g}" if self.strict else f"at least {self.low:g}"
        else:
            return "any number"
        return f"{span}, the ends excluded" if self.strict else span


_SHARE: Final = Quantity("share", 0.0, 1.0)
_SCALE: Final = Quantity("scale")
_REAL: Final = Quantity("real", -math.inf)
_DAYS: Final = Quantity("days", strict=True)

QUANTITIES: Final[Mapping[str, Quantity]] = {
    "position": Quantity("position", 0.0, 1.0),
    "chance": Quantity("chance", 0.0, 1.0),
    "planning_days": _DAYS,
    "rearm_days": _DAYS,
    "ideal": _SHARE,
    "values": _SHARE,
    "settles": _SHARE,
    "lasts": _SHARE,
    "front": _SHARE,
    "burden": _SHARE,
    "control": _SHARE,
    "trust": _SHARE,
    "firmness": _SHARE,
    "exaggeration": _SHARE,
    "discount": _SHARE,
    "reservation": _SHARE,
    "relief": Quantity("real", -math.inf, 1.0),
    "shift": _REAL,
    "exposure": _REAL,
    "bonus": _REAL,
    "drift": Quantity("real", -math.inf, proportional=True),
    "salience": _SCALE,
    "cost": _SCALE,
    "optimism": _SCALE,
    "hazard": _SCALE,
    "volatility": _SCALE,
    "deliberate_rate": _SCALE,
    "spoiler_rate": _SCALE,
    "concession": Quantity("scale", strict=True),
    "gamma": Quantity("scale", strict=True),
    "odds": Quantity("logit", 0.0, 1.0, strict=True),
}


def check_widths(widths: Widths) -> None:
    """Refuse a table of widths that leaves a kind or a grade without a spread."""
    for kind in SPREADING:
        if kind not in widths:
            raise ScenarioError(f"the widths by grade say nothing of {kind!r}; add it under `widths`")
        for grade in Grade:
            if grade.value not in widths[kind]:
                raise ScenarioError(f"the widths of {kind!r} say nothing of {grade.value!r}; add it")
            width = widths[kind][grade.value]
            if not (math.isfinite(width) and width >= 0):
                raise ScenarioError(f"the width of {kind!r} at {grade.value!r} is {width}; say 0 or more")
    for kind in widths:
        if kind not in SPREADING:
            raise ScenarioError(f"the widths name an unknown kind {kind!r}; {nearest(kind, SPREADING)}")


def default_spread(quantity: Quantity, at: float, grade: Grade, widths: Widths) -> float:
    """How wide a number of this grade is, in the scale of its family (logs, logits, or the number's own unit)."""
    if not quantity.spreads:
        return 0.0
    width = float(widths[quantity.kind][grade.value])
    if quantity.kind == "real":
        return width * (abs(at) if quantity.proportional else max(abs(at), SMALLEST_REAL))
    return 0.0 if quantity.kind == "scale" and at == 0 else width


def around(quantity: Quantity, at: float, spread: float) -> AbstractDistribution:
    """The family of the quantity around a central value."""
    if spread == 0:
        return Exactly(at)
    if quantity.kind == "scale":
        return Lognormal(at, spread)
    if quantity.kind == "logit":
        return LogitNormal(at, spread)
    return bell(quantity, at, spread)


def bell(quantity: Quantity, at: float, spread: float) -> AbstractDistribution:
    """A normal in the number's own unit, truncated to the range of the quantity where it has one."""
    if math.isinf(quantity.low) and math.isinf(quantity.high):
        return Normal(at, spread)
    return TruncatedNormal(at, spread, quantity.low, quantity.high)


def spread_in_units(quantity: Quantity, at: float, spread: float) -> float:
    """A spread in the scale of the family, to first order in the number's own unit."""
    if quantity.kind == "scale":
        return spread * at
    return spread * at * (1 - at) if quantity.kind == "logit" else spread
