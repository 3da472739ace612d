"""Trading time: bars in which much happens come in bursts, and move news, orders and caps together."""

import numpy as np
import pytest
from helpers.markets import market_config, population, simulated

BARS, DAYS = 13, 55
BURSTS = {"activity_vol": 0.9, "activity_half_life_sessions": 0.4}
LINEAR = {"depth_elasticity": 0, "transient_share": 0}
NO_DATES = {"payrolls_bp": 0, "cpi_bp": 0, "gdp_bp": 0, "drift_pct_per_year": 0}


def by_bar(days: int = DAYS, **market: object):
    """Step a market of noise traders; return flows and news of its full sessions, (days, steps, lanes) each."""
    config = market_config(
        {"noise": population("noise_trading")},
        market=LINEAR | {"overnight_volume": 0.15} | market,
        fundamental=NO_DATES,
        policy={"price_effect_pct": 0},
        time={"start": "2018-08-31", "days": days},
    )
    record = simulated(config, by_bar=True).record
    shape = (-1, BARS + 1, record.flow.shape[-1])
    return record.flow[:, -1].reshape(shape), record.contribution[:, 0].reshape(shape)


@pytest.fixture(scope="module")
def usual():
    return by_bar()


@pytest.fixture(scope="module")
def bursts():
    return by_bar(**BURSTS)


def burstiness(steps: np.ndarray) -> float:
    """Return the correlation of sizes with those of the next bar of a session, each over the mean of its bar."""
    sizes = np.abs(steps[:, 1:])
    sizes = sizes / sizes.mean(axis=(0, 2), keepdims=True)
    return float(np.corrcoef(sizes[:, :-1].ravel(), sizes[:, 1:].ravel())[0, 1])


def test_trading_time_is_the_usual_on_average(usual, bursts):
    for calm, active in zip(usual, bursts, strict=True):
        ratio = (active[:, 1:] ** 2).mean(axis=(0, 2)) / (calm[:, 1:] ** 2).mean(axis=(0, 2))
        assert ratio == pytest.approx(np.ones(BARS), abs=0.25)
        assert ratio.mean() == pytest.approx(1.0, abs=0.08)


def test_active_bars_follow_active_ones_in_orders_and_in_news(usual, bursts):
    for calm, active in zip(usual, bursts, strict=True):
        assert abs(burstiness(calm)) < 0.02
        assert burstiness(active) > 0.15


def test_it_is_the_size_of_draws_and_no_draw_that_changes(usual, bursts):
    """The same activity for news and orders: both grow by one root of it, which is 1 at night."""
    by_orders, by_news = (active / calm for calm, active in zip(usual, bursts, strict=True))
    np.testing.assert_allclose(by_orders, by_news, rtol=1e-9)
    assert by_orders[:, 0] == pytest.approx(1.0)
    assert (by_orders > 0.0).all()
    x = 2.0 * np.log(by_orders[:, 1:]) + 0.5 * BURSTS["activity_vol"] ** 2
    assert x.std() == pytest.approx(BURSTS["activity_vol"], rel=0.05)
    assert np.corrcoef(x[:, :-1].ravel(), x[:, 1:].ravel())[0, 1] == pytest.approx(0.5 ** (1 / (0.4 * BARS)), abs=0.03)


def test_a_burst_is_forgotten_over_a_night_as_over_a_session(usual, bursts):
    x = 2.0 * np.log(bursts[0][:, 1:] / usual[0][:, 1:])
    kept = np.corrcoef(x[:-1, -1].ravel(), x[1:, 0].ravel())[0, 1]
    assert kept == pytest.approx(0.5 ** (1 / 0.4 + 1 / (0.4 * BARS)), abs=0.06)


def test_a_cap_is_a_part_of_what_trades_in_the_bar():
    capped = {"execution": {"participation_cap": 0.0001, "profile": "vwap"}}
    week = {"start": "2018-08-31", "days": 5}
    config = market_config({"savers": population("passive_inflow", **capped)}, market=LINEAR | BURSTS, time=week)
    flow = simulated(config, by_bar=True).record.flow[:, -1].reshape(-1, BARS + 1, 64)[:, 1:]
    usual = simulated(config.override("market.activity_vol=0"), by_bar=True).record.flow[:, -1]
    ratio = flow / usual.reshape(-1, BARS + 1, 64)[:, 1:]
    assert ratio.std() > 0.5
