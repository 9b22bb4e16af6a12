"""The parts of a scenario: issues, parties, the conflict, texts and outcome classes; frozen, valid once built.

Parts refer to issues, options and parties by position. A field marked SHOWN is words for people and can change no row.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from sim.world.errors import ScenarioError, nearest
from sim.world.numbers import SHOWN, Number

EFFECTS: Final = ("settles", "lasts", "front", "hazard", "exposure", "shift")
SUM_TOLERANCE: Final = 1e-9  # decimals written by hand need not add to exactly 1 in binary

Package = tuple[int, ...]  # option position per issue
Kind = Literal["truce", "treaty"]
OptionAt = tuple[int, int]  # (issue position, option position)
Conditions = tuple[tuple[int, frozenset[int]], ...]  # per issue named: any of these options


@dataclass(frozen=True, slots=True)
class Effects:
    """What an option does while it is in force; None where it does nothing."""

    settles: Number | None = None  # share of the conflict, 0..1
    lasts: Number | None = None  # share of the future that the settlement and the relief last, 0..1
    front: Number | None = None  # factor on drift and variance of the odds, 0..1
    hazard: Number | None = None  # multiplier on breakdown
    exposure: Number | None = None  # logits that a breach hands to whoever breaks
    shift: Number | None = None  # logits over rearm_days of an unbroken pause
    relief: Mapping[str, Number] = field(default_factory=dict)  # party -> share of its cost lifted
    burden: Mapping[str, Number] = field(default_factory=dict)  # belligerent -> what keeping it costs, 0..1

    def numbers(self) -> tuple[Number, ...]:
        """Every number stated, in the order of the fields."""
        single = (self.settles, self.lasts, self.front, self.hazard, self.exposure, self.shift)
        return (*(n for n in single if n is not None), *self.relief.values(), *self.burden.values())


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to an issue."""

    name: str = field(metadata=SHOWN)
    role: str
    words: str = field(metadata=SHOWN)
    position: Number | None = None  # on the issue's 0..1 scale
    effects: Effects = field(default_factory=Effects)
    term: float | None = None  # days
    kind: Kind | None = None

    def __post_init__(self) -> None:
        if self.term is not None and not self.term > 0:
            raise ScenarioError(f"the term of {self.name!r} must be a positive number of days, got {self.term:g}")


@dataclass(frozen=True, slots=True)
class Issue:
    """A question with mutually exclusive options, one of which is the status quo."""

    name: str = field(metadata=SHOWN)
    role: str
    about: str = field(metadata=SHOWN)
    options: tuple[Option, ...]
    status_quo: int
    war_decides: bool = False

    def __post_init__(self) -> None:
        if len(self.options) < 2:
            raise ScenarioError(
                f"issue {self.name!r} has {len(self.options)} option(s), so there is nothing to negotiate; "
                "add the status quo as an option or drop the issue"
            )
        unique(f"issue {self.name!r}", "options", [option.role for option in self.options])

    def index(self, option: str) -> int:
        """Position of the option with that name; a ValueError names the nearest."""
        return position(option, [o.name for o in self.options], f"issue {self.name!r} has no option")


@dataclass(frozen=True, slots=True)
class PairEffect:
    """Effects that hold only while two options of different issues are in force together."""

    first: OptionAt
    second: OptionAt
    effects: Effects

    def __post_init__(self) -> None:
        different_issues(self.first, self.second, "an effect of two options")


@dataclass(frozen=True, slots=True)
class Rule:
    """Feasibility: a package with `option` needs one of `needs_options` on the issue `needs_issue`."""

    option: OptionAt
    needs_issue: int
    needs_options: frozenset[int]
    because: str = field(default="", metadata=SHOWN)

    def __post_init__(self) -> None:
        if self.option[0] == self.needs_issue:
            raise ScenarioError("a rule ties options of two different issues; this one names the same issue twice")
        if not self.needs_options:
            raise ScenarioError("a rule that needs none of an issue's options forbids everything; name one or more")

    def holds(self, package: Package) -> bool:
        """Whether the package obeys the rule."""
        return package[self.option[0]] != self.option[1] or package[self.needs_issue] in self.needs_options


