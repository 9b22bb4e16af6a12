"""A picture of who refused, and on what: parties by issues, want of worth and red lines apart."""

from typing import Final

from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Patch, Rectangle

from sim.analysis.refusals import Cell, Refuser
from sim.analysis.summary import Summary
from sim.report.context import Context
from sim.report.data import Table
from sim.report.figures_shares import played
from sim.report.labels import issue_label, party_label, short, told
from sim.report.style import BLACK, BLUE, MUTED, WIDTH, Drawing, legend_below, say_nothing_to_draw, sheet, wrapped
from sim.world.scenario import Scenario

NO_CHANGE: Final = "no single change"
ROW: Final = 0.52  # inches of one party
COLUMN: Final = 0.5  # inches of one issue
STRIP: Final = 0.16  # of a cell's width, for the part that is red lines
# From white to dark without a turn, so that a grey print keeps the order.
SHADES: Final = LinearSegmentedColormap.from_list("share of runs", ["#F7F7F7", "#9CCBEA", BLUE, "#00273D"])
INSET: Final = 0.04  # of a cell, between the strip and the cell's edge
THINNEST: Final = 0.06  # of a cell's height: a strip that is there at all can be seen
DARK: Final = 0.5  # shares from here on are written in white
LONGEST: Final = 22  # letters of an issue's name on one line of its label


def draw_refusals(scenario: Scenario, summary: Summary, context: Context) -> Drawing:
    """Share of runs in which each party refused over each issue; a hatched strip shows how many were red lines."""
    parties = summary.refusals.parties
    issues = [*(issue.name for issue in scenario.issues), NO_CHANGE]
    columns = ("party", "issue", "refusals", "of these over a red line", "share of runs", "low", "high", "runs")
    rows = [
        (scenario.parties[refuser.party].name, issue, *_numbers(cell), summary.runs)
        for refuser in parties
        for issue, cell in zip(issues, refuser.cells, strict=True)
    ]
    labels = [
        wrapped(short(words, 2 * LONGEST - 4), LONGEST)
        for words in (*(issue_label(issue) for issue in scenario.issues), NO_CHANGE)
    ]
    longest = max(len(line) for label in labels for line in label.split("\n"))
    body = 0.045 * longest + 0.3 + ROW * len(parties) + 0.85
    width = max(WIDTH, 1.6 + COLUMN * (len(issues) + 2))
    subtitle = (
        f"{scenario.title}. {summary.refusals.texts:,} texts tabled over {played(scenario)}; a refusal for want "
        "of worth counts under the issue whose best single change would raise that party's worth most."
    )
    figure = sheet(_title(scenario, parties), subtitle, context, body, width)
    axes = figure.subplots()
    if any(refuser.count for refuser in parties):
        _draw_cells(axes, parties)
        _dress(axes, labels, [party_label(scenario.parties[refuser.party]) for refuser in parties])
    else:
        say_nothing_to_draw(axes, "No text was refused in any run")
    return Drawing("refusals", figure, Table(columns, tuple(rows)), {"cells": axes})


def _numbers(cell: Cell) -> tuple[object, ...]:
    return cell.count, cell.for_line, cell.runs.value, cell.runs.low, cell.runs.high


def _title(scenario: Scenario, parties: tuple[Refuser, ...]) -> str:
    most = max(parties, key=lambda refuser: refuser.ever.count, default=None)
    if most is None or most.ever.count == 0:
        return "No party refuses a text in any run"
    shares = [f"{party_label(scenario.parties[r.party])} {told(r.ever)}" for r in parties]
    return f"Runs in which a party refuses a text at least once: {', '.join(shares)}"


def _draw_cells(axes: Axes, parties: tuple[Refuser, ...]) -> None:
    for row, refuser in enumerate(parties):
        for column, cell in enumerate(refuser.cells):
            value = cell.runs.value
            axes.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, facecolor=SHADES(value), edgecolor="white"))
            if cell.count == 0:
                axes.text(column, row, "0", ha="center", va="center", color=MUTED)
                continue
            ink = "white" if value >= DARK else BLACK
            part = cell.for_line / cell.count
            words = f"{told(cell.runs)}\n{cell.count / cell.runs.runs:.1f}"
            aside = STRIP / 2 if part else 0.0
            axes.text(column - aside, row, words, ha="center", va="center", color=ink, linespacing=1.25)
            if part:
                part = max(part, THINNEST) * (1 - 2 * INSET)
                corner = (column + 0.5 - STRIP - INSET, row + 0.5 - INSET - part)
                axes.add_patch(
                    Rectangle(corner, STRIP, part, facecolor="white", edgecolor=BLACK, hatch="/////", linewidth=0.6)
                )
        edge = len(refuser.cells) + 0.15
        axes.text(edge, row, f"{told(refuser.alone)}\n{refuser.alone_rounds.value:.1f}", ha="center", va="center")


def _dress(axes: Axes, issues: list[str], parties: list[str]) -> None:
    ends = len(issues) + 0.15
    axes.set_xlim(-0.5, ends + 0.6)
    axes.set_ylim(len(parties) - 0.5, -0.5)
    axes.set_xticks([*range(len(issues)), ends], [*issues, "alone in\nthe way"], rotation=45, ha="left", va="bottom")
    axes.tick_params(length=0, top=True, labeltop=True, bottom=False, labelbottom=False, pad=1)
    axes.set_yticks(range(len(parties)), [wrapped(party, 16) for party in parties])
    axes.set_ylabel("party whose\nanswer counts")
    axes.set_xlabel("issue that the refusal names")
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
    handles = [
        Patch(facecolor=SHADES(0.35), label="upper number and shade: share of runs; lower: refusals (or rounds) a run"),
        Patch(facecolor="white", edgecolor=BLACK, hatch="/////", linewidth=0.6, label="height: part over a red line"),
    ]
    legend_below(axes, handles, 0.3)
