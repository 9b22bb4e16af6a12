"""Estimates against cases worked out by hand or printed in textbooks."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import CensoredData, ecdf

from sim.analysis.estimates import mean, paired_mean, plain, quantiles, share, share_of, survival

# Weeks to relapse of 21 patients on 6-MP (Freireich et al. 1963), the standard textbook case; True: relapsed.
WEEKS = np.asarray([6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35], dtype=float)
RELAPSED = np.asarray([True] * 9 + [False] * 12)


def test_wilsons_interval_by_hand():
    # 3 of 10, z = 1.96: centre (0.3 + z2/20) / (1 + z2/10), half-width z sqrt(0.021 + z2/400) / (1 + z2/10).
    found = share_of(3, 10)
    z2 = 1.959963984540054**2
    centre = (0.3 + z2 / 20) / (1 + z2 / 10)
    half = math.sqrt(z2 * (0.3 * 0.7 / 10 + z2 / 400)) / (1 + z2 / 10)
    assert (found.value, found.count, found.runs) == (0.3, 3, 10)
    assert found.low == pytest.approx(centre - half, abs=1e-12)
    assert found.high == pytest.approx(centre + half, abs=1e-12)


def test_what_never_happened_still_has_an_error_and_an_upper_end():
    none = share(np.zeros(1000, dtype=bool))
    assert (none.value, none.low) == (0.0, 0.0)
    assert none.high == pytest.approx(1.959963984540054**2 / (1000 + 1.959963984540054**2))
    assert 0 < none.error < 0.002


@given(st.integers(1, 500).flatmap(lambda runs: st.tuples(st.integers(0, runs), st.just(runs))))
def test_an_interval_holds_its_share_and_mirrors(case):
    count, runs = case
    one, other = share_of(count, runs), share_of(runs - count, runs)
    assert 0 <= one.low <= one.value <= one.high <= 1
    assert one.low == pytest.approx(1 - other.high, abs=1e-9)


@pytest.mark.parametrize("estimate", [share, mean, paired_mean, quantiles])
def test_no_runs_are_an_error_and_not_a_nan(estimate):
    with pytest.raises(ValueError, match="no "):
        estimate(np.zeros(0, dtype=bool) if estimate is share else np.zeros(0))


def test_a_mean_by_hand():
    found = mean(np.asarray([1.0, 2.0, 3.0]))  # sd 1, error 1/sqrt 3, Student's t with 2 degrees 4.3027
    assert (found.value, found.error) == (2.0, pytest.approx(1 / math.sqrt(3)))
    assert found.high == pytest.approx(2 + 4.302652729911275 / math.sqrt(3))
    assert paired_mean(np.asarray([1.0, 2.0, 3.0])).high == pytest.approx(2 + 1.959963984540054 / math.sqrt(3))


def test_one_run_has_a_mean_and_no_interval():
    found = mean(np.asarray([4.0]))
    assert found.value == 4.0
    assert math.isnan(found.low)
    assert plain(found)["low"] is None


def test_quantiles_of_counts_are_counts():
    assert quantiles(np.asarray([1, 2])).median == 1.5
    assert quantiles(np.asarray([1, 2]), counts=True).median == 1.0


def test_kaplan_and_meiers_curve_as_printed_in_textbooks():
    found = survival(WEEKS, RELAPSED, 40.0)
    printed = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}
    for week, value in printed.items():
        assert found.surviving[found.at(week)] == pytest.approx(value, abs=5e-4)
    risk = {6: 21, 7: 17, 10: 15, 13: 12, 16: 11, 22: 7, 23: 6, 35: 1}
    assert {week: int(found.at_risk[found.at(week)]) for week in risk} == risk
    assert found.days[-1] == 35
    assert found.at(36) is None
    assert (found.runs, found.ended) == (21, 9)


def test_the_band_is_the_librarys_log_log_band_where_that_is_defined():
    found = survival(WEEKS, RELAPSED, 40.0)
    curve = ecdf(CensoredData.right_censored(WEEKS, ~RELAPSED)).sf
    band = curve.confidence_interval(0.95, method="log-log")
    some = found.surviving < 1
    assert found.low[some] == pytest.approx(band.low.evaluate(found.days)[some])
    assert found.high[some] == pytest.approx(band.high.evaluate(found.days)[some])
    assert (found.low[~some] > 0.8).all()  # 21 of 21, where the library has no interval
    assert (found.high[~some] == 1).all()


@pytest.mark.parametrize("ended", [True, False])
def test_all_or_none_ending_leaves_a_band_without_nan(ended):
    found = survival(np.asarray([5.0, 5.0]), np.asarray([ended, ended]), 40.0)
    assert found.surviving[-1] == (0 if ended else 1)
    assert np.isfinite([*found.low, *found.high]).all()
    assert (found.low <= found.surviving).all()
    assert (found.surviving <= found.high).all()


@given(st.lists(st.tuples(st.integers(0, 50), st.booleans()), min_size=1, max_size=40))
def test_a_survival_curve_falls_inside_its_band(runs):
    lasted = np.asarray([days for days, _ in runs], dtype=float)
    found = survival(lasted, np.asarray([ended for _, ended in runs]), 50.0)
    assert (np.diff(found.surviving) <= 1e-12).all()
    assert ((found.low - 1e-12 <= found.surviving) & (found.surviving <= found.high + 1e-12)).all()
    assert found.at_risk[0] == len(runs)


def test_what_json_cannot_hold_is_none():
    assert json.dumps(plain({"a": (np.float64("nan"), np.int64(3), np.bool_(True), float("inf"))}), allow_nan=False)
    with pytest.raises(TypeError, match="no plain form"):
        plain(object())
