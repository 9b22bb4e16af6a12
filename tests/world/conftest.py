"""A small world in files: two who fight, one who does not, two issues, one source."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from sim.world.files import Library, load
from sim.world.scenario import Scenario

WIDTHS = {
    "share": {"stated": 0.05, "reported": 0.08, "inferred": 0.12, "assumed": 0.15},
    "real": {"stated": 0.05, "reported": 0.08, "inferred": 0.1, "assumed": 0.12},
    "scale": {"stated": 0.1, "reported": 0.2, "inferred": 0.3, "assumed": 0.35},
    "logit": {"stated": 0.1, "reported": 0.2, "inferred": 0.25, "assumed": 0.3},
}

SMALL = Path(__file__).with_name("small")
BASE = (SMALL / "base.yaml").read_text(encoding="utf-8")

Write = Callable[[str, str], Path]
Load = Callable[..., Scenario]


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Library:
    """Folders with the small world in them, which are also the current folder, so that messages say short names."""
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "seeds").mkdir()
    for name, folder in (("base", "scenarios"), ("waters", "scenarios"), ("story", "seeds")):
        shutil.copyfile(SMALL / f"{name}.yaml", tmp_path / folder / f"{name}.yaml")
    monkeypatch.chdir(tmp_path)
    return Library(tmp_path / "scenarios", tmp_path / "seeds")


@pytest.fixture
def write(library: Library) -> Write:
    """Put a scenario into the library."""

    def put(name: str, text: str) -> Path:
        path = library.scenarios / f"{name}.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return put


@pytest.fixture
def read(library: Library) -> Load:
    """Load a scenario of the library."""

    def get(name: str = "base", changes: Mapping[str, object] | None = None) -> Scenario:
        return load(name, widths=WIDTHS, changes=changes, library=library)

    return get


@pytest.fixture
def edit(write: Write, read: Load) -> Load:
    """Load the small world with one passage of its file replaced."""

    def get(old: str, new: str) -> Scenario:
        assert BASE.count(old) == 1, old
        write("base", BASE.replace(old, new))
        return read()

    return get


@pytest.fixture
def widths() -> dict[str, dict[str, float]]:
    """Spreads by kind and grade."""
    return WIDTHS


@pytest.fixture
def number(read: Load) -> Callable[..., object]:
    """One number of a scenario, by path."""

    def get(path: str, name: str = "base", changes: Mapping[str, object] | None = None) -> object:
        [found] = [n for n in read(name, changes).numbers() if n.path == path]
        return found

    return get
