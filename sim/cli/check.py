"""`parley check`: is a scenario sound, what do its numbers rest on, and who would sign what at the opening."""

import tempfile
from argparse import Namespace
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from sim.analysis.opening import OpeningAnswers, opening_answers
from sim.cli.compare import overrides
from sim.cli.errors import SettingsError
from sim.cli.settings import default_settings
from sim.cli.study import Study, study
from sim.engine.ensemble import Game
from sim.engine.mediators import NoMediator
from sim.report.checking import check_report, flip_report, write_register
from sim.store.folder import reason, whole
from sim.world.flips import flipped
from sim.world.register import rows


def check(arguments: Namespace) -> int:
    """Print the register and the answers at the opening; write the register as CSV if asked. Returns the exit code."""
    what = study(default_settings(overrides(arguments, arguments.scenario, arguments.changes)))
    path = None if arguments.csv is None else _writable(arguments.csv)  # found out before, not after all the work
    context = replace(what.context, mediator=None)
    register = rows(what.scenario, what.source)
    answers = _answers(what, {})
    flips = [(claim, flipped(what.scenario, claim)) for claim in arguments.flip]
    print(check_report(what.scenario, what.source, register, answers, context), end="")
    for claim, changes in flips:
        print(flip_report(what.scenario, what.source, claim, len(changes), answers, _answers(what, changes)), end="")
    if path is not None:
        with whole(path) as passing:
            write_register(passing, register, context)
        print(f"register saved in {path}")
    return 0


def _writable(name: str) -> Path:
    """A path that a file can be written to; the file itself is left as it is."""
    path = Path(name)
    if path.is_dir():
        raise SettingsError(f"{name!r} is a folder; name a file for the register")
    there = next(folder for folder in path.absolute().parents if folder.exists())
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        raise SettingsError(
            f"cannot write {name!r}: {reason(error)}; name a file in a folder of your own for the register"
        ) from error
    return path


def _answers(what: Study, changes: Mapping[str, object]) -> OpeningAnswers:
    """The answers at the opening with further changes. Nobody mediates: each text is asked for by itself."""
    settings = replace(what.settings, changes={**what.settings.changes, **changes})
    scenario = study(settings).scenario
    return opening_answers(Game(scenario, NoMediator(), what.game.base, settings.seed), settings.runs)
