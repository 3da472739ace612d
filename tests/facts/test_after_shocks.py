"""What follows large moves: by hand, with both signs, and nothing where nothing follows."""

import numpy as np
import pytest

from flowsim.facts.after_shocks import facts
from flowsim.facts.closes import Closes

BY_NAME = {fact.name: fact for fact in facts()}
CALM = np.where(np.arange(42) % 2 == 0, 1.0, -1.0)


def value(name, returns):
    return BY_NAME[name].compute(Closes.undated(np.asarray(returns, float)))


def shocked(shock, *following):
    return np.concatenate([CALM, [shock], following, CALM])


@pytest.mark.parametrize("following", [2.0, -2.0])
def test_the_day_after_a_fall_is_measured_by_the_volatility_known_at_its_close(following):
    # 42 days of +-1 % and a fall of 4 %: z = -4, and the deviation of the 21 days up to it is sqrt((20 + 16) / 21)
    expected = following / np.sqrt(36 / 21)
    assert value("after z<-3 (sd)", shocked(-4.0, following)) == pytest.approx(expected)
    assert value("share down after z<-3", shocked(-4.0, following)) == (following < 0.0)


@pytest.mark.parametrize(
    ("shock", "name"),
    [
        (-3.1, "after z<-3 (sd)"), (-2.9, "after -3<z<-2 (sd)"), (-1.9, "after -2<z<-1 (sd)"),
        (1.9, "after 1<z<2 (sd)"), (2.1, "after z>2 (sd)"),
    ],
)  # fmt: skip
def test_a_move_counts_between_its_own_bounds_alone(shock, name):
    # the day after moves by a tenth of a percent, and all others by z = 1 at most
    returns = np.concatenate([CALM, [shock, 0.1, 0.1]])
    deviation = np.sqrt((20 + shock**2) / 21)
    for other in ("after z<-3 (sd)", "after -3<z<-2 (sd)", "after -2<z<-1 (sd)", "after 1<z<2 (sd)", "after z>2 (sd)"):
        expected = 0.1 / deviation if other == name else np.nan
        assert value(other, returns) == pytest.approx(expected, nan_ok=True)


def test_the_days_after_are_summed_from_the_second_to_the_fifth_and_from_the_sixth_to_the_twenty_first():
    deviation = np.sqrt((20 + 16) / 21)
    returns = np.concatenate([CALM, [-4.0, 9.0], np.full(4, 0.25), np.full(16, -0.125), [9.0]])
    assert value("days 2-5 after z<-3 (sd)", returns) == pytest.approx(1.0 / deviation)
    assert value("days 6-21 after z<-3 (sd)", returns) == pytest.approx(-2.0 / deviation)


@pytest.mark.parametrize(
    ("name", "sign"), [("day after the worst 1 % (bp)", -1.0), ("day after the best 1 % (bp)", 1.0)]
)
def test_days_after_extremes_are_compared_with_the_mean_of_all_days(name, sign):
    # of 300 days the three largest falls, or rises, of 5 % are followed by 1 %; all others are 0
    returns = np.zeros(300)
    returns[[50, 120, 200]], returns[[51, 121, 201]] = sign * 5.0, 1.0
    mean = 100.0 * returns[1:].mean()
    assert value(name, returns) == pytest.approx(100.0 - mean)


def test_nothing_follows_shocks_where_days_are_independent():
    # 40 paths of 2,000 days with four degrees of freedom: about 0.9 % of the days fall beyond -3 deviations,
    # 700 in all; the mean of what follows has a standard error near 1.1 / sqrt(700) = 0.04
    returns = np.random.default_rng(3).standard_t(4, (40, 2000))
    for name in ("after z<-3 (sd)", "after -3<z<-2 (sd)", "after z>2 (sd)"):
        assert abs(np.mean(value(name, returns))) < 0.16
    assert np.mean(value("share down after z<-3", returns)) == pytest.approx(0.5, abs=0.08)


@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_a_market_that_goes_on_after_its_falls_is_told_from_one_that_comes_back(sign):
    # evenly between -1.73 and 1.73: variance 1, and no fall beyond -3 deviations but those that are planted
    returns = np.random.default_rng(4).uniform(-np.sqrt(3), np.sqrt(3), (20, 1000))
    returns[:, 100::100] = -5.0
    returns[:, 101::100] += sign * 2.0
    found = np.mean(value("after z<-3 (sd)", returns))
    # the deviation with the fall in it is sqrt((20 + 25) / 21) = 1.46
    assert found == pytest.approx(sign * 2.0 / 1.46, abs=0.15)
    assert np.mean(value("share down after z<-3", returns)) == (sign < 0.0)
