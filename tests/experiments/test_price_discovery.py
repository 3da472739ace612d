"""Claim 1 on made markets: shares of variance and facts whose size and sign are known, and what is said of them."""

import numpy as np
import pytest
from helpers.made_samples import sample, surely, us_equity, values_of

from flowsim.ensemble.intervals import Interval
from flowsim.experiments import price_discovery
from flowsim.experiments.price_discovery import FACTS, HORIZONS, added, all_share, measure, systematic_share

VOLATILITY, KURTOSIS, NEXT_DAY, NEXT_MONTH = FACTS


def shares(parts: dict[str, np.ndarray]) -> dict[str, float]:
    """Measure a market in which these sources move the index; the one without systematic flows stands still."""
    shape = next(iter(parts.values())).shape
    return values_of(measure({"with": sample(shape, contribution=parts), "without": sample(shape)}))


@pytest.mark.parametrize(
    ("parts", "systematic", "everybody"),
    [
        ({"news": 2.0, "cta": 1.0, "dealer": 2.0, "noise": 5.0}, 30.0, 80.0),
        ({"news": 3.0, "cta": -1.0}, -50.0, -50.0),  # they lean against the index
        ({"news": 1.0, "policy": 1.0, "liquidity_provider": -1.0}, 0.0, -100.0),
        ({"news": 1.0, "policy": 3.0}, 0.0, 0.0),
    ],
)
@pytest.mark.parametrize("days", HORIZONS)
def test_who_makes_so_much_of_every_move_has_that_share(
    parts: dict[str, float], systematic: float, everybody: float, days: int
) -> None:
    moves = np.random.default_rng(1).normal(size=(6, 600))
    found = shares({name: part * moves for name, part in parts.items()})
    assert found[systematic_share(days)] == pytest.approx(systematic)
    assert found[all_share(days)] == pytest.approx(everybody)


def test_what_is_taken_back_the_next_day_is_half_of_a_day_and_nothing_of_two_weeks() -> None:
    # News move each path one way for half a year and then back; trend followers up and down in turn, as far.
    news = np.repeat([[1.0, -1.0, 1.0, -1.0], [-1.0, 1.0, -1.0, 1.0]], 126, axis=1)
    turns = np.broadcast_to((-1.0) ** np.arange(504), (2, 504))
    found = shares({"news": news, "cta": turns})
    assert found[systematic_share(1)] == pytest.approx(50.0)
    assert found[systematic_share(5)] == pytest.approx(100.0 / 26.0, abs=0.3)
    assert found[systematic_share(21)] == pytest.approx(100.0 / 442.0, abs=0.3)


def test_the_share_is_the_mean_over_paths_and_a_turbulent_one_counts_once() -> None:
    moves = np.random.default_rng(1).normal(size=(4, 600)) * np.array([[1.0], [1.0], [1.0], [50.0]])
    part = np.array([[0.1], [0.2], [0.3], [0.8]])
    found = shares({"news": (1.0 - part) * moves, "cta": part * moves})
    assert {days: found[systematic_share(days)] for days in HORIZONS} == pytest.approx(dict.fromkeys(HORIZONS, 35.0))


