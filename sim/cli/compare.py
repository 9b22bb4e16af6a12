"""`parley compare`: two scenarios, or one with and without changes, run by run with the same luck."""

from argparse import Namespace
from collections.abc import Sequence

from sim.analysis.paired import compare as pair
from sim.cli.errors import SettingsError
from sim.cli.progress import preparing, progress
from sim.cli.settings import default_settings
from sim.cli.study import Study, study
from sim.engine.records import Records, joined
from sim.engine.workers import parts_of, play_parts, warm_up
from sim.report.comparing import compare_report


def compare(arguments: Namespace) -> int:
    """Play both and print the paired differences; nothing is saved. Returns the exit code."""
    others = [word for word in arguments.others if "=" not in word]
    changes = [word for word in arguments.others if "=" in word]
    if len(others) > 1:
        raise SettingsError(f"two scenarios are compared, not {len(others) + 1}; leave out {others[-1]!r}")
    base = study(default_settings(overrides(arguments, arguments.base, [])))
    other = study(default_settings(overrides(arguments, others[0] if others else arguments.base, changes)))
    records = [_play(what) for what in (base, other)]
    comparison = pair(records[0], records[1], base.scenario, other.scenario)
    for change in changes:
        print(f"changed in the other: {change}")
    print(compare_report(comparison, base.context, other.context), end="")
    return 0


def overrides(arguments: Namespace, scenario: str, changes: Sequence[str]) -> list[str]:
    """Arguments of a command as settings."""
    found = [f"scenario={scenario}", f"runs={arguments.runs}", f"seed={arguments.seed}"]
    if getattr(arguments, "mediator", None):
        found.append(f"mediator={arguments.mediator}")
    return found + [change if change.startswith("scenario.") else f"scenario.{change}" for change in changes]


def _play(what: Study) -> Records:
    settings = what.settings
    kept: list[Records] = []
    with preparing():
        warm_up(what.game)
    with progress(settings.runs, 0) as tell:
        play_parts(
            what.game,
            parts_of(settings.runs, settings.part),
            lambda part, records: kept.append(records),
            workers=settings.workers,
            block=settings.block,
            progress=tell,
        )
    return joined(kept)
