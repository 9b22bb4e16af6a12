"""Distributions for pictures: what lies between the quantiles of a summary."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.analysis.estimates import Share, share
from sim.analysis.summary import no_deal_in_force
from sim.engine.records import Records

BINS: Final = 48


@dataclass(frozen=True, slots=True, eq=False)
class Gains:
    """Worth minus reservation at the horizon, party by party, on one grid; each party's scale is its own."""

    edges: NDArray[np.float64]  # (bin + 1,); 0 is an edge
    counts: NDArray[np.int64]  # (party, bin) runs with a deal in force
    no_deal: Share  # the spike: runs with nothing in force, where worth is the reservation
    runs: int


def gains(records: Records, bins: int = BINS) -> Gains:
    """Histograms of every party's worth minus reservation where a deal is in force."""
    nothing = no_deal_in_force(records)
    gain = (records.worth - records.reservation)[:, ~nothing]
    edges = _edges(gain, bins)
    counts = np.stack([np.histogram(row, edges)[0] for row in gain])
    return Gains(edges=edges, counts=counts, no_deal=share(nothing), runs=records.runs)


def _edges(gain: NDArray[np.float64], bins: int) -> NDArray[np.float64]:
    """Even steps over all of the values, one of which begins at 0; round steps, so that a reader can name them."""
    low, high = (min(float(gain.min()), 0.0), max(float(gain.max()), 0.0)) if gain.size else (0.0, 0.0)
    rough = max(high - low, 1e-6) / bins
    unit = 10.0 ** np.floor(np.log10(rough))
    step = unit * next(factor for factor in (1.0, 2.0, 2.5, 5.0, 10.0) if factor * unit >= rough * (1 - 1e-9))
    places = np.arange(np.floor(low / step), np.ceil(high / step) + 1)
    if len(places) < 2 or places[-1] * step <= high:
        places = np.append(places, places[-1] + 1)  # the last edge lies beyond the last value
    return np.asarray(places * step)
