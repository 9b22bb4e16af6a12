"""A picture of what each party has at the horizon beside what it would have without a deal."""

from typing import Final

from matplotlib.axes import Axes

from sim.analysis.distributions import Gains
from sim.analysis.summary import Summary
from sim.report.context import Context
from sim.report.data import Table
from sim.report.figures_shares import played
from sim.report.labels import of_runs, party_label, signed, told
from sim.report.style import BLACK, MUTED, OUTLINE, PARTY_COLOURS, Drawing, Look, kind_style, sheet, spread, wrapped
from sim.world.scenario import Scenario

ROW: Final = 0.62  # inches of one party


def draw_worths(scenario: Scenario, summary: Summary, gains: Gains, context: Context) -> Drawing:
    """Worth minus reservation of each party where a deal is in force; runs without one are a spike of their own."""
    columns = ("party", "part", "worth minus reservation from", "to", "share of runs", "runs with it", "runs")
    rows: list[tuple[object, ...]] = []
    for party, counts in zip(scenario.parties, gains.counts, strict=True):
        rows.append((party.name, "nothing in force", 0.0, 0.0, gains.no_deal.value, gains.no_deal.count, gains.runs))
        for low, high, count in zip(gains.edges, gains.edges[1:], counts, strict=False):
            share = int(count) / gains.runs
            rows.append((party.name, "deal in force", float(low), float(high), share, int(count), gains.runs))
    subtitle = (
        f"{scenario.title}. At the horizon, after {played(scenario)}. Each party's worth has a scale of its own: "
        "compare along a row, not between rows, and do not add."
    )
    figure = sheet(_title(summary), subtitle, context, ROW * len(scenario.parties) + 0.75)
    spikes, hills = figure.subplots(1, 2, width_ratios=(1, 4.5), sharey=True)
    spread(figure, 0.08)
    top = max(int(gains.counts.max(initial=0)), 1)
    for row in range(len(scenario.parties)):
        _draw_party(spikes, hills, summary, gains, row, top)
    _dress(spikes, hills, gains, [party_label(party) for party in scenario.parties])
    return Drawing("worths", figure, Table(columns, tuple(rows)), {"spikes": spikes, "hills": hills})


def _title(summary: Summary) -> str:
    none = summary.worths[0].no_deal
    if none.count == none.runs:
        return f"Nothing is in force in {of_runs(none)}: each party has its reservation"
    below = [worth for worth in summary.worths if worth.below is not None and worth.below.count > 0]
    if not below:
        return "Where a deal is in force, no party has less than its reservation at the horizon"
    many = "1 party has" if len(below) == 1 else f"{len(below)} of {len(summary.worths)} parties have"
    return f"Where a deal is in force, {many} less than the reservation in some runs at the horizon"


def _draw_party(spikes: Axes, hills: Axes, summary: Summary, gains: Gains, row: int, top: int) -> None:
    colour, hatch = kind_style(PARTY_COLOURS, row)
    base = row + 0.34  # the axis points down: hills stand on the lower part of their row
    widths = gains.edges[1:] - gains.edges[:-1]
    heights = -0.72 * gains.counts[row] / top
    spikes.barh(row, 100 * gains.no_deal.value, height=0.5, color="#C8C8C8", **OUTLINE)
    spikes.text(100 * gains.no_deal.value + 6, row, told(gains.no_deal), va="center", ha="left")
    look: Look = {"color": colour, "hatch": hatch, "linewidth": 0.0, "edgecolor": BLACK}
    hills.bar(gains.edges[:-1], heights, width=widths, bottom=base, align="edge", **look)
    hills.stairs(base + heights, gains.edges, baseline=base, color=BLACK, linewidth=0.7)
    gain = summary.worths[row].gain
    words = "no deal in force"
    if gain is not None:
        hills.plot([gain.low, gain.high], [base + 0.1, base + 0.1], color=BLACK, linewidth=1.0, solid_capstyle="butt")
        hills.plot(
            [gain.quarter, gain.three_quarters], [base + 0.1] * 2, color=BLACK, linewidth=3.2, solid_capstyle="butt"
        )
        hills.plot(gain.median, base + 0.1, "o", color="white", mec=BLACK, markersize=5)
        words = f"median {signed(gain.median)}"
    hills.text(1.02, row, words, transform=hills.get_yaxis_transform(), va="center", ha="left")


def _dress(spikes: Axes, hills: Axes, gains: Gains, names: list[str]) -> None:
    spikes.set_yticks(range(len(names)), [wrapped(name, 18) for name in names])
    spikes.set_ylim(len(names) - 0.4, -0.6)
    spikes.set_ylabel("party")
    spikes.set_xlim(0, 150)  # room for the number beside a spike of 100
    spikes.set_xticks([0, 50, 100])
    spikes.set_xlabel("nothing in force:\nshare of\nruns (%)")
    hills.axvline(0.0, color=BLACK, linewidth=1.0, linestyle="--")
    hills.text(0.0, -0.62, "reservation", ha="center", va="bottom", color=MUTED)
    hills.set_xlim(min(float(gains.edges[0]), -0.05), max(float(gains.edges[-1]), 0.05))
    hills.set_xlabel(
        "worth minus reservation where a deal is in force (dimensionless)\n"
        "height: share of runs; circle: median;\nbars: middle half, middle nine tenths"
    )
    hills.tick_params(left=False)
    hills.spines["left"].set_visible(False)
