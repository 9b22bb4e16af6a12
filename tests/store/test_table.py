"""The flat table holds every row exactly, under names, and gives it back."""

import numpy as np
import pyarrow as pa
import pytest

from sim.engine.ensemble import Game, play_block
from sim.engine.mediators import HillClimb
from sim.engine.records import ENDINGS
from sim.store.errors import StoreError
from sim.store.results import differing, one
from sim.store.table import from_table, layout, to_table
from sim.world.files import load


@pytest.fixture(scope="module")
def records(march):
    return play_block(march, 100, 96)


@pytest.fixture(scope="module")
def table(march, records):
    return to_table(records, layout(march.scenario))


def test_nothing_is_lost_on_the_way(march, records, table):
    assert differing(from_table(table, layout(march.scenario)), records) == ()
    assert from_table(table, layout(march.scenario)).first == records.first


def test_a_difference_is_found_and_named(records):
    assert differing(one(records, 100), one(records, 100)) == ()
    assert "worth" in differing(one(records, 100), one(records, 101))


def test_words_stand_for_codes(march, records, table):
    scenario = march.scenario
    assert table["run"].to_pylist() == list(range(100, 196))
    assert table["ending"].to_pylist() == [ENDINGS[code] for code in records.ending]
    names = ["no deal", *(outcome.name for outcome in scenario.outcomes)]
    assert table["outcome"].to_pylist() == [names[code] for code in records.outcome]
    for place, issue in enumerate(scenario.issues):
        options = [*(option.name for option in issue.options), ""]  # -1: nothing in force
        assert table[f"package.{issue.name}"].to_pylist() == [options[code] for code in records.package[place]]


def test_columns_are_those_of_the_scenario(march, table):
    scenario = march.scenario
    deciders = [scenario.parties[index].name for index in scenario.signers]
    issues = [issue.name for issue in scenario.issues]
    names = table.column_names
    assert names[:4] == ["run", "ending", "outcome", "broadest"]
    assert [n for n in names if n.startswith("refused.")] == [
        f"refused.{party}.{issue}" for party in deciders for issue in [*issues, "no single change"]
    ]
    assert [n for n in names if n.startswith("sole.")] == [f"sole.{party}" for party in deciders]
    assert names[-3:] == ["survival_days", "survival_end", "broke"]
    assert len(names) == len(set(names))


def test_chunks_whose_words_come_in_another_order_are_read_alike(march, records, table):
    pieces = pa.concat_tables([table.slice(40), table.slice(0, 40)])
    read = from_table(pieces, layout(march.scenario))
    order = np.concatenate([np.arange(40, 96), np.arange(40)])
    assert np.array_equal(read.outcome, records.outcome[order])


def test_another_scenarios_table_is_refused(table, widths):
    with pytest.raises(StoreError, match="the columns are not those of the stored scenario"):
        from_table(table, layout(load("orange", widths=widths)))


def test_an_unknown_word_is_refused(march, table):
    place = table.column_names.index("ending")
    odd = table.set_column(place, "ending", pa.array(["moot"] * table.num_rows).dictionary_encode())
    with pytest.raises(StoreError, match="column 'ending' holds 'moot'"):
        from_table(odd, layout(march.scenario))


def test_a_twin_differs_in_names_alone(march, widths):
    river = load("river", widths=widths)
    ours, theirs = (
        play_block(Game(scenario, HillClimb(), march.base, 7), 0, 64) for scenario in (march.scenario, river)
    )
    assert differing(ours, theirs) == ()
    flat = [to_table(rows, layout(scenario)) for rows, scenario in ((ours, march.scenario), (theirs, river))]
    assert flat[0].column_names != flat[1].column_names
    assert flat[0].shape == flat[1].shape
