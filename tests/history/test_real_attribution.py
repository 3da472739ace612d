"""Shares of systematic flows on the real closes of the S&P 500. Beside it, on made closes: test_whose_move.py.

They are held against an independent script, which knows closes and flows alone and has a law of its own: .31 of
an impact gone at two a day, and depth that follows an average of past volatility, at all hours alike.
"""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from flowsim.data.prices import read_prices
from flowsim.history.impact import ImpactLaw
from flowsim.history.replay import replay

SHARES = {1: 3.9, 5: 5.7, 21: 6.9, 63: 1.0}
"""Percent at M = 5."""
EPISODES = {"February 2018": -2.1, "March 2020": -4.2, "August 2024": -0.7, "April 2025": -1.4, "autumn 2025": 0.75}
HALF_LIVES, WEIGHTS = np.array([3.0, 17.0, 70.0, 280.0]), np.array([0.38, 0.19, 0.29, 0.14])


def impact_bp(close: np.ndarray) -> np.ndarray:
    """Return what a bn moves on each day after the first close, by the script."""
    returns = np.diff(np.log(close))
    keep, variance = 0.5 ** (1.0 / HALF_LIVES), np.full(4, returns[:2520].var())
    found = np.empty(len(returns))
    for day, moved in enumerate(returns):
        found[day] = (np.sqrt(252.0 * (WEIGHTS * variance).sum()) / 0.137) ** 0.8
        variance = keep * variance + (1.0 - keep) * moved**2
    return 1e4 * 5.0 / 60_000.0 * found


@pytest.fixture(scope="module")
def found(shared_folder):
    prices = read_prices(shared_folder / "data" / "spx_daily.csv")
    along = replay("us_equity", prices, first="2007-01-03")
    inside = np.isin(prices.dates[1:], along.market["date"].to_numpy())
    market = along.market.with_columns(impact_bp=pl.Series(impact_bp(prices.close)[inside]))
    law = ImpactLaw("linear", 5.0, np.array([0.31]), np.array([2.0]))
    return replace(along, market=market, law=law, thinness=dict.fromkeys(along.thinness, 1.0)).attribute()


@pytest.mark.slow
@pytest.mark.parametrize("days", SHARES)
def test_shares_are_those_of_an_independent_script(found, days):
    one = found.shares.filter(
        sample=found.shares["sample"][0], state="all", source="systematic flows", multiplier=5.0, horizon_days=days
    )
    assert one["share_pct"][0] == pytest.approx(SHARES[days], abs=0.15)


@pytest.mark.slow
@pytest.mark.parametrize("name", EPISODES)
def test_episodes_are_those_of_an_independent_script(found, name):
    one = found.episodes.filter(episode=name, source="systematic flows", multiplier=5.0)
    assert one["contribution_pct"][0] == pytest.approx(EPISODES[name], abs=0.1)
