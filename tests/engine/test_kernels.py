"""The compiled search, look-up and best package against brute force, the theory and the model's page in plain loops."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from sim.engine.answers import answer
from sim.engine.ensemble import Game, release
from sim.engine.mediators import HillClimb
from sim.engine.model import Negotiation
from sim.theory.worth import View, worth
from tests.engine import plain
from tests.engine.spy import Spy
from tests.synthetic import game

BASE = np.asarray([0.002, 0.001])
SEED = 3
RUNS = 40
DOUBT = 0.03
OBJECTIVES = ("joint", "nash", "egalitarian", "utilitarian")
HUGE = 1e30
NOT_TABLED = -1e9  # score of a text that must not be tabled


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Small wars by number, each made once."""
    folder = tmp_path_factory.mktemp("scenarios")
    made = {}

    def get(number):
        if number not in made:
            made[number] = plain.random_scenario(folder, number)
        return made[number]

    return get


@pytest.fixture
def opened():
    """A negotiation before its first round; let go afterwards."""
    models = []

    def open_(scenario, mediator=None):
        models.append(Negotiation(Game(scenario, mediator or HillClimb(), BASE, SEED).block(0, RUNS), HillClimb()))
        return models[-1]

    yield open_
    for model in models:
        release(model)


def options(block, packages, run):
    """The package of one run as option positions."""
    return tuple((packages[:, run] - block.space.start[:-1]).tolist())


def flat(block, chosen):
    """Packages (option positions) of all runs as the engine's array."""
    return np.stack([block.space.flat(package) for package in chosen], axis=1)


def theory_worth(block, sums, outlook):
    """Worth by the theory of what packages add up to; (entry, run)."""
    if not block.conflict:
        return sums.terms().utility * outlook.discount
    names = ("odds", "first_wins", "second_wins", "cost", "sincere_first", "sincere_second")
    return worth(sums.terms(), block.ground, View(**{name: getattr(outlook, name) for name in names}))


@pytest.mark.parametrize("number", range(8))
def test_what_any_package_adds_up_to_and_is_worth(small, opened, number):
    """Random feasible packages: compiled, by the theory, and in plain loops from the scenario itself."""
    scenario = small(number)
    block = opened(scenario).block
    feasible = plain.packages(scenario)
    luck = np.random.default_rng(number)
    chosen = [feasible[luck.integers(len(feasible))] for _ in range(RUNS)]
    sums = block.sums_of(flat(block, chosen), block.everyone)
    found = block.worth(sums, block.outlook, block.everyone)
    assert found == pytest.approx(theory_worth(block, sums, block.outlook), abs=1e-9)
    for run in range(0, RUNS, 4):
        world = plain.World(scenario, BASE, SEED, run)
        public = world.opening_logit()
        for entry, party in enumerate(block.seats.tolist()):
            assert sums.utility(entry)[run] == pytest.approx(world.utility(party, chosen[run]), abs=1e-12)
            assert found[entry, run] == pytest.approx(world.worth(party, chosen[run], public), abs=1e-9)
            assert block.standing[entry, run] == pytest.approx(world.reservation(party, public), abs=1e-9)
            assert (sums.clear(entry)[run] < 0.5) == bool(world.crossed(party, chosen[run]))
        settled = world.terms(0, chosen[run])["settled"]
        assert block.settled(sums)[run] == pytest.approx(settled, abs=1e-12)


@pytest.mark.parametrize("name", ["orange", "march_2025", "europe_signs"])
def test_the_compiled_worth_is_the_theory_s_in_the_projects_scenarios(opened, name):
    scenario = game(name).scenario
    block = opened(scenario).block
    luck = np.random.default_rng(0)
    for _ in range(10):
        packages = np.stack([luck.integers(*block.space.start[i : i + 2], RUNS) for i in range(block.space.issues)])
        sums = block.sums_of(packages, block.everyone)
        found = block.worth(sums, block.outlook, block.everyone)
        assert found == pytest.approx(theory_worth(block, sums, block.outlook), abs=1e-9)


@pytest.mark.parametrize("number", range(12))
def test_the_best_package_is_the_best_of_all(small, opened, number):
    scenario = small(number)
    model = opened(scenario)
    block, found = model.block, model.aspirations
    for run in range(0, RUNS, 5):
        world = plain.World(scenario, BASE, SEED, run)
        public = world.opening_logit()
        for entry, party in enumerate(block.seats.tolist()):
            top, _ = world.best(party, public)
            package = options(block, found.packages[entry], run)
            assert scenario.feasible(package)
            assert world.crossed(party, package) == []
            assert found.opening_worth[entry, run] == pytest.approx(top, abs=1e-9)
            assert world.worth(party, package, public) == pytest.approx(top, abs=1e-9)
            assert found.gap()[entry, run] == pytest.approx(max(top - world.reservation(party, public), 0), abs=1e-9)


