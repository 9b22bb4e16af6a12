"""Reading one kind of thing from a tree; every refusal says where, what was found and what to do."""

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import Final

from sim.world.errors import ScenarioError, nearest
from sim.world.numbers import Grade
from sim.world.tree import Grounds, Node

GROUNDS: Final = ("claims", "because", "grade")
NUMBER_KEYS: Final = ("at", "exactly", "uniform", "pert", "normal", "mixture")


@contextmanager
def located(node: Node) -> Iterator[None]:
    """Give a ScenarioError raised inside the node's place, unless it already has one."""
    try:
        yield
    except ScenarioError as error:
        if error.where:
            raise
        raise ScenarioError(error.message, _descend(node, error.path).where) from error


def _descend(node: Node, path: str) -> Node:
    """The place that a path leads to inside a node, or the last one on the way that there is."""
    for step in path.split("."):
        if isinstance(node.value, dict) and step in node.value:
            node = node.value[step]
        elif isinstance(node.value, list) and step.isdigit() and int(step) < len(node.value):
            node = node.value[int(step)]
        else:
            break
    return node


def is_number(node: Node) -> bool:
    """Whether the node is a mapping that states a distribution."""
    return isinstance(node.value, dict) and any(key in node.value for key in NUMBER_KEYS)


def found(node: Node) -> str:
    """What stands at the node, for a message."""
    if isinstance(node.value, dict):
        return "a mapping"
    if isinstance(node.value, list):
        return "a list"
    return "nothing" if node.value is None else repr(node.value)


def entries(node: Node, allowed: tuple[str, ...] | None = None) -> dict[str, Node]:
    """The mapping at a node, with none but the allowed keys and with a value under each."""
    if not isinstance(node.value, dict):
        raise ScenarioError(f"a mapping (`key: value`) is expected here, not {found(node)}", node.where)
    for key, child in node.value.items():
        if allowed is not None and key not in allowed and child.value is None and " " in key:
            message = f"{key!r} reads like the rest of a text with a comma in it; put that text in quotes"
            raise ScenarioError(message, child.where)
        if allowed is not None and key not in allowed:
            raise ScenarioError(f"unknown key {key!r}; {nearest(key, allowed)}", child.where)
        if child.value is None:
            raise ScenarioError("nothing stands here; give it a value or drop the key", child.where)
    return node.value


def items(node: Node) -> list[Node]:
    """The list at a node."""
    if not isinstance(node.value, list):
        raise ScenarioError(f"a list is expected here, not {found(node)}; write it in [brackets]", node.where)
    return node.value


def need(node: Node, key: str) -> Node:
    """What stands under a key that has to be there."""
    inside = entries(node)
    if key not in inside:
        raise ScenarioError(f"`{key}` is missing; add it", node.where)
    return inside[key]


def text(node: Node) -> str:
    """The words at a node; a bare number or date is read as written."""
    if isinstance(node.value, dict | list) or node.value is None:
        raise ScenarioError(f"words are expected here, not {found(node)}", node.where)
    return str(node.value)


def texts(node: Node) -> tuple[str, ...]:
    """A list of words, or one word that stands for a list of one."""
    return tuple(text(item) for item in node.value) if isinstance(node.value, list) else (text(node),)


def flag(node: Node) -> bool:
    """True or false."""
    if not isinstance(node.value, bool):
        raise ScenarioError(f"true or false is expected here, not {found(node)}", node.where)
    return node.value


def day(node: Node) -> date:
    """A date."""
    if isinstance(node.value, str):
        try:
            return date.fromisoformat(node.value)
        except ValueError as error:
            raise ScenarioError(f"{node.value!r} is no date; write 2025-03-19", node.where) from error
    if not isinstance(node.value, date):
        raise ScenarioError(f"a date is expected here, not {found(node)}; write 2025-03-19", node.where)
    return node.value


def real(node: Node) -> float:
    """A finite bare number."""
    if isinstance(node.value, bool) or not isinstance(node.value, int | float):
        raise ScenarioError(f"a number is expected here, not {found(node)}", node.where)
    if not math.isfinite(node.value):
        raise ScenarioError(f"{node.value} is no number the model can use; give a finite one", node.where)
    return float(node.value)


def setting(node: Node) -> float:
    """A bare number without spread, which may also be written `{at: 30, claims: [...]}`."""
    if is_number(node):
        inside = entries(node, ("at", "exactly"))
        return real(next(iter(inside.values())))
    return real(node)


def whole(node: Node, least: int) -> int:
    """A whole number of at least `least`."""
    value = setting(node)
    if value != round(value) or value < least:
        raise ScenarioError(f"a whole number of at least {least} is expected here, not {value:g}", node.where)
    return int(value)


def chance(node: Node) -> float:
    """A probability in 0..1."""
    value = setting(node)
    if not 0 <= value <= 1:
        raise ScenarioError(f"a probability lies in 0..1, not {value:g}", node.where)
    return value


def pick(node: Node, known: Mapping[str, int], what: str) -> int:
    """The position of the thing that a node names."""
    name = text(node)
    if name not in known:
        raise ScenarioError(f"there is no {what} {name!r}; {nearest(name, known)}", node.where)
    return known[name]


def own_grounds(node: Node) -> Grounds:
    """What the three keys of a mapping say about grounds."""
    inside = node.value if isinstance(node.value, dict) else {}
    stated = {key: inside[key] for key in GROUNDS if key in inside and inside[key].value is not None}
    grade = text(stated["grade"]) if "grade" in stated else None
    if grade is not None and grade not in tuple(Grade):
        raise ScenarioError(f"unknown grade {grade!r}; {nearest(grade, tuple(Grade))}", stated["grade"].where)
    because = text(stated["because"]).strip() if "because" in stated else None
    if because == "":
        raise ScenarioError("the reason is empty; say why, or cite claims", stated["because"].where)
    return Grounds(texts(stated["claims"]) if "claims" in stated else None, because, grade)


def ground(node: Node, block: Grounds | None = None) -> Node:
    """The same tree with `claims`, `because` and `grade` taken out of its mappings and handed down."""
    own = own_grounds(node)
    whole_grounds = own.under(block or Grounds())
    if isinstance(node.value, dict):
        inside = {key: ground(child, whole_grounds) for key, child in node.value.items() if key not in GROUNDS}
        return replace(node, value=inside, own=own, grounds=whole_grounds)
    if isinstance(node.value, list):
        return replace(node, value=[ground(child, whole_grounds) for child in node.value], grounds=whole_grounds)
    return replace(node, grounds=whole_grounds)
