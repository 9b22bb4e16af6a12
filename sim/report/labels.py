"""Words for names and numbers, the same in every table and picture."""

import math
from typing import Final

from sim.analysis.estimates import Mean, Share
from sim.analysis.summary import FEW_RUNS
from sim.world.scenario import Issue, Package, Party, Scenario

MANY_RUNS: Final = 10_000  # from here on a decimal of a per cent means something


def spaced(name: str) -> str:
    """A name of a file's key as words."""
    return name.replace("_", " ")


def capitalised(name: str) -> str:
    """A name of a file's key as words, each with a capital letter."""
    return " ".join(word[:1].upper() + word[1:] for word in spaced(name).split())


def party_label(party: Party) -> str:
    """A party's name as words, each with a capital letter."""
    return capitalised(party.name)


def issue_label(issue: Issue) -> str:
    """An issue's name as words."""
    return spaced(issue.name)


def option_label(issue: Issue, option: int) -> str:
    """An option's name as words."""
    return spaced(issue.options[option].name)


def package_words(scenario: Scenario, package: Package) -> str:
    """A package as "quiet: no mill race is blocked; ...", see `package_terms`."""
    return "; ".join(package_terms(scenario, package))


def package_terms(scenario: Scenario, package: Package) -> list[str]:
    """What a package says on each issue; issues at the status quo are left out, unless all of them are."""
    all_still = package == scenario.status_quo
    return [
        f"{issue_label(issue)}: {issue.options[option].words}"
        for issue, option in zip(scenario.issues, package, strict=True)
        if all_still or option != issue.status_quo
    ]


def short(words: str, letters: int) -> str:
    """Words cut to fit on one line; data and keys have them in full."""
    return words if len(words) <= letters else words[: letters - 3].rstrip() + "..."


def percent(value: float, runs: int) -> str:
    """A share 0..1 as per cents: whole, one decimal from 10,000 runs on; only 0 and 1 are called 0 and 100."""
    digits = 1 if runs >= MANY_RUNS else 0
    least = 10.0**-digits
    if 0 < value * 100 <= least / 2:
        return f"<{least:.{digits}f}%"
    if 100 - least / 2 <= value * 100 < 100:
        return f">{100 - least:.{digits}f}%"
    return f"{value * 100:.{digits}f}%"


def of_runs(share: Share, what: str = "runs") -> str:
    """A share in words; a count where there are too few runs for a share to mean much."""
    if share.runs < FEW_RUNS:
        return f"{share.count} of {share.runs} {what if share.runs != 1 else what.removesuffix('s')}"
    return f"{percent(share.value, share.runs)} of {what}"


def told(share: Share) -> str:
    """A share as short as it goes: "43%", or "3/20" where there are too few runs."""
    return f"{share.count}/{share.runs}" if share.runs < FEW_RUNS else percent(share.value, share.runs)


def between(share: Share) -> str:
    """The interval of a share: "41 to 45%"."""
    low, high = percent(share.low, share.runs), percent(share.high, share.runs)
    return high if low == high else f"{low.removesuffix('%')} to {high}"


def in_tens(share: Share) -> str:
    """A share as a natural frequency, "about 4 in 10 runs"; the ends of the scale in words of their own."""
    tenths = round(share.value * 10)
    if share.count == 0:
        return "no run"
    if share.count == share.runs:
        return "every run"
    if tenths == 0:
        return "fewer than 1 in 20 runs"
    if tenths == 10:
        return "more than 19 in 20 runs"
    return f"about {tenths} in 10 runs"


def number(value: float, digits: int = 2) -> str:
    """A dimensionless number such as a worth; without a minus before zero."""
    return f"{value + 0.0 if round(value, digits) else 0.0:.{digits}f}"


def signed(value: float, digits: int = 2) -> str:
    """A difference with its sign; zero without one."""
    return f"{value:+.{digits}f}" if round(value, digits) else f"{0:.{digits}f}"


def mean_between(mean: Mean, digits: int = 2) -> str:
    """The interval of a mean; words where one run gives none."""
    if not math.isfinite(mean.error):
        return "one run, no interval"
    return f"{signed(mean.low, digits)} to {signed(mean.high, digits)}"


def listed(words: list[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def plural(count: int, noun: str) -> str:
    """ "1 run", "2 runs"."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
