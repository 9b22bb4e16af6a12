"""Paired differences by hand, and what pairing is for."""

from dataclasses import replace

import numpy as np
import pytest

from sim.analysis.estimates import Mean
from sim.analysis.paired import compare, excludes_zero
from tests.synthetic import long_names, made_up, scenario

ORANGE = scenario("orange")


def test_an_ensemble_against_itself_differs_nowhere():
    rows = made_up(ORANGE, 300)
    found = compare(rows, rows, ORANGE, ORANGE)
    for switch in (*found.outcomes, *found.ever):
        assert (switch.only_base, switch.only_other, switch.difference.value) == (0, 0, 0.0)
        assert switch.both + switch.neither == 300
        assert not excludes_zero(switch.difference)
    assert found.days_in_force.changed == 0


def test_four_pairs_by_hand():
    rows = made_up(ORANGE, 4, deals=0.0)
    base = replace(rows, outcome=np.asarray([1, 1, 0, 0]), days_in_force=np.asarray([1.0, 2.0, 3.0, 4.0]))
    other = replace(rows, outcome=np.asarray([1, 0, 0, 1]), days_in_force=np.asarray([2.0, 2.0, 5.0, 5.0]))
    found = compare(base, other, ORANGE, ORANGE)
    part = found.outcomes[1]
    assert (part.both, part.only_base, part.only_other, part.neither) == (1, 1, 1, 1)
    assert part.difference.value == 0.0
    assert part.difference.error == pytest.approx(np.std([0, -1, 0, 1], ddof=1) / 2)
    assert (found.days_in_force.difference.value, found.days_in_force.changed) == (1.0, 3)


@pytest.mark.parametrize(("low", "high", "leaves_out"), [(0.1, 0.3, True), (-0.3, -0.1, True), (-0.1, 0.1, False)])
def test_an_interval_on_either_side_of_zero_leaves_it_out(low, high, leaves_out):
    assert excludes_zero(Mean((low + high) / 2, 0.1, low, high, 100)) is leaves_out


def test_a_class_that_one_does_not_name_never_occurs_in_it():
    rows = made_up(ORANGE, 200)
    fewer = replace(ORANGE, outcomes=ORANGE.outcomes[1:])
    classes = np.where(rows.outcome == 2, 1, 0)
    found = compare(rows, replace(rows, outcome=classes, class_round=rows.class_round[1:]), ORANGE, fewer)
    part = next(switch for switch in found.outcomes if switch.name == "each its part")
    assert part.other.count == 0
    half = next(switch for switch in found.outcomes if switch.name == "cut in half")
    assert half.only_base == half.only_other == 0


def test_a_twin_is_matched_by_position():
    world = scenario("march_2025")
    rows = made_up(world, 100)
    found = compare(rows, rows, world, long_names(world))
    assert [switch.only_base + switch.only_other for switch in found.outcomes] == [0] * len(found.outcomes)
    assert len(found.worths) == len(world.parties)


def test_different_runs_cannot_be_paired():
    with pytest.raises(ValueError, match="play the same runs of both"):
        compare(made_up(ORANGE, 5), made_up(ORANGE, 5, first=5), ORANGE, ORANGE)
