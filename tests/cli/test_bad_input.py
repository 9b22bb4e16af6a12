"""What a user can get wrong: one message with what, where and what to do; exit code 2; nothing written."""

import json
import os
import re
from pathlib import Path

import pytest

SETTINGS = [
    (["scenario=orangee"], "there is no scenario 'orangee'; did you mean 'orange'?"),
    (["scenario=orangee.yaml"], "there is no file 'orangee.yaml'"),
    (["rnus=3"], "there is no setting 'rnus'; did you mean 'runs'?"),
    (["parties.baker.firmness=1"], "scenario.parties.baker.firmness=..."),
    (["runs=0"], "runs=0 plays nothing; say 1 or more"),
    (["runs=many"], "runs=many cannot be; it must be a whole number"),
    (["runs=1.5"], "runs=1.5 cannot be; it must be a whole number"),
    (["runs=null"], "runs cannot be null"),
    (["seed=-1"], "seed=-1 is no seed"),
    (["seed=18446744073709551616"], "is no seed; say a whole number from 0 to 18446744073709551615"),
    (["workers=0"], "workers=0 leaves nobody to play"),
    (["engine.block=0"], "engine.block=0 plays nothing"),
    (["seed=range(1,4)"], "'seed=range(1,4)' asks for several values; add -m"),
    (["scenario.parties.baker.firmness=0.1,0.2"], "'scenario.parties.baker.firmness=0.1,0.2' asks for several"),
    (["runs=[1"], "cannot read 'runs=[1'"),
    (["runs"], "'runs' is no setting; write name=value"),
    (["--runs", "5"], "parley run has no option '--runs'; settings have no dashes: runs=VALUE"),
    (["mediator=hil_climb"], "there is no mediator 'hil_climb'; did you mean 'hill_climb'?"),
    (["evidence=wide"], "there is no evidence 'wide'; choose one of: default"),
    (["mediator.dubt=1"], "there is no setting 'mediator.dubt'; did you mean 'doubt'?"),
    (["mediator.doubt=0"], "doubt must be positive"),
    (["mediator.doubt=much"], "mediator.doubt=much cannot be; it must be a number"),
    (["mediator.objective=nsh"], "there is no objective 'nsh'; did you mean 'nash'?"),
    (["mediator.bias.bker=2"], "names the party 'bker', unknown here; did you mean 'baker'?"),
    (["mediator.knowledge.learning=2"], "learning is a share"),
    (["mediator=scripted", "mediator.texts=[cut_in_hal]"], "did you mean 'cut_in_half'?"),
    (["evidence.share.asumed=0.1"], "there is no setting 'evidence.share.asumed'; did you mean 'assumed'?"),
    (["evidence.share.assumed=wide"], "evidence.share.assumed=wide cannot be; it must be a number"),
    (["evidence.share.assumed=-1"], "the width of 'share' at 'assumed' is -1.0; say 0 or more"),
    (["calibration.truce.failed=2"], "calibration.truce cannot be days 180.0, failed 2.0, burden [0.3, 0.3]; it needs"),
    (["calibration.truce.burden=[0.3]"], "error: calibration.truce.burden=[0.3] cannot be; it must be one number for"),
    (["calibration.truce=3"], "calibration.truce=3 cannot be; it must look as in `conf/`, or set one of its parts"),
    (["mediator=3"], "there is no mediator '3'; choose one of: hill_climb"),
    (["mediator=[none,scripted]"], "'mediator=[none,scripted]' names a list; say one mediator, or several without"),
    (["evidence=null"], "there is no evidence 'null'; choose one of: default"),
    (["mediator.bias=3"], "mediator.bias=3 cannot be; set its parts, as mediator.bias.PARTY=2"),
    (
        ["mediator.knowledge=null"],
        "mediator.knowledge=None cannot be; set its parts, as mediator.knowledge.information",
    ),
    (["mediator.objective=3"], "mediator.objective=3 cannot be; it must be a word"),
    (["mediator.party=[baker]"], "mediator.party=['baker'] cannot be; it must be a word"),
    (["mediator.doubt=inf"], "mediator.doubt=inf cannot be; it must be a finite number"),
    (["hydra.run.dir=elsewhere"], "there is no setting 'hydra.run.dir'; `parley run --help` lists the settings"),
    (["hydra=3"], "there is no setting 'hydra'"),
    (["=3"], "'=3' is no setting; write name=value"),
    (["scenario..x=1"], "error: cannot read 'scenario..x=1'; write name=value, and quote"),
    (["scenario=~/orangee.yaml"], "there is no file '~/orangee.yaml'"),
    (["+foo=1"], "'+foo=1' begins with +, which adds a setting that nothing reads; leave out the +"),
    (["+scenario.parties.baker.firmness=0.1"], "leave out the +"),
    (["orange"], "'orange' is no setting; write name=value, as in scenario=orange"),
    (["scenario.parties.bker.firmness=0.1"], "there is no 'bker' in parties; did you mean 'baker'?"),
    (["scenario.parties.baker.firmnes=0.1"], "did you mean 'firmness'?"),
    (["scenario.parties.baker.firmness=2"], "command line: parties.baker.firmness"),
    (["scenario.issues.peel.options.hlf.position=0"], "did you mean 'half'?"),
    (["scenario.signers.all_of=[baker,jucer]"], "did you mean 'juicer'?"),
]

