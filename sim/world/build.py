"""From a tree to a scenario."""

from dataclasses import dataclass
from typing import Final

from sim.world.claims import Source
from sim.world.errors import ScenarioError, nearest
from sim.world.issues import Cast, build_issues, build_pair_effects, build_rules, conditions, package, role_of
from sim.world.numbers import Number
from sim.world.parties import build_parties
from sim.world.parts import Bloc, Conflict, Deadline, Issue, NamedText, OutcomeClass
from sim.world.quantities import Widths
from sim.world.reading import chance, day, entries, items, located, need, pick, setting, text, whole
from sim.world.scenario import Scenario
from sim.world.stating import Statements, place
from sim.world.tree import Node

TOP_KEYS: Final = (
    "title", "source", "information_to", "start", "context", "clock", "scope_issue", "issues", "effects", "rules",
    "parties", "conflict", "discount", "signers", "in_force", "texts", "outcomes",
)  # fmt: skip
NO_DEAL: Final = "no deal"
_WALK: Final = ("odds", "drift", "volatility", "planning_days", "rearm_days", "deliberate_rate", "spoiler_rate")
_ANSWERS: Final = ("signs", "refuses", "open")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a scenario comes from."""

    name: str
    root: str
    source: Source | None


def build(top: Node, origin: Origin, widths: Widths) -> Scenario:
    """The scenario in a tree; a ScenarioError or ClaimError says where it goes wrong and what to do."""
    inside = entries(top, TOP_KEYS)
    say = Statements(widths, origin.source)
    cast = _cast(top)
    issues = build_issues(need(top, "issues"), say, cast)
    names = {issue.name: index for index, issue in enumerate(issues)}
    signers, blocs = _signers(need(top, "signers"), cast)
    with located(top):
        scenario = Scenario(
            name=origin.name,
            title=text(inside["title"]) if "title" in inside else origin.name.replace("_", " "),
            source=origin.source.id if origin.source is not None else None,
            information_to=day(inside["information_to"]) if "information_to" in inside else None,
            start=day(inside["start"]) if "start" in inside else None,
            round_days=_round_days(need(top, "clock")),
            horizon=whole(need(need(top, "clock"), "horizon"), 1),
            deadline=_deadline(need(top, "clock")),
            scope_issue=pick(inside["scope_issue"], names, "issue") if "scope_issue" in inside else None,
            issues=issues,
            effects=build_pair_effects(inside["effects"], issues, say, cast) if "effects" in inside else (),
            rules=build_rules(inside["rules"], issues) if "rules" in inside else (),
            parties=build_parties(need(top, "parties"), issues, say, cast),
            conflict=_conflict(inside["conflict"], say, cast) if "conflict" in inside else None,
            discount=_discount(top, say),
            signers=signers,
            blocs=blocs,
            in_force=package(inside["in_force"], issues) if "in_force" in inside else None,
            texts=_texts(inside["texts"], issues, say, cast) if "texts" in inside else (),
            outcomes=_outcomes(inside["outcomes"], issues) if "outcomes" in inside else (),
            context=_context(top),
            root=origin.root,
        )
    _check_texts(scenario, top)
    return scenario


def _cast(top: Node) -> Cast:
    parties = entries(need(top, "parties"))
    roles = {name: role_of(child, name) for name, child in parties.items()}
    inside = entries(top)
    if "conflict" not in inside:
        return Cast(roles, ())
    fighting = need(inside["conflict"], "belligerents")
    listed = items(fighting)
    known = {name: index for index, name in enumerate(roles)}
    for item in listed:
        pick(item, known, "party")
    if len({text(item) for item in listed}) < len(listed):
        raise ScenarioError("the two belligerents are the same party; name two different ones", fighting.where)
    if len(listed) != 2:
        raise ScenarioError(f"a conflict has two belligerents, not {len(listed)}; name two parties", fighting.where)
    return Cast(roles, tuple(text(item) for item in listed))


def _context(top: Node) -> dict[str, str]:
    inside = entries(top)
    return {key: text(child) for key, child in entries(inside["context"]).items()} if "context" in inside else {}


def _round_days(clock: Node) -> float:
    entries(clock, ("round_days", "horizon", "deadline"))
    days = need(clock, "round_days")
    if not setting(days) > 0:
        raise ScenarioError(f"a round lasts more than 0 days, not {setting(days):g}", days.where)
    return setting(days)


def _deadline(clock: Node) -> Deadline:
    node = entries(clock).get("deadline")
    if node is None or node.value == "none":
        return Deadline()
    if not isinstance(node.value, dict):
        raise ScenarioError("a deadline is `none`, `{round: 20}` or `{chance: 0.05}`", node.where)
    inside = entries(node, ("round", "chance"))
    with located(node):
        return Deadline(
            round=whole(inside["round"], 1) if "round" in inside else None,
            chance=chance(inside["chance"]) if "chance" in inside else None,
        )


def _conflict(node: Node, say: Statements, cast: Cast) -> Conflict:
    inside = entries(node, ("belligerents", *_WALK))
    numbers: dict[str, Number] = {key: say.number(need(node, key), key, place("conflict").to(key)) for key in _WALK}
    first, second = (cast.index(item) for item in items(inside["belligerents"]))
    with located(node):
        return Conflict((first, second), **numbers)


def _discount(top: Node, say: Statements) -> Number | None:
    inside = entries(top)
    if "discount" not in inside:
        return None
    if "conflict" in inside:
        message = "`discount` is for scenarios without conflict; here waiting costs what the war costs, so drop it"
        raise ScenarioError(message, inside["discount"].where)
    return say.number(inside["discount"], "discount", place("discount"))


def _signers(node: Node, cast: Cast) -> tuple[tuple[int, ...], tuple[Bloc, ...]]:
    inside = entries(node, ("all_of", "blocs"))
    named = tuple(_signer(item, cast) for item in items(inside["all_of"])) if "all_of" in inside else ()
    blocs: list[Bloc] = []
    for item in items(inside["blocs"]) if "blocs" in inside else ():
        entries(item, ("of", "quorum"))
        members = tuple(_signer(member, cast) for member in items(need(item, "of")))
        with located(item):
            blocs.append(Bloc(members, whole(need(item, "quorum"), 1)))
    for members in (named, *(bloc.members for bloc in blocs)):
        if len(set(members)) < len(members):
            raise ScenarioError("a party stands twice among the signers; drop one", node.where)
    return named, tuple(blocs)


def _signer(item: Node, cast: Cast) -> int:
    name = text(item)
    if name not in cast.roles:
        raise ScenarioError(f"the signer {name!r} is not a party; {nearest(name, cast.roles)}", item.where)
    return cast.index(item)


def _texts(node: Node, issues: tuple[Issue, ...], say: Statements, cast: Cast) -> tuple[NamedText, ...]:
    built: list[NamedText] = []
    for name, child in entries(node).items():
        inside = entries(child, ("words", "package", "answers", "claims"))
        answers: dict[str, str] = {}
        for party, answer in entries(inside["answers"]).items() if "answers" in inside else ():
            cast.role(answer, party)
            if text(answer) not in _ANSWERS:
                raise ScenarioError(f"unknown answer {text(answer)!r}; {nearest(text(answer), _ANSWERS)}", answer.where)
            answers[party] = text(answer)
        claims = child.own.claims or ()
        say.check_claims(child, claims)
        words = text(inside["words"]) if "words" in inside else name.replace("_", " ")
        built.append(NamedText(name, words, package(need(child, "package"), issues), answers, claims))
    return tuple(built)


def _check_texts(scenario: Scenario, top: Node) -> None:
    for named in scenario.texts:
        if not scenario.feasible(named.package):
            node = need(need(need(top, "texts"), named.name), "package")
            raise ScenarioError(f"this package breaks the rule {scenario.broken_rule(named.package)}", node.where)


def _outcomes(node: Node, issues: tuple[Issue, ...]) -> tuple[OutcomeClass, ...]:
    built: list[OutcomeClass] = []
    for name, child in entries(node).items():
        if name == NO_DEAL:
            raise ScenarioError(f"{NO_DEAL!r} is what matches no class; give this one another name", child.where)
        with located(child):
            built.append(OutcomeClass(name, conditions(child, issues)))
    return tuple(built)


def cited(node: Node) -> frozenset[str]:
    """Every claim that is cited anywhere in a tree."""
    here = frozenset(node.own.claims or ())
    if isinstance(node.value, dict):
        return here.union(*(cited(child) for child in node.value.values()))
    return here.union(*(cited(child) for child in node.value)) if isinstance(node.value, list) else here
