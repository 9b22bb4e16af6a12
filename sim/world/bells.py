"""What a distribution is, and the bell-shaped ones.

A distribution is believed, not drawn from: `quantile` turns addressed uniforms into values, and the engine
owns the uniforms. Every operation is elementwise, so a value does not depend on how many are asked for.
"""

import abc
import math
from dataclasses import dataclass
from typing import Final, NamedTuple, final

import numpy as np
from numpy.typing import NDArray
from scipy import special

HALF_STEP: Final = 2.0**-54  # half of the grid 2**-53 on which uniforms lie, so that 0 is never asked for
ONE_BELOW: Final = 1.0 - 2.0**-53

Floats = NDArray[np.float64]


class Bell(NamedTuple):
    """A bell as a normal between bounds: what its quantile reads, for those who take many at once."""

    left: float  # mass of the normal below `low`
    right: float  # mass above `high`
    mass: float  # between them
    at: float
    spread: float
    low: float
    high: float


class AbstractDistribution(abc.ABC):
    """What is believed about one number."""

    __slots__ = ()

    @abc.abstractmethod
    def quantile(self, u: Floats) -> Floats:
        """The value at each uniform: (n,) in [0, 1) -> (n,), finite everywhere, in the number's own unit."""

    @property
    @abc.abstractmethod
    def mean(self) -> float:
        """The expected value."""

    @property
    @abc.abstractmethod
    def centre(self) -> float:
        """The central value: what is stated as `at`, the mode of a pert, the middle of a uniform."""

    @property
    @abc.abstractmethod
    def sd(self) -> float:
        """The standard deviation, in the number's own unit."""

    @property
    @abc.abstractmethod
    def support(self) -> tuple[float, float]:
        """The least and the greatest value; infinite where there is none."""

    @abc.abstractmethod
    def words(self) -> str:
        """The distribution as a reader of the register sees it."""

    def interval(self, level: float = 0.9) -> tuple[float, float]:
        """The central interval that holds `level` of the belief."""
        if not 0 < level < 1:
            raise ValueError(f"level must lie between 0 and 1, got {level}; for 90 % say 0.9")
        tail = (1 - level) / 2
        low, high = self.quantile(np.array([tail, 1 - tail]))
        return float(low), float(high)


def standard_normal(u: Floats) -> Floats:
    """Standard normal quantiles, (n,) -> (n,), exactly antisymmetric: z(u) = -z(1 - 2**-53 - u) on the grid."""
    # 1 - u is exact for u >= 1/2, whereas u + HALF_STEP would round up to 1 at the last grid point.
    tail = np.where(u < 0.5, u, ONE_BELOW - u) + HALF_STEP
    z: Floats = special.ndtri(tail)
    return np.where(u < 0.5, z, -z)


def whole(at: float, spread: float) -> Bell:
    """A bell without bounds."""
    return Bell(0.0, 0.0, 1.0, at, spread, -math.inf, math.inf)


def _density(z: float) -> float:
    """Standard normal density; 0 at either infinity."""
    return math.exp(-z * z / 2) / math.sqrt(2 * math.pi)


def finite(**values: float) -> None:
    """Refuse NaN and infinity, naming the value."""
    for name, value in values.items():
        if not math.isfinite(value):
            raise ValueError(f"{name} must be a finite number, got {value}")


def _spread(value: float) -> None:
    finite(spread=value)
    if not value > 0:
        raise ValueError(f"the spread must be positive, got {value}; say `exactly` for a number without spread")


def ordered(low: float, high: float) -> None:
    """Refuse an empty range."""
    if not low < high:
        raise ValueError(f"low must be below high, got {low:g} and {high:g}")


@final
@dataclass(frozen=True, slots=True)
class Normal(AbstractDistribution):
    """Normal around `at` with standard deviation `spread`."""

    at: float
    spread: float

    def __post_init__(self) -> None:
        finite(at=self.at)
        _spread(self.spread)

    @property
    def bell(self) -> Bell:
        """The value itself is a bell."""
        return whole(self.at, self.spread)

    def quantile(self, u: Floats) -> Floats:
        return self.at + self.spread * standard_normal(u)

    @property
    def mean(self) -> float:
        return self.at

    @property
    def centre(self) -> float:
        return self.at

    @property
    def sd(self) -> float:
        return self.spread

    @property
    def support(self) -> tuple[float, float]:
        return -math.inf, math.inf

    def words(self) -> str:
        return f"normal at {self.at:g}, sd {self.spread:g}"


