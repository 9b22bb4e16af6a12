"""The pages under docs/ promise nothing that is not there: their blocks run, and what they name exists."""

import re
import shlex
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

from sim.cli.arguments import read
from sim.cli.compare import overrides
from sim.cli.errors import USER_ERRORS
from sim.cli.new import TEMPLATE
from sim.cli.run import DRY
from sim.cli.settings import MULTIRUN, all_settings, default_settings
from sim.cli.study import Study, study
from sim.world.files import load
from sim.world.flips import flipped
from sim.world.scenario import Scenario

ROOT = Path(__file__).parents[1]
PAGES = {path.name: path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs").glob("*.md"))}
BIBLIOGRAPHY = PAGES["bibliography.md"]
WIDEST = 120
LARGEST_PICTURE = 300_000  # bytes


def blocks(language: str) -> list[str]:
    """Code blocks of one language on all pages."""
    found = (re.findall(rf"^```{language}\n(.*?)^```", page, re.DOTALL | re.MULTILINE) for page in PAGES.values())
    return [block for page in found for block in page]


def _joined(block: str) -> str:
    """A shell block with every command on one line."""
    return re.sub(r"\\\n\s*", "", block)


def in_line(page: str) -> list[str]:
    """Code set in the lines of a page."""
    return [" ".join(code.split()) for code in re.findall(r"`([^`]+)`", re.sub(r"(?ms)^```.*?^```", "", page))]


INLINE = [code for page in PAGES.values() for code in in_line(page)]
COMMANDS = sorted(
    {line for block in blocks("sh") for line in _joined(block).splitlines() if line.startswith("parley ")}
    | {code for code in INLINE if re.match(r"parley \w+ \S", code)}
)
PLACEHOLDER = re.compile(r"\b(?:[A-Z]{3,}|N)\b")  # as in `parley replay DIR --run N`
NUMBER_PATH = re.compile(r"(?:parties|issues|effects|conflict)\.[\w.:+ ]+")
CITED = re.compile(r"\[([A-Z]\w*?\d{4}\w?)\]_")


@cache
def march_2025() -> Scenario:
    """The main scenario, whose numbers the pages name."""
    return load("march_2025", widths=default_settings().widths)


def asked_for(command: str) -> Sequence[Study]:
    """What a command would play; raises what the command would say, or SystemExit for an argument that is none."""
    _, name, *words = shlex.split(command)
    if name == "run":
        flags = [word for word in words if word.startswith("-")]
        assert set(flags) <= {*MULTIRUN, DRY}, f"{command}: no such option"
        settings = [word for word in words if not word.startswith("-")]
        return [study(each) for each in all_settings(settings, any(flag in MULTIRUN for flag in flags))]
    given = read([name, *words])
    if name == "check":
        what = study(default_settings(overrides(given, given.scenario, given.changes)))
        return [what, *(_turned(given, what, claim) for claim in given.flip)]
    if name == "compare":
        changes = [word for word in given.others if "=" in word]
        [other] = [word for word in given.others if "=" not in word] or [given.base]
        pairs = ((given.base, []), (other, changes))
        return [study(default_settings(overrides(given, scenario, changed))) for scenario, changed in pairs]
    return []


def _turned(given, what: Study, claim: str) -> Study:
    changes = [f"{path}={value}" for path, value in flipped(what.scenario, claim).items()]
    return study(default_settings(overrides(given, given.scenario, changes)))


def test_there_is_something_to_check():
    assert {"odd.md", "decisions.md", "patterns.md", "howto.md", "bibliography.md"} <= PAGES.keys()
    assert len(COMMANDS) > 20
    assert blocks("python")
    assert blocks("yaml")


@pytest.mark.parametrize("block", blocks("sh"))
def test_a_shell_block_is_shell(block):
    subprocess.run(["sh", "-n"], input=block, text=True, check=True)


@pytest.mark.parametrize("block", blocks("python"))
def test_a_python_block_runs(block, tmp_path):
    subprocess.run([sys.executable, "-c", block], cwd=tmp_path, check=True)


@pytest.mark.parametrize("block", blocks("yaml"))
def test_a_yaml_block_is_a_scenario(block, tmp_path):
    path = tmp_path / "block.yaml"
    path.write_text(block, encoding="utf-8")
    assert load(str(path), widths=default_settings().widths).parties


@pytest.mark.parametrize("command", [command for command in COMMANDS if not PLACEHOLDER.search(command)])
def test_a_command_can_be_obeyed(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    if " new " not in command:
        Path("my.yaml").write_text(TEMPLATE.read_text(encoding="utf-8"), encoding="utf-8")
    for what in asked_for(command):
        assert what.scenario.parties


@pytest.mark.parametrize("command", [command for command in COMMANDS if PLACEHOLDER.search(command)])
def test_a_command_with_a_placeholder_is_one(command):
    words = shlex.split(PLACEHOLDER.sub("1", command))
    assert read(words[1:]).command == words[1]


@pytest.mark.parametrize(
    "command",
    [
        "parley run scenario=march_2024",
        "parley run scenario.parties.russia.firmnes=0.1",
        "parley compare march_2025 'effects.scope:full+rearmament:limits.shift=0'",
        "parley check march_2025 --flip C99",
    ],
)
def test_a_command_that_names_what_is_not_there_is_found_out(command):
    with pytest.raises(USER_ERRORS):
        asked_for(command)


def test_an_option_that_does_not_exist_is_found_out(capsys):
    with pytest.raises(SystemExit):
        asked_for("parley compare march_2025 europe_signs --run 7")
    assert "error" in capsys.readouterr().err


@pytest.mark.parametrize("path", sorted({code for code in INLINE if NUMBER_PATH.fullmatch(code)}))
def test_a_path_names_a_number(path):
    if not re.search(r"[A-Z]{3,}", path):  # an address in general, as in `parties.PARTY.cost`
        assert path.removesuffix(".at") in {number.path for number in march_2025().numbers()}


@pytest.mark.parametrize("key", sorted({key for page in PAGES.values() for key in CITED.findall(page)}))
def test_a_page_cites_what_is_listed(key):
    assert f"**[{key}]**" in BIBLIOGRAPHY


@pytest.mark.parametrize("path", sorted((ROOT / "sim").rglob("*.py")), ids=lambda path: path.stem)
def test_the_code_cites_what_is_listed(path):
    for key in CITED.findall(path.read_text(encoding="utf-8")):
        assert f"**[{key}]**" in BIBLIOGRAPHY


@pytest.mark.parametrize("page", PAGES)
def test_what_is_linked_to_exists(page):
    for target in re.findall(r"\]\(([^)#\s]+)\)", PAGES[page]):
        assert target.startswith("https://") or (ROOT / "docs" / target).exists(), target


@pytest.mark.parametrize("page", [page for page in PAGES if page != "bibliography.md"])
def test_lines_are_as_wide_as_elsewhere(page):
    outside_blocks = re.sub(r"(?ms)^```.*?^```", "", PAGES[page])
    wide = [line for line in outside_blocks.splitlines() if len(line) > WIDEST and not line.startswith("|")]
    assert not wide


def test_the_manual_lists_every_column():
    from sim.store.table import layout

    told = set(re.findall(r"^\| (`[^|]+) \| \w+ \|", PAGES["howto.md"], re.MULTILINE))
    names = {name.partition(".")[0] for cell in told for name in re.findall(r"`([\w.]+)`", cell)}
    assert names >= {"run", *(column.name.partition(".")[0] for column in layout(march_2025()).columns)}


def test_pictures_are_small():
    pictures = sorted((ROOT / "docs").rglob("*.png"))
    assert pictures
    for path in pictures:
        assert path.stat().st_size < LARGEST_PICTURE, path


def test_every_page_is_listed_in_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for page in PAGES:
        assert f"(docs/{page})" in readme, page
