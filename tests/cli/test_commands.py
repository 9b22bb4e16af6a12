"""What the commands do when all is well."""

import csv
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import sim
from sim.cli.run import command_of
from sim.cli.settings import default_settings, escaped, find_conf, unescaped

ROOT = Path(__file__).parents[2]


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_run_prints_the_report_and_where_it_is_saved(parley, tmp_path):
    said = parley("run", "scenario=orange", "runs=150", "seed=7")
    assert said.code == 0
    assert "each its part" in said.out
    assert "a model, not a forecast" in " ".join(said.out.split())
    (folder,) = (tmp_path / "results").iterdir()
    assert re.fullmatch(r"orange-hill_climb-seed7-runs150-[0-9a-f]{8}", folder.name)
    assert f"saved in results/{folder.name}" in said.out
    held = set(contents(folder))
    assert {"manifest.json", "summary.json", "scenario.json", "parts/part-00000.parquet"} <= held
    pictures = [name for name in held if name.endswith(".png")]
    assert len(pictures) >= 5
    for name in pictures:
        assert {name.replace(".png", ".svg"), name.replace(".png", ".csv")} <= held


def test_run_leaves_nothing_but_its_folder(orange, tmp_path):
    assert [path.name for path in tmp_path.iterdir()] == ["results"]
    assert not any(path.name.startswith(".") for path in tmp_path.rglob("*"))


