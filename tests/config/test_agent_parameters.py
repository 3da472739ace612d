import math
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from flowsim.config import agent_parameters, load
from flowsim.config.draws import agent_values, deal, quantiles
from flowsim.config.population import Lognormal, Normal, Uniform

COUNTS = st.integers(1, 300)
NAMES = st.text(st.characters(codec="ascii", categories=["Ll"]), min_size=1, max_size=12)


def test_rows_follow_the_fields_of_the_strategy_and_capital_is_divided(folder: Path) -> None:
    config = load("market.toml")
    follower = config.population["follower"]
    rows = agent_parameters(follower, config.strategies["toy_follower"])
    assert rows.shape == (4, 4)
    assert rows.dtype == np.float64
    # 80 bn over 4 agents; two targets, taken in turn; the default of the last field.
    assert rows[0].tolist() == [20.0, 20.0, 20.0, 20.0]
    assert rows[2].tolist() == [0.05, 0.10, 0.05, 0.10]
    assert rows[3].tolist() == [21.0, 21.0, 21.0, 21.0]
    # 120 exp(0.3 z) at the normal quantiles of 1/8, 3/8, 5/8, 7/8: z = -1.1503, -0.3186, 0.3186, 1.1503.
    assert sorted(rows[1]) == pytest.approx([84.98, 109.06, 132.04, 169.45], abs=0.01)


def test_a_uniform_distribution_gives_the_middles_of_equal_parts() -> None:
    # Four parts of [0, 8], each 2 long: middles 1, 3, 5, 7.
    assert quantiles(Uniform(dist="uniform", low=0.0, high=8.0), 4).tolist() == [1.0, 3.0, 5.0, 7.0]


def test_draws_are_clipped() -> None:
    drawn = quantiles(Normal(dist="normal", mean=0.0, sd=1.0, low=-0.5, high=0.7), 9)
    assert (drawn[0], drawn[-1]) == (-0.5, 0.7)


def test_a_clip_on_one_side_leaves_the_other_alone() -> None:
    drawn = quantiles(Normal(dist="normal", mean=0.0, sd=1.0, low=-0.5), 9)
    assert (drawn[0], drawn[-1]) == (-0.5, pytest.approx(NormalDist().inv_cdf(17 / 18)))


@given(COUNTS, st.floats(0.1, 1e3), st.floats(0.0, 3.0))
def test_the_median_of_lognormal_draws_is_the_median(n: int, median: float, sigma: float) -> None:
    drawn = quantiles(Lognormal(dist="lognormal", median=median, sigma=sigma), n)
    assert math.exp(np.log(drawn).mean()) == pytest.approx(median)
    if n % 2 == 1:
        assert np.median(drawn) == pytest.approx(median)


@given(COUNTS, st.floats(-1e3, 1e3), st.floats(0.0, 1e3))
def test_the_mean_of_normal_draws_is_the_mean(n: int, mean: float, sd: float) -> None:
    assert quantiles(Normal(dist="normal", mean=mean, sd=sd), n).mean() == pytest.approx(mean, abs=1e-9 * (1 + sd))


@given(COUNTS, st.floats(-1e3, 1e3), st.floats(1e-3, 1e3))
def test_the_mean_of_uniform_draws_is_the_middle(n: int, low: float, width: float) -> None:
    assume(low + width > low)
    drawn = quantiles(Uniform(dist="uniform", low=low, high=low + width), n)
    assert drawn.mean() == pytest.approx(low + width / 2, abs=1e-9 * (1 + abs(low) + width))
    assert low <= drawn.min()
    assert drawn.max() <= low + width


def test_many_normal_draws_have_the_stated_standard_deviation() -> None:
    assert quantiles(Normal(dist="normal", mean=1.0, sd=2.0), 10_000).std() == pytest.approx(2.0, rel=1e-3)


@given(NAMES, COUNTS)
def test_every_agent_gets_another_rank(name: str, n: int) -> None:
    assert sorted(deal(name, n)) == list(range(n))


@given(NAMES, COUNTS)
def test_agents_get_exactly_the_quantiles(name: str, n: int) -> None:
    distribution = Normal(dist="normal", mean=0.0, sd=1.0)
    assert sorted(agent_values(name, distribution, n)) == quantiles(distribution, n).tolist()


def test_draws_are_dealt_in_the_order_of_the_name() -> None:
    # Five parts of [0, 10] have the middles 1, 3, 5, 7, 9; agent i takes the one of its rank.
    drawn = agent_values("span_days", Uniform(dist="uniform", low=0.0, high=10.0), 5)
    assert drawn.tolist() == [1.0 + 2.0 * rank for rank in deal("span_days", 5)]
    assert drawn.tolist() != sorted(drawn)


@given(NAMES, st.integers(1, 300))
def test_a_further_agent_does_not_change_who_is_above_whom(name: str, n: int) -> None:
    fewer, more = deal(name, n), deal(name, n + 1)
    assert np.array_equal(np.argsort(fewer), [agent for agent in np.argsort(more) if agent < n])


def test_the_order_of_a_name_never_changes() -> None:
    assert deal("span_days", 10).tolist() == [0, 7, 3, 4, 6, 9, 5, 2, 1, 8]


def test_two_parameters_are_in_unrelated_orders() -> None:
    # Correlations of independent orders of 100 agents have a standard deviation of 1 / sqrt(99) = 0.10; the names
    # and orders are fixed, so this cannot fail by chance.
    names = ["span_days", "target_vol", "buffer", "cap", "lookback", "threshold", "half_life_days"]
    orders = np.corrcoef([deal(name, 100) for name in names])
    off_diagonal = orders[~np.eye(len(names), dtype=bool)]
    assert np.abs(off_diagonal).max() < 0.35
    assert np.sqrt(np.mean(off_diagonal**2)) < 0.15


def test_a_parameter_keeps_its_draws_when_others_come_and_go(folder: Path) -> None:
    config = load("market.toml")
    changed = config.override("population.follower.target_vol={dist = 'uniform', low = 0.05, high = 0.15}")
    rows = [agent_parameters(one.population["follower"], one.strategies["toy_follower"]) for one in (config, changed)]
    assert np.array_equal(rows[0][1], rows[1][1])
    assert not np.array_equal(rows[0][2], rows[1][2])


@given(st.lists(st.floats(-10, 10), min_size=1, max_size=8), st.integers(1, 40))
def test_agent_i_takes_element_i_modulo_the_length(values: list[float], n: int) -> None:
    taken = agent_values("anything", tuple(values), n)
    assert taken.tolist() == [values[agent % len(values)] for agent in range(n)]
