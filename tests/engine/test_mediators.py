"""Every mediator of the registry obeys the laws of the interface; then each does what it says."""

import json
import re
from dataclasses import FrozenInstanceError, replace
from itertools import pairwise

import numpy as np
import pytest

from sim.engine.ensemble import Game, play_block
from sim.engine.estimates import Knowledge
from sim.engine.mediators import MEDIATORS, AbstractMediator, HillClimb, MediatorError, NoMediator, Scripted
from sim.world.files import load
from tests.synthetic import game, widths

# A mediator without an example here fails a test: the laws below hold for all.
EXAMPLES = {
    "hill_climb": lambda scenario: HillClimb(),
    "scripted": lambda scenario: Scripted(texts=tuple(text.name for text in scenario.texts), rounds_each=2),
    "none": lambda scenario: NoMediator(),
}
EXTRA = {
    f"hill_climb_{objective}": lambda scenario, objective=objective: HillClimb(objective=objective)
    for objective in ("nash", "egalitarian", "utilitarian")
}
RUNS = 60
SCENARIOS = ("orange", "march_2025", "europe_signs")
every = pytest.mark.parametrize("name", [*EXAMPLES, *EXTRA])


def make(name, scenario):
    return (EXAMPLES | EXTRA)[name](scenario)


def proposals(world, first=0, runs=RUNS):
    """(round, packages as option positions, asked, talking, has_deal before, deal before) of every round."""
    seen = []
    before = {}

    def watch(moment):
        block = moment.block
        start = block.space.start[:-1, np.newaxis]
        seen.append(
            {
                "packages": (moment.proposal.packages - start)[:, :runs],
                "asked": moment.proposal.asked[:runs].copy(),
                "talking": block.talking[:runs].copy(),
                "signed": moment.signed[:runs].copy(),
                "deal": before.get("deal"),
                "has_deal": block.has_deal[:runs].copy(),
                "accepts": moment.answers.accepts[:, :runs].copy(),
                "line": moment.answers.line[:, :runs].copy(),
                "first": block.worlds.first,
            }
        )
        before["deal"] = (block.deal - start)[:, :runs].copy()

    play_block(world, first, runs, watch)
    return seen


@pytest.fixture(scope="module")
def seen():
    """Proposals by mediator and scenario, each played once; talks may end by chance."""
    kept = {}

    def get(name, scenario):
        if (name, scenario) not in kept:
            world = game(scenario, **{"clock.deadline": {"chance": 0.05}, "clock.horizon": 12})
            world = replace(world, mediator=make(name, world.scenario))
            kept[name, scenario] = world, proposals(world)
        return kept[name, scenario]

    return get


def test_every_mediator_has_an_example():
    assert EXAMPLES.keys() == MEDIATORS.keys()


@every
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_only_feasible_packages_are_tabled_and_only_while_talks_go_on(seen, name, scenario):
    world, rounds = seen(name, scenario)
    for moment in rounds:
        assert not (moment["asked"] & ~moment["talking"]).any()
        assert moment["asked"].dtype == np.bool_
        for package in set(map(tuple, moment["packages"][:, moment["asked"]].T.tolist())):
            assert world.scenario.feasible(package), world.scenario.words(package)
    assert not rounds[-1]["talking"].all()


@every
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_what_is_in_force_is_not_tabled_again(seen, name, scenario):
    _, rounds = seen(name, scenario)
    for before, now in pairwise(rounds):
        # Still in force: nothing ended it between the two rounds.
        kept = before["has_deal"] & now["has_deal"] & ~now["signed"]
        same = (now["packages"] == now["deal"]).all(axis=0)
        assert not (now["asked"] & kept & same).any()


@every
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_run_alone_gets_the_same_texts(seen, name, scenario):
    world, rounds = seen(name, scenario)
    for run in (0, 17, 41):
        for together, alone in zip(rounds, proposals(world, run, 1), strict=True):
            assert together["asked"][run] == alone["asked"][0]
            if alone["asked"][0]:
                assert together["packages"][:, run].tolist() == alone["packages"][:, 0].tolist()


@every
def test_a_mediator_is_frozen_says_what_it_does_and_compares_by_its_settings(name):
    scenario = game("orange").scenario
    mediator = make(name, scenario)
    assert isinstance(mediator, AbstractMediator)
    assert mediator == make(name, scenario)
    assert re.fullmatch(r"[a-z].*[^.]", mediator.behaviour)
    with pytest.raises(FrozenInstanceError):
        mediator.knowledge = Knowledge(information=1)
    mediator.check(scenario)


