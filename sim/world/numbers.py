"""A number of a scenario: what is believed about it, and on what grounds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from sim.world.distributions import AbstractDistribution

# Marks a field that is shown to people and can change no row, so that no digest covers it.
SHOWN: Final[Mapping[str, bool]] = {"shown": True}


class Grade(StrEnum):
    """How directly a number rests on what was said; the weaker, the wider its distribution."""

    STATED = "stated"  # the party said it
    REPORTED = "reported"  # someone said it of the party; an adversary's or an expert's word is at most this
    INFERRED = "inferred"  # it follows from what was said
    ASSUMED = "assumed"  # nobody said it


@dataclass(frozen=True, slots=True)
class Number:
    """One number, with its place, its distribution and its grounds."""

    path: str = field(metadata=SHOWN)  # in names: "parties.NAME.cost"
    address: str  # the same place in roles: the address of its luck, kept by twins
    distribution: AbstractDistribution
    kind: str = field(metadata=SHOWN)  # position, days, chance, share, real, scale or logit
    grade: Grade = field(metadata=SHOWN)
    claims: tuple[str, ...] = field(default=(), metadata=SHOWN)
    because: str = field(default="", metadata=SHOWN)

    @property
    def centre(self) -> float:
        """The central value, in the number's own unit."""
        return self.distribution.centre
