"""What a run leaves: one row a run, kept as arrays with the run last."""

from dataclasses import dataclass, fields
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.engine.block import Block
from sim.engine.kernels_records import IN_FORCE, NEVER_AGREED, Book
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
    refused: IntArray  # (decider, issue + 1, run) refusals by the issue named; last: no single change raises its worth
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
    """Keeps the rows of a block while it is played, in a book that the compiled rounds write into."""

    def __init__(self, block: Block, deciders: tuple[int, ...]) -> None:
        runs, issues = block.runs, block.space.issues
        self.block = block
        self.book = Book(
            ending=np.full(runs, NEVER_AGREED),
            broadest=np.zeros(runs, dtype=np.int64),
            agreed_round=np.full(runs, NEVER),
            class_round=np.full((len(block.scenario.outcomes), runs), NEVER),
            days_in_force=np.zeros(runs),
            texts=np.zeros(runs, dtype=np.int64),
            signatures=np.zeros(runs, dtype=np.int64),
            refused=np.zeros((len(deciders), issues + 1, runs), dtype=np.int64),
            crossed=np.zeros((len(deciders), issues, runs), dtype=np.int64),
            sole=np.zeros((len(deciders), runs), dtype=np.int64),
            survival_days=np.full(runs, np.nan),
            survival_end=np.full(runs, NEVER_AGREED),
            broke=np.zeros(runs, dtype=np.int64),
            deciders=np.asarray(deciders, dtype=np.int64),
            first_issue=block.worlds.lines.issue,
            belongs=_belongs(block.scenario.outcomes, block.space),
        )

    def classes(self, packages: IntArray) -> IntArray:
        """Outcome class of packages (issue, run): 1 + position of the first match, 0 where none matches."""
        belongs = self.book.belongs
        # A last class that everything belongs to stands for none.
        matches = np.ones((len(belongs) + 1, packages.shape[1]), dtype=np.bool_)
        for options in packages:
            matches[:-1] &= belongs[:, options]
        return np.asarray((matches.argmax(axis=0) + 1) % len(matches))

    def close(self) -> Records:
        """The rows at the horizon."""
        block, book = self.block, self.book
        still = book.survival_end == IN_FORCE
        lasted = (block.round - book.agreed_round) * block.scenario.round_days
        worth, reservation = block.close()
        picked = block.deal - block.space.start[:-1, np.newaxis]
        return Records(
            first=block.worlds.first,
            ending=book.ending,
            outcome=np.where(block.has_deal, self.classes(block.deal), 0),
            broadest=book.broadest,
            package=np.where(block.has_deal, picked, NEVER),
            agreed_round=book.agreed_round,
            class_round=book.class_round,
            days_in_force=book.days_in_force,
            texts=book.texts,
            signatures=book.signatures,
            refused=book.refused,
            crossed=book.crossed,
            sole=book.sole,
            worth=worth,
            reservation=np.array(reservation),
            kind=block.worlds.kind.copy(),
            survival_days=np.where(still, lasted, book.survival_days),
            survival_end=book.survival_end,
            broke=book.broke,
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
