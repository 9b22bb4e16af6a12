"""The compiled search over revisions: from a text to the best one that single and linked revisions reach.

Each run climbs alone; the lanes are the candidates of one step, so no run waits for its neighbours and nothing that one
run does can touch another. Ties go to the first move in the order of the package space: nothing here draws.
"""

from typing import Final, NamedTuple

import numpy as np
from numba import njit

from sim.engine.kernels import (
    EFFECT_CHANNELS,
    LANES,
    Board,
    BoolArray,
    Field,
    FloatArray,
    IntArray,
    Outlook,
    uncounted,
)
from sim.engine.kernels_fetch import fetch
from sim.engine.kernels_lines import Ask, Lines, begin_lines, know_lines, make_lines, see
from sim.engine.kernels_score import (
    NOT_TABLED,
    Aim,
    Lanes,
    add_gains,
    ask_of,
    is_plain,
    make_lanes,
    score_lanes,
    sign,
    times_gains,
)
from sim.engine.kernels_sheets import (
    CARRIES,
    FIXES,
    LINES,
    PAIR_FIXES,
    PAIR_LINES,
    PAIRS,
    SINGLES,
    Sheets,
    ShortArray,
    sheet_of,
)
from sim.engine.kernels_stage import SHARE, STAGE_COLUMNS, STAGE_TILE, Stages
from sim.engine.kernels_text import Text, begin_text, compare, look_round, make_text

_TOLERANCE: Final = 1e-12  # an improvement below rounding is none; otherwise a climb could circle
_MAX_STEPS: Final = 1000


class Tools(NamedTuple):
    """Scratch of a search, used run after run."""

    text: Text
    lines: Lines
    lanes: Lanes


@njit(error_model="numpy", cache=True)
def make_tools(board: Board, stages: Stages, entries: int, linked: int) -> Tools:
    """Scratch of a search."""
    issues, options = board.start.shape[0] - 1, board.issue_of.shape[0]
    return Tools(
        make_text(issues, options, entries), make_lines(stages, entries), make_lanes(entries, max(options, linked))
    )


@njit(error_model="numpy", inline="always")
def _mend(lanes: Lanes, board: Board, field: Field, run: int, lane: int, tie: int, times: int) -> None:
    """Count a tie `times` more in the candidate on a lane."""
    e, value = board.tie_entry[tie], field.link_value[run, board.ties[tie]]
    if board.tie_adds[tie]:
        lanes.utility[e, lane] += times * value
    else:
        for _ in range(times):
            lanes.free[e, lane] *= value
        for _ in range(-times):
            lanes.free[e, lane] /= value


@uncounted
def _place(into: FloatArray, of: FloatArray, lanes: ShortArray, lines: ShortArray) -> None:
    """Put what lines are worth under lanes."""
    for n in range(lanes.shape[0]):
        into[lanes[n]] = of[lines[n]]


@uncounted
def _carry(
    utility: FloatArray,
    free: FloatArray,
    gain: FloatArray,
    gain_free: FloatArray,
    lanes: ShortArray,
    options: ShortArray,
) -> None:
    """Count what single revisions carry along."""
    for n in range(lanes.shape[0]):
        utility[lanes[n]] += gain[options[n]]
        free[lanes[n]] *= gain_free[options[n]]


@njit(error_model="numpy", inline="always")
def lay_singles(tools: Tools, sheets: Sheets, board: Board, field: Field, stages: Stages, run: int, sheet: int) -> int:
    """Put the texts after one option each on the lanes, which are flat options; the number of lanes."""
    text, lines, lanes, count = tools.text, tools.lines, tools.lanes, sheets.lengths[sheet]
    for e in range(text.utility.shape[0]):
        if not text.wanted[e]:
            continue
        for lo in range(0, text.gain.shape[1], LANES):
            end = lo + LANES
            add_gains(lanes.utility[e, lo:end], text.gain[e, lo:end], text.utility[e])
            times_gains(lanes.free[e, lo:end], text.gain_free[e, lo:end], text.free[e])
    know_lines(lines, stages, field.stage[run], sheets.lines[sheet], count[LINES], text.wanted)
    singles, carries = count[SINGLES], count[CARRIES]
    for e in range(text.utility.shape[0]):
        if not text.wanted[e]:
            continue
        at, of = sheets.single_lane[sheet, :singles], sheets.single_line[sheet, :singles]
        _place(lanes.level[e], lines.level[e], at, of)
        _place(lanes.slope[e], lines.slope[e], at, of)
        at, of = sheets.carry_lane[sheet, :carries], sheets.carry[sheet, :carries]
        _carry(lanes.utility[e], lanes.free[e], text.gain[e], text.gain_free[e], at, of)
    for n in range(count[FIXES]):
        _mend(lanes, board, field, run, sheets.fix_lane[sheet, n], sheets.fix[sheet, n, 0], sheets.fix[sheet, n, 1])
    return int(board.issue_of.shape[0])


