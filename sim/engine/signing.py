"""The decision rule: whose answers make a text a deal."""

import numpy as np
from numpy.typing import NDArray

from sim.engine.kernels_answers import Rule
from sim.world.scenario import Scenario

BoolArray = NDArray[np.bool_]


class SignersAgree:
    """The decision rule: every named signer, and the quorum of every bloc."""

    def __init__(self, signers: tuple[int, ...], blocs: tuple[tuple[tuple[int, ...], int], ...]) -> None:
        self.signers, self.blocs = signers, blocs
        members = [member for group, _ in blocs for member in group]
        self.compiled = Rule(
            signers=np.asarray(signers, dtype=np.int64),
            members=np.asarray(members, dtype=np.int64),
            members_from=np.cumsum([0, *(len(group) for group, _ in blocs)]),
            quorum=np.asarray([quorum for _, quorum in blocs], dtype=np.int64),
            deciders=np.asarray(self.deciders, dtype=np.int64),
        )

    @classmethod
    def of(cls, scenario: Scenario) -> "SignersAgree":
        """The rule of a scenario."""
        return cls(scenario.signers, tuple((bloc.members, bloc.quorum) for bloc in scenario.blocs))

    def __call__(self, accepts: BoolArray) -> BoolArray:
        """(party, run) answers in, (run,) whether the text is a deal out."""
        agreed = accepts[list(self.signers)].all(axis=0)
        for members, quorum in self.blocs:
            agreed &= accepts[list(members)].sum(axis=0) >= quorum
        return np.asarray(agreed)

    @property
    def deciders(self) -> tuple[int, ...]:
        """Every party whose answer can count, in the order of the scenario."""
        return tuple(sorted({*self.signers, *(member for members, _ in self.blocs for member in members)}))
