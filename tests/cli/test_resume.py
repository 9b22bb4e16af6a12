"""What is killed goes on where it stopped, and ends with the same bytes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SETTINGS = ["scenario=march_2025", "runs=1500", "seed=5", "engine.part=250", "engine.block=125"]

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name != "posix", reason="needs signals")]


def start(folder: Path, workers: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "sim.cli.main", "run", *SETTINGS, f"workers={workers}"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def parts(folder: Path) -> list[Path]:
    return sorted(folder.glob("results/*/parts/*.parquet"))


def stop_midway(process: subprocess.Popen[str], folder: Path, sign: signal.Signals) -> tuple[int, str]:
    """Send a signal once two parts are saved; exit code and standard error."""
    while len(parts(folder)) < 2:
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.01)
    process.send_signal(sign)
    _, err = process.communicate(timeout=60)
    return process.returncode, err


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("undisturbed")
    process = start(folder, 2)
    _, err = process.communicate()
    assert process.returncode == 0, err
    return contents(folder)


@pytest.mark.parametrize("workers", [1, 2])
def test_killed_in_the_middle(workers, undisturbed, tmp_path):
    code, _ = stop_midway(start(tmp_path, workers), tmp_path, signal.SIGKILL)
    assert code == -signal.SIGKILL
    kept = {path: path.stat().st_mtime_ns for path in parts(tmp_path)}
    assert 2 <= len(kept) < 6
    assert not list(tmp_path.glob("results/*/manifest.json"))
    again = start(tmp_path, 3 - workers)  # with another number of workers, which changes nothing
    _, err = again.communicate()
    assert again.returncode == 0, err
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    assert contents(tmp_path) == undisturbed


def test_interrupted_by_hand(undisturbed, tmp_path):
    code, err = stop_midway(start(tmp_path, 2), tmp_path, signal.SIGINT)
    assert code == 130
    assert err.splitlines()[-1] == "interrupted; finished parts are kept, and the same command goes on from there"
    assert "Traceback" not in err
    assert not list(tmp_path.rglob("*.unfinished"))
    again = start(tmp_path, 1)
    _, err = again.communicate()
    assert again.returncode == 0, err
    assert contents(tmp_path) == undisturbed
