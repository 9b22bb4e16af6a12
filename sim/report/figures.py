"""All pictures of an ensemble, each as PNG, SVG and the exact data as CSV."""

from pathlib import Path

import matplotlib

from sim.analysis.distributions import gains
from sim.analysis.summary import Summary
from sim.engine.records import Records
from sim.report.context import Context
from sim.report.figures_refusals import draw_refusals
from sim.report.figures_shares import draw_outcomes, draw_packages
from sim.report.figures_time import draw_agreement, draw_survival
from sim.report.figures_worth import draw_worths
from sim.report.style import STYLE, Drawing, save
from sim.world.scenario import Scenario


def drawings(scenario: Scenario, summary: Summary, records: Records, context: Context) -> list[Drawing]:
    """Every picture of an ensemble, not yet saved."""
    with matplotlib.rc_context(STYLE):
        return [
            draw_outcomes(scenario, summary, context),
            draw_agreement(scenario, summary, context),
            draw_survival(scenario, summary, context),
            draw_refusals(scenario, summary, context),
            draw_worths(scenario, summary, gains(records), context),
            draw_packages(scenario, summary, context),
        ]


def draw_all(scenario: Scenario, summary: Summary, records: Records, context: Context, folder: Path) -> list[Path]:
    """Draw and save every picture in a folder, which is created; the paths written, pictures before their data."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for drawing in drawings(scenario, summary, records, context):
        written += save(drawing, context, folder)
    return written
