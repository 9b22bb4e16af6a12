"""Turning a claim round: which numbers are mirrored, and how."""

import pytest

from sim.cli.settings import default_settings
from sim.cli.study import study
from sim.world.errors import ClaimError
from sim.world.flips import flipped


@pytest.fixture(scope="module")
def scenario():
    return study(default_settings(["scenario=march_2025"])).scenario


def test_a_share_and_a_chance_are_mirrored_on_the_unit_interval(scenario):
    changes = flipped(scenario, "C20")
    assert changes["parties.ukraine.preferences.scope.ideal.at"] == 0.0  # stated as 1
    chances = [value for path, value in changes.items() if path.endswith(".chance.at")]
    assert 0.96 in chances  # a red line of 0.04 on what it declared itself ready for


def test_a_signed_number_changes_its_sign(scenario):
    [shift] = [value for path, value in flipped(scenario, "C07").items() if path.endswith("shift.at")]
    assert shift == 1.0  # stated as -1


def test_how_much_is_not_mirrored(scenario):
    assert not any(path.endswith(("salience.at", "cost.at")) for path in flipped(scenario, "C20"))


@pytest.mark.parametrize("claim", ["C99", "c20", ""])
def test_a_claim_that_no_number_rests_on_is_refused(scenario, claim):
    with pytest.raises(ClaimError, match="no number of 'march_2025' rests on claim"):
        flipped(scenario, claim)


def test_a_flipped_scenario_is_still_a_scenario(scenario):
    cited = sorted({claim for number in scenario.numbers() for claim in number.claims})
    played = 0
    for claim in cited:
        try:
            changes = flipped(scenario, claim)
        except ClaimError:  # only saliences, costs or a mixture rest on it
            continue
        what = study(default_settings(["scenario=march_2025", *(f"scenario.{p}={v}" for p, v in changes.items())]))
        assert what.scenario.digest != scenario.digest
        played += 1
    assert played > 20
