"""What an ensemble showed: one frozen object that holds all that a report says, each share with its error."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.analysis.estimates import Mean, Quantiles, Share, Survival, mean, plain, quantiles, share, survival
from sim.analysis.packages import Packages, frequent_packages
from sim.analysis.refusals import Refusals, count_refusals
from sim.engine.records import ENDINGS, NEVER, NO_DEAL, SURVIVAL_ENDS, Records
from sim.world.scenario import Scenario

UNCLASSED: Final = "another deal"  # signed, but of no class that the scenario names
FEW_RUNS: Final = 100  # below it counts are told, not shares
WIDE: Final = 0.2  # an interval wider than this says that more runs are needed
MILESTONES: Final = (30.0, 90.0, 180.0)  # days after signature that a report names


@dataclass(frozen=True, slots=True)
class Outcome:
    """One outcome class, or no deal."""

    name: str
    at_horizon: Share  # of runs whose deal in force at the horizon is of this class
    broadest: Share  # of runs in which this is the broadest class ever in force


@dataclass(frozen=True, slots=True)
class Ending:
    """One way for a run to end: its last event."""

    name: str
    share: Share


@dataclass(frozen=True, slots=True)
class Onset:
    """When something was first in force, counted in rounds; 0 stands for a deal in force at the start."""

    name: str  # "any deal" or an outcome class
    ever: Share
    rounds: Quantiles | None  # over the runs in which it happened; None if in none
    by_round: tuple[Share, ...]  # rounds 0..horizon: share of runs in which it had happened by then


@dataclass(frozen=True, slots=True)
class Held:
    """What became of the runs whose broadest deal was of one class. Shares are of those runs; they add to 1."""

    name: str
    runs: int
    held: Share  # a deal of this class is in force at the horizon
    replaced: Share  # another deal is
    collapsed: Share  # none is: the last one collapsed
    expired: Share  # none is: the last one reached its term and was not continued


@dataclass(frozen=True, slots=True)
class Worth:
    """One party's worth at the horizon against its reservation. Its scale is its own: no sums or ranks over parties."""

    party: int  # position in the scenario
    no_deal: Share  # nothing is in force, so its worth is its reservation
    mean_gain: Mean  # worth minus reservation over all runs, those without a deal at 0
    gain: Quantiles | None  # worth minus reservation where a deal is in force; None if in no run
    below: Share | None  # of runs with a deal in force: it is worth less than the reservation by now
    worth: Quantiles
    reservation: Quantiles


@dataclass(frozen=True, slots=True, eq=False)
class Summary:
    """All that a run report says of an ensemble."""

    runs: int
    first: int  # number of the first run
    outcomes: tuple[Outcome, ...]  # no deal first, then the scenario's classes, broadest first
    unclassed: Share  # runs counted as no deal although a deal of no named class is in force
    endings: tuple[Ending, ...]
    onsets: tuple[Onset, ...]  # any deal first, then the classes
    held: tuple[Held, ...]  # classes that were the broadest in some run
    worths: tuple[Worth, ...]  # every party
    refusals: Refusals
    packages: Packages
    survival: Survival | None  # of the first deal; None where nothing was ever signed
    survival_ends: tuple[Ending, ...]  # how first deals fared: in force, collapsed, expired; () where none
    days_in_force: Mean
    texts: Mean  # tabled a run
    signatures: Mean  # signed a run
    breaches: tuple[Share, Share]  # runs in which the last breach was by the first, the second belligerent's side

    @property
    def few(self) -> bool:
        """Whether there are too few runs to speak of shares."""
        return self.runs < FEW_RUNS

    @property
    def wide(self) -> bool:
        """Whether some outcome's interval is so wide that more runs are needed."""
        return any(outcome.at_horizon.high - outcome.at_horizon.low > WIDE for outcome in self.outcomes)

    def to_json(self) -> dict[str, object]:
        """Dicts, lists, words and numbers; what is not a finite number is None."""
        return {name: plain(getattr(self, name)) for name in Summary.__slots__}


