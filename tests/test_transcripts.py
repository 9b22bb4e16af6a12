"""Golden transcripts read like minutes, so that a reviewer can judge a change of the model by its diff."""

import pytest

from tests.transcripts.rewrite import FOLDER, names, path, transcript


@pytest.mark.parametrize("name", names())
def test_the_minutes_of_a_run_are_as_they_were(name):
    assert path(name).is_file(), f"{name} has no transcript; `python -m tests.transcripts.rewrite` writes it"
    assert transcript(name) == path(name).read_text(encoding="utf-8")


def test_no_transcript_is_left_of_a_scenario_that_is_gone():
    assert {file.name for file in FOLDER.glob("*.txt")} == {path(name).name for name in names()}
