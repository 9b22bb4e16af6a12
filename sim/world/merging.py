"""One tree laid over another: a variant over what it extends, and changes from the command line."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from sim.world.errors import ScenarioError, nearest
from sim.world.reading import GROUNDS, NUMBER_KEYS, found, ground, is_number, own_grounds
from sim.world.tree import Grounds, Node, parse_value

SET_BY_HAND: Final = Grounds(None, "set on the command line", "assumed")
# The two forms of a deadline exclude each other, so one replaces the other instead of joining it.
WHOLESALE: Final = ("clock.deadline",)
# Blocks that a change may open where the file has none.
OPENABLE: Final = ("relief", "burden")


def merge(base: Node, over: Node) -> Node:
    """`over` laid over `base`: mappings join, numbers and lists replace, null deletes.

    What the variant states keeps the grounds its own file gives it, and takes the base block's where that is silent;
    what it does not state keeps the base's, whatever the variant says about a block around it.
    """
    joins = isinstance(base.value, dict) and isinstance(over.value, dict) and over.path not in WHOLESALE
    if not joins or is_number(over):
        return inherit(over, base.grounds)
    assert isinstance(base.value, dict)
    assert isinstance(over.value, dict)
    inside = dict(base.value)
    for key, child in over.value.items():
        if child.value is None:
            if key not in inside:
                raise ScenarioError(f"nothing to delete here; {nearest(key, inside)}", child.where)
            del inside[key]
        else:
            inside[key] = merge(inside[key], child) if key in inside else inherit(child, base.grounds)
    return replace(base, value=inside, place=over.place, own=over.own.under(base.own))


def inherit(node: Node, block: Grounds) -> Node:
    """The tree, with a block's grounds wherever its own file gives it none."""
    value = node.value
    if isinstance(value, dict):
        value = {key: inherit(child, block) for key, child in value.items()}
    elif isinstance(value, list):
        value = [inherit(child, block) for child in value]
    return replace(node, value=value, grounds=node.grounds.under(block))


def apply_changes(tree: Node, changes: Mapping[str, object]) -> Node:
    """The tree with each path set to its value; a ScenarioError names the nearest path of one that leads nowhere."""
    for path, value in changes.items():
        tree = _put(tree, path.split("."), path, value)
    return tree


def label(item: Node) -> str:
    """How an item of a list is called in a path: its name, or the options it is about ("scope:full+aid:ends")."""
    inside = item.value if isinstance(item.value, dict) else {}
    if "name" in inside:
        return str(inside["name"].value)
    when = inside["when"].value if "when" in inside else None
    return "+".join(f"{key}:{child.value}" for key, child in when.items()) if isinstance(when, dict) else ""


def _put(node: Node, steps: list[str], path: str, value: object) -> Node:
    step, rest = steps[0], steps[1:]
    where = f"command line: {path}"
    if isinstance(node.value, list):
        index = _item(node, step, where)
        changed = _put(node.value[index], rest, path, value) if rest else _new(path, value)
        return replace(node, value=[changed if i == index else item for i, item in enumerate(node.value)])
    if not rest and step in GROUNDS:
        return _regrade(node, step, path, value)
    if not isinstance(node.value, dict):
        if step in NUMBER_KEYS and not rest:
            return replace(node, value={step: _new(path, value)}, changed=False)
        raise ScenarioError(f"{node.path!r} is {found(node)}, so nothing lies inside it; set {node.path!r}", where)
    inside = dict(node.value)
    if rest and step not in inside and step not in OPENABLE:
        raise ScenarioError(f"there is no {step!r} in {node.path or 'the scenario'}; {nearest(step, inside)}", where)
    if rest:
        opened = Node({}, "command line", f"{node.path}.{step}", grounds=node.grounds)
        inside[step] = _put(inside.get(step, opened), rest, path, value)
    elif value is None:
        if step not in inside:
            raise ScenarioError(f"nothing to delete here; {nearest(step, inside)}", where)
        del inside[step]
    else:
        if step in NUMBER_KEYS and step != "at":
            inside = {key: child for key, child in inside.items() if key not in (*NUMBER_KEYS, "sd")}
        inside[step] = _new(path, value)
    return replace(node, value=inside)


def _new(path: str, value: object) -> Node:
    return ground(parse_value(value, path), SET_BY_HAND)


def _item(node: Node, step: str, where: str) -> int:
    assert isinstance(node.value, list)
    labels = [label(item) for item in node.value]
    wanted = set(step.split("+"))
    for index, name in enumerate(labels):
        if step == str(index) or set(name.split("+")) == wanted:
            return index
    raise ScenarioError(f"there is no {step!r} in {node.path}; {nearest(step, labels)}", where)


def _regrade(node: Node, step: str, path: str, value: object) -> Node:
    """Grounds of one number, changed by hand."""
    if isinstance(node.value, dict) and not is_number(node):
        raise ScenarioError("grounds are changed number by number, not for a block", f"command line: {path}")
    stated = own_grounds(Node({step: parse_value(value, path)}, "command line", path))
    return replace(node, grounds=stated.under(node.grounds))
