"""`parley new`: a scenario to start from, with a comment at everything."""

from argparse import Namespace
from pathlib import Path
from typing import Final

from sim.cli.errors import SettingsError
from sim.store.folder import whole

TEMPLATE: Final = Path(__file__).with_name("new_scenario.yaml")


def new(arguments: Namespace) -> int:
    """Write it; what is there is never overwritten. Returns the exit code."""
    path = Path(arguments.file)
    if path.suffix not in (".yaml", ".yml"):
        raise SettingsError(f"{arguments.file!r} does not end in .yaml, so it could not be played; try {path}.yaml")
    if path.exists():
        raise SettingsError(f"{arguments.file!r} exists and is not overwritten; give another name")
    with whole(path) as passing:
        passing.write_text(TEMPLATE.read_text(encoding="utf-8"), encoding="utf-8")
    print(f"wrote {path}\ncheck it: parley check {path}\nplay it:  parley run scenario={path}")
    return 0
