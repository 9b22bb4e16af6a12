"""`parley figures`: the figures of a stored ensemble, drawn anew."""

from argparse import Namespace
from pathlib import Path

from sim.analysis.summary import summarise
from sim.cli.study import context
from sim.report.figures import draw_all
from sim.store.folder import writing
from sim.store.results import FIGURES, list_files, open_result


def figures(arguments: Namespace) -> int:
    """Draw them into the result's own folder. Returns the exit code."""
    result = open_result(Path(arguments.folder))
    manifest = result.manifest
    records = result.records()
    told = context(
        result.scenario,
        manifest["settings"]["changes"],
        manifest["settings"].get("other settings changed", {}),
        manifest["seed"],
        manifest["runs"],
        manifest["mediator name"],
    )
    with writing(result.folder):
        summary = summarise(result.scenario, records)
        for path in draw_all(result.scenario, summary, records, told, result.folder / FIGURES):
            print(path)
        list_files(result.folder, manifest)
    return 0
