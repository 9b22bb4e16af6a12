"""Pictures of when: how soon a first deal is signed, and how long it lasts."""

from typing import Final

import numpy as np
from matplotlib.axes import Axes

from sim.analysis.estimates import Survival
from sim.analysis.summary import FEW_RUNS, MILESTONES, Onset, Summary
from sim.report.context import Context
from sim.report.data import Table
from sim.report.figures_shares import class_style, played
from sim.report.labels import listed, of_runs, percent, plural, short, told
from sim.report.style import BLACK, BLUE, DASHES, MARKERS, Drawing, say_nothing_to_draw, sheet
from sim.world.scenario import Scenario

CURVE: Final = 2.5  # inches
COUNTS: Final = 0.42  # inches of a row of counts under a curve
TICKS: Final = 8  # at most, along time
APART: Final = 7.5  # per cents between two labels at the end of lines


def draw_agreement(scenario: Scenario, summary: Summary, context: Context) -> Drawing:
    """Share of runs with a first deal by each round, and with a deal of each class."""
    columns = ("what", "round", "share", "low", "high", "runs with it", "runs")
    rows = [
        (onset.name, upto, share.value, share.low, share.high, share.count, share.runs)
        for onset in summary.onsets
        for upto, share in enumerate(onset.by_round)
    ]
    subtitle = (
        f"{scenario.title}. Runs of {played(scenario)}; a class counts from the round in which it is first in force."
    )
    figure = sheet(_agreement_title(summary), subtitle, context, CURVE + COUNTS + 0.3)
    curves, counts = figure.subplots(2, 1, height_ratios=(CURVE, COUNTS))
    shown = [onset for onset in summary.onsets if onset.ever.count] or list(summary.onsets[:1])
    ends = _spread([100 * onset.by_round[-1].value for onset in shown])
    for onset, end in zip(shown, ends, strict=True):
        _draw_onset(scenario, curves, onset, end)
    curves.set_xlim(0, scenario.horizon)
    curves.set_ylim(0, 100)
    curves.set_ylabel("share of runs with it so far (%)")
    curves.set_xlabel(f"round (each {scenario.round_days:g} day{'' if scenario.round_days == 1 else 's'})")
    waiting = [share.runs - share.count for share in summary.onsets[0].by_round]
    ticks = _ticks(float(scenario.horizon))
    curves.set_xticks(ticks)
    _count_row(
        counts, ticks, [waiting[int(tick)] for tick in ticks], float(scenario.horizon), "runs without\na deal so far"
    )
    return Drawing("agreement", figure, Table(columns, tuple(rows)), {"curves": curves, "counts": counts})


def _agreement_title(summary: Summary) -> str:
    first = summary.onsets[0]
    if first.rounds is None:
        return "No deal is signed in any run"
    signed = f"{of_runs(first.ever)} sign a first deal"
    if first.rounds.median == 0:
        return f"{signed}, or start with one in force"
    half, most = first.rounds.median, _nine_in_ten(first)
    return f"{signed}; half of these have it by round {half:.0f}, nine in ten by round {most}"


def _nine_in_ten(onset: Onset) -> int:
    needed = 0.9 * onset.ever.count
    return next(upto for upto, share in enumerate(onset.by_round) if share.count >= needed)


