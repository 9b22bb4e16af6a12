"""A field is the sampled worlds in another order; sums straight from the worlds are those over a field."""

import numpy as np
import pytest

from sim.engine.block import Block
from sim.engine.kernels import BURDEN_SECOND, EFFECT_CHANNELS, NIL, RELIEF, UTILITY
from sim.engine.tables import Layout, sums_of_worlds
from tests.synthetic import game

RUNS = 80
SCENARIOS = ("march_2025", "europe_signs", "orange")


def everyone_seated(world, first=37):
    layout = Layout(world.plan, tuple(range(len(world.scenario.parties))))
    return Block(layout, world.block(first, RUNS).worlds, world.seed, world.base)


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_field_holds_the_worlds_of_the_seats(name):
    world = game(name)
    block = world.block(37, RUNS)
    worlds, rows, count = block.worlds, block.field.rows, len(block.seats)
    assert np.array_equal(rows[:, :EFFECT_CHANNELS], worlds.effects.transpose(2, 0, 1))
    for entry, party in enumerate(block.seats):
        assert np.array_equal(rows[:, EFFECT_CHANNELS + 2 * entry], worlds.relief[party].T)
        assert np.array_equal(rows[:, EFFECT_CHANNELS + 2 * entry + 1], worlds.utility[party].T)
        clear = np.ones((block.runs, block.space.options))
        for line in np.flatnonzero(worlds.lines.party == party):
            crossing = worlds.lines.crossing[line]
            if len(crossing) == 1:
                clear[:, sorted(crossing[0][1])] *= np.where(worlds.lines.drawn[line], NIL, 1.0)[:, np.newaxis]
        assert np.array_equal(rows[:, EFFECT_CHANNELS + 2 * count + entry], clear)
    assert np.array_equal(block.field.link_value, worlds.links.value.T)


@pytest.mark.parametrize("name", SCENARIOS)
def test_what_an_issue_does_is_live_and_nothing_else(name):
    block = everyone_seated(game(name))
    for issue in range(block.space.issues):
        own = block.field.rows[:, :EFFECT_CHANNELS, list(block.space.places(issue))]
        acts = (own != np.where(np.arange(EFFECT_CHANNELS) < 5, 1.0, 0.0)[:, np.newaxis]).any(axis=(0, 2))
        assert np.array_equal(acts, block.board.live[:EFFECT_CHANNELS, issue])


@pytest.mark.parametrize("name", SCENARIOS)
def test_sums_straight_from_the_worlds_are_those_over_a_field(name):
    world = game(name)
    block = everyone_seated(world)
    luck = np.random.default_rng(5)
    packages = np.stack([luck.integers(*block.space.start[i : i + 2], RUNS) for i in range(block.space.issues)])
    sums = block.sums_of(packages, block.everyone)
    effects = sums_of_worlds(block.board, block.worlds, packages)
    for channel in range(BURDEN_SECOND + 1):
        assert np.array_equal(effects[channel], sums.channel(channel))
    relief, utility = (sums_of_worlds(block.board, block.worlds, packages, which) for which in (RELIEF, UTILITY))
    for entry in range(block.parties):
        assert np.array_equal(relief[entry], sums.relief(entry))
        assert np.array_equal(utility[entry], sums.utility(entry))


@pytest.mark.parametrize("name", SCENARIOS)
def test_worth_at_the_close_does_not_depend_on_who_is_seated(name):
    world = game(name)
    seated, all_of_them = world.block(37, RUNS), everyone_seated(world)
    for block in (seated, all_of_them):
        block.has_deal[::2] = True
        block.term_left[:] = 90.0
    value, reservation = seated.close()
    assert np.array_equal(value, all_of_them.close()[0])
    assert reservation == pytest.approx(all_of_them.reserve(all_of_them.view, np.arange(seated.parties)), abs=1e-12)
