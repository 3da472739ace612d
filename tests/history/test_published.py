"""The default market's rules on real closes against what banks published: facts/README.md in the shared folder.

Beside it, on shipped data: test_replay.py. Limits are those of the project, not of the fit.
"""

import numpy as np
import polars as pl
import pytest

from flowsim.clock.blackout import share_in_blackout
from flowsim.config import agent_parameters, load
from flowsim.data.prices import read_prices
from flowsim.data.volatility_file import read_volatility
from flowsim.engine.replay import follow, wanted_now, warm_market
from flowsim.history.levels import turning_levels
from flowsim.history.replay import replay
from flowsim.history.scenarios import daily_vol, move
from flowsim.history.speeds import by_speed

CONFIG = "us_equity"


@pytest.fixture(scope="module")
def prices(shared_folder):
    return read_prices(shared_folder / "data" / "spx_daily.csv")


@pytest.fixture(scope="module")
def recent(prices, shared_folder):
    volatility = read_volatility(shared_folder / "data" / "cboe_indices_close.csv")
    return replay(CONFIG, prices, volatility=volatility, first="2011-01-03", last="2026-04-30")


def alternating(percent: float, days: int) -> np.ndarray:
    return np.log1p(percent / 100.0 * np.where(np.arange(days) % 2 == 0, 1.0, -1.0))


def test_vol_control_decides_what_was_published(prices, recent, shared_folder):
    published = pl.read_csv(shared_folder / "facts" / "published_flows.csv")
    held = dict(
        recent.flows.filter(population="vol_control").select(pl.col("date").cast(pl.String), "exposure_bn").iter_rows()
    )
    for as_of, days, scenario, flow in published.select("as_of", "horizon_days", "scenario", "flow_bn").iter_rows():
        if scenario.startswith("realised"):
            decided = held[scenario.split()[-1]] - held[as_of]
        else:
            warm = warm_market(load(CONFIG), prices, as_of)
            row = warm.populations.index("vol_control")
            path = alternating(float(scenario.removeprefix("+-").split()[0]), days)
            decided = follow(warm, path).wanted[-1, row, 0] - wanted_now(warm)[row]
        assert decided == pytest.approx(flow, rel=0.25), (as_of, scenario)


def test_trend_followers_turn_and_stand_where_was_published(prices, shared_folder):
    published = pl.read_csv(shared_folder / "facts" / "cta_pivots.csv")
    errors = {"short": [], "medium": [], "long": [], "position": []}
    for row in published.iter_rows(named=True):
        parts = warm_market(by_speed(load(CONFIG)), prices, row["as_of"])
        for speed, level in zip(("short", "medium", "long"), turning_levels(parts), strict=True):
            if row[f"{speed}_pivot"] is not None:
                errors[speed].append(100.0 * (level / row[f"{speed}_pivot"] - 1.0))
        if row["us_long_bn"] is not None:
            errors["position"].append(wanted_now(parts).sum() - row["us_long_bn"])
    rmse = {name: float(np.sqrt(np.mean(np.square(values)))) for name, values in errors.items()}
    assert rmse["short"] <= 1.0, rmse
    assert rmse["medium"] <= 1.0, rmse
    assert rmse["long"] <= 1.3, rmse
    assert rmse["position"] <= 15.0, rmse


def test_a_week_of_falling_brings_the_published_part_of_a_month(prices, shared_folder):
    # On the dates for which both were published: two standard deviations down in a week, and in a month.
    published = pl.read_csv(shared_folder / "facts" / "cta_pivots.csv").drop_nulls(
        ("flow_1w_down_bn", "flow_1m_down_bn")
    )
    ratios = []
    for as_of in published["as_of"]:
        warm = warm_market(load(CONFIG), prices, as_of)
        row, vol = warm.populations.index("cta"), daily_vol(warm)
        week, month = (
            follow(warm, move(-2.0 * vol * np.sqrt(days), days, vol)).flow[:, row, 0].sum() for days in (5, 21)
        )
        ratios.append(week / month)
    assert 0.1 <= np.median(ratios) <= 0.35, ratios


@pytest.mark.parametrize(("date", "flow"), [("2025-04-09", (28.5 + 34.3) / 2), ("2022-09-13", -15.5)])
def test_leveraged_etfs_trade_what_was_published(recent, date, flow):
    one = recent.flows.filter(pl.col("date").cast(pl.String) == date, population="leveraged_etf")
    assert one["flow_bn"].item() == pytest.approx(flow, rel=0.3)


def test_the_share_of_issuers_in_blackout_is_the_real_one(shared_folder):
    profile = pl.read_csv(shared_folder / "facts" / "blackout_profile.csv")
    config = load(CONFIG)
    population = config.population["buyback"]
    strategy = config.strategies[population.strategy]
    lag = agent_parameters(population, strategy)[strategy.parameter_names.index("report_lag_days")]
    day = profile["rel_day"].to_numpy()
    quarter = 91
    share = share_in_blackout(np.where(day > 0, day, day + quarter), np.where(day > 0, quarter - day, -day), lag)
    assert np.abs(share - profile["mean"].to_numpy()).mean() <= 0.05


def test_past_returns_explain_the_vix_family(recent):
    explained = dict(recent.fits.select("index", "r_squared").iter_rows())
    assert min(explained[name] for name in ("VIX9D", "VIX", "VIX3M")) >= 0.85, explained
    assert explained["VIX6M"] >= 0.80, explained


def test_thirty_six_years_have_every_session(prices):
    long = replay(CONFIG, prices, first="1990-01-02", last="2026-06-30")
    assert long.market.height == len(
        prices.dates[(prices.dates >= np.datetime64("1990-01-02")) & (prices.dates <= np.datetime64("2026-06-30"))]
    )
    for closed in ("2001-09-12", "2012-10-29", "2018-12-05", "2025-01-09"):
        assert closed not in set(long.market["date"].cast(pl.String))