FILES = [
    ("", "mine.yaml: the file is empty"),
    ("title: [", "mine.yaml:"),
    ("- a\n- b\n", "mine.yaml:1: the file holds a list"),
    ("extends: mine\n", "extend each other in a circle"),
    ("extends: orange\nisues: {}\n", "mine.yaml:2: isues: unknown key 'isues'; did you mean 'issues'?"),
    ("extends: orange\nsigners: {all_of: [baker, cook]}\n", "mine.yaml:2: signers.all_of"),
    ("extends: orange\nparties: {baker: {reservation: {exactly: 1.5}}}\n", "mine.yaml:2: parties.baker.reservation"),
    (
        "extends: orange\nparties: {baker: {preferences: {peel: {salience: {exactly: 0}}}}}\n",
        "its weights do not add to anything",
    ),
    (
        "extends: orange\nparties: {baker: {red_lines: [{name: n, when: {peel: [hlf]}, chance: 1, "
        "grade: assumed, because: b}]}}\n",
        "did you mean 'half'?",
    ),
    (
        "extends: orange\nrules:\n"
        "  - {option: {peel: half}, needs: {juice: [baker]}, because: b}\n"
        "  - {option: {peel: baker}, needs: {juice: [half]}, because: b}\n"
        "  - {option: {peel: juicer}, needs: {juice: [half]}, because: b}\n"
        "  - {option: {juice: half}, needs: {peel: [half]}, because: b}\n"
        "  - {option: {juice: baker}, needs: {peel: [baker]}, because: b}\n",
        "the rules leave no feasible package",
    ),
    (
        "extends: march_2025\nparties: {france: {firmness: {at: 0.2, claims: [C99], grade: inferred}}}\n",
        "there is no claim 'C99'",
    ),
]


