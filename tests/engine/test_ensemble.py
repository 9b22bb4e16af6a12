"""A run is a function of its address: of no block, no neighbour, no name, and of no number it does not read."""

import gc
import platform
import weakref
from dataclasses import fields, replace

import numpy as np
import pytest

from sim.engine import kernels_sheets
from sim.engine.ensemble import Game, blocks, play_block
from sim.engine.mediators import HillClimb, MediatorError, Scripted
from sim.engine.memory import keep_freed
from sim.engine.records import joined
from sim.engine.worlds import Worlds
from sim.store.results import differing
from tests.synthetic import game


def in_blocks(world, runs, size, first=0):
    return joined([play_block(world, start, many) for start, many in blocks(first, runs, size)])


@pytest.mark.parametrize(("name", "runs"), [("orange", 1030), ("march_2025", 1030)])
def test_rows_do_not_depend_on_the_size_of_blocks(name, runs):
    world = game(name)
    whole = in_blocks(world, runs, 1024)
    assert differing(in_blocks(world, runs, 960), whole) == ()
    assert differing(in_blocks(world, 42, 7), whole.take(42)) == ()
    assert differing(in_blocks(world, 6, 1), whole.take(6)) == ()


@pytest.mark.parametrize("kept", [1, 7])
def test_rows_do_not_depend_on_how_many_states_of_texts_are_remembered(kept, monkeypatch):
    rows = play_block(game("march_2025"), 0, 160)
    monkeypatch.setattr(kernels_sheets, "SHEETS", kept)
    world = game("march_2025")
    assert len(world.layout.sheets.state) == kept
    assert differing(play_block(world, 0, 160), rows) == ()


@pytest.mark.parametrize("first", [1, 37, 4711])
def test_a_run_alone_is_the_same_run_of_the_ensemble(first):
    world = game("march_2025")
    ensemble = play_block(world, first - 1, 3)
    alone = play_block(world, first, 1)
    for field in fields(alone):
        if field.name != "first":
            row = getattr(ensemble, field.name)[..., 1:2]
            assert np.array_equal(getattr(alone, field.name), row, equal_nan=row.dtype.kind == "f"), field.name


def test_the_same_game_twice_is_the_same_rows_and_another_seed_is_not():
    world = game("march_2025")
    rows = play_block(world, 0, 40)
    assert differing(play_block(game("march_2025"), 0, 40), rows) == ()
    assert "worth" in differing(play_block(game("march_2025", seed=2), 0, 40), rows)


def test_a_twin_plays_the_same_runs_under_other_names():
    assert differing(play_block(game("river"), 0, 80), play_block(game("march_2025"), 0, 80)) == ()


# --- common luck ---


def sampled(world, runs=40):
    return world.block(0, runs).worlds


def moved(one, other):
    """Names of the sampled arrays on which two blocks of worlds differ."""
    found = set()
    for field in fields(Worlds):
        a, b = getattr(one, field.name), getattr(other, field.name)
        if field.name == "links":
            a, b = one.links.value, other.links.value
        elif field.name == "lines":
            a, b = one.lines.drawn, other.lines.drawn
        if (a.shape != b.shape if isinstance(a, np.ndarray) else a != b) or (
            isinstance(a, np.ndarray) and not np.array_equal(a, b)
        ):
            found.add(field.name)
    return found


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"parties.russia.cost.at": 0.2}, {"cost"}),
        ({"parties.russia.cost": 0.2}, {"cost"}),
        ({"conflict.odds.at": 0.6}, {"logit_odds"}),
        ({"conflict.spoiler_rate": 0.001}, {"spoiler"}),
        ({"parties.ukraine.firmness": 0}, {"firmness"}),
        ({"parties.germany.preferences.aid.ideal.at": 0.5}, {"utility"}),
        ({"parties.germany.preferences.aid.salience.at": 0.5}, {"utility", "weight"}),
        ({"parties.united_states.trust.ukraine.at": 0.2}, {"trust"}),
        ({"issues.scope.options.full.relief.russia.at": 0.1}, {"relief"}),
        ({"issues.scope.options.full.settles.at": 0.4}, {"effects"}),
        ({"parties.ukraine.red_lines.land given up.chance": 0.1}, {"lines", "links"}),
        ({"clock.horizon": 3, "signers.all_of": ["russia"]}, set()),
    ],
)
def test_a_number_that_changes_moves_no_other(change, expected):
    """So two scenarios with one seed share the luck of all that they have in common."""
    found = moved(sampled(game("march_2025")), sampled(game("march_2025", **change)))
    assert found <= expected
    assert found or not expected