# --- none ---


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_nobody_tables_nothing(seen, scenario):
    _, rounds = seen("none", scenario)
    assert not any(moment["asked"].any() for moment in rounds)


# --- scripted ---


def test_a_script_is_tabled_in_order_each_text_as_long_as_asked():
    texts = ("land_returned", "full_halt", "energy_halt")
    world = game("march_2025", **{"clock.horizon": 9})
    world = replace(world, mediator=Scripted(texts=texts, rounds_each=2))
    packages = {text.name: text.package for text in world.scenario.texts}
    expected = [packages[name] for name in ("land_returned",) * 2 + ("full_halt",) * 2 + ("energy_halt",) * 2]
    expected += expected[:3]
    for wanted, moment in zip(expected, proposals(world), strict=True):
        assert all(tuple(package) == wanted for package in moment["packages"].T.tolist())
        assert (moment["asked"] | moment["has_deal"]).all()


def test_a_refused_text_is_tabled_again():
    world = game("march_2025", **{"clock.horizon": 4})
    world = replace(world, mediator=Scripted(texts=("land_returned",)))
    rounds = proposals(world)
    refused = ~np.any([moment["signed"] for moment in rounds], axis=0)
    assert refused.any()
    assert all(moment["asked"][refused].all() for moment in rounds)


# --- hill climb ---


def test_a_mediator_who_knows_all_of_the_orange_gives_each_its_part_at_once():
    rows = play_block(game("orange"), 0, 5)
    assert (rows.agreed_round == 1).all()
    assert (rows.outcome == 1).all()
    assert (rows.worth == 1).all()


def test_a_named_red_line_is_not_proposed_again():
    """Whatever the mediator learns of values: with learning off, lines that were named still stand."""
    world = game("march_2025", **{"clock.horizon": 12})
    world = replace(world, mediator=HillClimb(knowledge=Knowledge(information=0, learning=0)))
    named = {}
    crossings = [line.when for party in world.scenario.parties for line in party.red_lines]
    checked = 0
    for moment in proposals(world, runs=200):
        for run in np.flatnonzero(moment["asked"]):
            package = moment["packages"][:, run]
            for line in named.get(run, ()):
                assert not all(package[issue] in options for issue, options in crossings[line])
                checked += 1
            for line in moment["line"][:, run][moment["line"][:, run] >= 0]:
                named.setdefault(run, set()).add(int(line))
    assert checked > 10


def test_a_mediator_that_leans_gives_more_to_whom_it_leans_to():
    """Both want the peel and only the peel; who counts five times as much is given it."""
    changes = {"parties.juicer.preferences.peel.salience": 1, "parties.juicer.preferences.juice.salience": 0}
    world = game("orange", **changes)
    for name, index in (("baker", 0), ("juicer", 1)):
        leaning = replace(world, mediator=HillClimb(objective="utilitarian", bias={name: 5.0}))
        package = proposals(leaning, runs=1)[0]["packages"][:, 0]
        assert world.scenario.issues[0].options[package[0]].name == name
        assert world.seats[index] == index


def test_a_party_that_mediates_counts_its_own_worth(tmp_path):
    """A third party that wants the juicer to have the peel gets its way only when its own worth weighs."""
    changed = []
    for weight in (0.0, 50.0):
        world = made(
            tmp_path, ORANGE_WITH_A_GUEST, HillClimb(objective="utilitarian", party="guest", own_weight=weight)
        )
        changed.append(world.scenario.words(tuple(proposals(world, runs=1)[0]["packages"][:, 0].tolist())))
    assert changed == ["peel=baker", "peel=juicer"]


GROUNDS = {"because": "a toy", "grade": "assumed"}


def _taste(*values):
    return {"salience": {"exactly": 1}, "values": dict(zip(("half", "baker", "juicer"), values, strict=True))}


ORANGE_WITH_A_GUEST = {
    "title": "Two people, one peel and a guest",
    "clock": {"round_days": 1, "horizon": 2, "deadline": "none"},
    "issues": {
        "peel": {
            "about": "who gets it",
            "status_quo": "half",
            "options": {name: {"words": name} for name in ("half", "baker", "juicer")},
            **GROUNDS,
        }
    },
    "parties": {
        name: {"title": name, "reservation": {"exactly": 0}, "preferences": {"peel": _taste(*values)}, **GROUNDS}
        for name, values in {
            "baker": (0.5, {"exactly": 1}, {"exactly": 0}),
            "juicer": (0.5, 0.4, 0.6),
            "guest": ({"exactly": 0}, {"exactly": 0}, {"exactly": 1}),
        }.items()
    },
    "signers": {"all_of": ["baker", "juicer"]},
    "outcomes": {"given": {"peel": ["baker", "juicer"]}},
}


