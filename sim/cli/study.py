"""From settings to what can be played: scenario, mediator, base hazards."""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from sim.cli.errors import SettingsError
from sim.cli.settings import Settings
from sim.engine.calibration import Calibration, Reference, base_hazards
from sim.engine.ensemble import Game
from sim.engine.estimates import Knowledge
from sim.engine.mediators import MEDIATORS, AbstractMediator
from sim.report.context import Context
from sim.store.results import Ensemble
from sim.world.claims import Source
from sim.world.errors import nearest
from sim.world.files import Library, find_library, load, load_root, source_of
from sim.world.quantities import check_widths
from sim.world.scenario import Scenario

KIND: Final = "kind"  # in the settings of a mediator: its name in the registry


@dataclass(frozen=True)
class Study:
    """What some settings say is to be played; built whole or not at all."""

    settings: Settings
    scenario: Scenario
    game: Game

    @cached_property
    def ensemble(self) -> Ensemble:
        """What the store needs to know of it."""
        first, second = self.game.base.tolist()
        return Ensemble(
            scenario=self.scenario,
            mediator=self.settings.mediator,
            mediator_name=self.settings.mediator_name,
            base=(first, second),
            seed=self.settings.seed,
            runs=self.settings.runs,
            part=self.settings.part,
        )

    @property
    def context(self) -> Context:
        """What every picture and table says about itself."""
        settings = self.settings
        return context(
            self.scenario, settings.changes, settings.tweaks, settings.seed, settings.runs, settings.mediator_name
        )

    @cached_property
    def source(self) -> Source | None:
        """The source that the scenario cites, if any."""
        return source_of(self.scenario, library=_shelves(self.settings.scenario, self.scenario.source))

    @property
    def claims_digest(self) -> str | None:
        """SHA-256 of the source's file; None where the scenario cites none."""
        if self.scenario.source is None:
            return None
        shelves = _shelves(self.settings.scenario, self.scenario.source)
        return hashlib.sha256((shelves.seeds / f"{self.scenario.source}.yaml").read_bytes()).hexdigest()


def study(settings: Settings) -> Study:
    """The study that settings ask for.

    Raises ScenarioError, ClaimError, MediatorError, SpaceError or SettingsError with what is wrong and what to do.
    """
    check_widths(settings.widths)
    scenario = load(settings.scenario, widths=settings.widths, changes=settings.changes)
    root = load_root(settings.scenario, settings.widths)
    base = base_hazards(root, calibration(settings.calibration))
    game = Game(scenario, mediator(settings.mediator), base, settings.seed)
    _ = game.space  # refuses what cannot be searched before anything is written
    return Study(settings, scenario, game)


def context(
    scenario: Scenario,
    changes: Mapping[str, object],
    tweaks: Mapping[str, object],
    seed: int,
    runs: int,
    mediator_name: str,
) -> Context:
    """What every picture and table says about itself; what was changed is not called by its bare name.

    Widths of evidence and the calibration count with the scenario, whose numbers they give meaning.
    """
    of_mediator = sum(name.startswith("mediator.") for name in tweaks)
    named = scenario.name + _changed(len(changes) + len(tweaks) - of_mediator)
    return Context(named, scenario.information_to, seed, runs, mediator_name + _changed(of_mediator))


def _changed(number: int) -> str:
    return f" with {number} change{'s' if number > 1 else ''}" if number else ""


def mediator(settings: Mapping[str, Any]) -> AbstractMediator:
    """The mediator of some settings; a SettingsError or MediatorError says which of them cannot be."""
    inside = dict(settings)
    kind = inside.pop(KIND, None)
    if kind not in MEDIATORS:
        raise SettingsError(f"mediator.kind={kind} is no mediator; {nearest(str(kind), MEDIATORS)}")
    for name in ("objective", "party"):
        if name in inside and not (isinstance(inside[name], str) or (name == "party" and inside[name] is None)):
            raise SettingsError(f"mediator.{name}={inside[name]} cannot be; it must be a word")
    for name, part in (("knowledge", "information=0.5"), ("bias", "PARTY=2")):
        if name in inside and not isinstance(inside[name], Mapping):
            raise SettingsError(f"mediator.{name}={inside[name]} cannot be; set its parts, as mediator.{name}.{part}")
    if "knowledge" in inside:
        inside["knowledge"] = _knowledge(inside["knowledge"])
    if "texts" in inside:
        inside["texts"] = _texts(inside["texts"])
    if "rounds_each" in inside and not isinstance(inside["rounds_each"], int):
        raise SettingsError(f"mediator.rounds_each={inside['rounds_each']} cannot be; it must be a whole number")
    for name in ("doubt", "own_weight"):
        if name in inside:
            inside[name] = _number(f"mediator.{name}", inside[name])
    if "bias" in inside:
        inside["bias"] = {party: _number(f"mediator.bias.{party}", value) for party, value in inside["bias"].items()}
    return MEDIATORS[kind](**inside)


def calibration(settings: Mapping[str, Any]) -> Calibration:
    """The reference deals of some settings."""
    return Calibration(
        truce=_reference("calibration.truce", settings["truce"]),
        treaty=_reference("calibration.treaty", settings["treaty"]),
    )


def _reference(path: str, settings: Mapping[str, Any]) -> Reference:
    burden = settings["burden"]
    if len(burden) != 2:
        raise SettingsError(f"{path}.burden={burden} cannot be; it must be one number for each of the two belligerents")
    try:
        return Reference(days=settings["days"], failed=settings["failed"], burden=(burden[0], burden[1]))
    except ValueError as error:
        given = ", ".join(f"{name} {value}" for name, value in settings.items())
        raise SettingsError(
            f"{path} cannot be {given}; it needs days above 0, a share failed between 0 and 1 and burdens in 0..1"
        ) from error


def _knowledge(settings: Mapping[str, Any]) -> Knowledge:
    try:
        return Knowledge(**{name: _number(f"mediator.knowledge.{name}", value) for name, value in settings.items()})
    except ValueError as error:
        raise SettingsError(f"mediator.knowledge: {error}") from error


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise SettingsError(f"mediator.texts={value} cannot be; it must be a list of names, as in [TEXT,OTHER_TEXT]")
    return tuple(value)


def _number(path: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise SettingsError(f"{path}={value} cannot be; it must be a number")
    if not math.isfinite(value):
        raise SettingsError(f"{path}={value} cannot be; it must be a finite number")
    return float(value)


def _shelves(name_or_path: str, source: str | None) -> Library:
    """The library with the folder that the scenario's source lies in: beside the scenario's file, or the project's."""
    library = find_library()
    if Path(name_or_path).suffix in (".yaml", ".yml"):
        folder = Path(name_or_path).expanduser().resolve().parent
        for seeds in (folder / "seeds", folder.parent / "seeds"):
            if (seeds / f"{source}.yaml").is_file():
                return Library(library.scenarios, seeds)
    return library
