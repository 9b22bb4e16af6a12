"""What the article reports of the opening, and what each answer hangs on."""

from functools import cache

import pytest

from sim.analysis.opening import AS_REPORTED, opening_answers
from sim.cli.settings import default_settings
from sim.cli.study import study
from sim.world.flips import flipped

DRAWS = 10_000
# The claim behind each answer that is reported: turned round, the answer turns.
BEHIND = {
    ("energy_halt", "russia"): ("C01", "C06"),
    ("energy_halt", "united_states"): ("C03",),
    ("full_halt", "russia"): ("C02", "C07"),
    ("full_halt", "ukraine"): ("C20",),
    ("full_halt", "united_states"): ("C04",),
}


@cache
def signing(seed, changes, draws):
    """Share of draws in which each party signs each text, and what is reported of it."""
    settings = ["scenario=march_2025", f"seed={seed}", *(f"scenario.{path}={value}" for path, value in changes)]
    what = study(default_settings(settings))
    answers = opening_answers(what.game, draws)
    names = [party.name for party in what.scenario.parties]
    return {(text.name, names[p.party]): (p.signs.value, p.reported) for text in answers.texts for p in text.parties}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_reported_answers_are_given_in_two_thirds_of_draws(seed):
    shares = signing(seed, (), DRAWS)
    reported = {key: value for key, value in shares.items() if value[1] in ("signs", "refuses")}
    assert reported.keys() == BEHIND.keys()
    for key, (signs, word) in reported.items():
        assert (signs if word == "signs" else 1 - signs) >= AS_REPORTED, (key, signs)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_was_not_clear_stays_open(seed):
    signs, word = signing(seed, (), DRAWS)["energy_halt", "ukraine"]
    assert word == "open"
    assert 1 - AS_REPORTED < signs < AS_REPORTED


@pytest.mark.parametrize(
    ("answer", "claim"), [(answer, claim) for answer, claims in BEHIND.items() for claim in claims]
)
def test_turning_the_claim_turns_the_answer(answer, claim):
    scenario = study(default_settings(["scenario=march_2025"])).scenario
    signs, word = signing(1, tuple(flipped(scenario, claim).items()), 2_000)[answer]
    assert (signs if word == "signs" else 1 - signs) < 0.5, (answer, claim, signs)
