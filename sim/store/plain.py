"""A scenario as plain data and back, so that a result can be played again without the files it was read from.

Every dataclass becomes a mapping of its fields and the name of its class; sets become sorted lists and numbers keep
all their digits. Reading builds the same objects through their own constructors, so what
they refuse is refused here too.
"""

import math
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Any, Final

from sim.store.errors import StoreError
from sim.world import bells, distributions, numbers, parts, scenario
from sim.world.scenario import Scenario

KIND: Final = "kind of thing"
_MODULES: Final = (bells, distributions, numbers, parts, scenario)


def plain(thing: object) -> Any:
    """JSON data that says the same."""
    if is_dataclass(thing) and not isinstance(thing, type):
        return {KIND: type(thing).__name__, **{f.name: plain(getattr(thing, f.name)) for f in fields(thing)}}
    if isinstance(thing, Mapping):
        return {str(key): plain(value) for key, value in thing.items()}
    if isinstance(thing, frozenset):
        return sorted(plain(value) for value in thing)
    if isinstance(thing, tuple):
        return [plain(value) for value in thing]
    if isinstance(thing, StrEnum):
        return thing.value
    if isinstance(thing, date):
        return thing.isoformat()
    if isinstance(thing, float) and not math.isfinite(thing):
        return str(thing)
    if thing is None or isinstance(thing, bool | int | float | str):
        return thing
    raise TypeError(f"nothing says how to write a {type(thing).__name__} as plain data; add it here")


def scenario_of(data: object) -> Scenario:
    """The scenario that `plain` wrote; a StoreError says what cannot be read."""
    try:
        found = _thing(data, Scenario)
    except (KeyError, TypeError, ValueError) as error:
        raise StoreError(f"the stored scenario cannot be rebuilt by this version of the program: {error}") from error
    assert isinstance(found, Scenario)
    return found


@cache
def _classes() -> dict[str, type]:
    found: dict[str, type] = {}
    for module in _MODULES:
        found |= {name: kind for name, kind in vars(module).items() if isinstance(kind, type) and is_dataclass(kind)}
    return found


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _thing(data: object, wanted: Any) -> object:
    """Data as a thing of the annotated type `wanted`."""
    if isinstance(data, dict) and KIND in data:
        kind = _classes()[data[KIND]]
        given = {name: value for name, value in data.items() if name != KIND}
        return kind(**{name: _thing(value, _hints(kind)[name]) for name, value in given.items()})
    wanted = _stripped(wanted, data)
    origin, arguments = typing.get_origin(wanted), typing.get_args(wanted)
    if isinstance(data, dict):
        return {key: _thing(value, arguments[1]) for key, value in data.items()}
    if isinstance(data, list) and origin is frozenset:
        return frozenset(_thing(value, arguments[0]) for value in data)
    if isinstance(data, list):
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            return tuple(_thing(value, arguments[0]) for value in data)
        return tuple(_thing(value, inside) for value, inside in zip(data, arguments, strict=True))
    return _scalar(data, wanted)


def _stripped(wanted: Any, data: object) -> Any:
    """`X | None` without the None that the data is not."""
    if typing.get_origin(wanted) in (types.UnionType, typing.Union) and data is not None:
        inside = [argument for argument in typing.get_args(wanted) if argument is not type(None)]
        return inside[0]
    return wanted


def _scalar(data: object, wanted: Any) -> object:
    readers: dict[Any, Callable[[str], object]] = {date: date.fromisoformat, float: float, numbers.Grade: numbers.Grade}
    return readers[wanted](data) if isinstance(data, str) and wanted in readers else data
