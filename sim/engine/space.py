"""The package space of a scenario as integer arrays: what may go with what, and which revisions exist.

Everything here is the same for every run of a scenario. Options of all issues stand in a row (the flat option axis);
issue `i` owns the places `start[i] .. start[i + 1] - 1`.
"""

from dataclasses import dataclass
from itertools import combinations
from math import prod
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.world.scenario import Effects, Scenario

NEVER_ENDS: Final = 1e9  # days; the term of a package that names none
MAX_PLACES: Final = 20_000_000  # joint choices of linked issues, permitted or not
MAX_ENUMERATED: Final = 200_000  # joint choices of linked issues that are searched one by one
IntArray = NDArray[np.int64]


class SpaceError(ValueError):
    """A scenario whose package space the engine cannot search."""


class Moves(NamedTuple):
    """Revisions of a text: one option changed (`second` is -1), or two linked ones; a tuple of arrays for kernels."""

    first: IntArray  # (move,) flat option put in place
    second: IntArray  # (move,) flat option put in place beside it, or -1
    carried_from: IntArray  # (move + 1,) where a move's carried issues start in the two arrays below
    carried_issue: IntArray  # (carry,) issue that is carried along where its option is now forbidden
    carried_option: IntArray  # (carry,) flat option it is carried to: its first permitted one


@dataclass(frozen=True, slots=True, eq=False)
class Space:
    """The package space of one scenario, compiled once."""

    start: IntArray  # (issue + 1,) first flat option of each issue
    issue_of: IntArray  # (option,) issue of each flat option
    forbidden: NDArray[np.bool_]  # (option, option) symmetric: may not stand together
    term: NDArray[np.float64]  # (option,) days, NEVER_ENDS where none is named
    treaty: IntArray  # (option,) 1 where the option makes the package a treaty, else 0
    term_issue: int  # the issue whose options carry term and kind, or -1
    status_quo: IntArray  # (issue,) flat options
    war: NDArray[np.bool_]  # (issue,) decided by war
    single: Moves
    linked: Moves
    core: IntArray  # (core issue,) issues whose options act jointly on worth
    combos: IntArray  # (combo, core issue) feasible joint choices, flat options, in lexicographic order
    combo_step: IntArray  # (option,) what an option adds to the place of a joint choice; 0 outside the core

    @property
    def issues(self) -> int:
        """Number of issues."""
        return len(self.start) - 1

    @property
    def options(self) -> int:
        """Number of options over all issues."""
        return len(self.issue_of)

    def flat(self, package: tuple[int, ...]) -> IntArray:
        """Flat options (issue,) of a package given by option indices."""
        return np.asarray([self.start[i] + o for i, o in enumerate(package)], dtype=np.int64)

    def places(self, issue: int) -> range:
        """Flat options of an issue."""
        return range(int(self.start[issue]), int(self.start[issue + 1]))

    def combo_at(self) -> IntArray:
        """(place,) joint choice of the core at each place of the mixed radix, -1 where the rules forbid it."""
        sizes = [len(self.places(int(issue))) for issue in self.core]
        table = np.full(int(np.prod(sizes, dtype=np.int64)), -1, dtype=np.int64)
        table[self.combo_step[self.combos].sum(axis=1, dtype=np.int64)] = np.arange(len(self.combos))
        return table

    def revised(self, package: IntArray, option: int) -> IntArray | None:
        """The package (issue,) with one flat option put in place, what that forbids carried along; None on a clash."""
        carried = _carries((option,), self.start, self.forbidden)
        if carried is None:
            return None
        revised = package.copy()
        revised[self.issue_of[option]] = option
        for issue, target in carried:
            if self.forbidden[option, revised[issue]]:
                revised[issue] = target
        return None if self.forbidden[np.ix_(revised, revised)].any() else revised


