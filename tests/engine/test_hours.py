"""The night and the hours: whose trades move the price by how much, and when variance comes."""

import numpy as np
import pytest
from helpers.markets import market_config, population, simulated

from flowsim.engine.prepare import prepare

HOURS = {
    "overnight_share": 0.4,
    "overnight_volume": 0.15,
    "auction_variance_share": 0.0,
    "edge_to_midday_variance": 2.5,
}
PERMANENT = {"depth_elasticity": 0, "transient_share": 0}
SILENT = {
    "fundamental": {"daily_news_vol": 0, "drift_pct_per_year": 0, "payrolls_bp": 0, "cpi_bp": 0, "gdp_bp": 0},
    "policy": {"price_effect_pct": 0},
}
CALM_IMPACT = 5.0 / 60_000.0
FULL = 0


def timetable(**market):
    return prepare(market_config(market=market)).timetable


def trading(strategy, by_bar=True, days=20, **market):
    """Step a market in which one population trades and nothing else moves the price."""
    return simulated(
        market_config({"one": population(strategy)}, market=PERMANENT | market, time={"days": days}, **SILENT),
        by_bar=by_bar,
    )


def test_where_variance_comes_as_volume_does_impact_is_the_same_in_every_bar():
    found = timetable()
    assert (found.thinness[found.volume > 0.0] == 1.0).all()


def test_an_order_that_follows_the_volume_of_a_session_has_the_impact_of_the_multiplier():
    found = timetable(**HOURS)
    session = slice(1, None)
    assert (found.volume * found.thinness)[FULL, session].sum() == pytest.approx(1.0)


def test_impact_is_the_deviation_of_a_step_over_what_trades_in_it():
    found = timetable(**HOURS)
    ratio = np.sqrt(found.fraction[FULL] / found.volume[FULL]) / found.thinness[FULL]
    np.testing.assert_allclose(ratio, ratio[0])
    # 0.4 of variance for 0.15 of volume, against 0.6 for 1: a dollar moves a night 2.1 times as much as a session.
    night, average = found.thinness[FULL, 0], np.sqrt(((found.volume * found.thinness**2)[FULL, 1:]).sum())
    assert night / average == pytest.approx(np.sqrt(0.4 / 0.15 / 0.6))
    assert found.thinness[FULL, -1] < 0.8 < 1.0 < night


def test_at_night_only_those_trade_who_declare_it_and_only_where_there_is_volume():
    quiet, dark = trading("noise_trading", **HOURS), trading("noise_trading", **HOURS | {"overnight_volume": 0.0})
    assert (quiet.record.flow[0, -1] != 0.0).all()
    assert (dark.record.flow[0, -1] == 0.0).all()
    value = simulated(
        market_config(
            {"one": population("value_investing")},
            market=HOURS,
            fundamental=SILENT["fundamental"] | {"initial_gap_pct": 10},
            policy=SILENT["policy"],
        ),
        by_bar=True,
    )
    assert (value.record.flow[0, -1] == 0.0).all()
    assert (value.record.flow[1, -1] > 0.0).all()


def test_a_flow_moves_the_price_by_the_impact_of_its_step():
    block = trading("noise_trading", **HOURS)
    found = timetable(**HOURS)
    for step in (0, 1, 6, 13):
        moved = block.log_returns[step] / block.record.flow[step, -1]
        np.testing.assert_allclose(moved, found.thinness[FULL, step] * CALM_IMPACT, rtol=1e-9)


def test_the_variance_of_noise_comes_by_the_hours_of_the_config():
    # 64 paths of 60 days: a variance has a standard error of sqrt(2 / 3,840), 2.3 % of itself.
    block = trading("noise_trading", days=60, **HOURS)
    found = timetable(**HOURS)
    kinds = prepare(market_config(time={"days": 60})).timetable
    steps = np.concatenate([np.arange(bars + 1) for bars in kinds.bars])
    full = np.repeat(kinds.kind == FULL, kinds.bars + 1)
    variance = np.array([block.log_returns[full & (steps == step)].var() for step in range(14)])
    np.testing.assert_allclose(variance / variance.sum(), found.fraction[FULL], rtol=0.12)
