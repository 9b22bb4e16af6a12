"""Numbers drawn together are those that each gives by itself."""

import pickle

import numpy as np
import pytest

from sim.engine.draws import Numbers, bells
from sim.engine.streams import Stream, uniforms
from sim.engine.worlds import taste_tables
from sim.world.bells import LogitNormal, Lognormal, Normal, TruncatedNormal
from tests.synthetic import game

RUNS = 80
ODD = {  # shapes that the scenario itself does not have
    "parties.france.cost": {"uniform": [0.1, 0.3]},
    "parties.germany.cost": {"pert": [0.1, 0.2, 0.4]},
    "parties.germany.preferences.aid.gamma": 2.0,
    "parties.france.preferences.aid.gamma": {"uniform": [1.2, 1.8]},
}
EDGES = [0.0, 2.0**-53, 0.5 - 2.0**-53, 0.5, 1 - 2.0**-53]


@pytest.mark.parametrize(
    "belief", [Normal(0.3, 0.2), TruncatedNormal(0.95, 0.3, 0, 1), TruncatedNormal(0, 1, 0, np.inf)], ids=str
)
def test_bells_taken_together_are_the_quantiles_of_their_distributions(belief):
    luck = np.concatenate([np.linspace(0, 1 - 2.0**-53, 5000), EDGES])
    rows = bells(np.stack([luck, luck[::-1]]), np.asarray([belief.bell, belief.bell]))
    assert rows[0] == pytest.approx(belief.quantile(luck), rel=1e-13, abs=1e-15)
    assert np.array_equal(rows[0], rows[1, ::-1])


@pytest.mark.parametrize("change", [{}, ODD], ids=["as stated", "odd shapes"])
@pytest.mark.parametrize("first", [0, 37])
def test_a_number_drawn_with_all_others_is_the_number_drawn_alone(change, first):
    world = game("march_2025", **change)
    numbers = Numbers(world.scenario)
    table = numbers.draw(world.seed, first, RUNS).table
    families = set()
    for party in world.scenario.parties:
        for number in (*world.scenario.conflict.numbers(), party.cost, party.firmness, *party.trust.values()):
            luck = uniforms(world.seed, Stream.NUMBERS, number.address, 0, first, RUNS)
            alone = number.distribution.quantile(luck)
            assert table[numbers.row_of(number)] == pytest.approx(alone, rel=1e-13, abs=1e-15), number.path
            families.add(type(number.distribution))
    assert {Lognormal, TruncatedNormal, LogitNormal} <= families


def test_a_type_has_its_own_numbers_where_it_is_drawn():
    world = game("march_2025")
    numbers, (index, party) = Numbers(world.scenario), (0, world.scenario.parties[0])
    table, kinds, _ = numbers.draw(world.seed, 0, RUNS)
    assert 0 < np.count_nonzero(kinds[index]) < RUNS
    for kind, each in enumerate(party.types):
        own = each.overrides.get(party.cost.path, party.cost)
        here = kinds[index] == kind
        assert np.array_equal(table[numbers.row_of(party.cost, index)][here], table[numbers.row_of(own)][here])


@pytest.mark.parametrize("change", [{}, ODD], ids=["as stated", "odd shapes"])
def test_compiled_utilities_are_weight_times_value(change):
    world = game("march_2025", **change)
    table = world.plan.numbers.draw(world.seed, 0, RUNS).table
    worlds = world.block(0, RUNS).worlds
    for index, party in enumerate(world.scenario.parties):
        weight, utility = taste_tables(
            world.scenario, party, lambda number, index=index: table[world.plan.numbers.row_of(number, index)]
        )
        assert worlds.weight[index] == pytest.approx(weight, rel=1e-14)
        assert worlds.utility[index] == pytest.approx(utility, rel=1e-13, abs=1e-15)


def test_a_plan_that_travelled_draws_the_same():
    plan = game("march_2025").plan
    there = pickle.loads(pickle.dumps(plan)).numbers.draw(3, 8, RUNS)
    assert all(np.array_equal(a, b) for a, b in zip(plan.numbers.draw(3, 8, RUNS), there, strict=True))
