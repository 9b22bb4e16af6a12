"""The register: every number of a scenario on one line, with what it rests on."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from sim.world.claims import Source
from sim.world.numbers import Grade
from sim.world.scenario import Scenario

LEVEL = 0.9  # the register's interval: from the 5 % to the 95 % point


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One number as a reader of the register sees it."""

    path: str
    words: str  # the path in words
    low: float  # 5 % point
    centre: float
    high: float  # 95 % point
    distribution: str
    grade: Grade
    claims: tuple[str, ...]
    because: str
    voices: int  # independent claims: one speaker on one matter counts once


def rows(scenario: Scenario, source: Source | None) -> tuple[RegisterRow, ...]:
    """One row a number, in the scenario's order; without a source nobody's voice counts."""
    table: list[RegisterRow] = []
    for number in scenario.numbers():
        low, high = number.distribution.interval(LEVEL)
        table.append(
            RegisterRow(
                path=number.path,
                words=in_words(number.path),
                low=low,
                centre=number.centre,
                high=high,
                distribution=number.distribution.words(),
                grade=number.grade,
                claims=number.claims,
                because=number.because,
                voices=source.voices(number.claims) if source is not None else 0,
            )
        )
    return tuple(table)


def in_words(path: str) -> str:
    """A path as words: "parties.north_side.cost" -> "north side: cost"."""
    steps = [step.replace("_", " ").replace(":", " = ").replace("+", " and ") for step in path.split(".")]
    return ": ".join(steps[1:] if len(steps) > 1 else steps)


def share_by_grade(table: Iterable[RegisterRow]) -> dict[Grade, float]:
    """The share of numbers at each grade, best grade first; 0 for a grade without any."""
    counts = Counter(row.grade for row in table)
    total = sum(counts.values())
    if total == 0:
        raise ValueError("no rows to take shares of; does the scenario have any numbers?")
    return {grade: counts[grade] / total for grade in Grade}
