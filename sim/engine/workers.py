"""An ensemble on all cores: fixed parts of runs, cut into stints of whole blocks that any worker may play.

A run is a function of its address, so what is saved depends on neither the number of workers, nor the size of blocks,
nor who played what. Workers only play; the parent joins a part's stints and hands them to the function that saves.
"""

import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import connection, get_context, parent_process
from typing import Final, NamedTuple

from sim.engine.ensemble import BLOCK_RUNS, Game, blocks, play_block
from sim.engine.kernels import LANES
from sim.engine.records import Records, joined

MOST_BLOCKS: Final = 8  # of a stint: long enough to hide its way back, short enough for a steady progress bar
STINTS_PER_WORKER: Final = 4  # of a small ensemble, so that the last worker does not keep the others waiting
WAITING_STINTS: Final = 2  # per worker beyond the one in hand; bounds what lies finished in memory
START_SECONDS: Final = 4.0  # what it takes to start workers; less work than this is played at once
_DIED: Final = "a worker process died: it was killed, or the memory ran out; with fewer workers less memory is needed"


class WorkerError(RuntimeError):
    """A worker process died."""


class Part(NamedTuple):
    """A fixed range of runs, the unit of saving and resuming."""

    number: int
    first: int
    runs: int


Save = Callable[[Part, Records], None]
Progress = Callable[[int], None]  # told how many more runs are done


def parts_of(runs: int, size: int) -> tuple[Part, ...]:
    """The parts of an ensemble: `size` runs each, the last one what is left."""
    return tuple(Part(number, first, many) for number, (first, many) in enumerate(blocks(0, runs, size)))


def play_parts(
    game: Game,
    parts: Sequence[Part],
    save: Save,
    *,
    workers: int | None = None,
    block: int = BLOCK_RUNS,
    progress: Progress = lambda runs: None,
) -> None:
    """Play parts and save each as soon as it is whole.

    Parameters
    ----------
    game, parts
        What is played, and which runs of it.
    save
        Called in this process, once a part, in no promised order.
    workers
        Processes; 1 plays in this one. None: all cores, or this process alone where starting others would take longer.
    block
        Runs played in lockstep.
    progress
        Called in this process with the number of runs that have just been played.

    Raises
    ------
    WorkerError
        A worker died; the parts saved before stay saved.
    """
    if (workers is not None and workers < 1) or block < 1:
        raise ValueError(f"workers and runs of a block count from 1, not {workers} and {block}")
    if not parts:
        return
    warm_up(game)
    total = sum(part.runs for part in parts)
    if workers is None:
        started = time.perf_counter()
        play_block(game, parts[0].first, min(block, parts[0].runs))
        seconds = (time.perf_counter() - started) * total / min(block, parts[0].runs)
        workers = 1 if seconds < START_SECONDS else cores()
    stints = list(_stints(parts, block, _stint_blocks(total, block, workers)))
    gathered = _Gathered(save, progress)
    if min(workers, len(stints)) == 1:
        for part, first, runs in stints:
            gathered.add(part, play_stint(game, first, runs, block))
    else:
        _play_in_workers(game, stints, block, min(workers, len(stints)), gathered)


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def warm_up(game: Game) -> None:
    """Compile the kernels, or fetch them from disk, so that no worker has to compile them again."""
    play_block(game, 0, LANES)


def play_stint(game: Game, first: int, runs: int, block: int) -> Records:
    """Rows of runs `first .. first + runs - 1`, block by block."""
    return joined([play_block(game, start, many) for start, many in blocks(first, runs, block)])


def _stint_blocks(total: int, block: int, workers: int) -> int:
    if workers == 1:
        return 1
    whole = -(-total // block)
    return max(1, min(MOST_BLOCKS, whole // (workers * STINTS_PER_WORKER)))


def _stints(parts: Sequence[Part], block: int, size: int) -> Iterator[tuple[Part, int, int]]:
    for part in parts:
        for first, runs in blocks(part.first, part.runs, block * size):
            yield part, first, runs


class _Gathered:
    """Stints that have come back, until their part is whole."""

    def __init__(self, save: Save, progress: Progress) -> None:
        self.save, self.progress = save, progress
        self.open: dict[Part, list[Records]] = {}

    def add(self, part: Part, records: Records) -> None:
        """Take one stint in; save its part if that was the last."""
        stints = self.open.setdefault(part, [])
        stints.append(records)
        if sum(stint.runs for stint in stints) == part.runs:
            del self.open[part]
            self.save(part, joined(stints))
        self.progress(records.runs)


def _play_in_workers(
    game: Game, stints: Sequence[tuple[Part, int, int]], block: int, workers: int, gathered: _Gathered
) -> None:
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_start, initargs=(game, block))
    waiting = deque(stints)
    running: dict[Future[Records], Part] = {}
    try:
        while waiting or running:
            while waiting and len(running) < workers * (1 + WAITING_STINTS):
                part, first, runs = waiting.popleft()
                running[_submit(pool, first, runs)] = part
            for done in wait(running, return_when=FIRST_COMPLETED).done:
                gathered.add(running.pop(done), done.result())
    except BrokenProcessPool as error:
        raise WorkerError(_DIED) from error
    finally:
        # After a failure or an interrupt nothing that waits is played; after success nothing waits.
        pool.shutdown(wait=True, cancel_futures=True)


def _submit(pool: ProcessPoolExecutor, first: int, runs: int) -> Future[Records]:
    try:
        return pool.submit(_play, first, runs)
    except (OSError, ValueError) as error:
        # A pool that finds one worker dead closes its pipes, and may do so while it is handing them to the next.
        raise WorkerError(_DIED) from error


_worker: dict[str, tuple[Game, int]] = {}  # a worker process plays one game all its life


def _start(game: Game, block: int) -> None:
    """Ready a worker: the terminal's interrupt is the parent's business, and a worker does not outlive its parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    _worker["game"] = (game, block)


def _leave_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def _play(first: int, runs: int) -> Records:
    game, block = _worker["game"]
    return play_stint(game, first, runs, block)
