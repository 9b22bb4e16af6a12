"""`parley run`: play ensembles, save them, say what came out."""

import shlex
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sim.analysis.summary import Summary, summarise
from sim.cli.errors import SettingsError
from sim.cli.progress import preparing, progress
from sim.cli.settings import MULTIRUN, EngineConfig, Settings, all_settings, as_typed
from sim.cli.study import Study, study
from sim.engine.ensemble import play_block
from sim.engine.records import Records
from sim.engine.workers import Part, cores, play_parts, warm_up
from sim.report.figures import draw_all
from sim.report.tables import run_report
from sim.store.errors import StoreError
from sim.store.folder import writing
from sim.store.parts import PartFiles
from sim.store.results import FIGURES, MANIFEST, SUMMARY, finish, open_result, play_missing, write_json
from sim.store.table import layout, to_table

DRY: Final = "--dry-run"
TIMED_RUNS: Final = 1024  # of a dry run
COMPRESSION: Final = 0.3  # bytes on disk per byte in memory, about what Parquet makes of such rows

USAGE: Final = """usage: parley run [NAME=VALUE ...] [-m] [--dry-run]

Play a scenario many times, save every run, and say what came out.

settings
  scenario=NAME            a scenario by name (`parley list` shows them), or a path to a file ending in .yaml
  scenario.PATH=VALUE      any number of the scenario, by its path in the file; PATH.at=VALUE moves its centre only
  runs=N seed=N            how many runs, and their luck; the same command gives the same rows
  mediator=NAME            hill_climb (and _nash, _egalitarian, _utilitarian), scripted, none
  mediator.SETTING=VALUE   a setting of the mediator, as in mediator.doubt=0.05 or mediator.bias.PARTY=2
  evidence.KIND.GRADE=X    how wide the numbers of one kind and grade are
  workers=N                processes (default: all cores); no row depends on it
  results=FOLDER           where the folder of the result is made

options
  -m, --multirun           play every combination of the values of settings such as 'seed=range(1,4)' or runs=100,1000
  --dry-run                estimate time and bytes; write nothing

examples
  parley run
  parley run scenario=orange runs=2000 seed=7
  parley run scenario=my.yaml workers=1
  parley run scenario.parties.PARTY.firmness=0.1
  parley run -m 'seed=range(1,4)'
  parley run mediator=scripted 'mediator.texts=[TEXT,OTHER_TEXT]'
"""


def run(arguments: Sequence[str]) -> int:
    """Play what the arguments ask for. Returns the exit code."""
    flags = [argument for argument in arguments if argument.startswith("-")]
    if "-h" in flags or "--help" in flags:
        print(USAGE, end="")
        return 0
    for flag in flags:
        if flag not in (*MULTIRUN, DRY):
            hint = f"{flag.lstrip('-').replace('-', '_')}=VALUE"
            raise SettingsError(f"parley run has no option {flag!r}; settings have no dashes: {hint}")
    overrides = [argument for argument in arguments if not argument.startswith("-")]
    multirun = any(flag in MULTIRUN for flag in flags)
    # All are read and checked before the first is played.
    studies = [study(settings) for settings in all_settings(overrides, multirun)]
    for place, what in enumerate(studies, 1):
        if len(studies) > 1:
            print(f"{'' if place == 1 else chr(10)}[{place} of {len(studies)}]", flush=True)
        if DRY in flags:
            estimate(what)
        else:
            play(what)
    return 0


def play(what: Study) -> None:
    """Play one ensemble, or what is missing of it; save it and print the report."""
    settings, ensemble = what.settings, what.ensemble
    folder = settings.results / ensemble.name
    with writing(folder):
        files = ensemble.files(folder)
        play_missing(ensemble, folder, lambda parts: _play(what, files, parts))
        records = files.load_all(ensemble.parts)
        summary = summarise(what.scenario, records)
        if not _finished(folder):
            _finish(what, summary, records, folder)
    for path, value in {**settings.changes, **settings.tweaks}.items():
        print(f"changed: {path} = {as_typed(value)}")
    print(run_report(what.scenario, summary, what.context))
    print(_saved(folder))


