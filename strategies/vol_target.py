"""Volatility-target funds: hold so much of the index that its risk is constant.

A fund scales its exposure to target / realized volatility, capped, and leaves it alone inside a buffer.
Three estimators are in use: the banks' vol-control proxy takes the higher of one and three months, S&P's Daily Risk
Control the higher of two exponentially weighted variances of two-day returns, the "average" index of 20 and 40 days.
Both indices act on volatility two days old, and so does a fund here whose order trades at the next session's close.

Feedback: a rise of volatility makes them sell into it, a calm spell makes them buy; a shock leaves a three-month
window 63 sessions later, and they buy back.

Sources: S&P Dow Jones Indices, "Index Mathematics Methodology", Risk Control Indices; Moreira and Muir (2017),
"Volatility-Managed Portfolios".
"""

import math

from flowsim.strategy import Annotated, Field, Law, NamedTuple, View, strategy

# A tenth of a percent a year: no index has been so quiet, and on a flat market nothing divides by zero.
LOWEST_VOL = 0.001

LAWS = (
    Law("exposure_within", {"low": 0.0, "high": "cap"}),
    Law("silent_inside_buffer", {"buffer": "buffer"}),
    Law("forgets_where_it_came_from", {"buffer": "buffer"}),
)


class Fund(NamedTuple):
    """One fund."""

    capital_bn: Annotated[float, Field("assets under management", "USD bn", 0.0)]
    target_vol: Annotated[float, Field("volatility the fund aims at", "annualized, as a fraction", 0.01, 1.0)]
    cap: Annotated[float, Field("largest exposure", "x capital", 0.0, 10.0)]
    buffer: Annotated[float, Field("gap to the wanted exposure that is left alone", "x capital", 0.0, 1.0)]


class Held(NamedTuple):
    """What one fund holds, in units of its capital."""

    exposure: float = 0.0


def toward(wanted: float, exposure: float, buffer: float) -> float:
    """Return the trade that closes the gap, or nothing inside the buffer."""
    gap = wanted - exposure
    return gap if abs(gap) > buffer else 0.0


@strategy(
    clock="day",
    source="Nomura and Goldman Sachs desk notes 2018-2025: the higher of one- and three-month realized volatility",
    lookback_days=63,
    laws=(
        *LAWS,
        Law("risk_at_most", {"vol": ("rv_21", "rv_63"), "most": "target_vol", "buffer": "buffer"}),
        Law("decreasing_in", {"fields": ("rv_21", "rv_63")}),
        Law("acts_on", {"fields": ("rv_21", "rv_63"), "alone": True}),
        Law("reaches_its_target"),
    ),
    examples=(Fund(240.0, target_vol=0.10, cap=1.5, buffer=0.025),),
)
def vol_target(view: View, fund: Fund, held: Held, noise: float) -> tuple[Held, float]:
    """Hold target_vol over the higher of one- and three-month realized volatility."""
    wanted = min(fund.cap, fund.target_vol / max(view.rv_21, view.rv_63, LOWEST_VOL))
    traded = toward(wanted, held.exposure, fund.buffer)
    return Held(held.exposure + traded), traded * fund.capital_bn


@strategy(
    clock="day",
    source="S&P Dow Jones Indices, S&P 500 Average Daily Risk Control 10% Index:"
    " the higher of 20- and 40-day volatility",
    lookback_days=40,
    laws=(
        *LAWS,
        Law("risk_at_most", {"vol": ("rv_20", "rv_40"), "most": "target_vol", "buffer": "buffer"}),
        Law("decreasing_in", {"fields": ("rv_20", "rv_40")}),
        Law("acts_on", {"fields": ("rv_20", "rv_40"), "alone": True}),
        Law("reaches_its_target"),
    ),
    examples=(Fund(100.0, target_vol=0.10, cap=1.5, buffer=0.05),),
)
def vol_target_average(view: View, fund: Fund, held: Held, noise: float) -> tuple[Held, float]:
    """Hold target_vol over the higher of 20- and 40-day realized volatility."""
    wanted = min(fund.cap, fund.target_vol / max(view.rv_20, view.rv_40, LOWEST_VOL))
    traded = toward(wanted, held.exposure, fund.buffer)
    return Held(held.exposure + traded), traded * fund.capital_bn


class IndexedFund(NamedTuple):
    """One fund that follows a Daily Risk Control index."""

    capital_bn: Annotated[float, Field("assets under management", "USD bn", 0.0)]
    target_vol: Annotated[float, Field("volatility the index aims at", "annualized, as a fraction", 0.01, 1.0)]
    cap: Annotated[float, Field("largest exposure", "x capital", 0.0, 10.0)]
    buffer: Annotated[float, Field("gap to the wanted exposure that is left alone", "x capital", 0.0, 1.0)]
    short_decay: Annotated[float, Field("daily decay of the short-term variance", "", 0.5, 0.999)]
    long_decay: Annotated[float, Field("daily decay of the long-term variance", "", 0.5, 0.999)]


class Tracked(NamedTuple):
    """Exposure in units of capital, the two variances of two-day returns, and the last day's return."""

    exposure: float = 0.0
    short_variance: float = 0.0
    long_variance: float = 0.0
    last_return: float = 0.0


def start_tracking(view: View, fund: IndexedFund) -> Tracked:
    """Start both variances at the last quarter's."""
    two_days = 2.0 * view.rv_63 * view.rv_63 / 252.0
    return Tracked(short_variance=two_days, long_variance=two_days, last_return=view.day_return)


@strategy(
    clock="day",
    source='S&P Dow Jones Indices, "Index Mathematics Methodology", Exponentially-Weighted Volatility',
    lookback_days=252,
    start=start_tracking,
    laws=(*LAWS, Law("acts_on", {"fields": ("day_return",), "alone": True})),
    examples=(IndexedFund(100.0, target_vol=0.10, cap=1.5, buffer=0.05, short_decay=0.94, long_decay=0.97),),
)
def vol_target_ewma(view: View, fund: IndexedFund, held: Tracked, noise: float) -> tuple[Tracked, float]:
    """Hold target_vol over the higher of two exponentially weighted volatilities of two-day returns."""
    square = (view.day_return + held.last_return) ** 2
    short = fund.short_decay * held.short_variance + (1.0 - fund.short_decay) * square
    long = fund.long_decay * held.long_variance + (1.0 - fund.long_decay) * square
    vol = max(math.sqrt(252.0 / 2.0 * max(short, long)), LOWEST_VOL)
    wanted = min(fund.cap, fund.target_vol / vol)
    traded = toward(wanted, held.exposure, fund.buffer)
    return Tracked(held.exposure + traded, short, long, view.day_return), traded * fund.capital_bn
