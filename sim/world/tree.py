"""A YAML file as a tree that knows where everything stands."""

import numbers
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from sim.world.errors import ScenarioError

Scalar = str | float | int | bool | date | None

_TAG: Final = "tag:yaml.org,2002:"


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a number rests on, as far as it has been said; None where it has not."""

    claims: tuple[str, ...] | None = None
    because: str | None = None
    grade: str | None = None

    def under(self, block: "Grounds") -> "Grounds":
        """These grounds inside a block with those.

        Claims and reason go together: a number with a reason of its own does not rest on its block's claims.
        """
        grade = block.grade if self.grade is None else self.grade
        if self.claims is None and self.because is None:
            return Grounds(block.claims, block.because, grade)
        return Grounds(self.claims, self.because, grade)


@dataclass(frozen=True, slots=True)
class Node:
    """One place in a file: a scalar, a mapping or a list."""

    value: "Scalar | dict[str, Node] | list[Node]"
    place: str  # "file:line", or "command line"
    path: str  # in the file, with dots; empty at the top
    own: Grounds = field(default_factory=Grounds)  # said at this very place
    grounds: Grounds = field(default_factory=Grounds)  # with what the blocks around it say
    changed: bool = False  # set on the command line

    @property
    def where(self) -> str:
        """The place and the path, for the beginning of a message."""
        return f"{self.place}: {self.path}" if self.path else self.place


def shown(path: Path) -> str:
    """A file's name as its reader would type it: relative to the current folder where it lies inside."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def read_tree(path: Path) -> Node:
    """The tree of a file whose top is a mapping; a ScenarioError names file and line of what is not YAML."""
    file = shown(path)
    try:
        top = YAML(typ="safe", pure=True).compose(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ScenarioError("there is no such file", file) from error
    except UnicodeDecodeError as error:
        raise ScenarioError("this is not text in UTF-8, so not YAML; save it as UTF-8", file) from error
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark is not None else 1
        raise ScenarioError(f"this is not YAML: {error.problem or error.context}", f"{file}:{line}") from error
    except YAMLError as error:
        raise ScenarioError(f"this is not YAML: {str(error).splitlines()[0]}", file) from error
    if top is None:
        raise ScenarioError("the file is empty; start from one of the scenarios that come with the program", file)
    node = _node(top, file, "")
    if not isinstance(node.value, dict):
        found = "a list" if isinstance(node.value, list) else "plain text"
        raise ScenarioError(f"the file holds {found} where a mapping (`key: value`) is expected", f"{file}:1")
    return node


def parse_value(value: object, path: str) -> Node:
    """The tree of a value from the command line: a scalar, or lists and mappings of them."""
    place = "command line"
    if isinstance(value, dict):
        inside = {str(key): parse_value(child, f"{path}.{key}") for key, child in value.items()}
        return Node(inside, place, path, changed=True)
    if isinstance(value, list | tuple):
        items = [parse_value(child, f"{path}.{index}") for index, child in enumerate(value)]
        return Node(items, place, path, changed=True)
    if isinstance(value, str | bool | date) or value is None:
        return Node(value, place, path, changed=True)
    if isinstance(value, numbers.Real):  # Python's own or NumPy's
        plain = int(value) if isinstance(value, numbers.Integral) else float(value)
        return Node(plain, place, path, changed=True)
    message = f"a {type(value).__name__} is no value; say a number, a word, a list or a mapping"
    raise ScenarioError(message, f"{place}: {path}")


def _node(raw: MappingNode | SequenceNode | ScalarNode, file: str, path: str) -> Node:
    place = f"{file}:{raw.start_mark.line + 1}"
    if isinstance(raw, MappingNode):
        return Node(_entries(raw, file, path), place, path)
    if isinstance(raw, SequenceNode):
        items = [_node(item, file, f"{path}.{index}" if path else str(index)) for index, item in enumerate(raw.value)]
        return Node(items, place, path)
    return Node(_scalar(raw, place, path), place, path)


def _entries(raw: MappingNode, file: str, path: str) -> dict[str, Node]:
    entries: dict[str, Node] = {}
    for key, child in raw.value:
        place = f"{file}:{key.start_mark.line + 1}"
        if not isinstance(key, ScalarNode) or key.tag in (f"{_TAG}null", f"{_TAG}merge"):
            raise ScenarioError("a key must be a name; to reuse another scenario say `extends`", place)
        name = str(key.value)
        inside = f"{path}.{name}" if path else name
        where = f"{place}: {inside}"
        if name in entries:
            raise ScenarioError(f"{name!r} stands here twice, first at {entries[name].place}; drop one", where)
        if "." in name:
            raise ScenarioError("this name has a dot in it; use another, or quote the text it belongs to", where)
        node = _node(child, file, inside)
        # A value may start lines below its key; the key is where a reader looks.
        entries[name] = Node(node.value, place, inside)
    return entries


def _scalar(raw: ScalarNode, place: str, path: str) -> Scalar:
    text: str = raw.value
    try:
        match str(raw.tag).removeprefix(_TAG):
            case "null":
                return None
            case "bool":
                return text.lower() == "true"
            case "int":
                return int(text.replace("_", ""), 0)
            case "float":
                return float(text.replace("_", "").lower().replace(".inf", "inf").replace(".nan", "nan"))
            case "timestamp":
                return date.fromisoformat(text[:10])
            case "str":
                return text
    except ValueError as error:
        raise ScenarioError(f"cannot read {text!r}: {error}", f"{place}: {path}") from error
    raise ScenarioError(f"the tag {raw.tag!r} means nothing here; drop it", f"{place}: {path}")
