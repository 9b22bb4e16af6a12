"""Between talks: the odds walk, pauses shift them, deals break and end, and each party learns whom to trust."""

from pathlib import Path

import numpy as np
import pytest

from sim.engine.ensemble import Game, play_block
from sim.engine.mediators import NoMediator
from sim.engine.records import ENDINGS
from sim.world.files import load
from tests.synthetic import widths

WAR = str(Path(__file__).with_name("war.yaml"))
NO_WIDTHS = {kind: dict.fromkeys(grades, 0.0) for kind, grades in widths().items()}
BASE = np.asarray([0.004, 0.001])
NORTH, SOUTH, LEAGUE = 0, 1, 2
QUIET = {"conflict.spoiler_rate": 0, "conflict.deliberate_rate": 0}  # with a base of 0: nothing breaks
START = np.log(0.55 / 0.45)


def play(runs=40, base=BASE, **changes):
    """What a watcher sees of a war in which nobody tables anything: one dict of arrays a round; and the rows."""
    scenario = load(WAR, widths=NO_WIDTHS, changes=changes)
    rounds = []

    def watch(moment):
        block = moment.block
        rounds.append(
            {
                "logit": block.logit.copy(),
                "paused": block.paused.copy(),
                "evidence": block.evidence.copy(),
                "has_deal": block.has_deal.copy(),
                "term_left": block.term_left.copy(),
                "plays": block.worlds.plays.copy(),
                "trust": np.stack([block.view.sincere_first, block.view.sincere_second], axis=1),
                "broken": moment.broken.copy(),
                "who": moment.who.copy(),
                "expired": moment.expired.copy(),
                "rolled": moment.rolled.copy(),
            }
        )

    rows = play_block(Game(scenario, NoMediator(), base, 11), 0, runs, watch)
    return [{name: array[..., :runs] for name, array in seen.items()} for seen in rounds], rows


def close(share, expected, runs):
    """Within four standard errors of a share."""
    return abs(share - expected) < 4 * np.sqrt(expected * (1 - expected) / runs)


# --- the walk ---


@pytest.mark.parametrize("days", [7, 14, 3.5])
def test_the_walk_has_the_stated_mean_and_variance(days):
    runs, rounds = 8000, 9
    changes = {"in_force": None, "clock.round_days": days, "clock.horizon": rounds}
    seen, _ = play(runs, **changes, **{"conflict.drift": 0.004, "conflict.volatility": 0.2})
    path = np.stack([np.full(runs, START), *(moment["logit"] for moment in seen)])
    steps = np.diff(path, axis=0)
    variance = 0.2**2 * days / 7
    mean_error, variance_error = np.sqrt(variance / steps.size), variance * np.sqrt(2 / steps.size)
    assert abs(steps.mean() - 0.004 * days) < 4 * mean_error
    assert abs(steps.var() - variance) < 4 * variance_error
    # Rounds are independent, so the spread grows with the square root of time.
    assert abs(path[-1].var() - rounds * variance) < 4 * rounds * variance * np.sqrt(2 / runs)
    assert abs(np.corrcoef(steps[0], steps[1])[0, 1]) < 4 / np.sqrt(runs)


def test_a_full_halt_stops_the_front():
    changes = {"in_force": {"halt": "full", "duration": "long"}, "conflict.drift": 0.004, "conflict.volatility": 0.2}
    seen, _ = play(base=BASE * 0, **changes, **QUIET, **{"issues.halt.options.full.shift": 0})
    assert all(moment["has_deal"].all() for moment in seen)
    assert seen[-1]["logit"] == pytest.approx(np.full(40, START), abs=1e-7)


def test_a_front_at_a_quarter_has_a_quarter_of_drift_and_variance():
    runs = 8000
    changes = {"conflict.drift": 0.004, "conflict.volatility": 0.2, "clock.horizon": 4}
    seen, _ = play(runs, base=BASE * 0, **changes, **QUIET, **{"issues.halt.options.narrow.front": 0.25})
    moved = seen[-1]["logit"] - START
    assert abs(moved.mean() - 4 * 7 * 0.001) < 4 * np.sqrt(4 * 0.01 / runs)
    assert abs(moved.var() - 4 * 0.01) < 4 * 4 * 0.01 * np.sqrt(2 / runs)


def test_a_mirrored_war_walks_mirrored():
    """The noise is keyed by role, so belligerents that swap places turn every step."""
    runs = 40
    changes = {"in_force": None, "conflict.odds": 0.5, "conflict.volatility": 0.2, "clock.horizon": 3}
    here, _ = play(runs, **changes)
    there, _ = play(runs, **changes, **{"conflict.belligerents": ["south", "north"]})
    for one, other in zip(here, there, strict=True):
        assert one["logit"] == pytest.approx(-other["logit"], abs=1e-12)


# --- pauses ---