def test_a_change_moves_only_the_party_it_is_made_to():
    one, other = sampled(game("march_2025")), sampled(game("march_2025", **{"parties.russia.cost.at": 0.2}))
    assert np.array_equal(one.cost[1:], other.cost[1:])
    # The same luck at another centre: a lognormal's draws are in proportion. Who plays for time has a cost of its own.
    ratio = other.cost[0] / one.cost[0]
    assert ratio == pytest.approx(np.where(one.plays[0], 1.0, 0.2 / 0.14), rel=1e-12)


@pytest.mark.parametrize("variant", ["europe_signs", "aid_suspended", "ukraine_not_invited", "narrow_only"])
def test_variants_share_the_luck_of_what_they_do_not_touch(variant):
    one, other = game("march_2025"), game(variant)
    here = {number.address: number.distribution for number in one.scenario.numbers()}
    there = {number.address: number.distribution for number in other.scenario.numbers()}
    same = {address for address in here.keys() & there.keys() if here[address] == there[address]}
    assert len(same) > 0.9 * len(here)
    for party in one.scenario.parties:
        if f"parties.{party.role}.cost" in same and not party.types:
            index = one.scenario.party_index(party.name)
            assert np.array_equal(sampled(one).cost[index], sampled(other).cost[index])
    assert np.array_equal(sampled(one).logit_odds, sampled(other).logit_odds)


def test_a_random_deadline_falls_as_often_as_stated_and_moves_nothing_else():
    """Until it falls, every round of a run is what it is without one."""
    ends = []

    def texts(world):
        seen = []
        play_block(
            world, 0, 400, lambda moment: seen.append((moment.proposal.asked.copy(), moment.block.talking.copy()))
        )
        return seen

    free, cut = texts(game("orange")), texts(game("orange", **{"clock.deadline": {"chance": 0.2}}))
    for (asked, _), (asked_cut, talking) in zip(free, cut, strict=True):
        assert not (asked_cut & ~talking).any()
        assert np.array_equal(asked_cut[talking], asked[talking])
        ends.append(1 - talking[:400].mean())
    for number, share in enumerate(ends):
        expected = 1 - 0.8**number
        assert abs(share - expected) <= 4 * np.sqrt(expected * (1 - expected) / 400)


def test_a_game_that_cannot_be_mediated_is_refused_before_it_starts():
    world = game("orange")
    with pytest.raises(MediatorError, match="the script names the text 'cut_in_haf'"):
        replace(world, mediator=Scripted(texts=("cut_in_haf",)))


def test_a_block_is_cut_as_asked():
    assert list(blocks(5, 10, 4)) == [(5, 4), (9, 4), (13, 2)]
    assert play_block(game("orange"), 3, 2).runs == 2


def test_seats_are_the_deciders_and_the_mediator_s_own_party():
    scenario = game("march_2025").scenario
    base = np.zeros(2)
    assert Game(scenario, HillClimb(), base, 1).seats == (0, 1, 2)
    assert Game(scenario, HillClimb(party="united_states"), base, 1).seats == (0, 1, 2)
    assert Game(scenario, HillClimb(party="france"), base, 1).seats == (0, 1, 2, 4)
    assert game("europe_signs").seats == (0, 1, 2, 3, 4, 5)


def test_a_finished_block_is_let_go_of_at_once():
    """Without waiting for a collection of garbage: its memory is what the next block is laid out in."""
    gc.disable()
    try:
        held = []
        play_block(game("orange"), 0, 40, lambda moment: held.append(weakref.ref(moment.block.deal)))
        assert held[-1]() is None
    finally:
        gc.enable()


def test_freed_memory_is_kept_where_the_c_library_can_be_told():
    assert keep_freed() == (platform.libc_ver()[0] == "glibc")
