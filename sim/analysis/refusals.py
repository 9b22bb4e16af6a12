"""Who refused, and on what: party by issue, want of worth and red lines apart, and who alone stood in the way."""

from dataclasses import dataclass

import numpy as np

from sim.analysis.estimates import Mean, Share, mean, share
from sim.engine.records import Records
from sim.engine.signing import SignersAgree
from sim.world.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Cell:
    """One party's refusals over one issue, or its refusals where no single change would raise its worth."""

    for_worth: int  # refusals over all runs that name this change as the most useful one
    for_line: int  # refusals over all runs because of a red line about this issue
    runs: Share  # of runs with at least one of either
    runs_for_line: Share  # of runs with at least one over a red line

    @property
    def count(self) -> int:
        """Refusals of both kinds."""
        return self.for_worth + self.for_line


@dataclass(frozen=True, slots=True)
class Refuser:
    """One party whose answer counts."""

    party: int  # position in the scenario
    cells: tuple[Cell, ...]  # one an issue, and last: no single change would raise its worth
    ever: Share  # of runs in which it refused at least once
    refusals: Mean  # a run
    alone: Share  # of runs in which it alone stood in the way of a deal at least once
    alone_rounds: Mean  # rounds a run in which it alone did

    @property
    def count(self) -> int:
        """Refusals over all runs."""
        return sum(cell.count for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Refusals:
    """Everyone whose answer counts, in the scenario's order."""

    texts: int  # texts tabled over all runs
    parties: tuple[Refuser, ...]


def deciders(scenario: Scenario) -> tuple[int, ...]:
    """Positions of the parties whose answer can count: signers and members of blocs, in the scenario's order."""
    return SignersAgree.of(scenario).deciders


def count_refusals(scenario: Scenario, records: Records) -> Refusals:
    """Refusals of every party whose answer counts."""
    rows = tuple(_refuser(records, row, party) for row, party in enumerate(deciders(scenario)))
    return Refusals(texts=int(records.texts.sum()), parties=rows)


def _refuser(records: Records, row: int, party: int) -> Refuser:
    worth = records.refused[row]  # (issue + 1, run)
    line = np.concatenate([records.crossed[row], np.zeros_like(worth[:1])])  # no line is about no issue
    total = (worth + line).sum(axis=0)
    cells = tuple(
        Cell(int(w.sum()), int(c.sum()), share(w + c > 0), share(c > 0)) for w, c in zip(worth, line, strict=True)
    )
    return Refuser(
        party=party,
        cells=cells,
        ever=share(total > 0),
        refusals=mean(total.astype(np.float64)),
        alone=share(records.sole[row] > 0),
        alone_rounds=mean(records.sole[row].astype(np.float64)),
    )
