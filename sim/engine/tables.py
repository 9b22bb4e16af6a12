"""Arrays of a block in the layout of the kernels: all that one run's search reads lies together."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.engine.centres import compile_centres
from sim.engine.kernels import CLEAR, EFFECT_CHANNELS, FACTORS, LANES, NIL, RELIEF, UTILITY, Board, Field, Outlook
from sim.engine.kernels_best import Beside
from sim.engine.kernels_sheets import make_sheets
from sim.engine.kernels_stage import Stages, stage_block, stage_width
from sim.engine.kernels_tables import Cells, Told, add_up_worlds, fill_rows, utilities
from sim.engine.space import Space
from sim.engine.stages import make_stages
from sim.engine.worlds import Links, Plan, RedLines, Worlds, sample_worlds
from sim.world.scenario import Scenario

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
WORD: Final = 64  # options in a set of bits


def padded(runs: int) -> int:
    """Runs rounded up to whole tiles of lanes."""
    return -(-runs // LANES) * LANES


class Layout:
    """What the blocks of a scenario have in common for some seats, compiled once: all but the worlds' numbers.

    `seats` are the parties whose worth counts in every round: the entries of the kernels' tables.
    """

    def __init__(self, plan: Plan, seats: tuple[int, ...]) -> None:
        self.plan, self.scenario, self.space = plan, plan.scenario, plan.space
        self.seats = np.asarray(seats, dtype=np.int64)
        sample = sample_worlds(plan, 0, 0, LANES)  # for what is the same in all worlds
        effects, relief = plan.stated()
        self.link_row = link_rows(sample.links, self.seats)
        self.board = make_board(self.scenario, self.space, sample, self.seats, effects, relief)
        self.cells = _cells(self.seats, effects, relief, sample.lines)
        self.stages = make_stages(self.board, self.link_row)
        self.sheets = make_sheets(self.board, self.stages, self.space.single, self.space.linked)
        self.beside = make_beside(self.space, self.board, self.stages)
        self.centres = compile_centres(self.scenario, self.space, sample.links)


def _cells(seats: IntArray, effects: FloatArray, relief: FloatArray, lines: RedLines) -> Cells:
    """Where fields differ from run to run: effects (channel, option) and relief (party, option) are NaN there."""
    count = len(seats)
    same = np.ones((EFFECT_CHANNELS + 3 * count, effects.shape[1]))
    same[:EFFECT_CHANNELS] = effects
    same[EFFECT_CHANNELS : EFFECT_CHANNELS + 2 * count : 2] = relief[seats]
    entry_of = {int(party): entry for entry, party in enumerate(seats)}
    clear = [
        (EFFECT_CHANNELS + 2 * count + entry_of[int(party)], option, number)
        for number, (party, crossing) in enumerate(zip(lines.party, lines.crossing, strict=True))
        if len(crossing) == 1 and int(party) in entry_of
        for option in sorted(crossing[0][1])
    ]
    rows, options, numbers = np.asarray(clear, dtype=np.int64).reshape(-1, 3).T.copy()
    (channel, option), (entry, eased) = np.nonzero(np.isnan(effects)), np.nonzero(np.isnan(relief[seats]))
    return Cells(same, seats, channel, option, entry, eased, rows, options, numbers)


def make_board(
    scenario: Scenario, space: Space, worlds: Worlds, seats: IntArray, effects: FloatArray, relief: FloatArray
) -> Board:
    """The scenario's constant arrays for the kernels; `effects` and `relief` as in `Plan.stated`."""
    links = worlds.links
    neutral = np.where(np.arange(EFFECT_CHANNELS) < FACTORS, 1.0, 0.0)[:, np.newaxis]
    live = np.ones((EFFECT_CHANNELS + 3 * len(seats), space.issues), dtype=np.bool_)
    ruled_out = {crossing[0][0] for crossing in worlds.lines.crossing if len(crossing) == 1}
    for issue in range(space.issues):
        places = list(space.places(issue))
        live[:EFFECT_CHANNELS, issue] = (effects[:, places] != neutral).any(axis=1)
        live[EFFECT_CHANNELS : EFFECT_CHANNELS + 2 * len(seats) : 2, issue] = (relief[:, places] != 0.0).any()
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
    layout: Layout, worlds: Worlds, told: Told, clear: FloatArray, link_value: FloatArray, stage: FloatArray
) -> Field:
    """One viewer's tables: `clear` (line, run) chance that a red line is none, `link_value` (link, run).

    `stage` (run, number) is the same for every viewer; empty where nothing is searched.
    """
    rows = np.empty((worlds.runs, *layout.cells.same.shape))
    fill_rows(layout.cells, worlds.effects, worlds.relief, worlds.utility, clear, told, rows)
    return Field(rows=rows, link_value=np.ascontiguousarray(link_value.T), link_row=layout.link_row, stage=stage)