@dataclass(frozen=True, slots=True)
class Taste:
    """What one party wants on one issue: an ideal position, or a worth per option."""

    salience: Number
    ideal: Number | None = None
    gamma: Number | None = None  # None: exactly 1
    values: tuple[Number, ...] | None = None

    def __post_init__(self) -> None:
        if (self.ideal is None) == (self.values is None):
            raise ScenarioError("say either `ideal` (a position) or `values` (one per option), and not both")
        if self.gamma is not None and self.ideal is None:
            raise ScenarioError("`gamma` bends the way from an ideal; it means nothing beside `values`, so drop it")

    def numbers(self) -> tuple[Number, ...]:
        """Every number stated, in the order of the fields."""
        single = (self.salience, self.ideal, self.gamma)
        return (*(n for n in single if n is not None), *(self.values or ()))


@dataclass(frozen=True, slots=True)
class Interaction:
    """A bonus, perhaps negative, for two options of different issues together."""

    first: OptionAt
    second: OptionAt
    bonus: Number

    def __post_init__(self) -> None:
        different_issues(self.first, self.second, "an interaction")


@dataclass(frozen=True, slots=True)
class RedLine:
    """What a party will not sign at any price, with the chance that it is one."""

    name: str = field(metadata=SHOWN)
    when: Conditions
    chance: Number

    def __post_init__(self) -> None:
        if not 1 <= len(self.when) <= 2:
            raise ScenarioError(f"red line {self.name!r} names {len(self.when)} issues; a red line names one or two")
        nonempty(self.when, f"red line {self.name!r}")


@dataclass(frozen=True, slots=True)
class PartyType:
    """One of the kinds of party that a party may privately be. An override shares the address of what it overrides."""

    name: str = field(metadata=SHOWN)
    chance: Number
    plays_for_time: bool = False
    overrides: Mapping[str, Number] = field(default_factory=dict)  # path of the overridden number -> the number


@dataclass(frozen=True, slots=True)
class Party:
    """A government, firm or player at the table, never a person."""

    name: str = field(metadata=SHOWN)
    role: str
    title: str = field(metadata=SHOWN)
    cost: Number | None  # worth lost by fighting on; None only in a scenario without conflict
    optimism: Number | None  # logits; None only in a scenario without conflict
    firmness: Number
    concession: Number
    exaggeration: Number
    control: Number | None  # belligerents only
    trust: Mapping[str, Number]  # belligerent -> belief that it is sincere; none about itself
    tastes: tuple[Taste, ...]  # one per issue
    interactions: tuple[Interaction, ...] = ()
    red_lines: tuple[RedLine, ...] = ()
    types: tuple[PartyType, ...] = ()
    reservation: Number | None = None  # only without conflict

    def __post_init__(self) -> None:
        if self.tastes and all(taste.salience.distribution.support == (0.0, 0.0) for taste in self.tastes):
            raise ScenarioError(
                f"party {self.name!r} gives every issue a salience of 0, so its weights do not add to anything; "
                "give one issue a positive salience"
            )
        unique(f"party {self.name!r}", "red lines", [line.name for line in self.red_lines])
        total = sum(kind.chance.centre for kind in self.types)
        if self.types and abs(total - 1) > SUM_TOLERANCE:
            stated = ", ".join(f"{kind.name} {kind.chance.centre:g}" for kind in self.types)
            raise ScenarioError(
                f"the chances of the types of {self.name!r} add to {total:g} ({stated}); make them add to 1"
            )

    def numbers(self) -> tuple[Number, ...]:
        """Every number stated, the types' overrides included."""
        single = (self.cost, self.optimism, self.firmness, self.concession, self.exaggeration, self.control)
        return (
            *(n for n in (*single, self.reservation) if n is not None),
            *self.trust.values(),
            *(n for taste in self.tastes for n in taste.numbers()),
            *(interaction.bonus for interaction in self.interactions),
            *(line.chance for line in self.red_lines),
            *(n for kind in self.types for n in (kind.chance, *kind.overrides.values())),
        )


