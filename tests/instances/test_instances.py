"""Instances that a person can check with pencil and paper; the arithmetic stands in the scenarios and here."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sim.engine.ensemble import Game, play_block
from sim.engine.mediators import HillClimb, Scripted
from sim.engine.records import SURVIVAL_ENDS
from sim.world.files import load
from tests.synthetic import game, widths

NO_WIDTHS = {kind: dict.fromkeys(grades, 0.0) for kind, grades in widths().items()}
FORD = str(Path(__file__).with_name("ford.yaml"))
BASE = math.log(2) / 100


def told(world, runs=1):
    """(round, text in words, both parties' worth, what they ask, whether they sign) where a text is tabled in run 0."""
    lines = []

    def watch(moment):
        if moment.proposal.asked[0]:
            package = tuple((moment.proposal.packages[:, 0] - moment.block.space.start[:-1]).tolist())
            answers = moment.answers
            lines.append(
                (
                    moment.round,
                    world.scenario.words(package),
                    [round(float(x), 9) for x in answers.worth[:2, 0]],
                    [round(float(x), 9) for x in answers.required[:2, 0]],
                    answers.accepts[:2, 0].tolist(),
                )
            )

    return lines, play_block(world, 0, runs, watch)


# --- one orange: see scenarios/orange.yaml ---


def test_the_orange_is_shared_out_at_once():
    """Each its part is worth 1 to both and nothing is asked above the 0 of no deal; nothing beats it afterwards."""
    lines, rows = told(game("orange"))
    assert lines == [(1, "peel=baker juice=juicer", [1, 1], [0, 0], [True, True])]
    assert rows.worth.tolist() == [[1], [1]]
    assert rows.survival_days.tolist() == rows.days_in_force.tolist() == [9]  # after the first of ten days


def test_who_holds_out_for_all_of_the_orange_takes_half_in_the_fifth_round():
    """Each could have 1 and asks .6 x (1 - (t / 10) ** 2) of it: .594, .576, .546, .504, and in round 5 .45 < .5."""
    changes = {f"parties.{party}.firmness": 0.6 for party in ("baker", "juicer")}
    changes |= {f"parties.{party}.concession": 0.5 for party in ("baker", "juicer")}
    world = replace(game("orange", **changes), mediator=Scripted(texts=("cut_in_half",)))
    lines, rows = told(world)
    asked = [0.594, 0.576, 0.546, 0.504, 0.45]
    assert lines == [
        (t, "status quo", [0.5, 0.5], [needs, needs], [needs <= 0.5] * 2) for t, needs in enumerate(asked, 1)
    ]
    assert rows.agreed_round.tolist() == [5]
    assert rows.refused[:, -1].tolist() == [[0], [0]]
    assert rows.refused[0, 0].tolist() == [4]  # the baker wants the peel
    assert rows.refused[1, 1].tolist() == [4]  # the juicer wants the juice


def test_an_orange_that_goes_bad_is_worth_less_every_round():
    """A discount of .81 over ten rounds: in round 5 all is worth .9 of what it was, and the same is signed."""
    world = replace(game("orange", discount=0.81), mediator=Scripted(texts=("cut_in_half",), rounds_each=10))
    lines, _ = told(world)
    assert lines[0][2] == [round(0.5 * 0.81**0.1, 9)] * 2
    changes = {f"parties.{party}.firmness": 0.6 for party in ("baker", "juicer")}
    changes |= {f"parties.{party}.concession": 0.5 for party in ("baker", "juicer")}
    slow = replace(game("orange", discount=0.81, **changes), mediator=world.mediator)
    lines, rows = told(slow)
    assert rows.agreed_round.tolist() == [5]
    assert lines[4][2:4] == ([0.45, 0.45], [0.405, 0.405])


# --- two banks and a ford: see ford.yaml ---


def ford(**changes):
    scenario = load(FORD, widths=NO_WIDTHS, changes=changes)
    return Game(scenario, HillClimb(), np.asarray([BASE, 0.0]), 1)


@pytest.mark.parametrize(
    ("text", "worth", "signs"),
    [
        ("land_open", [0.385, 0.385], [True, True]),
        ("north_has_it", [0.485, 0.285], [True, False]),
        ("south_has_it", [0.285, 0.485], [False, True]),
    ],
)
def test_answers_at_the_ford(text, worth, signs):
    lines, rows = told(replace(ford(**{"clock.horizon": 1}), mediator=Scripted(texts=(text,))))
    [(_, _, found, asked, accepts)] = lines
    assert found == worth
    assert asked == [0.323125, 0.323125]
    assert accepts == signs
    if not all(signs):
        refuser = signs.index(False)
        assert rows.refused[refuser, 1].tolist() == [1]  # names the land
        assert rows.sole[refuser].tolist() == [1]
    assert rows.reservation.tolist() == [[pytest.approx(0.3)], [pytest.approx(0.3)]]


def test_the_mediator_finds_the_halt_that_both_sign():
    lines, rows = told(ford())
    assert lines[0] == (1, "halt=full", [0.385, 0.385], [0.323125, 0.323125], [True, True])
    assert rows.agreed_round.tolist() == [1]
    assert rows.broadest.tolist() == [2]


def test_a_halt_half_kept_is_worth_more_and_stands_in_the_way_of_less():
    """50 of 100 days left: 2 ** -.5 x .47 + (1 - 2 ** -.5) x .3 = .420208, what each then has to be offered."""
    world = ford()
    seen = {}

    def watch(moment):
        seen["broken"] = seen.get("broken", False) | moment.broken
        if moment.round == 6:  # signed at the end of round 1, and five rounds of ten days kept
            kept = ~seen["broken"]
            seen["standing"] = moment.block.standing[:, kept]
            seen["left"] = moment.block.term_left[kept]

    play_block(world, 0, 40, watch)
    assert seen["left"].tolist() == [50.0] * len(seen["left"])
    assert len(seen["left"]) > 5
    assert seen["standing"] == pytest.approx(np.full_like(seen["standing"], 0.420208), abs=1e-6)


def test_half_of_the_halts_hold_for_a_hundred_days_and_a_breach_hands_over_the_odds():
    """Eleven rounds: signed in the first, and half see the end of the hundred days after it; 3 to 1 for the breaker."""
    runs = 4000
    after = {1: [], 2: []}

    def watch(moment):
        for side in after:
            first = moment.broken & (moment.who == side) & moment.block.talking
            after[side].extend(np.exp(moment.block.logit[first]))
        moment.block.talking[moment.broken] = False  # from here on these runs are left alone

    rows = play_block(ford(**{"clock.horizon": 11}), 0, runs, watch)
    survived = (rows.survival_days >= 100).mean()
    assert abs(survived - 0.5) < 4 * np.sqrt(0.25 / runs)
    assert after[1] == pytest.approx([3.0] * len(after[1]), rel=1e-9)
    assert after[2] == pytest.approx([1 / 3] * len(after[2]), rel=1e-9)
    breaches = len(after[1]) + len(after[2])
    assert breaches == (rows.survival_end == SURVIVAL_ENDS.index("collapsed")).sum()
    assert abs(len(after[1]) / breaches - 0.5) < 4 * np.sqrt(0.25 / breaches)
