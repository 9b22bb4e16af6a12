"""An ensemble is the same rows however many workers play it, and however it is cut."""

import os
import pickle
import signal
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from sim.engine.calibration import Calibration, Reference, base_hazards
from sim.engine.ensemble import Game, play_block
from sim.engine.mediators import HillClimb
from sim.engine.records import joined
from sim.engine.workers import Part, WorkerError, _stint_blocks, parts_of, play_parts, play_stint
from sim.store.results import differing
from sim.world.files import load

ROOT = Path(__file__).parents[2]
REFERENCE = Reference(days=180, failed=0.375, burden=(0.1, 0.1))


@pytest.fixture(scope="module", params=["orange", "march_2025"])
def game(request):
    widths = YAML(typ="safe").load((ROOT / "conf/evidence/default.yaml").read_text(encoding="utf-8"))
    scenario = load(request.param, widths=widths)
    return Game(scenario, HillClimb(), base_hazards(scenario, Calibration(truce=REFERENCE, treaty=REFERENCE)), 3)


def gathered(game, runs, part, **how):
    """All rows, put together from the parts that were saved."""
    saved = {}
    told = []
    play_parts(game, parts_of(runs, part), saved.__setitem__, progress=told.append, **how)
    assert sum(told) == runs
    assert sorted(saved) == list(parts_of(runs, part))
    assert all((rows.first, rows.runs) == (part.first, part.runs) for part, rows in saved.items())
    return joined(list(saved.values()))


def test_parts_cover_every_run_once():
    assert parts_of(250, 100) == (Part(0, 0, 100), Part(1, 100, 100), Part(2, 200, 50))
    assert parts_of(100, 100) == (Part(0, 0, 100),)
    assert parts_of(1, 100) == (Part(0, 0, 1),)


@pytest.mark.parametrize(("block", "part"), [(1, 40), (7, 33), (1024, 40), (32, 7)])
def test_rows_do_not_depend_on_how_the_ensemble_is_cut(game, block, part):
    whole = play_block(game, 0, 40)
    assert differing(gathered(game, 40, part, workers=1, block=block), whole) == ()


def test_rows_do_not_depend_on_the_number_of_workers(game):
    whole = play_block(game, 0, 200)
    for part in (200, 64):
        assert differing(gathered(game, 200, part, workers=2, block=16), whole) == ()


def test_left_alone_it_chooses_the_workers_itself(game):
    assert differing(gathered(game, 100, 64), play_block(game, 0, 100)) == ()


def test_an_ensemble_smaller_than_a_part_occupies_every_worker():
    for workers in (1, 2, 8):
        for blocks in (2, 9, 128):
            stints = -(-blocks // _stint_blocks(blocks * 1024, 1024, workers))
            assert stints >= min(blocks, workers)


def test_a_stint_is_its_blocks(game):
    assert differing(play_stint(game, 5, 40, 16), play_block(game, 5, 40)) == ()


def test_nothing_to_play_is_nothing_done(game):
    play_parts(game, (), lambda part, rows: pytest.fail("saved"), progress=lambda runs: pytest.fail("told"))


@pytest.mark.parametrize("how", [{"workers": 0}, {"workers": 1, "block": 0}])
def test_impossible_numbers_are_refused(game, how):
    with pytest.raises(ValueError, match="count from 1"):
        play_parts(game, parts_of(10, 10), lambda part, rows: None, **how)


def test_a_failure_to_save_stops_the_ensemble(game):
    def save(part, rows):
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        play_parts(game, parts_of(64, 16), save, workers=2, block=16)


class Deadly(Game):
    """A game that kills whoever plays it, except the process that made it."""

    def __post_init__(self):
        super().__post_init__()
        object.__setattr__(self, "home", os.getpid())

    def block(self, first, runs):
        if os.getpid() != self.home:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().block(first, runs)


@pytest.mark.skipif(os.name != "posix", reason="needs signals")
def test_a_worker_that_dies_is_reported_and_what_was_saved_stays(game):
    deadly = Deadly(game.scenario, game.mediator, game.base, game.seed)
    with pytest.raises(WorkerError, match="a worker process died"):
        play_parts(deadly, parts_of(64, 16), lambda part, rows: None, workers=2, block=16)


@pytest.mark.parametrize("failure", [ValueError("bad value(s) in fds_to_keep"), OSError("no more processes")], ids=repr)
def test_a_pool_that_breaks_while_it_starts_a_worker_is_reported(game, monkeypatch, failure):
    def submit(self, *args):
        raise failure

    monkeypatch.setattr(ProcessPoolExecutor, "submit", submit)
    with pytest.raises(WorkerError, match="a worker process died"):
        play_parts(game, parts_of(64, 16), lambda part, rows: None, workers=2, block=16)


def test_a_game_travels_without_what_a_worker_compiles_itself(game):
    fresh = pickle.dumps(Game(game.scenario, game.mediator, game.base, game.seed))
    play_block(game, 0, 1)
    assert pickle.dumps(game) == fresh
    assert pickle.loads(fresh).seats == game.seats
