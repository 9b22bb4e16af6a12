"""The Mesa shell: it schedules conflict, mediator and parties; rules decide. A model plays a block in lockstep."""

from collections.abc import Callable
from dataclasses import dataclass

import mesa
import numpy as np
from numpy.typing import NDArray

from sim.engine.answers import Answers, Aspirations, answer
from sim.engine.block import Block
from sim.engine.conflict import pass_round, reach_term
from sim.engine.estimates import Estimates
from sim.engine.mediators import AbstractMediator, Proposal, Sight
from sim.engine.records import Recorder, Records
from sim.engine.signing import SignersAgree
from sim.engine.streams import Stream, uniforms
from sim.engine.sums import Sums

BoolArray = NDArray[np.bool_]


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

    def pass_round(self) -> tuple[BoolArray, NDArray[np.int64], BoolArray, BoolArray]:
        """Steps 1 to 3 of a round: the odds move, deals break, deals reach their term."""
        model: Negotiation = self.model
        block, recorder = model.block, model.recorder
        nothing = np.zeros(block.runs, dtype=np.bool_)
        if not block.conflict:
            nobody = nothing.astype(np.int64)
            recorder.held(np.where(block.has_deal, block.scenario.round_days, 0.0), nobody)
            return nothing, nobody, nothing, nothing
        broken, who, kept = pass_round(block)
        recorder.held(kept, who)
        recorder.ended(broken, kept, "collapsed")
        expired, rolled = reach_term(block, model.rule)
        recorder.ended(expired, kept, "expired")
        return broken, who, expired, rolled


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
            single=block.space.single,
            linked=block.space.linked,
            rule=model.rule,
            seats=tuple(block.seats.tolist()),
            estimates=estimates.field,
            outlook=estimates.outlook(),
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
        self._put_in_force(packages, block.sums_of(packages, block.everyone), block.everyone)
        block.look()

    def _put_in_force(self, packages: NDArray[np.int64], sums: Sums, signed: BoolArray) -> None:
        """Put packages (issue, run) that add up to `sums` in force in the runs signed (run,)."""
        block, runs = self.block, np.flatnonzero(signed)
        block.deal[:, runs] = packages[:, runs]
        block.deal_sums.take(runs, sums)
        block.term_left[runs] = sums.term[runs]
        block.has_deal[runs] = True
        self.recorder.signed(runs)

    def step(self) -> None:
        """One round."""
        block = self.block
        block.round += 1
        broken, who, expired, rolled = self.war.pass_round()
        block.look()
        proposal = self.chair.table()
        per_unit = self.aspirations.per_unit()
        sums = block.sums_of_text(proposal.packages, proposal.asked)
        answers = answer(block, self.aspirations, proposal.packages, proposal.asked, per_unit, sums)
        accepts = np.stack([party.accepts(answers) for party in self.table])
        signed, alone = self.rule.decide(accepts, proposal.asked)
        self.recorder.answered(answers, alone)
        self.estimates.learn(answers, per_unit)
        np.copyto(block.text, proposal.packages, where=proposal.asked)
        block.tabled |= proposal.asked
        if signed.any():
            self._put_in_force(proposal.packages, sums, signed)
            self.estimates.signed(signed)
        if self.watcher is not None:
            self.watcher(Moment(block.round, block, broken, who, expired, rolled, proposal, answers, signed))
        self._deadline()
        self.running = block.round < block.scenario.horizon

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
