"""The episodes of the document: each starts on its date, from a stand-in where the shipped closes end before."""

import numpy as np
import pytest

from flowsim.config import load
from flowsim.data.prices import default_prices, read_prices
from flowsim.engine.prepare import configured_prices
from flowsim.ensemble.simulation import simulate
from flowsim.errors import InputError

EPISODES = (
    "february_2018_products",
    "august_2017_products",
    "autumn_2025",
    "august_2024",
    "february_2018",
    "liquidity_2026",
    "buyback_season",
    "expiry_week",
)


@pytest.mark.parametrize("name", EPISODES)
def test_an_episode_runs_as_it_comes(name: str) -> None:
    config = load(name, ["time.days=3", 'record={tables=["market"], grain="day", every=1}'])
    run = simulate(config, 2, threads=1)
    assert run.to_polars("market").height == 6
    assert str(run.start) == str(config.time.start)


def test_a_stand_in_keeps_returns_and_moves_dates() -> None:
    config, shipped = load("autumn_2025"), default_prices()
    moved = configured_prices(config)
    end = int(np.searchsorted(shipped.dates, np.datetime64(config.history.stand_in)))
    assert moved.dates[-1] == np.datetime64(config.time.start)
    assert moved.close[-1] == shipped.close[end]
    assert np.array_equal(moved.close, shipped.close[: end + 1])
    assert "standing in" in moved.source


def test_closes_that_reach_the_start_need_no_stand_in() -> None:
    config = load("february_2018", ["history.stand_in=2016-11-01"])
    assert configured_prices(config).digest == default_prices().digest


def test_real_closes_take_the_place_of_a_stand_in(shared_folder) -> None:
    prices = read_prices(shared_folder / "data" / "spx_daily.csv")
    run = simulate(load("autumn_2025", ["time.days=1"]), 1, prices=prices, threads=1)
    day = np.searchsorted(prices.dates, np.datetime64("2025-10-29"))
    assert run.history["close"][-1] == prices.close[day]


def test_a_stand_in_that_is_no_session_of_the_series_is_refused() -> None:
    with pytest.raises(InputError, match=r"history\.stand_in = 2019-01-03"):
        configured_prices(load("autumn_2025", ["history.stand_in=2019-01-03"]))


def test_the_odds_of_autumn_2025_fall_and_return_and_value_stays() -> None:
    market = simulate(load("autumn_2025"), 2, threads=1).to_polars("market").filter(path=0)
    odds = market["cut_probability"].to_numpy()
    assert odds[0] == 0.88
    assert odds.min() == pytest.approx(0.30)
    assert odds[-1] == pytest.approx(0.87)
    assert market["fundamental"].n_unique() == 1
