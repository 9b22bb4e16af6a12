"""Worth of a package while a war goes on: the outside option, who breaks a deal, and what is left if it breaks.

War is a costly lottery over two victories [Fearon1995]_; a deal may break, and whoever breaks it moves the odds. All
functions broadcast: `run` is last, parties come before it. Units: worth and shares are dimensionless, hazards per day,
terms in days, odds and shifts in logits where the name says so.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
ALMOST_CERTAIN: Final = 1.0 - 1e-12  # beliefs stay inside [1e-12, 1 - 1e-12], so evidence can always move them


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """What a package does while it is in force. Shapes (run,) or (party, run); `burden` has the belligerent first."""

    utility: FloatArray  # (party, run)
    relief: FloatArray  # (party, run) share of the cost lifted
    settled: FloatArray  # share of the conflict settled, 0..1
    lasts: FloatArray  # factor on relief, 0..1
    hazard: FloatArray  # multiplier on breakdown
    exposure: FloatArray  # logits that a breach hands to whoever breaks
    shift: FloatArray  # logits over rearm_days of an unbroken pause
    burden: FloatArray  # (2, ...) what keeping it costs each belligerent, 0..1
    term: FloatArray  # days
    base: FloatArray  # base hazard per day of the deal's kind
    front: FloatArray  # factor on drift and variance of the odds

    def chosen(self, where: NDArray[np.bool_], other: "Terms") -> "Terms":
        """These terms where the (run,) mask holds, the other's elsewhere."""
        names = self.__dataclass_fields__
        return Terms(**{name: np.where(where, getattr(self, name), getattr(other, name)) for name in names})

    def with_term(self, term: FloatArray) -> "Terms":
        """The same terms with another number of days to run."""
        return replace(self, term=term)


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """What a breakdown depends on besides the deal; (run,) each, `spoilers` (2, run)."""

    spoilers: FloatArray  # hazard of each side's spoilers, outside its government's control
    rate: FloatArray  # deliberate breaches a day at full burden
    planning: FloatArray  # days ahead that parties count
    rearm: FloatArray  # days of pause over which the odds shift
    paused: FloatArray  # days of the present pause
    drift: FloatArray  # logits a day by which the odds move while the front does


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """How parties see the war; (party, run) each."""

    odds: FloatArray  # that the first belligerent prevails, as exp(logit)
    first_wins: FloatArray  # utility of the first belligerent's victory
    second_wins: FloatArray
    cost: FloatArray  # of fighting on
    sincere_first: FloatArray  # chance that the first belligerent is sincere
    sincere_second: FloatArray


def chance(odds: FloatArray) -> FloatArray:
    """Odds to probability."""
    return odds / (1.0 + odds)


def war_worth(view: View, factor: FloatArray | float = 1.0) -> FloatArray:
    """Worth of fighting on with the odds multiplied by `factor`: `m V(W1) + (1 - m) V(W2) - c`; (party, run)."""
    return view.second_wins + (view.first_wins - view.second_wins) * chance(view.odds * factor) - view.cost


def sincere_hazards(terms: Terms, ground: Ground) -> tuple[FloatArray, FloatArray]:
    """Hazard per day that each side breaks though its government means to keep: half the base, and its spoilers."""
    half = 0.5 * terms.base * terms.hazard
    return half + ground.spoilers[0], half + ground.spoilers[1]


def deliberate_hazards(terms: Terms, ground: Ground) -> tuple[FloatArray, FloatArray]:
    """Further hazard per day of each side if it plays for time: a deal that costs it nothing it keeps."""
    burden = np.clip(terms.burden, 0.0, 1.0)
    return ground.rate * terms.hazard * burden[0], ground.rate * terms.hazard * burden[1]


def remaining_shift(terms: Terms, ground: Ground) -> FloatArray:
    """Logits by which the deal would move the odds: the shift of its pause, less the advance that its front forgoes.

    `shift * min(term, (rearm - paused)+) / rearm - drift * (1 - front) * min(term, planning)`: a party plans with the
    drift over the planning span, so a halt that stops the front takes that much of it away.
    """
    shift = terms.shift * np.minimum(terms.term, np.maximum(ground.rearm - ground.paused, 0.0)) / ground.rearm
    return shift - ground.drift * (1.0 - terms.front) * np.minimum(terms.term, ground.planning)


def fate(terms: Terms, ground: Ground, view: View) -> tuple[FloatArray, FloatArray]:
    """Chance that a deal holds over the planning span, and that it breaks by the first belligerent; (party, run) each.

    Mixed over the two belligerents' types as each party believes them; `h = exp(-H Lambda)`, H the smaller of the term
    and the planning span, Lambda the sum of both sides' hazards.
    """
    span = np.minimum(terms.term, ground.planning)
    sincere = sincere_hazards(terms, ground)
    extra = deliberate_hazards(terms, ground)
    calm = np.exp(-span * (sincere[0] + sincere[1]))
    kept = np.exp(-span * extra[0]), np.exp(-span * extra[1])
    p, q = view.sincere_first, view.sincere_second
    holds, first = np.zeros_like(view.odds), np.zeros_like(view.odds)
    for first_plays, belief_first in ((0, p), (1, 1.0 - p)):
        for second_plays, belief_second in ((0, q), (1, 1.0 - q)):
            belief = belief_first * belief_second
            survive = calm * (kept[0] if first_plays else 1.0) * (kept[1] if second_plays else 1.0)
            one = sincere[0] + first_plays * extra[0]
            other = sincere[1] + second_plays * extra[1]
            share = np.divide(one, one + other, out=np.zeros_like(one + other), where=one + other > 0.0)
            holds = holds + belief * survive
            first = first + belief * (1.0 - survive) * share
    return holds, first


def worth(terms: Terms, ground: Ground, view: View) -> FloatArray:
    """Worth of a package to each party; (party, run). The formula of the model's section on the worth of a package.

    `W = E[h (s V + (1 - s)(r + shift + c relief)) + (1 - h)(phi b_own + (1 - phi) b_other)]`, where r + shift is the
    war at the remaining shift and each b the same war with the exposure in favour of whoever broke, without relief.
    """
    holds, first = fate(terms, ground, view)
    shifted = np.exp(remaining_shift(terms, ground))
    exposed = np.exp(terms.exposure)
    eased = war_worth(view, shifted) + view.cost * np.minimum(terms.relief, 1.0) * terms.lasts
    kept = terms.settled * terms.utility + (1.0 - terms.settled) * eased
    after_first, after_second = war_worth(view, shifted * exposed), war_worth(view, shifted / exposed)
    return holds * kept + first * after_first + (1.0 - holds - first) * after_second


def concession(round_: int, deadline: int | None, pace: FloatArray) -> FloatArray:
    """Share of its aspiration that a party still asks in round `round_` (1 is the first) [Faratin1998]_.

    `(1 - (t/T)^(1/e))+` before a fixed deadline T; without one there is nothing to count down to, so its average,
    `1 / (1 + e)`, throughout. A small pace e holds out.
    """
    if deadline is None:
        return 1.0 / (1.0 + pace)
    return np.maximum(1.0 - (round_ / deadline) ** (1.0 / pace), 0.0)
