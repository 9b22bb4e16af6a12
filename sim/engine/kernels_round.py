"""The compiled end of a round: the decision rule, what refusals disclose, the record, and what is signed."""

from typing import Final, NamedTuple

import numpy as np
from numba import njit

from sim.engine.kernels import EFFECT_CHANNELS, LANES, BoolArray, Field, FloatArray, IntArray, uncounted
from sim.engine.kernels_answers import AGREED, Rule, Texts, Told, verdict
from sim.engine.kernels_learn import Learning, fetch_told, learn_run
from sim.engine.kernels_records import Book, note_answers, note_signature
from sim.engine.kernels_sums import KINDS, Reading, add_up_run
from sim.engine.kernels_war import Deals

AHEAD: Final = 6  # runs for which memory is asked for before their turn


class Observer(NamedTuple):
    """What a mediator takes in as a round ends."""

    field: Field  # its estimates
    reading: Reading
    learning: Learning
    deal_sums: FloatArray  # (tile, channel, lane) relief and utility of the deal in force, as it estimates them


@uncounted
def _put_in_force(deals: Deals, book: Book, texts: Texts, run: int, round_: int) -> None:
    tile, lane = run // LANES, run % LANES
    for i in range(deals.packages.shape[0]):
        deals.packages[i, run] = texts.packages[i, run]
    for row in range(deals.sums.shape[1]):
        deals.sums[tile, row, lane] = texts.sums[tile, row, lane]
    deals.term[run], deals.base[run] = texts.term[run], texts.base[run]
    deals.in_force[run], deals.term_left[run] = True, texts.term[run]
    note_signature(book, run, round_, deals.packages)


@njit(error_model="numpy", cache=True)
def put_in_force(deals: Deals, book: Book, texts: Texts, round_: int) -> None:
    """Put a text in force in every run."""
    for run in range(deals.in_force.shape[0]):
        _put_in_force(deals, book, texts, run, round_)


@njit(error_model="numpy", cache=True)
def observe_deals(observer: Observer, deals: Deals) -> None:
    """What the deals in force add up to as a mediator estimates it, as far as that differs from the truth."""
    here, redo = np.empty(deals.packages.shape[0], dtype=np.int64), np.ones(KINDS, dtype=np.bool_)
    for run in range(deals.in_force.shape[0]):
        if deals.in_force[run]:
            _observe(observer, deals, here, redo, run)


@uncounted
def _observe(observer: Observer, deals: Deals, here: IntArray, redo: BoolArray, run: int) -> None:
    for i in range(here.shape[0]):
        here[i] = deals.packages[i, run]
    last = EFFECT_CHANNELS + 2 * observer.learning.seats.shape[0]
    add_up_run(observer.reading, observer.field, here, run, EFFECT_CHANNELS, last, redo, observer.deal_sums)


@njit(error_model="numpy", cache=True)
def conclude(
    rule: Rule,
    truth: Field,
    observer: Observer,
    deals: Deals,
    book: Book,
    texts: Texts,
    told: Told,
    accepts: BoolArray,
    asked: BoolArray,
    per_unit: FloatArray,
    tabled: BoolArray,
    round_: int,
    signed: BoolArray,
) -> None:
    """End a round in the runs asked (run,): apply the rule to `accepts` (party, run), learn, record, sign.

    `truth` are the tables of the world; `per_unit` (entry, run). Adds to `tabled` (run,) and writes `signed` (run,).
    """
    here, redo = np.empty(deals.packages.shape[0], dtype=np.int64), np.ones(KINDS, dtype=np.bool_)
    for run in range(asked.shape[0]):
        if run + AHEAD < asked.shape[0]:
            fetch_told(observer.learning, truth, observer.field, told, run + AHEAD)
        signed[run] = False
        if not asked[run]:
            continue
        tabled[run] = True
        alone = verdict(rule, accepts, run)
        note_answers(book, run, accepts, told.line, told.issue, alone)
        learn_run(observer.learning, truth, observer.field, observer.deal_sums, told, deals.packages, per_unit, run)
        if alone == AGREED:
            signed[run] = True
            _put_in_force(deals, book, texts, run, round_)
            _observe(observer, deals, here, redo, run)
