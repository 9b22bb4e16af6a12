"""Minutes of one run: what was tabled, who answered what and why, what broke, and how it ended."""

from collections.abc import Sequence
from typing import Final, final

import numpy as np
from numpy.typing import NDArray

from sim.analysis.opening import line_names
from sim.analysis.remedies import Remedy, remedy
from sim.engine.answers import NO_LINE
from sim.engine.model import Moment
from sim.engine.signing import SignersAgree
from sim.report.context import NOT_A_FORECAST
from sim.report.labels import issue_label, listed, number, package_terms, package_words, party_label
from sim.report.layout import paragraph
from sim.world.scenario import Issue, Package, Scenario

FloatArray = NDArray[np.float64]
NOTHING: Final = "no deal is in force"
BELIEF_MOVES: Final = 0.05  # beliefs are told again when one of them has moved this much
MOST_DIGITS: Final = 6


@final
class Minutes:
    """A watcher of one lane of a block: give it to the engine, then ask for the text."""

    def __init__(self, scenario: Scenario, lane: int = 0) -> None:
        self.scenario, self.lane = scenario, lane
        self.deciders = SignersAgree.of(scenario).deciders
        self.lines = line_names(scenario)
        self.heading = f"scenario {scenario.name}"
        self.body: list[str] = []
        self.quiet: list[int] = []  # rounds in a row in which nothing happened
        self.quiet_words = ""
        self.tabled: Package | None = None
        self.in_force: Package | None = scenario.in_force
        self.ending = "never agreed" if scenario.in_force is None else "in force"
        self.beliefs: FloatArray | None = None  # (belligerent, seat) as last told
        self.refusal: tuple[object, ...] = ()  # text, deal and reasons of the last round, if it was a refusal

    def __call__(self, moment: Moment) -> None:
        """Take the minutes of one round."""
        if not self.body and not self.quiet:
            self.heading += f"   seed {moment.block.seed}   run {moment.block.worlds.first + self.lane}"
        told = self._events(moment)
        if not told and not moment.proposal.asked[self.lane]:
            self._keep_quiet(moment, "nothing is tabled")
            return
        if moment.proposal.asked[self.lane]:
            reasons = [self._reason(moment, party) for party in self.deciders]
            refusal = (self._package(moment), self.in_force, *reasons)
            if not told and not moment.signed[self.lane] and refusal == self.refusal:
                self._keep_quiet(moment, "the same text is tabled and refused for the same reasons")
                return
            told += [*self._text(moment), *self._answers(moment, reasons)]
            self.refusal = () if moment.signed[self.lane] else refusal
        self._break_silence()
        told = [*self._beliefs(moment), *told]
        days = self.scenario.round_days
        self.body += ["", f"round {moment.round}, day {(moment.round - 1) * days + 1:g}{self._odds(moment)}"]
        self.body += [f"  {line}" for line in told]

    def text(self) -> str:
        """The minutes so far."""
        self._break_silence()
        dated = self.scenario.information_to
        when = "undated information" if dated is None else f"information to {dated}"
        head = [f"{self.heading}   {when}   {NOT_A_FORECAST}", self.scenario.title, *paragraph(self._table())]
        if self.scenario.in_force is not None:
            head += paragraph(f"In force at the start: {package_words(self.scenario, self.scenario.in_force)}.")
        return "\n".join([*head, *self.body, "", *self._ending()]) + "\n"

    def _table(self) -> str:
        scenario = self.scenario
        signers = listed([scenario.parties[party].title for party in scenario.signers])
        words = f"To be a deal, a text needs the signature of {signers}" if signers else "To be a deal, a text needs"
        for bloc in scenario.blocs:
            members = listed([scenario.parties[party].title for party in bloc.members])
            words += f"{' and of' if signers else ''} {bloc.quorum} of {members}"
        return (
            f"{words}. Worth: what a party would have from the text, on a scale of its own; needs: what it has now and "
            "what it holds out for on top."
        )

    def _events(self, moment: Moment) -> list[str]:
        """What became of the deal in force before anything is tabled."""
        lane = self.lane
        if moment.broken[lane]:
            self.in_force, self.ending = None, "collapsed"
            who = self._belligerent(int(moment.who[lane]) - 1)
            return [f"The deal collapses: it is broken from the side of {who}. From now on {NOTHING}."]
        if moment.expired[lane]:
            self.in_force, self.ending = None, "expired"
            return [f"The deal reaches its term and is not renewed. From now on {NOTHING}."]
        if moment.rolled[lane]:
            return ["The deal reaches its term and is renewed on the same terms."]
        return []

    def _belligerent(self, side: int) -> str:
        conflict = self.scenario.conflict
        return "nobody" if conflict is None else party_label(self.scenario.parties[conflict.belligerents[side]])

    def _text(self, moment: Moment) -> list[str]:
        package = self._package(moment)
        base, name = (self.in_force, "the deal in force") if self.in_force else (self.tabled, "the last text")
        self.tabled = package
        if base is None:
            return ["The mediator tables a text:", *self._terms(package)]
        changes = [
            f"  {issue_label(issue)}: {issue.options[new].words} (was: {issue.options[old].words})"
            for issue, old, new in zip(self.scenario.issues, base, package, strict=True)
            if old != new
        ]
        if not changes:
            return ["The mediator tables the same text again."]
        return [f"The mediator tables {name} with {'a change' if len(changes) == 1 else 'changes'}:", *changes]

    def _package(self, moment: Moment) -> Package:
        flat = moment.proposal.packages[:, self.lane]
        return tuple(int(place) - first for place, first in zip(flat, self.scenario.offsets, strict=True))

    def _terms(self, package: Package) -> list[str]:
        return [f"  {term}" for term in package_terms(self.scenario, package)]

    def _answers(self, moment: Moment, reasons: list[str]) -> list[str]:
        scenario, lane, answers = self.scenario, self.lane, moment.answers
        names = [party_label(party) for party in scenario.parties]
        width = max(len(names[party]) for party in self.deciders)
        told, refusing = [], []
        for party, reason in zip(self.deciders, reasons, strict=True):
            signs = bool(answers.accepts[party, lane])
            verb = "signs  " if signs else "refuses"
            worth = _apart(float(answers.worth[party, lane]), float(answers.required[party, lane]))
            told.append(f"{names[party].ljust(width)}  {verb}  {worth}{reason}")
            if not signs:
                refusing.append(names[party])
        if moment.signed[lane]:
            self.in_force, self.ending = self._package(moment), "in force"
            return [*told, "The text is signed and in force."]
        keeps = f"{NOTHING}" if self.in_force is None else "the deal in force goes on"
        return [*told, f"The text is not signed: {listed(refusing)} refused. As before, {keeps}."]

    def _reason(self, moment: Moment, party: int) -> str:
        if moment.answers.accepts[party, self.lane]:
            return ""
        line = int(moment.answers.line[party, self.lane])
        if line != NO_LINE:
            return f": red line, {self.lines[line]}"
        found = remedy(moment.block, moment.proposal.packages, moment.answers, party, self.lane)
        return ": no single change would raise its worth" if found is None else f": {self._would(found)}"

    def _would(self, found: Remedy) -> str:
        issue: Issue = self.scenario.issues[found.issue]
        change = f"{issue_label(issue)} were: {issue.options[found.option].words}"
        if found.would_do:
            return f"would sign if only {change}"
        return f"would gain most if {change}; that alone would not do"

    def _odds(self, moment: Moment) -> str:
        if self.scenario.conflict is None:
            return ""
        chance = 1.0 / (1.0 + float(np.exp(-moment.block.logit[self.lane])))
        sides = ((self._belligerent(0), chance), (self._belligerent(1), 1.0 - chance))
        return "   chance to prevail: " + ", ".join(f"{name} {number(value)}" for name, value in sides)

    def _beliefs(self, moment: Moment) -> list[str]:
        """How far each party at the table believes each belligerent sincere, where that has moved since it was told."""
        conflict, view = self.scenario.conflict, moment.block.view
        if conflict is None:
            return []
        beliefs = np.stack([view.sincere_first[:, self.lane], view.sincere_second[:, self.lane]])
        if self.beliefs is not None and np.abs(beliefs - self.beliefs).max() < BELIEF_MOVES:
            return []
        self.beliefs = beliefs
        told = []
        for side, row in enumerate(beliefs):
            believers = [
                f"{party_label(self.scenario.parties[party])} {number(belief)}"
                for party, belief in zip(moment.block.seats.tolist(), row, strict=True)
                if party != conflict.belligerents[side]
            ]
            told.append(f"Belief that {self._belligerent(side)} is sincere: {', '.join(believers)}.")
        return told

    def _keep_quiet(self, moment: Moment, what: str) -> None:
        """A round that needs no lines of its own; equal ones in a row share one."""
        holds = NOTHING if self.in_force is None else "the deal in force goes on"
        words = f"{what}{'' if moment.block.talking[self.lane] else ' (the deadline has passed)'}; {holds}"
        if words != self.quiet_words:
            self._break_silence()
        self.quiet.append(moment.round)
        self.quiet_words = words

    def _break_silence(self) -> None:
        if self.quiet:
            first, last = self.quiet[0], self.quiet[-1]
            when = f"round {first}" if first == last else f"rounds {first} to {last}"
            self.body += ["", f"{when}   {self.quiet_words}"]
        self.quiet = []

    def _ending(self) -> Sequence[str]:
        if self.in_force is None:
            return [f"ending    {self.ending}; at the horizon {NOTHING}"]
        return ["ending    in force at the horizon:", *(f"  {line}" for line in self._terms(self.in_force))]


def _apart(worth: float, needed: float) -> str:
    """Worth and need with as many digits as tell them apart."""
    for digits in range(2, MOST_DIGITS):
        if number(worth, digits) != number(needed, digits):
            break
    else:
        digits = 2
    return f"worth {number(worth, digits)}, needs {number(needed, digits)}"
