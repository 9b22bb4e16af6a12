"""The Mesa shell: a model of agents, one round a step, let go when it is done."""

import gc
import weakref

import mesa
import pytest

from sim.engine.ensemble import play_block, release
from sim.engine.mediators import NoMediator
from sim.engine.model import Negotiation
from sim.store.results import differing
from tests.synthetic import game


@pytest.fixture
def model():
    world = game("march_2025")
    model = Negotiation(world.block(0, 40), world.mediator)
    yield model
    release(model)


def test_it_is_a_mesa_model_of_mesa_agents(model):
    assert isinstance(model, mesa.Model)
    agents = [model.war, model.chair, *model.table]
    assert all(isinstance(agent, mesa.Agent) for agent in agents)
    assert set(model.agents) == set(agents)
    assert [party.index for party in model.table] == list(range(len(model.block.scenario.parties)))


def test_a_step_is_a_round(model):
    for round_ in range(1, 4):
        model.step()
        assert model.block.round == round_
        assert model.running


def test_it_stops_at_the_horizon():
    world = game("orange")
    model = Negotiation(world.block(0, 40), world.mediator)
    while model.running:
        model.step()
    assert model.block.round == world.scenario.horizon
    release(model)


def test_stepping_by_hand_gives_the_rows_of_play(model):
    for _ in range(5):
        model.step()
    rows = model.play()
    assert differing(rows, play_block(game("march_2025"), 0, 40)) == ()
    assert len(model.agents) == 0


def test_no_draw_comes_from_mesa_s_generators(model):
    world = game("march_2025")
    other = Negotiation(world.block(0, 40), world.mediator)
    for generator in (other.random, model.random):
        state = generator.getstate()
        generator.seed(99)
        assert generator.getstate() != state
    other.rng.random(1000)
    rows = other.play()
    release(other)
    assert differing(rows, play_block(world, 0, 40)) == ()


def test_a_watcher_changes_no_row():
    world = game("march_2025")
    rounds = []
    rows = play_block(world, 0, 40, lambda moment: rounds.append(moment.round))
    assert rounds == list(range(1, world.scenario.horizon + 1))
    assert differing(rows, play_block(world, 0, 40)) == ()


def test_the_watcher_is_shown_arrays_with_the_run_last():
    shapes = set()

    def watch(moment):
        shapes.add(
            (
                moment.broken.shape,
                moment.who.shape,
                moment.expired.shape,
                moment.rolled.shape,
                moment.signed.shape,
                moment.proposal.asked.shape,
                moment.proposal.packages.shape,
                moment.answers.accepts.shape,
            )
        )

    play_block(game("march_2025"), 0, 40, watch)
    assert shapes == {((40,),) * 6 + ((10, 40), (6, 40))}


def test_finished_models_are_let_go():
    """Twenty blocks, none of them alive afterwards."""
    world = game("orange")
    alive = []

    def watch(moment):
        if moment.round == 1:
            alive.append(weakref.ref(moment.block))

    for first in range(0, 800, 40):
        play_block(world, first, 40, watch)
    gc.collect()
    assert len(alive) == 20
    assert not any(block() is not None for block in alive)


def test_a_model_is_let_go_even_when_a_game_fails():
    alive = []

    def watch(moment):
        alive.append(weakref.ref(moment.block))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        play_block(game("orange"), 0, 40, watch)
    gc.collect()
    assert alive[0]() is None


def test_mesa_keeps_models_alive_unless_they_are_released():
    """Where Mesa keeps no register of models any more, it has mended this and `release` has nothing to do."""
    world = game("orange")
    model = Negotiation(world.block(0, 40), NoMediator())
    kept = weakref.ref(model)
    del model
    gc.collect()
    assert (kept() is not None) == hasattr(mesa.Agent, "_ids")
    if kept() is not None:
        release(kept())
    gc.collect()
    assert kept() is None
