"""A scenario answers for its packages, its numbers and its digest."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.world.distributions import Exactly
from sim.world.files import load
from sim.world.scenario import Scenario, ScenarioError


@pytest.fixture
def scenario(read) -> Scenario:
    return read()


def test_the_option_axis_puts_all_options_in_a_row(scenario):
    assert scenario.offsets == (0, 3)
    assert scenario.option_count == 5
    assert scenario.status_quo == (0, 0)


def test_a_package_leaves_the_rest_at_the_status_quo(scenario):
    assert scenario.package({"halt": "part"}) == (1, 0)
    assert scenario.words((1, 0)) == "halt=part"
    assert scenario.words((2, 1)) == "halt=all aid=ends"
    assert scenario.words((0, 0)) == "status quo"


def test_every_package_survives_being_told(scenario):
    for package in ((h, a) for h in range(3) for a in range(2)):
        told = dict(term.split("=") for term in scenario.words(package).split() if "=" in term)
        assert scenario.package(told) == package


def test_misspelt_packages_name_the_nearest(scenario):
    with pytest.raises(ScenarioError, match=r"there is no issue 'hallt'; did you mean 'halt'\?"):
        scenario.package({"hallt": "part"})
    with pytest.raises(ScenarioError, match=r"issue 'halt' has no option 'prt'; did you mean 'part'\?"):
        scenario.package({"halt": "prt"})


def test_rules_decide_what_is_feasible(scenario):
    assert scenario.feasible((2, 1))
    assert not scenario.feasible((0, 1))


def test_the_first_class_that_matches_names_an_outcome(scenario):
    grand, halt = scenario.outcomes
    assert grand.matches((2, 1))
    assert not grand.matches((2, 0))
    assert halt.matches((1, 0))
    assert not halt.matches((0, 0))


def test_paths_are_unique_and_types_share_the_luck_of_what_they_override(scenario):
    numbers = {number.path: number for number in scenario.numbers()}
    assert len(numbers) == len(scenario.numbers())
    override = numbers["parties.north.types.stalling.firmness"]
    assert override.address == numbers["parties.north.firmness"].address == "parties.north.firmness"
    assert scenario.parties[0].types[1].overrides["parties.north.preferences.halt.salience"].centre == 0.9
    assert "parties.north.red_lines.all while aid flows.chance" in numbers
    assert "effects.halt:all+aid:ends.shift" in numbers
    assert "parties.north.interactions.halt:all+aid:ends.bonus" in numbers


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(data=st.data())
def test_any_number_changed_changes_the_digest(scenario, read, data):
    number = data.draw(st.sampled_from(scenario.numbers()))
    if ".types." in number.path and number.path.endswith(".chance"):
        return  # chances of types must go on adding to 1
    value = data.draw(st.floats(0.01, 0.99).filter(lambda x: Exactly(x) != number.distribution))
    assert read(changes={number.path: value}).digest != scenario.digest


def test_words_and_grounds_do_not_change_the_digest(scenario, edit):
    assert edit("words: a part", "words: some of it").digest == scenario.digest
    assert edit("title: the crown", "title: the king").digest == scenario.digest
    assert edit("{C03: nothing here is measured by it}", "{C03: an aside}").digest == scenario.digest


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("horizon: 10", "horizon: 11"),
        ("round_days: 7", "round_days: 8"),
        ("deadline: none", "deadline: {round: 9}"),
        ("war_decides: true", "war_decides: false"),
        ("term: 30", "term: 31"),
        ("term: 30", "term: 30, kind: treaty"),
        ("plays_for_time: true", "plays_for_time: false"),
        ("needs: {halt: [part, all]}", "needs: {halt: [all]}"),
        ("quorum: 1", "quorum: 2"),
        ("all_of: [north, south]", "all_of: [north]"),
        ("scope_issue: halt", "scope_issue: aid"),
        ("aid: [flows]}", "aid: [flows, ends]}"),
        ("halt: {salience: 0.5, ideal: 0.3}", "halt: {salience: 0.5, ideal: {at: 0.3, sd: 0.2}}"),
    ],
)
def test_structure_changes_the_digest(scenario, edit, old, new):
    assert edit(old, new).digest != scenario.digest


def test_a_wider_table_of_widths_changes_the_digest(scenario, library, widths):
    wider = {**widths, "share": {grade: 2 * width for grade, width in widths["share"].items()}}
    assert load("base", widths=wider, library=library).digest != scenario.digest


def test_a_scenario_is_valid_once_built(scenario):
    with pytest.raises(ScenarioError, match="nobody has to sign, so every text would be a deal"):
        replace(scenario, signers=(), blocs=())
    with pytest.raises(ScenarioError, match="party 'north' needs a `reservation`, because"):
        replace(scenario, conflict=None)