@dataclass(frozen=True, slots=True)
class Conflict:
    """The outside option: a walk of the odds between two belligerents."""

    belligerents: tuple[int, int]
    odds: Number  # the first one's chance to prevail at the start
    drift: Number  # logits a day
    volatility: Number  # sd of the logit a week
    planning_days: Number
    rearm_days: Number
    deliberate_rate: Number  # breaches a day
    spoiler_rate: Number  # breaches a day

    def __post_init__(self) -> None:
        if self.belligerents[0] == self.belligerents[1]:
            raise ScenarioError("the two belligerents are the same party; name two different ones")

    def numbers(self) -> tuple[Number, ...]:
        """Every number stated, in the order of the fields."""
        walk = (self.odds, self.drift, self.volatility, self.planning_days, self.rearm_days)
        return (*walk, self.deliberate_rate, self.spoiler_rate)


@dataclass(frozen=True, slots=True)
class Bloc:
    """A group of parties of which `quorum` must accept."""

    members: tuple[int, ...]
    quorum: int

    def __post_init__(self) -> None:
        if not 1 <= self.quorum <= len(self.members):
            raise ScenarioError(
                f"a bloc of {len(self.members)} cannot have a quorum of {self.quorum}; "
                f"say a number from 1 to {len(self.members)}"
            )


@dataclass(frozen=True, slots=True)
class Deadline:
    """When tabling stops: at a fixed round, by chance every round, or, with neither, never."""

    round: int | None = None
    chance: float | None = None

    def __post_init__(self) -> None:
        if self.round is not None and self.chance is not None:
            raise ScenarioError("a deadline is fixed (`round`) or random (`chance`), not both; drop one")
        if self.round is not None and self.round < 1:
            raise ScenarioError(f"a deadline in round {self.round} comes before the first round; say 1 or more")
        if self.chance is not None and not 0 < self.chance <= 1:
            raise ScenarioError(f"a deadline's chance per round lies in (0, 1], not {self.chance:g}; or say `none`")


@dataclass(frozen=True, slots=True)
class NamedText:
    """A text that people know by name, with the answers the source reports."""

    name: str = field(metadata=SHOWN)
    words: str = field(metadata=SHOWN)
    package: Package
    answers: Mapping[str, str] = field(default_factory=dict, metadata=SHOWN)  # party -> signs, refuses or open
    claims: tuple[str, ...] = field(default=(), metadata=SHOWN)


@dataclass(frozen=True, slots=True)
class OutcomeClass:
    """A name for the packages that pick one of the given options on every issue given."""

    name: str = field(metadata=SHOWN)
    when: Conditions

    def __post_init__(self) -> None:
        if not self.when:
            raise ScenarioError(f"outcome class {self.name!r} has no condition, so it would swallow every package")
        nonempty(self.when, f"outcome class {self.name!r}")

    def matches(self, package: Package) -> bool:
        """Whether the package belongs to the class."""
        return all(package[issue] in options for issue, options in self.when)


def unique(whose: str, what: str, names: list[str]) -> None:
    """Refuse two things of one name."""
    twice = [name for index, name in enumerate(names) if name in names[:index]]
    if twice:
        raise ScenarioError(f"{whose} has two {what} called {twice[0]!r}; rename one")


def position(word: str, names: list[str], complaint: str) -> int:
    """Position of a name; otherwise a ScenarioError made of the complaint and the nearest name."""
    if word not in names:
        raise ScenarioError(f"{complaint} {word!r}; {nearest(word, names)}")
    return names.index(word)


def different_issues(first: OptionAt, second: OptionAt, what: str) -> None:
    """Refuse a pair of options of one issue: they are never in force together."""
    if first[0] == second[0]:
        raise ScenarioError(f"{what} ties options of two different issues; this one names the same issue twice")


def nonempty(when: Conditions, what: str) -> None:
    """Refuse a condition that no option can meet."""
    if any(not options for _, options in when):
        raise ScenarioError(f"{what} lists no option on one of its issues; name one or more")
