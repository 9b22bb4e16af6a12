"""How parties answer: red lines first, then worth against standing and what is asked above it; and why they refuse."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from sim.engine.ensemble import Game, play_block
from sim.engine.mediators import HillClimb, Scripted
from sim.theory.worth import concession
from tests.engine import plain
from tests.synthetic import game

SLACK = 1e-9  # the compiled exponential against the library's
BASE = np.asarray([0.002, 0.001])


def rounds(world, runs, *, first=0):
    """What a watcher sees: copies of all that an answer depends on, one a round."""
    seen = []

    def watch(moment):
        block = moment.block
        seen.append(
            {
                "round": moment.round,
                "asked": moment.proposal.asked.copy(),
                "packages": moment.proposal.packages - block.space.start[:-1, np.newaxis],
                "answers": moment.answers,
                "signed": moment.signed.copy(),
                "standing": block.standing.copy(),
                "logit": block.logit.copy(),
                "paused": block.paused.copy(),
                "evidence": block.evidence.copy(),
                "has_deal": block.has_deal.copy(),
                "deal": block.deal - block.space.start[:-1, np.newaxis],
                "term_left": block.term_left.copy(),
                "settled": block.settled(block.sums_of(moment.proposal.packages, block.everyone)),
                "lines": block.worlds.lines,
                "firmness": block.worlds.firmness.copy(),
            }
        )

    play_block(world, first, runs, watch)
    return seen


def text(packages, run):
    return tuple(packages[:, run].tolist())


def answered(seen, parties, runs):
    """(moment, run, party) of every answer given."""
    for moment in seen:
        for run in np.flatnonzero(moment["asked"][:runs]):
            for party in parties:
                yield moment, int(run), party


RUNS = 24


@pytest.fixture(scope="module")
def march():
    world = game("march_2025", **{"conflict.spoiler_rate": 0.05})
    return world, rounds(world, RUNS)


@pytest.fixture(scope="module")
def worlds(march):
    world, _ = march
    return [plain.World(world.scenario, world.base, world.seed, run) for run in range(RUNS)]


def test_worth_in_answers_is_what_the_page_says_in_plain_loops(march, worlds):
    """From the scenario itself, number by number, in every round: after breaches, in pauses, with what was learnt."""
    world, seen = march
    checked = paused = doubted = 0
    for moment, run, party in answered(seen, world.seats, RUNS):
        there = moment["logit"][run], moment["paused"][run], tuple(moment["evidence"][:, run])
        expected = worlds[run].worth(party, text(moment["packages"], run), there[0], paused=there[1], evidence=there[2])
        assert moment["answers"].worth[party, run] == pytest.approx(expected, abs=1e-9)
        checked, paused, doubted = checked + 1, paused + (there[1] > 0), doubted + (there[2] != (1.0, 1.0))
    assert checked > 500
    assert paused > 20
    assert doubted > 20


def test_standing_is_the_worth_of_what_is_in_force_else_of_the_war(march, worlds):
    world, seen = march
    kept = fought = 0
    for moment in seen:
        for run in range(RUNS):
            if moment["signed"][run]:
                continue
            there = {"paused": moment["paused"][run], "evidence": tuple(moment["evidence"][:, run])}
            for entry, party in enumerate(world.seats):
                if moment["has_deal"][run]:
                    deal = text(moment["deal"], run)
                    expected = worlds[run].worth(
                        party, deal, moment["logit"][run], term=moment["term_left"][run], **there
                    )
                    kept += 1
                else:
                    expected, fought = worlds[run].reservation(party, moment["logit"][run]), fought + 1
                assert moment["standing"][entry, run] == pytest.approx(expected, abs=1e-9)
    assert kept > 100
    assert fought > 100


def test_who_signs_crosses_no_line_and_gets_what_it_asks(march):
    world, seen = march
    for moment, run, party in answered(seen, world.seats, RUNS):
        answers = moment["answers"]
        enough = answers.worth[party, run] >= answers.required[party, run] - 1e-12
        assert answers.accepts[party, run] == (enough and answers.line[party, run] < 0)
        entry = world.seats.index(party)
        asked_more = answers.required[party, run] - moment["standing"][entry, run]
        assert asked_more == pytest.approx(max(answers.aspiration[party, run], 0.0), abs=1e-12)


def test_a_red_line_is_refused_whatever_the_worth(march, worlds):
    """Of a script that asks for the impossible: each names its first line, also where the text is worth enough."""
    world, _ = march
    texts = ("land_conceded_and_aid_ended", "land_returned", "full_halt", "full_halt_with_limits")
    seen = rounds(replace(world, mediator=Scripted(texts=texts)), RUNS)
    crossed = gladly = 0
    for moment, run, party in answered(seen, world.seats, RUNS):
        lines = worlds[run].crossed(party, text(moment["packages"], run))
        own = np.flatnonzero(moment["lines"].party == party)
        assert moment["answers"].line[party, run] == (own[lines[0]] if lines else -1)
        if lines:
            crossed += 1
            gladly += moment["answers"].worth[party, run] >= moment["answers"].required[party, run]
            assert not moment["answers"].accepts[party, run]
            assert moment["answers"].issue[party, run] == -1
    assert crossed > 100
    assert gladly > 5


def test_what_a_party_says_would_do_would_do(march, worlds):
    world, seen = march
    would = 0
    for moment, run, party in answered(seen, world.seats, RUNS):
        answers = moment["answers"]
        if run % 4:
            continue
        if answers.accepts[party, run] or answers.line[party, run] >= 0:
            assert answers.issue[party, run] == -1
            assert not answers.would_do[party, run]
            continue
        world_ = worlds[run]
        here = text(moment["packages"], run)
        there = {"paused": moment["paused"][run], "evidence": tuple(moment["evidence"][:, run])}
        then = {}
        for issue, option, after in plain.revisions(world.scenario, here):
            if option != here[issue] and not world_.crossed(party, after):
                value = world_.worth(party, after, moment["logit"][run], **there)
                then[issue] = max(then.get(issue, -np.inf), value)
        top = max(then.values())
        if top <= world_.worth(party, here, moment["logit"][run], **there) + 1e-11:
            assert answers.issue[party, run] == -1
            continue
        assert then[answers.issue[party, run]] == pytest.approx(top, abs=1e-9)
        if abs(top - answers.required[party, run]) > SLACK:
            assert answers.would_do[party, run] == (top > answers.required[party, run])
            would += answers.would_do[party, run]
    assert would > 3


def test_without_firmness_a_party_signs_whatever_beats_what_it_has():
    changes = {f"parties.{name}.firmness": 0 for name in ("russia", "ukraine", "united_states")}
    world = game("march_2025", **changes, **{"parties.russia.types.playing_for_time.firmness": 0})
    signed = refused = 0
    for moment, run, party in answered(rounds(world, 40), world.seats, 40):
        answers, entry = moment["answers"], world.seats.index(party)
        assert answers.aspiration[party, run] == 0
        better = answers.worth[party, run] >= moment["standing"][entry, run] - 1e-12
        assert answers.accepts[party, run] == (better and answers.line[party, run] < 0)
        signed, refused = signed + better, refused + (not better)
    assert signed > 100
    assert refused > 100


def test_aspirations_fall_to_nothing_at_a_fixed_deadline_and_talks_end():
    world = game("march_2025", **{"clock.deadline": {"round": 5}, "clock.horizon": 8})
    seen = rounds(world, 40)
    for moment, run, party in answered(seen, world.seats, 40):
        aspiration = moment["answers"].aspiration[party, run]
        assert aspiration >= 0
        if moment["round"] == 5:
            assert aspiration == 0
    asked = [int(moment["asked"][:40].sum()) for moment in seen]
    assert all(asked[:5])
    assert asked[5:] == [0, 0, 0]
    assert max(moment["answers"].aspiration.max() for moment in seen[:4]) > 0.01


def test_without_a_deadline_the_average_is_asked_throughout():
    """Orange, firmness 1: the baker's best is worth 1 and its standing 0, so it asks 1 / (1 + pace) and no less."""
    changes = {"parties.baker.firmness": 1, "parties.baker.concession": 0.25, "clock.deadline": "none"}
    for moment in rounds(game("orange", **changes), 1):
        if moment["asked"][0]:
            assert moment["answers"].aspiration[0, 0] == pytest.approx(0.8, abs=1e-12)


