"""The register lists every number with what it rests on."""

import pytest

from sim.world.claims import load_source
from sim.world.numbers import Grade
from sim.world.register import in_words, rows, share_by_grade


def test_every_number_has_its_row(read, library):
    scenario = read()
    table = rows(scenario, load_source(library.seeds / "story.yaml"))
    assert [row.path for row in table] == [number.path for number in scenario.numbers()]
    assert all(row.claims or row.because for row in table)
    settles = next(row for row in table if row.path == "issues.halt.options.all.settles")
    assert settles.low < settles.centre < settles.high
    assert (settles.claims, settles.voices, settles.grade) == (("C02",), 1, Grade.REPORTED)
    assert settles.distribution == "normal at 0.8, sd 0.08, truncated to 0..1"


def test_shares_by_grade_add_to_one(read):
    shares = share_by_grade(rows(read(), None))
    assert list(shares) == list(Grade)
    assert sum(shares.values()) == pytest.approx(1)
    with pytest.raises(ValueError, match="no rows to take shares of"):
        share_by_grade([])


def test_a_path_reads_like_words():
    assert in_words("parties.north_side.cost") == "north side: cost"
    assert in_words("discount") == "discount"