def test_a_pause_shifts_the_odds_day_by_day_and_stops_when_the_arms_are_in():
    """Shift -1.2 over 120 days: -.07 a week; after 17 weeks (119 days) one day of .01 is left, and then nothing."""
    seen, _ = play(base=BASE * 0, **QUIET, in_force={"halt": "full", "duration": "long"})
    for week, moment in enumerate(seen, 1):
        assert moment["logit"] == pytest.approx(np.full(40, START - 0.01 * min(7 * week, 120)), abs=1e-7)
        assert (moment["paused"] == 7 * week).all()


def test_a_deal_without_shift_is_no_pause():
    seen, _ = play(base=BASE * 0, **QUIET)
    assert all(moment["has_deal"].all() and (moment["paused"] == 0).all() for moment in seen)
    assert seen[-1]["logit"] == pytest.approx(np.full(40, START), abs=1e-7)


def test_what_has_moved_stays_moved_when_the_deal_ends_and_the_counter_starts_again():
    """Three weeks of a shift of -1.2 over 120 days move -.21; north, against whom it goes, lets it expire."""
    changes = {"in_force": {"halt": "full", "duration": "short"}, "parties.north.preferences.halt.ideal": 0}
    seen, rows = play(base=BASE * 0, **changes, **QUIET)
    assert [bool(moment["expired"].all()) for moment in seen[:4]] == [False, False, True, False]
    assert not any(moment["rolled"].any() for moment in seen)
    assert seen[1]["paused"][0] == 14
    assert seen[2]["paused"][0] == 0
    assert seen[-1]["logit"] == pytest.approx(np.full(40, START - 0.21), abs=1e-7)
    assert (rows.ending == ENDINGS.index("expired")).all()
    assert (rows.survival_days == 21).all()
    assert (rows.days_in_force == 21).all()


def test_a_deal_that_every_signer_likes_rolls_over_and_its_pause_goes_on():
    changes = {"in_force": {"halt": "full", "duration": "short"}, "issues.halt.options.full.shift": -0.12}
    seen, rows = play(base=BASE * 0, **changes, **QUIET)
    assert [week for week, moment in enumerate(seen, 1) if moment["rolled"].all()] == list(range(3, 40, 3))
    assert not any(moment["expired"].any() for moment in seen)
    assert seen[2]["term_left"][0] == 21
    assert seen[5]["paused"][0] == 42
    assert seen[-1]["logit"] == pytest.approx(np.full(40, START - 0.12), abs=1e-7)
    assert (rows.ending == ENDINGS.index("in force")).all()
    assert (rows.survival_days == 280).all()


def test_a_term_ends_with_the_round_in_which_its_last_day_falls():
    """Thirty days in rounds of seven: the fifth round."""
    changes = {"in_force": {"halt": "full", "duration": "month"}, "parties.north.preferences.halt.ideal": 0}
    seen, _ = play(base=BASE * 0, **changes, **QUIET)
    assert [week for week, moment in enumerate(seen, 1) if moment["expired"].any()] == [5]
    # The last round has two days left of the term, so the pause shifts the odds by thirty days and no more.
    assert seen[-1]["logit"] == pytest.approx(np.full(40, START - 0.3), abs=1e-7)


# --- breakdown ---
# Hazards a day of the narrow halt: base .004 x 1.5 / 2 = .003 each side; south's spoilers (1 - .75) x .008 = .002;
# deliberate .02 x 1.5 x burden: north .018, south .006, of a side that plays for time.
SINCERE = (0.003, 0.005)
EXTRA = (0.018, 0.006)


@pytest.fixture(scope="module")
def breaking():
    return play(12_000, **{"clock.horizon": 8})


def test_deals_break_as_often_as_their_hazards_say(breaking):
    seen, _ = breaking
    plays = seen[0]["plays"]
    for north in (False, True):
        for south in (False, True):
            these = (plays[0] == north) & (plays[1] == south)
            mu = SINCERE[0] + north * EXTRA[0], SINCERE[1] + south * EXTRA[1]
            runs = int(these.sum())
            for week in (1, 8):
                gone = ~seen[week - 1]["has_deal"][these]
                assert close(gone.mean(), 1 - np.exp(-7 * week * sum(mu)), runs)
            ended = np.concatenate([moment["who"][these & moment["broken"]] for moment in seen])
            assert close((ended == 1).mean(), mu[0] / sum(mu), len(ended))


def test_days_in_force_have_the_mean_of_the_exponential_cut_off_at_the_horizon(breaking):
    seen, rows = breaking
    neither = ~seen[0]["plays"].any(axis=0)
    mu, last = sum(SINCERE), 56.0
    days = rows.days_in_force[neither]
    assert abs(days.mean() - (1 - np.exp(-mu * last)) / mu) < 4 * days.std() / np.sqrt(len(days))
    assert np.array_equal(rows.days_in_force, rows.survival_days)
    assert (rows.survival_days[rows.ending == ENDINGS.index("in force")] == last).all()


