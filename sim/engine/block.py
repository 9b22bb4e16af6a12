"""The state of a block of runs in play, and what packages add up to and are worth in it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.engine.kernels import EFFECT_CHANNELS, LANES, PAUSED, SETTLES, Field, Outlook
from sim.engine.kernels_worth import add_up, appraise_sums, note_changes, see_war, stand
from sim.engine.space import NEVER_ENDS, Space
from sim.engine.sums import Sums, make_lines, make_reading
from sim.engine.tables import make_board, true_field, with_stage
from sim.engine.worlds import Worlds
from sim.theory.worth import ALMOST_CERTAIN, Ground, View, war_worth, worth
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

    @property
    def learns(self) -> BoolArray:
        """Whether an entry's belief about a belligerent is one that evidence moves; (entry, belligerent)."""
        learns = np.ones(self.prior.shape[:2], dtype=np.bool_)
        for entry, belligerent, _ in self.known:
            learns[entry, belligerent] = False
        return learns


def victories(
    scenario: Scenario, space: Space, utility: Callable[[int, slice], FloatArray], runs: int
) -> tuple[IntArray, IntArray]:
    """Packages (issue, run) of the two victories: the winner's best option on issues that war decides.

    By its own value, the first on ties; red lines and rules ignored; every other issue stays at the status quo.
    `utility` of options (option, run) to a party, of the flat options asked for.
    """
    pair = scenario.conflict.belligerents if scenario.conflict is not None else (0, 0)
    packages = []
    for belligerent in pair:
        package = np.repeat(space.status_quo[:, np.newaxis], runs, axis=1)
        for issue in np.flatnonzero(space.war):
            places = slice(int(space.start[issue]), int(space.start[issue + 1]))
            package[issue] = space.start[issue] + utility(belligerent, places).argmax(axis=0)
        packages.append(package)
    return packages[0], packages[1]


