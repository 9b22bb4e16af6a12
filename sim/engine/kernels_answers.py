"""The compiled answers to a text: who accepts, why others refuse, whether it is a deal, and who stood in the way."""

from typing import Final, NamedTuple

import numpy as np
from numba import njit

from sim.engine.kernels import (
    EFFECT_CHANNELS,
    LANES,
    SETTLES,
    BoolArray,
    Field,
    FloatArray,
    IntArray,
    Outlook,
    uncounted,
)
from sim.engine.kernels_sums import KINDS, Reading, add_up_run, fetch_package
from sim.engine.kernels_worth import appraise_deals, lay_deals, lay_ground, make_bench, settle_deals

NOBODY: Final = -1
AGREED: Final = -2


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


class Texts(NamedTuple):
    """The texts last asked about and what they add up to, kept from round to round: most are tabled again."""

    packages: IntArray  # (issue, run) flat options
    known: BoolArray  # (run,) whether the rest is that of the package
    sums: FloatArray  # (tile, channel, lane)
    term: FloatArray  # (run,) days
    base: FloatArray  # (run,) base hazard per day


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


@uncounted
def _compare(texts: Texts, reading: Reading, packages: IntArray, redo: BoolArray, run: int) -> bool:
    """Whether a run's package of `packages` (issue, run) is not the text known; the kinds of rows to `redo` (kind,)."""
    known, changed = texts.known[run], not texts.known[run]
    for kind in range(redo.shape[0]):
        redo[kind] = not known
    for i in range(packages.shape[0]):
        if known and packages[i, run] != texts.packages[i, run]:
            changed = True
            for kind in range(redo.shape[0]):
                redo[kind] = redo[kind] or reading.acts[kind, i]
    return changed


@uncounted
def _renew(
    texts: Texts, reading: Reading, field: Field, packages: IntArray, here: IntArray, redo: BoolArray, run: int
) -> None:
    """Make a run's package of `packages` (issue, run) the text known, adding up the kinds of rows to `redo` (kind,).

    `here` (issue,) is scratch.
    """
    for i in range(here.shape[0]):
        here[i] = packages[i, run]
        texts.packages[i, run] = here[i]
    texts.known[run] = True
    add_up_run(reading, field, here, run, 0, field.rows.shape[1], redo, texts.sums)
    if reading.term_issue >= 0:
        texts.term[run] = reading.term[here[reading.term_issue]]
        texts.base[run] = reading.base[here[reading.term_issue]]


@uncounted
def _clear(told: Told, short: BoolArray, lo: int) -> None:
    hi = lo + LANES
    for e in range(short.shape[0]):
        short[e, lo:hi] = False
    for party in range(told.line.shape[0]):
        told.accepts[party, lo:hi] = False
        told.would_do[party, lo:hi] = False
        told.worth[party, lo:hi] = 0.0
        told.required[party, lo:hi] = 0.0
        told.aspiration[party, lo:hi] = 0.0
        told.line[party, lo:hi] = -1
        told.issue[party, lo:hi] = -1


@njit(error_model="numpy", cache=True)
def weigh(
    conflict: bool,
    reading: Reading,
    field: Field,
    lines: Lines,
    texts: Texts,
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

    `per_unit` and `announced` (entry, run); `seats` and `decides` (entry,). A package crosses no red line where the
    chance is above `enough`; a worth may miss by `slack`. Brings `texts` up to date, writes all of `told`, and `short`
    (entry, run): refused for want of worth.
    """
    bench, here = make_bench(), np.empty(packages.shape[0], dtype=np.int64)
    anew, redo = np.empty(LANES, dtype=np.bool_), np.empty((LANES, KINDS), dtype=np.bool_)
    entries, sums = seats.shape[0], texts.sums
    for tile in range(sums.shape[0]):
        lo, some = tile * LANES, False
        _clear(told, short, lo)
        for lane in range(LANES):
            some = some or asked[lo + lane]
            anew[lane] = asked[lo + lane] and _compare(texts, reading, packages, redo[lane], lo + lane)
            if anew[lane]:
                fetch_package(reading, field, packages, redo[lane], lo + lane)
        for lane in range(LANES):
            if anew[lane]:
                _renew(texts, reading, field, packages, here, redo[lane], lo + lane)
        if not some:
            continue
        if conflict:
            lay_ground(bench, outlook.ground, lo)
            lay_deals(bench, sums, texts.term, texts.base, lo)
            settle_deals(bench)
        for e in range(entries):
            if not decides[e]:
                continue
            party, clear = seats[e], EFFECT_CHANNELS + 2 * entries + e
            if conflict:
                appraise_deals(bench, outlook, e, sums, lo)
            else:
                for lane in range(LANES):
                    bench.worth[lane] = sums[tile, EFFECT_CHANNELS + 2 * e + 1, lane] * outlook.discount[lo + lane]
            for lane in range(LANES):
                run = lo + lane
                if not asked[run]:
                    continue
                value, settled = bench.worth[lane], sums[tile, SETTLES, lane] if conflict else 1.0
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
def agreed(rule: Rule, accepts: BoolArray, run: int) -> bool:
    """Whether the rule is met in a run; `accepts` (party, run)."""
    for n in range(rule.signers.shape[0]):
        if not accepts[rule.signers[n], run]:
            return False
    return _quorate(rule, accepts, run, NOBODY)


@uncounted
def verdict(rule: Rule, accepts: BoolArray, run: int) -> int:
    """AGREED where the rule is met in a run, else the party that alone stood in the way, or NOBODY.

    A refusal counts without which the text would have been a deal, where only one party's was such.
    """
    missing, last = 0, NOBODY
    for n in range(rule.signers.shape[0]):
        if not accepts[rule.signers[n], run]:
            missing += 1
            last = rule.signers[n]
    if missing > 1:
        return NOBODY
    if missing == 1:
        return last if _quorate(rule, accepts, run, last) else NOBODY
    if _quorate(rule, accepts, run, NOBODY):
        return AGREED
    for n in range(rule.deciders.shape[0]):
        party = rule.deciders[n]
        if not accepts[party, run] and _quorate(rule, accepts, run, party):
            if last != NOBODY:
                return NOBODY
            last = party
    return last
