"""What given flows do to a price by the law of impact, held against the law written out and against the engine."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from flowsim import simulate
from flowsim.clock import sessions
from flowsim.config import load
from flowsim.data.prices import Prices, default_prices
from flowsim.errors import InputError
from flowsim.experiments.arms import without_options
from flowsim.history.attribution import REST
from flowsim.history.impact import ImpactLaw, contributions, law_of, thinness_of
from flowsim.history.replay import replay
from flowsim.market.timetable import build_timetable

LINEAR = ImpactLaw("linear", 5.0, np.array([0.31]), np.array([2.0]))
NOT_IN_A_DAY = (  # What trades on the day's own return sees another one where the price is given.
    "leveraged_etf", "dealer", "buyback",
)  # fmt: skip
FIRST_HALF_DAY = 126
"""Session of 2019-07-03. In a simulation less impact decays in half a day; an attribution takes all days as whole."""


def test_a_single_flow_moves_at_once_and_its_transient_part_goes_again():
    flow = np.zeros((4, 1))
    flow[0] = 10.0
    found = contributions(flow, np.full(4, 1e-4), LINEAR)[:, 0]
    left = 0.31e-3 * np.exp(-2.0 * np.arange(4))
    np.testing.assert_allclose(found, [1e-3, *np.diff(left)], rtol=1e-12)


def test_every_mode_decays_at_its_own_rate_and_all_is_in_proportion_to_depth():
    law = ImpactLaw("propagator", 5.0, np.array([0.6, 0.4]), np.array([0.5, 0.1]))
    flow = np.random.default_rng(1).standard_normal((30, 3))
    impact = np.linspace(1e-4, 3e-4, 30)
    expected = np.zeros((30, 3))
    for day in range(30):
        for later in range(day, 30):
            age = later - day
            for weight, rate in zip(law.weight, law.rate, strict=True):
                lost = np.exp(-rate * age) - np.exp(-rate * (age - 1)) if age else 1.0
                expected[later] += weight * lost * impact[day] * flow[day]
    np.testing.assert_allclose(contributions(flow, impact, law), expected, atol=1e-15)
    np.testing.assert_allclose(contributions(flow, 2.0 * impact, law), 2.0 * expected, atol=1e-15)


def test_a_law_in_which_flows_are_not_apart_is_refused():
    law = law_of(load("us_equity", ["market.impact=square_root"]).spec())
    with pytest.raises(InputError, match=r"market\.impact = square_root"):
        contributions(np.zeros((2, 1)), np.ones(2), law)


def test_what_trades_at_the_close_alone_moves_less_where_the_market_is_deeper_there():
    spec = load("us_equity").spec()
    found = thinness_of(spec)
    bars = spec.time.bars_per_day
    there = build_timetable(spec, sessions("2019-01-02", "2019-01-03").dates, bars).thinness[0]
    assert found["vol_control"] == found["leveraged_etf"] == pytest.approx(there[bars])
    assert found["cta"] == pytest.approx(1.0)


@pytest.fixture(scope="module")
def twice():
    """A made price file, whose moves a simulated market made with known flows, and the replay along it."""
    config = without_options(load("us_equity")).override(
        {
            "liquidity.vol": 0.0,
            "market.depth_elasticity": 0.8,
            "population.vol_control.capital_bn": 2400,
            "population.cta.capital_bn": 400,
            **{f"population.{name}.capital_bn": 0 for name in NOT_IN_A_DAY},
            # An order worked in bars begins to decay within its session.
            "time.bars_per_day": 1,
            "time.days": 756,
        }
    )
    run = simulate(config, 1)
    close = run.to_polars("market").sort("date")["price"].to_numpy()
    dates = run.to_polars("market").sort("date")["date"].to_numpy().astype("datetime64[D]")
    shipped = default_prices()
    made = Prices(np.append(shipped.dates, dates), np.append(shipped.close, close), "made.csv")
    return run, replay(config, made, first=str(dates[0]))


@pytest.mark.parametrize("name", ["vol_control", "cta", "risk_parity", "pension", "passive"])
def test_what_made_the_prices_is_found_again(twice, name):
    run, along = twice
    made = run.to_polars("flows").filter(pl.col("source") == name).sort("date")["contribution"].to_numpy()
    found = along.attribute().contributions.filter(source=name)["contribution"].to_numpy()
    assert np.abs(made).max() > 1e-4
    np.testing.assert_allclose(found[:FIRST_HALF_DAY], made[:FIRST_HALF_DAY], atol=1e-12)
    np.testing.assert_allclose(found, made, atol=0.05 * np.abs(made).max())


def test_the_share_that_was_planted_is_given_back(twice):
    run, along = twice
    known = along.systematic
    made = (
        run.to_polars("flows").filter(pl.col("source").is_in(known)).group_by("date").agg(pl.col("contribution").sum())
    )
    part = made.sort("date")["contribution"].to_numpy()
    returns = along.market["log_return"].to_numpy()
    planted = 100.0 * np.cov(part, returns)[0, 1] / returns.var(ddof=1)
    found = along.attribute().shares.filter(state="all", horizon_days=1, source="systematic flows", multiplier=5.0)
    assert planted > 5.0
    assert found["share_pct"][0] == pytest.approx(planted, abs=0.1)


def test_contributions_add_up_to_the_return_whatever_the_law(twice):
    _, along = twice
    whole = along.attribute().contributions.group_by("date").agg(pl.col("contribution").sum()).sort("date")
    np.testing.assert_allclose(whole["contribution"].to_numpy(), along.market["log_return"].to_numpy(), atol=1e-15)
    assert replace(along).attribute().contributions.filter(source=REST).height == along.market.height
