"""The answers at the opening: would each party sign each named text today, in how many draws, and if not, why not?"""

from collections import Counter
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

import numpy as np

from sim.analysis.estimates import Share, plain, share_of
from sim.analysis.refusals import deciders
from sim.engine.answers import NO_CHANGE, NO_LINE, Answers, Aspirations, answer
from sim.engine.block import Block
from sim.engine.ensemble import Game, blocks
from sim.engine.tables import Layout, padded
from sim.engine.worlds import sample_worlds
from sim.world.scenario import NamedText, Scenario

AS_REPORTED: Final = 2 / 3  # share of draws in which an answer has to be the reported one to count as reproduced


class Reason(NamedTuple):
    """Why a text is refused."""

    kind: Literal["red line", "issue", "no single change"]
    name: str  # of the red line or of the issue whose change would raise the party's worth most; "" for the last kind


@dataclass(frozen=True, slots=True)
class PartyAnswer:
    """One party's answers to one text over all draws."""

    party: int  # position in the scenario
    decides: bool  # whether its signature counts
    signs: Share
    reason: Reason | None  # the most frequent one; None where it never refuses
    reason_share: Share | None  # of its refusals
    reported: str | None  # signs, refuses or open, as the source has it; None where the source says nothing

    @property
    def reproduced(self) -> bool | None:
        """Whether most draws give the reported answer; None where none is reported or it is open."""
        if self.reported == "signs":
            return self.signs.value >= AS_REPORTED
        if self.reported == "refuses":
            return 1 - self.signs.value >= AS_REPORTED
        return None


@dataclass(frozen=True, slots=True)
class TextAnswers:
    """Every party's answers to one named text."""

    name: str
    words: str
    parties: tuple[PartyAnswer, ...]


@dataclass(frozen=True, slots=True)
class OpeningAnswers:
    """Every named text of a scenario, asked for alone before the first round."""

    scenario: str
    seed: int
    runs: int  # draws of the scenario's numbers
    texts: tuple[TextAnswers, ...]

    def to_json(self) -> dict[str, object]:
        """Dicts, lists, words and numbers."""
        return {name: plain(getattr(self, name)) for name in OpeningAnswers.__slots__}


@dataclass(slots=True)
class _Tally:
    signed: int
    reasons: Counter[Reason]


def opening_answers(game: Game, runs: int, first: int = 0) -> OpeningAnswers:
    """Ask every party for its answer to every named text, in draws `first .. first + runs - 1` of the scenario.

    Each text stands alone: nothing is in force, nothing was tabled before. Parties that need not sign answer
    too, by the same rule. Raises ValueError for less than one draw.
    """
    if runs < 1:
        raise ValueError(f"answers at the opening need at least one draw, not {runs}")
    scenario = game.scenario
    everyone = tuple(range(len(scenario.parties)))
    layout = Layout(game.plan, everyone)
    tallies = [[_Tally(0, Counter()) for _ in scenario.parties] for _ in scenario.texts]
    for start, size in blocks(first, runs):
        worlds = sample_worlds(game.plan, game.seed, start, padded(size))
        block = Block(layout, worlds, game.seed, game.base)
        block.round = 1
        block.look()
        aspirations = Aspirations(block, everyone)
        per_unit = aspirations.per_unit()
        for text, row in zip(scenario.texts, tallies, strict=True):
            packages = np.repeat(block.space.flat(text.package)[:, np.newaxis], block.runs, axis=1)
            answers = answer(block, aspirations, packages, block.everyone, per_unit)
            for party, tally in enumerate(row):
                tally.signed += int(np.count_nonzero(answers.accepts[party, :size]))
                tally.reasons.update(_reasons(scenario, answers, party, size))
    return OpeningAnswers(
        scenario=scenario.name,
        seed=game.seed,
        runs=runs,
        texts=tuple(_text(scenario, text, row, runs) for text, row in zip(scenario.texts, tallies, strict=True)),
    )


def line_names(scenario: Scenario) -> tuple[str, ...]:
    """Names of all red lines in the order that the engine numbers them: party by party, as the scenario lists them."""
    return tuple(line.name for party in scenario.parties for line in party.red_lines)


def _reasons(scenario: Scenario, answers: Answers, party: int, size: int) -> Counter[Reason]:
    """How often each reason was given by one party in the first `size` runs of a block."""
    refused = ~answers.accepts[party, :size]
    line = answers.line[party, :size][refused]
    issue = answers.issue[party, :size][refused]
    names = line_names(scenario)
    found: Counter[Reason] = Counter()
    for number in np.unique(line[line != NO_LINE]):
        found[Reason("red line", names[number])] = int(np.count_nonzero(line == number))
    named = issue[line == NO_LINE]
    for number in np.unique(named):
        reason = (
            Reason("no single change", "") if number == NO_CHANGE else Reason("issue", scenario.issues[number].name)
        )
        found[reason] = int(np.count_nonzero(named == number))
    return found


def _text(scenario: Scenario, text: NamedText, row: list[_Tally], runs: int) -> TextAnswers:
    count = deciders(scenario)
    parties = []
    for place, tally in enumerate(row):
        # Ties go to the reason first in the alphabet, so that the answer does not hang on the order of blocks.
        best = min(tally.reasons.items(), key=lambda item: (-item[1], item[0]), default=None)
        parties.append(
            PartyAnswer(
                party=place,
                decides=place in count,
                signs=share_of(tally.signed, runs),
                reason=best[0] if best else None,
                reason_share=share_of(best[1], runs - tally.signed) if best else None,
                reported=text.answers.get(scenario.parties[place].name),
            )
        )
    return TextAnswers(text.name, text.words, tuple(parties))
