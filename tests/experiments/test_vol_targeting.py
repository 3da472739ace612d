"""Claim 2 on made markets: a flow that answers volatility, an amplification and an echo of known sign and size."""

import numpy as np
import pytest
from helpers.made_samples import sample, surely, us_equity, values_of, within

from flowsim.experiments import vol_targeting
from flowsim.experiments.vol_targeting import (
    DRAWDOWN,
    ECHO,
    FORTNIGHT_EFFECT,
    FORTNIGHT_FLOW,
    RESPONSE,
    SOLD,
    VOL_OF_VOL,
    VOLATILITY,
    measure,
)

DAYS = 573
"""Days of which 500 may be shocks, five of them."""
SHOCKS = (5, 85, 165, 245, 325)
LOUD = 1e3
"""What others trade, and days next to a window do: a measure that takes them in is far off."""


def measured(returns: np.ndarray, flow: np.ndarray, without: np.ndarray | None = None, **more) -> dict[str, float]:
    """Measure a market of such returns, in which volatility targets trade so and others trade loudly."""
    others = {"cta": LOUD * np.sign(returns), "risk_parity": -LOUD * np.sign(returns)}
    one = sample(returns.shape, contribution={"news": returns}, flow={"vol_control": flow, **others})
    other = one if without is None else sample(returns.shape, contribution={"news": without})
    return values_of(measure({"with": one, "without": other, **more}))


def realized(returns: np.ndarray) -> np.ndarray:
    """Return 21-day volatility in percent a year on each day, as the claim defines it; zero before it is known."""
    found = np.zeros_like(returns)
    for day in range(20, returns.shape[1]):
        found[:, day] = 100.0 * np.sqrt(252.0 / 21.0 * (returns[:, day - 20 : day + 1] ** 2).sum(axis=1))
    return found


def answer(returns: np.ndarray, per_point: float) -> np.ndarray:
    """Return a flow whose sum over the next five days is so much per point of rise over the last five."""
    vol = realized(returns)
    flow = np.zeros_like(returns)
    flow[:, 26:] = per_point * (vol[:, 21:-5] - vol[:, 20:-6])
    return flow


@pytest.mark.parametrize("per_point", [-2.0, 2.0, 0.0])
def test_the_response_is_the_flow_of_the_week_after_per_point_of_rise(per_point: float) -> None:
    returns = 0.01 * np.random.default_rng(1).normal(size=(3, 300))
    assert measured(returns, answer(returns, per_point))[RESPONSE] == pytest.approx(per_point, abs=1e-9)


def test_the_volatility_that_is_answered_is_that_of_another_arm_where_there_is_one() -> None:
    returns, watched = 0.01 * np.random.default_rng(1).normal(size=(2, 3, 300))
    other = sample(watched.shape, contribution={"news": watched})
    assert measured(returns, answer(watched, -2.0), volatility=other)[RESPONSE] == pytest.approx(-2.0)
    assert abs(measured(returns, answer(watched, -2.0))[RESPONSE]) < 0.5


@pytest.mark.parametrize("factor", [1.5, 0.5, 1.0])
def test_larger_moves_with_them_are_an_amplification_above_one(factor: float) -> None:
    without = 0.01 * np.random.default_rng(1).normal(size=(3, 300))
    found = measured(factor * without, np.zeros_like(without), without)
    assert (found[VOLATILITY], found[VOL_OF_VOL]) == pytest.approx((factor, factor))


@pytest.mark.parametrize(("deepest_with", "deepest_without", "ratio"), [(0.3, 0.1, 3.0), (0.1, 0.2, 0.5)])
def test_the_drawdown_is_the_deepest_with_over_the_deepest_without(
    deepest_with: float, deepest_without: float, ratio: float
) -> None:
    def falls(depth: float) -> np.ndarray:
        path = np.tile([0.001, -0.001], 50)
        path[[20, 21, 60]] = np.log([1.0 - depth, 1.0 / (1.0 - depth), 1.0 - depth / 2.0])
        return np.stack([path])

    found = measured(falls(deepest_with), np.zeros((1, 100)), falls(deepest_without))
    assert found[DRAWDOWN] == pytest.approx(ratio, abs=0.02)


