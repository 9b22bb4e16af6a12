"""A scenario with everything in it, ready to be played."""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from sim.engine.calibration import Calibration, Reference, base_hazards
from sim.engine.ensemble import Game
from sim.engine.mediators import HillClimb
from sim.world.files import load

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="package")
def widths():
    return YAML(typ="safe").load((ROOT / "conf/evidence/default.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="package")
def march(widths):
    scenario = load("march_2025", widths=widths)
    calibration = Calibration(
        truce=Reference(days=180, failed=0.375, burden=(0.3, 0.3)),
        treaty=Reference(days=180, failed=0.128, burden=(0.05, 0.05)),
    )
    return Game(scenario, HillClimb(), base_hazards(scenario, calibration), 1)


@pytest.fixture(scope="package")
def orange(widths):
    return Game(load("orange", widths=widths), HillClimb(), base_hazards(load("orange", widths=widths), None), 1)
