"""`parley list`: the scenarios there are to play, and the results that are stored."""

from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from sim.cli.settings import as_typed, default_settings
from sim.engine.records import NO_DEAL
from sim.store.errors import StoreError
from sim.store.parts import FOLDER
from sim.store.results import MANIFEST, SUMMARY, read_json, read_manifest
from sim.world.errors import ClaimError, ScenarioError
from sim.world.files import find_library, load


def show(arguments: Namespace) -> int:
    """Print both. Returns the exit code."""
    settings = default_settings()
    console = Console(width=None if Console().is_terminal else 160, highlight=False, markup=False)
    folder = Path(arguments.folder) if arguments.folder is not None else settings.results
    if arguments.folder is not None and not folder.is_dir():
        raise StoreError(f"there is no folder {str(folder)!r}; results are in {str(settings.results)!r} unless moved")
    table = Table("scenario", "what it asks", box=None, pad_edge=False, header_style="bold")
    for name in find_library().names():
        try:
            table.add_row(name, load(name, widths=settings.widths).title)
        except (ScenarioError, ClaimError) as error:
            table.add_row(name, f"cannot be played: {error}")
    console.print(table)
    console.print()
    rows = list(_results(folder))
    if not rows:
        console.print(f"no results in {folder} yet; `parley run` makes one")
        return 0
    stored = Table(f"results in {folder}", "runs", "no deal", "state", box=None, pad_edge=False, header_style="bold")
    for row in rows:
        stored.add_row(*row)
    console.print(stored)
    return 0


def _results(folder: Path) -> Iterator[tuple[str, str, str, str]]:
    for path in sorted(folder.glob("*/")):
        if (path / MANIFEST).is_file():
            yield _finished(path)
        elif (path / FOLDER).is_dir():
            parts = len(list((path / FOLDER).glob("*.parquet")))
            yield path.name, "", "", f"unfinished, {parts} part(s); the same command goes on"


def _finished(path: Path) -> tuple[str, str, str, str]:
    try:
        manifest = read_manifest(path)
        share = _no_deal(read_json(path / SUMMARY))
    except StoreError as error:
        return path.name, "", "", f"cannot be read: {error}"
    if lost := [name for name in manifest["files"] if not (path / name).is_file()]:
        return path.name, f"{manifest['runs']:,}", share, f"lost {lost[0]}; the same command makes it again"
    changes = {**manifest["settings"]["changes"], **manifest["settings"].get("other settings changed", {})}
    changed = "; ".join(f"{where}={as_typed(value)}" for where, value in changes.items())
    return path.name, f"{manifest['runs']:,}", share, f"changed: {changed}" if changed else "finished"


def _no_deal(summary: dict[str, Any]) -> str:
    outcome = next(outcome for outcome in summary["outcomes"] if outcome["name"] == NO_DEAL)
    return f"{outcome['at_horizon']['value']:.1%}"
