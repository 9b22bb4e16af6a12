"""The compiled appraisal of joint choices in a round: what each line is worth to a party, as level and slope.

Lines are appraised only where a search asks, once a search, for all entries at once.
"""

from typing import Final, NamedTuple

import numpy as np
from numba import njit

from sim.engine.kernels import (
    EFFECT_CHANNELS,
    NOTHING_SETTLED,
    PAUSED,
    REARM,
    Board,
    BoolArray,
    Field,
    FloatArray,
    IntArray,
    Outlook,
    exponential,
    uncounted,
)
from sim.engine.kernels_stage import (
    BREAKS,
    EXPOSED,
    FORGONE,
    HOLDS,
    LASTING,
    SHARE,
    STAGE_COLUMNS,
    STAGE_TILE,
    TERM,
    Stages,
)

# Rows of a tile of `Lines.party`: what a stage makes of the war to an entry.
_OPEN, _BREAKS, _REST, _BASE, _SLOPE = range(5)
_PARTY_ROWS: Final = 5
LINE_TILE: Final = 16  # lines worked out together


class Ask(NamedTuple):
    """What is counted from worth before it is scored: `scale * (worth - standing * W0 - need * n s)`."""

    standing: float  # 1 to count from the entry's standing, 0 from nothing
    need: float  # 1 to count from its need as well
    scale: float
    void: float  # added where a text settles nothing: nan puts it out of every comparison


class Lines(NamedTuple):
    """Lines of one run as a search meets them."""

    level: FloatArray  # (entry, line)
    slope: FloatArray  # (entry, line)
    known: BoolArray  # (line,) whether they are worked out
    met: IntArray  # (line,) lines worked out, in the order met
    taken: IntArray  # (1,) how many
    shifted: FloatArray  # (line,) scratch: factors on the odds, up to whole tiles
    party: FloatArray  # (entry, row * stage) tile by tile
    relief: FloatArray  # (stage,)
    odds: FloatArray  # (entry,)
    pause: FloatArray  # (2,) days of a shift that are still to come, and share of a shift that comes in a day


