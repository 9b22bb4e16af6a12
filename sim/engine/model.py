"""The Mesa shell: it schedules conflict, mediator and parties; rules decide. A model plays a block in lockstep."""

from collections.abc import Callable
from dataclasses import dataclass

import mesa
import numpy as np
from numpy.typing import NDArray

from sim.engine.answers import Answers, Aspirations, answer
from sim.engine.block import Block
from sim.engine.conflict import pass_days
from sim.engine.estimates import Estimates
from sim.engine.kernels_answers import Texts, Told
from sim.engine.kernels_round import conclude, put_in_force
from sim.engine.kernels_stand import take_stock
from sim.engine.kernels_war import Passed
from sim.engine.mediators import AbstractMediator, Proposal, Sight
from sim.engine.records import Recorder, Records
from sim.engine.signing import SignersAgree
from sim.engine.streams import Stream, uniforms
from sim.theory.worth import ALMOST_CERTAIN

BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """What a watcher is shown at the end of a round, before the next; arrays have the run last."""

    round: int
    block: Block
    broken: BoolArray  # (run,)
    who: NDArray[np.int64]  # (run,)
    expired: BoolArray
    rolled: BoolArray
    proposal: Proposal
    answers: Answers
    signed: BoolArray


Watcher = Callable[[Moment], None]


class ConflictAgent(mesa.Agent):
    """The war and the deal in force, in every run of the block."""

    def pass_round(self) -> Passed:
        """Steps 1 to 3 of a round: the odds move, deals break, deals reach their term."""
        model: Negotiation = self.model
        return pass_days(model.block, model.rule, model.recorder.book)


class MediatorAgent(mesa.Agent):
    """Tables a text from what a mediator may see."""

    def table(self) -> Proposal:
        """Step 5 of a round."""
        model: Negotiation = self.model
        block, estimates = model.block, model.estimates
        sight = Sight(
            scenario=block.scenario,
            space=block.space,
            board=block.board,
            stages=block.stages,
            sheets=block.sheets,
            rule=model.rule,
            seats=tuple(block.seats.tolist()),
            estimates=estimates.field,
            outlook=estimates.outlook,
            round=block.round,
            text=block.text,
            tabled=block.tabled,
            has_deal=block.has_deal,
            deal=block.deal,
            talking=block.talking,
        )
        return model.mediator.propose(sight)


class PartyAgent(mesa.Agent):
    """One party, in every run of the block; it reads its own row of the answers only."""

    def __init__(self, model: "Negotiation", index: int) -> None:
        super().__init__(model)
        self.index = index

    def accepts(self, answers: Answers) -> BoolArray:
        """Its answers, (run,)."""
        return np.asarray(answers.accepts[self.index])


class Negotiation(mesa.Model):
    """A block of runs; one run is a block of one. A step is one round, in the order that docs/odd.md gives."""

    def __init__(self, block: Block, mediator: AbstractMediator, watcher: Watcher | None = None) -> None:
        super().__init__(rng=0)  # Mesa's own generator; no draw that matters comes from it
        scenario = block.scenario
        self.block, self.mediator, self.watcher = block, mediator, watcher
        self.rule = SignersAgree.of(scenario)
        self.recorder = Recorder(block, self.rule.deciders)
        if scenario.in_force is not None:
            self._start_in_force()
        self.aspirations = Aspirations(block, self.rule.deciders)
        self.estimates = Estimates(block, self.aspirations, mediator.knowledge)
        self.war = ConflictAgent(self)
        self.chair = MediatorAgent(self)
        self.table = [PartyAgent(self, index) for index in range(block.parties)]

    def _start_in_force(self) -> None:
        block = self.block
        assert block.scenario.in_force is not None
        flat = block.space.flat(block.scenario.in_force)
        packages = np.repeat(flat[:, np.newaxis], block.runs, axis=1)
        sums = block.sums_of(packages, block.everyone)
        texts = Texts(packages, block.everyone, sums.rows, sums.term, sums.base)
        put_in_force(block.deals, self.recorder.book, texts, block.round)
        block.look()

    def step(self) -> None:
        """One round."""
        block = self.block
        block.round += 1
        passed = self.war.pass_round()
        per_unit = self._take_stock()
        proposal = self.chair.table()
        answers = answer(block, self.aspirations, proposal.packages, proposal.asked, per_unit)
        signed = self._conclude(answers, per_unit)
        if self.watcher is not None:
            told = passed.broken, passed.who, passed.expired, passed.rolled
            self.watcher(Moment(block.round, block, *told, proposal, answers, signed))
        self._deadline()
        self.running = block.round < block.scenario.horizon

    def _take_stock(self) -> FloatArray:
        """Step 4: standings, as they are and as estimated; what parties hold out for now, `per_unit` (entry, run)."""
        block, estimates, deals = self.block, self.estimates, self.block.deals
        if not block.conflict:
            block.look()
            estimates.look()
            return self.aspirations.per_unit()
        gap = np.empty((len(block.seats), block.runs))
        take_stock(
            block.viewpoint, estimates.viewpoint, block.war.odds, block.evidence, ALMOST_CERTAIN, deals.sums,
            estimates.observer.deal_sums, deals.term_left, deals.base, deals.in_force, self.aspirations.hopes, gap,
        )  # fmt: skip
        return self.aspirations.per_unit(gap)

    def _conclude(self, answers: Answers, per_unit: FloatArray) -> BoolArray:
        """Steps 7 to 9: the decision rule, disclosure, the record; where the text was signed, (run,)."""
        block = self.block
        accepts = np.array([party.accepts(answers) for party in self.table])
        signed = np.zeros(block.runs, dtype=np.bool_)
        told = answers.accepts, answers.worth, answers.required, answers.aspiration, answers.line, answers.issue
        conclude(
            self.rule.compiled, block.field, self.estimates.observer, block.deals, self.recorder.book, block.texts,
            Told(*told, answers.would_do), accepts, answers.asked, per_unit, block.tabled, block.round, signed,
        )  # fmt: skip
        return signed

    def _deadline(self) -> None:
        block = self.block
        deadline = block.scenario.deadline
        if deadline.round is not None and block.round >= deadline.round:
            block.talking[:] = False
        if deadline.chance is not None:
            luck = uniforms(block.seed, Stream.DEADLINE, "deadline", block.round, block.worlds.first, block.runs)
            block.talking &= luck >= deadline.chance

    def play(self) -> Records:
        """Play to the horizon; the rows of the block."""
        while self.running and self.block.round < self.block.scenario.horizon:
            self.step()
        self.block.look()
        records = self.recorder.close()
        self.remove_all_agents()
        return records


def release(model: Negotiation) -> None:
    """Let a finished block go: Mesa 3.3 keeps every model alive in a class attribute of its agents."""
    ids = getattr(mesa.Agent, "_ids", None)
    if ids is not None:
        ids.pop(model, None)
