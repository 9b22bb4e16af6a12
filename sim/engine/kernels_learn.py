"""The compiled estimates of a mediator: central values moved toward the truth, and what refusals disclose."""

from typing import NamedTuple

from sim.engine.kernels import EFFECT_CHANNELS, LANES, NIL, BoolArray, Field, FloatArray, IntArray, uncounted
from sim.engine.kernels_answers import Lines, Told
from sim.engine.kernels_fetch import fetch


class Learning(NamedTuple):
    """How a mediator takes in what it is told."""

    rate: float  # share of the remaining way to the truth that a refusal discloses
    seats: IntArray  # (entry,) parties
    decides: BoolArray  # (entry,) whether its answers count
    need: FloatArray  # (entry, run) what it is thought to ask per unit of the conflict settled; changes
    lines: Lines
    start: IntArray  # (issue + 1,) first option of each issue
    eases: BoolArray  # (issue,) whether some option of it brings some party relief


@uncounted
def _near(field: Field, truth: Field, run: int, row: int, first: int, last: int, held: int, rate: float) -> float:
    """Move options `first .. last - 1` of a row toward the truth; the step of the option `held`, one of them."""
    before, option = field.rows[run, row, held], first
    while option < last:
        field.rows[run, row, option] += rate * (truth.rows[run, row, option] - field.rows[run, row, option])
        option += 1
    return float(field.rows[run, row, held] - before)


@uncounted
def learn_run(
    learning: Learning, truth: Field, field: Field, deal_sums: FloatArray, told: Told, deal: IntArray,
    per_unit: FloatArray, run: int,
) -> None:  # fmt: skip
    """Take in what a run's refusals disclose: the named issue's values, the need behind them, the named red line.

    `truth` and `field`: tables of the world and of the estimates; `per_unit` (entry, run). Keeps up with it what the
    deal last in force, `deal` (issue, run), adds up to as estimated: `deal_sums` (tile, channel, lane).
    """
    lines, entries, rate = learning.lines, learning.seats.shape[0], learning.rate
    for e in range(entries):
        party = learning.seats[e]
        if not learning.decides[e] or told.accepts[party, run]:
            continue
        named = told.line[party, run]
        if named >= 0:
            if lines.single[named]:
                place, row = lines.issues_from[named], EFFECT_CHANNELS + 2 * entries + e
                for option in range(field.rows.shape[2]):
                    if lines.crosses[place, option]:
                        field.rows[run, row, option] = NIL
            for n in range(lines.links_from[named], lines.links_from[named + 1]):
                field.link_value[run, lines.link[n]] = NIL
            continue
        learning.need[e, run] += rate * (per_unit[e, run] - learning.need[e, run])
        issue = told.issue[party, run]
        if issue < 0:
            continue
        tile, lane, row = run // LANES, run % LANES, EFFECT_CHANNELS + 2 * e + 1
        first, last, held = learning.start[issue], learning.start[issue + 1], deal[issue, run]
        deal_sums[tile, row, lane] += _near(field, truth, run, row, first, last, held, rate)
        if learning.eases[issue]:
            deal_sums[tile, row - 1, lane] += _near(field, truth, run, row - 1, first, last, held, rate)


@uncounted
def fetch_told(learning: Learning, truth: Field, field: Field, told: Told, run: int) -> None:
    """Ask for what `learn_run` will read of a run's tables."""
    for e in range(learning.seats.shape[0]):
        issue = told.issue[learning.seats[e], run]
        if issue < 0:
            continue
        first, last, utility = learning.start[issue], learning.start[issue + 1] - 1, EFFECT_CHANNELS + 2 * e + 1
        for row in range(utility - 1 if learning.eases[issue] else utility, utility + 1):
            fetch(truth.rows, (run, row, first))
            fetch(truth.rows, (run, row, last))
            fetch(field.rows, (run, row, first))
            fetch(field.rows, (run, row, last))
