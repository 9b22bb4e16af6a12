"""A twin is the original under other names, to the last digit."""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from sim.world.scenario import ScenarioError

CASES = YAML(typ="safe").load(Path(__file__).with_name("bad_input.yaml"))["twin"]


def test_a_twin_has_its_originals_digest_and_addresses(read):
    base, twin = read("base"), read("waters")
    assert twin.digest == base.digest
    assert [n.address for n in twin.numbers()] == [n.address for n in base.numbers()]
    assert [n.distribution for n in twin.numbers()] == [n.distribution for n in base.numbers()]
    assert twin.root == "base"


def test_no_name_of_the_original_shows_through(read):
    twin = read("waters")
    assert [party.name for party in twin.parties] == ["upriver", "downriver", "guild"]
    assert [party.role for party in twin.parties] == ["north", "south", "third"]
    assert twin.words((2, 1)) == "sluices=every loans=stopped"
    assert twin.parties[0].red_lines[0].name == "every sluice while loans go on"
    assert [c.name for c in twin.outcomes] == ["treaty of waters", "trickle"]
    assert dict(twin.texts[0].answers) == {"upriver": "signs"}
    shown = " ".join(n.path for n in twin.numbers())
    for old in ("north", "south", "third", "halt", "aid", "flows"):
        assert old not in shown
    assert "effects.sluices:every+loans:stopped.shift" in shown
    reasons = {number.because for number in twin.numbers() if number.because}
    assert reasons == {"As in base, whose twin this is."}


def test_a_number_that_a_twin_is_given_keeps_its_own_reason(read):
    twin = read("waters", changes={"parties.upriver.cost": 0.5})
    assert "base" not in next(n.because for n in twin.numbers() if n.path == "parties.upriver.cost")


def test_a_twin_is_changed_by_its_own_names(read):
    changed = read("waters", changes={"parties.upriver.cost": 0.5})
    assert changed.digest == read("base", changes={"parties.north.cost": 0.5}).digest


def test_a_twin_can_be_extended(write, read):
    write("flood", "extends: waters\nparties: {downriver: {cost: 0.5}}\n")
    assert read("flood").parties[1].cost.centre == 0.5
    assert read("flood").root == "base"


@pytest.mark.parametrize("name", CASES)
def test_a_twin_must_name_everything(library, write, read, name):
    case = CASES[name]
    text = (library.scenarios / "waters.yaml").read_text(encoding="utf-8")
    assert text.count(case["old"]) == 1
    write("waters", text.replace(case["old"], case["new"]))
    with pytest.raises(ScenarioError) as error:
        read("waters")
    assert str(error.value) == case["message"]
