"""The compiled answers to a text: who accepts, why others refuse, whether it is a deal, and who stood in the way."""

from typing import NamedTuple

import numpy as np
from numba import njit

from sim.engine.kernels import EFFECT_CHANNELS, LANES, SETTLES, BoolArray, FloatArray, IntArray, Outlook, uncounted
from sim.engine.kernels_worth import appraise_sums


class Lines(NamedTuple):
    """Every red line, party by party, in the order of the scenario."""

    from_party: IntArray  # (party + 1,) where a party's lines start
    drawn: BoolArray  # (line, run) whether it is one in this run
    issues_from: IntArray  # (line + 1,) where the issues that a line names start in the next two
    issue: IntArray  # (place,)
    crosses: BoolArray  # (place, option) whether the option, on that issue, is one that crosses the line
    single: BoolArray  # (line,) it names one issue only
    links_from: IntArray  # (line + 1,) where the links start by which a line of two issues stands in the tables
    link: IntArray


class Told(NamedTuple):
    """Answers as in `sim.engine.answers.Answers`; (party, run)."""

    accepts: BoolArray
    worth: FloatArray
    required: FloatArray
    aspiration: FloatArray
    line: IntArray
    issue: IntArray
    would_do: BoolArray


class Rule(NamedTuple):
    """The decision rule, as in `sim.engine.signing`."""

    signers: IntArray  # parties
    members: IntArray  # parties, bloc by bloc
    members_from: IntArray  # (bloc + 1,)
    quorum: IntArray  # (bloc,)
    deciders: IntArray  # parties


@uncounted
def _crossed(lines: Lines, packages: IntArray, party: int, run: int) -> int:
    """The first red line of a party that a run's package crosses, -1 if none."""
    for line in range(lines.from_party[party], lines.from_party[party + 1]):
        if not lines.drawn[line, run]:
            continue
        hit = True
        for place in range(lines.issues_from[line], lines.issues_from[line + 1]):
            hit = hit and lines.crosses[place, packages[lines.issue[place], run]]
        if hit:
            return line
    return -1


@njit(error_model="numpy", cache=True)
def weigh(
    conflict: bool,
    lines: Lines,
    sums: FloatArray,
    term: FloatArray,
    base: FloatArray,
    outlook: Outlook,
    packages: IntArray,
    asked: BoolArray,
    per_unit: FloatArray,
    announced: FloatArray,
    seats: IntArray,
    decides: BoolArray,
    enough: float,
    slack: float,
    told: Told,
    short: BoolArray,
) -> None:
    """Every decider's answer to packages (issue, run) in the runs asked (run,), but for what would change its mind.

    `sums` (tile, channel, lane), `term` and `base` (run,): what the packages add up to; `per_unit` and `announced`
    (entry, run); `seats` and `decides` (entry,). A package crosses no red line where the chance is above `enough`; a
    worth may miss by `slack`. Writes `told`, and `short` (entry, run): refused for want of worth.
    """
    entries = seats.shape[0]
    worth = np.zeros((entries, asked.shape[0]))
    if conflict:
        appraise_sums(sums, sums, term, base, outlook, asked, worth)
    for e in range(entries):
        if not decides[e]:
            continue
        party = seats[e]
        utility, clear = EFFECT_CHANNELS + 2 * e + 1, EFFECT_CHANNELS + 2 * entries + e
        for run in range(asked.shape[0]):
            if not asked[run]:
                continue
            tile, lane = run // LANES, run % LANES
            settled = sums[tile, SETTLES, lane] if conflict else 1.0
            value = worth[e, run] if conflict else sums[tile, utility, lane] * outlook.discount[run]
            aspiration = per_unit[e, run] * settled
            required = outlook.standing[e, run] + max(aspiration, announced[e, run] * settled)
            told.worth[party, run], told.required[party, run] = value, required
            told.aspiration[party, run] = aspiration
            if sums[tile, clear, lane] > enough:
                told.accepts[party, run] = value >= required - slack
                short[e, run] = not told.accepts[party, run]
            else:
                told.line[party, run] = _crossed(lines, packages, party, run)


@njit(error_model="numpy", cache=True)
def give_reasons(
    seats: IntArray, short: BoolArray, named: IntArray, then: FloatArray, slack: float, told: Told
) -> None:
    """Write the issue that each refusal for want of worth names, and whether its change would do.

    `short`, `named`, `then` (entry, run): who falls short, the issue of the best single change or -1, the worth then.
    """
    # The change may settle more or less, and so be asked more or less of: this compares with the text tabled.
    for e in range(seats.shape[0]):
        party = seats[e]
        for run in range(short.shape[1]):
            if short[e, run]:
                told.issue[party, run] = named[e, run]
                enough = then[e, run] >= told.required[party, run] - slack
                told.would_do[party, run] = named[e, run] >= 0 and enough


@uncounted
def _quorate(rule: Rule, accepts: BoolArray, run: int, also: int) -> bool:
    """Whether every bloc has its quorum in a run, if the party `also` accepts too."""
    for bloc in range(rule.quorum.shape[0]):
        count = 0
        for n in range(rule.members_from[bloc], rule.members_from[bloc + 1]):
            party = rule.members[n]
            count += accepts[party, run] or party == also
        if count < rule.quorum[bloc]:
            return False
    return True


@uncounted
def decide(rule: Rule, accepts: BoolArray, asked: BoolArray, signed: BoolArray, alone: IntArray) -> None:
    """Whether texts become deals, into `signed` (run,), and who alone stood in the way, into `alone` (run,), -1 nobody.

    A refusal counts without which the text would have been a deal, where only one party's was such. `accepts` (party,
    run), `asked` (run,).
    """
    for run in range(asked.shape[0]):
        signed[run], alone[run] = False, -1
        if not asked[run]:
            continue
        missing, last = 0, -1
        for n in range(rule.signers.shape[0]):
            if not accepts[rule.signers[n], run]:
                missing += 1
                last = rule.signers[n]
        if missing == 1 and _quorate(rule, accepts, run, last):
            alone[run] = last
        elif missing == 0 and _quorate(rule, accepts, run, -1):
            signed[run] = True
        elif missing == 0:
            pivotal = 0
            for n in range(rule.deciders.shape[0]):
                party = rule.deciders[n]
                if not accepts[party, run] and _quorate(rule, accepts, run, party):
                    pivotal += 1
                    alone[run] = party
            if pivotal > 1:
                alone[run] = -1


@njit(error_model="numpy", cache=True)
def count_answers(
    deciders: IntArray,
    first_issue: IntArray,
    asked: BoolArray,
    accepts: BoolArray,
    line: IntArray,
    issue: IntArray,
    alone: IntArray,
    texts: IntArray,
    refused: IntArray,
    crossed: IntArray,
    sole: IntArray,
) -> None:
    """Count a round's answers: `accepts`, `line`, `issue` (party, run); `alone` as in `decide`.

    `first_issue` (line,). Adds to `texts` (run,), `refused` (decider, issue + 1, run), `crossed` (decider, issue, run)
    and `sole` (decider, run), as in `Records`.
    """
    issues = crossed.shape[1]
    for run in range(asked.shape[0]):
        texts[run] += asked[run]
    for row in range(deciders.shape[0]):
        party = deciders[row]
        for run in range(asked.shape[0]):
            if not asked[run] or accepts[party, run]:
                continue
            if line[party, run] >= 0:
                crossed[row, first_issue[line[party, run]], run] += 1
            else:
                named = issue[party, run]
                refused[row, issues if named < 0 else named, run] += 1
            sole[row, run] += alone[run] == party
