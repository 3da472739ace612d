"""How often all nine moments of Franke and Westerhoff are inside on one path."""

import numpy as np
import pytest

from flowsim.data.prices import read_prices
from flowsim.facts.closes import Closes
from flowsim.facts.histories import closes_of_prices
from flowsim.facts.joint import (
    inside,
    joint_of,
    joint_of_history,
    moments_of,
    shipped_intervals,
    shipped_share,
)
from flowsim.facts.market_facts import LONG, SAMPLES, Interval


def lasting(days: int, seed: int) -> Closes:
    """Return closes whose volatility lasts."""
    noise = np.random.default_rng(seed)
    heat = np.zeros(days)
    for day in range(1, days):
        heat[day] = 0.98 * heat[day - 1] + 0.1 * noise.normal()
    return Closes.undated(np.exp(heat) * noise.standard_t(5, days))


def test_all_are_inside_where_each_is_on_the_same_path() -> None:
    values = {"a": np.array([1.0, 1.0, 9.0, 1.0]), "b": np.array([2.0, 9.0, 2.0, 2.5])}
    shares, joint = inside(values, {"a": Interval(0.0, 0.0, 2.0), "b": Interval(0.0, 2.0, 3.0)})
    assert shares == {"a": 75.0, "b": 75.0}
    assert joint == 50.0


def test_a_series_without_memory_has_its_tails_inside_and_never_all() -> None:
    blocks = [moments_of(Closes.undated(np.random.default_rng(seed).standard_t(3, (20, 2000)))) for seed in (1, 2)]
    found = joint_of(blocks, "noise", 2000)
    assert found.n_paths == 40
    assert found.joint_pct == 0.0
    assert found.by_moment_pct["ACF of abs(r), lag 10"] == 0.0
    assert found.by_moment_pct["1 / tail exponent of abs(r)"] > 50.0
    assert "all inside the intervals of 1990-2026 on 0.0 % of paths of 2,000 days" in found.sentence


def test_a_path_is_held_against_real_resamples_of_the_nearest_length() -> None:
    assert shipped_share(2500) == shipped_share(2520) < shipped_share(4284) < shipped_share(6866)
    assert len(shipped_intervals()) == 9


def test_resamples_of_a_history_are_inside_its_own_intervals_the_more_often_the_longer_they_are() -> None:
    told: list[int] = []
    found = joint_of_history(lasting(3000, 1), "made", 100, 1, told.append)
    assert sum(told) == 100
    for name, one in moments_of(lasting(3000, 1)).items():
        assert found.moments[name].low < float(one) < found.moments[name].high
    assert set(found.shares_pct) == {1260, 2520}
    assert 0.0 < found.shares_pct[1260] < found.shares_pct[2520] < 95.0
    assert "All inside on resamples of 1,260 days" in found.sentence


def test_the_shipped_moments_are_those_of_real_closes(shared_folder) -> None:
    closes = closes_of_prices(read_prices(shared_folder / "data" / "spx_daily.csv")).between(*SAMPLES[LONG])
    for name, one in moments_of(closes).items():
        assert shipped_intervals()[name].value == pytest.approx(float(one), rel=1e-5)
