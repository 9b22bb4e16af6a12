"""Scenarios and rows made up for tests of analysis and report: consistent, quick, and of any shape."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
from ruamel.yaml import YAML

from sim.engine.ensemble import Game
from sim.engine.mediators import HillClimb
from sim.engine.records import ENDINGS, NEVER, SURVIVAL_ENDS, Records
from sim.engine.signing import SignersAgree
from sim.world.files import load
from sim.world.scenario import Scenario

ROOT = Path(__file__).parents[1]


@cache
def widths():
    """The project's own widths."""
    return YAML(typ="safe").load((ROOT / "conf/evidence/default.yaml").read_text(encoding="utf-8"))


@cache
def scenario(name: str = "orange") -> Scenario:
    """A scenario of the project."""
    return load(name, widths=widths())


def long_names(base: Scenario) -> Scenario:
    """The same scenario with names as long as anyone will write them, and some characters that need care."""
    return replace(
        base,
        name="a_scenario_whose_author_was_fond_of_long_names",
        title="A title that goes on and on, with & and < and $5, until it needs a second and perhaps even a third line "
        "before it comes to what it wanted to say",
        issues=tuple(
            replace(
                issue,
                name=f"the_{issue.name}_and_everything_that_goes_with_it",
                options=tuple(replace(o, name=f"{o.name}_under_conditions_to_be_agreed") for o in issue.options),
            )
            for issue in base.issues
        ),
        parties=tuple(replace(p, name=f"the_united_federation_of_{p.name}_and_its_islands") for p in base.parties),
        outcomes=tuple(replace(o, name=f"{o.name}, verified by observers and paid for") for o in base.outcomes),
    )


def made_up(scenario: Scenario, runs: int, deals: float = 0.6, seed: int = 0, first: int = 0) -> Records:
    """Rows in which about a share `deals` of runs sign something; every column agrees with the others."""
    luck = np.random.default_rng(seed)
    signed = luck.random(runs) < deals
    agreed = np.where(signed, luck.integers(1, scenario.horizon + 1, runs), NEVER)
    lasted = np.minimum(luck.exponential(scenario.horizon * scenario.round_days, runs), 1e9)
    left = (scenario.horizon - agreed) * scenario.round_days
    ended = signed & (lasted < left)
    expired = ended & (luck.random(runs) < 0.3)
    holds = signed & ~ended
    sizes = np.asarray([len(issue.options) for issue in scenario.issues])
    package = (luck.random((len(sizes), runs)) * sizes[:, np.newaxis]).astype(np.int64)
    classes = np.zeros(runs, dtype=np.int64)
    for place, outcome in reversed(list(enumerate(scenario.outcomes))):
        member = np.logical_and.reduce([np.isin(package[issue], sorted(options)) for issue, options in outcome.when])
        classes = np.where(member, place + 1, classes)
    ends = np.where(expired, SURVIVAL_ENDS.index("expired"), SURVIVAL_ENDS.index("collapsed"))
    ends = np.where(ended, ends, np.where(holds, SURVIVAL_ENDS.index("in force"), 0))
    rows = len(SignersAgree.of(scenario).deciders)
    reservation = luck.uniform(0.1, 0.4, (len(scenario.parties), runs))
    gain = np.where(holds, luck.normal(0.1, 0.1, reservation.shape), 0.0)
    return Records(
        first=first,
        ending=np.where(signed, np.where(holds, ENDINGS.index("in force"), ends), 0),
        outcome=np.where(holds, classes, 0),
        broadest=np.where(signed, classes, 0),
        package=np.where(holds, package, NEVER),
        agreed_round=agreed,
        class_round=np.stack([np.where(classes == c + 1, agreed, NEVER) for c in range(len(scenario.outcomes))]),
        days_in_force=np.where(signed, np.minimum(lasted, left), 0.0),
        texts=luck.integers(1, 9, runs),
        signatures=signed.astype(np.int64),
        refused=luck.poisson(0.4, (rows, len(sizes) + 1, runs)),
        crossed=luck.poisson(0.2, (rows, len(sizes), runs)),
        sole=luck.poisson(0.3, (rows, runs)),
        worth=reservation + gain,
        reservation=reservation,
        kind=np.zeros((len(scenario.parties), runs), dtype=np.int64),
        survival_days=np.where(signed, np.minimum(lasted, left), np.nan),
        survival_end=ends,
        broke=np.where(ended & ~expired, luck.integers(1, 3, runs), 0),
    )


def game(name: str = "orange", seed: int = 1, **changes: object) -> Game:
    """A scenario to be played by a hill climb; its deals break at a rate set here, not at a calibrated one."""
    world = load(name, widths=widths(), changes=changes)
    return Game(world, HillClimb(), np.asarray([0.002, 0.001]), seed)
