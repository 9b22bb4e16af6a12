"""Arrays of a block in the layout of the kernels: all that one run's search reads lies together."""

import numpy as np
from numpy.typing import NDArray

from sim.engine.kernels import CLEAR, EFFECT_CHANNELS, FACTORS, LANES, NIL, RELIEF, Board, Field
from sim.engine.space import Space
from sim.engine.worlds import Links, RedLines, Worlds
from sim.world.scenario import Scenario

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def padded(runs: int) -> int:
    """Runs rounded up to whole tiles of lanes."""
    return -(-runs // LANES) * LANES


def make_board(scenario: Scenario, space: Space, worlds: Worlds, seats: IntArray) -> Board:
    """The scenario's constant arrays for the kernels."""
    links = worlds.links
    neutral = np.where(np.arange(EFFECT_CHANNELS) < FACTORS, 1.0, 0.0)[:, np.newaxis, np.newaxis]
    live = np.ones((EFFECT_CHANNELS + 3 * len(seats), space.issues), dtype=np.bool_)
    ruled_out = {crossing[0][0] for crossing in worlds.lines.crossing if len(crossing) == 1}
    for issue in range(space.issues):
        places = list(space.places(issue))
        live[:EFFECT_CHANNELS, issue] = (worlds.effects[:, places] != neutral).any(axis=(1, 2))
        live[EFFECT_CHANNELS : EFFECT_CHANNELS + 2 * len(seats) : 2, issue] = worlds.relief[:, places].any()
        live[EFFECT_CHANNELS + 2 * len(seats) :, issue] = issue in ruled_out
    return Board(
        start=space.start,
        issue_of=space.issue_of,
        forbidden=space.forbidden,
        term=space.term,
        treaty=space.treaty,
        term_issue=space.term_issue,
        live=live,
        link_first=links.first,
        link_second=links.second,
        conflict=scenario.conflict is not None,
    )


def make_field(
    worlds: Worlds, seats: IntArray, utility: FloatArray, clear: FloatArray, link_value: FloatArray
) -> Field:
    """One viewer's tables: `utility`, `clear` (party, option, run), `link_value` (link, run); entries are the seats."""
    runs = utility.shape[2]
    count = len(seats)
    rows = np.empty((EFFECT_CHANNELS + 3 * count, utility.shape[1], runs))
    rows[:EFFECT_CHANNELS] = worlds.effects
    rows[EFFECT_CHANNELS : EFFECT_CHANNELS + 2 * count : 2] = worlds.relief[seats]
    rows[EFFECT_CHANNELS + 1 : EFFECT_CHANNELS + 2 * count : 2] = utility[seats]
    rows[EFFECT_CHANNELS + 2 * count :] = clear[seats]
    return Field(
        rows=np.ascontiguousarray(rows.transpose(2, 0, 1)),
        link_value=np.ascontiguousarray(link_value.T),
        link_row=link_rows(worlds.links, seats),
    )


def link_rows(links: Links, seats: IntArray) -> IntArray:
    """Row of the tables that each link acts on; -1 where it belongs to a party without a seat."""
    rows = np.full(len(links.first), -1)
    entry_of = {int(party): entry for entry, party in enumerate(seats)}
    for r, (channel, party) in enumerate(zip(links.channel, links.party, strict=True)):
        if channel < EFFECT_CHANNELS:
            rows[r] = channel
        elif int(party) in entry_of:
            entry = entry_of[int(party)]
            own = EFFECT_CHANNELS + 2 * entry + (channel - RELIEF)
            rows[r] = EFFECT_CHANNELS + 2 * len(seats) + entry if channel == CLEAR else own
    return rows


def clear_table(space: Space, lines: RedLines, parties: int, chance_clear: FloatArray) -> FloatArray:
    """(party, option, run) chance that an option alone crosses no red line; `chance_clear` is (line, run)."""
    table = np.ones((parties, space.options, chance_clear.shape[1]))
    for number, crossing in enumerate(lines.crossing):
        if len(crossing) == 1:
            for option in crossing[0][1]:
                table[lines.party[number], option] *= chance_clear[number]
    return table


def true_field(space: Space, worlds: Worlds, seats: IntArray) -> Field:
    """The world as it is: each party's own tables, red lines certain."""
    clear = clear_table(space, worlds.lines, len(worlds.utility), np.where(worlds.lines.drawn, NIL, 1.0))
    return make_field(worlds, seats, worlds.utility, clear, worlds.links.value)
