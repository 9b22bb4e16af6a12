"""Estimates from runs, each with its error: shares, means, quantiles, survival.

Every interval here is about the number of runs (Monte Carlo error); none is about whether a scenario is right.
"""

import math
from dataclasses import dataclass, fields, is_dataclass
from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import CensoredData, binomtest, ecdf
from scipy.stats import t as student

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
LEVEL: Final = 0.95
NORMAL_WIDTH: Final = NormalDist().inv_cdf(0.5 + LEVEL / 2)  # standard errors on each side
MOST_STEPS: Final = 400  # points of a survival curve; finer is not to be seen


@dataclass(frozen=True, slots=True)
class Share:
    """A proportion of runs, 0..1, with its Monte Carlo standard error and 95% Wilson interval [Wilson1927]_."""

    value: float
    error: float
    low: float
    high: float
    count: int
    runs: int


def share_of(count: int, runs: int) -> Share:
    """Share of `runs` of which `count` did; `error` is about ensemble size, not about the scenario's truth."""
    if runs == 0:
        raise ValueError("no runs to take a share of; was the filter too narrow?")
    pulled = (count + 1) / (runs + 2)  # so 0 of 1000 still has an error
    interval = binomtest(count, runs).proportion_ci(LEVEL, method="wilson")
    return Share(
        value=count / runs,
        error=math.sqrt(pulled * (1 - pulled) / runs),
        low=float(interval.low),
        high=float(interval.high),
        count=count,
        runs=runs,
    )


def share(happened: BoolArray) -> Share:
    """Share of a (run,) mask."""
    return share_of(int(np.count_nonzero(happened)), happened.size)


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean over runs, in the unit of what was averaged, with standard error and 95% interval (nan for one run)."""

    value: float
    error: float
    low: float
    high: float
    runs: int


def mean(values: FloatArray) -> Mean:
    """Mean of (run,) values with Student's interval."""
    if values.size == 0:
        raise ValueError("no runs to take a mean of; was the filter too narrow?")
    return _mean(values, float(student.ppf(0.5 + LEVEL / 2, values.size - 1)) if values.size > 1 else math.nan)


def paired_mean(differences: FloatArray) -> Mean:
    """Mean of (run,) differences between two plays of one run, with the normal interval."""
    if differences.size == 0:
        raise ValueError("no pairs of runs to take a mean of")
    return _mean(differences, NORMAL_WIDTH)


def _mean(values: FloatArray, width: float) -> Mean:
    value = float(values.mean())
    error = float(values.std(ddof=1)) / math.sqrt(values.size) if values.size > 1 else math.nan
    return Mean(value, error, value - width * error, value + width * error, values.size)


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Where the middle half and the middle nine tenths of (run,) values lie."""

    low: float  # 5%
    quarter: float
    median: float
    three_quarters: float
    high: float  # 95%


def quantiles(values: NDArray[np.generic], *, counts: bool = False) -> Quantiles:
    """Quantiles of (run,) values; `counts` keeps to values that occur (a round, not the mean of two rounds)."""
    if values.size == 0:
        raise ValueError("no runs to take quantiles of; was the filter too narrow?")
    points = np.asarray((0.05, 0.25, 0.5, 0.75, 0.95))
    found = np.quantile(values.astype(np.float64), points, method="inverted_cdf" if counts else "linear")
    return Quantiles(*(float(value) for value in found))


@dataclass(frozen=True, slots=True, eq=False)
class Survival:
    """How long something lasted, on a grid of days [KaplanMeier1958]_; arrays are (day,)."""

    days: FloatArray  # from 0; ends with the last day on which any run was under observation
    surviving: FloatArray  # share still lasting just after that day, 0..1
    low: FloatArray  # 95% pointwise, log-log
    high: FloatArray
    at_risk: NDArray[np.int64]  # runs still lasting, and observed, at that day
    runs: int
    ended: int  # runs that ended under observation

    def at(self, day: float) -> int | None:
        """Position of the last grid day that is not after `day`; None after the curve has stopped."""
        if day > self.days[-1]:
            return None
        return int(np.searchsorted(self.days, day, side="right")) - 1


def survival(lasted: FloatArray, ended: BoolArray, until: float) -> Survival:
    """Kaplan-Meier estimate of (run,) days lasted, cut off where not `ended`, on a grid from 0 to `until` days."""
    if lasted.size == 0:
        raise ValueError("no runs whose survival could be estimated; was anything signed?")
    curve = ecdf(CensoredData.right_censored(lasted, ~ended)).sf
    last = min(until, float(lasted.max()))
    days = _grid(last)
    at_risk = lasted.size - np.searchsorted(np.sort(lasted), days, side="left")
    surviving = np.asarray(curve.evaluate(days), dtype=np.float64)
    low, high = _band(surviving, _greenwood(lasted, ended, days), at_risk)
    return Survival(days, surviving, low, high, at_risk.astype(np.int64), lasted.size, int(np.count_nonzero(ended)))


def _grid(last: float) -> FloatArray:
    """Whole days, or evenly spaced points where days are too many; the last day included."""
    step = max(1.0, math.ceil(last / MOST_STEPS))
    days = np.arange(0.0, last, step)
    return np.append(days, last)


def _greenwood(lasted: FloatArray, ended: BoolArray, days: FloatArray) -> FloatArray:
    """Variance of the logarithm of the survival curve at some days (day,); infinite where nobody is left."""
    times, ends = np.unique(lasted[ended], return_counts=True)
    watched = lasted.size - np.searchsorted(np.sort(lasted), times, side="left")
    left = watched - ends
    steps = np.divide(ends, watched * left, out=np.full(len(times), np.inf), where=left > 0)
    return np.concatenate([[0.0], np.cumsum(steps)])[np.searchsorted(times, days, side="right")]


def _band(surviving: FloatArray, variance: FloatArray, at_risk: NDArray[np.int64]) -> tuple[FloatArray, FloatArray]:
    """95% log-log band. Greenwood's variance is 0 where all survive and infinite where none do.

    So where all survive the lower end is Wilson's, and where none do the upper end is the last one before it.
    """
    some = (surviving > 0.0) & (surviving < 1.0)
    log = np.log(surviving, out=np.full_like(surviving, -1.0), where=some)
    spread = np.exp(NORMAL_WIDTH * np.sqrt(np.where(some, variance, 0.0)) / np.abs(log))
    low, high = np.zeros_like(surviving), np.ones_like(surviving)
    low[some], high[some] = np.exp(log * spread)[some], np.exp(log / spread)[some]
    for place in np.flatnonzero(surviving >= 1.0):
        low[place] = share_of(int(at_risk[place]), int(at_risk[place])).low
    gone = np.flatnonzero(surviving <= 0.0)
    if gone.size:
        before = high[gone[0] - 1] if gone[0] > 0 else 1.0
        high[gone] = before
    return low, high


def plain(value: object) -> object:
    """A result object as dicts, lists, words and numbers that JSON can hold; what is not a finite number is None."""
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, np.ndarray):
        return [plain(item) for item in value.tolist()]
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no plain form")
