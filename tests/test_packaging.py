"""The wheel carries what it needs: built here, installed alone, used from another folder. Nothing is fetched."""

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.slow


def run(*command: str | Path, folder: Path) -> str:
    """What a command prints; it sees nothing of the checkout unless its arguments name it."""
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(folder)]
    run(sys.executable, "-m", "pip", "wheel", *options, ROOT, folder=folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel in it and, of everything else, what this Python has installed."""
    folder = tmp_path_factory.mktemp("fresh")
    run(sys.executable, "-m", "venv", "--without-pip", folder, folder=folder)
    python = folder / "bin" / "python"
    options = ["--quiet", "--no-deps", "--no-index"]
    run(sys.executable, "-m", "pip", "--python", python, "install", *options, wheel, folder=folder)
    # A folder named in a .pth file is searched last and its own .pth files are not read, so an editable
    # install of the checkout stays out of sight.
    site = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", folder=folder).strip())
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return folder


def test_the_wheel_holds_settings_scenarios_and_claims(wheel):
    held = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        f"sim/_data/{path.relative_to(ROOT).as_posix()}"
        for folder in ("conf", "scenarios", "seeds")
        for path in (ROOT / folder).rglob("*.yaml")
    }
    assert wanted
    assert not wanted - held
    assert "sim/py.typed" in held


def test_the_wheel_holds_nothing_else(wheel):
    folders = {name.partition("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {folder for folder in folders if not folder.endswith(".dist-info")} == {"sim"}


def test_the_code_that_runs_is_the_wheels(environment, tmp_path):
    found = run(environment / "bin" / "python", "-c", "import sim; print(sim.__file__)", folder=tmp_path)
    assert Path(found.strip()).is_relative_to(environment)


def test_a_scenario_can_be_checked_from_another_folder(environment, tmp_path):
    run(environment / "bin" / "parley", "check", "orange", folder=tmp_path)
