"""How far an ensemble has come: a bar on a terminal, a line now and then elsewhere; both on standard error."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

EVERY_SECONDS: Final = 10.0  # between two lines where there is no terminal
PATIENCE_SECONDS: Final = 3.0
COMPILING: Final = "compiling for this machine, one to two minutes; only the first time ..."


class _Speed(ProgressColumn):
    """Runs per second."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:,.0f} runs/s" if task.speed else "- runs/s")


@contextmanager
def preparing() -> Iterator[None]:
    """Says why nothing seems to happen while the kernels are compiled, if that is what takes so long."""
    notice = threading.Timer(PATIENCE_SECONDS, print, [COMPILING], {"file": sys.stderr, "flush": True})
    notice.start()
    try:
        yield
    finally:
        notice.cancel()


@contextmanager
def progress(total: int, done: int) -> Iterator[Callable[[int], None]]:
    """A function to be told how many more runs are done, of `total`, of which `done` lie there from before."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _lines(total, done)
        return
    columns = (TextColumn("playing"), BarColumn(), MofNCompleteColumn(), _Speed(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("playing", total=total, completed=done)
        yield lambda runs: bar.advance(task, runs)


def _lines(total: int, done: int) -> Callable[[int], None]:
    state = {"done": done, "new": 0}
    started = time.perf_counter()
    last = [started]

    def tell(runs: int) -> None:
        state["done"] += runs
        state["new"] += runs
        now = time.perf_counter()
        if now - last[0] >= EVERY_SECONDS or state["done"] == total:
            last[0] = now
            speed = state["new"] / max(now - started, 1e-9)
            left = (total - state["done"]) / speed
            line = f"{state['done']:,} of {total:,} runs, {speed:,.0f} runs/s"
            print(f"{line}, {left:,.0f} s left" if left else line, file=sys.stderr, flush=True)

    return tell
