"""The compiled search over revisions: from a text to the best one that single and linked revisions reach.

Each run climbs alone; the lanes are the candidates of one step, so no run waits for its neighbours and nothing that one
run does can touch another. Ties go to the first move in the order of the package space: nothing here draws.
"""

from typing import Final, NamedTuple

import numpy as np
from numba import njit

from sim.engine.kernels import (
    EFFECT_CHANNELS,
    FACTORS,
    GROUND_ROWS,
    LANES,
    LASTING_ROWS,
    SEEN_ROWS,
    SETTLED_ROWS,
    FloatArray,
    IntArray,
    multiplies,
    outlast,
    settle,
)
from sim.engine.kernels_score import NOT_TABLED, score_lanes, worth_entry

_TOLERANCE: Final = 1e-12  # an improvement below rounding is none; otherwise a climb could circle
_MAX_STEPS: Final = 1000


class Workspace(NamedTuple):
    """Scratch of one run. Flat rows have a stride of LANES."""

    here: IntArray  # (issue,) flat options of the current text
    bare: FloatArray  # (row,) what the current text adds up to without links
    total: FloatArray  # (row,) the same with links
    change: FloatArray  # (row, option) factor or addition when the option replaces its issue's current one
    on: np.ndarray  # (link,) whether both ends of a link stand in the current text
    sums: FloatArray  # (row * LANES) of the candidates
    seen: FloatArray  # (entry, 8 * LANES)
    ground: FloatArray  # (7 * LANES)
    settled: FloatArray  # (4 * LANES)
    lasting: FloatArray  # (7 * LANES)
    term: FloatArray  # (LANES,) days
    base: FloatArray  # (LANES,)
    worth: FloatArray  # (entry, LANES)
    value: FloatArray  # (entry, LANES)
    counted: FloatArray  # (LANES,)
    score: FloatArray  # (LANES,)
    excluded: np.ndarray  # (LANES,)
    candidate: IntArray  # (issue,) scratch of one candidate
    kept: IntArray  # (LANES,) moves on the lanes


