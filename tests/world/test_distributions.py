"""Laws that every distribution obeys, and the figures of a textbook implementation."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from sim.world.distributions import (
    Exactly,
    LogitNormal,
    Lognormal,
    Mixture,
    Normal,
    Pert,
    TruncatedNormal,
    Uniform,
    standard_normal,
)

EXAMPLES = {
    "exactly": Exactly(0.3),
    "normal": Normal(-0.2, 0.5),
    "truncated": TruncatedNormal(0.3, 0.15, 0, 1),
    "truncated at the end": TruncatedNormal(1, 0.15, 0, 1),
    "truncated above": TruncatedNormal(0.9, 0.2, -math.inf, 1),
    "truncated below": TruncatedNormal(0.1, 0.2, 0, math.inf),
    "lognormal": Lognormal(0.14, 0.35),
    "logit": LogitNormal(0.55, 0.3),
    "wide logit": LogitNormal(0.9, 3.0),
    "uniform": Uniform(0.2, 0.8),
    "pert": Pert(0.1, 0.2, 0.7),
    "mixture": Mixture(((0.3, Exactly(0.0)), (0.7, Uniform(0.5, 1.0)))),
}
ORACLES = {
    "normal": stats.norm(-0.2, 0.5),
    "truncated": stats.truncnorm(-2, 0.7 / 0.15, 0.3, 0.15),
    "truncated at the end": stats.truncnorm(-1 / 0.15, 0, 1, 0.15),
    "truncated above": stats.truncnorm(-np.inf, 0.5, 0.9, 0.2),
    "truncated below": stats.truncnorm(-0.5, np.inf, 0.1, 0.2),
    "lognormal": stats.lognorm(0.35, scale=0.14),
    "uniform": stats.uniform(0.2, 0.6),
    "pert": stats.beta(1 + 4 / 6, 1 + 4 * 5 / 6, 0.1, 0.6),
}
EDGES = np.array([0.0, 2.0**-53, 0.5 - 2.0**-54, 0.5, 1 - 2.0**-52, 1 - 2.0**-53])
uniforms = st.lists(st.integers(0, 2**53 - 1), min_size=1, max_size=40).map(lambda k: np.array(k) * 2.0**-53)
every = pytest.mark.parametrize("name", EXAMPLES)


@every
def test_finite_and_within_the_support_at_the_edges(name):
    values = EXAMPLES[name].quantile(EDGES)
    low, high = EXAMPLES[name].support
    assert np.isfinite(values).all()
    assert (low <= values).all()
    assert (values <= high).all()


@every
@given(u=uniforms)
def test_the_quantile_is_monotone(name, u):
    if name == "mixture":
        return  # each part in turn, so not monotone by design
    values = EXAMPLES[name].quantile(np.sort(u))
    assert (np.diff(values) >= -1e-14).all()


@every
@given(u=uniforms, data=st.data())
def test_a_value_does_not_depend_on_its_neighbours(name, u, data):
    at = data.draw(st.integers(0, len(u) - 1))
    alone = EXAMPLES[name].quantile(u[at : at + 1].copy())
    assert alone[0] == EXAMPLES[name].quantile(u)[at]


@every
def test_mean_and_sd_are_those_of_what_is_drawn(name):
    belief = EXAMPLES[name]
    u = (np.arange(400_000) + 0.5) / 400_000
    drawn = belief.quantile(u)
    assert drawn.mean() == pytest.approx(belief.mean, abs=2e-5)
    assert drawn.std() == pytest.approx(belief.sd, abs=2e-4)


@pytest.mark.parametrize("name", ORACLES)
def test_agrees_with_scipy(name):
    belief, oracle = EXAMPLES[name], ORACLES[name]
    u = np.linspace(0.001, 0.999, 501)
    assert belief.quantile(u) == pytest.approx(oracle.ppf(u), abs=1e-9)
    assert belief.mean == pytest.approx(oracle.mean(), abs=1e-9)
    assert belief.sd == pytest.approx(oracle.std(), abs=1e-9)


def test_the_mean_of_a_logit_normal_is_the_integral():
    for name in ("logit", "wide logit"):
        belief = EXAMPLES[name]
        logit = math.log(belief.at / (1 - belief.at))
        mean, _ = integrate.quad(
            lambda z, m=logit, s=belief.spread: stats.norm.pdf(z) / (1 + math.exp(-(m + s * z))), -12, 12
        )
        assert belief.mean == pytest.approx(mean, abs=1e-10)


def test_nothing_piles_up_at_the_bounds():
    drawn = TruncatedNormal(0.95, 0.3, 0, 1).quantile(np.linspace(0, 1 - 2.0**-53, 10_001))
    assert len(np.unique(drawn)) == len(drawn)


@settings(max_examples=200)
@given(at=st.floats(0, 1), spread=st.floats(1e-6, 10), u=uniforms)
def test_a_truncated_normal_is_finite_and_inside_wherever_it_sits(at, spread, u):
    belief = TruncatedNormal(at, spread, 0, 1)
    values = belief.quantile(np.concatenate([u, EDGES]))
    assert ((values >= 0) & (values <= 1)).all()
    assert 0 <= belief.mean <= 1
    assert 0 <= belief.sd <= 0.5


@given(u=uniforms)
def test_standard_normals_are_exactly_antisymmetric(u):
    assert np.array_equal(standard_normal(u), -standard_normal((1 - 2.0**-53) - u))


@every
def test_the_interval_holds_its_share(name):
    belief = EXAMPLES[name]
    low, high = belief.interval(0.9)
    drawn = belief.quantile((np.arange(100_000) + 0.5) / 100_000)
    assert ((drawn >= low - 1e-9) & (drawn <= high + 1e-9)).mean() >= 0.899


def test_a_mixture_draws_each_part_in_its_stretch():
    values = EXAMPLES["mixture"].quantile(np.array([0.0, 0.29, 0.3, 0.65, 0.999]))
    assert values == pytest.approx([0, 0, 0.5, 0.75, 0.9992857], abs=1e-6)


@every
def test_an_interval_of_everything_is_refused(name):
    with pytest.raises(ValueError, match=r"level must lie between 0 and 1, got 1; for 90 % say 0\.9"):
        EXAMPLES[name].interval(1)


@every
def test_words_name_no_python(name):
    assert "(" not in EXAMPLES[name].words().replace("(0.3)", "").replace("(0.7)", "")


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Exactly(math.nan), "value must be a finite number, got nan"),
        (lambda: Normal(math.inf, 1), "at must be a finite number, got inf"),
        (lambda: Normal(0, 0), "the spread must be positive, got 0; say `exactly` for a number without spread"),
        (lambda: TruncatedNormal(1.2, 0.1, 0, 1), r"1\.2 lies outside 0\.\.1"),
        (lambda: Lognormal(0, 0.1), "the median of a lognormal must be positive, got 0"),
        (lambda: LogitNormal(1, 0.1), "odds must lie strictly between 0 and 1, got 1"),
        (lambda: Uniform(1, 1), "low must be below high, got 1 and 1"),
        (lambda: Pert(0, 2, 1), r"the mode 2 lies outside 0\.\.1"),
        (lambda: Mixture(()), "a mixture needs at least one part"),
        (lambda: Mixture(((0.5, Exactly(0)),)), r"the probabilities of the parts add to 0\.5; make them add to 1"),
        (lambda: Mixture(((1.5, Exactly(0)),)), r"a part's probability must lie between 0 and 1, got 1\.5"),
    ],
)
def test_nonsense_is_refused(build, message):
    with pytest.raises(ValueError, match=message):
        build()
