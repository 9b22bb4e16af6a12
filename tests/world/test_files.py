"""What extends what, who inherits which grounds, and what the command line may change."""

import pickle
from pathlib import Path

import numpy as np
import pytest
from ruamel.yaml import YAML

from sim.world.distributions import Exactly, LogitNormal, Lognormal, Mixture, Normal, TruncatedNormal, Uniform
from sim.world.files import Library, find_library, load, load_root, source_of
from sim.world.numbers import Grade
from sim.world.scenario import ScenarioError

CASES = YAML(typ="safe").load(Path(__file__).with_name("bad_input.yaml"))["changes"]


@pytest.mark.parametrize(
    ("path", "distribution"),
    [
        ("parties.north.cost", Lognormal(0.14, 0.35)),
        ("parties.north.firmness", TruncatedNormal(0.3, 0.15, 0, 1)),
        ("parties.north.exaggeration", Exactly(0)),
        ("issues.halt.options.part.position", Exactly(0.4)),
        ("issues.halt.options.part.relief.north", TruncatedNormal(0.1, 0.12 * 0.1, -float("inf"), 1)),
        ("issues.halt.options.part.relief.south", TruncatedNormal(0.2, 0.05 * 0.2, -float("inf"), 1)),
        ("issues.halt.options.all.settles", TruncatedNormal(0.8, 0.08, 0, 1)),
        ("effects.halt:all+aid:ends.shift", Normal(-0.3, 0.12 * 0.3)),
        ("parties.north.interactions.halt:all+aid:ends.bonus", Normal(0.05, 0.12 * 0.1)),
        ("conflict.odds", LogitNormal(0.55, 0.3)),
        ("conflict.drift", Normal(0.0014, 0.12 * 0.0014)),
        ("conflict.planning_days", Exactly(180)),
        ("parties.third.preferences.aid.values.ends", Uniform(0.2, 0.8)),
        ("parties.north.red_lines.all while aid flows.chance", Exactly(0.8)),
    ],
)
def test_kind_and_grade_make_the_distribution(number, path, distribution):
    found = number(path).distribution
    assert type(found) is type(distribution)
    assert found.support == distribution.support
    assert (found.centre, found.sd) == pytest.approx((distribution.centre, distribution.sd))


def test_grounds_are_inherited_from_the_nearest_block(number):
    inherited = number("parties.north.cost")
    assert (inherited.grade, inherited.claims, inherited.because) == (Grade.ASSUMED, (), "a toy")
    own = number("issues.halt.options.all.settles")
    assert (own.grade, own.claims, own.because) == (Grade.REPORTED, ("C02",), "")


def test_a_variant_joins_mappings_and_replaces_numbers_and_lists(write, read):
    write(
        "variant",
        """\
extends: base
title: Another war
parties:
  north: {cost: {at: 0.2, because: dearer, grade: inferred}, red_lines: []}
issues: {halt: {options: {part: {relief: {north: ~}}}}}
clock: {deadline: {round: 5}}
""",
    )
    base, variant = read(), read("variant")
    assert variant.title == "Another war"
    assert variant.parties[0].cost.distribution == Lognormal(0.2, 0.3)
    assert variant.parties[0].red_lines == ()
    assert variant.parties[0].optimism == base.parties[0].optimism
    assert set(variant.issues[0].options[1].effects.relief) == {"south"}
    assert variant.deadline.round == 5
    assert (variant.root, base.root) == ("base", "base")


def test_a_variants_block_grounds_cover_only_what_it_states(write, number):
    write("variant", "extends: base\nparties:\n  north:\n    because: a hunch\n    grade: inferred\n    cost: 0.2\n")
    stated, left = number("parties.north.cost", "variant"), number("parties.north.firmness", "variant")
    assert (stated.because, stated.grade) == ("a hunch", Grade.INFERRED)
    assert (left.because, left.grade) == ("a toy", Grade.ASSUMED)


def test_a_variants_bare_number_keeps_the_blocks_grounds(write, number):
    write("variant", "extends: base\nparties: {north: {cost: 0.2}}\n")
    assert number("parties.north.cost", "variant").because == "a toy"


def test_the_root_is_at_the_end_of_the_chain_and_unchanged(write, read, library, widths):
    write("one", "extends: base\nparties: {north: {cost: 0.2}}\n")
    write("two", "extends: one\nparties: {north: {cost: 0.3}}\n")
    assert read("two").root == "base"
    assert read("two").parties[0].cost.centre == 0.3
    assert load_root("two", widths, library=library).digest == read("base").digest


def test_a_file_is_loaded_by_its_path_and_extends_its_neighbour(write, read, library, widths):
    path = write("mine", "extends: base\n")
    assert load(str(path), widths=widths, library=library).digest == read().digest