class Block:
    """A block of runs in play. Constant parts first; the rest is what a round changes. All arrays have the run last.

    `seats` are the parties whose worth counts in every round (deciders, and the mediator's own party): the entries of
    the kernels' tables.
    """

    def __init__(
        self, scenario: Scenario, space: Space, worlds: Worlds, seed: int, base: FloatArray, seats: tuple[int, ...]
    ) -> None:
        self.scenario, self.space, self.worlds, self.seed, self.base = scenario, space, worlds, seed, base
        self.runs = worlds.runs
        if self.runs % LANES:
            raise ValueError(f"a block holds whole tiles of {LANES} runs, not {self.runs}")
        self.parties = len(scenario.parties)
        self.seats = np.asarray(seats, dtype=np.int64)
        self.conflict = scenario.conflict is not None
        self.everyone = np.ones(self.runs, dtype=np.bool_)
        self.board = make_board(scenario, space, worlds, self.seats)
        self.reading = make_reading(self.board)
        self.lines = make_lines(worlds.lines, worlds.links, self.parties, space.options)
        self.field = true_field(space, worlds, self.seats)
        self.victories = victories(scenario, space, lambda party, places: worlds.utility[party, places], worlds.runs)
        self.perspective = self.perspective_of(self.field, self.seats)
        self.spoilers = (1.0 - worlds.control) * worlds.spoiler
        ground = (*self.spoilers, worlds.deliberate, worlds.planning, worlds.rearm, np.zeros(self.runs), worlds.drift)
        self.ground_rows = np.stack(ground)

        self.round = 0
        self.logit = worlds.logit_odds.copy()
        self.paused = self.ground_rows[PAUSED]
        self.evidence = np.ones((2, self.runs))
        self.talking = self.everyone.copy()
        self.tabled = np.zeros(self.runs, dtype=np.bool_)  # whether any text was tabled
        self.text = np.repeat(space.status_quo[:, np.newaxis], self.runs, axis=1)  # last tabled
        self.has_deal = np.zeros(self.runs, dtype=np.bool_)
        self.deal = self.text.copy()
        self.deal_sums = self.sums_of(self.deal, self.everyone)
        self._summed, self._text_sums = self.text.copy(), self.sums_of(self.text, self.everyone)
        self.term_left = np.zeros(self.runs)
        self.view = self.perspective.view(np.exp(self.logit), self.evidence)
        self.outlook = self.outlook_of(self.view, np.zeros((len(seats), self.runs)))
        self.standing = self.outlook.standing
        self.reservation = np.zeros_like(self.standing)
        self.look()
        self.field = with_stage(self.board, self.field, self.outlook)

    def perspective_of(self, field: Field, seats: IntArray) -> Perspective:
        """How the parties seated see the war, from a field whose entries they are."""
        worlds = self.worlds
        known = []
        if self.scenario.conflict is not None:
            for side, belligerent in enumerate(self.scenario.conflict.belligerents):
                known += [(int(e), side, ~worlds.plays[side]) for e in np.flatnonzero(seats == belligerent)]
        first, second = (self.sums_of(package, self.everyone, field) for package in self.victories)
        return Perspective(
            factor=np.exp(worlds.drift * worlds.planning + worlds.lean[seats]),
            first_wins=np.stack([first.utility(entry) for entry in range(len(seats))]),
            second_wins=np.stack([second.utility(entry) for entry in range(len(seats))]),
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
        term, base = np.full(self.runs, NEVER_ENDS), np.full(self.runs, self.base[0])
        if self.space.term_issue >= 0:
            ending = packages[self.space.term_issue]
            term, base = self.space.term[ending], self.base[self.space.treaty[ending]]
        return Sums(rows, term, base)

    def sums_of_text(self, packages: IntArray, asked: BoolArray) -> Sums:
        """What the texts (issue, run) asked for in this round add up to, in the runs asked (run,).

        Kept from round to round, and added up anew only where the text is another one.
        """
        sums, changed = self._text_sums, np.empty(self.runs, dtype=np.bool_)
        note_changes(packages, asked, self._summed, changed)
        add_up(self.reading, self.field, packages, changed, 0, sums.rows.shape[1], sums.rows)
        if self.space.term_issue >= 0:
            runs = np.flatnonzero(changed)
            ending = packages[self.space.term_issue, runs]
            sums.term[runs], sums.base[runs] = self.space.term[ending], self.base[self.space.treaty[ending]]
        return sums

    def look(self) -> None:
        """Bring every view up to date with the odds, the evidence and what is in force (standings)."""
        self.see()
        self.stand(self.outlook, self.reservation, self.deal_sums.rows)

    def see(self) -> None:
        """Bring every view and reservation up to date with the odds and the evidence."""
        self.see_from(self.perspective, self.outlook, self.reservation)

    def see_from(self, perspective: Perspective, outlook: Outlook, reservation: FloatArray) -> None:
        """Bring an outlook and what goes with it, the reservations (entry, run), up to date, in place."""
        odds = np.exp(self.logit)
        see_war(
            odds,
            self.evidence,
            perspective.factor,
            perspective.prior,
            perspective.learns,
            ALMOST_CERTAIN,
            outlook,
            reservation,
        )
        if not self.conflict:
            outlook.discount[:] = self.discount
            np.multiply(self.worlds.reservation[self.seats], outlook.discount, out=reservation)

    def stand(self, outlook: Outlook, reservation: FloatArray, own: FloatArray) -> None:
        """Bring the standings of an outlook up to date, in place: the worth of the deal in force, else the reservation.

        `own` (tile, channel, lane): what the deal adds up to as the viewer sees it; effects are the same to every one.
        """
        if not self.has_deal.any():
            outlook.standing[:] = reservation
        elif self.conflict:
            rows, left, base = self.deal_sums.rows, self.term_left, self.deal_sums.base
            stand(rows, own, left, base, outlook, self.has_deal, reservation)
        else:
            kept = own_utility(own) * outlook.discount
            outlook.standing[:] = np.where(self.has_deal, kept, reservation)

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
        appraise_sums(sums.rows, sums.rows, left, sums.base, outlook, active, value)
        return value

    def settled(self, sums: Sums) -> FloatArray:
        """Share of the conflict settled: 1 where there is none; (run,)."""
        return sums.channel(SETTLES) if self.conflict else np.ones(self.runs)

    def outlook_of(self, view: View, need: FloatArray) -> Outlook:
        """The kernels' copy of a view, standings yet to be filled in; it shares arrays with the view and the block."""
        return Outlook(
            odds=view.odds,
            first_wins=view.first_wins,
            second_wins=view.second_wins,
            cost=view.cost,
            sincere_first=view.sincere_first,
            sincere_second=view.sincere_second,
            standing=np.zeros_like(view.odds),
            need=need,
            ground=self.ground_rows,
            base=self.base,
            discount=self.discount.copy(),
        )

    def close(self) -> tuple[FloatArray, FloatArray]:
        """Worth and reservation of every party, seated or not, as things stand; (party, run) each."""
        everyone = np.arange(self.parties)
        field = true_field(self.space, self.worlds, everyone)
        view = self.perspective_of(field, everyone).view(np.exp(self.logit), self.evidence)
        reservation = self.reserve(view, everyone)
        terms = self.sums_of(self.deal, self.everyone, field).terms()
        if self.conflict:
            left = np.where(self.has_deal, self.term_left, 1.0)
            value = worth(terms.with_term(left), self.ground, view)
        else:
            value = terms.utility * self.discount
        return np.where(self.has_deal, value, reservation), reservation


def own_utility(rows: FloatArray) -> FloatArray:
    """Utility of every entry from channel sums (tile, channel, lane); (entry, run)."""
    entries = (rows.shape[1] - EFFECT_CHANNELS) // 3
    own = rows[:, EFFECT_CHANNELS + 1 : EFFECT_CHANNELS + 2 * entries : 2]
    return own.transpose(1, 0, 2).reshape(entries, -1)
