"""One-dimensional distributions of a scenario's numbers: validate, inverse CDF, mean.

The bells are in `bells`; here are certainty, the bounded shapes and mixtures, and every name an importer needs.
"""

import math
from dataclasses import dataclass
from typing import Final, final

import numpy as np
from scipy import special

from sim.world.bells import (
    HALF_STEP,
    ONE_BELOW,
    AbstractDistribution,
    Floats,
    LogitNormal,
    Lognormal,
    Normal,
    TruncatedNormal,
    finite,
    ordered,
    standard_normal,
)

__all__ = [
    "AbstractDistribution",
    "Exactly",
    "LogitNormal",
    "Lognormal",
    "Mixture",
    "Normal",
    "Pert",
    "TruncatedNormal",
    "Uniform",
    "standard_normal",
]

_GRID: Final = 4096  # points at which a mixture's interval is read


@final
@dataclass(frozen=True, slots=True)
class Exactly(AbstractDistribution):
    """No doubt at all."""

    value: float

    def __post_init__(self) -> None:
        finite(value=self.value)

    def quantile(self, u: Floats) -> Floats:
        return np.full(np.shape(u), self.value, dtype=np.float64)

    @property
    def mean(self) -> float:
        return self.value

    @property
    def centre(self) -> float:
        return self.value

    @property
    def sd(self) -> float:
        return 0.0

    @property
    def support(self) -> tuple[float, float]:
        return self.value, self.value

    def words(self) -> str:
        return f"exactly {self.value:g}"


@final
@dataclass(frozen=True, slots=True)
class Uniform(AbstractDistribution):
    """Anything between low and high, equally."""

    low: float
    high: float

    def __post_init__(self) -> None:
        finite(low=self.low, high=self.high)
        ordered(self.low, self.high)

    def quantile(self, u: Floats) -> Floats:
        return np.minimum(self.low + (self.high - self.low) * (u + HALF_STEP), self.high)

    @property
    def mean(self) -> float:
        return (self.low + self.high) / 2

    @property
    def centre(self) -> float:
        return self.mean

    @property
    def sd(self) -> float:
        return (self.high - self.low) / math.sqrt(12)

    @property
    def support(self) -> tuple[float, float]:
        return self.low, self.high

    def words(self) -> str:
        return f"uniform {self.low:g}..{self.high:g}"


@final
@dataclass(frozen=True, slots=True)
class Pert(AbstractDistribution):
    """A beta stretched over low..high with the given mode, the mode weighing four times an end [Malcolm1959]_."""

    low: float
    mode: float
    high: float

    def __post_init__(self) -> None:
        finite(low=self.low, mode=self.mode, high=self.high)
        ordered(self.low, self.high)
        if not self.low <= self.mode <= self.high:
            raise ValueError(f"the mode {self.mode:g} lies outside {self.low:g}..{self.high:g}; say [low, mode, high]")

    def _shape(self) -> tuple[float, float]:
        width = self.high - self.low
        return 1 + 4 * (self.mode - self.low) / width, 1 + 4 * (self.high - self.mode) / width

    def quantile(self, u: Floats) -> Floats:
        a, b = self._shape()
        inside: Floats = special.betaincinv(a, b, np.minimum(u + HALF_STEP, ONE_BELOW))
        return np.minimum(self.low + (self.high - self.low) * inside, self.high)

    @property
    def mean(self) -> float:
        return (self.low + 4 * self.mode + self.high) / 6

    @property
    def centre(self) -> float:
        return self.mode

    @property
    def sd(self) -> float:
        a, b = self._shape()
        return (self.high - self.low) * math.sqrt(a * b / 7) / 6  # a + b is always 6

    @property
    def support(self) -> tuple[float, float]:
        return self.low, self.high

    def words(self) -> str:
        return f"pert {self.low:g}, {self.mode:g}, {self.high:g}"


@final
@dataclass(frozen=True, slots=True)
class Mixture(AbstractDistribution):
    """One of several distributions, each with its probability: for "not known whether", which is no wide bell.

    The first part takes u below its probability, the second the next stretch, and so on, each rescaled to
    [0, 1). `quantile` therefore draws the mixture but is not monotone; `interval` sorts before it reads.
    """

    parts: tuple[tuple[float, AbstractDistribution], ...]

    def __post_init__(self) -> None:
        if not self.parts:
            raise ValueError("a mixture needs at least one part; say [[0.5, 0.1], [0.5, 0.9]]")
        for chance, _ in self.parts:
            if not 0 < chance <= 1:
                raise ValueError(f"a part's probability must lie between 0 and 1, got {chance:g}")
        total = math.fsum(chance for chance, _ in self.parts)
        if abs(total - 1) > 1e-9:
            raise ValueError(f"the probabilities of the parts add to {total:g}; make them add to 1")

    def quantile(self, u: Floats) -> Floats:
        u = np.asarray(u, dtype=np.float64)
        edges = np.cumsum([chance for chance, _ in self.parts])
        picked = np.searchsorted(edges[:-1], u, side="right")
        value = np.empty_like(u)
        for index, (chance, part) in enumerate(self.parts):
            here = picked == index
            start = edges[index - 1] if index else 0.0
            value[here] = part.quantile(np.clip((u[here] - start) / chance, 0.0, ONE_BELOW))
        return value

    @property
    def mean(self) -> float:
        return math.fsum(chance * part.mean for chance, part in self.parts)

    @property
    def centre(self) -> float:
        """The mean of the parts' centres: what an observer who does not know which part holds would plan on."""
        return math.fsum(chance * part.centre for chance, part in self.parts)

    @property
    def sd(self) -> float:
        mean = self.mean
        return math.sqrt(math.fsum(chance * (part.sd**2 + (part.mean - mean) ** 2) for chance, part in self.parts))

    @property
    def support(self) -> tuple[float, float]:
        bounds = [part.support for _, part in self.parts]
        return min(low for low, _ in bounds), max(high for _, high in bounds)

    def interval(self, level: float = 0.9) -> tuple[float, float]:
        if not 0 < level < 1:
            raise ValueError(f"level must lie between 0 and 1, got {level}; for 90 % say 0.9")
        values = np.sort(self.quantile((np.arange(_GRID) + 0.5) / _GRID))
        low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
        return float(low), float(high)

    def words(self) -> str:
        return " or ".join(f"({chance:g}) {part.words()}" for chance, part in self.parts)