def _has_effects(effects: Effects) -> bool:
    singles = (effects.settles, effects.lasts, effects.front, effects.hazard, effects.exposure, effects.shift)
    return any(number is not None for number in singles) or bool(effects.relief) or bool(effects.burden)


def _forbidden(scenario: Scenario, start: IntArray) -> NDArray[np.bool_]:
    forbidden = np.zeros((int(start[-1]), int(start[-1])), dtype=np.bool_)
    for rule in scenario.rules:
        ruled = start[rule.option[0]] + rule.option[1]
        for other in range(len(scenario.issues[rule.needs_issue].options)):
            if other not in rule.needs_options:
                place = start[rule.needs_issue] + other
                forbidden[ruled, place] = forbidden[place, ruled] = True
    return forbidden


def _carries(assigned: tuple[int, ...], start: IntArray, forbidden: NDArray[np.bool_]) -> list[tuple[int, int]] | None:
    """Issues that the assigned options may force, each with its first permitted option; None where one has none."""
    owners = {int(np.searchsorted(start, option, side="right")) - 1 for option in assigned}
    carried = []
    for issue in range(len(start) - 1):
        places = range(int(start[issue]), int(start[issue + 1]))
        if issue in owners or not any(forbidden[option, place] for option in assigned for place in places):
            continue
        permitted = [place for place in places if not any(forbidden[option, place] for option in assigned)]
        if not permitted:
            return None
        carried.append((issue, permitted[0]))
    return carried


def _moves(assignments: list[tuple[int, ...]], start: IntArray, forbidden: NDArray[np.bool_]) -> Moves:
    first, second, carried_from, issues, options = [], [], [0], [], []
    for assigned in assignments:
        carried = _carries(assigned, start, forbidden)
        if carried is None or (len(assigned) == 2 and forbidden[assigned[0], assigned[1]]):
            continue
        first.append(assigned[0])
        second.append(assigned[1] if len(assigned) == 2 else -1)
        issues += [issue for issue, _ in carried]
        options += [option for _, option in carried]
        carried_from.append(len(issues))
    columns: tuple[list[int], ...] = (first, second, carried_from, issues, options)
    return Moves(*(np.asarray(column, dtype=np.int64) for column in columns))


def _linked_issues(scenario: Scenario, forbidden: NDArray[np.bool_], issue_of: IntArray) -> list[tuple[int, int]]:
    """Pairs of issues that a mediator revises together: both carry `settles`, or a feasibility rule ties them."""
    settling = [
        index
        for index, issue in enumerate(scenario.issues)
        if any(option.effects.settles is not None or option.effects.lasts is not None for option in issue.options)
    ]
    linked = set(combinations(settling, 2))
    for one, other in zip(*np.nonzero(forbidden), strict=True):
        pair = sorted((int(issue_of[one]), int(issue_of[other])))
        linked.add((pair[0], pair[1]))
    return sorted(linked)


def _core(
    scenario: Scenario, effect_issue: NDArray[np.bool_], forbidden: NDArray[np.bool_], issue_of: IntArray
) -> IntArray:
    """Issues to enumerate jointly: those with effects, and one end of every further link between issues."""
    core = set(np.flatnonzero(effect_issue).tolist())
    links = {(int(issue_of[a]), int(issue_of[b])) for a, b in zip(*np.nonzero(forbidden), strict=True)}
    for party in scenario.parties:
        links |= {(bonus.first[0], bonus.second[0]) for bonus in party.interactions}
        links |= {(line.when[0][0], line.when[1][0]) for line in party.red_lines if len(line.when) == 2}
    for one, other in sorted(links):
        if one not in core and other not in core:
            core.add(one)
    return np.asarray(sorted(core), dtype=np.int64)


def _check_places(core: IntArray, start: IntArray, name: str) -> None:
    places = prod(int(start[issue + 1] - start[issue]) for issue in core)
    if places > MAX_PLACES:
        raise SpaceError(
            f"scenario {name!r}: {places:,} joint choices of the issues that carry effects, rules, interactions or "
            f"joint red lines, permitted or not, and {MAX_PLACES:,} are the most that can be; let fewer carry them"
        )