def made(folder, tree, mediator):
    """A game on a scenario stated here, without any spread."""
    path = folder / "made_up.yaml"
    path.write_text(json.dumps(tree), encoding="utf-8")  # JSON is YAML
    no_widths = {kind: dict.fromkeys(grades, 0.0) for kind, grades in widths().items()}
    return Game(load(str(path), widths=no_widths), mediator, np.zeros(2), 1)


# --- rules that follow from rules ---

CHAIN = {
    "title": "A halt needs a term, a term needs a line",
    "clock": {"round_days": 7, "horizon": 2, "deadline": "none"},
    "scope_issue": "scope",
    "issues": {
        name: {
            "about": name,
            "status_quo": "none",
            "options": {"none": {"words": "nothing"}, option: {"words": option}},
            **GROUNDS,
        }
        for name, option in {"scope": "full", "duration": "permanent", "territory": "line"}.items()
    },
    "rules": [
        {"option": {"scope": "full"}, "needs": {"duration": ["permanent"]}, "because": "a toy"},
        {"option": {"duration": "permanent"}, "needs": {"territory": ["line"]}, "because": "a toy"},
    ],
    "parties": {
        name: {
            "title": name,
            "reservation": {"exactly": 0},
            "preferences": {
                "scope": {"salience": {"exactly": 1}, "values": {"none": {"exactly": 0}, "full": {"exactly": 1}}},
                "duration": {
                    "salience": {"exactly": 0},
                    "values": {"none": {"exactly": 0}, "permanent": {"exactly": 1}},
                },
                "territory": {"salience": {"exactly": 1}, "values": {"none": {"exactly": 1}, "line": {"exactly": 0}}},
            },
            **GROUNDS,
        }
        for name in ("a", "b")
    },
    "signers": {"all_of": ["a", "b"]},
    "outcomes": {"deal": {"scope": ["full"]}},
}


def test_rules_that_follow_from_rules_are_obeyed(tmp_path):
    world = made(tmp_path, CHAIN, HillClimb())
    for moment in proposals(world, runs=1):
        if moment["asked"][0]:
            assert world.scenario.feasible(tuple(moment["packages"][:, 0].tolist()))


# --- settings that cannot be ---


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: HillClimb(objective="joins"), "there is no objective 'joins'; did you mean 'joint'?"),
        (lambda: HillClimb(doubt=0), "doubt must be positive, got 0; for a mediator that is sure, use 0.001"),
        (lambda: HillClimb(doubt=-1), "doubt must be positive, got -1; for a mediator that is sure, use 0.001"),
        (
            lambda: HillClimb(doubt=float("nan")),
            "doubt must be positive, got nan; for a mediator that is sure, use 0.001",
        ),
        (lambda: HillClimb(bias={"a": -1}), "the weight of a must be a finite number of at least 0, got -1"),
        (lambda: HillClimb(bias={"a": float("inf")}), "the weight of a must be a finite number of at least 0, got inf"),
        (
            lambda: HillClimb(own_weight=float("nan"), party="a"),
            "the weight of own_weight must be a finite number of at least 0, got nan",
        ),
        (
            lambda: HillClimb(own_weight=1),
            "own_weight needs `party`: name the party that mediates, or set own_weight to 0",
        ),
        (lambda: Scripted(texts=("a",), rounds_each=0), "rounds_each must be at least 1, got 0"),
    ],
)
def test_settings_that_cannot_be_are_refused(make, message):
    with pytest.raises(MediatorError) as told:
        make()
    assert str(told.value) == message


@pytest.mark.parametrize(
    ("mediator", "message"),
    [
        (HillClimb(bias={"bakr": 2}), "the mediator names the party 'bakr', unknown here; did you mean 'baker'?"),
        (HillClimb(party="juicy"), "the mediator names the party 'juicy', unknown here; did you mean 'juicer'?"),
        (
            Scripted(texts=("cut_in_half", "cut_in_haf")),
            "the script names the text 'cut_in_haf', unknown here; did you mean 'cut_in_half'?",
        ),
    ],
)
def test_a_mediator_that_names_what_is_not_there_is_refused(mediator, message):
    with pytest.raises(MediatorError) as told:
        mediator.check(game("orange").scenario)
    assert str(told.value) == message


@pytest.mark.parametrize("name", ["information", "learning"])
@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan")])
def test_knowledge_is_a_share(name, value):
    with pytest.raises(ValueError, match=f"^{name} is a share of the truth, 0..1, not {value:g}$"):
        Knowledge(**{name: value})