def test_the_best_packages_of_the_orange(opened):
    """The baker wants all of the peel and the juicer all of the juice; with both gone they have 1 each."""
    model = opened(game("orange").scenario)
    found = model.aspirations
    assert (found.opening_worth == 1.0).all()
    scenario = model.block.scenario
    for run in range(RUNS):
        assert options(model.block, found.packages[0], run)[0] == scenario.issues[0].index("baker")
        assert options(model.block, found.packages[1], run)[1] == scenario.issues[1].index("juicer")


def test_who_would_sign_nothing_hopes_for_nothing(small, opened, tmp_path):
    """Where every package crosses a red line there is no best one, and no aspiration."""
    issue = small(0).issues[0]
    scenario = plain.random_scenario(tmp_path, 0, **{"parties.north.red_lines.line 0.chance": 1})
    party = scenario.parties[0]
    every = range(len(issue.options))
    line = replace(party.red_lines[0], when=((0, frozenset(every)),))
    scenario = replace(scenario, parties=(replace(party, red_lines=(line,)), *scenario.parties[1:]))
    found = opened(scenario).aspirations
    assert found.none[0].all()
    assert not found.none[1:].any()
    assert (found.gap()[0] == 0).all()
    assert (found.opening_worth[0] == -np.inf).all()


@pytest.mark.parametrize("number", range(10))
def test_a_refusal_names_the_issue_whose_best_change_helps_most(small, opened, number):
    scenario = small(number)
    model = opened(scenario)
    block = model.block
    feasible = plain.packages(scenario)
    luck = np.random.default_rng(100 + number)
    chosen = [feasible[luck.integers(len(feasible))] for _ in range(RUNS)]
    # So much is asked that every party refuses every text that settles anything.
    per_unit = np.full((len(block.seats), RUNS), HUGE)
    answers = answer(block, model.aspirations, flat(block, chosen), block.everyone, per_unit)
    named = 0
    for run in range(0, RUNS, 2):
        world = plain.World(scenario, BASE, SEED, run)
        for party in block.seats.tolist():
            assert not answers.accepts[party, run]
            crossed = world.crossed(party, chosen[run])
            if crossed:
                lines = [line.name for line in scenario.parties[party].red_lines]
                own = [n for n in range(len(block.worlds.lines.party)) if block.worlds.lines.party[n] == party]
                assert answers.line[party, run] == own[crossed[0]], lines
                assert answers.issue[party, run] == -1
                continue
            assert answers.line[party, run] == -1
            _, issues = world.best_change(party, chosen[run], world.opening_logit())
            assert answers.issue[party, run] in (issues or {-1})
            named += bool(issues)
    assert named > 20


class Scoring:
    """The objectives over estimates, in NumPy, from the model's section on the mediator."""

    def __init__(self, block, sight, objective, weight):
        self.block, self.sight, self.objective, self.weight = block, sight, objective, weight
        deciders = sight.rule.deciders
        assert sight.seats == deciders
        self.named = [sight.seats.index(party) for party in sight.rule.signers]
        self.blocs = [([sight.seats.index(m) for m in members], quorum) for members, quorum in sight.rule.blocs]

    def __call__(self, packages):
        """(run,) scores of packages (issue, run)."""
        block, look = self.block, self.sight.outlook
        sums = block.sums_of(packages, block.everyone, self.sight.estimates)
        value = theory_worth(block, sums, look)
        settled = block.settled(sums)
        clear = np.stack([sums.clear(entry) for entry in range(len(self.sight.seats))])
        surplus, need = value - look.standing, look.need * settled
        weight = self.weight[:, np.newaxis]
        if self.objective == "joint":
            x = (surplus - need) / DOUBT
            terms = (0.5 * (1 + x / np.sqrt(1 + x * x)) * clear) ** weight
        elif self.objective == "egalitarian":
            spare = surplus - need
            terms = np.where(spare > 0, spare / weight, spare * weight)
        elif self.objective == "utilitarian":
            terms = weight * surplus
        else:
            terms = surplus
        rows = [terms[entry] for entry in self.named]
        weights = [self.weight[entry] for entry in self.named]
        for members, quorum in self.blocs:
            if self.objective == "nash":  # ranked as terms: by weighted logs, the losers below
                assert (self.weight == 1).all()
            rows.append(np.sort(terms[members], axis=0)[-quorum])
            weights.append(1.0)
        stacked = np.stack(rows)
        if self.objective == "joint":
            score = stacked.prod(axis=0)
        elif self.objective == "egalitarian":
            score = stacked.min(axis=0)
        elif self.objective == "utilitarian":
            score = stacked.sum(axis=0)
        else:
            gains = (np.asarray(weights)[:, np.newaxis] * np.log(np.where(stacked > 0, stacked, 1.0))).sum(axis=0)
            score = np.where((stacked > 0).all(axis=0), gains, -1000 + np.minimum(stacked, 0.0).sum(axis=0))
        if self.objective != "joint":
            score = np.where((clear < 0.5).any(axis=0), NOT_TABLED, score)
        if block.conflict:
            score = np.where(settled < 1e-12, NOT_TABLED, score)
        return score