def test_the_manifest_says_what_was_played(orange):
    manifest = json.loads((orange / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["scenario"], manifest["runs"], manifest["seed"]) == ("orange", 40, 1)
    assert manifest["mediator"]["objective"] == "joint"
    assert manifest["settings"]["command"] == "parley run scenario=orange runs=40 seed=1 mediator=hill_climb"
    assert manifest["caveat"] == "a model, not a forecast"
    summary = json.loads((orange / "summary.json").read_text(encoding="utf-8"))
    assert summary["caveat"] == "a model, not a forecast"
    assert summary["runs"] == 40


def test_the_same_command_again_plays_and_writes_nothing(orange, parley, tmp_path):
    before = {path: path.stat().st_mtime_ns for path in orange.rglob("*")}
    said = parley("run", "scenario=orange", "runs=40", "workers=1")
    assert said.code == 0
    assert said.err == ""
    assert {path: path.stat().st_mtime_ns for path in orange.rglob("*")} == before


def test_what_was_deleted_comes_back(orange, parley):
    before = contents(orange)
    (orange / "parts/part-00000.parquet").unlink()
    (orange / "summary.json").unlink()
    assert parley("run", "scenario=orange", "runs=40", "workers=1").code == 0
    assert contents(orange) == before


@pytest.mark.parametrize("how", ["workers=2", "engine.block=7", "workers=null"])
def test_how_it_is_played_changes_no_byte(how, orange, parley, tmp_path):
    assert parley("run", "scenario=orange", "runs=40", how, "results=again").code == 0
    assert contents(tmp_path / "again" / orange.name) == contents(orange)


def test_a_change_of_a_number_has_its_own_folder_and_is_told(parley, tmp_path):
    said = parley("run", "scenario=orange", "runs=30", "scenario.parties.baker.reservation=0.7", "mediator=scripted",
                  "mediator.texts=[cut_in_half]")  # fmt: skip
    assert said.code == 0, said.err
    assert "changed: parties.baker.reservation = 0.7" in said.out
    assert "orange with 1 change" in said.out
    (folder,) = (tmp_path / "results").iterdir()
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["settings"]["changes"] == {"parties.baker.reservation": 0.7}
    assert folder.name.startswith("orange-scripted-")
    assert "changed: parties.baker.reservation=0.7" in " ".join(parley("list").out.split())


CHANGED = [
    "scenario.parties.baker.reservation=0.7",
    "scenario.signers.all_of=[juicer,baker]",
    "scenario.clock.deadline={round: 8}",
    "scenario.title='Null, and: void [2]'",
    "mediator.doubt=0.05",
    "mediator.bias.baker=2",
    "mediator.knowledge.learning=0",
    "evidence.share.assumed=0.2",
    "calibration.truce.burden=[0.2,0.3]",
    "engine.part=15",
]


def the_only(folder: Path) -> tuple[Path, dict]:
    (found,) = folder.iterdir()
    return found, json.loads((found / "manifest.json").read_text(encoding="utf-8"))


def test_the_command_in_the_manifest_repeats_the_run_with_all_that_was_changed(parley, tmp_path):
    said = parley("run", "scenario=orange", "runs=30", "workers=1", "mediator=hill_climb_nash", *CHANGED)
    assert said.code == 0, said.err
    folder, manifest = the_only(tmp_path / "results")
    name, *words = shlex.split(manifest["settings"]["command"])
    assert (name, words[0]) == ("parley", "run")
    assert parley(*words, "workers=1", "results=again").code == 0
    repeated, other = the_only(tmp_path / "again")
    assert repeated.name == folder.name
    assert other["settings"] == manifest["settings"]
    assert contents(repeated) == contents(folder)


@pytest.mark.parametrize("setting", CHANGED)
def test_no_change_goes_unsaid_in_the_command(setting):
    settings = default_settings(["scenario=orange", setting])
    *rest, last = shlex.split(command_of(settings))[2:]
    assert last == setting.replace("round: 8", "round:8")
    assert default_settings([*rest, last]) == settings


@pytest.mark.parametrize("setting", ["mediator.doubt=0.03", "calibration=fortna", "evidence.share.assumed=0.15"])
def test_a_setting_given_as_it_is_anyway_is_no_change(setting):
    assert default_settings([setting]) == default_settings()


def test_settings_of_the_mediator_and_widths_that_were_changed_are_told(parley, tmp_path):
    signers = "scenario.signers.all_of=[juicer,baker]"  # brackets mean nothing to the table of `parley list`
    said = parley("run", "scenario=orange", "runs=30", "mediator.doubt=0.05", "evidence.share.assumed=0.2", signers)
    assert "changed: mediator.doubt = 0.05\nchanged: evidence.share.assumed = 0.2\n" in said.out
    told = " ".join(said.out.split())
    assert "scenario orange with 2 changes |" in told
    assert "mediator hill_climb with 1 change |" in told
    folder, _ = the_only(tmp_path / "results")
    assert parley("figures", folder).code == 0
    assert "# mediator: hill_climb with 1 change" in (folder / "figures/outcomes.csv").read_text(encoding="utf-8")
    listed = " ".join(parley("list").out.split())
    assert "signers.all_of=[juicer,baker]; mediator.doubt=0.05; evidence.share.assumed=0.2" in listed


def test_multirun_plays_every_combination(parley, tmp_path):
    said = parley(
        "run", "-m", "scenario=orange", "runs=20", "seed=range(1,3)", "scenario.parties.baker.reservation=0.1,0.7"
    )
    assert said.code == 0, said.err
    assert len(list((tmp_path / "results").iterdir())) == 4
    assert [path.name for path in tmp_path.iterdir()] == ["results"]
    assert all(f"[{place} of 4]" in said.out for place in range(1, 5))


def test_multirun_checks_all_before_the_first_is_played(parley, tmp_path):
    said = parley("run", "-m", "scenario=orange,orangee", "runs=20")
    assert said.code == 2
    assert said.err == "error: there is no scenario 'orangee'; did you mean 'orange'?\n"
    assert list(tmp_path.iterdir()) == []


def test_a_scenario_file_in_a_folder_with_a_space(parley, tmp_path):
    (tmp_path / "my files").mkdir()
    assert parley("new", "my files/two (villages).yaml").code == 0
    said = parley("run", "scenario=my files/two (villages).yaml", "runs=20", "results=my results")
    assert said.code == 0, said.err
    assert len(list((tmp_path / "my results").iterdir())) == 1


def test_a_dry_run_writes_nothing(parley, tmp_path):
    said = parley("run", "--dry-run", "scenario=orange", "runs=1000000")
    assert said.code == 0
    assert re.search(r"time +about \d+ (s|min)", said.out)
    assert re.search(r"disk +about [\d.]+ (kB|MB|GB)", said.out)
    assert "nothing was written" in said.out
    assert list(tmp_path.iterdir()) == []


def test_replay_prints_minutes(orange, parley):
    said = parley("replay", orange, "--run", 7)
    assert said.code == 0, said.err
    assert "run 7" in said.out
    assert "round 1" in said.out
    assert said.err == ""


def test_replay_needs_none_of_the_files_the_scenario_was_read_from(parley, tmp_path):
    parley("new", "mine.yaml")
    parley("run", "scenario=mine.yaml", "runs=20")
    (tmp_path / "mine.yaml").unlink()
    (folder,) = (tmp_path / "results").iterdir()
    assert parley("replay", folder, "--run", 19).code == 0


def test_replay_says_when_the_code_has_changed_since(orange, parley):
    path = orange / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(manifest | {"code": {"digest": "0" * 64}}), encoding="utf-8")
    said = parley("replay", orange, "--run", 7)
    assert said.code == 0
    assert "made by another state of the code" in said.err


