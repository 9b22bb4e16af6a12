"""Pictures of how often: outcome classes, and the packages behind them."""

from typing import Final, NamedTuple

from matplotlib.axes import Axes
from matplotlib.patches import Patch
from matplotlib.transforms import blended_transform_factory

from sim.analysis.estimates import Share
from sim.analysis.packages import Frequency
from sim.analysis.summary import Summary
from sim.engine.records import NO_DEAL
from sim.report.context import Context
from sim.report.data import Table
from sim.report.labels import between, issue_label, of_runs, option_label, plural, short, told
from sim.report.style import (
    BLACK,
    CLASS_COLOURS,
    EDGE,
    MUTED,
    NO_DEAL_GREY,
    OUTLINE,
    WIDTH,
    Drawing,
    Look,
    interval,
    kind_style,
    legend_below,
    per_cents,
    sheet,
    wrapped,
)
from sim.world.scenario import Scenario

LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
ROW: Final = 0.34  # inches of one outcome class
CELL: Final = 0.22  # inches of one issue
KEY_LINE: Final = 0.17  # inches of one line of the key
KEY_LETTERS: Final = 116  # on one line
LEGEND_LINE: Final = 0.19  # inches of one line of the classes above the bars


class Bar(NamedTuple):
    """One bar of the picture of packages."""

    label: str
    outcome: str  # its class; "" where it stands for packages of several
    share: Share
    package: Frequency | None


def class_style(scenario: Scenario, name: str) -> tuple[str, str]:
    """Colour and hatch of an outcome class, the same in every picture; no deal is plain grey."""
    names = [outcome.name for outcome in scenario.outcomes]
    return kind_style(CLASS_COLOURS, names.index(name)) if name in names else (NO_DEAL_GREY, "")


def played(scenario: Scenario) -> str:
    """How long the runs are, in words."""
    days = f"{scenario.round_days:g} day" + ("" if scenario.round_days == 1 else "s")
    return f"{plural(scenario.horizon, 'round')} of {days}"


def outcome_title(summary: Summary) -> str:
    """The finding: how often there is no deal, and which deal is the most frequent."""
    none, *deals = summary.outcomes
    best = max(deals, key=lambda outcome: outcome.at_horizon.count, default=None)
    if best is None or best.at_horizon.count == 0:
        return f"{of_runs(none.at_horizon)} end with no deal"
    return (
        f'{of_runs(none.at_horizon)} end with no deal; the most frequent deal: "{best.name}" ({told(best.at_horizon)})'
    )


def draw_outcomes(scenario: Scenario, summary: Summary, context: Context) -> Drawing:
    """Outcome shares at the horizon: one stacked bar, and a row with dot and interval for each class."""
    outcomes = summary.outcomes
    columns = ("outcome", "share", "low", "high", "runs with it", "share as broadest at any time", "runs")
    shares = [(outcome, outcome.at_horizon) for outcome in outcomes]
    table = Table(
        columns, tuple((o.name, s.value, s.low, s.high, s.count, o.broadest.value, s.runs) for o, s in shares)
    )
    subtitle = f"{scenario.title}. What is in force after {played(scenario)}."
    if summary.unclassed.count:
        subtitle += f" {NO_DEAL.capitalize()} includes deals of no class named ({told(summary.unclassed)})."
    figure = sheet(outcome_title(summary), subtitle, context, 1.35 + ROW * len(outcomes))
    stack, dots = figure.subplots(2, 1, height_ratios=(0.45, ROW * len(outcomes) + 0.1), sharex=True)
    left = 0.0
    for place, (outcome, share) in enumerate(shares):
        colour, hatch = class_style(scenario, outcome.name)
        look: Look = {"color": colour, "hatch": hatch, **OUTLINE}
        stack.barh(0, 100 * share.value, left=left, height=0.8, **look)
        left += 100 * share.value
        dots.barh(place, 100 * share.value, height=0.66, **look)
        dots.plot(
            100 * outcome.broadest.value, place, "D", markersize=8.5, mfc="white", mec=BLACK, zorder=3, clip_on=False
        )
        interval(dots, share, place)
        words = f"{told(share)}  ({between(share)})"
        dots.text(1.04, place, words, transform=dots.get_yaxis_transform(), va="center", ha="left")
    _dress(stack, dots, [outcome.name for outcome in outcomes])
    return Drawing("outcomes", figure, table, {"stack": stack, "dots": dots})


def _dress(stack: Axes, dots: Axes, names: list[str]) -> None:
    stack.set_yticks([0], ["all runs"])
    stack.tick_params(left=False, bottom=False, labelbottom=False)
    for side in ("left", "bottom"):
        stack.spines[side].set_visible(False)
    dots.set_yticks(range(len(names)), [wrapped(name, 26) for name in names])
    dots.set_ylim(len(names) - 0.5, -0.5)
    dots.set_ylabel("outcome class")
    per_cents(dots)
    dots.set_axisbelow(True)
    dots.grid(axis="x", color="#DDDDDD", linewidth=0.6)
    handles = [
        dots.plot([], [], "o-", color=BLACK, markersize=4, label="at the horizon, with 95% interval")[0],
        dots.plot([], [], "D", mfc="white", mec=BLACK, markersize=7, label="broadest class at any time")[0],
    ]
    legend_below(dots, handles, 0.42)


