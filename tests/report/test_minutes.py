"""Minutes: word for word on a scenario that can be checked by hand, and true to the rows everywhere."""

import re
from pathlib import Path

import pytest

from sim.engine.ensemble import play_block
from sim.engine.records import ENDINGS
from sim.report.minutes import Minutes
from tests.synthetic import game, scenario

KEPT = Path(__file__).parent / "minutes"
# File -> (scenario, changes): a deal at once; no deal that both would sign; and talks that begin with a deal in force.
TOLD = {
    "orange": {},
    "orange_contested": {
        "parties.baker.reservation": 0.6,
        "parties.juicer.reservation": 0.6,
        "parties.juicer.preferences.peel.salience": 1,
        "parties.juicer.preferences.juice.salience": 0,
    },
    "orange_started": {"in_force": {"peel": "half", "juice": "half"}},
}


def minutes_of(world, run):
    watcher = Minutes(world.scenario, 0)
    rows = play_block(world, run, 1, watcher)
    return watcher.text(), rows


@pytest.mark.parametrize("name", TOLD)
def test_minutes_are_word_for_word_what_was_agreed_on(name):
    text, _ = minutes_of(game("orange", **TOLD[name]), 0)
    assert text == (KEPT / f"{name}.txt").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def march():
    """Minutes and rows of runs that break, expire and hold."""
    world = game("march_2025", **{"conflict.spoiler_rate": 0.1})
    return [minutes_of(world, run) for run in range(12)]


def test_minutes_agree_with_the_rows(march):
    for text, rows in march:
        assert text.count("The text is signed and in force.") == rows.signatures[0]
        ending = ENDINGS[rows.ending[0]]
        assert f"\nending    {ending}" in text
        if rows.signatures[0]:
            first = text.index("The text is signed")
            found = re.findall(r"^round (\d+), day", text[:first], re.MULTILINE)
            assert int(found[-1]) == rows.agreed_round[0]
    assert any("The deal collapses" in text for text, _ in march)


def test_every_round_is_accounted_for_once(march):
    for text, _ in march:
        told = []
        for first, last in re.findall(r"^rounds? (\d+)(?: to (\d+))?", text, re.MULTILINE):
            told += range(int(first), int(last or first) + 1)
        assert told == list(range(1, scenario("march_2025").horizon + 1))


def test_every_refusal_gives_a_reason_and_no_need_looks_met(march):
    for text, _ in march:
        for line in text.splitlines():
            if "  refuses  " in line:
                assert re.search(
                    r": (red line|would sign if only|would gain most if|no single change would raise its worth)", line
                )
                worth, needs = (float(word) for word in re.findall(r"(?:worth|needs) (-?[\d.]+)", line))
                assert "red line" in line or worth < needs


def test_the_head_says_what_it_is(march):
    head = march[3][0].splitlines()[0]
    assert head == "scenario march_2025   seed 1   run 3   information to 2025-03-19   a model, not a forecast"


def test_a_lane_of_a_block_has_the_minutes_of_its_run_alone(march):
    world = game("march_2025", **{"conflict.spoiler_rate": 0.1})
    watchers = [Minutes(world.scenario, lane) for lane in range(3)]

    def watch(moment):
        for watcher in watchers:
            watcher(moment)

    play_block(world, 0, 3, watch)
    assert [watcher.text() for watcher in watchers] == [text for text, _ in march[:3]]


def test_minutes_of_nothing_played_are_a_heading_and_an_ending():
    assert "never agreed" in Minutes(scenario("orange")).text()