@final
@dataclass(frozen=True, slots=True)
class TruncatedNormal(AbstractDistribution):
    """Normal(at, spread) given that it falls between low and high; no mass piles up at the bounds.

    A clipped normal would put a lump of draws on 0 and on 1, which reads as certainty nobody stated.
    Either bound may be infinite; `at` lies within them.
    """

    at: float
    spread: float
    low: float
    high: float

    def __post_init__(self) -> None:
        finite(at=self.at)
        _spread(self.spread)
        ordered(self.low, self.high)
        if not self.low <= self.at <= self.high:
            raise ValueError(f"{self.at:g} lies outside {self.low:g}..{self.high:g}")

    def _bounds(self) -> tuple[float, float, float]:
        """Both bounds in standard units, and the mass between them."""
        a, b = (self.low - self.at) / self.spread, (self.high - self.at) / self.spread
        return a, b, float(special.ndtr(b) - special.ndtr(a))

    @property
    def bell(self) -> Bell:
        """The value itself is a bell."""
        a, b, mass = self._bounds()
        left, right = float(special.ndtr(a)), float(special.ndtr(-b))
        return Bell(left, right, mass, self.at, self.spread, self.low, self.high)

    def quantile(self, u: Floats) -> Floats:
        bell = self.bell
        # Count from the nearer tail: probabilities next to 1 have lost the digits that matter.
        below = bell.left + np.where(u < 0.5, u + HALF_STEP, u) * bell.mass
        above = bell.right + ((ONE_BELOW - u) + HALF_STEP) * bell.mass
        tail = special.ndtri(np.minimum(below, above))
        z = np.where(below <= above, tail, -tail)
        # No draw is moved here by more than rounding: the mass outside was never in `below` or `above`.
        value: Floats = np.clip(self.at + self.spread * z, self.low, self.high)
        return value

    @property
    def mean(self) -> float:
        a, b, mass = self._bounds()
        return self.at + self.spread * (_density(a) - _density(b)) / mass

    @property
    def centre(self) -> float:
        return self.at

    @property
    def sd(self) -> float:
        a, b, mass = self._bounds()
        first = (_density(a) - _density(b)) / mass
        edges = sum(sign * z * _density(z) for sign, z in ((1, a), (-1, b)) if math.isfinite(z)) / mass
        return self.spread * math.sqrt(max(1 + edges - first * first, 0.0))

    @property
    def support(self) -> tuple[float, float]:
        return self.low, self.high

    def words(self) -> str:
        bounds = f"{self.low:g}..{self.high:g}" if math.isfinite(self.low) else f"at most {self.high:g}"
        bounds = bounds if math.isfinite(self.high) else f"at least {self.low:g}"
        return f"normal at {self.at:g}, sd {self.spread:g}, truncated to {bounds}"


@final
@dataclass(frozen=True, slots=True)
class Lognormal(AbstractDistribution):
    """Positive, with median `at`; `spread` is the standard deviation of the logarithm."""

    at: float
    spread: float

    def __post_init__(self) -> None:
        finite(at=self.at)
        _spread(self.spread)
        if not self.at > 0:
            raise ValueError(
                f"the median of a lognormal must be positive, got {self.at:g}; say `exactly: 0` for nothing"
            )

    @property
    def bell(self) -> Bell:
        """The logarithm of the value over the median is a bell."""
        return whole(0.0, self.spread)

    def quantile(self, u: Floats) -> Floats:
        value: Floats = self.at * np.exp(self.spread * standard_normal(u))
        return value

    @property
    def mean(self) -> float:
        return self.at * math.exp(self.spread**2 / 2)

    @property
    def centre(self) -> float:
        return self.at

    @property
    def sd(self) -> float:
        return self.mean * math.sqrt(math.expm1(self.spread**2))

    @property
    def support(self) -> tuple[float, float]:
        return 0.0, math.inf

    def words(self) -> str:
        return f"lognormal, median {self.at:g}, sd of the log {self.spread:g}"


@final
@dataclass(frozen=True, slots=True)
class LogitNormal(AbstractDistribution):
    """A chance whose logit is normal: median `at` in 0..1, `spread` in logits."""

    at: float
    spread: float

    def __post_init__(self) -> None:
        _spread(self.spread)
        if not 0 < self.at < 1:
            raise ValueError(f"odds must lie strictly between 0 and 1, got {self.at:g}")

    @property
    def bell(self) -> Bell:
        """The logit of the value is a bell."""
        return whole(float(special.logit(self.at)), self.spread)

    def quantile(self, u: Floats) -> Floats:
        value: Floats = special.expit(special.logit(self.at) + self.spread * standard_normal(u))
        return value

    def _moments(self) -> tuple[float, float]:
        """Mean and standard deviation, by the trapezoid rule, which is exact to rounding on a bell this smooth."""
        z = np.linspace(-12, 12, 4801)
        weight = np.exp(-z * z / 2)
        value = special.expit(special.logit(self.at) + self.spread * z)
        mean = float(weight @ value / weight.sum())
        return mean, math.sqrt(float(weight @ (value - mean) ** 2 / weight.sum()))

    @property
    def mean(self) -> float:
        return self._moments()[0]

    @property
    def centre(self) -> float:
        return self.at

    @property
    def sd(self) -> float:
        return self._moments()[1]

    @property
    def support(self) -> tuple[float, float]:
        return 0.0, 1.0

    def words(self) -> str:
        return f"logit-normal, median {self.at:g}, sd {self.spread:g} logits"
