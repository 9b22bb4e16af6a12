"""The settings of an ensemble: `conf/` and the command line in, checked plain values out.

No config object leaves this module, so the rest of the program does not know that Hydra read the settings.
"""

import contextlib
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final

import hydra
from hydra import compose, initialize_config_dir
from hydra.core.config_store import ConfigStore
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from sim.cli.complaints import HIDDEN, complaint
from sim.cli.errors import SettingsError
from sim.world.files import find_library

CONFIG: Final = "config"
VERSION_BASE: Final = "1.3"
PREFIX: Final = "scenario."
LARGEST_SEED: Final = 2**64 - 1
MULTIRUN: Final = ("-m", "--multirun")
BESIDE: Final = ("mediator", "evidence", "calibration")  # settings beside the scenario that decide rows
PATHS: Final = ("scenario", "results")
GROUPS: Final = (*BESIDE, "engine")  # settings that are chosen by the name of a file in `conf/`
NO_NAME: Final = re.compile(r"null|true|false|[-+]?[\d.]+(e[-+]?\d+)?", re.IGNORECASE)  # not words to Hydra
PLAIN_WORD: Final = re.compile(r"[A-Za-z_][\w./-]*")
NO_WORDS: Final = ("null", "true", "false", "nan", "inf")  # Hydra reads them as something else


@dataclass
class ReferenceConfig:
    """Shape of a reference deal in conf/calibration."""

    days: float = 180.0
    failed: float = 0.5
    burden: list[float] = field(default_factory=list)


@dataclass
class CalibrationConfig:
    """Shape of conf/calibration."""

    truce: ReferenceConfig = field(default_factory=ReferenceConfig)
    treaty: ReferenceConfig = field(default_factory=ReferenceConfig)


@dataclass
class EvidenceConfig:
    """Shape of conf/evidence: kind of number -> grade -> width."""

    share: dict[str, float] = field(default_factory=dict)
    real: dict[str, float] = field(default_factory=dict)
    scale: dict[str, float] = field(default_factory=dict)
    logit: dict[str, float] = field(default_factory=dict)


@dataclass
class EngineConfig:
    """Shape of conf/engine."""

    block: int = 1024
    part: int = 131_072


@dataclass
class RunConfig:
    """Shape of conf/config.yaml: Hydra refuses keys that are not here and values of another type."""

    scenario: str = ""
    runs: int = 1
    seed: int = 0
    workers: int | None = None
    results: str = ""
    mediator: dict[str, Any] = field(default_factory=dict)
    evidence: EvidenceConfig = field(default_factory=EvidenceConfig)
    calibration: CalibrationConfig = field(default_factory=CalibrationConfig)
    engine: EngineConfig = field(default_factory=EngineConfig)
    change: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that decides how an ensemble is played and where it is saved."""

    scenario: str  # name or path
    changes: Mapping[str, object]  # path in the scenario -> value
    tweaks: Mapping[str, object]  # other settings that decide rows and are not as in `conf/` -> value
    runs: int
    seed: int
    workers: int | None
    results: Path
    mediator_name: str  # of its file in conf/mediator
    mediator: Mapping[str, Any]
    widths: Mapping[str, Mapping[str, float]]
    calibration: Mapping[str, Any]
    block: int
    part: int

    def __post_init__(self) -> None:
        for name, value in (("runs", self.runs), ("engine.block", self.block), ("engine.part", self.part)):
            if value < 1:
                raise SettingsError(f"{name}={value} plays nothing; say 1 or more")
        if not 0 <= self.seed <= LARGEST_SEED:
            raise SettingsError(f"seed={self.seed} is no seed; say a whole number from 0 to {LARGEST_SEED}")
        if self.workers is not None and self.workers < 1:
            raise SettingsError(f"workers={self.workers} leaves nobody to play; say 1 or more, or null for all cores")


def find_conf() -> Path:
    """The folder of settings beside the code where there is one, else the one packaged inside it."""
    package = Path(__file__).resolve().parents[1]
    beside = package.parent / "conf"
    return beside if (beside / f"{CONFIG}.yaml").is_file() else package / "_data" / "conf"


def default_settings(overrides: Sequence[str] = ()) -> Settings:
    """Settings as in `conf/` with some overrides; a SettingsError says which of them cannot be used."""
    with _hydra(overrides):
        with initialize_config_dir(str(find_conf()), job_name="parley", version_base=VERSION_BASE):
            config = compose(CONFIG, overrides=translated(overrides), return_hydra_config=True)
        return _settings(config, config.hydra.runtime.choices, overrides)


def all_settings(overrides: Sequence[str], multirun: bool) -> tuple[Settings, ...]:
    """The settings that overrides ask for: one, or one for each combination of swept values.

    Raises SettingsError for overrides that cannot be used.
    """
    found: list[tuple[DictConfig, Mapping[str, str]]] = []

    def job(config: DictConfig) -> None:
        # Only kept: of what fails inside a job, Hydra would say so in words of its own.
        found.append((config, HydraConfig.get().runtime.choices))

    # A multirun insists on a folder for each job; nothing is ever written into it.
    with tempfile.TemporaryDirectory(prefix="parley-") as sweeps, _hydra(overrides):
        arguments = translated(overrides)
        if multirun:
            arguments += [f"hydra.sweep.dir={_quoted(sweeps)}", "-m"]
        with _argv(["parley", *arguments]):
            hydra.main(config_path=str(find_conf()), config_name=CONFIG, version_base=VERSION_BASE)(job)()
        return tuple(_settings(config, choices, overrides) for config, choices in found)


def translated(overrides: Sequence[str]) -> list[str]:
    """Overrides as Hydra has to be told them: what is set inside the scenario becomes an entry of `change`."""
    found = []
    for override in overrides:
        name, equals, value = override.partition("=")
        if not name or not equals or override.startswith("~"):
            example = f"scenario={override}" if _names_a_scenario(override) else "runs=1000"
            raise SettingsError(f"{override!r} is no setting; write name=value, as in {example} (null for nothing)")
        if override.startswith("+"):
            raise SettingsError(f"{override!r} begins with +, which adds a setting that nothing reads; leave out the +")
        if name.partition(".")[0] in HIDDEN:
            raise SettingsError(f"there is no setting {name!r}; `parley run --help` lists the settings")
        if name.startswith(PREFIX):
            found.append(f"++change.{escaped(name.removeprefix(PREFIX))}={value}")
        elif name.startswith("mediator.bias."):
            found.append(f"++{name}={value}")
        elif name in GROUPS and value.startswith("["):
            raise SettingsError(f"{override!r} names a list; say one {name}, or several without brackets and with -m")
        elif (name in GROUPS and NO_NAME.fullmatch(value)) or (name in PATHS and _needs_quotes(value)):
            found.append(f"{name}={_quoted(value)}")
        else:
            found.append(override)
    return found


def escaped(path: str) -> str:
    """A path inside a scenario as one key that Hydra's grammar can read; `unescaped` undoes it."""
    return "".join(
        "-" if c == "." else c if c == "_" or (c.isascii() and c.isalnum()) else f"${ord(c):x}$" for c in path
    )


