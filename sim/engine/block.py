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
    PAUSED,
    RELIEF,
    SETTLES,
    SHIFT,
    UTILITY,
    Field,
    Outlook,
)
from sim.engine.kernels_answers import Texts
from sim.engine.kernels_stand import Viewpoint, look
from sim.engine.kernels_sums import add_up
from sim.engine.kernels_war import Deals, War
from sim.engine.kernels_worth import appraise_sums
from sim.engine.space import NEVER_ENDS, Space
from sim.engine.sums import Sums, make_lines, make_reading
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
            sincere_first=np.ascontiguousarray(beliefs[:, 0]),
            sincere_second=np.ascontiguousarray(beliefs[:, 1]),
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
        self.stages, self.sheets = layout.stages, layout.sheets
        scenario, space = self.scenario, self.space
        self.runs = worlds.runs
        if self.runs % LANES:
            raise ValueError(f"a block holds whole tiles of {LANES} runs, not {self.runs}")
        self.parties = len(scenario.parties)
        self.conflict = scenario.conflict is not None
        self.everyone = np.ones(self.runs, dtype=np.bool_)
        self.field = true_field(layout, worlds)
        self.reading = make_reading(self.board, self.field.link_row, base)
        self.lines = make_lines(worlds.lines, worlds.links, self.parties, space.options)
        self.victories = victories(space, worlds.utility[list(belligerents_of(scenario))])
        won = [won_by(layout, self.field, package) for package in self.victories]
        self.perspective = self.perspective_of(self.seats, won)
        self.spoilers = (1.0 - worlds.control) * worlds.spoiler
        ground = (*self.spoilers, worlds.deliberate, worlds.planning, worlds.rearm, np.zeros(self.runs), worlds.drift)

        # Everything from here on changes in place: the compiled rounds hold the same arrays.
        self.round = 0
        self.talking = self.everyone.copy()
        self.tabled = np.zeros(self.runs, dtype=np.bool_)  # whether any text was tabled
        self.war = War(
            logit=worlds.logit_odds.copy(),
            odds=np.exp(worlds.logit_odds),
            ground=np.stack(ground),
            evidence=np.ones((2, self.runs)),
            volatility=worlds.volatility,
            plays=worlds.plays,
        )
        self.logit, self.evidence, self.paused = self.war.logit, self.war.evidence, self.war.ground[PAUSED]
        self.texts = self._nothing_tabled()
        self.text = self.texts.packages  # (issue, run) last tabled
        self.deals = self._no_deals()
        self.deal, self.has_deal, self.term_left = self.deals.packages, self.deals.in_force, self.deals.term_left
        self.deal_sums = Sums(self.deals.sums, self.deals.term, self.deals.base)
        self.view = self.perspective.view(np.exp(self.logit), self.evidence)
        self.viewpoint = self.viewpoint_of(self.perspective, self.view, np.zeros((len(self.seats), self.runs)))
        self.outlook, self.reservation = self.viewpoint.outlook, self.viewpoint.reservation
        self.standing = self.outlook.standing
        self.look()
        self.field = with_stage(self.board, self.field, self.stages, self.outlook)

    def _nothing_tabled(self) -> Texts:
        runs, rows = self.runs, self.field.rows.shape[1]
        return Texts(
            packages=np.repeat(self.space.status_quo[:, np.newaxis], runs, axis=1),
            known=np.zeros(runs, dtype=np.bool_),
            sums=np.ones((runs // LANES, rows, LANES)),
            term=np.full(runs, NEVER_ENDS),
            base=np.full(runs, self.base[0]),
        )

    def _no_deals(self) -> Deals:
        runs, rows = self.runs, self.field.rows.shape[1]
        return Deals(
            packages=self.text.copy(),
            sums=np.ones((runs // LANES, rows, LANES)),
            term=np.full(runs, NEVER_ENDS),
            base=np.full(runs, self.base[0]),
            in_force=np.zeros(runs, dtype=np.bool_),
            term_left=np.zeros(runs),
        )

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
        add_up(self.reading, field, packages, active, 0, width, rows)
        return Sums(rows, *self.ending(packages))

    def ending(self, packages: IntArray) -> tuple[FloatArray, FloatArray]:
        """Days that packages (issue, run) are to last, and the base hazard per day of their kind; (run,) each."""
        if self.space.term_issue < 0:
            return np.full(self.runs, NEVER_ENDS), np.full(self.runs, self.base[0])
        option = packages[self.space.term_issue]
        return self.space.term[option], self.base[self.space.treaty[option]]

    def look(self) -> None:
        """Bring every view up to date with the odds, the evidence and what is in force (standings)."""
        np.exp(self.logit, out=self.war.odds)
        self.look_from(self.viewpoint, self.deals.sums)

    def look_from(self, viewpoint: Viewpoint, own: FloatArray) -> None:
        """Bring a viewpoint up to date with the odds last looked at and the rest, in place.

        `own` (tile, channel, lane): what the deal in force adds up to as seen from there, of which relief and utility
        are read; effects are the same to everybody.
        """
        deals, outlook = self.deals, viewpoint.outlook
        look(
            viewpoint, self.war.odds, self.evidence, ALMOST_CERTAIN, deals.sums, own, deals.term_left, deals.base,
            deals.in_force,
        )  # fmt: skip
        if not self.conflict:
            outlook.discount[:] = self.discount
            np.multiply(self.worlds.reservation[self.seats], outlook.discount, out=viewpoint.reservation)
            kept = own_utility(own) * outlook.discount
            outlook.standing[:] = np.where(deals.in_force, kept, viewpoint.reservation)

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
        if not self.conflict:
            return own_utility(sums.rows) * outlook.discount
        value = np.zeros((len(self.seats), self.runs))
        left = sums.term if term is None else term
        appraise_sums(sums.rows, left, sums.base, outlook, active, value)
        return value

    def settled(self, sums: Sums) -> FloatArray:
        """Share of the conflict settled: 1 where there is none; (run,)."""
        return sums.channel(SETTLES) if self.conflict else np.ones(self.runs)

    def viewpoint_of(self, perspective: Perspective, view: View, need: FloatArray) -> Viewpoint:
        """A viewpoint for the kernels, yet to be brought up to date; it shares arrays with the view and the block."""
        learns = np.ones(perspective.prior.shape[:2], dtype=np.bool_)
        for entry, belligerent, _ in perspective.known:
            learns[entry, belligerent] = False
        outlook = Outlook(
            odds=view.odds,
            first_wins=view.first_wins,
            second_wins=view.second_wins,
            cost=view.cost,
            sincere_first=view.sincere_first,
            sincere_second=view.sincere_second,
            standing=np.zeros_like(view.odds),
            need=need,
            ground=self.war.ground,
            base=self.base,
            discount=self.discount.copy(),
        )
        return Viewpoint(perspective.factor, perspective.prior, learns, outlook, np.zeros_like(view.odds))

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


def own_utility(rows: FloatArray) -> FloatArray:
    """Utility of every entry from channel sums (tile, channel, lane); (entry, run)."""
    entries = (rows.shape[1] - EFFECT_CHANNELS) // 3
    own = rows[:, EFFECT_CHANNELS + 1 : EFFECT_CHANNELS + 2 * entries : 2]
    # Copied where NumPy would make a view of a single tile: the kernels are compiled for arrays without gaps.
    return np.ascontiguousarray(own.transpose(1, 0, 2).reshape(entries, -1))