def true_field(layout: Layout, worlds: Worlds) -> Field:
    """The world as it is: each party's own tables, red lines certain."""
    told = Told(True, 1.0, layout.centres.utility, layout.centres.relief)
    clear = np.where(worlds.lines.drawn, NIL, 1.0)
    return make_field(layout, worlds, told, clear, worlds.links.value, np.zeros((worlds.runs, 0)))


def won_by(layout: Layout, field: Field, packages: IntArray) -> FloatArray:
    """Utility of packages (issue, run) to the entries of a field; (entry, run)."""
    utility = np.empty((len(layout.seats), packages.shape[1]))
    utilities(layout.board, field, packages, utility)
    return utility


def with_stage(board: Board, field: Field, stages: Stages, outlook: Outlook) -> Field:
    """The field with the stages of the joint choices: fixed for the whole run, and the same for every viewer."""
    stage = np.zeros((field.rows.shape[0], stage_width(stages)))
    if board.conflict:
        stage_block(board, field, stages, outlook, stage)
    return field._replace(stage=stage)


def make_beside(space: Space, board: Board, stages: Stages) -> Beside:
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
    stage_of = stages.stage_of[stages.line_of]
    combos = np.ascontiguousarray(space.combos.T)
    staged, apart = _parted(combos, stage_of)
    staged_cell, apart_cell = _parted(cell, stage_of)

    def whole(numbers: list[int]) -> IntArray:
        return np.asarray(numbers, dtype=np.int64)

    return Beside(
        rest=whole(rest),
        cell=cell,
        options_from=whole(options_from),
        option=whole(options),
        ties_from=whole(ties_from),
        tie=whole(tie),
        stages=int(stage_of.max(initial=0)) + 1,
        staged=staged,
        staged_cell=staged_cell,
        apart=apart,
        apart_cell=apart_cell,
        core_ties_from=whole(core_ties_from),
        core_tie=whole(core_tie),
    )


def _parted(rows: IntArray, stage_of: IntArray) -> tuple[IntArray, IntArray]:
    """Rows (row, combo) that the stage of a joint choice decides, as (row, stage), and the other rows."""
    first = np.unique(stage_of, return_index=True)[1]
    decided = (rows == rows[:, first[stage_of]]).all(axis=1)
    return np.ascontiguousarray(rows[decided][:, first]), np.ascontiguousarray(rows[~decided])


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


def sums_of_worlds(board: Board, worlds: Worlds, packages: IntArray, channel: int = -1) -> FloatArray:
    """What packages (issue, run) add up to for every party, straight from the worlds; (party, run).

    Of `RELIEF` or `UTILITY`; by default of the channels of effects instead, (channel, run).
    """
    links = worlds.links
    table = {RELIEF: worlds.relief, UTILITY: worlds.utility}.get(channel, worlds.effects)
    rows = np.where(links.channel == channel, links.party, -1)
    if channel < 0:
        rows = np.where(links.channel < EFFECT_CHANNELS, links.channel, -1)
    sums = np.empty((len(table), packages.shape[1]))
    add_up_worlds(board, table, FACTORS if channel < 0 else 0, rows, links.value, packages, sums)
    return sums
