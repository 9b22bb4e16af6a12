"""The report on a scenario's assumptions: every number and its grounds, and the answers at the opening."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sim.analysis.opening import AS_REPORTED, OpeningAnswers, PartyAnswer, Reason
from sim.report.context import Context
from sim.report.data import Table, write_csv
from sim.report.labels import between, party_label, percent, spaced, told
from sim.report.layout import columns, paragraph, section
from sim.world.claims import Source
from sim.world.register import RegisterRow, share_by_grade
from sim.world.scenario import Scenario

WORDS_SHOWN: Final = 52  # of a number's place; the CSV has it in full
GROUNDS_SHOWN: Final = 46
MOVED: Final = 0.1  # share of draws by which an answer has to move to be worth a line


def check_report(
    scenario: Scenario,
    source: Source | None,
    register_rows: Sequence[RegisterRow],
    answers: OpeningAnswers | None,
    context: Context,
) -> str:
    """The register of assumptions, shares of numbers per grade, and the answers at the opening beside the source's."""
    parts = [
        "\n".join([scenario.title, *paragraph(context.line()), *paragraph(context.caveat)]),
        section("The register: every number, with its range and its grounds", _register(register_rows)),
        section("How good the grounds are", _grades(source, register_rows)),
    ]
    if answers is not None:
        parts.append(section("Answers at the opening", _answers(scenario, source, answers)))
    return "\n\n".join(parts) + "\n"


def flip_report(
    scenario: Scenario,
    source: Source | None,
    claim: str,
    mirrored: int,
    before: OpeningAnswers,
    after: OpeningAnswers,
) -> str:
    """The answers that moved by ten points or more with a claim turned round; texts and parties as in the register."""
    statement = next((c.statement for c in source.claims if c.id == claim), "") if source is not None else ""
    rows = []
    for old, new in zip(before.texts, after.texts, strict=True):
        for was, now in zip(old.parties, new.parties, strict=True):
            if was.decides and abs(now.signs.value - was.signs.value) >= MOVED:
                party = party_label(scenario.parties[was.party])
                rows.append((spaced(old.name), party, told(was.signs), told(now.signs), was.reported or "-"))
    table = columns(("text", "party", "signs", "turned round", "reported"), rows) if rows else ["  No answer moves."]
    head = paragraph(f"{claim} says: {statement} Turned round: {mirrored} numbers that rest on it are mirrored.")
    return "\n" + section(f"If claim {claim} said the opposite", [*head, *table]) + "\n"


def write_register(path: Path, register_rows: Sequence[RegisterRow], context: Context) -> None:
    """The register as CSV, in full."""
    names = ("path", "words", "low 5%", "centre", "high 95%", "distribution", "grade", "claims", "because", "voices")
    rows = tuple(
        (
            r.path,
            r.words,
            r.low,
            r.centre,
            r.high,
            r.distribution,
            str(r.grade),
            " ".join(r.claims),
            r.because,
            r.voices,
        )
        for r in register_rows
    )
    write_csv(path, Table(names, rows), context)


def _cut(words: str, letters: int) -> str:
    return words if len(words) <= letters else words[: letters - 3].rstrip() + "..."


def _register(rows: Sequence[RegisterRow]) -> list[str]:
    if not rows:
        return paragraph("The scenario has no numbers.")
    table = [
        (
            _cut(row.words, WORDS_SHOWN),
            f"{row.low:.3g}",
            f"{row.centre:.3g}",
            f"{row.high:.3g}",
            str(row.grade),
            " ".join(row.claims) or _cut(row.because, GROUNDS_SHOWN),
        )
        for row in rows
    ]
    lines = columns(("number", "5%", "centre", "95%", "grade", "claims, or else why"), table)
    return lines + paragraph(
        "Nine draws in ten lie between 5% and 95%; a centre at an end of its scale, as 1 for a share, lies outside. "
        "Distributions, all claims and reasons in full: write the register to a file of CSV (--csv FILE)."
    )


def _grades(source: Source | None, rows: Sequence[RegisterRow]) -> list[str]:
    if not rows:
        return paragraph("No numbers, no grades.")
    shares = share_by_grade(rows)
    counts = {grade: sum(row.grade == grade for row in rows) for grade in shares}
    table = [(str(grade), f"{counts[grade]}", percent(shares[grade], len(rows))) for grade in shares]
    lines = columns(("grade", "numbers", "share"), table)
    if source is None:
        return lines + paragraph("No source: nobody's words stand behind these numbers.")
    cited = {claim for row in rows for claim in row.claims}
    return lines + paragraph(
        f"Source: {source.about.rstrip('.')}. Published {source.published}; {source.paragraphs} paragraphs, "
        f"{len(source.claims)} claims, {len(cited)} of them cited by a number."
    )


def _answers(scenario: Scenario, source: Source | None, answers: OpeningAnswers) -> list[str]:
    if not answers.texts:
        return paragraph("The scenario names no texts.")
    told_by, word = (
        ("what the source reports", "reported") if source is not None else ("what the scenario expects", "expected")
    )
    lines = paragraph(
        f"Share of {answers.runs:,} draws of the numbers (seed {answers.seed}) in which each party would sign the text "
        f"if it were tabled first; {told_by}; and, where a party refuses, its most frequent reason."
    )
    for text in answers.texts:
        rows = [_answer_row(scenario, answer) for answer in text.parties]
        lines += ["", *paragraph(f"{spaced(text.name)}: {text.words}")]
        lines += [f"  {line}" for line in columns(("party", "signs", "95% interval", word, "most refusals"), rows)]
    kept = [a.reproduced for text in answers.texts for a in text.parties if a.reproduced is not None]
    if kept:
        lines += [""]
        lines += paragraph(
            f"{sum(kept)} of {len(kept)} {word} answers are given in at least {AS_REPORTED:.0%} of draws. A party in "
            "brackets need not sign."
        )
    return lines


def _answer_row(scenario: Scenario, answer: PartyAnswer) -> tuple[str, ...]:
    label = party_label(scenario.parties[answer.party])
    reported = "-" if answer.reported is None else answer.reported
    if answer.reproduced is not None:
        reported += ", as here" if answer.reproduced else ", NOT as here"
    reason = (
        ""
        if answer.reason is None or answer.reason_share is None
        else (f"{reason_words(answer.reason)} ({told(answer.reason_share)})")
    )
    return (label if answer.decides else f"({label})", told(answer.signs), between(answer.signs), reported, reason)


def reason_words(reason: Reason) -> str:
    """Why a text is refused, in words."""
    if reason.kind == "red line":
        return f"red line: {reason.name}"
    if reason.kind == "issue":
        return f"worth too little, above all over {spaced(reason.name)}"
    return "worth too little, and no single change would raise it"
