"""The compiled book-keeping of runs: what happened in a round, in the row of its run (`sim.engine.records.Records`)."""

from typing import NamedTuple

from sim.engine.kernels import BoolArray, FloatArray, IntArray, uncounted

NEVER_AGREED, IN_FORCE, COLLAPSED, EXPIRED = range(4)  # endings, and ends of the first deal


class Book(NamedTuple):
    """Rows in the making, as in `Records`, and what they are told by."""

    ending: IntArray  # (run,)
    broadest: IntArray  # (run,)
    agreed_round: IntArray  # (run,)
    class_round: IntArray  # (class, run)
    days_in_force: FloatArray  # (run,)
    texts: IntArray  # (run,)
    signatures: IntArray  # (run,)
    refused: IntArray  # (decider, issue + 1, run)
    crossed: IntArray  # (decider, issue, run)
    sole: IntArray  # (decider, run)
    survival_days: FloatArray  # (run,)
    survival_end: IntArray  # (run,)
    broke: IntArray  # (run,)
    deciders: IntArray  # parties
    first_issue: IntArray  # (line,) the first issue that a red line names
    belongs: BoolArray  # (class, option) whether a package may hold the option and be of the outcome class


@uncounted
def note_end(book: Book, run: int, how: int, rounds: int, days: float, kept: float) -> None:
    """A deal ended `kept` days into a round of `days` days, after so many whole `rounds` of the run."""
    book.ending[run] = how
    if book.survival_end[run] == IN_FORCE:
        book.survival_days[run] = (rounds - book.agreed_round[run]) * days + kept
        book.survival_end[run] = how


@uncounted
def note_signature(book: Book, run: int, round_: int, packages: IntArray) -> None:
    """A run's package (issue, run) was signed; round 0 stands for a deal in force at the start."""
    book.signatures[run] += round_ > 0
    book.ending[run] = IN_FORCE
    if book.agreed_round[run] < 0:
        book.agreed_round[run] = round_
        book.survival_end[run] = IN_FORCE
    for position in range(book.belongs.shape[0]):
        member = True
        for i in range(packages.shape[0]):
            member = member and book.belongs[position, packages[i, run]]
        if member:
            if book.broadest[run] == 0 or position + 1 < book.broadest[run]:
                book.broadest[run] = position + 1
            if book.class_round[position, run] < 0:
                book.class_round[position, run] = round_
            return


@uncounted
def note_answers(book: Book, run: int, accepts: BoolArray, line: IntArray, issue: IntArray, alone: int) -> None:
    """A run's answers to a text, `accepts`, `line` and `issue` (party, run), and the party that stood alone, or -1."""
    book.texts[run] += 1
    issues = book.crossed.shape[1]
    for row in range(book.deciders.shape[0]):
        party = book.deciders[row]
        if accepts[party, run]:
            continue
        if line[party, run] >= 0:
            book.crossed[row, book.first_issue[line[party, run]], run] += 1
        else:
            named = issue[party, run]
            book.refused[row, issues if named < 0 else named, run] += 1
        book.sole[row, run] += party == alone
