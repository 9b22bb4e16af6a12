"""How parties answer a text: red lines first, then worth against standing and aspiration; and why they refuse."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.engine.block import HALF, SLACK, Block, Sums
from sim.engine.kernels_best import best_packages
from sim.engine.kernels_search import best_changes
from sim.theory.worth import concession

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
NO_LINE: Final = -1
NO_CHANGE: Final = -1


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """The deciders' answers to the text of a round; (party, run), and nothing in the rows of other parties."""

    asked: BoolArray  # (run,) where a text was tabled
    accepts: BoolArray
    worth: FloatArray
    required: FloatArray  # standing and what is asked above it
    aspiration: FloatArray
    line: IntArray  # red line that a refusal names, or NO_LINE
    issue: IntArray  # issue that a refusal for want of worth names, or NO_CHANGE
    would_do: BoolArray  # whether the best single change would have brought what is asked of this text


class Aspirations:
    """What parties hold out for: the best package of each seat, found exactly at the opening, re-valued every round."""

    def __init__(self, block: Block, deciders: tuple[int, ...]) -> None:
        self.block, self.deciders = block, deciders
        space, entries = block.space, len(block.seats)
        self.packages = np.zeros((entries, space.issues, block.runs), dtype=np.int64)
        self.opening_worth = np.zeros((entries, block.runs))
        best_packages(block.board, block.field, block.outlook, block.layout.beside, self.packages, self.opening_worth)
        self.none = self.packages[:, 0] < 0  # (entry, run): every package crosses a red line
        self.sums = [self._sums(entry) for entry in range(entries)]
        self.announced = block.worlds.exaggeration[block.seats] * self.gap()  # (entry, run) n: said to be needed

    def _sums(self, entry: int) -> Sums:
        packages = np.where(self.none[entry], self.block.space.status_quo[:, np.newaxis], self.packages[entry])
        return self.block.sums_of(packages, self.block.everyone)

    def gap(self) -> FloatArray:
        """How much better than its standing each entry's best package is now, at least 0; (entry, run)."""
        block = self.block
        gap = np.zeros((len(block.seats), block.runs))
        for entry in range(len(block.seats)):
            best = block.worth_to(np.asarray([entry]), self.sums[entry], block.outlook, block.everyone)[entry]
            gap[entry] = np.where(self.none[entry], 0.0, np.maximum(best - block.standing[entry], 0.0))
        return gap

    def per_unit(self) -> FloatArray:
        """Aspiration per unit of the conflict settled: `firmness * concession(t) * gap`; (entry, run)."""
        block, seats = self.block, self.block.seats
        pace = concession(block.round, block.scenario.deadline.round, block.worlds.concession[seats])
        return np.asarray(block.worlds.firmness[seats] * pace * self.gap())


def answer(
    block: Block, aspirations: Aspirations, packages: IntArray, asked: BoolArray, per_unit: FloatArray
) -> Answers:
    """Every decider's answer to packages (issue, run) in the runs asked, with the reason of each refusal.

    `per_unit` (entry, run) is `aspirations.per_unit()` of this round.
    """
    sums = block.sums_of(packages, asked)
    value = block.worth(sums, block.outlook, asked)
    settled = block.settled(sums)
    shape = (block.parties, block.runs)
    answers = Answers(
        asked=asked,
        accepts=np.zeros(shape, dtype=np.bool_),
        worth=np.zeros(shape),
        required=np.zeros(shape),
        aspiration=np.zeros(shape),
        line=np.full(shape, NO_LINE),
        issue=np.full(shape, NO_CHANGE),
        would_do=np.zeros(shape, dtype=np.bool_),
    )
    short = np.zeros((len(block.seats), block.runs), dtype=np.bool_)
    for entry, party in enumerate(block.seats.tolist()):
        if party not in aspirations.deciders:
            continue
        aspiration = per_unit[entry] * settled
        required = block.standing[entry] + np.maximum(aspiration, aspirations.announced[entry] * settled)
        uncrossed = sums.clear(entry) > HALF
        enough = value[entry] >= required - SLACK
        answers.accepts[party] = asked & uncrossed & enough
        answers.worth[party], answers.required[party], answers.aspiration[party] = value[entry], required, aspiration
        _name_line(block, packages, party, asked & ~uncrossed, answers.line[party])
        short[entry] = asked & uncrossed & ~enough
    named, then = np.full(short.shape, NO_CHANGE), np.zeros(short.shape)
    best_changes(block.board, block.field, block.outlook, block.space.single, packages, short, named, then)
    for entry, party in enumerate(block.seats.tolist()):
        answers.issue[party] = named[entry]
        # The change may settle more or less, and so be asked more or less of: this compares with the text tabled.
        answers.would_do[party] = short[entry] & (named[entry] >= 0) & (then[entry] >= answers.required[party] - SLACK)
    return answers


def _name_line(block: Block, packages: IntArray, party: int, crossed: BoolArray, line: IntArray) -> None:
    """Write into `line` (run,) the first red line of the party that the packages cross, in the scenario's order."""
    lines = block.worlds.lines
    if not crossed.any():
        return
    for number in np.flatnonzero(lines.party == party):
        candidates = crossed & (line == NO_LINE) & lines.drawn[number]
        if candidates.any():
            hits = [np.isin(packages[issue], sorted(options)) for issue, options in lines.crossing[number]]
            line[candidates & np.logical_and.reduce(hits)] = number
