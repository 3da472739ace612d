"""Every parameter of every rule acts: moving it moves what the rule trades.

The parameters are walked from the strategies; a new strategy needs its line in `SENSIBLE`, and in `TO` where a fifth
less of a parameter cannot be or does nothing.
"""

from functools import cache

import numpy as np
import pytest
from helpers.markets import BUILT_IN, PROGRAMMES, SENSIBLE, market_config, population, simulated, with_company

# Caps and limits that do not bind must be moved until they do.
TO: dict[tuple[str, str], object] = {
    ("buyback", "quarter_limit"): 0.3,
    ("buyback", "report_lag_days"): 60,
    ("buyback", "quiet_days"): 40,
    ("cta", "cap"): 0.2,
    ("cta_breakout", "cap"): 0.2,
    ("cta_momentum", "cap"): 0.2,
    ("cta_baz", "cap"): 0.2,
    ("cta_breakout", "horizon_days"): 21,
    ("cta_momentum", "horizon_days"): 21,
    ("leveraged_etf", "leverage"): 1.5,
    ("leveraged_value", "max_leverage"): 0.01,
    ("leveraged_value", "closed_days"): 5,
    ("pension_rebalance", "quarterly"): 0,
    ("pension_rebalance", "sessions_ahead"): 1,
    ("risk_parity", "cap"): 0.1,
    ("risk_parity", "rebalance_weekday"): 3,
    ("value_investing", "largest_gap"): 0.001,
    ("vol_target", "cap"): 0.2,
    ("vol_target_average", "cap"): 0.2,
    ("vol_target_ewma", "cap"): 0.2,
    ("vol_target", "buffer"): 0.1,
    ("vol_target_ewma", "buffer"): 0.1,
    ("put_hedging", "months_ahead"): 3,
    ("overwriting", "strike"): 1.05,
    ("collar", "month_offset"): 0,
    ("meeting_hedging", "days_before"): 4,
    ("release_hedging", "days_before"): 3,
    ("weekly_buying", "put_strike"): 0.9,
    ("weekly_buying", "call_strike"): 1.05,
    ("zero_day_trading", "put_strike"): 0.97,
    ("zero_day_trading", "call_strike"): 1.03,
    ("option_noise_trading", "strike"): 0.9,
    ("option_noise_trading", "weeks_ahead"): 5,
    ("vol_selling", "call_strike"): 1.06,
    ("vol_selling", "weeks_ahead"): 4,
    ("option_dealer", "bars_between"): 4,
}
PARAMETERS = [(name, parameter) for name, rule in BUILT_IN.items() for parameter in rule.parameter_names]


@cache
def trades_of(name: str, parameter: str = "", factor: float = 1.0) -> np.ndarray:
    """Return the flows of a population beside noise traders, with one of its parameters moved.

    Of a programme, which trades options alone, the greeks of what it holds.
    """
    changes = {}
    if parameter:
        about = SENSIBLE[name][parameter]
        values = [factor * value for value in about] if isinstance(about, list) else factor * about
        changes = {parameter: TO.get((name, parameter), values)}
    agents = population(name)["agents"]
    config = market_config(
        with_company({"one": population(name, agents=agents, **changes), "noise": population("noise_trading")}),
        time={"days": 35},
        liquidity={"vol": 1.0},
        sentiment={"response": 1.0, "threshold": 0.5},
    )
    block = simulated(config)
    return block.options.record.sums[:, 0] if name in PROGRAMMES else block.record.flow[:, 2]


@pytest.mark.parametrize(("name", "parameter"), PARAMETERS)
def test_moving_a_parameter_of_a_rule_moves_its_orders(name: str, parameter: str) -> None:
    assert (trades_of(name) != trades_of(name, parameter, 0.8)).any()
