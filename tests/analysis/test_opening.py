"""Answers at the opening: by hand where everything is fixed, by brute force where it is not."""

import json
from dataclasses import replace

import numpy as np
import pytest

from sim.analysis.opening import Reason, opening_answers
from sim.analysis.remedies import remedy
from sim.engine.ensemble import play_block
from tests.synthetic import game


def test_both_sign_both_texts_of_the_orange():
    found = opening_answers(game("orange"), 40)
    assert [text.name for text in found.texts] == ["cut_in_half", "each_its_part"]
    for text in found.texts:
        for answer in text.parties:
            assert (answer.signs.count, answer.signs.runs, answer.reported, answer.reproduced) == (
                40,
                40,
                "signs",
                True,
            )
            assert answer.reason is None


def test_a_party_that_has_more_without_a_deal_refuses_and_names_the_issue():
    world = game("orange", **{"parties.baker.reservation": 0.6})
    half = opening_answers(world, 10).texts[0]
    baker, juicer = half.parties
    assert (baker.signs.count, baker.reproduced) == (0, False)
    assert baker.reason == Reason("issue", "peel")
    assert baker.reason_share.count == 10
    assert juicer.signs.count == 10


def test_draws_do_not_depend_on_how_many_are_taken_together():
    world = game("march_2025")
    whole = opening_answers(world, 40)
    parts = [opening_answers(world, 15), opening_answers(world, 25, first=15)]
    for place, text in enumerate(whole.texts):
        for party, answer in enumerate(text.parties):
            assert answer.signs.count == sum(part.texts[place].parties[party].signs.count for part in parts)
    json.dumps(whole.to_json(), allow_nan=False)


def test_parties_that_need_not_sign_answer_and_are_marked():
    text = opening_answers(game("march_2025"), 5).texts[0]
    assert [answer.decides for answer in text.parties] == [True, True, True, False, False, False]


def test_less_than_one_draw_is_an_error():
    with pytest.raises(ValueError, match="at least one draw"):
        opening_answers(game(), 0)


def test_a_scenario_without_texts_has_no_answers():
    bare = game()
    assert opening_answers(replace(bare, scenario=replace(bare.scenario, texts=())), 3).texts == ()


def test_a_remedy_would_do_exactly_where_the_engine_says_so():
    seen = {True: 0, False: 0}

    def watch(moment):
        answers = moment.answers
        for party in (0, 1, 2):
            for run in np.flatnonzero(answers.asked & ~answers.accepts[party])[:4]:
                found = remedy(moment.block, moment.proposal.packages, answers, party, int(run))
                named = answers.line[party, run] < 0 and answers.issue[party, run] >= 0
                assert (found is not None) == named
                if found is not None:
                    assert found.issue == answers.issue[party, run]
                    assert found.would_do == answers.would_do[party, run]
                    seen[found.would_do] += 1

    play_block(game("march_2025"), 0, 64, watch)
    assert seen[True] > 0