@njit(error_model="numpy", cache=True)
def workspace(issues, options, rows, entries, links):
    """Scratch for a search."""
    change = np.ones((rows, (options + LANES - 1) // LANES * LANES))
    change[FACTORS : FACTORS + 3 + 2 * entries] = 0.0
    return Workspace(
        np.zeros(issues, dtype=np.int64),
        np.zeros(rows),
        np.zeros(rows),
        change,
        np.zeros(links, dtype=np.bool_),
        np.zeros(rows * LANES),
        np.zeros((entries, SEEN_ROWS * LANES)),
        np.zeros(GROUND_ROWS * LANES),
        np.ones(SETTLED_ROWS * LANES),
        np.ones(LASTING_ROWS * LANES),
        np.full(LANES, 1e9),
        np.zeros(LANES),
        np.zeros((entries, LANES)),
        np.zeros((entries, LANES)),
        np.zeros(LANES),
        np.zeros(LANES),
        np.zeros(LANES, dtype=np.bool_),
        np.zeros(issues, dtype=np.int64),
        np.zeros(LANES, dtype=np.int64),
    )


@njit(error_model="numpy", cache=True)
def load_run(work, outlook, run):
    """Spread one run's outlook over the lanes."""
    for e in range(outlook.odds.shape[0]):
        seen = work.seen[e]
        for lane in range(LANES):
            seen[0 * LANES + lane] = outlook.odds[e, run]
            seen[1 * LANES + lane] = outlook.first_wins[e, run]
            seen[2 * LANES + lane] = outlook.second_wins[e, run]
            seen[3 * LANES + lane] = outlook.cost[e, run]
            seen[4 * LANES + lane] = outlook.sincere_first[e, run]
            seen[5 * LANES + lane] = outlook.sincere_second[e, run]
            seen[6 * LANES + lane] = outlook.standing[e, run]
            seen[7 * LANES + lane] = outlook.need[e, run]
    ground = work.ground
    for row in range(GROUND_ROWS):
        value = outlook.ground[row, run]
        for lane in range(LANES):
            ground[row * LANES + lane] = value
    base = work.base
    for lane in range(LANES):
        base[lane] = outlook.base[0]


@njit(error_model="numpy", cache=True)
def compare(change, rows, start, live, here, lo, hi, factors_to, adds_to):
    """Fill `change` (row, option) for issues lo .. hi - 1, whose current flat options are `here` (issue,).

    Where no option of an issue acts on a row (`live`), `change` keeps the neutral value it was made with.
    """
    for c in range(rows.shape[0]):
        row, out = rows[c], change[c]
        if c < factors_to or c >= adds_to:
            for i in range(lo, hi):
                if not live[c, i]:
                    continue
                inverse = 1.0 / row[here[i]]
                for option in range(start[i], start[i + 1]):
                    out[option] = row[option] * inverse
        else:
            for i in range(lo, hi):
                if not live[c, i]:
                    continue
                base = row[here[i]]
                for option in range(start[i], start[i + 1]):
                    out[option] = row[option] - base


@njit(error_model="numpy", cache=True)
def add_to(total, row, value, entries):
    """Let a value act on a row of a column."""
    if multiplies(row, entries):
        total[row] *= value
    else:
        total[row] += value


@njit(error_model="numpy", cache=True)
def stand_on(work, board, rows, link_value, link_row):
    """Take `work.here` as the current text of the run whose tables are `rows` (row, option)."""
    entries = work.seen.shape[0]
    adds_to = FACTORS + 3 + 2 * entries
    bare, total, here, live = work.bare, work.total, work.here, board.live
    for c in range(bare.shape[0]):
        if c < FACTORS or c >= adds_to:
            value = 1.0
            for i in range(here.shape[0]):
                if live[c, i]:
                    value *= rows[c, here[i]]
        else:
            value = 0.0
            for i in range(here.shape[0]):
                if live[c, i]:
                    value += rows[c, here[i]]
        bare[c] = value
        total[c] = value
    for r in range(board.link_first.shape[0]):
        first, second = board.link_first[r], board.link_second[r]
        on = here[board.issue_of[first]] == first and here[board.issue_of[second]] == second
        work.on[r] = on
        if on and link_row[r] >= 0:
            add_to(total, link_row[r], link_value[r], entries)


@njit(error_model="numpy", cache=True)
def fill_single(sums, total, change, lo, factors_to, adds_to):
    """Columns of the texts after one option each, from option lo on, without what links and carrying change."""
    for c in range(total.shape[0]):
        start = total[c]
        row, column = change[c], c * LANES
        if c < factors_to or c >= adds_to:
            for lane in range(LANES):
                sums[column + lane] = start * row[lo + lane]
        else:
            for lane in range(LANES):
                sums[column + lane] = start + row[lo + lane]


@njit(error_model="numpy", cache=True)
def switch_links(work, board, link_value, link_row, lo, hi):
    """Correct single-change columns for links that the change switches on or off."""
    entries = work.seen.shape[0]
    sums, here = work.sums, work.here
    for r in range(board.link_first.shape[0]):
        row = link_row[r]
        if row < 0:
            continue
        value = link_value[r]
        for end in range(2):
            mine = board.link_first[r] if end == 0 else board.link_second[r]
            other = board.link_second[r] if end == 0 else board.link_first[r]
            issue = board.issue_of[mine]
            if work.on[r]:
                undo = 1.0 / value if multiplies(row, entries) else -value
                for option in range(max(lo, board.start[issue]), min(hi, board.start[issue + 1])):
                    if option != mine:
                        place = row * LANES + option - lo
                        sums[place] = sums[place] * undo if multiplies(row, entries) else sums[place] + undo
            elif lo <= mine < hi and here[board.issue_of[other]] == other:
                place = row * LANES + mine - lo
                sums[place] = sums[place] * value if multiplies(row, entries) else sums[place] + value


@njit(error_model="numpy", cache=True)
def revise(work, board, moves, m):
    """Put the text after move `m` into `work.candidate`; returns how many issues were carried along, -1 on a clash."""
    first, second = moves.first[m], moves.second[m]
    candidate = work.candidate
    for i in range(candidate.shape[0]):
        candidate[i] = work.here[i]
    candidate[board.issue_of[first]] = first
    if second >= 0:
        candidate[board.issue_of[second]] = second
    carried = 0
    for c in range(moves.carried_from[m], moves.carried_from[m + 1]):
        issue = moves.carried_issue[c]
        option = candidate[issue]
        if board.forbidden[first, option] or (second >= 0 and board.forbidden[second, option]):
            candidate[issue] = moves.carried_option[c]
            carried += 1
    if carried > 0:
        for c in range(moves.carried_from[m], moves.carried_from[m + 1]):
            option = candidate[moves.carried_issue[c]]
            for i in range(candidate.shape[0]):
                if board.forbidden[option, candidate[i]]:
                    return -1
    return carried


@njit(error_model="numpy", cache=True)
def column(work, board, link_value, link_row, outlook, lane):
    """Column of the text in `work.candidate`, whatever it changes, into one lane."""
    entries = work.seen.shape[0]
    adds_to = FACTORS + 3 + 2 * entries
    sums, bare, change, here, candidate = work.sums, work.bare, work.change, work.here, work.candidate
    for c in range(bare.shape[0]):
        sums[c * LANES + lane] = bare[c]
    for i in range(here.shape[0]):
        option = candidate[i]
        if option == here[i]:
            continue
        for c in range(FACTORS):
            sums[c * LANES + lane] *= change[c, option]
        for c in range(FACTORS, adds_to):
            sums[c * LANES + lane] += change[c, option]
        for c in range(adds_to, bare.shape[0]):
            sums[c * LANES + lane] *= change[c, option]
    for r in range(board.link_first.shape[0]):
        row = link_row[r]
        first, second = board.link_first[r], board.link_second[r]
        if (
            row < 0
            or work.candidate[board.issue_of[first]] != first
            or work.candidate[board.issue_of[second]] != second
        ):
            continue
        if multiplies(row, entries):
            sums[row * LANES + lane] *= link_value[r]
        else:
            sums[row * LANES + lane] += link_value[r]
    if board.term_issue >= 0:
        ending = work.candidate[board.term_issue]
        work.term[lane] = board.term[ending]
        work.base[lane] = outlook.base[board.treaty[ending]]


@njit(error_model="numpy", cache=True)
def share_stage(work, conflict):
    """What all parties share of the candidates on the lanes."""
    if conflict:
        settle(work.sums, work.term, work.ground, work.settled)
        outlast(work.sums, work.term, work.base, work.ground, work.lasting)


@njit(error_model="numpy", cache=True)
def fill_singles(work, board, link_value, link_row, outlook, moves, move, lo, hi):
    """Put the texts after one option each, flat options lo .. hi - 1, on the lanes; returns the next move to place.

    `moves` has one move per option that has any; lanes without one are excluded. Putting a current option in place is
    the text itself.
    """
    entries = outlook.odds.shape[0]
    fill_single(work.sums, work.total, work.change, lo, FACTORS, FACTORS + 3 + 2 * entries)
    switch_links(work, board, link_value, link_row, lo, hi)
    excluded, kept, here = work.excluded, work.kept, work.here
    if board.term_issue >= 0:
        term, base = board.term[here[board.term_issue]], outlook.base[board.treaty[here[board.term_issue]]]
        for lane in range(LANES):
            work.term[lane] = term
            work.base[lane] = base
        for option in range(max(lo, board.start[board.term_issue]), min(hi, board.start[board.term_issue + 1])):
            work.term[option - lo] = board.term[option]
            work.base[option - lo] = outlook.base[board.treaty[option]]
    for lane in range(hi - lo):
        excluded[lane] = True
    while move < moves.first.shape[0] and moves.first[move] < hi:
        first = moves.first[move]
        lane = first - lo
        kept[lane] = move
        excluded[lane] = False
        for c in range(moves.carried_from[move], moves.carried_from[move + 1]):
            if board.forbidden[first, here[moves.carried_issue[c]]]:
                excluded[lane] = revise(work, board, moves, move) < 0
                if not excluded[lane]:
                    column(work, board, link_value, link_row, outlook, lane)
                break
        move += 1
    return move


@njit(error_model="numpy", cache=True)
def best_single(work, board, link_value, link_row, outlook, run, aim, moves):
    """The best single revision: (score, move); move -1 where none beats the text itself. Also the text's own score."""
    options = board.issue_of.shape[0]
    best, own = -np.inf, np.nan
    chosen, move = -1, 0
    for lo in range(0, options, LANES):
        hi = min(options, lo + LANES)
        move = fill_singles(work, board, link_value, link_row, outlook, moves, move, lo, hi)
        score_all(work, board, outlook, run, aim)
        here = work.here[0] - lo
        if 0 <= here < hi - lo:
            own = work.score[here]
            best = max(best, own + _TOLERANCE * abs(own))
        for lane in range(hi - lo):
            if not work.excluded[lane] and work.score[lane] > best:
                best = work.score[lane]
                chosen = work.kept[lane]
    return best, chosen, own


@njit(error_model="numpy", cache=True)
def score_all(work, board, outlook, run, aim):
    """Scores of the candidates on the lanes."""
    share_stage(work, board.conflict)
    score_lanes(
        work.sums, work.settled, work.lasting, work.seen, outlook.discount[run], board.conflict, aim,
        work.worth, work.value, work.counted, work.score,
    )  # fmt: skip


@njit(error_model="numpy", cache=True)
def fill_pairs(work, moves, lanes, factors_to, adds_to):
    """Columns of texts after two options each (`work.kept` moves), without what links and carrying change."""
    sums, total, kept = work.sums, work.total, work.kept
    for c in range(total.shape[0]):
        start, row, column = total[c], work.change[c], c * LANES
        if c < factors_to or c >= adds_to:
            for lane in range(lanes):
                m = kept[lane]
                sums[column + lane] = start * row[moves.first[m]] * row[moves.second[m]]
        else:
            for lane in range(lanes):
                m = kept[lane]
                sums[column + lane] = start + row[moves.first[m]] + row[moves.second[m]]


@njit(error_model="numpy", cache=True)
def switch_pair_links(work, board, link_value, link_row, moves, lanes):
    """Correct pair columns for links that the two changes switch on or off."""
    entries = work.seen.shape[0]
    here, sums, kept = work.here, work.sums, work.kept
    for lane in range(lanes):
        m = kept[lane]
        one, other = moves.first[m], moves.second[m]
        i, k = board.issue_of[one], board.issue_of[other]
        for place in range(moves.links_from[m], moves.links_from[m + 1]):
            r = moves.links[place]
            row, first, second = link_row[r], board.link_first[r], board.link_second[r]
            if row < 0:
                continue
            a, b = board.issue_of[first], board.issue_of[second]
            at_first = one if a == i else (other if a == k else here[a])
            at_second = one if b == i else (other if b == k else here[b])
            now = at_first == first and at_second == second
            if now == work.on[r]:
                continue
            cell = row * LANES + lane
            if multiplies(row, entries):
                sums[cell] = sums[cell] * link_value[r] if now else sums[cell] / link_value[r]
            else:
                sums[cell] = sums[cell] + link_value[r] if now else sums[cell] - link_value[r]


@njit(error_model="numpy", cache=True)
def score_pairs(work, board, link_value, link_row, outlook, run, aim, moves, lanes):
    """Score the pair moves in `work.kept`."""
    entries = outlook.odds.shape[0]
    fill_pairs(work, moves, lanes, FACTORS, FACTORS + 3 + 2 * entries)
    switch_pair_links(work, board, link_value, link_row, moves, lanes)
    for lane in range(lanes):
        m = work.kept[lane]
        first, second = moves.first[m], moves.second[m]
        if board.term_issue >= 0:
            option = work.here[board.term_issue]
            option = first if board.issue_of[first] == board.term_issue else option
            option = second if board.issue_of[second] == board.term_issue else option
            work.term[lane] = board.term[option]
            work.base[lane] = outlook.base[board.treaty[option]]
    score_all(work, board, outlook, run, aim)


@njit(error_model="numpy", cache=True)
def clashes(here, forbidden, moves, m):
    """Whether the rest of the text cannot stand beside the two options of a linked revision."""
    first, second = moves.first[m], moves.second[m]
    for c in range(moves.carried_from[m], moves.carried_from[m + 1]):
        option = here[moves.carried_issue[c]]
        if forbidden[first, option] or forbidden[second, option]:
            return True
    return False


@njit(error_model="numpy", cache=True)
def best_linked(work, board, link_value, link_row, outlook, run, aim, moves, best):
    """The best revision of two linked issues that beats `best`, or -1."""
    chosen, lanes = -1, 0
    last = moves.first.shape[0] - 1
    for m in range(moves.first.shape[0]):
        first, second = moves.first[m], moves.second[m]
        # With one of the two already in place this is a single revision, scored before.
        new = work.here[board.issue_of[first]] != first and work.here[board.issue_of[second]] != second
        if new and not clashes(work.here, board.forbidden, moves, m):
            work.kept[lanes] = m
            lanes += 1
        if lanes == LANES or (lanes > 0 and m == last):
            score_pairs(work, board, link_value, link_row, outlook, run, aim, moves, lanes)
            for lane in range(lanes):
                if work.score[lane] > best:
                    best = work.score[lane]
                    chosen = work.kept[lane]
            lanes = 0
    return chosen


@njit(error_model="numpy", cache=True)
def take(work, board, rows, moves, m):
    """Make the text after move `m` the current one."""
    adds_to = FACTORS + 3 + 2 * work.seen.shape[0]
    revise(work, board, moves, m)
    for i in range(work.here.shape[0]):
        if work.candidate[i] != work.here[i]:
            work.here[i] = work.candidate[i]
            compare(work.change, rows, board.start, board.live, work.here, i, i + 1, FACTORS, adds_to)


@njit(error_model="numpy", cache=True)
def begin(work, board, field, outlook, packages, run):
    """Take a run's package as the current text."""
    for i in range(packages.shape[0]):
        work.here[i] = packages[i, run]
    load_run(work, outlook, run)
    adds_to = FACTORS + 3 + 2 * outlook.odds.shape[0]
    compare(work.change, field.rows[run], board.start, board.live, work.here, 0, packages.shape[0], FACTORS, adds_to)


@njit(error_model="numpy", cache=True)
def climb(board, field, outlook, aim, single, linked, packages, active, scores):
    """Climb from `packages` (issue, run), in place, in the runs where `active` (run,) holds; `scores` (run,) gets the end's.

    One issue at a time to the best improvement; two linked issues where no single revision improves; until neither does.
    """
    options, row_count = field.rows.shape[2], field.rows.shape[1]
    work = workspace(packages.shape[0], options, row_count, aim.weight.shape[0], board.link_first.shape[0])
    for run in range(packages.shape[1]):
        if not active[run]:
            continue
        rows, link_value = field.rows[run], field.link_value[run]
        begin(work, board, field, outlook, packages, run)
        own = NOT_TABLED
        for _step in range(_MAX_STEPS):
            stand_on(work, board, rows, link_value, field.link_row)
            best, chosen, own = best_single(work, board, link_value, field.link_row, outlook, run, aim, single)
            if chosen >= 0:
                take(work, board, rows, single, chosen)
                continue
            chosen = best_linked(work, board, link_value, field.link_row, outlook, run, aim, linked, best)
            if chosen < 0:
                break
            take(work, board, rows, linked, chosen)
        scores[run] = own
        for i in range(packages.shape[0]):
            packages[i, run] = work.here[i]


@njit(error_model="numpy", cache=True)
def best_changes(board, field, outlook, single, packages, short, issue_named, worth_then):
    """The issue whose best single change raises an entry's worth most, in the runs where the entry falls short.

    `packages` (issue, run), `short` (entry, run). Writes `issue_named` (entry, run), -1 where no single change that
    crosses none of its red lines raises its worth, and `worth_then` (entry, run), its worth after that change.
    """
    entries, options = short.shape[0], field.rows.shape[2]
    clear = EFFECT_CHANNELS + 2 * entries
    work = workspace(packages.shape[0], options, field.rows.shape[1], entries, board.link_first.shape[0])
    for run in range(packages.shape[1]):
        if not short[:, run].any():
            continue
        link_value = field.link_value[run]
        begin(work, board, field, outlook, packages, run)
        stand_on(work, board, field.rows[run], link_value, field.link_row)
        move = 0
        for e in range(entries):
            worth_then[e, run] = -np.inf
        for lo in range(0, options, LANES):
            hi = min(options, lo + LANES)
            move = fill_singles(work, board, link_value, field.link_row, outlook, single, move, lo, hi)
            share_stage(work, board.conflict)
            for e in range(entries):
                if not short[e, run]:
                    continue
                worth = work.worth[e]
                worth_entry(
                    work.sums, work.settled, work.lasting, work.seen[e], outlook.discount[run], board.conflict, e, worth
                )
                here = work.here[0] - lo
                if 0 <= here < hi - lo and worth[here] + _TOLERANCE >= worth_then[e, run]:
                    worth_then[e, run] = worth[here] + _TOLERANCE
                    issue_named[e, run] = -1
                place = (clear + e) * LANES
                for lane in range(hi - lo):
                    if not work.excluded[lane] and work.sums[place + lane] > 0.5 and worth[lane] > worth_then[e, run]:
                        worth_then[e, run] = worth[lane]
                        issue_named[e, run] = board.issue_of[lo + lane]
