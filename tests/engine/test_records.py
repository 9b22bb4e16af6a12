"""Rows agree with what a watcher saw: 200 runs of the main scenario, told again from the rounds, run by run."""

from dataclasses import fields, replace

import numpy as np
import pytest

from sim.engine.ensemble import play_block
from sim.engine.mediators import Scripted
from sim.engine.records import ENDINGS, NEVER, SURVIVAL_ENDS, Records, joined
from sim.store.results import differing
from tests.synthetic import game

RUNS = 200
# Deals break more often and the odds move more than in the scenario itself, so that every ending occurs.
CHANGES = {"conflict.spoiler_rate": 0.03, "conflict.volatility": 0.5}


@pytest.fixture(scope="module")
def played():
    world = game("march_2025", **CHANGES)
    seen = []

    def watch(moment):
        block, answers = moment.block, moment.answers
        seen.append(
            {
                "asked": moment.proposal.asked.copy(),
                "package": moment.proposal.packages - block.space.start[:-1, np.newaxis],
                "signed": moment.signed.copy(),
                "broken": moment.broken.copy(),
                "who": moment.who.copy(),
                "expired": moment.expired.copy(),
                "accepts": answers.accepts.copy(),
                "line": answers.line.copy(),
                "issue": answers.issue.copy(),
                "has_deal": block.has_deal.copy(),
                "first_issue": block.worlds.lines.issue,
                "kind": block.worlds.kind,
            }
        )

    return world, play_block(world, 0, RUNS, watch), seen


class Story:
    """One run told again, event by event."""

    def __init__(self, scenario, deciders, rows, seen, run):
        self.scenario, self.run = scenario, run
        self.deal, self.ending, self.first, self.broke = None, "never agreed", NEVER, 0
        self.texts = self.signatures = 0
        self.class_round = [NEVER] * len(scenario.outcomes)
        self.classes = [0]
        self.refused = np.zeros((len(deciders), len(scenario.issues) + 1), dtype=int)
        self.crossed = np.zeros((len(deciders), len(scenario.issues)), dtype=int)
        self.sole = np.zeros(len(deciders), dtype=int)
        self.first_end, self.first_days = "none", np.nan
        self.deciders = deciders
        for number, moment in enumerate(seen, 1):
            self._ended(number, moment)
            if moment["asked"][run]:
                self._answered(moment)
            if moment["signed"][run]:
                self._signed(number, tuple(moment["package"][:, run].tolist()))
            assert (self.deal is not None) == moment["has_deal"][run]

    def _ended(self, number, moment):
        how = "collapsed" if moment["broken"][self.run] else "expired" if moment["expired"][self.run] else None
        if how is None:
            return
        assert self.deal is not None
        self.deal, self.ending = None, how
        if how == "collapsed":
            self.broke = int(moment["who"][self.run])
        if self.first_end == "in force":
            self.first_end = how
            # A deal that expires does so at the end of a round; one that breaks, some days into it.
            self.first_days = (number - self.first) * 7.0, (number - 1 - self.first) * 7.0

    def _answered(self, moment):
        self.texts += 1
        accepts = moment["accepts"][:, self.run]
        against = [party for party in self.scenario.signers if not accepts[party]]
        for row, party in enumerate(self.deciders):
            if accepts[party]:
                continue
            line, issue = moment["line"][party, self.run], moment["issue"][party, self.run]
            if line >= 0:
                self.crossed[row, moment["first_issue"][line]] += 1
            else:
                self.refused[row, issue] += 1  # -1, no single change would do, is the last column
            self.sole[row] += against == [party]
        assert moment["signed"][self.run] == (not against)

    def _signed(self, number, package):
        self.signatures += 1
        if self.first == NEVER:
            self.first, self.first_end = number, "in force"
        self.deal, self.ending = package, "in force"
        self.classes.append(self.class_of(package))
        if self.classes[-1] and self.class_round[self.classes[-1] - 1] == NEVER:
            self.class_round[self.classes[-1] - 1] = number

    def class_of(self, package):
        matches = [place for place, outcome in enumerate(self.scenario.outcomes, 1) if outcome.matches(package)]
        return matches[0] if matches else 0


@pytest.fixture(scope="module")
def stories(played):
    world, rows, seen = played
    return [Story(world.scenario, world.seats, rows, seen, run) for run in range(RUNS)]


def test_there_is_something_to_tell(stories):
    assert {story.ending for story in stories} == set(ENDINGS)
    assert any(story.signatures > 1 for story in stories)
    assert any(story.crossed.any() for story in stories)