def estimate(what: Study) -> None:
    """Print how long an ensemble would take and how much it would fill; write nothing."""
    settings = what.settings
    with preparing():
        warm_up(what.game)
    runs = min(TIMED_RUNS, settings.runs)
    started = time.perf_counter()
    records = play_block(what.game, 0, runs)
    speed = runs / (time.perf_counter() - started)
    workers = settings.workers or cores()
    width = to_table(records, layout(what.scenario)).nbytes / runs
    print(f"scenario {what.scenario.name}: {settings.runs:,} runs, {len(what.ensemble.parts):,} part(s)")
    print(
        f"time     about {_duration(settings.runs / speed / workers)} ({speed:,.0f} runs/s on one core, {workers} used)"
    )
    print(f"disk     about {_size(settings.runs * width * COMPRESSION)} in {settings.results / what.ensemble.name}")
    print(f"memory   about {_size(settings.runs * _row_bytes(records))} for the summary of all runs")
    print("nothing was written")


def _play(what: Study, files: PartFiles, parts: tuple[Part, ...]) -> None:
    settings = what.settings
    total = settings.runs
    if parts:
        with preparing():
            warm_up(what.game)
    with progress(total, total - sum(part.runs for part in parts)) as tell:
        play_parts(what.game, parts, files.save, workers=settings.workers, block=settings.block, progress=tell)


def _finished(folder: Path) -> bool:
    if not (folder / MANIFEST).exists():
        return False
    try:
        open_result(folder)
    except StoreError:
        return False  # something was deleted or changed since; what is there is written anew
    return True


def _finish(what: Study, summary: Summary, records: Records, folder: Path) -> None:
    (folder / MANIFEST).unlink(missing_ok=True)
    write_json(folder / SUMMARY, {**what.ensemble.about(), **summary.to_json()})
    shutil.rmtree(folder / FIGURES, ignore_errors=True)
    draw_all(what.scenario, summary, records, what.context, folder / FIGURES)
    finish(what.ensemble, folder, _told(what.settings), what.claims_digest)


def _told(settings: Settings) -> dict[str, object]:
    """The settings that decide rows, for the manifest."""
    return {
        "command": command_of(settings),
        "changes": dict(settings.changes),
        "other settings changed": dict(settings.tweaks),
        "evidence": settings.widths,
        "calibration": settings.calibration,
    }


def command_of(settings: Settings) -> str:
    """The command that plays the same rows into a folder of the same name, as far as `conf/` is as it was."""
    words = [f"scenario={settings.scenario}", f"runs={settings.runs}", f"seed={settings.seed}"]
    words += [f"mediator={settings.mediator_name}"]
    words += [f"{name}={as_typed(value)}" for name, value in settings.tweaks.items()]
    words += [f"engine.part={settings.part}"] if settings.part != EngineConfig().part else []
    words += [f"scenario.{path}={as_typed(value)}" for path, value in settings.changes.items()]
    return shlex.join(["parley", "run", *words])


def _saved(folder: Path) -> str:
    pictures = len(list((folder / FIGURES).glob("*.png")))
    return "\n".join(
        (
            f"saved in {folder}",
            f"  parts/ (every run), {MANIFEST}, {SUMMARY}, {FIGURES}/ ({pictures}, each also as CSV)",
            f"read one run: parley replay {folder} --run 0",
        )
    )


def _row_bytes(records: Records) -> float:
    arrays = (getattr(records, name) for name in Records.__slots__ if name != "first")
    return float(sum(array.nbytes for array in arrays)) / records.runs


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(seconds, 1):.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _size(count: float) -> str:
    for unit in ("bytes", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"
