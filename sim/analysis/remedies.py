"""What would turn one refusal: the option of the issue named that would do, or come nearest."""

from dataclasses import dataclass

import numpy as np

from sim.engine.answers import NO_CHANGE, NO_LINE, Answers
from sim.engine.block import HALF, SLACK, Block


@dataclass(frozen=True, slots=True)
class Remedy:
    """The best single change of the issue that a refusal for want of worth names."""

    issue: int
    option: int  # position among the issue's options
    worth: float  # the party's worth of the text with that change
    would_do: bool  # whether that is as much as the party asked of the text on the table


def remedy(block: Block, packages: np.ndarray, answers: Answers, party: int, run: int) -> Remedy | None:
    """The remedy of one party's refusal in one run of a block; None where it names a red line or no single change.

    Call it in the round of the refusal, before the next one begins. `packages` are the texts tabled, (issue, run) flat.
    """
    issue = int(answers.issue[party, run])
    if answers.line[party, run] != NO_LINE or issue == NO_CHANGE:
        return None
    entry = block.seats.tolist().index(party)
    alone = np.arange(block.runs) == run
    best: Remedy | None = None
    for option in block.space.places(issue):
        if option == packages[issue, run]:
            continue
        revised = block.space.revised(packages[:, run], option)
        if revised is None:  # the rules leave no room for it beside the rest of the text
            continue
        sums = block.sums_of(np.repeat(revised[:, np.newaxis], block.runs, axis=1), alone)
        worth = float(block.worth(sums, block.outlook, alone)[entry, run])
        if sums.clear(entry)[run] > HALF and (best is None or worth > best.worth):
            enough = worth >= answers.required[party, run] - SLACK
            best = Remedy(issue, option - int(block.space.start[issue]), worth, bool(enough))
    return best
