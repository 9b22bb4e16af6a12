"""Arrays of a block in the layout of the kernels: all that one run's search reads lies together."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.engine.kernels import CLEAR, EFFECT_CHANNELS, FACTORS, LANES, NIL, RELIEF, UTILITY, Board, Field, Outlook
from sim.engine.kernels_best import Beside
from sim.engine.kernels_stage import Stages, stage_block, stage_width
from sim.engine.space import Space
from sim.engine.worlds import Links, RedLines, Worlds
from sim.world.scenario import Scenario

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
WORD: Final = 64  # options in a set of bits


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
    core_place = np.full(space.issues, -1)
    core_place[space.core] = np.arange(len(space.core))
    rows = link_rows(links, seats)
    spare = padded(len(space.combos)) - len(space.combos)
    ties = np.flatnonzero((rows >= 0) & (links.channel >= UTILITY))
    ends = space.issue_of[links.first[ties]], space.issue_of[links.second[ties]]
    tied = np.zeros((space.issues, space.issues), dtype=np.bool_)
    tied[ends] = tied[ends[::-1]] = True
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
        bit=np.uint64(1) << (np.arange(space.options) % WORD).astype(np.uint64),
        forbids=bit_sets(space.forbidden),
        core=space.core,
        core_place=core_place,
        combos=np.ascontiguousarray(np.pad(space.combos, ((0, spare), (0, 0)), mode="edge").T),
        core_step=space.combo_step,
        combo_at=space.combo_at(),
        ties=ties,
        tie_entry=np.searchsorted(seats, links.party[ties]),
        tie_adds=links.channel[ties] == UTILITY,
        eases=np.flatnonzero((rows >= 0) & (links.channel == RELIEF)),
        tied=tied,
    )


def bit_sets(flags: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """Rows of flags (row, flag) as sets of bits, (row, word)."""
    words = -(-flags.shape[1] // WORD)
    whole = np.zeros((len(flags), words * WORD), dtype=np.uint64)
    whole[:, : flags.shape[1]] = flags
    bits = np.uint64(1) << np.arange(WORD, dtype=np.uint64)
    return np.asarray((whole.reshape(len(flags), words, WORD) * bits).sum(axis=2, dtype=np.uint64))


def make_field(
    worlds: Worlds, seats: IntArray, utility: FloatArray, clear: FloatArray, link_value: FloatArray, stage: FloatArray
) -> Field:
    """One viewer's tables: `utility` and `clear` (party, option, run), `link_value` (link, run); entries: the seats.

    `stage` (run, number) is the same for every viewer; empty where nothing is searched.
    """
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
        stage=stage,
    )


def with_stage(board: Board, field: Field, stages: Stages, outlook: Outlook) -> Field:
    """The field with the stages of the joint choices: fixed for the whole run, and the same for every viewer."""
    stage = np.zeros((field.rows.shape[0], stage_width(stages)))
    if board.conflict:
        stage_block(board, field, stages, outlook, stage)
    return field._replace(stage=stage)


def make_beside(space: Space, board: Board) -> Beside:
    """Issues outside the core, and what each may hold beside the joint choices."""
    rest = [issue for issue in range(space.issues) if issue not in set(space.core.tolist())]
    ties = [int(r) for r in board.ties]
    cell = np.zeros((len(rest), len(space.combos)), dtype=np.int64)
    options, options_from, tie, ties_from = [], [0], [], [0]
    for n, issue in enumerate(rest):
        bound = [c for c, core in enumerate(space.core) if _bound(space, board, issue, int(core))]
        kinds, cell[n] = _kinds(space.combos[:, bound])
        cell[n] += len(options_from) - 1
        for kind in kinds:
            for option in space.places(issue):
                if space.forbidden[option, kind].any():
                    continue
                options.append(option)
                partners = set(kind.tolist())
                pairs = ((r, {int(board.link_first[r]), int(board.link_second[r])}) for r in ties)
                tie += [r for r, ends in pairs if option in ends and ends - {option} <= partners]
                ties_from.append(len(tie))
            options_from.append(len(options))
    core_tie, core_ties_from = [], [0]
    for combo in space.combos:
        held = set(combo.tolist())
        core_tie += [r for r in ties if {int(board.link_first[r]), int(board.link_second[r])} <= held]
        core_ties_from.append(len(core_tie))
    columns = (rest, options_from, options, ties_from, tie, core_ties_from, core_tie)
    first, *others = (np.asarray(column, dtype=np.int64) for column in columns)
    return Beside(first, cell, *others)


def _kinds(choices: IntArray) -> tuple[IntArray, IntArray]:
    """Distinct rows of choices (combo, issue), and the number of each combo's row."""
    if choices.shape[1] == 0:
        return choices[:1], np.zeros(len(choices), dtype=np.int64)
    kinds, number = np.unique(choices, axis=0, return_inverse=True)
    return kinds, number.ravel()


def _bound(space: Space, board: Board, issue: int, core: int) -> bool:
    """Whether a rule or a tie joins an issue outside the core to one of the core."""
    ruled = space.forbidden[np.ix_(list(space.places(issue)), list(space.places(core)))].any()
    return bool(ruled or board.tied[issue, core])


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
    return make_field(worlds, seats, worlds.utility, clear, worlds.links.value, np.zeros((worlds.runs, 0)))
