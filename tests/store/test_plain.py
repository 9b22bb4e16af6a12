"""A scenario as plain data is the same scenario when it is read back."""

import json

import pytest

from sim.store.errors import StoreError
from sim.store.plain import KIND, plain, scenario_of
from sim.world.files import find_library, load


def through_text(scenario):
    return scenario_of(json.loads(json.dumps(plain(scenario), allow_nan=False)))


@pytest.mark.parametrize("name", find_library().names())
def test_a_scenario_survives(name, widths):
    scenario = load(name, widths=widths)
    read = through_text(scenario)
    assert read == scenario
    assert read.digest == scenario.digest
    assert [number.path for number in read.numbers()] == [number.path for number in scenario.numbers()]


@pytest.mark.parametrize(
    "change",
    [
        {"parties.baker.reservation": {"uniform": [0.0, 0.1]}},
        {"parties.baker.firmness": {"pert": [0.1, 0.2, 0.5]}},
        {"parties.baker.firmness": {"mixture": [[0.5, {"at": 0.1}], [0.5, {"uniform": [0.4, 0.5]}]]}},
        {"clock.deadline": {"chance": 0.05}},
        {"discount": {"exactly": 1}},
    ],
    ids=str,
)
def test_so_does_every_kind_of_number(change, widths):
    scenario = load("orange", widths=widths, changes=change)
    assert through_text(scenario) == scenario
    assert through_text(scenario).digest == scenario.digest


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda data: data.pop("title"), "title"),
        (lambda data: data.update({"horizon": 0}), "horizon of at least one round"),
        (lambda data: data.update({KIND: "Opera"}), "Opera"),
        (lambda data: data.update({"volume": 11}), "volume"),
    ],
)
def test_what_cannot_be_a_scenario_is_refused(edit, said, widths):
    data = plain(load("orange", widths=widths))
    edit(data)
    with pytest.raises(StoreError, match=f"cannot be rebuilt by this version of the program: .*{said}"):
        scenario_of(data)
