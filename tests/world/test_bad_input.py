"""Every kind of bad input gets one clear message: where it is, what is wrong, what to do (bad_input.yaml)."""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from sim.world.claims import ClaimError
from sim.world.files import load
from sim.world.scenario import ScenarioError

CASES = YAML(typ="safe").load(Path(__file__).with_name("bad_input.yaml"))


@pytest.mark.parametrize("name", CASES["scenario"])
def test_the_message(edit, name):
    case = CASES["scenario"][name]
    with pytest.raises(ScenarioError) as error:
        edit(case["old"], case["new"])
    assert str(error.value) == case["message"]


@pytest.mark.parametrize("name", CASES["claims"])
def test_the_message_about_claims(edit, name):
    case = CASES["claims"][name]
    with pytest.raises(ClaimError) as error:
        edit(case["old"], case["new"])
    assert str(error.value) == case["message"]


def test_a_claim_needs_a_source(edit):
    with pytest.raises(ScenarioError) as error:
        edit("source: story\n", "")
    assert str(error.value) == (
        "scenarios/base.yaml:15: issues.halt.options.part.relief.south: claim 'C01' is cited, but the scenario names "
        "no source; add `source: NAME` at the top"
    )


@pytest.mark.parametrize("name", CASES["files"])
def test_the_message_about_a_file(write, read, name):
    write("loop", "extends: bad\n")
    write("bad", CASES["files"][name]["text"])
    with pytest.raises(ScenarioError) as error:
        read("bad")
    assert str(error.value) == CASES["files"][name]["message"]


def test_bytes_that_are_no_text(write, read):
    write("bad", "").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ScenarioError, match=r"scenarios/bad.yaml: this is not text in UTF-8, so not YAML"):
        read("bad")


def test_an_unknown_scenario_names_the_nearest(read):
    with pytest.raises(ScenarioError) as error:
        read("baes")
    assert str(error.value) == "there is no scenario 'baes'; did you mean 'base'?"


def test_a_missing_file(read):
    with pytest.raises(ScenarioError) as error:
        read("nowhere.yaml")
    assert str(error.value) == "there is no file 'nowhere.yaml'; check the path, or give a name without `.yaml`"


def test_a_table_of_widths_with_a_hole(library, widths):
    for broken, message in (
        ({}, "the widths by grade say nothing of 'share'"),
        ({**widths, "share": {"stated": 0.1}}, "the widths of 'share' say nothing of 'reported'"),
        ({**widths, "logit": {**widths["logit"], "stated": -1}}, "the width of 'logit' at 'stated' is -1"),
        ({**widths, "scales": {}}, "the widths name an unknown kind 'scales'; did you mean 'scale'?"),
    ):
        with pytest.raises(ScenarioError) as error:
            load("base", widths=broken, library=library)
        assert message in str(error.value)