def after_shocks(first: int, last: int, amount: float) -> dict[str, float]:
    """Measure a market with five shocks after which so much trades evenly from a day to a day, loud on either side.

    The shocks are rises on one path and falls on the other, and three times as much trades after a rise.
    """
    returns = np.full((2, DAYS), 0.001) * np.array([[1.0], [-1.0]])
    flow = np.zeros((2, DAYS))
    for shock in SHOCKS:
        returns[:, shock] *= 50.0
        flow[:, shock + first : shock + last + 1] += np.array([[1.5], [0.5]]) * amount / (last - first + 1)
        flow[:, [shock + first - 1, shock + last + 1]] += LOUD
    flow[:, 450] -= flow.sum(axis=1)
    return measured(returns, 3.0 + flow)


@pytest.mark.parametrize("amount", [-20.0, 20.0, 0.0])
def test_what_trades_in_the_ten_days_after_a_shock_counts_beyond_the_mean(amount: float) -> None:
    assert after_shocks(1, 10, amount)[SOLD] == pytest.approx(amount, abs=1e-9)


@pytest.mark.parametrize("amount", [-20.0, 20.0, 0.0])
def test_the_echo_is_what_trades_64_to_73_days_after(amount: float) -> None:
    found = after_shocks(64, 73, amount)
    assert found[ECHO] == pytest.approx(amount, abs=1e-9)
    assert found[SOLD] == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("effect", [-0.0002, 0.0002])
def test_the_worst_fortnights_are_those_of_most_selling_with_their_own_effect(effect: float) -> None:
    # 26 days of selling hold 17 whole fortnights, 3 % of the 564 windows; buying is larger and does not count.
    flow, own = np.zeros((2, 1, DAYS))
    flow[0, 200:226], own[0, 200:226] = -1.5, effect
    flow[0, 400:426], own[0, 400:426] = 9.0, 1.0
    one = sample((1, DAYS), contribution={"vol_control": own, "cta": 5.0 * own}, flow={"vol_control": flow})
    found = values_of(measure({"with": one, "without": one}))
    assert found[FORTNIGHT_FLOW] == pytest.approx(-15.0)
    assert found[FORTNIGHT_EFFECT] == pytest.approx(1000.0 * effect)


EFFECTS = {
    RESPONSE: surely(-4.25), VOLATILITY: surely(1.031), VOL_OF_VOL: surely(1.2), DRAWDOWN: surely(1.052),
    SOLD: surely(-12.34), ECHO: surely(3.21), FORTNIGHT_FLOW: surely(-83.6), FORTNIGHT_EFFECT: surely(-0.456),
}  # fmt: skip


def test_what_is_told_of_an_amplifier_with_an_echo() -> None:
    assert vol_targeting.tell(EFFECTS) == [
        "A point more of 21-day volatility is followed by -4.2 bn in the next week. They raise volatility, by +3.1 %,"
        " and drawdowns by +5.2 %.",
        "In an extreme fortnight they trade -84 bn and move the index by -0.46 %. The echo at the 63-day roll-off is"
        " there: +3.2 bn, against -12.3 bn right after the shock.",
    ]


def test_what_is_told_of_the_opposite() -> None:
    calm = {RESPONSE: surely(4.25), VOLATILITY: surely(0.969), DRAWDOWN: surely(0.9), ECHO: surely(-3.21)}
    assert vol_targeting.tell(EFFECTS | calm) == [
        "A point more of 21-day volatility is followed by +4.2 bn in the next week. They lower volatility, by -3.1 %,"
        " and drawdowns by -10.0 %.",
        "In an extreme fortnight they trade -84 bn and move the index by -0.46 %. The echo at the 63-day roll-off is"
        " the other way round: -3.2 bn, against -12.3 bn right after the shock.",
    ]


def test_what_is_told_where_an_interval_holds_one_or_zero() -> None:
    said = " ".join(vol_targeting.tell(EFFECTS | {VOLATILITY: within(1.01, 0.02), ECHO: within(3.0, 4.0)}))
    assert "They do not measurably move volatility, by +1.0 %" in said
    assert "The echo at the 63-day roll-off is not clear of zero: +3.0 bn" in said


def test_the_arms_differ_in_volatility_targets_alone() -> None:
    config = us_equity()
    off = config.override("population.vol_control.capital_bn=0")
    assert vol_targeting.arms(config) == {"with": config, "without": off}
    tiny = config.override(f"population.vol_control.capital_bn={1e-6 * 240.0!r}")
    assert vol_targeting.null_arms(config) == {"with": tiny, "without": off, "volatility": off}
    twice = config.override("population.vol_control.capital_bn=480.0")
    assert vol_targeting.scan_arms(config, 2.0) == {"with": twice, "without": off}
