"""Hydra's complaints about settings in our words: what is wrong, what to do, the nearest name."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from hydra.errors import MissingConfigException, OverrideParseException
from omegaconf import DictConfig
from omegaconf.errors import ConfigAttributeError, ConfigKeyError, OmegaConfBaseException, ValidationError

from sim.world.errors import nearest

HIDDEN: Final = ("hydra", "change")  # Hydra's own settings, and ours under another name
TYPES: Final = {"Integer": "a whole number", "Float": "a number", "Boolean": "true or false", "String": "a word"}


def complaint(error: Exception, overrides: Sequence[str], conf: Path) -> str:
    """One line for an error of Hydra or OmegaConf."""
    cause = error.__cause__ if isinstance(error.__cause__, OmegaConfBaseException) else error
    if isinstance(error, OverrideParseException):
        return _unreadable(error, overrides)
    if isinstance(error, MissingConfigException):
        return _no_choice(error, conf)
    if isinstance(cause, ConfigAttributeError | ConfigKeyError):
        return _unknown(cause, overrides)
    if isinstance(cause, ValidationError):
        return _wrong_type(cause, overrides)
    first = str(error).splitlines()[0]
    if "requires --multirun" in first or first.startswith("Ambiguous value"):
        given = re.search(r"'(.*)'", first)
        return _several(given[1] if given else first, overrides)
    if found := re.fullmatch(r"Override (\S+?)=.* looks like a config group override, but .*", first):
        return f"there is no setting {found[1]!r}; `parley run --help` lists the settings"
    return " ".join(str(error).split())


def _unreadable(error: OverrideParseException, overrides: Sequence[str]) -> str:
    shown = _as_given(error.override, overrides)
    name = shown.partition("=")[0]
    return f"cannot read {shown!r}; write name=value, and quote a value with special characters: {name}=\"'...'\""


def _several(override: str, overrides: Sequence[str]) -> str:
    shown = _as_given(override, overrides)
    return f"{shown!r} asks for several values; add -m to play them all, or write [a,b] for a list"


def _as_given(override: str, overrides: Sequence[str]) -> str:
    """The override as it was typed, before Hydra was told something else."""
    _, _, value = override.partition("=")
    return next((given for given in overrides if given.endswith(f"={value}")), override)


def _no_choice(error: MissingConfigException, conf: Path) -> str:
    group, _, choice = (error.missing_cfg_file or "").rpartition("/")
    if not group:
        return f"the settings in {conf} are incomplete: {' '.join(str(error).split())}"
    return f"there is no {group} {choice!r}; {nearest(choice, error.options or ())}"


def _unknown(error: OmegaConfBaseException, overrides: Sequence[str]) -> str:
    full, last = str(error.full_key or error.key), str(error.key)
    parent = error.parent_node
    inside = [str(key) for key in parent if str(key) not in HIDDEN] if isinstance(parent, DictConfig) else []
    if full == last:
        hint = nearest(last, inside)
        given = next((name for name in (o.partition("=")[0] for o in overrides) if name.startswith(full)), full)
        inner = "" if hint.startswith("did") else f" (a number of the scenario: scenario.{given}=...)"
        return f"there is no setting {given!r}; {hint}{inner}"
    block = full.removesuffix(f".{last}")
    return f"there is no setting {full!r}; {nearest(last, inside) if inside else f'{block!r} holds none'}"


def _wrong_type(error: ValidationError, overrides: Sequence[str]) -> str:
    value = re.search(r"Value '(.*)' of type '.*' could not be converted to (\w+)", str(error))
    if "is not Optional" in str(error):
        return f"{error.full_key} cannot be null; give it a value"
    if value is None:
        given = next((word for word in overrides if word.startswith(f"{error.full_key}=")), str(error.full_key))
        return f"{given} cannot be; it must look as in `conf/`, or set one of its parts: NAME.PART=VALUE"
    return f"{error.full_key}={value[1]} cannot be; it must be {TYPES.get(value[2], value[2])}"