def linked_pairs(scenario):
    """Pairs of issues revised together: both say what is settled and for how long, or a rule ties them."""
    settling = [
        i
        for i, issue in enumerate(scenario.issues)
        if any(o.effects.settles is not None or o.effects.lasts is not None for o in issue.options)
    ]
    ruled = {tuple(sorted((rule.option[0], rule.needs_issue))) for rule in scenario.rules}
    return sorted(set(combinations(settling, 2)) | ruled)


def moves(scenario):
    """The revisions there are, as changes {issue: option}: singles, and pairs of linked issues."""
    sizes = [len(issue.options) for issue in scenario.issues]
    singles = [{i: o} for i in range(len(sizes)) for o in range(sizes[i])]
    pairs = [{i: o, k: p} for i, k in linked_pairs(scenario) for o in range(sizes[i]) for p in range(sizes[k])]
    return singles, [
        change for change in pairs if plain.allowed_together(scenario, *((i, o) for i, o in change.items()))
    ]


def nothing_better(block, scoring, packages, runs):
    """Assert that in the given runs no revision beats the packages (issue, run).

    A single revision carries along what the rules then forbid; a linked one that would have to is none.
    """
    scenario = block.scenario
    own = scoring(packages)
    texts = [options(block, packages, run) for run in range(RUNS)]
    singles, pairs = moves(scenario)
    for change in [*singles, *pairs]:
        after = [plain.revised(scenario, text, change) or text for text in texts]
        if len(change) == 2:
            after = [text if moved(text, new) - change.keys() else new for text, new in zip(texts, after, strict=True)]
        better = runs & (scoring(flat(block, after)) > own + 1e-9 * np.maximum(np.abs(own), 1e-6))
        if better.any():
            run = int(np.flatnonzero(better)[0])
            pytest.fail(f"run {run}: {texts[run]} is tabled though {change} makes {after[run]}, which scores higher")


def moved(text, new):
    """Issues on which two packages differ."""
    return {issue for issue, (one, other) in enumerate(zip(text, new, strict=True)) if one != other}


def climbs_end(scenario, objective, rounds=3, **settings):
    """Play some rounds; at each text tabled assert that no revision would have been better."""
    bias = settings.get("bias", {})
    checked = []

    def look(sight, proposal):
        block = model.block
        weight = np.asarray([bias.get(scenario.parties[party].name, 1.0) for party in sight.seats])
        scoring = Scoring(block, sight, objective, weight)
        nothing_better(block, scoring, proposal.packages, proposal.asked)
        start = np.where(sight.has_deal, sight.deal, sight.text)
        before, after = scoring(start), scoring(proposal.packages)
        assert (after >= before - 1e-9 * np.abs(before))[proposal.asked].all()
        for run in np.flatnonzero(proposal.asked):
            assert scenario.feasible(options(block, proposal.packages, run))
        checked.append(int(proposal.asked.sum()))

    mediator = HillClimb(objective=objective, doubt=DOUBT, **settings)
    model = Negotiation(Game(scenario, mediator, BASE, SEED).block(0, RUNS), Spy(mediator, look))
    try:
        for _ in range(rounds):
            model.step()
    finally:
        release(model)
    return sum(checked)


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("number", range(5))
def test_a_climb_ends_where_no_revision_is_better(small, objective, number):
    assert climbs_end(small(number), objective) > 0


@pytest.mark.parametrize("objective", ["joint", "egalitarian", "utilitarian"])
def test_the_same_with_a_mediator_that_leans(small, objective):
    bias = {"north": 2.0, "third": 0.5}
    assert climbs_end(small(7), objective, bias=bias) > 0


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_the_orange_is_divided_by_every_objective(objective):
    """Where nothing interacts the climb finds the best text there is: each its part, 1 and 1.

    But not by the least surplus, which no single change raises: whoever is given more, the other still has one half.
    """
    world = game("orange")
    seen = []
    mediator = HillClimb(objective=objective)
    model = Negotiation(
        Game(world.scenario, mediator, BASE, SEED).block(0, RUNS),
        Spy(mediator, lambda sight, proposal: seen.append(proposal)),
    )
    model.step()
    release(model)
    name = "cut_in_half" if objective == "egalitarian" else "each_its_part"
    best = next(text.package for text in world.scenario.texts if text.name == name)
    assert all(options(model.block, seen[0].packages, run) == best for run in range(RUNS))
