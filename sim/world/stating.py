"""From a place in a tree to a Number: its distribution, checked against its range and its grade."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from sim.world.claims import Source
from sim.world.distributions import AbstractDistribution, Exactly, Mixture, Pert, Uniform
from sim.world.errors import ScenarioError
from sim.world.numbers import Grade, Number
from sim.world.quantities import (
    QUANTITIES,
    Quantity,
    Widths,
    around,
    bell,
    check_widths,
    default_spread,
    spread_in_units,
)
from sim.world.reading import NUMBER_KEYS, entries, found, items, located, real
from sim.world.tree import Node

ROUNDING: Final = 1e-9  # a spread written with fewer digits than the table computes is not narrower


class Place(NamedTuple):
    """Where a number is: its path in names and its address in roles."""

    path: str
    address: str

    def to(self, name: str, role: str | None = None) -> "Place":
        """A place inside this one."""
        return Place(f"{self.path}.{name}", f"{self.address}.{name if role is None else role}")


TOP: Final = Place("", "")


def place(name: str) -> Place:
    """A place at the top of the scenario."""
    return Place(name, name)


@dataclass(frozen=True, slots=True)
class Statements:
    """Reads numbers, knowing how wide each grade is and which claims there are to cite."""

    widths: Widths
    source: Source | None = field(default=None)

    def __post_init__(self) -> None:
        check_widths(self.widths)

    def number(self, node: Node, quantity: str, at: Place) -> Number:
        """The number at a node. A ScenarioError or ClaimError says where it is and what it lacks."""
        kind = QUANTITIES[quantity]
        grounds = node.grounds
        if grounds.claims is None and grounds.because is None:
            raise ScenarioError(
                'this number has no grounds; add `claims: [...]` or `because: "..."` to it or to a block around it',
                node.where,
            )
        if grounds.grade is None:
            raise ScenarioError(
                f"this number has no grade; add `grade:` with one of {', '.join(Grade)} to it or to a block around it",
                node.where,
            )
        grade, claims = Grade(grounds.grade), grounds.claims or ()
        self.check_claims(node, claims, grade)
        distribution = self._distribution(node, kind, grade)
        return Number(at.path, at.address, distribution, kind.kind, grade, claims, grounds.because or "")

    def check_claims(self, node: Node, claims: Iterable[str], grade: Grade | None = None) -> None:
        """Refuse claims that do not exist, and a grade higher than every claim cited for it."""
        claims = tuple(claims)
        if self.source is not None:
            self.source.check_cited(claims, grade, node.where)
        elif claims:
            raise ScenarioError(
                f"claim {claims[0]!r} is cited, but the scenario names no source; add `source: NAME` at the top",
                node.where,
            )

    def _distribution(self, node: Node, quantity: Quantity, grade: Grade) -> AbstractDistribution:
        if not isinstance(node.value, dict):
            value = self._inside(node, quantity)
            return Exactly(value) if node.changed else around(quantity, value, self._default(quantity, value, grade))
        inside = entries(node, (*NUMBER_KEYS, "sd"))
        forms = [key for key in inside if key in NUMBER_KEYS]
        if len(forms) != 1:
            stated = " and ".join(f"`{key}`" for key in forms) or "no distribution"
            raise ScenarioError(f"a number says one of {', '.join(NUMBER_KEYS)}; this says {stated}", node.where)
        form = forms[0]
        if "sd" in inside and form != "at":
            raise ScenarioError(f"`sd` goes with `at`; `{form}` has its own width, so drop it", inside["sd"].where)
        if form == "at":
            return self._around(inside, quantity, grade, node.changed)
        if form == "exactly":
            return self._exactly(inside[form], quantity, grade, node.changed)
        if not quantity.spreads:
            raise ScenarioError(
                f"a number of kind {quantity.kind} takes one value, not a distribution; say `at: x`", node.where
            )
        return self._shape(inside[form], form, quantity, grade)

    def _inside(self, node: Node, quantity: Quantity) -> float:
        value = real(node)
        self._check_range(node, quantity, value, value)
        return value

    def _check_range(self, node: Node, quantity: Quantity, low: float, high: float) -> None:
        if not quantity.admits(low, high):
            said = f"{low:g}" if low == high else f"{low:g}..{high:g}"
            thing = "a probability" if quantity.kind in ("chance", "logit") else f"a number of kind {quantity.kind}"
            raise ScenarioError(f"{thing} is {quantity.words()} here, not {said}", node.where)

    def _default(self, quantity: Quantity, at: float, grade: Grade) -> float:
        return default_spread(quantity, at, grade, self.widths)

    def _around(self, inside: dict[str, Node], quantity: Quantity, grade: Grade, by_hand: bool) -> AbstractDistribution:
        at = self._inside(inside["at"], quantity)
        least = self._default(quantity, at, grade)
        if "sd" not in inside:
            return around(quantity, at, least)
        spread = real(inside["sd"])
        if not quantity.spreads:
            raise ScenarioError(f"a number of kind {quantity.kind} has no spread; drop `sd`", inside["sd"].where)
        if spread < 0 or (quantity.kind == "scale" and at == 0 and spread > 0):
            raise ScenarioError(f"{at:g} cannot have the spread {spread:g}; drop `sd`", inside["sd"].where)
        self._check_width(inside["sd"], spread, least, grade, by_hand)
        return around(quantity, at, spread)

    def _exactly(self, node: Node, quantity: Quantity, grade: Grade, by_hand: bool) -> AbstractDistribution:
        value = self._inside(node, quantity)
        defined = value in (0.0, 1.0) or by_hand or node.changed
        least = self._default(quantity, value, grade)
        if least > 0 and not defined:
            raise ScenarioError(
                f"exactly {value:g} is narrower than the grade {grade.value!r} allows (sd {least:g}); "
                f"say `at: {value:g}`, or a grade that knows more; only 0 and 1 can be exact",
                node.where,
            )
        return Exactly(value)

    def _check_width(self, node: Node, spread: float, least: float, grade: Grade, by_hand: bool) -> None:
        if spread < least * (1 - ROUNDING) and not by_hand:
            raise ScenarioError(
                f"an sd of {spread:g} is narrower than the grade {grade.value!r} allows ({least:g}); "
                "widen it, drop it, or give a grade that knows more",
                node.where,
            )

    def _shape(self, node: Node, form: str, quantity: Quantity, grade: Grade) -> AbstractDistribution:
        if form == "mixture":
            return self._mixture(node, quantity, grade)
        names = {"uniform": ("low", "high"), "pert": ("low", "mode", "high"), "normal": ("mean", "sd")}[form]
        values = [real(item) for item in items(node)]
        if len(values) != len(names):
            raise ScenarioError(f"`{form}` takes [{', '.join(names)}], not {len(values)} numbers", node.where)
        if form == "normal":
            mean, spread = values
            self._check_range(node, quantity, mean, mean)
            least = spread_in_units(quantity, mean, self._default(quantity, mean, grade))
            self._check_width(node, spread, least, grade, node.changed)
            return valid(node, lambda: bell(quantity, mean, spread))
        built = valid(node, lambda: Uniform(*values) if form == "uniform" else Pert(*values))
        self._check_range(node, quantity, *built.support)
        return built

    def _mixture(self, node: Node, quantity: Quantity, grade: Grade) -> AbstractDistribution:
        parts: list[tuple[float, AbstractDistribution]] = []
        for item in items(node):
            pair = items(item)
            if len(pair) != 2:
                raise ScenarioError(
                    f"each part of a mixture is [probability, number], not {found(item)} of {len(pair)}", item.where
                )
            parts.append((real(pair[0]), self._distribution(pair[1], quantity, grade)))
        return valid(node, lambda: Mixture(tuple(parts)))


def valid(node: Node, build: Callable[[], AbstractDistribution]) -> AbstractDistribution:
    """The distribution, or its own complaint with the node's place."""
    try:
        with located(node):
            return build()
    except ScenarioError:
        raise
    except ValueError as error:
        raise ScenarioError(str(error), node.where) from error
