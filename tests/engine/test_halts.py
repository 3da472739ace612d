"""Circuit breakers stop trading and the price, and news waits."""

import numpy as np
from helpers.markets import Block, market_config, population, simulated

from flowsim.clock import sessions_after
from flowsim.market.timetable import build_timetable

CRASHES = {"jumps_per_year": 100, "jump_mean_bp": -900, "jump_vol_bp": 0}
CALM = dict.fromkeys(("drift_pct_per_year", "daily_news_vol", "payrolls_bp", "cpi_bp", "gdp_bp"), 0)
SILENT_FED = {"price_effect_pct": 0}


def crashed(populations: dict, **tables: object) -> Block:
    settings = {"fundamental": CALM | CRASHES, "policy": SILENT_FED} | tables
    return simulated(market_config(populations, **settings), by_bar=True)


def halted(flow: np.ndarray, bars: np.ndarray) -> np.ndarray:
    """Return where noise traders, who always trade, could not, (rows, paths)."""
    return (flow == 0.0) & bars[:, None]


def bars_of(block: Block) -> np.ndarray:
    """Return which rows are bars: noise trades in some path."""
    return (block.record.flow[:, 2] != 0.0).any(axis=1)


def test_a_fall_of_nine_percent_halts_the_half_hour_after_it() -> None:
    # One jump of -9 % trips the breaker at -7 % and no other; the bar after it is halted, if there is one.
    block = crashed({"noise": population("noise_trading", capital_bn=1e-6)})
    stopped, jumped = halted(block.record.flow[:, 2], bars_of(block)), block.record.contribution[:, 0] < -0.08
    nights = np.flatnonzero(~bars_of(block))
    checked = 0
    for first, end in zip(nights, [*nights[1:], len(jumped)], strict=True):
        for path in np.flatnonzero(jumped[first:end].sum(axis=0) == 1):
            step = int(jumped[first:end, path].argmax())
            wanted = [step + 1] if first + step + 1 < end else []
            assert np.flatnonzero(stopped[first:end, path]).tolist() == wanted
            checked += 1
    assert checked > 50


def test_news_of_a_halt_meets_the_price_when_trading_resumes() -> None:
    block = crashed({"noise": population("noise_trading")}, fundamental=CALM | CRASHES | {"daily_news_vol": 0.006})
    stopped = halted(block.record.flow[:, 2], bars_of(block))
    assert stopped.sum() > 20
    assert (block.record.contribution[:, 0][stopped] == 0.0).all()
    # Nothing is lost: over the run, value has moved by what the price was told, but for halts on the last day.
    told = block.record.contribution[:, 0].sum(axis=0)
    start = np.log(block.record.market[0, 2]) - block.record.contribution[0, 0]
    moved = np.log(block.record.market[-1, 2]) - start
    finished = ~stopped[-1]
    np.testing.assert_allclose(told[finished], moved[finished], atol=1e-12)


def test_orders_of_a_halt_trade_when_it_is_over() -> None:
    noise = {"noise": population("noise_trading")}
    halting = crashed(noise)
    free = crashed(noise, market={"circuit_breakers": False})
    stopped = halted(halting.record.flow[:, 2], bars_of(halting))
    assert stopped.sum() > 20
    finished = ~stopped[-1]
    np.testing.assert_allclose(
        halting.record.flow[:, 2].sum(axis=0)[finished], free.record.flow[:, 2].sum(axis=0)[finished], atol=1e-9
    )


def test_the_price_stands_still_in_a_halt() -> None:
    block = crashed({"noise": population("noise_trading")}, policy={})
    stopped = halted(block.record.flow[:, 2], bars_of(block))
    assert stopped.sum() > 20
    assert (block.log_returns[stopped] == 0.0).all()


def test_nothing_is_traded_ahead_in_a_halt() -> None:
    savers = population("passive_inflow", anticipated=1.0)
    block = crashed({"noise": population("noise_trading"), "savers": savers}, market={"anticipation_days": 5})
    stopped = halted(block.record.flow[:, 2], bars_of(block))
    assert stopped.sum() > 20
    assert (block.log_returns[stopped] == 0.0).all()


def test_the_first_two_breakers_act_before_the_last_35_minutes_of_any_day() -> None:
    # In bars of five minutes, the last to begin before 15:25 is bar 71, before 12:25 of a half day bar 35.
    config = market_config(time={"bars_per_day": 78})
    timetable = build_timetable(config.spec(), sessions_after(np.datetime64("2018-11-15"), 10).dates, 78)
    assert timetable.last_halt_step.tolist() == [71, 35]
