"""What a mediator knows is an argument: nothing of the truth without information, all of it with all."""

from dataclasses import replace

import numpy as np
import pytest

from sim.engine.ensemble import play_block
from sim.engine.estimates import Knowledge
from sim.engine.mediators import HillClimb
from sim.engine.model import Negotiation
from tests.engine.spy import Spy
from tests.synthetic import game

RUNS = 200


def centred(prefixes):
    """Changes that put every spread number under these paths exactly at its centre."""
    return {
        number.path: number.distribution.centre
        for number in game("march_2025").scenario.numbers()
        if number.path.startswith(prefixes) and number.distribution.sd > 0
    }


def texts_of(changes, information, learning):
    """What is tabled in each round, as (issue, run) where it is, and whether it is."""
    # Nor may the odds, which everybody sees, differ between runs.
    world = game("march_2025", **changes | {"conflict.volatility": 0, "clock.horizon": 8})
    world = replace(world, mediator=HillClimb(knowledge=Knowledge(information=information, learning=learning)))
    seen = []

    def watch(moment):
        seen.append((moment.proposal.packages.copy(), moment.proposal.asked.copy(), moment.signed, moment.answers.line))

    play_block(world, 0, RUNS, watch)
    return seen


def same_until_something_is_known(seen):
    """Assert that runs with the same public history get the same text; returns how many different worlds that were."""
    history = [()] * RUNS
    compared = 0
    for packages, asked, signed, line in seen:
        told = {}
        for run in range(RUNS):
            if history[run] is None:
                continue
            text = tuple(packages[:, run].tolist()) if asked[run] else None
            assert told.setdefault(history[run], text) == text
            compared += 1
            # A red line that was named is public, but which one is not compared here.
            over = (line[:, run] >= 0).any()
            history[run] = None if over or signed[run] else (*history[run], text)
    return compared


# What options do to the war, what keeping a deal costs, control, and how the war goes are facts to a mediator, and
# fixed at their centres here. The rest is a party's own: tastes, costs, optimism, firmness, red lines, bonuses, types,
# reliefs and trust.
FACTS = ("issues.", "effects.", "conflict.")
PARTIES = ("russia", "ukraine", "united_states", "germany", "france", "united_kingdom")


def facts():
    """Changes that fix what a mediator knows anyway, so that every run looks the same from outside."""
    control = tuple(f"parties.{party}.control" for party in PARTIES)
    return {path: value for path, value in centred(FACTS + control).items() if ".relief." not in path}


def test_without_information_texts_do_not_depend_on_what_is_a_party_s_own():
    assert same_until_something_is_known(texts_of(facts(), 0, 0)) > 2 * RUNS


@pytest.mark.parametrize(("information", "learning"), [(1, 0), (0.5, 0), (0, 1)])
def test_with_information_or_what_refusals_tell_they_do(information, learning):
    with pytest.raises(AssertionError):
        same_until_something_is_known(texts_of(facts(), information, learning))


def test_knowing_everything_is_seeing_the_truth():
    world = game("march_2025")
    seen = []
    mediator = Spy(HillClimb(knowledge=Knowledge(information=1)), lambda sight, proposal: seen.append(sight))
    model = Negotiation(world.block(0, 40), mediator)
    block = model.block
    model.step()
    packages = block.text
    for entry in range(len(block.seats)):
        true, estimated = (
            block.sums_of(packages, block.everyone),
            block.sums_of(packages, block.everyone, seen[0].estimates),
        )
        assert estimated.utility(entry) == pytest.approx(true.utility(entry), abs=1e-12)
        assert estimated.clear(entry) == pytest.approx(true.clear(entry), abs=1e-12)
        assert estimated.relief(entry) == pytest.approx(true.relief(entry), abs=1e-12)
    outlook = seen[0].outlook
    assert outlook.cost == pytest.approx(block.worlds.cost[block.seats], abs=1e-12)
    # Types stay private: of a belligerent's own sincerity others only have beliefs.
    assert ((outlook.sincere_first > 0) & (outlook.sincere_first < 1)).all()


def test_information_is_the_share_of_the_way_to_the_truth():
    world = game("march_2025")
    found = []
    for information in (0.0, 0.25, 1.0):
        seen = []
        mediator = Spy(
            HillClimb(knowledge=Knowledge(information=information, learning=0)),
            lambda sight, proposal, seen=seen: seen.append(sight.outlook.cost.copy()),
        )
        model = Negotiation(world.block(0, 40), mediator)
        model.step()
        found.append(seen[0])
    centre, quarter, truth = found
    assert quarter == pytest.approx(centre + 0.25 * (truth - centre), abs=1e-12)
    assert np.ptp(centre, axis=1) == pytest.approx(np.zeros(len(centre)), abs=1e-12)
    # The mean of the draws, over types too: what an observer expects.
    many = game("march_2025").block(0, 4000).worlds.cost[:3]
    assert np.abs(many.mean(axis=1) - centre[:, 0]).max() < 4 * many.std() / np.sqrt(4000)


def test_a_refusal_moves_the_named_issue_toward_the_truth_and_no_other():
    """What an option adds to utility and relief: half of the way to the truth where its issue was named."""
    world = game("march_2025")
    estimates, answers = [], []
    mediator = Spy(
        HillClimb(knowledge=Knowledge(information=0, learning=0.5)),
        lambda sight, proposal: estimates.append(type(sight.estimates)(*map(np.array, sight.estimates))),
    )
    model = Negotiation(world.block(0, 120), mediator, lambda moment: answers.append(moment.answers))
    block = model.block
    model.step()
    model.step()
    told = answers[0]
    quo = np.repeat(block.space.status_quo[:, np.newaxis], 120, axis=1)

    def part(packages, what, field=None):
        sums = block.sums_of(packages, block.everyone, field)
        return np.stack([getattr(sums, what)(entry) for entry in range(len(block.seats))])

    parties = block.seats
    short = told.asked & ~told.accepts[parties] & (told.line[parties] < 0)
    counted = 0
    for issue in range(block.space.issues):
        named = short & (told.issue[parties] == issue)
        counted += named.sum()
        for place in block.space.places(issue):
            probe = quo.copy()
            probe[issue] = place
            for what in ("utility", "relief"):
                fields = (None, *estimates[:2])
                truth, before, after = (part(probe, what, field) - part(quo, what, field) for field in fields)
                expected = np.where(named, before + 0.5 * (truth - before), before)
                assert after == pytest.approx(expected, abs=1e-12)
    assert counted > 10


def test_a_refusal_moves_the_estimated_need_toward_what_was_asked():
    """Need per unit of the conflict settled: from what was announced (nothing) half of the way to aspiration / s."""
    world = game("march_2025")
    needs, moments = [], []

    def watch(moment):
        block = moment.block
        settled = block.settled(block.sums_of(moment.proposal.packages, block.everyone))
        moments.append((moment.answers, moment.proposal.asked.copy(), settled))

    mediator = Spy(HillClimb(), lambda sight, proposal: needs.append(sight.outlook.need.copy()))
    model = Negotiation(world.block(0, 120), mediator, watch)
    seats = model.block.seats
    model.step()
    model.step()
    answers, asked, settled = moments[0]
    assert (needs[0] == 0).all()
    short = asked & ~answers.accepts[seats] & (answers.line[seats] < 0)
    expected = np.where(short, 0.5 * answers.aspiration[seats] / settled, 0.0)
    assert needs[1] == pytest.approx(expected, abs=1e-12)
    assert short.sum() > 10