def _draw_onset(scenario: Scenario, axes: Axes, onset: Onset, end: float) -> None:
    rounds = np.arange(len(onset.by_round))
    value, low, high = (100 * np.asarray([getattr(s, n) for s in onset.by_round]) for n in ("value", "low", "high"))
    names = [outcome.name for outcome in scenario.outcomes]
    place = names.index(onset.name) if onset.name in names else -1
    colour = BLACK if place < 0 else class_style(scenario, onset.name)[0]
    dash = "-" if place < 0 else DASHES[(place + 1) % len(DASHES)]
    mark = None if place < 0 else MARKERS[place % len(MARKERS)]
    axes.fill_between(rounds, low, high, step="post", color=colour, alpha=0.18, linewidth=0)
    axes.step(
        rounds,
        value,
        where="post",
        color=colour,
        linestyle=dash,
        linewidth=2.2 if place < 0 else 1.5,
        marker=mark,
        markersize=4.5,
        markeredgecolor=BLACK,
        markeredgewidth=0.5,
        markevery=max(1, len(rounds) // 9),
        label=onset.name,
        clip_on=False,
    )
    words = f"{short(onset.name, 22)} {told(onset.ever)}"
    axes.annotate(
        words,
        (rounds[-1], value[-1]),
        xytext=(1.03, end / 100),
        textcoords="axes fraction",
        va="center",
        ha="left",
        annotation_clip=False,
        arrowprops={
            "arrowstyle": "-",
            "relpos": (0.0, 0.5),
            "color": colour,
            "linewidth": 0.8,
            "shrinkA": 0,
            "shrinkB": 1,
        },
    )


def _spread(ends: list[float]) -> list[float]:
    """Heights of labels near the ends of their lines, far enough apart to be read; in per cents."""
    order = np.argsort(np.asarray(ends), kind="stable")
    places = np.asarray(ends, dtype=np.float64)[order]
    for index in range(1, len(places)):
        places[index] = max(places[index], places[index - 1] + APART)
    over = places[-1] - 102.0
    if over > 0:
        places[-1] -= over
        for index in range(len(places) - 2, -1, -1):
            places[index] = min(places[index], places[index + 1] - APART)
    spread = np.zeros(len(ends))
    spread[order] = places
    return [float(place) for place in spread]


def draw_survival(scenario: Scenario, summary: Summary, context: Context) -> Drawing:
    """How long first deals last: Kaplan-Meier with its band, and under it how many are still under observation."""
    columns = ("days since signature", "share still in force", "low", "high", "deals at risk", "deals")
    found = summary.survival
    subtitle = (
        f"{scenario.title}. From the first signature until nothing is in force, a deal that replaces it included; "
        "runs that reach the horizon count as long as they were watched (Kaplan-Meier)."
    )
    if found is None:
        figure = sheet("No deal is signed in any run, so none can last", subtitle, context, CURVE)
        axes = figure.subplots()
        say_nothing_to_draw(axes, "No deal was signed")
        return Drawing("survival", figure, Table(columns, ()), {"curves": axes})
    arrays = (found.days, found.surviving, found.low, found.high, found.at_risk)
    rows = tuple(
        (float(day), float(value), float(low), float(high), int(risk), found.runs)
        for day, value, low, high, risk in zip(*arrays, strict=True)
    )
    figure = sheet(_survival_title(summary, found), subtitle, context, CURVE + COUNTS + 0.3)
    curves, counts = figure.subplots(2, 1, height_ratios=(CURVE, COUNTS))
    horizon = scenario.horizon * scenario.round_days
    _draw_survival(curves, found, horizon)
    ticks = _ticks(horizon)
    curves.set_xticks(ticks)
    curves.set_xlim(0, horizon)
    curves.set_ylim(0, 104)
    curves.set_yticks(range(0, 101, 20))
    curves.set_ylabel("share of first deals\nstill in force (%)")
    curves.set_xlabel("days since the first signature")
    places = [found.at(tick) for tick in ticks]
    risks = [0 if place is None else int(found.at_risk[place]) for place in places]
    _count_row(counts, ticks, risks, horizon, "deals still\nat risk")
    return Drawing("survival", figure, Table(columns, rows), {"curves": curves, "counts": counts})


def _survival_title(summary: Summary, found: Survival) -> str:
    for day in reversed(MILESTONES) if found.runs >= FEW_RUNS else ():
        place = found.at(day)
        if place is not None:
            kept = percent(float(found.surviving[place]), found.runs)
            return f"{kept} of first deals last at least {day:.0f} days after signature"
    fates = [f"{told(end.share)} {end.name}" for end in summary.survival_ends]
    return f"Of {plural(found.runs, 'first deal')}, at the horizon: {listed(fates)}"


def _draw_survival(axes: Axes, found: Survival, until: float) -> None:
    axes.fill_between(
        found.days,
        100 * found.low,
        100 * found.high,
        step="post",
        color=BLUE,
        alpha=0.25,
        linewidth=0,
        label="95% interval",
    )
    axes.step(found.days, 100 * found.surviving, where="post", color=BLUE, linewidth=1.8, label="still in force")
    for day in MILESTONES if found.runs >= FEW_RUNS else ():
        place = found.at(day)
        if place is None:
            continue
        value = float(found.surviving[place])
        axes.plot(day, 100 * value, "o", color="white", mec=BLACK, markersize=5, zorder=5)
        # Beside a falling curve there is room above to the right, and below to the left.
        left = day > until / 2 and value > 0.15
        axes.annotate(
            f"{percent(value, found.runs)} at {day:.0f} days",
            (day, 100 * value),
            xytext=(-3, -7) if left else (3, 7),
            textcoords="offset points",
            ha="right" if left else "left",
            va="top" if left else "bottom",
        )
    axes.legend(loc="lower left")


def _ticks(end: float) -> list[float]:
    """Round places along time from 0 to at most `end`."""
    for step in (1, 2, 5, 10, 20, 30, 60, 90, 180, 365, 730, 1825, 3650):
        if end / step <= TICKS:
            return [float(place) for place in np.arange(0, end + 1e-9, step)]
    return [0.0, end]


def _count_row(axes: Axes, ticks: list[float], counts: list[int], end: float, label: str) -> None:
    axes.set_xlim(0, end)
    axes.set_ylim(0, 1)
    for tick, count in zip(ticks, counts, strict=True):
        axes.text(tick, 0.5, f"{count:,}", ha="center", va="center")
    axes.set_yticks([0.5], [label])
    axes.set_xticks([])
    axes.tick_params(length=0, pad=20)  # room for half of the first count
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
