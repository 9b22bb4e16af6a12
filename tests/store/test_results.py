"""Stored ensembles: resumed, verified, the same bytes however they were played."""

import pytest

from sim.engine.workers import play_parts
from sim.store.errors import StoreError
from sim.store.parts import FOLDER
from sim.store.results import (
    MANIFEST,
    Ensemble,
    differing,
    finish,
    list_files,
    one,
    open_result,
    play_missing,
    read_manifest,
)

SETTINGS = {"command": "parley run", "changes": {}}


def ensemble(game, **other):
    said = {
        "mediator": {"kind": "hill_climb"},
        "mediator_name": "hill_climb",
        "seed": game.seed,
        "runs": 250,
        "part": 96,
    }
    return Ensemble(game.scenario, base=tuple(game.base.tolist()), **(said | other))


def play(game, folder, runs=250, block=64):
    """Play what is missing; the numbers of the parts that were."""
    what = ensemble(game, runs=runs)
    played = []

    def missing(parts):
        played.extend(part.number for part in parts)
        play_parts(game, parts, what.files(folder).save, workers=1, block=block)

    play_missing(what, folder, missing)
    finish(what, folder, SETTINGS, None)
    return played


def bytes_of(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("block", [1, 7, 1024])
def test_bytes_do_not_depend_on_the_block(orange, tmp_path, block):
    play(orange, tmp_path / "a")
    play(orange, tmp_path / "b", block=block)
    assert bytes_of(tmp_path / "a") == bytes_of(tmp_path / "b")


def test_only_what_is_missing_is_played_again_and_gives_the_same_bytes(orange, tmp_path):
    assert play(orange, tmp_path) == [0, 1, 2]
    before = bytes_of(tmp_path)
    assert play(orange, tmp_path) == []
    (tmp_path / FOLDER / "part-00001.parquet").unlink()
    assert play(orange, tmp_path) == [1]
    assert bytes_of(tmp_path) == before


def test_a_damaged_part_is_played_again(orange, tmp_path):
    play(orange, tmp_path)
    before = bytes_of(tmp_path)
    path = tmp_path / FOLDER / "part-00002.parquet"
    for place in range(4, len(before[f"{FOLDER}/part-00002.parquet"]), 997):
        content = bytearray(before[f"{FOLDER}/part-00002.parquet"])
        content[place] ^= 0x55
        path.write_bytes(content)
        # A flipped byte may also fall where it changes nothing that is read; the manifest's checksum still sees it.
        played = play(orange, tmp_path)
        assert played in ([2], [])
        if played:
            assert bytes_of(tmp_path) == before
    path.write_bytes(b"PAR1")
    assert play(orange, tmp_path) == [2]


def test_a_part_of_another_ensemble_is_played_again(orange, tmp_path):
    play(orange, tmp_path / "longer", runs=260)
    play(orange, tmp_path / "shorter")
    path = tmp_path / "shorter" / FOLDER / "part-00000.parquet"
    path.write_bytes((tmp_path / "longer" / FOLDER / "part-00000.parquet").read_bytes())
    assert play(orange, tmp_path / "shorter") == [0]


def test_what_is_stored_is_what_was_played(orange, tmp_path):
    play(orange, tmp_path)
    result = open_result(tmp_path)
    assert result.scenario == orange.scenario
    records = result.records()
    assert (records.first, records.runs) == (0, 250)
    assert differing(result.row(200), one(records, 200)) == ()


def test_every_file_is_listed_and_says_what_it_is(orange, tmp_path):
    play(orange, tmp_path)
    manifest = read_manifest(tmp_path)
    assert set(manifest["files"]) | {MANIFEST} == set(bytes_of(tmp_path))
    assert manifest["caveat"] == "a model, not a forecast"
    assert manifest["scenario digest"] == orange.scenario.digest
    assert {"digest"} <= set(manifest["code"])
    assert {"parley", "python", "numpy", "numba"} <= set(manifest["versions"])


@pytest.mark.parametrize("name", [f"{FOLDER}/part-00001.parquet", "scenario.json"])
def test_a_file_that_was_changed_is_named(orange, tmp_path, name):
    play(orange, tmp_path)
    with (tmp_path / name).open("ab") as file:
        file.write(b" ")
    with pytest.raises(StoreError, match=f"{name} has been changed since it was written"):
        open_result(tmp_path)


def test_the_manifest_can_be_brought_up_to_date(orange, tmp_path):
    play(orange, tmp_path)
    (tmp_path / "more.json").write_text("{}")
    list_files(tmp_path, read_manifest(tmp_path))
    assert "more.json" in read_manifest(tmp_path)["files"]


@pytest.mark.parametrize(
    "other",
    [{"seed": 2}, {"runs": 251}, {"part": 97}, {"mediator": {"kind": "none"}}, {"base": (0.1, 0.1)}],
    ids=str,
)
def test_another_ensemble_has_another_folder(orange, other):
    base = ensemble(orange)
    said = {"base": base.base, "mediator": base.mediator, "mediator_name": "hill_climb"}
    said |= {"seed": base.seed, "runs": base.runs, "part": base.part}
    assert Ensemble(orange.scenario, **(said | other)).identity != base.identity
    assert Ensemble(orange.scenario, **said).name == base.name


def test_a_run_counts_from_0(orange, tmp_path):
    play(orange, tmp_path)
    for run in (-1, 250):
        with pytest.raises(StoreError, match=f"there is no run {run} in .*; its runs are 0 to 249"):
            open_result(tmp_path).row(run)
