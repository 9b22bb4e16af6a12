"""README promises nothing that is not there: its commands, scenarios, settings and links are looked up, and run."""

import itertools
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")

SHELL_BLOCKS = re.findall(r"^```sh\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
PYTHON_BLOCKS = re.findall(r"^```python\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
COMMANDS = [line for block in SHELL_BLOCKS for line in block.splitlines() if line.startswith("parley ")]
MADE = sorted(set(re.findall(r"\bmake ([a-z]+)\b", "\n".join([*SHELL_BLOCKS, *re.findall(r"`([^`\n]+)`", README)]))))

PLACEHOLDER = re.compile(r"\b[A-Z]{3,}\b")  # as in `parley replay DIR`
PARLEY = [sys.executable, "-c", "import sys; from sim.cli.main import main; sys.exit(main())"]


def parley(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """What the command `parley` does in a folder, whether or not it is installed."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [*PARLEY, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def scenarios_named() -> set[str]:
    """Names of scenarios in README: after `scenario=`, and the plain arguments of the commands that take scenarios."""
    named = set(re.findall(r"\bscenario=(\w+)", README))
    for command in COMMANDS:
        _, subcommand, *arguments = shlex.split(command)
        if subcommand in ("check", "compare"):  # scenarios come before options
            scenarios = itertools.takewhile(lambda argument: not argument.startswith("--"), arguments)
            named |= {argument for argument in scenarios if re.fullmatch(r"\w+", argument)}
    return named


def test_readme_has_commands_to_check():
    assert COMMANDS
    assert scenarios_named()
    assert MADE


@pytest.mark.parametrize("block", SHELL_BLOCKS)
def test_a_shell_block_is_shell(block):
    subprocess.run(["sh", "-n"], input=block, text=True, check=True)


def test_the_python_blocks_run(tmp_path):
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    for block in PYTHON_BLOCKS:
        subprocess.run([sys.executable, "-c", block], cwd=tmp_path, env=environment, check=True)


@pytest.mark.parametrize("target", MADE)
def test_make_knows_the_target(target):
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("subcommand", sorted({shlex.split(command)[1] for command in COMMANDS}))
def test_parley_knows_the_subcommand(subcommand, tmp_path):
    done = parley(subcommand, "--help", folder=tmp_path)
    assert done.returncode == 0, done.stderr


def test_parley_refuses_a_subcommand_that_does_not_exist(tmp_path):
    assert parley("rum", "--help", folder=tmp_path).returncode != 0  # or the test above could not fail


@pytest.mark.parametrize("name", sorted(scenarios_named()))
def test_the_scenario_exists(name):
    assert (ROOT / "scenarios" / f"{name}.yaml").is_file()


@pytest.mark.parametrize("claim", sorted(set(re.findall(r"--flip (C\d+)", README))))
def test_the_claim_exists(claim):
    assert f"id: {claim}\n" in (ROOT / "seeds" / "article.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", [command for command in COMMANDS if "=" in command])
def test_the_settings_can_be_read(command):
    settings = [word for word in shlex.split(command) if "=" in word]
    assert len(OverridesParser.create().parse_overrides(settings)) == len(settings)


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)#\s]+)\)", README))))
def test_what_is_linked_to_exists(target):
    assert target.startswith("https://") or (ROOT / target).exists()


@pytest.mark.slow
def test_the_commands_run_in_the_order_given(tmp_path):
    for command in COMMANDS:
        if not PLACEHOLDER.search(command):
            done = parley(*shlex.split(command)[1:], folder=tmp_path)
            assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
