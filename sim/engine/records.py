"""What a run leaves: one row a run, kept as arrays with the run last."""

from dataclasses import dataclass, fields
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.engine.answers import Answers
from sim.engine.block import Block

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
ENDINGS: Final = ("never agreed", "in force", "collapsed", "expired")
SURVIVAL_ENDS: Final = ("none", "in force", "collapsed", "expired")
NO_DEAL: Final = "no deal"
NEVER: Final = -1


@dataclass(frozen=True, slots=True, eq=False)
class Records:
    """The rows of a block of runs; it takes ownership of its arrays and locks them."""

    first: int  # number of the first run
    ending: IntArray  # (run,) position in ENDINGS
    outcome: IntArray  # (run,) 0 for no deal, else 1 + position of the outcome class in force at the horizon
    broadest: IntArray  # (run,) the same for the broadest class ever in force
    package: IntArray  # (issue, run) option in force at the horizon, -1 where nothing is
    agreed_round: IntArray  # (run,) round of the first signature, 0 where a deal was in force at the start, or NEVER
    class_round: IntArray  # (class, run) round in which each class was first in force, or NEVER
    days_in_force: FloatArray  # (run,)
    texts: IntArray  # (run,) texts tabled
    signatures: IntArray  # (run,) texts signed
    refused: IntArray  # (decider, issue + 1, run) refusals by the issue named; last: no single change would do
    crossed: IntArray  # (decider, issue, run) refusals over a red line, by the first issue of the line
    sole: IntArray  # (decider, run) rounds in which this party alone stood in the way
    worth: FloatArray  # (party, run) at the horizon
    reservation: FloatArray  # (party, run) at the horizon
    kind: IntArray  # (party, run) type drawn, 0 where a party has none
    survival_days: FloatArray  # (run,) days from the first signature to its end or the horizon; nan where never agreed
    survival_end: IntArray  # (run,) position in SURVIVAL_ENDS
    broke: IntArray  # (run,) belligerent whose side broke last, 1 or 2; 0 nobody

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                value.setflags(write=False)

    @property
    def runs(self) -> int:
        """Number of rows."""
        return len(self.ending)

    def take(self, runs: int) -> "Records":
        """The first `runs` rows."""
        kept = {name: getattr(self, name)[..., :runs].copy() for name in ARRAYS}
        return Records(first=self.first, **kept)


ARRAYS: Final = tuple(field.name for field in fields(Records) if field.name != "first")


def joined(parts: list[Records]) -> Records:
    """Rows of neighbouring blocks, in the order of runs."""
    parts = sorted(parts, key=lambda part: part.first)
    arrays = {name: np.concatenate([getattr(part, name) for part in parts], axis=-1) for name in ARRAYS}
    return Records(first=parts[0].first, **arrays)


