"""A source is data, with dates, and it can be wrong loudly."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from sim.world.claims import ClaimError, load_source, verify

CASES = YAML(typ="safe").load(Path(__file__).with_name("bad_input.yaml"))["source"]


@pytest.fixture
def source(library):
    return load_source(library.seeds / "story.yaml")


def test_a_source_is_read_whole(source):
    assert [claim.id for claim in source.claims] == ["C01", "C02", "C03"]
    assert source.claim("C01").about == ("north",)
    assert source.no_claim == {3: "the weather"}


def test_one_speaker_on_one_matter_counts_once(source):
    assert source.voices(["C01", "C02"]) == 1
    assert source.voices(["C01", "C03"]) == 2


def test_the_text_is_verified_to_the_letter(source):
    text = "one\ntwo\nthree\n"
    true = replace(source, sha256=hashlib.sha256(text.encode()).hexdigest())
    verify(true, text)
    with pytest.raises(ClaimError, match="the text is not the one that source 'story' was taken from"):
        verify(true, "one\ntwo\nThree\n")
    with pytest.raises(ClaimError, match="the text has 1 lines, but source 'story' has 3 paragraphs, one a line"):
        verify(true, "one")


@pytest.mark.parametrize("name", CASES)
def test_what_is_wrong_with_a_source_is_said_with_its_place(library, name):
    case = CASES[name]
    path = library.seeds / "story.yaml"
    text = path.read_text(encoding="utf-8")
    assert text.count(case["old"]) == 1
    path.write_text(text.replace(case["old"], case["new"]), encoding="utf-8")
    with pytest.raises(ClaimError) as error:
        load_source(path)
    assert str(error.value) == case["message"]
