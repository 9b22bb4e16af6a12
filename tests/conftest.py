"""Settings of the whole test run: steady Hypothesis examples, and the tests that need the published known answers."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

DATA = "PARLEY_VALIDATION_DATA"

# Derandomised, so that a change fails for what it changed; no deadline, because the first call of a kernel compiles it.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")

left_out = pytest.StashKey[int]()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without the published known answers, leave out the tests that need them; the summary below says how many."""
    if os.environ.get(DATA):
        return
    needing = [item for item in items if item.get_closest_marker("validation")]
    if needing:
        config.hook.pytest_deselected(items=needing)
        items[:] = [item for item in items if not item.get_closest_marker("validation")]
    config.stash[left_out] = len(needing)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker of pytest-xdist tells the process that prints the summary what it left out."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left_out"] = session.config.stash.get(left_out, 0)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node) -> None:
    """Every worker collects everything, so each of them counts the same tests."""
    node.config.stash[left_out] = getattr(node, "workeroutput", {}).get("left_out", 0)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if count := config.stash.get(left_out, 0):
        terminalreporter.write_line(
            f"{count} tests marked validation left out: {DATA} names no folder of published known answers"
        )


@pytest.fixture(scope="session")
def known_answers() -> Path:
    """The folder of published known answers, for tests marked `validation`."""
    folder = Path(os.environ[DATA])
    if not folder.is_dir():
        raise FileNotFoundError(
            f"{DATA} is {folder}, which is not a folder; name the folder of published known answers"
        )
    return folder
