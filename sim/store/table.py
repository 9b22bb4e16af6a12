"""Rows of runs as a flat table with names, and back: what a reader finds in Parquet, and what the analysis works on."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any, Final, Literal, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sim.engine.records import ENDINGS, NO_DEAL, SURVIVAL_ENDS, Records
from sim.engine.signing import SignersAgree
from sim.store.errors import StoreError
from sim.world.scenario import Scenario

NO_CHANGE: Final = "no single change"  # refusals for want of worth that name no issue
NOTHING: Final = ""  # where no package is in force, a party has no types, nobody broke

Anything = NDArray[np.generic]


class Column(NamedTuple):
    """One column of the flat table, and where in Records it stands."""

    name: str
    field: str  # of Records
    place: tuple[int, ...]  # on the axes before the run
    form: Literal["count", "real"] | tuple[str, ...]  # or the words that codes stand for
    lowest: int = 0  # code of the first word


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a scenario's rows; two scenarios that differ in names alone differ in these alone."""

    columns: tuple[Column, ...]
    shapes: dict[str, tuple[int, ...]]  # field of Records -> its axes before the run

    @property
    def words(self) -> list[str]:
        """Names of columns that hold words."""
        return [column.name for column in self.columns if isinstance(column.form, tuple)]

    @property
    def reals(self) -> list[str]:
        """Names of columns that hold floating-point numbers."""
        return [column.name for column in self.columns if column.form == "real"]


def layout(scenario: Scenario) -> Layout:
    """The flat columns of a scenario's rows, in order."""
    parties, issues, deciders = len(scenario.parties), len(scenario.issues), len(_deciders(scenario))
    shapes: dict[str, tuple[int, ...]] = {f.name: () for f in fields(Records) if f.name != "first"}
    shapes |= {"package": (issues,), "class_round": (len(scenario.outcomes),)}
    shapes |= {"refused": (deciders, issues + 1), "crossed": (deciders, issues), "sole": (deciders,)}
    shapes |= {"worth": (parties,), "reservation": (parties,), "kind": (parties,)}
    return Layout(tuple(_columns(scenario)), shapes)


def _deciders(scenario: Scenario) -> tuple[int, ...]:
    blocs = tuple((bloc.members, bloc.quorum) for bloc in scenario.blocs)
    return tuple(SignersAgree(scenario.signers, blocs).deciders)


def _columns(scenario: Scenario) -> Iterator[Column]:
    classes = tuple(outcome.name for outcome in scenario.outcomes)
    issues = [issue.name for issue in scenario.issues]
    parties = [party.name for party in scenario.parties]
    deciders = [parties[index] for index in _deciders(scenario)]
    belligerents = scenario.conflict.belligerents if scenario.conflict is not None else ()
    yield Column("ending", "ending", (), ENDINGS)
    yield Column("outcome", "outcome", (), (NO_DEAL, *classes))
    yield Column("broadest", "broadest", (), (NO_DEAL, *classes))
    for place, issue in enumerate(scenario.issues):
        options = tuple(option.name for option in issue.options)
        yield Column(f"package.{issue.name}", "package", (place,), (NOTHING, *options), lowest=-1)
    yield Column("agreed_round", "agreed_round", (), "count")
    for place, name in enumerate(classes):
        yield Column(f"round.{name}", "class_round", (place,), "count")
    yield Column("days_in_force", "days_in_force", (), "real")
    yield Column("texts", "texts", (), "count")
    yield Column("signatures", "signatures", (), "count")
    for row, party in enumerate(deciders):
        for place, issue_name in enumerate([*issues, NO_CHANGE]):
            yield Column(f"refused.{party}.{issue_name}", "refused", (row, place), "count")
    for row, party in enumerate(deciders):
        for place, issue_name in enumerate(issues):
            yield Column(f"crossed.{party}.{issue_name}", "crossed", (row, place), "count")
    for row, party in enumerate(deciders):
        yield Column(f"sole.{party}", "sole", (row,), "count")
    for field in ("worth", "reservation"):
        for row, party in enumerate(parties):
            yield Column(f"{field}.{party}", field, (row,), "real")
    for row, member in enumerate(scenario.parties):
        types = tuple(kind.name for kind in member.types) or (NOTHING,)
        yield Column(f"type.{member.name}", "kind", (row,), types)
    yield Column("survival_days", "survival_days", (), "real")
    yield Column("survival_end", "survival_end", (), SURVIVAL_ENDS)
    yield Column("broke", "broke", (), (NOTHING, *(parties[index] for index in belligerents)))


def to_table(records: Records, plan: Layout) -> pa.Table:
    """Rows as a flat table: `run` first, words as dictionaries, counts in 32 bits, real numbers in full."""
    columns: dict[str, pa.Array] = {"run": pa.array(np.arange(records.first, records.first + records.runs))}
    for column in plan.columns:
        values = getattr(records, column.field)[column.place]
        if isinstance(column.form, tuple):
            codes = pa.array((values - column.lowest).astype(np.int16))
            columns[column.name] = pa.DictionaryArray.from_arrays(codes, pa.array(column.form))
        else:
            columns[column.name] = pa.array(values.astype(np.float64 if column.form == "real" else np.int32))
    return pa.table(columns)


def from_table(table: pa.Table, plan: Layout) -> Records:
    """The rows that a flat table holds; a StoreError names a column that is missing or holds an unknown word."""
    wanted = ["run", *(column.name for column in plan.columns)]
    if table.column_names != wanted:
        odd = sorted(set(wanted) ^ set(table.column_names)) or ["their order"]
        raise StoreError(f"the columns are not those of the stored scenario; they differ in {', '.join(odd[:3])}")
    runs = table.num_rows
    reals = {column.field for column in plan.columns if column.form == "real"}
    arrays: dict[str, Any] = {
        field: np.zeros((*shape, runs), dtype=np.float64 if field in reals else np.int64)
        for field, shape in plan.shapes.items()
    }
    for column in plan.columns:
        arrays[column.field][column.place] = _values(table.column(column.name), column)
    first = table.column("run")[0].as_py()
    return Records(first=first, **arrays)


def _values(stored: pa.ChunkedArray, column: Column) -> Anything:
    if not isinstance(column.form, tuple):
        return np.asarray(stored.to_numpy())
    # A file keeps the words that occur, in the order in which they do, chunk by chunk.
    whole = stored.unify_dictionaries().combine_chunks()
    words = whole.dictionary.to_pylist()
    unknown = [word for word in words if word not in column.form]
    if unknown:
        raise StoreError(f"column {column.name!r} holds {unknown[0]!r}, which the stored scenario does not know")
    codes = np.asarray([column.form.index(word) + column.lowest for word in words], dtype=np.int64)
    return np.asarray(codes[np.asarray(whole.indices)])