@uncounted
def _take_lines(
    level: FloatArray, slope: FloatArray, levels: FloatArray, slopes: FloatArray, lines: ShortArray
) -> None:
    """Put what lines are worth under the lanes from the first on."""
    for n in range(lines.shape[0]):
        level[n], slope[n] = levels[lines[n]], slopes[lines[n]]


@uncounted
def _add_both(utility: FloatArray, gain: FloatArray, first: ShortArray, second: ShortArray, own: float) -> None:
    """Utility of the texts after linked revisions."""
    for n in range(utility.shape[0]):
        utility[n] = own + gain[first[n]] + gain[second[n]]


@uncounted
def _times_both(free: FloatArray, gain: FloatArray, first: ShortArray, second: ShortArray, own: float) -> None:
    """Freedom from red lines of the texts after linked revisions."""
    for n in range(free.shape[0]):
        free[n] = own * gain[first[n]] * gain[second[n]]


@njit(error_model="numpy", inline="always")
def lay_pairs(tools: Tools, sheets: Sheets, board: Board, field: Field, stages: Stages, run: int, sheet: int) -> int:
    """Put the texts after linked revisions on the lanes, which are the sheet's pairs; the number of lanes."""
    text, lines, lanes, count = tools.text, tools.lines, tools.lanes, sheets.lengths[sheet]
    know_lines(lines, stages, field.stage[run], sheets.pair_lines[sheet], count[PAIR_LINES], text.wanted)
    pairs = count[PAIRS]
    of, first, second = sheets.pair_line[sheet, :pairs], sheets.pair_first[sheet], sheets.pair_second[sheet]
    for e in range(text.utility.shape[0]):
        _take_lines(lanes.level[e], lanes.slope[e], lines.level[e], lines.slope[e], of)
        _add_both(lanes.utility[e, :pairs], text.gain[e], first, second, text.utility[e])
        _times_both(lanes.free[e, :pairs], text.gain_free[e], first, second, text.free[e])
    for n in range(count[PAIR_FIXES]):
        tie, times = sheets.pair_fix[sheet, n, 0], sheets.pair_fix[sheet, n, 1]
        _mend(lanes, board, field, run, sheets.pair_fix_lane[sheet, n], tie, times)
    return int(count[PAIRS])


