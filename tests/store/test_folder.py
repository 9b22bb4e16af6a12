"""Files are there whole or not at all, and a folder has one writer at a time."""

import sys

import pytest

from sim.store.errors import StoreError
from sim.store.folder import UNFINISHED, whole, writing


def fail_after(_: object) -> None:
    """Whatever was done, it ends badly."""
    raise ZeroDivisionError


def test_a_file_appears_when_it_is_complete(tmp_path):
    with whole(tmp_path / "a.txt") as passing:
        passing.write_text("half")
        assert not (tmp_path / "a.txt").exists()
    assert (tmp_path / "a.txt").read_text() == "half"
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_after_a_failure_the_old_file_stands(tmp_path):
    (tmp_path / "a.txt").write_text("old")
    with pytest.raises(ZeroDivisionError), whole(tmp_path / "a.txt") as passing:
        fail_after(passing.write_text("new"))
    assert (tmp_path / "a.txt").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_folders_made_for_nothing_are_taken_away(tmp_path):
    with pytest.raises(ZeroDivisionError), writing(tmp_path / "a" / "b"):
        fail_after(None)
    assert list(tmp_path.iterdir()) == []


def test_folders_that_hold_something_stay(tmp_path):
    with pytest.raises(ZeroDivisionError), writing(tmp_path / "a") as folder:
        fail_after((folder / "part").touch())
    assert (tmp_path / "a" / "part").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="no such locks there")
def test_a_second_writer_is_refused(tmp_path):
    with (
        writing(tmp_path / "a"),
        pytest.raises(StoreError, match="another process is writing"),
        writing(tmp_path / "a"),
    ):
        pass


def test_what_a_killed_writer_left_is_cleared(tmp_path):
    left = tmp_path / "a" / "parts" / f"part-00000.parquet{UNFINISHED}"
    left.parent.mkdir(parents=True)
    left.touch()
    with writing(tmp_path / "a"):
        assert not left.exists()
