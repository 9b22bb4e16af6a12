"""From a tree to parties: what they want, what they will not sign, and which kinds of party they may be."""

from collections.abc import Iterator
from typing import Final

from sim.world.distributions import Exactly
from sim.world.errors import ScenarioError, nearest
from sim.world.issues import Cast, conditions, pair, role_of
from sim.world.numbers import Grade, Number
from sim.world.parts import Interaction, Issue, Party, PartyType, RedLine, Taste
from sim.world.quantities import QUANTITIES
from sim.world.reading import entries, flag, items, located, need, text
from sim.world.stating import Place, Statements, place
from sim.world.tree import Node

_SCALARS: Final = ("cost", "optimism", "firmness", "concession", "exaggeration", "control", "reservation")
_BLOCKS: Final = ("trust", "preferences")
_PARTY_KEYS: Final = ("title", "role", *_SCALARS, *_BLOCKS, "interactions", "red_lines", "types")
_TASTE_KEYS: Final = ("salience", "ideal", "gamma", "values")
# Without a conflict nobody fights on, and a toy need not say how its parties bargain.
_PLAIN: Final = {"firmness": 0.0, "concession": 1.0, "exaggeration": 0.0}


def build_parties(node: Node, issues: tuple[Issue, ...], say: Statements, cast: Cast) -> tuple[Party, ...]:
    """Every party of the scenario."""
    return tuple(_party(name, child, issues, say, cast) for name, child in entries(node).items())


def _party(name: str, node: Node, issues: tuple[Issue, ...], say: Statements, cast: Cast) -> Party:
    inside = entries(node, _PARTY_KEYS)
    at = place("parties").to(name, role_of(node, name))
    scalars = _scalars(name, node, say, cast, at)
    trust = _trust(name, node, say, cast, at.to("trust"))
    tastes = _tastes(need(node, "preferences"), issues, say, at.to("preferences"))
    stated = (*scalars.values(), *trust.values(), *(n for taste in tastes for n in taste.numbers()))
    base = {number.path: number for number in stated}
    with located(node):
        return Party(
            name=name,
            role=role_of(node, name),
            title=text(inside["title"]) if "title" in inside else name.replace("_", " "),
            cost=scalars.get("cost"),
            optimism=scalars.get("optimism"),
            firmness=scalars["firmness"],
            concession=scalars["concession"],
            exaggeration=scalars["exaggeration"],
            control=scalars.get("control"),
            trust=trust,
            tastes=tastes,
            interactions=_interactions(inside["interactions"], issues, say, at) if "interactions" in inside else (),
            red_lines=_red_lines(inside["red_lines"], issues, say, at) if "red_lines" in inside else (),
            types=_types(inside["types"], base, issues, say, at, cast) if "types" in inside else (),
            reservation=scalars.get("reservation"),
        )


def _scalars(name: str, node: Node, say: Statements, cast: Cast, at: Place) -> dict[str, Number]:
    inside = entries(node)
    fights = name in cast.belligerents
    if "control" in inside and not fights:
        raise ScenarioError("`control` is a belligerent's over its own side; drop it here", inside["control"].where)
    needed = ("cost", "optimism", *_PLAIN) if cast.belligerents else ("reservation",)
    for key in (*needed, "control") if fights else needed:
        need(node, key)
    scalars: dict[str, Number] = {key: say.number(inside[key], key, at.to(key)) for key in _SCALARS if key in inside}
    for key, value in _PLAIN.items():
        if key not in scalars:
            here, kind = at.to(key), QUANTITIES[key].kind
            why = "the default in a scenario without conflict"
            scalars[key] = Number(here.path, here.address, Exactly(value), kind, Grade.ASSUMED, (), why)
    return scalars


def _trust(name: str, node: Node, say: Statements, cast: Cast, at: Place) -> dict[str, Number]:
    inside = entries(node)
    believed = entries(inside["trust"]) if "trust" in inside else {}
    about = [other for other in cast.belligerents if other != name]
    for other, child in believed.items():
        cast.role(child, other)
        if other == name:
            raise ScenarioError("a party has no belief about itself; drop it", child.where)
        if other not in about:
            raise ScenarioError(f"trust is in a belligerent; {nearest(other, about)}", child.where)
    for other in about:
        if other not in believed:
            raise ScenarioError(f"`trust` in {other!r} is missing; add it", inside.get("trust", node).where)
    return {other: say.number(believed[other], "trust", at.to(other, cast.roles[other])) for other in about}


