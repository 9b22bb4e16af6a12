"""Mediators: one interface, one small final class each, one explicit registry."""

from typing import Final

from sim.engine.mediators.base import AbstractMediator, MediatorError, Proposal, Sight
from sim.engine.mediators.climbing import HillClimb
from sim.engine.mediators.scripted import NoMediator, Scripted

MEDIATORS: Final[dict[str, type[AbstractMediator]]] = {
    "hill_climb": HillClimb,
    "scripted": Scripted,
    "none": NoMediator,
}

__all__ = ["MEDIATORS", "AbstractMediator", "HillClimb", "MediatorError", "NoMediator", "Proposal", "Scripted", "Sight"]
