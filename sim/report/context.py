"""What every picture, table and file says about itself."""

from dataclasses import dataclass
from datetime import date
from typing import Final

NOT_A_FORECAST: Final = "a model, not a forecast"
CAVEAT: Final = "intervals: 95%, Monte Carlo error only; they do not say whether the scenario is right"


@dataclass(frozen=True, slots=True)
class Context:
    """Where a result comes from. It goes, in full, into every picture and above every table."""

    scenario_name: str
    information_to: date | None
    seed: int
    runs: int
    mediator: str | None  # None where nobody mediates because each text is asked for by itself
    caveat: str = CAVEAT

    @property
    def dated(self) -> str:
        """The date of information in words."""
        return "undated information" if self.information_to is None else f"information to {self.information_to}"

    @property
    def counted(self) -> str:
        """The number of runs in words."""
        return f"{self.runs:,} run" if self.runs == 1 else f"{self.runs:,} runs"

    def line(self) -> str:
        """One line: scenario, date of information, mediator, seed, number of runs, and that it is a model."""
        mediated = "" if self.mediator is None else f"mediator {self.mediator} | "
        return (
            f"scenario {self.scenario_name} | {self.dated} | {mediated}seed {self.seed} | {self.counted} | "
            f"{NOT_A_FORECAST}"
        )

    def comments(self) -> tuple[str, ...]:
        """The same, one thing a line, for the head of a file of data."""
        return (
            f"scenario: {self.scenario_name}",
            f"information date: {self.information_to or 'none'}",
            *(() if self.mediator is None else (f"mediator: {self.mediator}",)),
            f"seed: {self.seed}",
            f"runs: {self.runs}",
            NOT_A_FORECAST,
            self.caveat,
        )
