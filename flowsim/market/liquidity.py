"""What liquidity providers look at, and the slow state of system liquidity.

Their volatility mixes four horizons, because risk budgets are set on several clocks: one short horizon alone loses
the long memory of absolute returns. System liquidity (Treasury account, reserve purchases, reverse repo) is an
exogenous state around a scripted level: no credible elasticity of prices to it is published, so it is a scenario.
"""

from __future__ import annotations

from flowsim.kernel.functions import sqrt
from flowsim.kernel.marks import inline

TRADING_DAYS = 252.0


@inline
def mixed_vol(v0: float, v1: float, v2: float, v3: float, model) -> float:
    """Return the annualized volatility of the mix of four exponentially weighted daily variances."""
    variance = model.weight_0 * v0 + model.weight_1 * v1 + model.weight_2 * v2 + model.weight_3 * v3
    return sqrt(TRADING_DAYS * variance)


@inline
def next_state(state: float, z: float, keep: float, vol: float) -> float:
    """Return the next day's value of a stationary autoregression with standard deviation `vol`."""
    return keep * state + vol * sqrt(1.0 - keep * keep) * z