def _combos(core: IntArray, start: IntArray, forbidden: NDArray[np.bool_], name: str) -> IntArray:
    combos = np.zeros((1, 0), dtype=np.int64)
    for issue in core:
        places = np.arange(start[issue], start[issue + 1])
        grown = np.concatenate(
            [np.repeat(combos, len(places), axis=0), np.tile(places, len(combos))[:, np.newaxis]], axis=1
        )
        clash = np.zeros(len(grown), dtype=np.bool_)
        for column in range(combos.shape[1]):
            clash |= forbidden[grown[:, column], grown[:, -1]]
        combos = grown[~clash]
        if len(combos) > MAX_ENUMERATED:
            raise SpaceError(
                f"scenario {name!r}: more than {MAX_ENUMERATED:,} joint choices of the issues that carry effects, "
                "rules, interactions or joint red lines; let fewer issues carry them, or add rules that exclude some"
            )
    return combos


def _steps(core: IntArray, start: IntArray) -> IntArray:
    """What each flat option adds to the place of a joint choice, counted in mixed radix; (option,)."""
    steps = np.zeros(int(start[-1]), dtype=np.int64)
    stride = 1
    for issue in core[::-1]:
        size = int(start[issue + 1] - start[issue])
        steps[start[issue] : start[issue + 1]] = np.arange(size) * stride
        stride *= size
    return steps


def _ended(scenario: Scenario) -> int:
    carriers = [
        index
        for index, issue in enumerate(scenario.issues)
        if any(option.term is not None or option.kind is not None for option in issue.options)
    ]
    if len(carriers) > 1:
        names = " and ".join(scenario.issues[index].name for index in carriers)
        raise SpaceError(f"scenario {scenario.name!r}: both {names} carry `term` or `kind`; keep them on one issue")
    return carriers[0] if carriers else -1


def compile_space(scenario: Scenario) -> Space:
    """The scenario's package space; raises SpaceError where it cannot be searched."""
    sizes = [len(issue.options) for issue in scenario.issues]
    start = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    issue_of = np.repeat(np.arange(len(sizes)), sizes).astype(np.int64)
    forbidden = _forbidden(scenario, start)
    options = [option for issue in scenario.issues for option in issue.options]
    term = np.asarray([NEVER_ENDS if option.term is None else option.term for option in options])
    treaty = np.asarray([option.kind == "treaty" for option in options], dtype=np.int64)
    effect_issue = np.asarray(
        [any(_has_effects(option.effects) for option in issue.options) for issue in scenario.issues]
    )
    for pair in scenario.effects:
        effect_issue[[pair.first[0], pair.second[0]]] = True
    term_issue = _ended(scenario)
    if term_issue >= 0:
        effect_issue[term_issue] = True
    pairs: list[tuple[int, ...]] = [
        (int(a), int(b))
        for i, k in _linked_issues(scenario, forbidden, issue_of)
        for a in range(int(start[i]), int(start[i + 1]))
        for b in range(int(start[k]), int(start[k + 1]))
    ]
    core = _core(scenario, effect_issue, forbidden, issue_of)
    combos = _combos(core, start, forbidden, scenario.name)
    _check_places(core, start, scenario.name)
    return Space(
        start=start,
        issue_of=issue_of,
        forbidden=forbidden,
        term=term,
        treaty=treaty,
        term_issue=term_issue,
        status_quo=np.asarray([start[i] + issue.status_quo for i, issue in enumerate(scenario.issues)], dtype=np.int64),
        war=np.asarray([issue.war_decides for issue in scenario.issues]),
        single=_moves([(option,) for option in range(len(options))], start, forbidden),
        linked=_moves(pairs, start, forbidden),
        core=core,
        combos=combos,
        combo_step=_steps(core, start),
    )
