"""What a run leaves: one row a run, kept as arrays with the run last."""

from dataclasses import dataclass, fields
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.engine.answers import Answers
from sim.engine.block import Block
from sim.engine.kernels_answers import count_answers
from sim.engine.space import Space
from sim.world.parts import OutcomeClass

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
        self.block, self.deciders = block, np.asarray(deciders, dtype=np.int64)
        self.belongs = _belongs(block.scenario.outcomes, block.space)
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
        """OutcomeClass class of packages (issue, package): 1 + position of the first match, 0 where none matches."""
        # A last class that everything belongs to stands for none.
        matches = np.ones((len(self.belongs) + 1, packages.shape[1]), dtype=np.bool_)
        for options in packages:
            matches[:-1] &= self.belongs[:, options]
        return np.asarray((matches.argmax(axis=0) + 1) % (len(self.belongs) + 1))

    def signed(self, runs: IntArray) -> None:
        """Runs in which a text was signed this round; round 0 stands for a deal in force at the start."""
        block = self.block
        self.signatures[runs] += block.round > 0
        self.ending[runs] = ENDINGS.index("in force")
        first = runs[self.agreed_round[runs] == NEVER]
        self.agreed_round[first] = block.round
        self.survival_end[first] = SURVIVAL_ENDS.index("in force")
        found = self.classes(block.deal[:, runs])
        runs, found = runs[found > 0], found[found > 0]
        before = self.broadest[runs]
        self.broadest[runs] = np.where((before == 0) | (found < before), found, before)
        opened = self.class_round[found - 1, runs] == NEVER
        self.class_round[found[opened] - 1, runs[opened]] = block.round

    def ended(self, ended: BoolArray, kept: FloatArray, how: str) -> None:
        """Deals that ended this round, `kept` days (run,) into it."""
        block = self.block
        runs = np.flatnonzero(ended)
        self.ending[runs] = ENDINGS.index(how)
        first = runs[self.survival_end[runs] == SURVIVAL_ENDS.index("in force")]
        days = (block.round - 1 - self.agreed_round[first]) * block.scenario.round_days + kept[first]
        self.survival_days[first] = days
        self.survival_end[first] = SURVIVAL_ENDS.index(how)

    def held(self, kept: FloatArray, who: IntArray) -> None:
        """A round: days (run,) that a deal in force was kept, and who broke it (run,), 0 nobody."""
        self.days_in_force += kept
        np.copyto(self.broke, who, where=who > 0)

    def answered(self, answers: Answers, alone: IntArray) -> None:
        """Answers of a round; `alone` (run,): the party that alone stood in the way, or -1."""
        count_answers(
            self.deciders, self.block.worlds.lines.issue, answers.asked, answers.accepts, answers.line, answers.issue,
            alone, self.texts, self.refused, self.crossed, self.sole,
        )  # fmt: skip

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


def _belongs(outcomes: tuple[OutcomeClass, ...], space: Space) -> BoolArray:
    """Whether a package may hold an option and be of an outcome class; (class, option)."""
    belongs = np.ones((len(outcomes), space.options), dtype=np.bool_)
    for position, outcome in enumerate(outcomes):
        for issue, options in outcome.when:
            places = space.places(issue)
            belongs[position, places.start : places.stop] = False
            belongs[position, [places.start + option for option in options]] = True
    return belongs