def test_endings_packages_and_classes(played, stories):
    _, rows, _ = played
    for run, story in enumerate(stories):
        assert ENDINGS[rows.ending[run]] == story.ending
        assert rows.package[:, run].tolist() == (
            [NEVER] * len(rows.package) if story.deal is None else list(story.deal)
        )
        assert rows.outcome[run] == (story.class_of(story.deal) if story.deal is not None else 0)
        assert rows.broadest[run] == min((c for c in story.classes if c), default=0)
        assert rows.broke[run] == story.broke


def test_rounds_and_days(played, stories):
    world, rows, _ = played
    horizon = world.scenario.horizon
    for run, story in enumerate(stories):
        assert rows.agreed_round[run] == story.first
        assert rows.class_round[:, run].tolist() == story.class_round
        assert SURVIVAL_ENDS[rows.survival_end[run]] == story.first_end
        days = rows.survival_days[run]
        if story.first_end == "none":
            assert np.isnan(days)
            assert rows.days_in_force[run] == 0
        elif story.first_end == "in force":
            assert days == (horizon - story.first) * 7
            assert rows.days_in_force[run] == days
        elif story.first_end == "expired":
            assert days == story.first_days[0]
        else:
            assert story.first_days[1] <= days < story.first_days[0]
        if story.first != NEVER:
            assert (0 if np.isnan(days) else days) <= rows.days_in_force[run] + 1e-9
            assert rows.days_in_force[run] <= (horizon - story.first) * 7 + 1e-9


def test_what_was_tabled_and_who_refused_what(played, stories):
    _, rows, _ = played
    for run, story in enumerate(stories):
        assert rows.texts[run] == story.texts
        assert rows.signatures[run] == story.signatures
        assert np.array_equal(rows.refused[:, :, run], story.refused)
        assert np.array_equal(rows.crossed[:, :, run], story.crossed)
        assert np.array_equal(rows.sole[:, run], story.sole)


def test_worth_at_the_end(played):
    world, rows, seen = played
    nothing = rows.ending != ENDINGS.index("in force")
    assert np.array_equal(rows.worth[:, nothing], rows.reservation[:, nothing])
    assert (rows.worth[:, ~nothing] != rows.reservation[:, ~nothing]).all()
    assert rows.worth.shape == (len(world.scenario.parties), RUNS)
    assert np.array_equal(rows.kind, seen[0]["kind"][:, :RUNS])


def test_who_alone_stands_in_the_way_where_two_of_three_must_sign():
    """In a bloc that lacks one signature, two who refuse are each enough to mend it, so neither stands alone."""
    world = game("europe_signs", **{"signers.all_of": ["united_states"]})
    world = replace(world, mediator=Scripted(texts=tuple(text.name for text in world.scenario.texts)))
    [bloc] = world.scenario.blocs
    alone = np.zeros((len(world.seats), 80), dtype=int)
    both = 0

    def watch(moment):
        nonlocal both
        accepts = moment.answers.accepts
        for run in np.flatnonzero(moment.proposal.asked[:80] & ~moment.signed[:80]):
            against = [party for party in world.scenario.signers if not accepts[party, run]]
            missing = bloc.quorum - sum(accepts[party, run] for party in bloc.members)
            in_bloc = [party for party in bloc.members if not accepts[party, run]]
            if missing <= 0 and len(against) == 1:
                alone[world.seats.index(against[0]), run] += 1
            elif not against and missing == 1 and len(in_bloc) == 1:
                alone[world.seats.index(in_bloc[0]), run] += 1
            both += not against and missing == 1 and len(in_bloc) > 1

    rows = play_block(world, 0, 80, watch)
    assert np.array_equal(rows.sole, alone)
    assert both > 0
    assert alone.any()


def test_a_deal_in_force_at_the_start_counts_as_signed_in_round_0():
    rows = play_block(game("orange", in_force={"peel": "half", "juice": "half"}), 0, 3)
    assert (rows.agreed_round == 0).all()
    assert (rows.signatures == 1).all()  # the one that replaces it
    assert (rows.class_round[1] == 0).all()
    assert (rows.class_round[0] == 1).all()
    assert (rows.days_in_force == 0).all() or (rows.survival_days == 10).all()


def test_rows_are_locked_and_can_be_cut_and_joined(played):
    _, rows, _ = played
    with pytest.raises(ValueError, match="read-only"):
        rows.ending[0] = 3
    first = rows.take(50)
    assert first.runs == 50
    rest = {f.name: getattr(rows, f.name)[..., 50:].copy() for f in fields(Records) if f.name != "first"}
    assert differing(joined([Records(first=50, **rest), first]), rows) == ()