def signs(n_days: int) -> np.ndarray:
    """Return up and down in turn, two days each: a mean of zero whatever sizes come in pairs of four."""
    return np.tile([1.0, 1.0, -1.0, -1.0], n_days // 4)


def facts(sizes: np.ndarray, without: np.ndarray) -> dict[str, float]:
    """Measure what systematic flows add, from the sizes of the daily returns with and without them."""
    arms = {"with": sizes, "without": without}
    made = {name: sample((1, 400), contribution={"news": size * signs(400)}) for name, size in arms.items()}
    found = values_of(measure(made))
    return {fact: found[added(fact)] for fact in FACTS}


def test_twice_the_moves_are_twice_the_volatility_and_nothing_else() -> None:
    sizes = 0.01 * np.random.default_rng(1).uniform(0.5, 1.5, 400)
    alone = 100.0 * np.sqrt(252.0) * (sizes * signs(400)).std(ddof=1)
    grown, shrunk = facts(2.0 * sizes, sizes), facts(sizes, 2.0 * sizes)
    assert grown == pytest.approx({VOLATILITY: alone, KURTOSIS: 0.0, NEXT_DAY: 0.0, NEXT_MONTH: 0.0}, abs=1e-9)
    assert shrunk == pytest.approx({fact: -value for fact, value in grown.items()}, abs=1e-9)


def test_calm_and_storm_apart_cluster_from_day_to_day_and_in_turn_they_do_not() -> None:
    apart, in_turn = 0.01 * np.repeat([1.0, 2.0], 200), 0.01 * np.tile([1.0, 2.0], 200)
    found, opposite = facts(apart, in_turn), facts(in_turn, apart)
    # One change in 399 pairs of days, against a change every day; 20 days apart in turn comes back to the same size.
    assert found[NEXT_DAY] == pytest.approx(1.0 - 2.0 / 399.0 + 1.0, abs=0.01)
    assert found[NEXT_MONTH] == pytest.approx(-2.0 * 20.0 / 380.0, abs=0.02)
    assert (found[VOLATILITY], found[KURTOSIS]) == pytest.approx((0.0, 0.0), abs=1e-9)
    assert opposite == pytest.approx({fact: -value for fact, value in found.items()}, abs=1e-9)


def test_one_day_in_ten_of_another_size_is_kurtosis() -> None:
    # 40 of 400 days of size 3, the rest of size 1: moments 1.8 and 9 about zero, so 9 / 1.8^2 against 1 for equal days.
    sizes = np.where(np.arange(400) < 40, 3.0, 1.0)
    assert facts(sizes, np.ones(400))[KURTOSIS] == pytest.approx(9.0 / 1.8**2 - 1.0)


def told(**changes: float) -> list[str]:
    effects: dict[str, Interval] = {systematic_share(days): surely(share) for days, share in
                                    zip(HORIZONS, (61.24, 50.0, 42.5, 20.0, 7.5), strict=True)}  # fmt: skip
    effects |= {all_share(days): surely(share) for days, share in
                zip(HORIZONS, (90.0, 80.0, 63.0, 45.0, 25.0), strict=True)}  # fmt: skip
    effects |= {added(fact): surely(value) for fact, value in zip(FACTS, (1.236, 0.5, 0.01, 0.02), strict=True)}
    return price_discovery.tell(effects | {name: surely(value) for name, value in changes.items()})


def test_what_is_told_names_the_shares_and_when_fundamentals_take_over() -> None:
    assert told() == [
        "Systematic flows carry 61.2 %, 42.5 %, 7.5 % of the variance over a day, a month and a year; news and policy"
        " carry 10 %, 37 %, 75 %, so fundamentals take over at a horizon of 63 days. The rest is noise trading and"
        " other discretionary flow.",
        "Systematic flows change volatility by +1.24 points and excess kurtosis by +0.50.",
    ]


def test_what_is_told_turns_with_the_sign() -> None:
    stays = {all_share(63): 55.0, all_share(252): 51.0, added(VOLATILITY): -1.236, added(KURTOSIS): -0.5}
    shares_said, facts_said = told(**stays)
    assert "news and policy carry 10 %, 37 %, 49 %, so fundamentals do not take over within a year." in shares_said
    assert facts_said == "Systematic flows change volatility by -1.24 points and excess kurtosis by -0.50."
    assert "so fundamentals take over at a horizon of 1 day." in told(**{all_share(1): 49.0})[0]


def test_the_market_without_them_lacks_every_systematic_population_and_options() -> None:
    found = price_discovery.arms(us_equity())
    assert found["with"] == us_equity()
    bare = found["without"]
    assert {name for name, one in bare.population.items() if one.capital_bn > 0.0} == {
        "noise", "value", "dip_buyers", "tone", "liquidity", "liquidity_provider",
    }  # fmt: skip
    assert not bare.options.listed
    assert set(price_discovery.null_arms(us_equity()).values()) == {bare}


def test_the_scan_makes_systematic_populations_larger_and_nobody_else() -> None:
    twice = price_discovery.scan_arms(us_equity(), 2.0)["with"]
    assert twice.population["cta"].capital_bn == 2.0 * us_equity().population["cta"].capital_bn
    assert twice.population["noise"] == us_equity().population["noise"]
    assert not twice.options.listed
