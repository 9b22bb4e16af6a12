"""A source is data, with dates, and it can be wrong loudly."""

import hashlib
from dataclasses import replace

import pytest

from sim.world.claims import ClaimError, load_source, verify


@pytest.fixture()
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


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("said: 2001-02-03", "said: 2001-03-03", "seeds/story.yaml:9: claim 'C03' was published on 2001-02-03, before it was said on 2001-03-03; check both dates against paragraph 2"),
        ("kind: inferred", "kind: infered", "seeds/story.yaml:9: claims.2.kind: unknown kind 'infered'; did you mean 'inferred'?"),
        ("id: C03", "id: C02", "seeds/story.yaml: source 'story' has two claims 'C02'; give one another id"),
        ("  - {paragraph: 3, because: the weather}", "  []", "seeds/story.yaml: paragraph 3 of source 'story' carries no claim; add one, or say why under `no_claim`"),
        ("paragraph: 3,", "paragraph: 2,", "seeds/story.yaml: paragraph 2 of source 'story' has a claim and stands under `no_claim`"),
        ("paragraph: 3,", "paragraph: 4,", "seeds/story.yaml: source 'story' has 3 paragraphs, so there is no paragraph 4"),
        ("speaker: a scholar", "speeker: a scholar", "seeds/story.yaml:9: claims.2.speeker: unknown key 'speeker'; did you mean 'speaker'?"),
        ("published: 2001-02-03", "published: soon", "seeds/story.yaml:3: published: 'soon' is no date; write 2025-03-19"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_source_is_said_with_its_place(library, old, new, message):
    path = library.seeds / "story.yaml"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ClaimError) as error:
        load_source(path)
    assert str(error.value) == message
