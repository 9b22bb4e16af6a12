"""Reports in plain words: what they must say, and what they must never say."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from sim.analysis.estimates import share_of
from sim.analysis.opening import opening_answers
from sim.analysis.paired import compare
from sim.analysis.summary import summarise
from sim.report.context import CAVEAT, NOT_A_FORECAST, Context
from sim.report.labels import between, in_tens, of_runs, package_words, percent, signed, told
from sim.report.layout import WIDTH, columns
from sim.report.tables import check_report, compare_report, run_report, write_register
from sim.world.files import source_of
from sim.world.register import rows as register_rows
from tests.synthetic import game, long_names, made_up, scenario

MARCH = scenario("march_2025")
ORANGE = scenario("orange")


def context(world, runs):
    return Context(world.name, date(2025, 3, 19), 7, runs, "hill_climb")


@pytest.mark.parametrize(
    ("value", "runs", "words"),
    [
        (0.0, 500, "0%"),
        (0.001, 500, "<1%"),
        (0.434, 500, "43%"),
        (0.434, 10_000, "43.4%"),
        (0.999, 500, ">99%"),
        (0.9999, 10_000, ">99.9%"),
        (0.00001, 10_000, "<0.1%"),
        (1.0, 500, "100%"),
    ],
)
def test_per_cents_are_as_precise_as_the_runs_allow(value, runs, words):
    assert percent(value, runs) == words


def test_shares_in_words():
    assert told(share_of(3, 20)) == "3/20"  # too few runs for a share
    assert of_runs(share_of(1, 1)) == "1 of 1 run"
    assert of_runs(share_of(30, 120)) == "25% of runs"
    assert between(share_of(30, 120)) == "18 to 33%"
    assert between(share_of(1, 4000)) == "<1%"
    tens = {0: "no run", 3: "fewer than 1 in 20 runs", 310: "about 3 in 10 runs", 980: "more than 19 in 20 runs"}
    assert {count: in_tens(share_of(count, 1000)) for count in tens} == tens
    assert in_tens(share_of(9, 9)) == "every run"
    assert (signed(-0.0001), signed(0.126)) == ("0.00", "+0.13")


def test_a_package_in_words_leaves_out_the_status_quo():
    assert package_words(ORANGE, ORANGE.status_quo) == "peel: each gets half; juice: each gets half"
    assert package_words(ORANGE, (1, 0)) == "peel: the baker gets it"


def test_columns_line_up_and_words_stand_to_the_left():
    table = columns(("", "n", "why"), [("a", "10", "ab"), ("bcd", "9", "c")])
    assert table == ["      n  why", "a    10  ab", "bcd   9  c"]


CASES = {
    "some deals": (MARCH, made_up(MARCH, 400)),
    "no deals": (MARCH, made_up(MARCH, 300, deals=0.0)),
    "one run": (ORANGE, made_up(ORANGE, 1, deals=1.0)),
    "many runs": (MARCH, made_up(MARCH, 12_000)),
    "long names": (long_names(MARCH), made_up(MARCH, 500)),
}


@pytest.mark.parametrize("case", CASES)
def test_a_run_report_says_all_it_must(case):
    world, rows = CASES[case]
    summary = summarise(world, rows)
    text = run_report(world, summary, context(world, rows.runs))
    flat = " ".join(text.split())
    for part in (
        "Outcome at the horizon",
        "Time to first agreement",
        "What held and what collapsed",
        "against its reservation",
        "Who refused, and on what",
        "2025-03-19",
        "seed 7",
        NOT_A_FORECAST,
        CAVEAT,
    ):
        assert part in flat
    lines = text.splitlines()
    outcomes = lines.index("Outcome at the horizon")
    assert lines[outcomes + 2].split()[:2] == ["no", "deal"]  # first, whatever is most frequent
    assert "probab" not in flat.lower()
    assert "win" not in flat.lower().replace("winter", "").split()
    assert not any(line != line.rstrip() for line in lines)


def test_few_runs_are_told_as_counts_and_wide_intervals_are_named():
    one = run_report(ORANGE, summarise(ORANGE, made_up(ORANGE, 20)), context(ORANGE, 20))
    assert "Too few runs to speak of shares" in one
    assert "/20" in one


def test_nobody_refusing_is_said():
    rows = made_up(ORANGE, 200)
    rows = replace(rows, refused=np.zeros_like(rows.refused), crossed=np.zeros_like(rows.crossed))
    assert "Nobody refused a text" in run_report(ORANGE, summarise(ORANGE, rows), context(ORANGE, 200))


def test_every_party_gets_the_same_template():
    text = run_report(MARCH, summarise(MARCH, made_up(MARCH, 400)), context(MARCH, 400))
    rows = [line for line in text.splitlines() if line.strip().startswith(("Russia ", "Ukraine "))]
    assert len(rows) == 4  # one each on worth, one each on refusals
    for one, other in zip(rows[::2], rows[1::2], strict=True):
        assert len([word for word in one.split("  ") if word]) == len([word for word in other.split("  ") if word])


def test_the_check_report_sets_answers_beside_those_expected():
    world = game("orange", **{"parties.baker.reservation": 0.6})
    table = register_rows(world.scenario, None)
    text = check_report(world.scenario, None, table, opening_answers(world, 200), context(world.scenario, 200))
    assert "baker: reservation" in text
    assert "signs, NOT as here" in text
    assert "worth too little, above all over peel (100%)" in text
    assert "3 of 4 expected answers" in text
    assert "report" not in text.partition("Answers at the opening")[2]  # nobody's words stand behind this scenario
    assert f"assumed        {len(table)}   100%" in text
    assert "Answers at the opening" not in check_report(world.scenario, None, table, None, context(world.scenario, 200))


def test_the_check_report_says_that_a_source_reports_answers():
    source = source_of(MARCH)
    text = check_report(
        MARCH, source, register_rows(MARCH, source), opening_answers(game("march_2025"), 50), context(MARCH, 50)
    )
    assert "what the source reports;" in " ".join(text.split())
    assert "of 5 reported answers" in text


def test_the_register_is_written_in_full(tmp_path):
    table = register_rows(MARCH, None)
    write_register(tmp_path / "register.csv", table, context(MARCH, 1))
    lines = (tmp_path / "register.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "# scenario: march_2025"
    assert len([line for line in lines if not line.startswith("#")]) == len(table) + 1


def test_the_compare_report_names_what_changes_and_what_does_not():
    rows = made_up(MARCH, 600)
    fewer = replace(rows, outcome=np.zeros_like(rows.outcome))
    text = compare_report(compare(rows, fewer, MARCH, MARCH), context(MARCH, 600), context(MARCH, 600))
    no_deal = next(line for line in text.splitlines() if line.strip().startswith("no deal"))
    assert "*" in no_deal
    assert "100%" in no_deal
    days = next(line for line in text.splitlines() if line.strip().startswith("days in force"))
    assert "no run differs" in days
    assert NOT_A_FORECAST in " ".join(text.split())


def test_reports_of_usual_names_fit_a_terminal():
    text = run_report(MARCH, summarise(MARCH, made_up(MARCH, 400)), context(MARCH, 400))
    assert max(len(line) for line in text.splitlines()) <= WIDTH + 10
