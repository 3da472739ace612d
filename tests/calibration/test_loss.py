import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowsim.calibration.loss import (
    APART,
    REAL,
    SCORED,
    Yardstick,
    distances,
    loss_of,
    measure,
    residuals,
    target_facts,
    total,
)
from flowsim.config import load
from flowsim.errors import InputError
from flowsim.facts.fact_table import Series
from flowsim.facts.market_facts import Interval
from flowsim.facts.measure import Measured


@pytest.mark.parametrize(("z", "loss"), [(0.0, 0.0), (0.5, 0.25), (-1.0, 1.0), (2.0, 8.0), (-3.0, 25.0)])
def test_the_loss_is_the_square_and_four_times_the_square_of_what_is_outside(z, loss):
    # 2: 4 + 4 x 1; -3: 9 + 4 x 4
    assert loss_of(z) == pytest.approx(loss)


@given(st.floats(-10, 10))
def test_the_square_of_a_residual_is_the_loss(z):
    (root,) = residuals(np.array([z]))
    assert root**2 == pytest.approx(loss_of(z))
    assert root * z >= 0.0


@given(st.sampled_from(SCORED), st.floats(-3, 3))
def test_a_fact_is_inside_exactly_where_its_distance_is_at_most_one(fact, z):
    long = REAL["1990-2026"][fact]
    value = (long.low + long.high) / 2 + z * (long.high - long.low) / 2
    series = Series(Measured("a market", {fact: Interval(value, float("nan"), float("nan"))}, {}), REAL)
    distance = abs(distances([value], [fact])[fact])
    if abs(distance - 1.0) > 1e-9:
        assert series.is_inside(fact) == (distance < 1.0)


def test_a_distance_counts_half_widths_from_the_middle_of_the_nearer_interval():
    # Middles 10 and 20, half widths 5 and 2: 14 is 0.8 of the first and -3 of the second, 19 is 1.8 and -0.5.
    yardstick = Yardstick(np.array([[10.0, 20.0]]), np.array([[5.0, 2.0]]))
    assert yardstick.z(np.array([14.0])) == pytest.approx([0.8])
    assert yardstick.z(np.array([19.0])) == pytest.approx([-0.5])
    assert yardstick.z(np.array([1e9])) == pytest.approx([APART])


def test_a_total_of_one_is_the_end_of_every_interval():
    assert total([1.0, -1.0, 1.0]) == pytest.approx(1.0)


def test_targets_are_facts_or_groups():
    assert target_facts(["ACF r lag 1"]) == ["ACF r lag 1"]
    assert target_facts(["all"]) == list(SCORED)
    assert "VIX mean" in target_facts(["VIX", "returns"])
    with pytest.raises(InputError, match="no fact or group of facts is named 'kurtosis'; groups are returns, calendar"):
        target_facts(["kurtosis"])


def test_a_fact_that_the_market_does_not_have_is_refused_by_name():
    config = load("plain", ["time.days=300"])
    with pytest.raises(InputError, match="plain has no fact 'VIX mean'"):
        measure(config, ["VIX mean"], 2)


def test_a_market_that_comes_apart_is_far_from_every_fact():
    config = load("plain", ["time.days=300", "fundamental.jumps_per_year=100", "fundamental.jump_mean_bp=3000",
                            "fundamental.pass_through=2", "fundamental.jump_vol_bp=3000"])  # fmt: skip
    assert measure(config, ["ACF r lag 1"], 64) is None
    assert distances(None, ["ACF r lag 1"]) == {"ACF r lag 1": APART}