def held(folder: Path) -> list[str]:
    """Everything in a folder."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def check_refusal(said, essence: str) -> None:
    """One message that starts with `error: ` and says what it has to; exit code 2; nothing printed as a result."""
    assert said.code == 2, said
    assert said.err.startswith("error: ")
    assert essence in said.err
    assert len(said.err.splitlines()) == 1
    assert "Traceback" not in said.err
    assert said.out == ""


@pytest.mark.parametrize(("settings", "essence"), SETTINGS, ids=[" ".join(given) for given, _ in SETTINGS])
def test_a_setting_that_cannot_be_used_is_refused(settings, essence, parley, tmp_path):
    check_refusal(parley("run", "scenario=orange", *settings), essence)
    assert held(tmp_path) == []


@pytest.mark.parametrize(
    ("settings", "essence"), [s for s in SETTINGS if "add -m" not in s[1] and "several" not in s[1]]
)
def test_a_multirun_refuses_it_in_the_same_words(settings, essence, parley, tmp_path):
    check_refusal(parley("run", "-m", "scenario=orange", *settings), essence)
    assert held(tmp_path) == []


@pytest.mark.parametrize("command", ["run", "check"])
@pytest.mark.parametrize(("text", "essence"), FILES, ids=[essence for _, essence in FILES])
def test_a_file_that_is_no_scenario_is_refused_with_its_place(command, text, essence, parley, tmp_path):
    (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
    said = parley("run", "scenario=mine.yaml") if command == "run" else parley("check", "mine.yaml")
    check_refusal(said, essence)
    assert held(tmp_path) == ["mine.yaml"]


@pytest.mark.parametrize("place", ["/dev/null/x", "file.txt", "file.txt/deeper"])
def test_a_folder_that_cannot_be_written_is_refused_before_anything_is_played(place, parley, tmp_path):
    (tmp_path / "file.txt").write_text("not a folder", encoding="utf-8")
    check_refusal(parley("run", "scenario=orange", f"results={place}"), f"cannot write to '{place}/orange-")
    assert held(tmp_path) == ["file.txt"]


def test_a_folder_of_somebody_else_is_refused(parley, tmp_path):
    (tmp_path / "locked").mkdir(mode=0o500)
    # The superuser may write anywhere but where the kernel keeps its own files.
    locked = "/sys/parley" if os.geteuid() == 0 else "locked"
    said = parley("run", "scenario=orange", f"results={locked}")
    check_refusal(said, "; choose a folder of your own with results=FOLDER")


@pytest.mark.parametrize(
    ("arguments", "essence"),
    [
        ([], "the following arguments are required: COMMAND; `parley --help` shows how"),
        (["rum"], "there is no command 'rum'; did you mean 'run'? `parley --help` shows how"),
        (["--versoin"], "there is no option '--versoin'; did you mean '--version'?"),
        (["check", "orange", "--rnus", "30"], "no option '--rnus'; did you mean '--runs'? `parley check --help` shows"),
        (["check", "orange", "parties.baker.firmness=1"], "one argument too many; write --changes parties.baker.firm"),
        (["list", "results", "other"], "'other' is one argument too many; `parley list --help` shows how"),
        (
            ["compare", "orange", "clock.horizon=5", "--rusn", "30"],
            "there is no option '--rusn'; did you mean '--runs'",
        ),
        (["compare", "orange", "river", "--runs", "30", "march_2025"], "two scenarios are compared, not 3; leave out"),
        (["replay", "nowhere", "--run", "1"], "there is no folder 'nowhere'; `parley list` shows what is stored"),
        (["replay", ".", "--run", "1"], "holds no result (no manifest.json)"),
        (["replay", "."], "the following arguments are required: --run"),
        (["replay", ".", "--run", "one"], "argument --run: invalid int value: 'one'"),
        (["figures", "nowhere"], "there is no folder 'nowhere'"),
        (["list", "nowhere"], "there is no folder 'nowhere'"),
        (["check", "orangee"], "there is no scenario 'orangee'; did you mean 'orange'?"),
        (["check", "orange", "--runs", "0"], "runs=0 plays nothing"),
        (["check", "orange", "--seed", "-1"], "seed=-1 is no seed"),
        (["check", "orange", "--changes", "parties.bker.firmness=1"], "did you mean 'baker'?"),
        (["compare", "orange"], "the following arguments are required: OTHER|PATH=VALUE"),
        (["compare", "orange", "orange", "river"], "two scenarios are compared, not 3; leave out 'river'"),
        (["compare", "orange", "orangee"], "did you mean 'orange'?"),
        (["compare", "orange", "orange", "--mediator", "non"], "there is no mediator 'non'; did you mean 'none'?"),
        (["check", "orange", "--csv", "."], "error: '.' is a folder; name a file for the register"),
        (
            ["check", "orange", "--csv", "/dev/null/deep/register.csv"],
            "cannot write '/dev/null/deep/register.csv': not a",
        ),
        (["new", "mine.txt"], "does not end in .yaml"),
        (["new", "/dev/null/mine.yaml"], "cannot write '/dev/null/mine.yaml': what should be a folder is a file"),
    ],
    ids=str,
)
def test_arguments_that_cannot_be_used_are_refused(arguments, essence, parley, tmp_path):
    check_refusal(parley(*arguments), essence)
    assert held(tmp_path) == []


def test_new_overwrites_nothing(parley, tmp_path):
    (tmp_path / "mine.yaml").write_text("precious", encoding="utf-8")
    check_refusal(parley("new", "mine.yaml"), "'mine.yaml' exists and is not overwritten")
    assert (tmp_path / "mine.yaml").read_text(encoding="utf-8") == "precious"


@pytest.mark.parametrize("run", [-1, 40])
def test_replay_knows_how_many_runs_there_are(run, orange, parley):
    check_refusal(parley("replay", orange, "--run", run), f"there is no run {run} in {orange}; its runs are 0 to 39")


def test_replay_refuses_a_result_that_was_changed(orange, parley):
    (part,) = (orange / "parts").iterdir()
    content = bytearray(part.read_bytes())
    content[len(content) // 2] ^= 1
    part.write_bytes(content)
    check_refusal(parley("replay", orange, "--run", 0), "has been changed since it was written")


def test_replay_refuses_a_result_that_lost_a_part(orange, parley):
    (part,) = (orange / "parts").iterdir()
    part.unlink()
    check_refusal(parley("replay", orange, "--run", 0), "part-00000.parquet is missing")


def test_replay_refuses_a_result_that_is_unfinished(orange, parley):
    (orange / "manifest.json").unlink()
    check_refusal(parley("replay", orange, "--run", 0), "is unfinished; run the command that began it again")


def change_manifest(folder: Path, **entries: object) -> None:
    """As if another state of the program had written the manifest."""
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(manifest | entries), encoding="utf-8")


def test_replay_refuses_a_scenario_that_it_can_no_longer_rebuild(orange, parley):
    change_manifest(orange, **{"scenario digest": "0" * 64})
    check_refusal(parley("replay", orange, "--run", 0), "cannot be rebuilt by this version of the program")


def test_replay_refuses_what_does_not_play_as_it_did(orange, parley):
    change_manifest(orange, mediator={"kind": "none"}, code={"digest": "0" * 64, "commit": "abcdef123456789"})
    said = parley("replay", orange, "--run", 0)
    check_refusal(said, "run 0 played again is not the run stored in")
    assert re.search(r"differs in ending, outcome, .*another state of the code \(commit abcdef123456\)", said.err)


def test_replay_refuses_a_manifest_of_another_format(orange, parley):
    change_manifest(orange, format=99)
    check_refusal(parley("replay", orange, "--run", 0), "written by another version of the program")


@pytest.mark.parametrize("command", [("replay", "--run", 0), ("figures",)])
def test_a_manifest_that_lost_an_entry_is_refused(command, orange, parley):
    path = orange / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({name: value for name, value in manifest.items() if name != "settings"}))
    check_refusal(parley(command[0], orange, *command[1:]), "manifest.json is damaged (it has no 'settings')")
    listed = parley("list")
    assert listed.code == 0
    assert "cannot be read" in listed.out


def test_a_name_that_is_nearly_a_file_or_is_a_folder_is_told_so(parley, tmp_path):
    (tmp_path / "mine.yaml").write_text("extends: orange\n", encoding="utf-8")
    (tmp_path / "folder.yaml").mkdir()
    check_refusal(parley("check", "mine"), "there is no scenario 'mine'; did you mean the file 'mine.yaml'?")
    check_refusal(parley("check", "folder.yaml"), "'folder.yaml' is a folder; give the path of the scenario's file")


def test_replay_refuses_a_manifest_that_is_damaged(orange, parley):
    (orange / "manifest.json").write_text("{", encoding="utf-8")
    check_refusal(parley("replay", orange, "--run", 0), "manifest.json is damaged")
