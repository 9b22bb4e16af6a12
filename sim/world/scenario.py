"""A scenario: what is believed about the world. Frozen and valid once built; it reads no files and draws nothing."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from sim.world.errors import ScenarioError
from sim.world.fingerprint import digest
from sim.world.numbers import SHOWN, Grade, Number
from sim.world.parts import (
    EFFECTS,
    Bloc,
    Conflict,
    Deadline,
    Effects,
    Interaction,
    Issue,
    NamedText,
    Option,
    OutcomeClass,
    Package,
    PairEffect,
    Party,
    PartyType,
    RedLine,
    Rule,
    Taste,
    position,
    unique,
)

__all__ = [
    "EFFECTS",
    "Bloc",
    "Conflict",
    "Deadline",
    "Effects",
    "Grade",
    "Interaction",
    "Issue",
    "NamedText",
    "Number",
    "Option",
    "OutcomeClass",
    "Package",
    "PairEffect",
    "Party",
    "PartyType",
    "RedLine",
    "Rule",
    "Scenario",
    "ScenarioError",
    "Taste",
]


@dataclass(frozen=True, slots=True)
class Scenario:
    """Everything the engine is told about the world; issues, options and parties are referred to by position."""

    name: str = field(metadata=SHOWN)
    title: str = field(metadata=SHOWN)
    source: str | None = field(metadata=SHOWN)
    information_to: date | None = field(metadata=SHOWN)
    start: date | None = field(metadata=SHOWN)
    round_days: float
    horizon: int  # rounds
    deadline: Deadline
    scope_issue: int | None
    issues: tuple[Issue, ...]
    effects: tuple[PairEffect, ...]
    rules: tuple[Rule, ...]
    parties: tuple[Party, ...]
    conflict: Conflict | None
    discount: Number | None
    signers: tuple[int, ...]
    blocs: tuple[Bloc, ...]
    in_force: Package | None
    texts: tuple[NamedText, ...]
    outcomes: tuple[OutcomeClass, ...]  # first match wins; broadest first
    context: Mapping[str, str] = field(metadata=SHOWN)  # claim -> why no number rests on it
    root: str = field(metadata=SHOWN)  # name of the scenario that breakdown is calibrated on

    def __post_init__(self) -> None:
        if not self.issues or not self.parties:
            raise ScenarioError("a scenario needs at least one issue and one party")
        if self.horizon < 1 or not self.round_days > 0:
            raise ScenarioError("a scenario needs a horizon of at least one round and rounds longer than 0 days")
        unique("the scenario", "issues", [issue.role for issue in self.issues])
        unique("the scenario", "parties", [party.role for party in self.parties])
        if not self.signers and not self.blocs:
            message = "nobody has to sign, so every text would be a deal; name a signer or a bloc"
            raise ScenarioError(message, path="signers")
        for party in self.parties:
            self._check_party(party)
        self._check_rules()
        if self.in_force is not None and not self.feasible(self.in_force):
            message = f"what is in force at the start breaks the rule {self.broken_rule(self.in_force)}"
            raise ScenarioError(message, path="in_force")

    def _check_party(self, party: Party) -> None:
        if len(party.tastes) != len(self.issues):
            raise ScenarioError(f"party {party.name!r} states {len(party.tastes)} tastes for {len(self.issues)} issues")
        for issue, taste in zip(self.issues, party.tastes, strict=True):
            unplaced = [option.name for option in issue.options if option.position is None]
            if taste.ideal is not None and unplaced:
                raise ScenarioError(
                    f"party {party.name!r} has an ideal on {issue.name!r}, whose option {unplaced[0]!r} has no "
                    "position; give it one, or give the party `values`",
                    path=f"parties.{party.name}.preferences.{issue.name}.ideal",
                )
            if taste.values is not None and len(taste.values) != len(issue.options):
                raise ScenarioError(f"party {party.name!r} must value each option of {issue.name!r} once")
        if (self.conflict is None) == (party.reservation is None):
            raise ScenarioError(
                f"party {party.name!r} needs a `reservation`, because the scenario has no conflict"
                if self.conflict is None
                else f"party {party.name!r} has a `reservation`, but the conflict is its outside option; drop one",
                path=f"parties.{party.name}.reservation",
            )

    def _check_rules(self) -> None:
        if self.feasible(self.status_quo):
            return
        ruled = sorted({index for rule in self.rules for index in (rule.option[0], rule.needs_issue)})
        spans = [range(len(issue.options)) if i in ruled else (0,) for i, issue in enumerate(self.issues)]
        if not any(self.feasible(package) for package in itertools.product(*spans)):
            raise ScenarioError("the rules leave no feasible package; drop or widen one of them", path="rules")
        raise ScenarioError(
            f"the status quo breaks the rule {self.broken_rule(self.status_quo)}; having no deal must be feasible, "
            "so widen the rule or change the status quo",
            path=f"rules.{next(i for i, rule in enumerate(self.rules) if not rule.holds(self.status_quo))}",
        )

    def broken_rule(self, package: Package) -> str:
        """The first rule that an infeasible package breaks, in words."""
        rule = next(rule for rule in self.rules if not rule.holds(package))
        ours, theirs = self.issues[rule.option[0]], self.issues[rule.needs_issue]
        needed = " or ".join(theirs.options[index].name for index in sorted(rule.needs_options))
        return f"'{ours.name}={ours.options[rule.option[1]].name} needs {theirs.name}={needed}'"

    @property
    def status_quo(self) -> Package:
        """The package of every issue's status quo."""
        return tuple(issue.status_quo for issue in self.issues)

    @property
    def offsets(self) -> tuple[int, ...]:
        """Position of each issue's first option on the axis that puts the options of all issues in a row."""
        return tuple(itertools.accumulate((len(issue.options) for issue in self.issues[:-1]), initial=0))

    @property
    def option_count(self) -> int:
        """Options of all issues together."""
        return sum(len(issue.options) for issue in self.issues)

    @property
    def digest(self) -> str:
        """SHA-256 of everything that can change a row: roles, structure, distributions; no names, words or grounds.

        A twin has its original's digest. Breakdown is calibrated on the root scenario, which this does not cover.
        """
        return digest(self)

    def numbers(self) -> tuple[Number, ...]:
        """Every number, issue by issue and party by party as the file lists them, the types' overrides included."""
        return (
            *(n for issue in self.issues for option in issue.options for n in _option_numbers(option)),
            *(n for effect in self.effects for n in effect.effects.numbers()),
            *(n for party in self.parties for n in party.numbers()),
            *(self.conflict.numbers() if self.conflict is not None else ()),
            *((self.discount,) if self.discount is not None else ()),
        )

    def feasible(self, package: Package) -> bool:
        """Whether the package obeys every rule."""
        return all(rule.holds(package) for rule in self.rules)

    def issue_index(self, name: str) -> int:
        """Position of an issue; a ScenarioError names the nearest."""
        return position(name, [issue.name for issue in self.issues], "there is no issue")

    def party_index(self, name: str) -> int:
        """Position of a party; a ScenarioError names the nearest."""
        return position(name, [party.name for party in self.parties], "there is no party")

    def package(self, mapping: Mapping[str, str]) -> Package:
        """The package that picks these options, the status quo on every issue left out; it may break a rule."""
        picked = list(self.status_quo)
        for name, option in mapping.items():
            issue = self.issue_index(name)
            picked[issue] = self.issues[issue].index(option)
        return tuple(picked)

    def words(self, package: Package) -> str:
        """The package as "issue=option issue=option", issues at the status quo left out; "status quo" if all are."""
        told = (
            f"{issue.name}={issue.options[option].name}"
            for issue, option in zip(self.issues, package, strict=True)
            if option != issue.status_quo
        )
        return " ".join(told) or "status quo"


def _option_numbers(option: Option) -> tuple[Number, ...]:
    return (*((option.position,) if option.position is not None else ()), *option.effects.numbers())