def draw_packages(scenario: Scenario, summary: Summary, context: Context) -> Drawing:
    """The most frequent packages: a bar for each, and below it the option it picks on every issue."""
    bars = _bars(summary)
    columns = ("what is in force", "outcome", "share", "low", "high", "runs with it", "runs")
    rows = []
    for bar in bars:
        picked = bar.package.package if bar.package else (None,) * len(scenario.issues)
        options = ["" if o is None else i.options[o].name for i, o in zip(scenario.issues, picked, strict=True)]
        share = bar.share
        rows.append((bar.label, bar.outcome, share.value, share.low, share.high, share.count, share.runs, *options))
    table = Table((*columns, *(issue.name for issue in scenario.issues)), tuple(rows))

    key = _key(scenario)
    names = [short(bar.outcome, 60) for bar in bars if bar.outcome]
    abreast = max(1, min(4, 84 // (max(len(name) for name in names) + 6)))
    legend = LEGEND_LINE * -(-len(set(names)) // abreast)
    inches = (1.7 + legend, CELL * len(scenario.issues), KEY_LINE * len(key))
    subtitle = f"{scenario.title}. What is in force after {played(scenario)}."
    figure = sheet(_package_title(summary), subtitle, context, sum(inches) + 0.35)
    top, matrix, below = figure.subplots(3, 1, height_ratios=inches)
    _draw_bars(scenario, top, bars, abreast)
    _draw_matrix(scenario, matrix, bars)
    below.set_axis_off()
    across = blended_transform_factory(figure.transFigure, below.transAxes)
    below.text(EDGE / WIDTH, 1.0, "\n".join(key), va="top", linespacing=1.3, transform=across, in_layout=False)
    return Drawing("packages", figure, table, {"bars": top, "matrix": matrix})


def _bars(summary: Summary) -> list[Bar]:
    found = summary.packages
    bars = [Bar("nothing", NO_DEAL, found.nothing, None)]
    bars += [Bar(f"{rank}", top.outcome, top.share, top) for rank, top in enumerate(found.top, 1)]
    rest = found.kinds - len(found.top)
    if rest > 0:
        bars.append(Bar(plural(rest, "other package"), "", found.others, None))
    return bars


def _package_title(summary: Summary) -> str:
    found = summary.packages
    if not found.top:
        return f"{of_runs(found.nothing)} end with nothing in force"
    if found.kinds == 1:
        return f"One package is ever in force at the horizon, in {of_runs(found.top[0].share)}"
    most = of_runs(found.top[0].share)
    return f"{found.kinds:,} packages are in force at the horizon of some run; the most frequent one in {most}"


def _draw_bars(scenario: Scenario, axes: Axes, bars: list[Bar], abreast: int) -> None:
    for place, bar in enumerate(bars):
        colour, hatch = class_style(scenario, bar.outcome) if bar.outcome else ("white", "")
        axes.bar(place, 100 * bar.share.value, width=0.7, color=colour, hatch=hatch, **OUTLINE)
        interval(axes, bar.share, place, upright=True)
        axes.text(place, 100 * bar.share.high + 3, told(bar.share), ha="center", va="bottom")
    axes.set_xticks(range(len(bars)), [wrapped(bar.label, 9) for bar in bars])
    axes.tick_params(axis="x", length=0)
    axes.set_xlim(-0.6, max(len(bars), 5) - 0.4)
    axes.set_ylim(0, 100)
    axes.set_ylabel("share of runs (%)")
    axes.set_xlabel("what is in force, the most frequent package first")
    patches = []
    for name in dict.fromkeys(bar.outcome for bar in bars if bar.outcome):
        colour, hatch = class_style(scenario, name)
        patches.append(Patch(facecolor=colour, hatch=hatch, label=short(name, 60), **OUTLINE))
    axes.legend(handles=patches, loc="lower right", bbox_to_anchor=(1.0, 1.12), ncols=abreast)


def _draw_matrix(scenario: Scenario, axes: Axes, bars: list[Bar]) -> None:
    for row, issue in enumerate(scenario.issues):
        axes.axhspan(row - 0.5, row + 0.5, color="white" if row % 2 else "#EEEEEE", zorder=0, linewidth=0)
        for column, bar in enumerate(bars):
            if bar.package is None:
                continue
            option = bar.package.package[row]
            still = option == issue.status_quo
            look: Look = {"color": MUTED} if still else {"color": BLACK, "fontweight": "bold"}
            axes.text(column, row, LETTERS[option % len(LETTERS)], ha="center", va="center", **look)
    axes.set_ylim(len(scenario.issues) - 0.5, -0.5)
    axes.set_xlim(-0.6, max(len(bars), 5) - 0.4)
    axes.set_yticks(range(len(scenario.issues)), [short(issue_label(issue), 24) for issue in scenario.issues])
    axes.set_ylabel("issue")
    axes.set_xticks([])
    axes.tick_params(length=0)


def _key(scenario: Scenario) -> list[str]:
    lines = ["Letters: the option that the package picks; bold where it is not the status quo. Numbers: rank."]
    for issue in scenario.issues:
        options = [f"{LETTERS[o % len(LETTERS)]} {option_label(issue, o)}" for o in range(len(issue.options))]
        lines += wrapped(f"{issue_label(issue)}: {', '.join(options)}", KEY_LETTERS).split("\n")
    return lines
