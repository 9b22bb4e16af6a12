"""What a mediator believes about the parties: central values moved toward the truth, and what refusals disclose.

The mediator never sees a preference table. The engine, which does, moves these estimates: `information` is how much of
the truth reached the mediator beforehand, and a refusal discloses the issue or red line that it names.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.engine.answers import Aspirations
from sim.engine.block import Block, Perspective, belligerents_of, victories
from sim.engine.centres import Centres
from sim.engine.kernels import CLEAR, EFFECT_CHANNELS, NIL, RELIEF, UTILITY, Outlook
from sim.engine.kernels_learn import Learning
from sim.engine.kernels_round import Observer, observe_deals
from sim.engine.kernels_tables import Told
from sim.engine.tables import make_field, won_by

FloatArray = NDArray[np.float64]
Toward = Callable[[FloatArray, FloatArray | float], FloatArray]


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """How much a mediator knows and learns; both 0..1."""

    information: float = 0.5  # share of the way from central values to the truth, before talks begin
    learning: float = 0.5  # share of the remaining way that a refusal discloses of what it names

    def __post_init__(self) -> None:
        for name in ("information", "learning"):
            value = getattr(self, name)
            if not 0.0 <= value <= 1.0:
                raise ValueError(f"{name} is a share of the truth, 0..1, not {value:g}")


class Estimates:
    """A mediator's estimates in every run of a block, updated in place by what parties disclose."""

    def __init__(self, block: Block, aspirations: Aspirations, knowledge: Knowledge) -> None:
        self.block, self.knowledge = block, knowledge
        share = knowledge.information

        def toward(truth: FloatArray, prior: FloatArray | float) -> FloatArray:
            return np.asarray(prior + share * (truth - prior))

        worlds = block.worlds
        lines, links, centres = worlds.lines, worlds.links, block.layout.centres
        believed = toward(lines.drawn.astype(np.float64), lines.chance[:, np.newaxis])
        chance_clear = np.maximum(1.0 - believed, NIL)
        value = links.value.copy()
        for row in range(len(value)):
            if links.channel[row] == CLEAR:
                value[row] = chance_clear[links.line[row]]
            elif links.channel[row] in (UTILITY, RELIEF):
                value[row] = toward(links.value[row], centres.links[row])
        told = Told(False, share, centres.utility, centres.relief)
        self.field = make_field(block.layout, worlds, told, chance_clear, value, block.field.stage)
        self.perspective = self._perspective(toward, centres)
        self.need = aspirations.announced.copy()  # (entry, run) what parties say they need is public
        view = self.perspective.view(np.exp(block.logit), block.evidence)
        self.viewpoint = block.viewpoint_of(self.perspective, view, self.need)
        self.observer = Observer(
            field=self.field,
            reading=block.reading,
            learning=Learning(
                rate=knowledge.learning,
                seats=block.seats,
                decides=aspirations.decides,
                need=self.need,
                lines=block.lines,
                start=block.space.start,
                eases=block.board.live[EFFECT_CHANNELS],
            ),
            deal_sums=np.ones_like(block.deals.sums),
        )
        observe_deals(self.observer, block.deals)

    @property
    def outlook(self) -> Outlook:
        """How the parties are thought to see the war, their standings, needs; brought up to date in place."""
        return self.viewpoint.outlook

    def look(self) -> None:
        """Bring the outlook up to date with the odds, the deal in force and breaches, which are public."""
        self.block.look_from(self.viewpoint, self.observer.deal_sums)

    def _perspective(self, toward: Toward, centres: Centres) -> Perspective:
        """How the parties are thought to see the war; nobody outside knows a belligerent's type."""
        block, worlds, seats = self.block, self.block.worlds, self.block.seats
        lean = np.zeros((block.parties, 1))
        trusted = toward(worlds.trust / (1.0 + worlds.trust), centres.trust[:, :, np.newaxis])
        prior = np.asarray(trusted / (1.0 - trusted))[seats]
        if block.scenario.conflict is not None:
            for side, belligerent in enumerate(block.scenario.conflict.belligerents):
                lean[belligerent] = centres.optimism[belligerent] * (1.0 if side == 0 else -1.0)
                others = [party for party in range(block.parties) if party != belligerent]
                mean = trusted[others, side].mean(axis=0)
                prior[seats == belligerent, side] = mean / (1.0 - mean)
        pair = list(belligerents_of(block.scenario))
        wanted = toward(worlds.utility[pair], centres.utility[pair, :, np.newaxis])
        won = [won_by(block.layout, self.field, package) for package in victories(block.space, wanted)]
        return Perspective(
            factor=np.exp(worlds.drift * worlds.planning + toward(worlds.lean, lean)[seats]),
            first_wins=won[0],
            second_wins=won[1],
            cost=toward(worlds.cost[seats], centres.cost[seats, np.newaxis]),
            prior=prior,
            known=(),
        )
