"""Reports in plain words for a terminal: of an ensemble, of a scenario's assumptions, of two ensembles side by side."""

from typing import Final

from sim.analysis.estimates import Quantiles
from sim.analysis.refusals import Refuser
from sim.analysis.summary import MILESTONES, Held, Summary, Worth
from sim.report.checking import check_report, write_register
from sim.report.comparing import compare_report
from sim.report.context import Context
from sim.report.labels import (
    between,
    in_tens,
    issue_label,
    listed,
    number,
    of_runs,
    package_words,
    party_label,
    percent,
    plural,
    signed,
    told,
)
from sim.report.layout import columns, paragraph, section
from sim.world.scenario import Scenario

__all__ = ["check_report", "compare_report", "run_report", "write_register"]

ISSUES_TOLD: Final = 3  # of a party's refusals


def run_report(scenario: Scenario, summary: Summary, context: Context) -> str:
    """What an ensemble showed: outcomes, time to agreement, what held, worths, and who refused on what."""
    parts = [
        _heading(scenario, summary, context),
        section("Outcome at the horizon", _outcomes(scenario, summary)),
        section("Time to first agreement", _agreement(scenario, summary)),
        section("What held and what collapsed", _held(summary)),
        section("Worth of each party at the horizon, against its reservation", _worths(scenario, summary)),
        section("Who refused, and on what", _refusals(scenario, summary)),
    ]
    return "\n\n".join(parts) + "\n"


def _heading(scenario: Scenario, summary: Summary, context: Context) -> str:
    lines = [scenario.title, *paragraph(context.line()), *paragraph(context.caveat)]
    if summary.few:
        lines += paragraph("Too few runs to speak of shares: counts are told instead. Play 100 runs or more.")
    elif summary.wide:
        lines += paragraph("Some intervals are wider than 20 points: play more runs before reading much into them.")
    return "\n".join(lines)


def _outcomes(scenario: Scenario, summary: Summary) -> list[str]:
    rows = [
        (outcome.name, told(outcome.at_horizon), between(outcome.at_horizon), told(outcome.broadest))
        for outcome in summary.outcomes
    ]
    lines = columns(("", "share of runs", "95% interval", "broadest at any time"), rows)
    best = max(summary.outcomes, key=lambda outcome: outcome.at_horizon.count)
    lines += paragraph(f'Most often: "{best.name}", in {in_tens(best.at_horizon)}.')
    if summary.unclassed.count:
        lines += paragraph(f"No deal includes {of_runs(summary.unclassed)} with a deal of no class that is named.")
    endings = [f"{ending.name} {told(ending.share)}" for ending in summary.endings]
    lines += paragraph(f"Last event of a run: {listed(endings)}.")
    top = summary.packages.top
    if top:
        lines += paragraph(
            f"Most frequent package, in {of_runs(top[0].share)}: {package_words(scenario, top[0].package)}. "
            f"In all, {plural(summary.packages.kinds, 'different package')}."
        )
    return lines


def _agreement(scenario: Scenario, summary: Summary) -> list[str]:
    rows = [(onset.name, told(onset.ever), *_rounds(onset.rounds)) for onset in summary.onsets]
    names = ("", "share of runs", "first quarter by", "half by", "three quarters by", "nineteen in 20 by")
    days = f"{scenario.round_days:g} day{'' if scenario.round_days == 1 else 's'}"
    lines = columns(names, rows)
    return lines + paragraph(f"In rounds of {days}, among the runs in which it is ever in force; 0 is the start.")


def _rounds(rounds: Quantiles | None) -> tuple[str, ...]:
    if rounds is None:
        return ("-",) * 4
    return tuple(f"{value:.0f}" for value in (rounds.quarter, rounds.median, rounds.three_quarters, rounds.high))


def _held(summary: Summary) -> list[str]:
    if summary.survival is None:
        return paragraph("Nothing was signed in any run, so nothing could hold or collapse.")
    names = ("broadest deal", "runs", "held", "another in force", "collapsed", "expired")
    lines = columns(names, [_held_row(row) for row in summary.held])
    lines += paragraph("Shares of those runs. Held: a deal of the class is in force at the horizon.")
    found = summary.survival
    lasted = []
    for day in MILESTONES:
        place = found.at(day)
        if place is not None and not summary.few:
            lasted.append(f"{percent(float(found.surviving[place]), found.runs)} at {day:.0f} days")
    if lasted:
        lines += paragraph(f"First deals, renewed or replaced ones included, still in force: {listed(lasted)}.")
    return lines


def _held_row(row: Held) -> tuple[str, ...]:
    return (row.name, f"{row.runs:,}", *(told(share) for share in (row.held, row.replaced, row.collapsed, row.expired)))


def _worths(scenario: Scenario, summary: Summary) -> list[str]:
    names = ("party", "reservation", "worth", "gain: 5%", "gain: median", "gain: 95%", "below reservation")
    lines = columns(names, [_worth_row(scenario, worth) for worth in summary.worths])
    none = summary.worths[0].no_deal
    return lines + paragraph(
        f"Reservation and worth: medians over all runs. Gain: worth minus reservation where a deal is in force; in "
        f"{of_runs(none)} none is, and worth is the reservation. Below reservation: of the runs "
        "with a deal in force. Each party's worth has a scale of its own: read along "
        "a row, not between rows, and do not add."
    )


def _worth_row(scenario: Scenario, worth: Worth) -> tuple[str, ...]:
    gain = (
        ("-",) * 3
        if worth.gain is None
        else tuple(signed(value) for value in (worth.gain.low, worth.gain.median, worth.gain.high))
    )
    below = "-" if worth.below is None else told(worth.below)
    label = party_label(scenario.parties[worth.party])
    return (label, number(worth.reservation.median), number(worth.worth.median), *gain, below)


def _refusals(scenario: Scenario, summary: Summary) -> list[str]:
    refusals = summary.refusals
    if not any(refuser.count for refuser in refusals.parties):
        return paragraph(f"Nobody refused a text; {plural(refusals.texts, 'text')} tabled in all.")
    rows = [_refusal_row(scenario, refuser) for refuser in refusals.parties]
    lines = columns(("party", "refused in", "times a run", "alone in the way in"), rows)
    for refuser in refusals.parties:
        lines += paragraph(_most_often(scenario, refuser))
    return lines + paragraph(
        f"{refusals.texts:,} texts tabled. Over an issue: the one whose best single change would raise the party's "
        "worth most, or the first that a crossed red line names; per cents of runs with such a refusal."
    )


def _refusal_row(scenario: Scenario, refuser: Refuser) -> tuple[str, ...]:
    label = party_label(scenario.parties[refuser.party])
    return (label, told(refuser.ever), f"{refuser.refusals.value:.1f}", told(refuser.alone))


def _most_often(scenario: Scenario, refuser: Refuser) -> str:
    names = [*(issue_label(issue) for issue in scenario.issues), "no issue, as no single change would raise its worth"]
    order = sorted(range(len(names)), key=lambda place: (-refuser.cells[place].runs.count, place))
    most = []
    for place in order[:ISSUES_TOLD]:
        cell = refuser.cells[place]
        if cell.count:
            line = f" (red line {told(cell.runs_for_line)})" if cell.for_line else ""
            most.append(f"{names[place]} {told(cell.runs)}{line}")
    label = party_label(scenario.parties[refuser.party])
    return f"{label}, most often over: {', '.join(most) or 'nothing'}."
