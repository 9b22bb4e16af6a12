"""A twin: the same numbers under other names, so that a reader cannot bring to it what they know of the original.

Renaming works on the tree, before anything is built, so that changes and variants can use the twin's own names.
Every party, issue and option keeps its original's role, and with it the address of its luck.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from sim.world.errors import ScenarioError, nearest
from sim.world.reading import entries, need, text
from sim.world.tree import Node

TWIN_KEYS: Final = ("title", "twin_of", "names", "information_to", "start")
_NAME_KEYS: Final = ("parties", "issues", "texts", "outcomes", "red_lines")


@dataclass(frozen=True, slots=True)
class Names:
    """New name and new words by old name; options by the old name of their issue."""

    parties: Mapping[str, str]
    issues: Mapping[str, str]
    options: Mapping[str, Mapping[str, str]]
    texts: Mapping[str, str]
    outcomes: Mapping[str, str]
    red_lines: Mapping[str, str]
    words: Mapping[str, Mapping[str, Node]]  # path of the original -> keys that replace its own


def rename(original: Node, twin: Node) -> Node:
    """The original's tree under the twin's names; a ScenarioError says which name is missing or too many."""
    inside = entries(twin, TWIN_KEYS)
    names = _names(original, need(twin, "names"))
    tree = _unnamed(_top(original, names), f"As in {text(need(twin, 'twin_of'))}, whose twin this is.")
    assert isinstance(tree.value, dict)
    own = {key: child for key, child in inside.items() if key not in ("twin_of", "names")}
    return replace(tree, value={**tree.value, "title": need(twin, "title"), **own}, place=twin.place)


def _unnamed(node: Node, reason: str) -> Node:
    """The tree with one reason in place of the original's, whose words would name what the twin leaves out."""
    value = node.value
    if isinstance(value, dict):
        value = {key: _unnamed(child, reason) for key, child in value.items()}
    elif isinstance(value, list):
        value = [_unnamed(child, reason) for child in value]
    own, grounds = (
        said if said.because is None else replace(said, because=reason) for said in (node.own, node.grounds)
    )
    return replace(node, value=value, own=own, grounds=grounds)


def _names(original: Node, node: Node) -> Names:
    entries(node, _NAME_KEYS)
    words: dict[str, dict[str, Node]] = {}

    def table(block: str, old: dict[str, Node], keys: tuple[str, ...], at: Node, path: str) -> dict[str, str]:
        if not old:
            return {}
        _complete(at, block, old)
        renamed: dict[str, str] = {}
        for name, child in entries(need(at, block)).items():
            told = entries(child, ("name", *keys)) if isinstance(child.value, dict) else {"name": child}
            for key in ("name", *(key for key in keys if key != "options")):
                if key not in told:
                    raise ScenarioError(f"`{key}` is missing; a twin says it anew", child.where)
            renamed[name] = text(told["name"])
            words[f"{path}.{name}"] = {key: told[key] for key in keys if key != "options"}
        twice = [new for new in renamed.values() if list(renamed.values()).count(new) > 1]
        if twice:
            raise ScenarioError(f"two of these are called {twice[0]!r}; rename one", need(at, block).where)
        return renamed

    issues = _block(original, "issues")
    options = {
        name: table(
            "options", _block(child, "options"), ("words",), _named(node, "issues", name), f"issues.{name}.options"
        )
        for name, child in issues.items()
    }
    lines = {text(need(line, "name")): line for party in _block(original, "parties").values() for line in _lines(party)}
    return Names(
        parties=table("parties", _block(original, "parties"), ("title",), node, "parties"),
        issues=table("issues", issues, ("about", "options"), node, "issues"),
        options=options,
        texts=table("texts", _block(original, "texts"), ("words",), node, "texts"),
        outcomes=table("outcomes", _block(original, "outcomes"), (), node, "outcomes"),
        red_lines=table("red_lines", lines, (), node, "red_lines"),
        words=words,
    )


def _named(node: Node, block: str, name: str) -> Node:
    _complete(node, block, {name: node}, also_more=True)
    return need(need(node, block), name)


def _complete(at: Node, block: str, old: Mapping[str, Node], also_more: bool = False) -> None:
    given = entries(need(at, block))
    for name in old:
        if name not in given:
            raise ScenarioError(f"the twin gives {name!r} no name; add it", need(at, block).where)
    for name, child in given.items():
        if name not in old and not also_more:
            raise ScenarioError(f"the original has no {name!r} in {block}; {nearest(name, old)}", child.where)


def _block(node: Node, key: str) -> dict[str, Node]:
    inside = entries(node)
    return entries(inside[key]) if key in inside else {}


def _lines(party: Node) -> list[Node]:
    inside = entries(party)
    lines = inside["red_lines"].value if "red_lines" in inside else []
    return lines if isinstance(lines, list) else []


