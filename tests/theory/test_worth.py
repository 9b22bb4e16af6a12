"""Worth of a package: against the model's page in plain loops, in its limits, and under its symmetries."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.theory.worth import Ground, Terms, View, chance, concession, fate, remaining_shift, war_worth, worth
from tests.engine import plain

PARTIES = 3  # the first belligerent, the second, and one who does not fight


def shares(low=0.0, high=1.0):
    return st.floats(low, high, allow_subnormal=False)


@st.composite
def problems(draw):
    """One run as plain numbers: what a text does, the ground it stands on, and how three parties see it."""
    return {
        "terms": {
            "settled": draw(shares()),
            "lasts": draw(shares()),
            "hazard": draw(shares(0, 3)),
            "exposure": draw(shares(-1, 2)),
            "shift": draw(shares(-3, 3)),
            "front": draw(shares()),
            "burden": (draw(shares(-0.2, 1.4)), draw(shares(-0.2, 1.4))),
            "term": draw(st.sampled_from([7.0, 30.0, 180.0, 1e9])),
            "base": draw(st.sampled_from([0.0, 0.0005, 0.003, 0.05])),
        },
        "utility": [draw(shares(-0.1, 1.1)) for _ in range(PARTIES)],
        "relief": [draw(shares(-0.8, 1.5)) for _ in range(PARTIES)],
        "ground": {
            "spoilers": (draw(shares(0, 0.01)), draw(shares(0, 0.01))),
            "rate": draw(shares(0, 0.05)),
            "planning": draw(st.sampled_from([30.0, 180.0])),
            "rearm": draw(st.sampled_from([60.0, 120.0])),
            "paused": draw(st.sampled_from([0.0, 35.0, 90.0, 400.0])),
            "drift": draw(shares(-0.01, 0.01)),
        },
        "m": [draw(shares(0.01, 0.99)) for _ in range(PARTIES)],
        "victory": [(draw(shares(-0.1, 1.1)), draw(shares(-0.1, 1.1))) for _ in range(PARTIES)],
        "cost": [draw(shares(0, 0.5)) for _ in range(PARTIES)],
        # A belligerent knows its own type; of the others all have beliefs.
        "sincere": [
            (draw(st.sampled_from([0.0, 1.0])), draw(shares())),
            (draw(shares()), draw(st.sampled_from([0.0, 1.0]))),
            (draw(shares()), draw(shares())),
        ],
    }


def column(values):
    return np.asarray(values, dtype=float)[:, np.newaxis]


def arrays(problem):
    """The same problem in the words of the theory, as a block of one run."""
    terms = {name: np.asarray([value]) for name, value in problem["terms"].items() if name != "burden"}
    ground = {name: np.asarray([value]) for name, value in problem["ground"].items() if name != "spoilers"}
    m = column(problem["m"])
    victory, sincere = np.asarray(problem["victory"]), np.asarray(problem["sincere"])
    return (
        Terms(
            utility=column(problem["utility"]),
            relief=column(problem["relief"]),
            burden=column(problem["terms"]["burden"]),
            **terms,
        ),
        Ground(spoilers=column(problem["ground"]["spoilers"]), **ground),
        View(
            odds=m / (1 - m),
            first_wins=column(victory[:, 0]),
            second_wins=column(victory[:, 1]),
            cost=column(problem["cost"]),
            sincere_first=column(sincere[:, 0]),
            sincere_second=column(sincere[:, 1]),
        ),
    )


def by_hand(problem):
    return [
        plain.worth(
            (plain.FIRST, plain.SECOND, plain.THIRD)[party],
            utility=problem["utility"][party],
            relief=problem["relief"][party],
            **problem["terms"],
            **problem["ground"],
            m=problem["m"][party],
            victory=problem["victory"][party],
            cost=problem["cost"][party],
            sincere=problem["sincere"][party],
        )
        for party in range(PARTIES)
    ]


def changed(problem, **parts):
    return {key: (value | parts[key] if key in parts else value) for key, value in problem.items()}


@settings(max_examples=1500)
@given(problems())
def test_worth_is_what_the_page_says_in_plain_loops(problem):
    assert worth(*arrays(problem))[:, 0] == pytest.approx(by_hand(problem), abs=1e-12)


def test_runs_do_not_touch_each_other():
    """A block of many runs is each of them alone, bit for bit."""
    found = []

    @settings(max_examples=20)
    @given(problems())
    def collect(problem):
        found.append(arrays(problem))

    collect()
    kinds = (Terms, Ground, View)
    blocks = [
        kind(**{name: np.concatenate([getattr(p[k], name) for p in found], axis=-1) for name in names})
        for k, (kind, names) in enumerate((kind, kind.__dataclass_fields__) for kind in kinds)
    ]
    alone = np.concatenate([worth(*problem) for problem in found], axis=1)
    assert np.array_equal(worth(*blocks), alone)


@given(problems())
def test_a_lasting_deal_that_settles_everything_is_worth_its_utility(problem):
    problem = changed(
        problem,
        terms={"settled": 1.0, "base": 0.0, "burden": (0.0, 0.0)},
        ground={"spoilers": (0.0, 0.0)},
    )
    assert worth(*arrays(problem))[:, 0] == pytest.approx(problem["utility"], abs=1e-14)


@given(problems())
def test_a_lasting_deal_that_does_nothing_is_worth_the_war(problem):
    problem = changed(
        problem,
        terms={"settled": 0.0, "base": 0.0, "burden": (0.0, 0.0), "shift": 0.0, "front": 1.0},
        ground={"spoilers": (0.0, 0.0)},
    )
    problem["relief"] = [0.0] * PARTIES
    terms, ground, view = arrays(problem)
    assert worth(terms, ground, view) == pytest.approx(war_worth(view), abs=1e-14)


@given(problems())
def test_a_deal_that_breaks_at_once_without_exposure_or_shift_is_worth_the_war(problem):
    problem = changed(problem, terms={"base": 1e6, "hazard": 1.0, "exposure": 0.0, "shift": 0.0, "front": 1.0})
    terms, ground, view = arrays(problem)
    assert worth(terms, ground, view) == pytest.approx(war_worth(view), abs=1e-14)


@given(problems())
def test_without_any_hazard_every_deal_holds_and_nobody_breaks_it(problem):
    problem = changed(problem, terms={"hazard": 0.0}, ground={"spoilers": (0.0, 0.0)})
    terms, ground, view = arrays(problem)
    holds, first = fate(terms, ground, view)
    assert holds == pytest.approx(np.ones((PARTIES, 1)), abs=1e-14)
    assert first == pytest.approx(np.zeros((PARTIES, 1)), abs=1e-14)


@given(problems())
def test_chances_of_holding_and_of_each_breaker_add_to_one(problem):
    terms, ground, view = arrays(problem)
    holds, first = fate(terms, ground, view)
    assert ((holds >= 0) & (first >= 0) & (holds + first <= 1 + 1e-12)).all()


@settings(max_examples=300)
@given(problems())
def test_a_mirrored_war_is_worth_the_same(problem):
    """Swap the belligerents and turn the odds, and each party has what it had."""
    turned = {
        "terms": problem["terms"]
        | {"shift": -problem["terms"]["shift"], "burden": tuple(reversed(problem["terms"]["burden"]))},
        "utility": problem["utility"],
        "relief": problem["relief"],
        "ground": problem["ground"]
        | {"drift": -problem["ground"]["drift"], "spoilers": tuple(reversed(problem["ground"]["spoilers"]))},
        "m": [1.0 - m for m in problem["m"]],
        "victory": [tuple(reversed(pair)) for pair in problem["victory"]],
        "cost": problem["cost"],
        "sincere": [tuple(reversed(pair)) for pair in problem["sincere"]],
    }
    assert worth(*arrays(turned))[:, 0] == pytest.approx(worth(*arrays(problem))[:, 0], abs=1e-12)


@given(problems(), shares(0.01, 1))
def test_more_utility_never_hurts_and_no_relief_beyond_the_whole_cost_helps(problem, more):
    terms, ground, view = arrays(problem)
    richer = replace(terms, utility=terms.utility + more)
    assert (worth(richer, ground, view) >= worth(terms, ground, view) - 1e-15).all()
    full, over = (replace(terms, relief=np.full_like(terms.relief, relief)) for relief in (1.0, 1.0 + more))
    assert np.array_equal(worth(full, ground, view), worth(over, ground, view))


def test_a_pause_in_which_the_other_rearms_is_refused_where_it_is_the_only_difference():
    """By hand: no hazard, nothing settled, m = 1/2, V(W1) - V(W2) = 1, shift -1: r falls by 1/2 - .2689."""
    one = np.ones((1, 1))
    terms = Terms(
        utility=0 * one,
        relief=0 * one,
        settled=np.zeros(1),
        lasts=np.ones(1),
        hazard=np.ones(1),
        exposure=np.zeros(1),
        shift=-np.ones(1),
        burden=np.zeros((2, 1)),
        term=np.full(1, 1e9),
        base=np.zeros(1),
        front=np.ones(1),
    )
    ground = Ground(np.zeros((2, 1)), np.zeros(1), np.full(1, 180.0), np.full(1, 120.0), np.zeros(1), np.zeros(1))
    view = View(odds=one, first_wins=one, second_wins=0 * one, cost=0.1 * one, sincere_first=one, sincere_second=one)
    assert worth(terms, ground, view)[0, 0] == pytest.approx(1 / (1 + math.e) - 0.1, abs=1e-15)
    half_left = replace(ground, paused=np.full(1, 60.0))
    assert worth(terms, half_left, view)[0, 0] == pytest.approx(1 / (1 + math.exp(0.5)) - 0.1, abs=1e-15)


def test_remaining_shift_by_hand():
    """shift .6 over 120 days: a term of 30 moves a quarter of it; 100 days into the pause 20 days are left."""
    terms, ground, _ = arrays(
        {
            "terms": {
                "settled": 1.0, "lasts": 1.0, "hazard": 1.0, "exposure": 0.0, "shift": 0.6, "front": 0.25,
                "burden": (0.0, 0.0), "term": 30.0, "base": 0.0,
            },
            "utility": [0.0] * 3, "relief": [0.0] * 3,
            "ground": {
                "spoilers": (0.0, 0.0), "rate": 0.0, "planning": 180.0, "rearm": 120.0, "paused": 0.0, "drift": 0.0,
            },
            "m": [0.5] * 3, "victory": [(1.0, 0.0)] * 3, "cost": [0.0] * 3, "sincere": [(1.0, 1.0)] * 3,
        }
    )  # fmt: skip
    assert remaining_shift(terms, ground) == pytest.approx([0.15])
    assert remaining_shift(terms, replace(ground, paused=np.asarray([100.0]))) == pytest.approx([0.1])
    assert remaining_shift(terms, replace(ground, paused=np.asarray([130.0]))) == pytest.approx([0.0])
    # A front at a quarter forgoes three quarters of a drift of .002 over the 30 days: .045 less.
    assert remaining_shift(terms, replace(ground, drift=np.asarray([0.002]))) == pytest.approx([0.105])


@given(shares(0.001, 1000))
def test_odds_and_chance(odds):
    assert chance(np.asarray([odds]))[0] == pytest.approx(odds / (1 + odds))


@given(st.integers(1, 60), shares(0.05, 5))
def test_concession_falls_to_nothing_at_the_deadline(deadline, pace):
    asked = [float(concession(t, deadline, np.asarray([pace]))[0]) for t in range(1, deadline + 3)]
    assert all(later <= earlier for earlier, later in itertools.pairwise(asked))
    assert asked[deadline - 1 :] == [0.0] * 3
    for t, share in enumerate(asked[:deadline], 1):
        assert share == pytest.approx(max(1 - (t / deadline) ** (1 / pace), 0.0), abs=1e-12)


@pytest.mark.parametrize("pace", [0.1, 0.3, 1.0, 3.0])
def test_without_a_deadline_it_is_the_average_of_the_way_to_one(pace):
    fine = concession(np.arange(1, 200_001) - 0.5, 200_000, np.asarray(pace))
    assert float(concession(3, None, np.asarray(pace))) == pytest.approx(fine.mean(), abs=1e-4)


def test_a_small_pace_holds_out():
    halfway = concession(5, 10, np.asarray([0.1, 0.5, 1.0, 3.0]))
    assert halfway == pytest.approx([1 - 0.5**10, 0.75, 0.5, 1 - 0.5 ** (1 / 3)])
