"""The compiled S&P rule on real prices realizes the volatility that its index is named after.

Decays 0.94 and 0.97, at most 150 %, no buffer: the rule of the S&P 500 Daily Risk Control indices. "Two days" can be
read in two ways. If the exposure that earns day t's return comes from the volatility of day t - 2 (traded at the next
close, lag_days 1), the targets are met within 0.3 points. If a decision waits two closes to be traded (lag_days 2, as
the methodology words it), the overshoot is up to 0.4 points.
"""

from pathlib import Path

import numpy as np
import pytest
from helpers.markets import market_config, population

from flowsim.clock import sessions_after
from flowsim.data.prices import Prices, default_prices, read_prices
from flowsim.engine.parts import no_calls
from flowsim.engine.run_days import run_days
from flowsim.engine.warm_up import addresses, live_through
from flowsim.kernel.rule_kernel import block_kernel
from flowsim.market.arrays import new_scratch
from flowsim.market.calls import FINE
from flowsim.market.model import build_model
from flowsim.market.records import new_record
from flowsim.market.registry import Registry
from flowsim.market.rules import build_rules
from flowsim.market.timetable import build_timetable

TARGETS = (0.05, 0.10, 0.12, 0.15)


def realized_vols(prices: Prices, start: str, lag_days: int) -> np.ndarray:
    """Return the volatility of each fund's returns from `start` to the end of the prices, as a fraction a year."""
    execution = {"lag_days": lag_days, "profile": "close"}
    funds = {
        f"target_{target * 100:.0f}": population("vol_target_ewma", agents=1, target_vol=target, execution=execution)
        for target in TARGETS
    }
    spec = market_config(funds, time={"start": start}).spec()
    kernels = [block_kernel(fund.strategy) for fund in spec.populations]
    registry, day = Registry(tuple(spec.names)), np.datetime64(start)
    before = prices.require_history(day, 253 + 252, "the test")
    state, _ = live_through(spec, registry, kernels, before)
    closes = prices.close[np.searchsorted(prices.dates, day) :]
    returns = np.diff(np.log(closes))
    dates = sessions_after(day, len(returns) + 1).dates
    timetable = build_timetable(spec, dates, 1, returns)
    rules = build_rules(spec, registry, addresses(kernels), len(returns), 1)
    record = new_record(len(returns), registry, ("positions",), by_step=False, every=1)
    model = build_model(spec, registry, float(closes[0]), replaying=True)
    arrays = (timetable, rules, model, state, new_scratch(registry), record, no_calls(len(returns)))
    assert run_days(*arrays, 0, len(returns), 0, 64) == FINE
    exposure = record.exposure[:, : len(TARGETS), 0] / 100.0
    fund_returns = exposure[:-1] * np.expm1(returns[1:])[:, None]
    return np.sqrt(252 * np.mean(fund_returns**2, axis=0))


@pytest.mark.parametrize(("lag_days", "points"), [(1, 0.3), (2, 0.4)])
def test_the_rule_realizes_its_target_on_the_index_since_2010(
    shared_folder: Path, lag_days: int, points: float
) -> None:
    prices = read_prices(shared_folder / "data" / "spx_daily.csv")
    np.testing.assert_allclose(realized_vols(prices, "2009-12-31", lag_days), TARGETS, atol=points / 100)


def test_the_rule_comes_near_its_target_on_the_shipped_index_since_2001() -> None:
    # Ours, not published: 2001-2018 overshoots as 2010-2026 does.
    found = realized_vols(default_prices(), "2001-01-03", lag_days=2)
    np.testing.assert_allclose(found, [0.0521, 0.1038, 0.1237, 0.1503], atol=0.0001)