# Each function below walks one kind of place. What it does not know it leaves alone: building refuses it later.

Walk = Callable[[Node], Node]


def _at(node: Node, walks: Mapping[str, Walk]) -> Node:
    """The mapping with the given keys walked."""
    if not isinstance(node.value, dict):
        return node
    return replace(node, value={k: walks[k](child) if k in walks else child for k, child in node.value.items()})


def _each(node: Node, walk: Walk) -> Node:
    """The list with every item walked."""
    return replace(node, value=[walk(item) for item in node.value]) if isinstance(node.value, list) else node


def _keys(node: Node, names: Mapping[str, str], walk: Callable[[str, Node], Node] = lambda _, child: child) -> Node:
    """The mapping with its keys renamed and what is under them walked."""
    if not isinstance(node.value, dict):
        return node
    return replace(node, value={names.get(key, key): walk(key, child) for key, child in node.value.items()})


def _word(node: Node, names: Mapping[str, str]) -> Node:
    """A name, or a list of names, renamed."""
    if isinstance(node.value, list):
        return _each(node, lambda item: _word(item, names))
    return replace(node, value=names.get(str(node.value), node.value))


def _terms(node: Node, names: Names) -> Node:
    """`issue: option` pairs renamed."""
    return _keys(node, names.issues, lambda issue, child: _word(child, names.options.get(issue, {})))


def _told(node: Node, name: str, words: Mapping[str, Node]) -> Node:
    """A party, issue, option or red line with its new words, and its old name as its role unless it has one."""
    assert isinstance(node.value, dict)
    role = node.value.get("role", Node(name, node.place, f"{node.path}.role"))
    return replace(node, value={**node.value, **words, "role": role})


def _top(node: Node, names: Names) -> Node:
    def parties(child: Node) -> Node:
        return _word(child, names.parties)

    def terms(child: Node) -> Node:
        return _terms(child, names)

    def pairs(child: Node) -> Node:
        by_party = {key: lambda c: _keys(c, names.parties) for key in ("relief", "burden")}
        return _each(child, lambda item: _at(item, {"when": terms, **by_party}))

    def text_(name: str, child: Node) -> Node:
        renamed = _at(child, {"package": terms, "answers": lambda c: _keys(c, names.parties)})
        assert isinstance(renamed.value, dict)
        return replace(renamed, value={**renamed.value, **names.words[f"texts.{name}"]})

    walks: dict[str, Walk] = {
        "scope_issue": lambda child: _word(child, names.issues),
        "issues": lambda child: _keys(child, names.issues, lambda name, issue: _issue(name, issue, names)),
        "effects": pairs,
        "rules": lambda child: _each(child, lambda item: _at(item, {"option": terms, "needs": terms})),
        "parties": lambda child: _keys(child, names.parties, lambda name, party: _party(name, party, names)),
        "conflict": lambda child: _at(child, {"belligerents": parties}),
        "signers": lambda child: _at(
            child, {"all_of": parties, "blocs": lambda blocs: _each(blocs, lambda bloc: _at(bloc, {"of": parties}))}
        ),
        "in_force": terms,
        "texts": lambda child: _keys(child, names.texts, text_),
        "outcomes": lambda child: _keys(child, names.outcomes, lambda _, when: terms(when)),
    }
    return _at(node, walks)


def _issue(name: str, node: Node, names: Names) -> Node:
    new = names.options[name]

    def option(key: str, child: Node) -> Node:
        renamed = _at(child, {k: lambda c: _keys(c, names.parties) for k in ("relief", "burden")})
        return _told(renamed, key, names.words[f"issues.{name}.options.{key}"])

    walked = _at(node, {"status_quo": lambda c: _word(c, new), "options": lambda c: _keys(c, new, option)})
    return _told(walked, name, names.words[f"issues.{name}"])


def _party(name: str, node: Node, names: Names) -> Node:
    def taste(issue: str, child: Node) -> Node:
        return _at(child, {"values": lambda c: _keys(c, names.options.get(issue, {}))})

    def line(child: Node) -> Node:
        old = text(need(child, "name"))
        renamed = _at(child, {"name": lambda c: _word(c, names.red_lines), "when": lambda c: _terms(c, names)})
        return _told(renamed, old, {})

    wants: dict[str, Walk] = {
        "trust": lambda c: _keys(c, names.parties),
        "preferences": lambda c: _keys(c, names.issues, taste),
    }
    walked = _at(
        node,
        {
            **wants,
            "interactions": lambda c: _each(c, lambda item: _at(item, {"when": lambda w: _terms(w, names)})),
            "red_lines": lambda c: _each(c, line),
            "types": lambda c: _keys(c, {}, lambda _, kind: _at(kind, wants)),
        },
    )
    return _told(walked, name, names.words[f"parties.{name}"])