@njit(error_model="numpy", inline="always")
def _share(lanes: Lanes, stages: Stages, stage: FloatArray, lane: int, line: int) -> None:
    """Note the share of the conflict that the candidate on a lane settles."""
    s = stages.stage_of[line]
    lanes.share[lane] = stage[(s // STAGE_TILE * STAGE_COLUMNS + SHARE) * STAGE_TILE + s % STAGE_TILE]


@njit(error_model="numpy", inline="always")
def find_best(lanes: Lanes, aim: Aim, plain: bool, conflict: bool, count: int, best: float) -> tuple[float, int]:
    """The best candidate on the lanes that beats `best`: (score, lane), lane -1 where none does."""
    for lo in range(0, count, LANES):
        score_lanes(lanes, aim, plain, conflict, lo)
    chosen = -1
    for lane in range(count):
        if lanes.score[lane] > best:
            best, chosen = lanes.score[lane], lane
    return best, chosen


@njit(error_model="numpy", inline="always")
def own_score(tools: Tools, aim: Aim) -> float:
    """Score of the text itself where that is the bare product of chances; NOT_TABLED where it settles nothing.

    The singles of the text must stand on the lanes: one of them puts in place what is there.
    """
    text, lanes, lane = tools.text, tools.lanes, tools.text.here[0]
    own = 1.0
    for e in range(aim.weight.shape[0]):
        if aim.named[e]:
            own *= sign(lanes.level[e, lane] + lanes.slope[e, lane] * text.utility[e]) * text.free[e]
    return NOT_TABLED if np.isnan(own) else own


@njit(error_model="numpy", inline="always")
def _change(text: Text, board: Board, field: Field, run: int, option: int) -> None:
    issue = board.issue_of[option]
    text.here[issue] = option
    compare(text, board, field, run, issue)


@njit(error_model="numpy", inline="always")
def take(
    tools: Tools, sheets: Sheets, board: Board, field: Field, run: int, sheet: int, lane: int, linked: bool
) -> None:
    """Make the candidate on a lane the current text."""
    text, lanes = tools.text, tools.lanes
    for e in range(text.utility.shape[0]):
        text.utility[e], text.free[e] = lanes.utility[e, lane], lanes.free[e, lane]
    if linked:
        for n in range(2):
            _change(
                text, board, field, run, sheets.pair_first[sheet, lane] if n == 0 else sheets.pair_second[sheet, lane]
            )
    else:
        _change(text, board, field, run, lane)
        for n in range(sheets.lengths[sheet, CARRIES]):
            if sheets.carry_lane[sheet, n] == lane:
                _change(text, board, field, run, sheets.carry[sheet, n])
    look_round(text, board, field, run)


@njit(error_model="numpy", inline="always")
def _fetch_run(field: Field, run: int, entries: int) -> None:
    """Ask for what the search in a later run reads, while this one is searched."""
    if run < field.rows.shape[0]:
        for at in range(0, field.stage.shape[1], 8):
            fetch(field.stage, (run, at))
        for e in range(entries):
            relief, clear = EFFECT_CHANNELS + 2 * e, EFFECT_CHANNELS + 2 * entries + e
            for at in range(0, field.rows.shape[2], 8):
                fetch(field.rows, (run, relief, at))
                fetch(field.rows, (run, relief + 1, at))
                fetch(field.rows, (run, clear, at))
        for at in range(0, field.link_value.shape[1], 8):
            fetch(field.link_value, (run, at))


@uncounted
def _climb(
    tools: Tools, sheets: Sheets, board: Board, field: Field, stages: Stages, outlook: Outlook, aim: Aim, ask: Ask,
    packages: IntArray, active: BoolArray, scores: FloatArray,
) -> None:  # fmt: skip
    text, lines, lanes = tools.text, tools.lines, tools.lanes
    plain = is_plain(aim)
    shares = board.conflict and not plain
    for run in range(packages.shape[1]):
        if not active[run]:
            continue
        _fetch_run(field, run + 1, aim.weight.shape[0])
        begin_text(text, board, field, run, packages)
        begin_lines(lines, board, field, stages, outlook, ask, run)
        for e in range(aim.weight.shape[0]):
            see(lines, board, field, stages, outlook, ask, run, e)
        stage, own = field.stage[run], np.nan
        for _step in range(_MAX_STEPS):
            sheet = sheet_of(sheets, board, stages, text.here)
            count = lay_singles(tools, sheets, board, field, stages, run, sheet)
            if shares:
                for n in range(sheets.lengths[sheet, SINGLES]):
                    _share(lanes, stages, stage, sheets.single_lane[sheet, n], sheets.single_line[sheet, n])
            if plain and np.isnan(own):
                own = own_score(tools, aim)
            for lane in range(sheets.open.shape[1]):
                lanes.open[lane] = sheets.open[sheet, lane]
            best = own + _TOLERANCE * abs(own) if plain else -np.inf
            best, chosen = find_best(lanes, aim, plain, board.conflict, count, best)
            if not plain:
                own = lanes.score[text.here[0]]
                if best <= own + _TOLERANCE * abs(own):
                    best, chosen = own + _TOLERANCE * abs(own), -1
            linked = chosen < 0
            if linked:
                count = lay_pairs(tools, sheets, board, field, stages, run, sheet)
                if shares:
                    for lane in range(count):
                        _share(lanes, stages, stage, lane, sheets.pair_line[sheet, lane])
                for lane in range(lanes.open.shape[0]):
                    lanes.open[lane] = 1.0
                best, chosen = find_best(lanes, aim, plain, board.conflict, count, best)
            if chosen < 0:
                break
            own = best
            take(tools, sheets, board, field, run, sheet, chosen, linked)
        scores[run] = own
        for i in range(packages.shape[0]):
            packages[i, run] = text.here[i]


def _permit(board: Board, packages: IntArray, active: BoolArray) -> None:
    if (board.combo_at[board.core_step[packages].sum(axis=0)][active] < 0).any():
        raise ValueError("a text holds options that the rules of the scenario do not let stand together")


def climb(
    board: Board, field: Field, stages: Stages, sheets: Sheets, outlook: Outlook, aim: Aim,
    packages: IntArray, active: BoolArray, scores: FloatArray,
) -> None:  # fmt: skip
    """Climb from `packages` (issue, run), in place, in the runs `active` (run,); `scores` (run,) at its end.

    One issue at a time to the best improvement; two linked issues where no single revision improves; until neither
    does. Raises ValueError for a package that the rules forbid.
    """
    _permit(board, packages, active)
    tools = make_tools(board, stages, aim.weight.shape[0], sheets.pair_line.shape[1])
    _climb(tools, sheets, board, field, stages, outlook, aim, ask_of(aim), packages, active, scores)


@uncounted
def _best_changes(
    tools: Tools, sheets: Sheets, board: Board, field: Field, stages: Stages, outlook: Outlook, ask: Ask,
    packages: IntArray, short: BoolArray, issue_named: IntArray, worth_then: FloatArray,
) -> None:  # fmt: skip
    text, lines, lanes = tools.text, tools.lines, tools.lanes
    for run in range(packages.shape[1]):
        wanted = False
        for e in range(short.shape[0]):
            text.wanted[e] = short[e, run]
            wanted = wanted or short[e, run]
        if not wanted:
            continue
        _fetch_run(field, run + 1, short.shape[0])
        begin_text(text, board, field, run, packages)
        begin_lines(lines, board, field, stages, outlook, ask, run)
        for e in range(short.shape[0]):
            if short[e, run]:
                see(lines, board, field, stages, outlook, ask, run, e)
        sheet = sheet_of(sheets, board, stages, text.here)
        count = lay_singles(tools, sheets, board, field, stages, run, sheet)
        own_lane = text.here[0]
        for e in range(short.shape[0]):
            if not short[e, run]:
                continue
            named = -1
            then = lanes.level[e, own_lane] + lanes.slope[e, own_lane] * text.utility[e] + _TOLERANCE
            for lane in range(count):
                worth = lanes.level[e, lane] + lanes.slope[e, lane] * lanes.utility[e, lane]
                worth *= sheets.open[sheet, lane]
                if lanes.free[e, lane] > 0.5 and worth > then:
                    then, named = worth, board.issue_of[lane]
            worth_then[e, run], issue_named[e, run] = then, named


def best_changes(
    board: Board, field: Field, stages: Stages, sheets: Sheets, outlook: Outlook,
    packages: IntArray, short: BoolArray, issue_named: IntArray, worth_then: FloatArray,
) -> None:  # fmt: skip
    """The issue whose best single change raises an entry's worth most, in the runs where the entry falls short.

    `packages` (issue, run), `short` (entry, run). Writes `issue_named` (entry, run), -1 where no single change that
    crosses none of its red lines raises its worth, and `worth_then` (entry, run), its worth after that change. Raises
    ValueError for a package that the rules forbid.
    """
    _permit(board, packages, np.asarray(short.any(axis=0)))
    tools = make_tools(board, stages, short.shape[0], 0)
    ask = Ask(standing=0.0, need=0.0, scale=1.0, void=0.0)
    _best_changes(tools, sheets, board, field, stages, outlook, ask, packages, short, issue_named, worth_then)
