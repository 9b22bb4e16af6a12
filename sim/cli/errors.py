"""What a user can do wrong, told in one message; everything else is a fault of the program and keeps its traceback."""

from typing import Final

from sim.engine.mediators import MediatorError
from sim.engine.space import SpaceError
from sim.engine.workers import WorkerError
from sim.store.errors import StoreError
from sim.world.errors import ClaimError, ScenarioError


class SettingsError(ValueError):
    """A setting or an argument that cannot be used."""


USER_ERRORS: Final = (ScenarioError, ClaimError, MediatorError, SpaceError, StoreError, SettingsError, WorkerError)