def _tastes(node: Node, issues: tuple[Issue, ...], say: Statements, at: Place) -> tuple[Taste, ...]:
    inside = entries(node, tuple(issue.name for issue in issues))
    for issue in issues:
        if issue.name not in inside:
            message = f"nothing is said of the issue {issue.name!r}; add it, with `salience: 0` if it does not matter"
            raise ScenarioError(message, node.where)
    return tuple(_taste(inside[issue.name], issue, say, at.to(issue.name, issue.role)) for issue in issues)


def _taste(node: Node, issue: Issue, say: Statements, at: Place) -> Taste:
    inside = entries(node, _TASTE_KEYS)
    single = {key: say.number(inside[key], key, at.to(key)) for key in ("ideal", "gamma") if key in inside}
    with located(node):
        return Taste(
            salience=say.number(need(node, "salience"), "salience", at.to("salience")),
            ideal=single.get("ideal"),
            gamma=single.get("gamma"),
            values=_values(inside["values"], issue, say, at.to("values")) if "values" in inside else None,
        )


def _values(node: Node, issue: Issue, say: Statements, at: Place) -> tuple[Number, ...]:
    inside = entries(node, tuple(option.name for option in issue.options))
    for option in issue.options:
        if option.name not in inside:
            raise ScenarioError(f"the option {option.name!r} has no value; add it", node.where)
    return tuple(say.number(inside[o.name], "values", at.to(o.name, o.role)) for o in issue.options)


def _interactions(node: Node, issues: tuple[Issue, ...], say: Statements, at: Place) -> tuple[Interaction, ...]:
    built: list[Interaction] = []
    for item in items(node):
        entries(item, ("when", "bonus"))
        first, second, here = pair(need(item, "when"), issues, at.to("interactions"))
        if any((first, second) == (other.first, other.second) for other in built):
            raise ScenarioError("these two options have a bonus already; add the two up", item.where)
        with located(item):
            built.append(Interaction(first, second, say.number(need(item, "bonus"), "bonus", here.to("bonus"))))
    return tuple(built)


def _red_lines(node: Node, issues: tuple[Issue, ...], say: Statements, at: Place) -> tuple[RedLine, ...]:
    built: list[RedLine] = []
    for item in items(node):
        entries(item, ("name", "role", "when", "chance"))
        name = text(need(item, "name"))
        if "." in name:
            raise ScenarioError("this name has a dot in it; use another", need(item, "name").where)
        here = at.to("red_lines").to(name, role_of(item, name)).to("chance")
        with located(item):
            when = conditions(need(item, "when"), issues)
            built.append(RedLine(name, when, say.number(need(item, "chance"), "chance", here)))
    return tuple(built)


def _types(
    node: Node, base: dict[str, Number], issues: tuple[Issue, ...], say: Statements, at: Place, cast: Cast
) -> tuple[PartyType, ...]:
    built: list[PartyType] = []
    for name, child in entries(node).items():
        inside = entries(child, ("chance", "plays_for_time", *_SCALARS, *_BLOCKS))
        here = at.to("types").to(name)
        plays = flag(inside["plays_for_time"]) if "plays_for_time" in inside else False
        if plays and at.path.removeprefix("parties.") not in cast.belligerents:
            raise ScenarioError("only a belligerent plays for time; drop it here", inside["plays_for_time"].where)
        chance = say.number(need(child, "chance"), "chance", here.to("chance"))
        overrides: dict[str, Number] = {}
        for leaf, quantity, inner in _overrides(child, issues):
            path = f"{at.path}.{inner}"
            if path not in base:
                raise ScenarioError(f"the party itself does not state {inner!r}, so no type can change it", leaf.where)
            luck = base[path].address  # one draw serves every type, so types differ by what they are and not by luck
            overrides[path] = say.number(leaf, quantity, Place(f"{here.path}.{inner}", luck))
        built.append(PartyType(name, chance, plays, overrides))
    return tuple(built)


def _overrides(node: Node, issues: tuple[Issue, ...]) -> Iterator[tuple[Node, str, str]]:
    """Every number that a type states, with its quantity and its path inside the party."""
    inside = entries(node)
    for key in _SCALARS:
        if key in inside:
            yield inside[key], key, key
    for name, leaf in entries(inside["trust"]).items() if "trust" in inside else ():
        yield leaf, "trust", f"trust.{name}"
    wanted = entries(inside["preferences"], tuple(i.name for i in issues)) if "preferences" in inside else {}
    for issue, taste in wanted.items():
        for key, leaf in entries(taste, _TASTE_KEYS).items():
            if key != "values":
                yield leaf, key, f"preferences.{issue}.{key}"
                continue
            for option, value in entries(leaf).items():
                yield value, "values", f"preferences.{issue}.values.{option}"