def test_new_writes_a_scenario_that_can_be_checked_and_played(parley, tmp_path):
    said = parley("new", "mine.yaml")
    assert said.code == 0
    assert "parley check mine.yaml" in said.out
    checked = parley("check", "mine.yaml", "--runs", "300")
    assert checked.code == 0, checked.err
    assert "NOT as here" not in checked.out
    assert parley("run", "scenario=mine.yaml", "runs=50").code == 0


def test_check_writes_the_register_as_csv(parley, tmp_path):
    said = parley("check", "orange", "--runs", "50", "--csv", "register.csv")
    assert said.code == 0, said.err
    lines = [line for line in (tmp_path / "register.csv").read_text(encoding="utf-8").splitlines() if line[:1] != "#"]
    paths = [row["path"] for row in csv.DictReader(lines)]
    assert "parties.baker.reservation" in paths


def test_check_takes_changes(parley):
    said = parley("check", "orange", "--runs", "50", "--changes", "parties.baker.reservation=0.9", "clock.horizon=5")
    assert said.code == 0, said.err
    assert "orange with 2 changes" in said.out


def test_compare_pairs_two_scenarios(parley, tmp_path):
    said = parley("compare", "orange", "parties.baker.reservation=0.7", "--runs", "60", "--mediator", "hill_climb_nash")
    assert said.code == 0, said.err
    assert "changed in the other: parties.baker.reservation=0.7" in said.out
    assert list(tmp_path.iterdir()) == []


def test_compare_takes_changes_after_its_options(parley):
    first, second = "parties.baker.reservation=0.7", "clock.horizon=5"
    before = parley("compare", "orange", "orange", first, second, "--runs", "60")
    assert before.code == 0, before.err
    assert parley("compare", "orange", "orange", first, "--runs", "60", second).out == before.out
    assert parley("compare", "orange", "--runs", "60", "orange", first, second).out == before.out


def test_list_shows_scenarios_and_results(orange, parley):
    said = parley("list")
    assert said.code == 0
    assert "march_2025" in said.out
    assert orange.name in said.out
    assert "finished" in said.out
    (orange / "summary.json").rename(orange / "elsewhere.json")
    assert "cannot be read" in parley("list").out
    (orange / "elsewhere.json").rename(orange / "summary.json")
    (orange / "scenario.json").unlink()
    assert "lost scenario.json; the same command makes it again" in parley("list").out
    (orange / "manifest.json").unlink()
    assert "unfinished, 1 part(s)" in parley("list", "results").out


def test_list_without_results(parley):
    assert "no results in results yet; `parley run` makes one" in parley("list").out


def test_figures_are_drawn_anew(orange, parley):
    before = contents(orange)
    for path in (orange / "figures").iterdir():
        path.unlink()
    said = parley("figures", orange)
    assert said.code == 0, said.err
    assert contents(orange).keys() == before.keys()
    assert parley("replay", orange, "--run", 0).code == 0


@pytest.mark.parametrize("command", ["", "run", "replay", "check", "new", "list", "compare", "figures"])
def test_help_has_examples(command, parley):
    said = parley(*([command] if command else []), "--help")
    assert said.code == 0
    assert f"examples\n  parley {command}".rstrip() in said.out


def test_version(parley):
    assert parley("--version").out == f"parley {sim.__version__}\n"


def test_every_mediator_in_conf_can_be_built(parley):
    names = sorted(path.stem for path in (find_conf() / "mediator").glob("*.yaml"))
    assert "hill_climb" in names
    for name in names:
        texts = ["mediator.texts=[cut_in_half]"] if name == "scripted" else []
        said = parley("run", "--dry-run", "scenario=orange", "runs=1", f"mediator={name}", *texts)
        assert said.code == 0, said.err


@pytest.mark.parametrize(
    "path", ["parties.baker.cost", "a.red_lines.aid goes on.chance", "effects.x:y+z:w.shift", "ü.$"]
)
def test_paths_survive_the_way_through_hydra(path):
    assert unescaped(escaped(path)) == path
    assert re.fullmatch(r"[A-Za-z0-9_$-]+", escaped(path))


def test_it_runs_with_warnings_as_errors_and_without_a_terminal(tmp_path):
    command = [sys.executable, "-W", "error", "-m", "sim.cli.main", "run", "scenario=orange", "runs=300", "workers=2"]
    done = subprocess.run(
        command, cwd=tmp_path, env={"PYTHONPATH": str(ROOT), "PATH": ""}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "300 of 300 runs" in done.stderr
