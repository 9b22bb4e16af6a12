"""A summary against rows counted by hand, and against laws that hold for any rows."""

import json
from dataclasses import replace

import numpy as np
import pytest

from sim.analysis.distributions import gains
from sim.analysis.summary import summarise
from tests.synthetic import made_up, scenario

ORANGE = scenario("orange")


def four_runs():
    """Run 0 never agrees; 1 holds each its part; 2 signs cut in half and collapses; 3 signs it and it expires."""
    rows = made_up(ORANGE, 4, deals=0.0)
    return replace(
        rows,
        ending=np.asarray([0, 1, 2, 3]),
        outcome=np.asarray([0, 1, 0, 0]),
        broadest=np.asarray([0, 1, 2, 2]),
        package=np.asarray([[-1, 1, -1, -1], [-1, 2, -1, -1]]),
        agreed_round=np.asarray([-1, 1, 2, 4]),
        class_round=np.asarray([[-1, 1, -1, -1], [-1, -1, 2, 4]]),
        days_in_force=np.asarray([0.0, 9.0, 3.5, 5.0]),
        texts=np.asarray([10, 1, 3, 4]),
        signatures=np.asarray([0, 1, 1, 1]),
        refused=np.asarray([[[2, 0, 0, 1], [0, 0, 0, 0], [1, 0, 0, 0]], [[0] * 4, [0, 0, 3, 0], [0] * 4]]),
        crossed=np.asarray([[[0, 0, 0, 2], [0] * 4], [[0] * 4, [0] * 4]]),
        sole=np.asarray([[1, 0, 0, 2], [0, 0, 3, 0]]),
        worth=np.asarray([[0.2, 0.9, 0.3, 0.2], [0.1, 0.05, 0.1, 0.1]]),
        reservation=np.asarray([[0.2, 0.4, 0.3, 0.2], [0.1, 0.1, 0.1, 0.1]]),
        survival_days=np.asarray([np.nan, 9.0, 3.5, 5.0]),
        survival_end=np.asarray([0, 1, 2, 3]),
        broke=np.asarray([0, 0, 2, 0]),
    )


def test_four_runs_counted_by_hand():
    found = summarise(ORANGE, four_runs())
    assert [(o.name, o.at_horizon.count, o.broadest.count) for o in found.outcomes] == [
        ("no deal", 3, 1),
        ("each its part", 1, 1),
        ("cut in half", 0, 2),
    ]
    assert [ending.share.count for ending in found.endings] == [1, 1, 1, 1]
    anything, part, half = found.onsets
    assert [share.count for share in anything.by_round][:6] == [0, 1, 2, 2, 3, 3]
    assert (anything.rounds.median, half.rounds.high, part.ever.count) == (2, 4, 1)
    held = {
        row.name: (row.runs, row.held.count, row.replaced.count, row.collapsed.count, row.expired.count)
        for row in found.held
    }
    assert held == {"each its part": (1, 1, 0, 0, 0), "cut in half": (2, 0, 0, 1, 1)}
    assert [end.share.count for end in found.survival_ends] == [1, 1, 1]
    assert found.survival.surviving[found.survival.at(5)] == pytest.approx(1 / 3)  # two of three ended by then
    assert (found.breaches[0].count, found.breaches[1].count) == (0, 1)
    assert found.packages.nothing.count == 3
    assert [(top.package, top.outcome, top.share.count) for top in found.packages.top] == [((1, 2), "each its part", 1)]


def test_a_broadest_deal_that_a_narrower_one_replaced_is_not_held():
    rows = four_runs()
    narrower = np.where(rows.outcome == 1, 2, rows.outcome)  # in force at the horizon: cut in half, once each its part
    found = summarise(ORANGE, replace(rows, outcome=narrower))
    part = next(row for row in found.held if row.name == "each its part")
    assert (part.runs, part.held.count, part.replaced.count) == (1, 0, 1)


def test_worth_against_reservation_by_hand():
    baker, juicer = summarise(ORANGE, four_runs()).worths
    assert baker.no_deal.count == juicer.no_deal.count == 3
    assert baker.gain.median == pytest.approx(0.5)
    assert baker.mean_gain.value == pytest.approx(0.125)  # three runs without a deal gain nothing
    assert (baker.below.count, juicer.below.count) == (0, 1)


def test_refusals_by_hand():
    baker, juicer = summarise(ORANGE, four_runs()).refusals.parties
    peel = baker.cells[0]
    assert (peel.for_worth, peel.for_line, peel.count) == (3, 2, 5)
    assert (peel.runs.count, peel.runs_for_line.count) == (2, 1)
    assert baker.cells[-1].for_worth == 1  # no single change would raise its worth
    assert (baker.ever.count, baker.count, baker.alone.count) == (2, 6, 2)
    assert (juicer.ever.count, juicer.alone_rounds.value) == (1, 0.75)


@pytest.mark.parametrize(("name", "deals"), [("orange", 0.0), ("orange", 1.0), ("march_2025", 0.5)])
@pytest.mark.parametrize("runs", [1, 2, 150])
def test_laws_of_any_summary(name, deals, runs):
    world = scenario(name)
    rows = made_up(world, runs, deals)
    found = summarise(world, rows)
    assert found.outcomes[0].name == "no deal"
    assert sum(outcome.at_horizon.count for outcome in found.outcomes) == runs
    assert sum(outcome.broadest.count for outcome in found.outcomes) == runs
    assert sum(ending.share.count for ending in found.endings) == runs
    signed = found.onsets[0].ever.count
    assert sum(row.runs for row in found.held) == signed
    assert all(
        row.held.count + row.replaced.count + row.collapsed.count + row.expired.count == row.runs for row in found.held
    )
    assert (found.survival is None) == (signed == 0)
    listed = sum(top.share.count for top in found.packages.top)
    assert listed + found.packages.nothing.count + found.packages.others.count == runs
    spread = gains(rows)
    assert (spread.counts.sum(axis=1) + spread.no_deal.count == runs).all()
    assert 0.0 in spread.edges
    assert json.loads(json.dumps(found.to_json(), allow_nan=False))["runs"] == runs


def test_no_rows_are_an_error():
    with pytest.raises(ValueError, match="no runs"):
        summarise(ORANGE, made_up(ORANGE, 0))


def test_few_and_wide():
    assert summarise(ORANGE, made_up(ORANGE, 50)).few
    assert summarise(ORANGE, made_up(ORANGE, 10)).wide
    assert not summarise(ORANGE, made_up(ORANGE, 2000)).wide
