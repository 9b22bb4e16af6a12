"""From a tree to issues, their options and effects, pair effects and rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sim.world.errors import ScenarioError, nearest
from sim.world.numbers import Number
from sim.world.parts import EFFECTS, Conditions, Effects, Issue, Kind, Option, OptionAt, Package, PairEffect, Rule
from sim.world.reading import entries, flag, items, located, need, pick, setting, text, texts
from sim.world.stating import Place, Statements, place
from sim.world.tree import Node

_KINDS: Final[dict[str, Kind]] = {"truce": "truce", "treaty": "treaty"}
_EFFECT_KEYS: Final = (*EFFECTS, "relief", "burden")
_OPTION_KEYS: Final = ("words", "role", "position", "term", "kind", *_EFFECT_KEYS)
_ISSUE_KEYS: Final = ("about", "role", "status_quo", "war_decides", "options")


@dataclass(frozen=True, slots=True)
class Cast:
    """The parties' names before the parties are built: name -> role, and who fights."""

    roles: Mapping[str, str]
    belligerents: tuple[str, ...]  # empty in a scenario without conflict

    def role(self, node: Node, name: str) -> str:
        """The role of a party that a key names."""
        if name not in self.roles:
            raise ScenarioError(f"there is no party {name!r}; {nearest(name, self.roles)}", node.where)
        return self.roles[name]

    def index(self, node: Node) -> int:
        """The position of the party that a node names."""
        return pick(node, {name: index for index, name in enumerate(self.roles)}, "party")


def role_of(node: Node, name: str) -> str:
    """The role that an issue, option, party or red line states; its name where it states none."""
    inside = entries(node)
    return text(inside["role"]) if "role" in inside else name


def build_issues(node: Node, say: Statements, cast: Cast) -> tuple[Issue, ...]:
    """Every issue of the scenario."""
    return tuple(_issue(name, child, say, cast) for name, child in entries(node).items())


def _issue(name: str, node: Node, say: Statements, cast: Cast) -> Issue:
    inside = entries(node, _ISSUE_KEYS)
    at = place("issues").to(name, role_of(node, name))
    listed = need(node, "options")
    options = tuple(_option(key, child, say, cast, at.to("options")) for key, child in entries(listed).items())
    status_quo = pick(need(node, "status_quo"), {o.name: i for i, o in enumerate(options)}, "option")
    with located(node):
        return Issue(
            name=name,
            role=role_of(node, name),
            about=text(inside["about"]) if "about" in inside else "",
            options=options,
            status_quo=status_quo,
            war_decides=flag(inside["war_decides"]) if "war_decides" in inside else False,
        )


def _option(name: str, node: Node, say: Statements, cast: Cast, at: Place) -> Option:
    inside = entries(node, _OPTION_KEYS)
    here = at.to(name, role_of(node, name))
    kind = inside.get("kind")
    if kind is not None and text(kind) not in _KINDS:
        raise ScenarioError(f"unknown kind of deal {text(kind)!r}; {nearest(text(kind), _KINDS)}", kind.where)
    with located(node):
        return Option(
            name=name,
            role=role_of(node, name),
            words=text(inside["words"]) if "words" in inside else name.replace("_", " "),
            position=say.number(inside["position"], "position", here.to("position")) if "position" in inside else None,
            effects=_effects(node, say, cast, here),
            term=setting(inside["term"]) if "term" in inside else None,
            kind=_KINDS[text(kind)] if kind is not None else None,
        )


def _effects(node: Node, say: Statements, cast: Cast, at: Place) -> Effects:
    inside = entries(node)
    single = {key: say.number(inside[key], key, at.to(key)) for key in EFFECTS if key in inside}
    relief = _by_party(inside["relief"], "relief", say, cast, at) if "relief" in inside else {}
    burden = _by_party(inside["burden"], "burden", say, cast, at) if "burden" in inside else {}
    for name in burden:
        if cast.belligerents and name not in cast.belligerents:
            raise ScenarioError(
                f"{name!r} is no belligerent, so keeping a halt is no burden to it; drop it", inside["burden"].where
            )
    return Effects(**single, relief=relief, burden=burden)


def _by_party(node: Node, key: str, say: Statements, cast: Cast, at: Place) -> dict[str, Number]:
    here = at.to(key)
    return {
        name: say.number(child, key, here.to(name, cast.role(child, name))) for name, child in entries(node).items()
    }


def option_at(issue: str, node: Node, issues: tuple[Issue, ...]) -> OptionAt:
    """The option that `issue: option` names."""
    index = _issue_index(issue, node, issues)
    with located(node):
        return index, issues[index].index(text(node))


def _issue_index(name: str, node: Node, issues: tuple[Issue, ...]) -> int:
    names = [issue.name for issue in issues]
    if name not in names:
        raise ScenarioError(f"there is no issue {name!r}; {nearest(name, names)}", node.where)
    return names.index(name)


def conditions(node: Node, issues: tuple[Issue, ...]) -> Conditions:
    """Per issue named, the options that meet the condition."""
    met: list[tuple[int, frozenset[int]]] = []
    for name, child in entries(node).items():
        index = _issue_index(name, child, issues)
        with located(child):
            met.append((index, frozenset(issues[index].index(option) for option in texts(child))))
    return tuple(met)


def package(node: Node, issues: tuple[Issue, ...]) -> Package:
    """The package that a mapping names, the status quo on every issue left out."""
    picked = [issue.status_quo for issue in issues]
    for name, child in entries(node).items():
        index, option = option_at(name, child, issues)
        picked[index] = option
    return tuple(picked)


def pair(node: Node, issues: tuple[Issue, ...], at: Place) -> tuple[OptionAt, OptionAt, Place]:
    """The two options under `when`, in the order of their issues, and the place named after them."""
    named = [option_at(name, child, issues) for name, child in entries(node).items()]
    if len(named) != 2:
        raise ScenarioError(f"`when` names two options of two issues here, not {len(named)}", node.where)
    first, second = sorted(named)
    chosen = [(issues[i], issues[i].options[o]) for i, o in (first, second)]
    label = "+".join(f"{issue.name}:{option.name}" for issue, option in chosen)
    roles = "+".join(f"{issue.role}:{option.role}" for issue, option in chosen)
    return first, second, at.to(label, roles)


def build_pair_effects(node: Node, issues: tuple[Issue, ...], say: Statements, cast: Cast) -> tuple[PairEffect, ...]:
    """Every effect that depends on two options."""
    built: list[PairEffect] = []
    for item in items(node):
        entries(item, ("when", *_EFFECT_KEYS))
        first, second, here = pair(need(item, "when"), issues, place("effects"))
        if any((first, second) == (other.first, other.second) for other in built):
            raise ScenarioError("these two options have an effect already; state all of it in one place", item.where)
        built.append(PairEffect(first, second, _effects(item, say, cast, here)))
    return tuple(built)


def build_rules(node: Node, issues: tuple[Issue, ...]) -> tuple[Rule, ...]:
    """Every feasibility rule."""
    built: list[Rule] = []
    for item in items(node):
        entries(item, ("option", "needs"))
        option, needs = entries(need(item, "option")), conditions(need(item, "needs"), issues)
        if len(option) != 1 or len(needs) != 1:
            raise ScenarioError("a rule ties one `option` to the options of one issue it `needs`", item.where)
        [(name, child)] = option.items()
        with located(item):
            built.append(Rule(option_at(name, child, issues), *needs[0], because=item.grounds.because or ""))
    return tuple(built)
