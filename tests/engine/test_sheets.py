"""What a sheet says a text permits, against the package space taken one revision at a time."""

import numpy as np
import pytest

from sim.engine.kernels_sheets import CARRIES, FIXES, PAIR_FIXES, PAIRS, SINGLES, sheet_of
from tests.synthetic import game

TEXTS = 60


def texts(space, count):
    """Feasible packages (issue,) at random: random options, kept where the rules let them stand together."""
    rng = np.random.default_rng(5)
    found = []
    while len(found) < count:
        combo = space.combos[rng.integers(len(space.combos))]
        package = np.asarray([rng.integers(space.start[i], space.start[i + 1]) for i in range(space.issues)])
        package[space.core] = combo
        if not space.forbidden[np.ix_(package, package)].any():
            found.append(package)
    return [space.status_quo, *found]


def on(board, package, tie):
    """Whether a package switches a tie on."""
    link = board.ties[tie]
    return board.link_first[link] in package and board.link_second[link] in package


def switched(board, here, after, tie):
    """How often a tie counts beyond what the changes of `here` (issue,) bring one by one, by brute force."""
    alone = 0
    for issue in np.flatnonzero(here != after):
        one = here.copy()
        one[issue] = after[issue]
        alone += int(on(board, one, tie)) - int(on(board, here, tie))
    return int(on(board, after, tie)) - int(on(board, here, tie)) - alone


def fixes_of(lanes, fixes, count, lane):
    return {int(tie): int(times) for at, (tie, times) in zip(lanes[:count], fixes[:count], strict=True) if at == lane}


def check(layout, here):
    """Compare one text's sheet with the space; the number of revisions seen to carry something along."""
    space, board, stages, sheets = layout.space, layout.board, layout.stages, layout.sheets
    sheet = sheet_of(sheets, board, stages, here)
    counts = sheets.lengths[sheet]
    lanes = sheets.single_lane[sheet, : counts[SINGLES]].tolist()
    carried = 0
    for option in range(space.options):
        revised = space.revised(here, option)
        assert (option in lanes) == (revised is not None) == (sheets.open[sheet, option] == 1.0), option
        if revised is None:
            continue
        after = here.copy()
        after[space.issue_of[option]] = option
        own = sheets.carry_lane[sheet, : counts[CARRIES]] == option
        for target in sheets.carry[sheet, : counts[CARRIES]][own].tolist():
            after[space.issue_of[target]] = target
            carried += 1
        assert np.array_equal(after, revised), option
        line = sheets.single_line[sheet, lanes.index(option)]
        if board.conflict:
            assert np.array_equal(stages.line_options[:, line], after[space.core])
        wanted = {t: switched(board, here, after, t) for t in range(len(board.ties))}
        got = fixes_of(sheets.fix_lane[sheet], sheets.fix[sheet], counts[FIXES], option)
        assert got == {tie: times for tie, times in wanted.items() if times}
    pairs = []
    for first, second in zip(space.linked.first, space.linked.second, strict=True):
        after = here.copy()
        after[space.issue_of[[first, second]]] = first, second
        if (after != here).sum() == 2 and not space.forbidden[np.ix_(after, after)].any():
            pairs.append((int(first), int(second)))
            if board.conflict:
                line = sheets.pair_line[sheet, len(pairs) - 1]
                assert np.array_equal(stages.line_options[:, line], after[space.core])
            wanted = {t: switched(board, here, after, t) for t in range(len(board.ties))}
            got = fixes_of(sheets.pair_fix_lane[sheet], sheets.pair_fix[sheet], counts[PAIR_FIXES], len(pairs) - 1)
            assert got == {tie: times for tie, times in wanted.items() if times}
    both = zip(sheets.pair_first[sheet, : counts[PAIRS]], sheets.pair_second[sheet, : counts[PAIRS]], strict=True)
    assert [(int(one), int(other)) for one, other in both] == pairs
    return carried


@pytest.mark.parametrize("name", ["march_2025", "orange", "europe_signs"])
def test_a_sheet_lists_what_the_space_permits(name):
    layout = game(name).layout
    carried = sum(check(layout, here) for here in texts(layout.space, TEXTS))
    assert (carried > 0) == (name != "orange")


def test_stages_hold_every_joint_choice_once():
    layout = game("march_2025").layout
    stages, space = layout.stages, layout.space
    assert sorted(stages.line_of.tolist()) == list(range(len(space.combos)))
    assert np.array_equal(stages.line_options[:, stages.line_of], space.combos.T)
    assert 1 < len(set(stages.stage_of.tolist())) < len(space.combos) / 5