def test_before_a_deadline_less_is_asked_every_round():
    """Orange with firmness 1, pace 1 and ten rounds: .9, .8, .7, ... until the half that is tabled is enough."""
    changes = {f"parties.{name}.{what}": 1 for name in ("baker", "juicer") for what in ("firmness", "concession")}
    changes |= {"parties.juicer.preferences.peel.salience": 1, "parties.juicer.preferences.juice.salience": 0}
    world = replace(game("orange", **changes), mediator=Scripted(texts=("cut_in_half",)))
    seen = rounds(world, 1)
    asked = [moment["answers"].aspiration[0, 0] for moment in seen if moment["asked"][0]]
    assert asked == pytest.approx([0.9, 0.8, 0.7, 0.6, 0.5], abs=1e-12)
    assert [moment["round"] for moment in seen if moment["signed"][0]] == [5]


def test_an_exaggeration_binds_whoever_announced_it(tmp_path):
    """What is announced is a share of how much the best package beats the war at the opening; it is asked for good."""
    scenario = plain.random_scenario(
        tmp_path, 3, **{"parties.north.exaggeration": 0.6, "parties.north.firmness": 0, "clock.deadline": {"round": 3}}
    )
    world = Game(scenario, HillClimb(), BASE, 3)
    seen = rounds(world, 40)
    announced = {}
    checked = 0
    for moment, run, party in answered(seen, (0, 1), 8):
        if run not in announced:
            page = plain.World(scenario, BASE, 3, run)
            public = page.opening_logit()  # the best package is found before the first round
            announced[run] = 0.6 * max(page.best(0, public)[0] - page.reservation(0, public), 0.0)
        extra = announced[run] * moment["settled"][run] if party == 0 else 0.0
        expected = moment["standing"][party, run] + max(extra, moment["answers"].aspiration[party, run])
        assert moment["answers"].required[party, run] == pytest.approx(expected, abs=1e-9)
        checked += party == 0 and extra > 0.01
    assert checked > 5


