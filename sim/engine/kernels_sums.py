"""The compiled adding up of packages, as far as a table is not neutral."""

from typing import Final, NamedTuple

import numpy as np
from numba import njit

from sim.engine.kernels import EFFECT_CHANNELS, LANES, BoolArray, Field, FloatArray, IntArray, multiplies, uncounted
from sim.engine.kernels_fetch import fetch

KINDS: Final = EFFECT_CHANNELS + 3  # of rows


class Reading(NamedTuple):
    """What must be read of a table to add up a package; everything else is neutral. Kinds of rows: see `kind_of`."""

    issue_from: IntArray  # (kind + 1,) where the issues that act on a kind of row start
    issue: IntArray
    link_from: IntArray  # (option + 1,) where the links that start from an option do
    link: IntArray
    with_option: IntArray  # the option at their other end
    with_issue: IntArray  # and its issue
    acts: BoolArray  # (kind, issue) whether the issue's option, or a link of it, acts on a kind of row
    term_issue: int  # the issue that names term and kind of a deal, or -1
    term: FloatArray  # (option,) days
    base: FloatArray  # (option,) base hazard per day of the kind


@njit(error_model="numpy", inline="always")
def kind_of(row: int, entries: int) -> int:
    """Effects by channel, then relief, utility and freedom from red lines, whosever they are."""
    if row < EFFECT_CHANNELS:
        return row
    if row < EFFECT_CHANNELS + 2 * entries:
        return EFFECT_CHANNELS + ((row - EFFECT_CHANNELS) & 1)
    return EFFECT_CHANNELS + 2


@uncounted
def add_up_run(
    reading: Reading, field: Field, here: IntArray, run: int, first: int, last: int, redo: BoolArray, sums: FloatArray
) -> None:
    """Sums of rows `first .. last - 1` of one run's package `here` (issue,), into `sums` (tile, row, lane).

    Only of the kinds of rows to `redo` (kind,).
    """
    entries = (field.rows.shape[1] - EFFECT_CHANNELS) // 3
    tile, lane = run // LANES, run % LANES
    for row in range(first, last):
        kind = kind_of(row, entries)
        if not redo[kind]:
            continue
        if multiplies(row, entries):
            value = 1.0
            for n in range(reading.issue_from[kind], reading.issue_from[kind + 1]):
                value *= field.rows[run, row, here[reading.issue[n]]]
        else:
            value = 0.0
            for n in range(reading.issue_from[kind], reading.issue_from[kind + 1]):
                value += field.rows[run, row, here[reading.issue[n]]]
        sums[tile, row, lane] = value
    for i in range(here.shape[0]):
        for n in range(reading.link_from[here[i]], reading.link_from[here[i] + 1]):
            if here[reading.with_issue[n]] != reading.with_option[n]:
                continue
            row = field.link_row[reading.link[n]]
            if row < first or row >= last or not redo[kind_of(row, entries)]:
                continue
            if multiplies(row, entries):
                sums[tile, row, lane] *= field.link_value[run, reading.link[n]]
            else:
                sums[tile, row, lane] += field.link_value[run, reading.link[n]]


@uncounted
def fetch_package(reading: Reading, field: Field, packages: IntArray, redo: BoolArray, run: int) -> None:
    """Ask for what `add_up_run` will read of a run's table for its package of `packages` (issue, run)."""
    entries = (field.rows.shape[1] - EFFECT_CHANNELS) // 3
    for row in range(field.rows.shape[1]):
        kind = kind_of(row, entries)
        if redo[kind]:
            for n in range(reading.issue_from[kind], reading.issue_from[kind + 1]):
                fetch(field.rows, (run, row, packages[reading.issue[n], run]))


@njit(error_model="numpy", cache=True)
def add_up(
    reading: Reading,
    field: Field,
    packages: IntArray,
    active: BoolArray,
    first: int,
    last: int,
    sums: FloatArray,
) -> None:
    """Sums of rows `first .. last - 1` of one package per active run, links included.

    `packages` (issue, run) flat options; writes `sums` (tile, row, lane) of the active runs.
    """
    here, redo = np.empty(packages.shape[0], dtype=np.int64), np.ones(KINDS, dtype=np.bool_)
    for run in range(packages.shape[1]):
        if active[run]:
            for i in range(here.shape[0]):
                here[i] = packages[i, run]
            add_up_run(reading, field, here, run, first, last, redo, sums)