class Recorder:
    """Keeps the rows of a block while it is played."""

    def __init__(self, block: Block, deciders: tuple[int, ...]) -> None:
        runs, issues = block.runs, block.space.issues
        self.block, self.deciders = block, deciders
        self.ending = np.zeros(runs, dtype=np.int64)
        self.broadest = np.zeros(runs, dtype=np.int64)
        self.agreed_round = np.full(runs, NEVER)
        self.class_round = np.full((len(block.scenario.outcomes), runs), NEVER)
        self.days_in_force = np.zeros(runs)
        self.texts = np.zeros(runs, dtype=np.int64)
        self.signatures = np.zeros(runs, dtype=np.int64)
        self.refused = np.zeros((len(deciders), issues + 1, runs), dtype=np.int64)
        self.crossed = np.zeros((len(deciders), issues, runs), dtype=np.int64)
        self.sole = np.zeros((len(deciders), runs), dtype=np.int64)
        self.survival_days = np.full(runs, np.nan)
        self.survival_end = np.zeros(runs, dtype=np.int64)
        self.broke = np.zeros(runs, dtype=np.int64)

    def classes(self, packages: IntArray) -> IntArray:
        """Outcome class of packages (issue, run): 1 + position of the first match, 0 where none matches."""
        found = np.zeros(packages.shape[1], dtype=np.int64)
        for position, outcome in enumerate(self.block.scenario.outcomes):
            member = np.ones(packages.shape[1], dtype=np.bool_)
            for issue, options in outcome.when:
                places = [int(self.block.space.start[issue]) + option for option in sorted(options)]
                member &= np.isin(packages[issue], places)
            found = np.where((found == 0) & member, position + 1, found)
        return found

    def signed(self, signed: BoolArray) -> None:
        """Texts signed this round; round 0 stands for a deal in force at the start."""
        block = self.block
        self.signatures += signed & (block.round > 0)
        first = signed & (self.agreed_round == NEVER)
        self.agreed_round = np.where(first, block.round, self.agreed_round)
        self.survival_end = np.where(first, SURVIVAL_ENDS.index("in force"), self.survival_end)
        self.ending = np.where(signed, ENDINGS.index("in force"), self.ending)
        found = np.where(signed, self.classes(block.deal), 0)
        better = (found > 0) & ((self.broadest == 0) | (found < self.broadest))
        self.broadest = np.where(better, found, self.broadest)
        for position in range(len(self.class_round)):
            opened = (found == position + 1) & (self.class_round[position] == NEVER)
            self.class_round[position] = np.where(opened, block.round, self.class_round[position])

    def ended(self, ended: BoolArray, kept: FloatArray, how: str) -> None:
        """Deals that ended this round, `kept` days (run,) into it."""
        block = self.block
        self.ending = np.where(ended, ENDINGS.index(how), self.ending)
        first = ended & (self.survival_end == SURVIVAL_ENDS.index("in force"))
        days = (block.round - 1 - self.agreed_round) * block.scenario.round_days + kept
        self.survival_days = np.where(first, days, self.survival_days)
        self.survival_end = np.where(first, SURVIVAL_ENDS.index(how), self.survival_end)

    def held(self, in_force: BoolArray, kept: FloatArray, who: IntArray) -> None:
        """A round in force: days kept (run,) and who broke (run,)."""
        self.days_in_force += np.where(in_force, kept, 0.0)
        self.broke = np.where(who > 0, who, self.broke)

    def answered(self, answers: Answers, alone: BoolArray) -> None:
        """Answers of a round; `alone` (party, run): this party alone stood in the way."""
        self.texts += answers.asked
        issues = self.crossed.shape[1]
        every = np.arange(len(self.texts))
        for row, party in enumerate(self.deciders):
            refuses = answers.asked & ~answers.accepts[party]
            line = answers.line[party]
            over = refuses & (line >= 0)
            if over.any():
                issue = self.block.worlds.lines.issue[np.maximum(line, 0)]
                self.crossed[row, issue[over], every[over]] += 1
            short = refuses & (line < 0)
            named = np.where(answers.issue[party] < 0, issues, answers.issue[party])
            self.refused[row, named[short], every[short]] += 1
            self.sole[row] += alone[party]

    def close(self) -> Records:
        """The rows at the horizon."""
        block = self.block
        scenario, space = block.scenario, block.space
        still = self.survival_end == SURVIVAL_ENDS.index("in force")
        lasted = (block.round - self.agreed_round) * scenario.round_days
        worth, reservation = block.close()
        picked = block.deal - space.start[:-1, np.newaxis]
        return Records(
            first=block.worlds.first,
            ending=self.ending,
            outcome=np.where(block.has_deal, self.classes(block.deal), 0),
            broadest=self.broadest,
            package=np.where(block.has_deal, picked, NEVER),
            agreed_round=self.agreed_round,
            class_round=self.class_round,
            days_in_force=self.days_in_force,
            texts=self.texts,
            signatures=self.signatures,
            refused=self.refused,
            crossed=self.crossed,
            sole=self.sole,
            worth=worth,
            reservation=np.array(reservation),
            kind=block.worlds.kind.copy(),
            survival_days=np.where(still, lasted, self.survival_days),
            survival_end=self.survival_end,
            broke=self.broke,
        )
