"""What packages add up to, one a run, in the channels of the kernels; and what must be read to see it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.engine.kernels import (
    BURDEN_FIRST,
    EFFECT_CHANNELS,
    EXPOSURE,
    FRONT,
    HAZARD,
    LASTS,
    SETTLES,
    SHIFT,
    Board,
)
from sim.engine.kernels_answers import Lines
from sim.engine.kernels_sums import Reading, kind_of
from sim.engine.worlds import Links, RedLines
from sim.theory.worth import Terms

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """What packages add up to, one a run; the kernels' channels."""

    rows: FloatArray  # (tile, channel, lane)
    term: FloatArray  # (run,) days
    base: FloatArray  # (run,) base hazard per day of the deal's kind

    def channel(self, number: int) -> FloatArray:
        """One channel, (run,)."""
        return self.rows[:, number].ravel()

    @property
    def entries(self) -> int:
        """Number of parties seen."""
        return int(self.rows.shape[1] - EFFECT_CHANNELS) // 3

    def relief(self, entry: int) -> FloatArray:
        """Share of an entry's cost lifted, (run,)."""
        return self.channel(EFFECT_CHANNELS + 2 * entry)

    def utility(self, entry: int) -> FloatArray:
        """An entry's utility, (run,)."""
        return self.channel(EFFECT_CHANNELS + 2 * entry + 1)

    def clear(self, entry: int) -> FloatArray:
        """Chance that none of an entry's red lines is crossed, (run,)."""
        return self.channel(EFFECT_CHANNELS + 2 * self.entries + entry)

    def terms(self) -> Terms:
        """The same in the words of the theory; parties are the entries."""
        return Terms(
            utility=np.stack([self.utility(entry) for entry in range(self.entries)]),
            relief=np.stack([self.relief(entry) for entry in range(self.entries)]),
            settled=self.channel(SETTLES),
            lasts=self.channel(LASTS),
            hazard=self.channel(HAZARD),
            exposure=np.log(self.channel(EXPOSURE)),
            shift=self.channel(SHIFT),
            burden=np.stack([self.channel(BURDEN_FIRST), self.channel(BURDEN_FIRST + 1)]),
            term=self.term,
            base=self.base,
            front=self.channel(FRONT),
        )


def make_reading(board: Board, link_row: IntArray, base: FloatArray) -> Reading:
    """What must be read to add up packages on a board.

    `link_row` (link,) the row of the tables that a link acts on, -1 for none; `base` (2,) hazards per day by kind of
    deal.
    """
    kinds = [*range(EFFECT_CHANNELS + 2), -1]  # the last row: freedom of the last entry
    issues = [np.flatnonzero(board.live[kind]) for kind in kinds]
    options = len(board.issue_of)
    links = np.argsort(board.link_first, kind="stable")
    acts = board.live[kinds]
    entries = (len(board.live) - EFFECT_CHANNELS) // 3
    for row, one, other in zip(link_row, board.link_first, board.link_second, strict=True):
        if row >= 0:
            acts[kind_of.py_func(row, entries), board.issue_of[[one, other]]] = True
    return Reading(
        issue_from=np.cumsum([0, *map(len, issues)]),
        issue=np.concatenate(issues),
        link_from=np.searchsorted(board.link_first[links], np.arange(options + 1)),
        link=links,
        with_option=board.link_second[links],
        with_issue=board.issue_of[board.link_second[links]],
        acts=acts,
        term_issue=board.term_issue,
        term=board.term,
        base=base[board.treaty],
    )


def make_lines(lines: RedLines, links: Links, parties: int, options: int) -> Lines:
    """The red lines of a block for the kernels."""
    named = [(issue, sorted(crossing)) for line in lines.crossing for issue, crossing in line]
    crosses = np.zeros((len(named), options), dtype=np.bool_)
    for place, (_, crossing) in enumerate(named):
        crosses[place, crossing] = True
    of_line = np.argsort(links.line, kind="stable")
    return Lines(
        from_party=np.searchsorted(lines.party, np.arange(parties + 1)),
        drawn=lines.drawn,
        issues_from=np.cumsum([0, *(len(line) for line in lines.crossing)]),
        issue=np.asarray([issue for issue, _ in named], dtype=np.int64),
        crosses=crosses,
        single=np.asarray([len(line) == 1 for line in lines.crossing], dtype=np.bool_),
        links_from=np.searchsorted(links.line[of_line], np.arange(len(lines.party) + 1)),
        link=of_line,
    )
