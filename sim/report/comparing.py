"""The report on two ensembles that share their luck."""

from dataclasses import replace

from sim.analysis.estimates import Mean
from sim.analysis.paired import Change, Comparison, Switch, excludes_zero
from sim.report.context import Context
from sim.report.labels import capitalised, mean_between, number, signed, told
from sim.report.layout import columns, paragraph, section


def compare_report(comparison: Comparison, base: Context, other: Context) -> str:
    """What changes from the base to the other: differences with paired intervals, and the runs behind them."""
    heading = [
        f"{other.scenario_name} compared with {base.scenario_name}",
        *paragraph(f"base:  {base.line()}"),
        *paragraph(f"other: {other.line()}"),
        *paragraph(
            "Run by run the two share their luck. Differences are other minus base; 95% paired intervals show "
            "Monte Carlo error only. A star marks an interval that leaves out zero."
        ),
    ]
    names = ("", "base", "other", "difference (points)", "95% interval", "", "only base", "only other")
    parts = [
        "\n".join(heading),
        section("Outcome at the horizon", columns(names, [_switch(row) for row in comparison.outcomes])),
        section("In force at some time", columns(names, [_switch(row) for row in comparison.ever])),
        section("Days in force, a run", columns(_change_names(), [_change(comparison.days_in_force, 1)])),
        section(
            "Worth of each party at the horizon",
            [
                *columns(
                    _change_names(), [_change(replace(row, name=capitalised(row.name)), 3) for row in comparison.worths]
                ),
                *paragraph("Each party's worth has a scale of its own: read along a row, and do not add."),
            ],
        ),
    ]
    return "\n\n".join(parts) + "\n"


def _change_names() -> tuple[str, ...]:
    return ("", "base", "other", "difference", "95% interval", "", "runs that differ")


def _star(difference: Mean) -> str:
    return "*" if excludes_zero(difference) else "-"


def _points(mean: Mean) -> Mean:
    return Mean(100 * mean.value, 100 * mean.error, 100 * mean.low, 100 * mean.high, mean.runs)


def _switch(row: Switch) -> tuple[str, ...]:
    moved = row.only_base + row.only_other
    points = _points(row.difference)
    interval = mean_between(points, 1) if moved else "no run differs"
    return (
        row.name,
        told(row.base),
        told(row.other),
        signed(points.value, 1),
        interval,
        _star(row.difference),
        f"{row.only_base:,}",
        f"{row.only_other:,}",
    )


def _change(row: Change, digits: int) -> tuple[str, ...]:
    interval = mean_between(row.difference, digits) if row.changed else "no run differs"
    return (
        row.name,
        number(row.base, digits),
        number(row.other, digits),
        signed(row.difference.value, digits),
        interval,
        _star(row.difference),
        f"{row.changed:,}",
    )
