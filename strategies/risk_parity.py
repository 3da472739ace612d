"""Risk parity: give equities the same share of risk every week.

A fund weighs equities by the inverse of a slow volatility and rebalances on one day of the week, unless that is a
holiday.
It is the slow sibling of the vol-target fund: the same sign, a longer memory, a weekly step.

Feedback: it goes on selling for months after volatility has risen, when vol-control funds have long stopped.

Source: Qian (2005), "Risk Parity Portfolios: Efficient Portfolios through True Diversification"; half-life and
weekly step are the practice reported for the large funds.
"""

import math

from flowsim.strategy import Annotated, Field, Law, NamedTuple, View, strategy

# A tenth of a percent a year: no index has been so quiet, and on a flat market nothing divides by zero.
LOWEST_VOL = 0.001


class Fund(NamedTuple):
    """One fund."""

    capital_bn: Annotated[float, Field("assets under management", "USD bn", 0.0)]
    equity_risk: Annotated[float, Field("volatility that equities may bring", "annualized, as a fraction", 0.001, 1.0)]
    cap: Annotated[float, Field("largest equity exposure", "x capital", 0.0, 10.0)]
    half_life_days: Annotated[float, Field("half-life of the variance it looks at", "sessions", 1.0, 1000.0)]
    rebalance_weekday: Annotated[float, Field("day of the weekly trade, 0 = Monday", "", 0.0, 4.0, (0, 1, 2, 3, 4))]


class Held(NamedTuple):
    """Exposure in units of capital, and the daily variance the fund looks at."""

    exposure: float = 0.0
    variance: float = 0.0


def start(view: View, fund: Fund) -> Held:
    """Start at the last quarter's variance."""
    return Held(variance=view.rv_63 * view.rv_63 / 252.0)


@strategy(
    clock="day",
    source='Qian (2005), "Risk Parity Portfolios"',
    lookback_days=lambda fund: 4.0 * fund.half_life_days,
    start=start,
    laws=(
        Law("exposure_within", {"low": 0.0, "high": "cap"}),
        Law("silent_unless", {"field": "weekday", "equals": "rebalance_weekday"}),
        Law("acts_on", {"fields": ("day_return", "weekday"), "alone": True}),
    ),
    examples=(Fund(350.0, equity_risk=0.05, cap=0.7, half_life_days=60.0, rebalance_weekday=2.0),),
)
def risk_parity(view: View, fund: Fund, held: Held, noise: float) -> tuple[Held, float]:
    """Once a week, move equity exposure to equity_risk over slow volatility."""
    keep = math.exp(-math.log(2.0) / fund.half_life_days)
    variance = keep * held.variance + (1.0 - keep) * view.day_return * view.day_return
    vol = max(math.sqrt(252.0 * variance), LOWEST_VOL)
    wanted = min(fund.cap, fund.equity_risk / vol)
    traded = wanted - held.exposure if view.weekday == fund.rebalance_weekday else 0.0
    return Held(held.exposure + traded, variance), traded * fund.capital_bn
