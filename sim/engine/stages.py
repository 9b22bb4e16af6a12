"""Where the joint choices of the core stand as stages and lines (`sim.engine.kernels_stage`)."""

import numpy as np

from sim.engine.kernels import EFFECT_CHANNELS, SHIFT, Board, IntArray
from sim.engine.kernels_stage import STAGE_TILE, Stages


def make_stages(board: Board, link_row: IntArray) -> Stages:
    """Stages and lines of a scenario's joint choices; none without a conflict. `link_row` (link,) as in `Field`."""
    count = int(board.combo_at.max(initial=-1)) + 1
    combos = board.combos[:, :count]
    if not board.conflict:
        nothing = np.zeros((len(board.core), 0), dtype=np.int64)
        pairs = np.zeros((0, 2), dtype=np.int64)
        return Stages(
            0, 0, nothing, nothing, np.zeros(count, dtype=np.int64), np.zeros(1, dtype=np.int64), pairs, pairs
        )
    entries = (board.live.shape[0] - EFFECT_CHANNELS) // 3
    reliefs = EFFECT_CHANNELS + 2 * np.arange(entries)
    staging = np.isin(link_row, [*(row for row in range(EFFECT_CHANNELS) if row != SHIFT), *reliefs])
    shifting = link_row == SHIFT
    rows = [*(row for row in range(EFFECT_CHANNELS) if row != SHIFT), *reliefs]
    bound = {int(issue) for issue in board.core if board.live[rows, issue].any() or issue == board.term_issue}
    for r in np.flatnonzero(staging):
        bound |= {int(board.issue_of[board.link_first[r]]), int(board.issue_of[board.link_second[r]])}
    places = [int(board.core_place[issue]) for issue in sorted(bound)]
    if places:
        _, first, stage_of_combo = np.unique(combos[places], axis=1, return_index=True, return_inverse=True)
        stage_of_combo = stage_of_combo.ravel()
    else:
        first, stage_of_combo = np.zeros(1, dtype=np.int64), np.zeros(count, dtype=np.int64)
    filled = -(-len(first) // STAGE_TILE) * STAGE_TILE
    representative = np.concatenate([first, np.full(filled - len(first), first[-1])])
    members = np.argsort(stage_of_combo, kind="stable")
    line_of = np.argsort(members, kind="stable")
    line_options, stage_options = combos[:, members], combos[:, representative]
    return Stages(
        size=filled,
        lines=count,
        stage_options=np.ascontiguousarray(stage_options),
        line_options=np.ascontiguousarray(line_options),
        line_of=line_of,
        stage_of=stage_of_combo[members],
        stage_links=_switched(board, np.flatnonzero(staging), stage_options),
        line_links=_switched(board, np.flatnonzero(shifting), line_options),
    )


def _switched(board: Board, links: IntArray, choices: IntArray) -> IntArray:
    """(link, place) of the choices (core issue, place) that hold both ends of a link."""
    pairs = []
    for r in links:
        one, other = (int(board.core_place[board.issue_of[end[r]]]) for end in (board.link_first, board.link_second))
        on = (choices[one] == board.link_first[r]) & (choices[other] == board.link_second[r])
        pairs += [(int(r), int(place)) for place in np.flatnonzero(on)]
    return np.asarray(pairs, dtype=np.int64).reshape(-1, 2)