def test_a_value_from_the_command_line_is_exact(number):
    changed = number("parties.north.cost", changes={"parties.north.cost": 0.2})
    assert changed.distribution == Exactly(0.2)
    assert (changed.because, changed.grade, changed.claims) == ("set on the command line", Grade.ASSUMED, ())


def test_a_moved_centre_keeps_grade_and_grounds(number):
    path = "issues.halt.options.all.settles"
    moved = number(path, changes={f"{path}.at": 0.5})
    assert moved.distribution == TruncatedNormal(0.5, 0.08, 0, 1)
    assert (moved.grade, moved.claims) == (Grade.REPORTED, ("C02",))
    bare = number("parties.north.cost", changes={"parties.north.cost.at": 0.2})
    assert bare.distribution == Lognormal(0.2, 0.35)
    assert bare.because == "a toy"


@pytest.mark.parametrize(
    ("path", "value", "distribution"),
    [
        ("parties.north.firmness", {"uniform": [0.1, 0.2]}, Uniform(0.1, 0.2)),
        ("parties.north.firmness.uniform", [0.1, 0.2], Uniform(0.1, 0.2)),
        ("parties.third.preferences.aid.values.ends.exactly", 0.4, Exactly(0.4)),
        ("parties.north.firmness", {"mixture": [[0.5, {"exactly": 0}], [0.5, {"exactly": 1}]]},
         Mixture(((0.5, Exactly(0.0)), (0.5, Exactly(1.0))))),
        ("effects.halt:all+aid:ends.shift", 1, Exactly(1)),
        ("effects.aid:ends+halt:all.shift", 1, Exactly(1)),
        ("effects.0.shift", 1, Exactly(1)),
        ("parties.north.red_lines.all while aid flows.chance", 1, Exactly(1)),
        ("issues.halt.options.all.relief.north", 0.5, Exactly(0.5)),
    ],
)  # fmt: skip
def test_any_number_can_be_changed(read, path, value, distribution):
    changed = read(changes={path: value})
    assert any(n.distribution == distribution for n in changed.numbers())
    assert changed.digest != read().digest


def test_settings_can_be_changed(read):
    changed = read(
        changes={
            "clock.horizon": 20,
            "clock.deadline": {"chance": 0.05},
            "signers.all_of": ["north"],
            "issues.halt.status_quo": "part",
            "texts.small.package": {"halt": "all"},
            "scope_issue": None,
            "in_force": {"halt": "part"},
        }
    )
    assert (changed.horizon, changed.deadline.chance, changed.signers) == (20, 0.05, (0,))
    assert changed.issues[0].status_quo == 1
    assert changed.texts[0].package == (2, 0)
    assert changed.scope_issue is None
    assert changed.in_force == (1, 0)


def test_a_claim_may_lose_its_last_number_to_a_change(read):
    assert read(changes={"issues.halt.options.all.settles": 0.5}).digest


@pytest.mark.parametrize("name", CASES)
def test_a_change_that_leads_nowhere_says_so(read, name):
    with pytest.raises(ScenarioError) as error:
        read(changes={CASES[name]["path"]: CASES[name]["value"]})
    assert str(error.value) == CASES[name]["message"]


def test_a_scenario_without_conflict_states_reservations(write, read):
    write(
        "toy",
        """\
because: a classroom toy
grade: assumed
clock: {round_days: 1, horizon: 5}
issues:
  price: {status_quo: none, options: {none: {}, low: {}, high: {}}}
parties:
  seller:
    reservation: {exactly: 0}
    preferences: {price: {salience: {exactly: 1}, values: {none: {exactly: 0}, low: 0.3, high: 0.7}}}
  buyer: {reservation: 0.2, preferences: {price: {salience: 1, values: {none: 0, low: 0.7, high: 0.3}}}}
discount: 0.9
signers: {all_of: [seller, buyer]}
""",
    )
    toy = read("toy")
    assert toy.conflict is None
    assert toy.parties[0].cost is None
    seller = toy.parties[0]
    assert (seller.firmness.centre, seller.concession.centre, seller.exaggeration.centre) == (0, 1, 0)
    assert toy.discount.centre == 0.9


def test_a_change_to_something_that_is_no_value(read):
    with pytest.raises(ScenarioError, match=r"command line: parties\.north: a set is no value; say a number"):
        read(changes={"parties.north": {1}})


@pytest.mark.parametrize("value", [np.float64(0.25), np.float32(0.25), 0.25])
def test_a_sweep_may_hand_over_numpy_numbers(number, value):
    assert number("parties.north.cost", changes={"parties.north.cost": value}).distribution == Exactly(0.25)


def test_a_scenario_travels_to_another_process(read):
    scenario = read()
    assert pickle.loads(pickle.dumps(scenario)) == scenario


def test_the_source_of_a_scenario_is_found_again(read, library):
    assert source_of(read(), library=library).id == "story"


def test_the_library_is_found_beside_the_code():
    assert isinstance(find_library(), Library)
    assert find_library().scenarios.name == "scenarios"