def test_an_aspiration_is_a_share_of_the_best_package_as_it_is_worth_now(tmp_path):
    """firmness x concession x s(text) x how much the best package beats what is in force, re-valued every round."""
    scenario = plain.random_scenario(tmp_path, 6)
    world = Game(scenario, HillClimb(), BASE, 3)
    best, checked, partial, values = {}, 0, 0, []
    for moment, run, party in answered(rounds(world, 40), (0, 1, 2), 6):
        page = plain.World(scenario, BASE, 3, run)
        if (run, party) not in best:
            best[run, party] = page.best(party, page.opening_logit())[1]
        there = {"paused": moment["paused"][run], "evidence": tuple(moment["evidence"][:, run])}
        now = page.worth(party, best[run, party], moment["logit"][run], **there)
        gap = max(now - moment["standing"][party, run], 0.0)
        pace = page.read(party, scenario.parties[party].concession)
        share = float(concession(moment["round"], None, np.asarray(pace)))
        firmness = page.read(party, scenario.parties[party].firmness)
        expected = firmness * share * moment["settled"][run] * gap
        assert moment["answers"].aspiration[party, run] == pytest.approx(expected, abs=1e-9)
        checked += 1
        values.append(expected)
        partial += 0.0 < moment["settled"][run] < 1.0
    assert checked > 20
    assert partial > 20
    assert len(set(values)) > 10


def test_only_deciders_answer():
    world = game("march_2025")
    for moment in rounds(world, 5):
        others = [party for party in range(6) if party not in world.seats]
        assert not moment["answers"].accepts[others].any()
        assert (moment["answers"].worth[others] == 0).all()


def test_odds_of_different_runs_are_different(march):
    """The watcher saw as many worlds as runs."""
    _, seen = march
    assert all(len(set(moment["logit"].tolist())) == len(moment["logit"]) for moment in seen)
    assert all((one["logit"] != other["logit"]).any() for one, other in pairwise(seen))
