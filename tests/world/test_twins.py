"""A twin is the original under other names, to the last digit."""

import pytest

from sim.world.scenario import ScenarioError


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


def test_a_twin_is_changed_by_its_own_names(read):
    changed = read("waters", changes={"parties.upriver.cost": 0.5})
    assert changed.digest == read("base", changes={"parties.north.cost": 0.5}).digest


def test_a_twin_can_be_extended(write, read):
    write("flood", "extends: waters\nparties: {downriver: {cost: 0.5}}\n")
    assert read("flood").parties[1].cost.centre == 0.5
    assert read("flood").root == "base"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("    third: {name: guild, title: the boatmen}\n", "",
         "scenarios/waters.yaml:4: names.parties: the twin gives 'third' no name; add it"),
        ("    third:", "    thrid:",
         "scenarios/waters.yaml:4: names.parties: the twin gives 'third' no name; add it"),
        ("  texts:\n", "  texts:\n    large: {name: a, words: b}\n",
         "scenarios/waters.yaml:23: names.texts.large: the original has no 'large' in texts; choose one of: small"),
        (", title: those above", "", "scenarios/waters.yaml:5: names.parties.north: `title` is missing; a twin says it anew"),
        ("        ends: {name: stopped, words: the guild stops}\n", "",
         "scenarios/waters.yaml:19: names.issues.aid.options: the twin gives 'ends' no name; add it"),
        ("name: downriver", "name: upriver",
         "scenarios/waters.yaml:4: names.parties: two of these are called 'upriver'; rename one"),
        ("twin_of: base", "twin_of: bsae", "scenarios/waters.yaml:2: twin_of: there is no scenario 'bsae'; did you mean 'base'?"),
        ("title: A made-up water quarrel", "clock: {horizon: 3}",
         "scenarios/waters.yaml:1: clock: unknown key 'clock'; choose one of: title, twin_of, names, information_to, start"),
    ],
)  # fmt: skip
def test_a_twin_must_name_everything(library, write, read, old, new, message):
    text = (library.scenarios / "waters.yaml").read_text(encoding="utf-8")
    assert text.count(old) == 1
    write("waters", text.replace(old, new))
    with pytest.raises(ScenarioError) as error:
        read("waters")
    assert str(error.value) == message
