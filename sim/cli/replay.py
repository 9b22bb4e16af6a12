"""`parley replay`: one run of a stored ensemble, played again with somebody watching, as minutes."""

import sys
from argparse import Namespace
from pathlib import Path

import numpy as np

from sim.cli.errors import SettingsError
from sim.cli.study import mediator
from sim.engine.ensemble import Game, play_block
from sim.report.minutes import Minutes
from sim.store.errors import StoreError
from sim.store.provenance import code_digest
from sim.store.results import Result, differing, open_result


def replay(arguments: Namespace) -> int:
    """Print a run as minutes; refuse to where what is played now is not what was stored. Returns the exit code."""
    result = open_result(Path(arguments.folder))
    stored = result.row(arguments.run)
    minutes = Minutes(result.scenario, 0)
    other = differing(play_block(game_of(result), arguments.run, 1, minutes), stored)
    if other:
        raise StoreError(
            f"run {arguments.run} played again is not the run stored in {result.folder}: it differs in "
            f"{', '.join(other)}. {_why(result)}"
        )
    if _made_by_other_code(result):
        print("note: made by another state of the code; this run plays as it did then", file=sys.stderr)
    print(minutes.text())
    return 0


def game_of(result: Result) -> Game:
    """What a stored ensemble played."""
    manifest = result.manifest
    try:
        return Game(
            result.scenario, mediator(manifest["mediator"]), np.asarray(manifest["base hazards"]), manifest["seed"]
        )
    except (SettingsError, TypeError) as error:
        raise StoreError(f"the mediator of {result.folder} cannot be rebuilt by this version: {error}") from error


def _made_by_other_code(result: Result) -> bool:
    return bool(result.manifest["code"]["digest"] != code_digest())


def _why(result: Result) -> str:
    code, versions = result.manifest["code"], result.manifest["versions"]
    if not _made_by_other_code(result):
        return f"The code is the same; compare the libraries with those it was made with: {versions}"
    commit = f" (commit {code['commit'][:12]})" if "commit" in code else ""
    return f"It was made by another state of the code{commit}, parley {versions['parley']}; run it anew to replay it"