def summarise(scenario: Scenario, records: Records) -> Summary:
    """What the rows of an ensemble of that scenario show. Raises ValueError where there are no rows."""
    if records.runs == 0:
        raise ValueError("no runs to summarise")
    return Summary(
        runs=records.runs,
        first=records.first,
        outcomes=_outcomes(scenario, records),
        unclassed=share((records.outcome == 0) & ~no_deal_in_force(records)),
        endings=tuple(Ending(name, share(records.ending == place)) for place, name in enumerate(ENDINGS)),
        onsets=_onsets(scenario, records),
        held=_held(scenario, records),
        worths=tuple(_worth(records, party) for party in range(len(scenario.parties))),
        refusals=count_refusals(scenario, records),
        packages=frequent_packages(scenario, records),
        survival=_survival(scenario, records),
        survival_ends=_survival_ends(records),
        days_in_force=mean(records.days_in_force),
        texts=mean(records.texts.astype(np.float64)),
        signatures=mean(records.signatures.astype(np.float64)),
        breaches=(share(records.broke == 1), share(records.broke == 2)),
    )


def no_deal_in_force(records: Records) -> NDArray[np.bool_]:
    """(run,) whether nothing is in force at the horizon; a deal of no named class is still a deal."""
    return np.asarray(records.package[0] == NEVER)


def _outcomes(scenario: Scenario, records: Records) -> tuple[Outcome, ...]:
    names = (NO_DEAL, *(outcome.name for outcome in scenario.outcomes))
    return tuple(
        Outcome(name, share(records.outcome == place), share(records.broadest == place))
        for place, name in enumerate(names)
    )


def _onsets(scenario: Scenario, records: Records) -> tuple[Onset, ...]:
    rows = [("any deal", records.agreed_round)]
    rows += [(outcome.name, records.class_round[place]) for place, outcome in enumerate(scenario.outcomes)]
    return tuple(_onset(name, rounds, scenario.horizon) for name, rounds in rows)


def _onset(name: str, rounds: NDArray[np.int64], horizon: int) -> Onset:
    happened = rounds != NEVER
    return Onset(
        name=name,
        ever=share(happened),
        rounds=quantiles(rounds[happened], counts=True) if happened.any() else None,
        by_round=tuple(share(happened & (rounds <= upto)) for upto in range(horizon + 1)),
    )


def _held(scenario: Scenario, records: Records) -> tuple[Held, ...]:
    agreed = records.agreed_round != NEVER
    nothing = no_deal_in_force(records)
    found = []
    names = (*(outcome.name for outcome in scenario.outcomes), UNCLASSED)
    for place, name in zip((*range(1, len(names)), 0), names, strict=True):
        among = agreed & (records.broadest == place)
        if not among.any():
            continue
        same = records.outcome[among] == place
        none = nothing[among]
        ending = records.ending[among]
        found.append(
            Held(
                name=name,
                runs=int(np.count_nonzero(among)),
                held=share(~none & same),
                replaced=share(~none & ~same),
                collapsed=share(none & (ending == ENDINGS.index("collapsed"))),
                expired=share(none & (ending == ENDINGS.index("expired"))),
            )
        )
    return tuple(found)


def _worth(records: Records, party: int) -> Worth:
    nothing = no_deal_in_force(records)
    gain = np.where(nothing, 0.0, records.worth[party] - records.reservation[party])
    under = gain[~nothing]
    return Worth(
        party=party,
        no_deal=share(nothing),
        mean_gain=mean(gain),
        gain=quantiles(under) if under.size else None,
        below=share(under < 0.0) if under.size else None,
        worth=quantiles(records.worth[party]),
        reservation=quantiles(records.reservation[party]),
    )


def _survival(scenario: Scenario, records: Records) -> Survival | None:
    agreed = records.agreed_round != NEVER
    if not agreed.any():
        return None
    ended = records.survival_end[agreed] != SURVIVAL_ENDS.index("in force")
    return survival(records.survival_days[agreed], ended, scenario.horizon * scenario.round_days)


def _survival_ends(records: Records) -> tuple[Ending, ...]:
    agreed = records.agreed_round != NEVER
    if not agreed.any():
        return ()
    ends = records.survival_end[agreed]
    return tuple(
        Ending(name, share(ends == place)) for place, name in enumerate(SURVIVAL_ENDS) if name != SURVIVAL_ENDS[0]
    )