@njit(error_model="numpy", cache=True)
def make_lines(stages: Stages, entries: int) -> Lines:
    """No line met yet."""
    lines = max(stages.lines, 1)
    return Lines(
        np.zeros((entries, lines)),
        np.zeros((entries, lines)),
        np.zeros(lines, dtype=np.bool_),
        np.zeros(lines, dtype=np.int64),
        np.zeros(1, dtype=np.int64),
        np.zeros((lines // LINE_TILE + 1) * LINE_TILE),
        np.zeros((entries, _PARTY_ROWS * stages.size)),
        np.zeros(stages.size),
        np.zeros(entries),
        np.zeros(2),
    )


@uncounted
def _relieve(lines: Lines, board: Board, field: Field, stages: Stages, run: int, e: int) -> None:
    """Share of entry e's cost that every stage lifts, as the viewer of the tables sees it, into `lines.relief`."""
    row = EFFECT_CHANNELS + 2 * e
    for s in range(stages.size):
        lines.relief[s] = 0.0
    for c in range(board.core.shape[0]):
        if board.live[row, board.core[c]]:
            for s in range(stages.size):
                lines.relief[s] += field.rows[run, row, stages.stage_options[c, s]]
    if board.eases.shape[0] > 0:
        for n in range(stages.stage_links.shape[0]):
            r, s = stages.stage_links[n]
            if field.link_row[r] == row:
                lines.relief[s] += field.link_value[run, r]


@uncounted
def _see_tile(
    stage: FloatArray, party: FloatArray, relief: FloatArray, p: float, q: float, cost: float, lost: float,
    stake: float, standing: float, need: float, scale: float, void: float,
) -> None:  # fmt: skip
    """How an entry sees the war under a tile of stages, from `stage` (column * STAGE_TILE) into `party`."""
    tile = STAGE_TILE
    w0, w1, w2, w3 = p * q, (1.0 - p) * q, p * (1.0 - q), (1.0 - p) * (1.0 - q)
    for k in range(tile):
        holds = w0 * stage[HOLDS * tile + k] + w1 * stage[(HOLDS + 1) * tile + k]
        holds += w2 * stage[(HOLDS + 2) * tile + k] + w3 * stage[(HOLDS + 3) * tile + k]
        breaks = w0 * stage[BREAKS * tile + k] + w1 * stage[(BREAKS + 1) * tile + k]
        breaks += w2 * stage[(BREAKS + 2) * tile + k] + w3 * stage[(BREAKS + 3) * tile + k]
        share = stage[SHARE * tile + k]
        settled = holds * share
        eased = cost * min(relief[k], 1.0) * stage[LASTING * tile + k]
        base = lost * (1.0 - settled) + (holds - settled) * eased - standing - need * share
        party[_OPEN * tile + k] = (holds - settled) * stake
        party[_BREAKS * tile + k] = breaks * stake
        party[_REST * tile + k] = (1.0 - holds - breaks) * stake
        party[_BASE * tile + k] = base * scale + (void if share < NOTHING_SETTLED else 0.0)
        party[_SLOPE * tile + k] = settled * scale


@njit(error_model="numpy", inline="always")
def see(lines: Lines, board: Board, field: Field, stages: Stages, outlook: Outlook, ask: Ask, run: int, e: int) -> None:
    """How entry e sees the war under every stage, into `lines.party`; nothing to see without a conflict."""
    if board.conflict:
        _relieve(lines, board, field, stages, run, e)
        cost, second = outlook.cost[e, run], outlook.second_wins[e, run]
        lines.odds[e] = outlook.odds[e, run]
        for lo in range(0, stages.size, STAGE_TILE):
            end = lo + STAGE_TILE
            _see_tile(
                field.stage[run, STAGE_COLUMNS * lo : STAGE_COLUMNS * end],
                lines.party[e, _PARTY_ROWS * lo : _PARTY_ROWS * end], lines.relief[lo:end],
                outlook.sincere_first[e, run], outlook.sincere_second[e, run], cost, second - cost,
                (outlook.first_wins[e, run] - second) * ask.scale,
                ask.standing * outlook.standing[e, run], ask.need * outlook.need[e, run], ask.scale, ask.void,
            )  # fmt: skip


@njit(error_model="numpy", inline="always")
def begin_lines(lines: Lines, board: Board, field: Field, stages: Stages, outlook: Outlook, ask: Ask, run: int) -> None:
    """Turn to a run."""
    if not board.conflict:  # worth is then the utility itself, discounted
        for e in range(lines.odds.shape[0]):
            asked = ask.standing * outlook.standing[e, run] + ask.need * outlook.need[e, run]
            lines.level[e, 0] = -asked * ask.scale
            lines.slope[e, 0] = outlook.discount[run] * ask.scale
        lines.known[0] = True
    else:
        for n in range(lines.taken[0]):
            lines.known[lines.met[n]] = False
        lines.taken[0] = 0
        rearm = outlook.ground[REARM, run]
        lines.pause[0], lines.pause[1] = max(rearm - outlook.ground[PAUSED, run], 0.0), 1.0 / rearm


@uncounted
def _exponentials(x: FloatArray) -> None:
    """exp(x) of a tile of lines, in place."""
    for n in range(LINE_TILE):
        x[n] = exponential(x[n])


@uncounted
def _appraise(
    level: FloatArray, slope: FloatArray, shifted: FloatArray, party: FloatArray, stage: FloatArray, odds: float,
    stage_of: IntArray, fresh: IntArray,
) -> None:  # fmt: skip
    """Level and slope of the lines in `fresh` to one entry, with the factors `shifted` on its odds."""
    for n in range(fresh.shape[0]):
        s = stage_of[fresh[n]]
        tile, k = s // STAGE_TILE, s % STAGE_TILE
        exposed, at = stage[(tile * STAGE_COLUMNS + EXPOSED) * STAGE_TILE + k], tile * _PARTY_ROWS * STAGE_TILE + k
        even = odds * shifted[n]
        up = even * exposed
        won = party[at + _OPEN * STAGE_TILE] * (even / (1.0 + even)) + party[at + _BREAKS * STAGE_TILE] * (
            up / (1.0 + up)
        )
        won += party[at + _REST * STAGE_TILE] * (even / (exposed + even))
        level[fresh[n]] = party[at + _BASE * STAGE_TILE] + won
        slope[fresh[n]] = party[at + _SLOPE * STAGE_TILE]


@njit(error_model="numpy", inline="always")
def know_lines(
    lines: Lines, stages: Stages, stage: FloatArray, listed: IntArray, count: int, wanted: BoolArray
) -> None:
    """Make sure that the first `count` lines listed are worked out for the entries wanted, which `see` has seen.

    `stage` are the run's stages.
    """
    first = lines.taken[0]
    end = first
    for n in range(count):
        line = listed[n]
        if not lines.known[line]:
            lines.known[line] = True
            lines.met[end] = line
            end += 1
    if end > first:
        lines.taken[0] = end
        fresh, shift = lines.met[first:end], STAGE_COLUMNS * stages.size
        for n in range(end - first):
            s = stages.stage_of[fresh[n]]
            at = s // STAGE_TILE * STAGE_COLUMNS * STAGE_TILE + s % STAGE_TILE
            moving = min(stage[at + TERM * STAGE_TILE], lines.pause[0]) * lines.pause[1]
            lines.shifted[n] = stage[shift + fresh[n]] * moving - stage[at + FORGONE * STAGE_TILE]
        for lo in range(0, end - first, LINE_TILE):
            _exponentials(lines.shifted[lo : lo + LINE_TILE])
        for e in range(lines.odds.shape[0]):
            if not wanted[e]:
                continue
            _appraise(
                lines.level[e], lines.slope[e], lines.shifted, lines.party[e], stage, lines.odds[e], stages.stage_of,
                fresh,
            )  # fmt: skip
