"""The state of a block of runs in play, and what packages add up to and are worth in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.engine.kernels import (
    BURDEN_FIRST,
    EFFECT_CHANNELS,
    EXPOSURE,
    FRONT,
    HAZARD,
    LANES,
    LASTS,
    RELIEF,
    SETTLES,
    SHIFT,
    UTILITY,
    Field,
    Outlook,
)
from sim.engine.kernels_worth import add_up, appraise_sums
from sim.engine.space import NEVER_ENDS, Space
from sim.engine.tables import Layout, sums_of_worlds, true_field, with_stage, won_by
from sim.engine.worlds import Worlds
from sim.theory.worth import ALMOST_CERTAIN, Ground, Terms, View, war_worth, worth
from sim.world.scenario import Scenario

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
HALF: Final = 0.5  # a sampled red line is crossed or not; the chance that it is not is 1 or next to 0
SLACK: Final = 1e-12  # a worth that equals what is asked is enough, whatever the order of the sums


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """What packages add up to, one a run; the kernels' channels."""

    rows: FloatArray  # (tile, channel, lane)
    term: FloatArray  # (run,) days
    base: FloatArray  # (run,) base hazard per day of the deal's kind

    def channel(self, number: int) -> FloatArray:
        """One channel, (run,)."""
        return self.rows[:, number].ravel()

    @property
    def entries(self) -> int:
        """Number of parties seen."""
        return int(self.rows.shape[1] - EFFECT_CHANNELS) // 3

    def relief(self, entry: int) -> FloatArray:
        """Share of an entry's cost lifted, (run,)."""
        return self.channel(EFFECT_CHANNELS + 2 * entry)

    def utility(self, entry: int) -> FloatArray:
        """An entry's utility, (run,)."""
        return self.channel(EFFECT_CHANNELS + 2 * entry + 1)

    def clear(self, entry: int) -> FloatArray:
        """Chance that none of an entry's red lines is crossed, (run,)."""
        return self.channel(EFFECT_CHANNELS + 2 * self.entries + entry)

    def where(self, mask: BoolArray, other: "Sums") -> "Sums":
        """These sums where the (run,) mask holds, the other's elsewhere."""
        lanes = mask.reshape(-1, 1, LANES)
        return Sums(
            np.where(lanes, self.rows, other.rows),
            np.where(mask, self.term, other.term),
            np.where(mask, self.base, other.base),
        )

    def terms(self) -> Terms:
        """The same in the words of the theory; parties are the entries."""
        return Terms(
            utility=np.stack([self.utility(entry) for entry in range(self.entries)]),
            relief=np.stack([self.relief(entry) for entry in range(self.entries)]),
            settled=self.channel(SETTLES),
            lasts=self.channel(LASTS),
            hazard=self.channel(HAZARD),
            exposure=np.log(self.channel(EXPOSURE)),
            shift=self.channel(SHIFT),
            burden=np.stack([self.channel(BURDEN_FIRST), self.channel(BURDEN_FIRST + 1)]),
            term=self.term,
            base=self.base,
            front=self.channel(FRONT),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Perspective:
    """What does not change about how the parties seated (or a mediator on their behalf) see the war."""

    factor: FloatArray  # (entry, run) from public odds to those a party sees: own lean, and the drift it plans with
    first_wins: FloatArray  # (entry, run)
    second_wins: FloatArray  # (entry, run)
    cost: FloatArray  # (entry, run)
    prior: FloatArray  # (entry, belligerent, run) odds of sincere before any evidence
    known: tuple[tuple[int, int, BoolArray], ...]  # (entry, belligerent, sincere (run,)): beliefs no evidence moves

    def view(self, odds: FloatArray, evidence: FloatArray) -> View:
        """The view at public odds (run,) and evidence (belligerent, run), a factor on the odds of sincere."""
        beliefs = self.prior * evidence
        beliefs = np.clip(beliefs / (1.0 + beliefs), 1.0 - ALMOST_CERTAIN, ALMOST_CERTAIN)
        for entry, belligerent, sincere in self.known:
            beliefs[entry, belligerent] = sincere
        return View(
            odds=self.factor * odds,
            first_wins=self.first_wins,
            second_wins=self.second_wins,
            cost=self.cost,
            sincere_first=beliefs[:, 0],
            sincere_second=beliefs[:, 1],
        )


def belligerents_of(scenario: Scenario) -> tuple[int, int]:
    """The two whose victories count; the first party twice where there is no conflict."""
    return scenario.conflict.belligerents if scenario.conflict is not None else (0, 0)


def victories(space: Space, utility: FloatArray) -> tuple[IntArray, IntArray]:
    """Packages (issue, run) of the two victories: the winner's best option on issues that war decides.

    By its own value, `utility` (belligerent, option, run), the first on ties; red lines and rules ignored; every other
    issue stays at the status quo.
    """
    runs = utility.shape[2]
    packages = []
    for belligerent in (0, 1):
        package = np.repeat(space.status_quo[:, np.newaxis], runs, axis=1)
        for issue in np.flatnonzero(space.war):
            places = slice(int(space.start[issue]), int(space.start[issue + 1]))
            package[issue] = space.start[issue] + utility[belligerent, places].argmax(axis=0)
        packages.append(package)
    return packages[0], packages[1]


class Block:
    """A block of runs in play. Constant parts first; the rest is what a round changes. All arrays have the run last.

    `seats` are the parties whose worth counts in every round (deciders, and the mediator's own party): the entries of
    the kernels' tables.
    """

    def __init__(self, layout: Layout, worlds: Worlds, seed: int, base: FloatArray) -> None:
        self.layout, self.worlds, self.seed, self.base = layout, worlds, seed, base
        self.scenario, self.space, self.board, self.seats = layout.scenario, layout.space, layout.board, layout.seats
        scenario, space = self.scenario, self.space
        self.runs = worlds.runs
        if self.runs % LANES:
            raise ValueError(f"a block holds whole tiles of {LANES} runs, not {self.runs}")
        self.parties = len(scenario.parties)
        self.entries = np.arange(len(self.seats))
        self.conflict = scenario.conflict is not None
        self.everyone = np.ones(self.runs, dtype=np.bool_)
        self.field = true_field(layout, worlds)
        self.victories = victories(space, worlds.utility[list(belligerents_of(scenario))])
        won = [won_by(layout, self.field, package) for package in self.victories]
        self.perspective = self.perspective_of(self.seats, won)
        self.spoilers = (1.0 - worlds.control) * worlds.spoiler

        self.round = 0
        self.logit = worlds.logit_odds.copy()
        self.paused = np.zeros(self.runs)
        self.evidence = np.ones((2, self.runs))
        self.talking = self.everyone.copy()
        self.tabled = np.zeros(self.runs, dtype=np.bool_)  # whether any text was tabled
        self.text = np.repeat(space.status_quo[:, np.newaxis], self.runs, axis=1)  # last tabled
        self.has_deal = np.zeros(self.runs, dtype=np.bool_)
        self.deal = self.text.copy()
        self.deal_sums = self.sums_of(self.deal, self.everyone)
        self.term_left = np.zeros(self.runs)
        self.look()
        self.field = with_stage(self.board, self.field, self.outlook)

    def perspective_of(self, seats: IntArray, won: Sequence[FloatArray]) -> Perspective:
        """How the parties seated see the war, from what the two victories are worth to them, (entry, run) each."""
        worlds = self.worlds
        known = []
        if self.scenario.conflict is not None:
            for side, belligerent in enumerate(self.scenario.conflict.belligerents):
                known += [(int(e), side, ~worlds.plays[side]) for e in np.flatnonzero(seats == belligerent)]
        return Perspective(
            factor=np.exp(worlds.drift * worlds.planning + worlds.lean[seats]),
            first_wins=won[0],
            second_wins=won[1],
            cost=worlds.cost[seats],
            prior=worlds.trust[seats],
            known=tuple(known),
        )

    def sums_of(self, packages: IntArray, active: BoolArray, field: Field | None = None) -> Sums:
        """What packages (issue, run) add up to in the active runs, in the true field unless another is given."""
        field = self.field if field is None else field
        width = field.rows.shape[1]
        rows = np.ones((self.runs // LANES, width, LANES))
        add_up(self.board, field, packages, active, rows, (width - EFFECT_CHANNELS) // 3)
        return Sums(rows, *self.ending(packages))

    def ending(self, packages: IntArray) -> tuple[FloatArray, FloatArray]:
        """Days that packages (issue, run) are to last, and the base hazard per day of their kind; (run,) each."""
        if self.space.term_issue < 0:
            return np.full(self.runs, NEVER_ENDS), np.full(self.runs, self.base[0])
        option = packages[self.space.term_issue]
        return self.space.term[option], self.base[self.space.treaty[option]]

    def look(self) -> None:
        """Bring every view up to date with the odds, the evidence and what is in force (standings)."""
        self.view = self.perspective.view(np.exp(self.logit), self.evidence)
        self.reservation = self.reserve(self.view, self.seats)
        self.standing = self.reservation
        self.outlook = self.outlook_of(self.view, self.reservation, np.zeros_like(self.reservation))
        if self.has_deal.any():
            kept = self.worth(self.deal_sums, self.outlook, self.has_deal, self.term_left)
            self.standing = np.where(self.has_deal, kept, self.reservation)
            self.outlook = self.outlook._replace(standing=self.standing)

    @property
    def ground(self) -> Ground:
        """What breakdown depends on besides the deal, for the theory."""
        worlds = self.worlds
        return Ground(self.spoilers, worlds.deliberate, worlds.planning, worlds.rearm, self.paused, worlds.drift)

    @property
    def discount(self) -> FloatArray:
        """Factor on utility and reservation this round, `d ** (t / T)`; 1 where a conflict is the outside option."""
        last = self.scenario.deadline.round or self.scenario.horizon
        return np.asarray(self.worlds.discount ** (self.round / last))

    def reserve(self, view: View, seats: IntArray) -> FloatArray:
        """Worth of having no deal to the parties seated; (entry, run)."""
        return war_worth(view) if self.conflict else self.worlds.reservation[seats] * self.discount

    def worth(self, sums: Sums, outlook: Outlook, active: BoolArray, term: FloatArray | None = None) -> FloatArray:
        """Worth of packages to every entry in the active runs; (entry, run), 0 elsewhere."""
        return self.worth_to(self.entries, sums, outlook, active, term)

    def worth_to(
        self, entries: IntArray, sums: Sums, outlook: Outlook, active: BoolArray, term: FloatArray | None = None
    ) -> FloatArray:
        """The same for some entries only."""
        value = np.zeros((len(self.entries), self.runs))
        if not self.conflict:
            for entry in entries:
                value[entry] = sums.utility(entry) * outlook.discount
            return value
        left = sums.term if term is None else term
        appraise_sums(sums.rows, left, sums.base, outlook, entries, active, value)
        return value

    def settled(self, sums: Sums) -> FloatArray:
        """Share of the conflict settled: 1 where there is none; (run,)."""
        return sums.channel(SETTLES) if self.conflict else np.ones(self.runs)

    def outlook_of(self, view: View, standing: FloatArray, need: FloatArray) -> Outlook:
        """The kernels' copy of a view."""
        worlds = self.worlds
        ground = (*self.spoilers, worlds.deliberate, worlds.planning, worlds.rearm, self.paused, worlds.drift)
        return Outlook(
            odds=view.odds,
            first_wins=view.first_wins,
            second_wins=view.second_wins,
            cost=view.cost,
            sincere_first=np.ascontiguousarray(view.sincere_first),
            sincere_second=np.ascontiguousarray(view.sincere_second),
            standing=standing,
            need=need,
            ground=np.stack(ground),
            base=self.base,
            discount=self.discount,
        )

    def close(self) -> tuple[FloatArray, FloatArray]:
        """Worth and reservation of every party, seated or not, as things stand; (party, run) each."""
        everyone = np.arange(self.parties)
        won = [sums_of_worlds(self.board, self.worlds, package, UTILITY) for package in self.victories]
        view = self.perspective_of(everyone, won).view(np.exp(self.logit), self.evidence)
        reservation = self.reserve(view, everyone)
        terms = self._terms()
        if self.conflict:
            left = np.where(self.has_deal, self.term_left, 1.0)
            value = worth(terms.with_term(left), self.ground, view)
        else:
            value = terms.utility * self.discount
        return np.where(self.has_deal, value, reservation), reservation

    def _terms(self) -> Terms:
        """What the last deal does, for every party."""
        effects = sums_of_worlds(self.board, self.worlds, self.deal)
        term, base = self.ending(self.deal)
        return Terms(
            utility=sums_of_worlds(self.board, self.worlds, self.deal, UTILITY),
            relief=sums_of_worlds(self.board, self.worlds, self.deal, RELIEF),
            settled=effects[SETTLES],
            lasts=effects[LASTS],
            hazard=effects[HAZARD],
            exposure=np.log(effects[EXPOSURE]),
            shift=effects[SHIFT],
            burden=effects[BURDEN_FIRST : BURDEN_FIRST + 2],
            term=term,
            base=base,
            front=effects[FRONT],
        )
