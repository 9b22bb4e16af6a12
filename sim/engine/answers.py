"""How parties answer a text: red lines first, then worth against standing and aspiration; and why they refuse."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.engine.block import HALF, SLACK, Block, own_utility
from sim.engine.kernels import EFFECT_CHANNELS, LANES, LASTING_ROWS
from sim.engine.kernels_answers import Told, give_reasons, weigh
from sim.engine.kernels_best import best_packages
from sim.engine.kernels_search import best_changes
from sim.engine.kernels_stand import Hopes, find_gaps
from sim.engine.kernels_sums import add_up
from sim.engine.kernels_worth import outlast_sums
from sim.engine.space import NEVER_ENDS
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
        self.decides = np.isin(block.seats, deciders)
        self.packages = np.zeros((entries, space.issues, block.runs), dtype=np.int64)
        self.opening_worth = np.zeros((entries, block.runs))
        beside = block.layout.beside
        best_packages(block.board, block.field, block.stages, block.outlook, beside, self.packages, self.opening_worth)
        self.none = self.packages[:, 0] < 0  # (entry, run): every package crosses a red line
        self.hopes = self._hopes()
        self.firmness = block.worlds.firmness[block.seats]
        self.pace = block.worlds.concession[block.seats]
        self._asked: FloatArray | None = None  # (entry, run) share of the gap asked; without a deadline it is constant
        self.announced = block.worlds.exaggeration[block.seats] * self.gap()  # (entry, run) n: said to be needed

    def _hopes(self) -> Hopes:
        block, entries = self.block, len(self.block.seats)
        tiles, width = block.runs // LANES, block.field.rows.shape[1]
        sums = np.empty((entries, tiles, width, LANES))
        lasting = np.empty((entries, tiles, LASTING_ROWS * LANES))
        term = np.full((entries, block.runs), NEVER_ENDS)
        base = np.full(block.runs, block.base[0])
        for entry in range(entries):
            packages, own = self.packages[entry], EFFECT_CHANNELS + 2 * entry
            if self.none[entry].any():
                packages = np.where(self.none[entry], block.space.status_quo[:, np.newaxis], packages)
            for rows in ((0, EFFECT_CHANNELS), (own, own + 2)):
                add_up(block.reading, block.field, packages, block.everyone, *rows, sums[entry])
            if block.space.term_issue >= 0:
                ending = packages[block.space.term_issue]
                term[entry], base = block.reading.term[ending], block.reading.base[ending]
            outlast_sums(sums[entry], term[entry], base, block.war.ground, lasting[entry])
        return Hopes(sums, lasting, term, self.none)

    def gap(self) -> FloatArray:
        """How much better than its standing each entry's best package is now, at least 0; (entry, run)."""
        block = self.block
        gap = np.empty((len(block.seats), block.runs))
        if block.conflict:
            find_gaps(self.hopes, block.outlook, gap)
            return gap
        own = [own_utility(sums)[entry] for entry, sums in enumerate(self.hopes.sums)]
        best = np.stack(own) * block.outlook.discount
        return np.where(self.none, 0.0, np.maximum(best - block.standing, 0.0))

    def per_unit(self, gap: FloatArray | None = None) -> FloatArray:
        """Aspiration per unit of the conflict settled: `firmness * concession(t) * gap`; (entry, run).

        `gap` is `self.gap()`, where the caller has it already.
        """
        deadline = self.block.scenario.deadline.round
        if deadline is not None or self._asked is None:
            self._asked = self.firmness * concession(self.block.round, deadline, self.pace)
        return np.asarray(self._asked * (self.gap() if gap is None else gap))


def answer(
    block: Block, aspirations: Aspirations, packages: IntArray, asked: BoolArray, per_unit: FloatArray
) -> Answers:
    """Every decider's answer to packages (issue, run) in the runs asked, with the reason of each refusal.

    `per_unit` (entry, run) is `aspirations.per_unit()` of this round. What the packages add up to is then in
    `block.texts`.
    """
    shape = (block.parties, block.runs)
    told = Told(
        accepts=np.empty(shape, dtype=np.bool_),
        worth=np.empty(shape),
        required=np.empty(shape),
        aspiration=np.empty(shape),
        line=np.empty(shape, dtype=np.int64),
        issue=np.empty(shape, dtype=np.int64),
        would_do=np.empty(shape, dtype=np.bool_),
    )
    short = np.empty((len(block.seats), block.runs), dtype=np.bool_)
    weigh(
        block.conflict, block.reading, block.field, block.lines, block.texts, block.outlook, packages, asked, per_unit,
        aspirations.announced, block.seats, aspirations.decides, HALF, SLACK, told, short,
    )  # fmt: skip
    named, then = np.full(short.shape, NO_CHANGE), np.zeros(short.shape)
    best_changes(block.board, block.field, block.stages, block.sheets, block.outlook, packages, short, named, then)
    give_reasons(block.seats, short, named, then, SLACK, told)
    return Answers(asked, *told)