def test_types_are_drawn_with_their_chances(breaking):
    seen, rows = breaking
    for side in (0, 1):
        assert close(seen[0]["plays"][side].mean(), 0.4, 12_000)
        assert np.array_equal(rows.kind[side] == 1, seen[0]["plays"][side])


def test_a_collapse_moves_the_odds_by_the_exposure_in_favour_of_the_breaker(breaking):
    seen, rows = breaking
    before = np.full(12_000, START)
    for moment in seen:
        gain = np.where(moment["who"] == 1, 0.25, np.where(moment["who"] == 2, -0.25, 0.0))
        assert moment["logit"] - before == pytest.approx(gain, abs=1e-12)
        assert np.array_equal(moment["who"] > 0, moment["broken"])
        before = moment["logit"]
    last = np.max([moment["who"] for moment in seen], axis=0)
    assert np.array_equal(rows.broke, last)


def test_no_deal_breaks_twice_and_none_expires_in_the_round_it_breaks(breaking):
    seen, _ = breaking
    assert (np.sum([moment["broken"] for moment in seen], axis=0) <= 1).all()
    short, _ = play(4000, **{"clock.horizon": 5, "in_force": {"halt": "narrow", "duration": "short"}})
    assert any(moment["broken"].any() for moment in short)
    assert not any((moment["broken"] & (moment["expired"] | moment["rolled"])).any() for moment in short)


def test_without_hazards_nothing_breaks_and_the_kind_of_the_deal_sets_its_base():
    seen, _ = play(400, base=BASE * 0, **QUIET)
    assert seen[-1]["has_deal"].all()
    runs = 6000
    costless = {"in_force": {"halt": "costless", "duration": "treaty"}, "conflict.spoiler_rate": 0, "clock.horizon": 20}
    seen, _ = play(runs, base=np.asarray([0.5, 0.001]), **costless)
    assert close(seen[-1]["has_deal"].mean(), np.exp(-140 * 0.001), runs)


# --- trust ---


def test_a_costless_deal_kept_says_nothing():
    seen, _ = play(2000, in_force={"halt": "costless", "duration": "long"})
    assert all((moment["evidence"] == 1).all() for moment in seen)
    assert seen[-1]["trust"][1, 0] == pytest.approx(np.full(2000, 0.6), abs=1e-12)


def test_a_costly_deal_kept_builds_trust_and_a_breach_destroys_it_by_the_stated_ratio(breaking):
    seen, rows = breaking
    before = np.ones((2, 12_000))
    was_in_force = np.ones(12_000, dtype=bool)
    ever = 0.0
    for moment in seen:
        ratio = moment["evidence"] / before
        held = was_in_force & ~moment["broken"]
        for side in (0, 1):
            kept_all = np.exp(EXTRA[side] * 7)
            assert ratio[side, held] == pytest.approx(np.full(held.sum(), kept_all), rel=1e-12)
            assert (ratio[side, ~was_in_force] == 1).all()
            # Who broke, broke after some days kept; who did not, kept as many.
            suspicion = SINCERE[side] / (SINCERE[side] + EXTRA[side])
            mine, others = (
                moment["broken"] & (moment["who"] == side + 1),
                moment["broken"] & (moment["who"] == 2 - side),
            )
            days = rows.survival_days - 7 * ever
            assert ratio[side, mine] == pytest.approx(suspicion * np.exp(EXTRA[side] * days[mine]), rel=1e-9)
            assert ratio[side, others] == pytest.approx(np.exp(EXTRA[side] * days[others]), rel=1e-9)
        before, was_in_force, ever = moment["evidence"], moment["has_deal"], ever + 1


def test_beliefs_are_right_on_average(breaking):
    """Bayes with a true prior: of the runs in which a side is believed sincere with chance q, a share q has it so."""
    seen, _ = breaking
    sincere = ~seen[0]["plays"]
    groups = {"kept": seen[-1]["has_deal"]}
    for side in (1, 2):
        groups[f"broken by {side}"] = np.any([moment["who"] == side for moment in seen], axis=0)
    for side, believer in ((0, 1), (1, 0)):
        belief = seen[-1]["trust"][believer, side]
        for group in groups.values():
            assert close(sincere[side][group].mean(), belief[group].mean(), int(group.sum()))
    # A breach by north, whose control is full, leaves it under suspicion; a halt kept speaks for it.
    assert (
        seen[-1]["trust"][1, 0][groups["broken by 1"]].max() < 0.4 < 0.6 < seen[-1]["trust"][1, 0][groups["kept"]].min()
    )


def test_everybody_knows_its_own_type(breaking):
    seen, _ = breaking
    for side in (0, 1):
        assert np.array_equal(seen[-1]["trust"][side, side], (~seen[0]["plays"][side]).astype(float))
