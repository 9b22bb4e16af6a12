"""The base hazard: a reference deal fails as often as such deals did, and what cannot be is refused."""

import numpy as np
import pytest
from ruamel.yaml import YAML

from sim.engine.calibration import Calibration, Reference, base_hazards, survival
from sim.engine.ensemble import Game, play_block
from sim.engine.mediators import NoMediator
from sim.world.files import load, load_root
from sim.world.scenario import ScenarioError
from tests.engine.test_conflict import NO_WIDTHS, WAR
from tests.synthetic import ROOT, scenario, widths

HALF_YEAR = Reference(days=180, failed=0.375, burden=(0.6, 0.2))
SETTLED = Reference(days=180, failed=0.2, burden=(0, 0))
# What a narrow halt of the made-up war asks of the two is what HALF_YEAR says; its other multipliers are 1 here.
CHANGES = {"conflict.spoiler_rate": 0.002, "conflict.deliberate_rate": 0.004, "issues.halt.options.narrow.hazard": 1}


@pytest.fixture(scope="module")
def fortna():
    stated = YAML(typ="safe").load((ROOT / "conf/calibration/fortna.yaml").read_text(encoding="utf-8"))
    return Calibration(**{kind: Reference(**one | {"burden": tuple(one["burden"])}) for kind, one in stated.items()})


def test_a_reference_deal_survives_as_often_as_observed(fortna):
    root = load_root("march_2025", widths())
    bases = base_hazards(root, fortna)
    for base, reference in zip(bases, (fortna.truce, fortna.treaty), strict=True):
        assert base > 0
        assert survival(root, reference, base, reference.days) == pytest.approx(1 - reference.failed, abs=1e-9)


def test_the_root_s_types_are_weighed_by_their_chances():
    """By hand: base b, spoilers .25 x .002, each side stalls in two runs of five at .004 x its burden; 180 days."""
    world = load(WAR, widths=NO_WIDTHS, changes=CHANGES)
    base = 0.001
    spoilers = np.exp(-180 * 0.25 * 0.002)
    north, south = (0.6 + 0.4 * np.exp(-180 * 0.004 * burden) for burden in HALF_YEAR.burden)
    expected = np.exp(-180 * base) * spoilers * north * south
    assert survival(world, HALF_YEAR, base, 180) == pytest.approx(expected, rel=1e-12)
    assert survival(world, HALF_YEAR, base, 0) == 1


@pytest.mark.parametrize(("duration", "reference"), [("long", HALF_YEAR), ("treaty", SETTLED)])
def test_played_reference_deals_survive_as_often_as_observed(duration, reference):
    halt = "narrow" if reference is HALF_YEAR else "costless"
    changes = CHANGES | {"in_force": {"halt": halt, "duration": duration}, "clock.round_days": 30, "clock.horizon": 6}
    world = load(WAR, widths=NO_WIDTHS, changes=changes)
    bases = base_hazards(world, Calibration(truce=HALF_YEAR, treaty=SETTLED))
    runs = 10_000
    rows = play_block(Game(world, NoMediator(), bases, 5), 0, runs)
    failed = (rows.survival_days < 180).mean()
    assert abs(failed - reference.failed) < 4 * np.sqrt(reference.failed * (1 - reference.failed) / runs)


def test_variants_inherit_the_base_of_their_root(fortna):
    """A variant that changes the types is not calibrated anew."""
    root = scenario("march_2025")
    for name in ("russia_sincere", "russia_plays_for_time", "river"):
        assert scenario(name).root == "march_2025"
        assert np.array_equal(base_hazards(load_root(name, widths()), fortna), base_hazards(root, fortna))
    assert base_hazards(scenario("russia_sincere"), fortna)[0] > base_hazards(root, fortna)[0]


def test_without_a_conflict_nothing_breaks(fortna):
    assert np.array_equal(base_hazards(scenario("orange"), fortna), [0, 0])
    assert survival(scenario("orange"), HALF_YEAR, 5.0, 100) == 1


def test_a_root_that_breaks_more_than_was_observed_is_refused_naming_the_rate():
    world = load(WAR, widths=NO_WIDTHS, changes={"conflict.deliberate_rate": 0.1})
    with pytest.raises(ScenarioError, match=r"^scenario 'war': spoilers and deliberate breaches alone break ") as told:
        base_hazards(world, Calibration(truce=HALF_YEAR, treaty=SETTLED))
    message = str(told.value)
    # All but the share kept: .6^2 + ... of the four pairs of types, by spoilers of .002 a day; 37.5 % were observed.
    alone = 1 - survival(world, HALF_YEAR, 0.0, 180)
    assert f"{alone:.1%} of reference truce deals within 180 days, more than the 37.5% observed" in message
    assert "lower conflict.deliberate_rate or conflict.spoiler_rate (or raise control)" in message


def test_a_root_that_breaks_just_as_many_needs_no_base():
    world = load(WAR, widths=NO_WIDTHS, changes={"conflict.spoiler_rate": 0, "conflict.deliberate_rate": 0.004})
    kept = survival(world, HALF_YEAR, 0.0, 180)
    exact = Reference(days=180, failed=1 - kept, burden=HALF_YEAR.burden)
    assert base_hazards(world, Calibration(truce=exact, treaty=SETTLED))[0] == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    "wrong", [{"days": 0}, {"failed": 0.0}, {"failed": 1.0}, {"burden": (0.1, 1.1)}, {"burden": (-0.1, 0)}]
)
def test_an_impossible_reference_is_refused(wrong):
    with pytest.raises(ValueError, match="a reference deal needs days > 0, a share failed between 0 and 1"):
        Reference(**{"days": 180, "failed": 0.3, "burden": (0.1, 0.1)} | wrong)