def unescaped(key: str) -> str:
    """The path that was `escaped`."""
    return re.sub(r"\$([0-9a-f]+)\$", lambda found: chr(int(found[1], 16)), key.replace("-", "."))


def as_typed(value: object) -> str:
    """A value as it has to be typed after `name=` to be read as it is."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{key}:{as_typed(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(as_typed(inner) for inner in value) + "]"
    if isinstance(value, str) and (not PLAIN_WORD.fullmatch(value) or value.lower() in NO_WORDS):
        return _quoted(value)
    return str(value)


def _names_a_scenario(word: str) -> bool:
    return word.endswith((".yaml", ".yml")) or word in find_library().names()


def _needs_quotes(path: str) -> bool:
    """Whether a path holds signs that Hydra would trip over, and is neither quoted nor several values."""
    plain = re.fullmatch(r"[\w./,+\-]*", path)
    return plain is None and path[:1] not in "'\"[{" and not path.endswith(")")


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _settings(config: DictConfig, choices: Mapping[str, str], overrides: Sequence[str]) -> Settings:
    inside = _plain(config)
    touched = any(re.match(rf"({'|'.join(BESIDE)})\b(?!=)|(evidence|calibration)=", word) for word in overrides)
    return Settings(
        scenario=inside["scenario"],
        changes={unescaped(key): value for key, value in inside["change"].items()},
        runs=inside["runs"],
        seed=inside["seed"],
        workers=inside["workers"],
        results=Path(inside["results"]).expanduser(),
        tweaks=_tweaks(inside, choices["mediator"]) if touched else {},
        mediator_name=choices["mediator"],
        mediator=inside["mediator"],
        widths=inside["evidence"],
        calibration=inside["calibration"],
        block=inside["engine"]["block"],
        part=inside["engine"]["part"],
    )


def _plain(config: DictConfig) -> dict[str, Any]:
    plain = OmegaConf.to_container(OmegaConf.masked_copy(config, [f.name for f in fields(RunConfig)]), resolve=True)
    assert isinstance(plain, dict)
    return {str(key): value for key, value in plain.items()}


def _tweaks(inside: Mapping[str, Any], mediator: str) -> dict[str, object]:
    """The settings beside the scenario that are not as `conf/` has them for that mediator, by their names."""
    GlobalHydra.instance().clear()
    with initialize_config_dir(str(find_conf()), job_name="parley", version_base=VERSION_BASE):
        untouched = _plain(compose(CONFIG, overrides=[f"mediator={mediator}"]))
    before = dict(_leaves({name: untouched[name] for name in BESIDE}))
    now = _leaves({name: inside[name] for name in BESIDE})
    return {name: value for name, value in now if name not in before or before[name] != value}


def _leaves(block: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, object]]:
    for key, value in block.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value


@contextlib.contextmanager
def _hydra(overrides: Sequence[str]) -> Iterator[None]:
    """Hydra with its own errors told as ours, and without a trace of it afterwards."""
    ConfigStore.instance().store(name="run_schema", node=RunConfig)
    before = os.environ.get("HYDRA_FULL_ERROR")
    os.environ["HYDRA_FULL_ERROR"] = "1"  # or Hydra prints tracebacks of its own and leaves
    GlobalHydra.instance().clear()
    try:
        yield
    except (HydraException, OmegaConfBaseException) as error:
        raise SettingsError(complaint(error, overrides, find_conf())) from error
    finally:
        GlobalHydra.instance().clear()
        if before is None:
            del os.environ["HYDRA_FULL_ERROR"]
        else:
            os.environ["HYDRA_FULL_ERROR"] = before


@contextlib.contextmanager
def _argv(arguments: list[str]) -> Iterator[None]:
    before = sys.argv
    sys.argv = arguments
    try:
        yield
    finally:
        sys.argv = before
