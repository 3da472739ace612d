"""Trend followers (CTAs): long what has risen, short what has fallen, in proportion to risk.

The levels that banks publish as CTA pivots are exponential averages with spans near 45, 120 and 340 days; a fund here
compares the price with one average of each speed, smoothly, and its spans differ from its neighbors'.
Beside it stand the breakout channel, time-series momentum, and the response of Baz and others, which fades in extremes.
All read price returns, not returns over cash, look at one quarter's realized volatility, and resize every day.

Feedback: they buy strength and sell weakness over days, and where their levels crowd, many of them at once.

Sources: Moskowitz, Ooi and Pedersen (2012), "Time Series Momentum"; Levine and Pedersen (2016), "Which Trend Is Your
Friend?"; Baz, Granger, Harvey, Le Roux and Rattray (2015), "Dissecting Investment Strategies in the Cross Section and
Time Series".
"""

import math

from flowsim.strategy import Annotated, Field, Law, NamedTuple, View, strategy

# A tenth of a percent a year: no index has been so quiet, and on a flat market nothing divides by zero.
LOWEST_VOL = 0.001

LAWS = (
    Law("exposure_within", {"low": "-cap", "high": "cap"}),
    Law("risk_at_most", {"vol": "rv_63", "most": "target_vol"}),
    Law("forgets_where_it_came_from"),
)

Capital = Annotated[float, Field("capital at risk", "USD bn", 0.0)]
TargetVol = Annotated[float, Field("volatility of a full position", "annualized, as a fraction", 0.01, 1.0)]
Cap = Annotated[float, Field("largest exposure either way", "x capital", 0.0, 20.0)]
Span = Annotated[float, Field("span of an exponential average", "sessions", 2.0, 500.0)]
Horizon = Annotated[float, Field("lookback", "sessions", 21.0, 252.0, (21, 63, 126, 252))]


def sized(signal: float, target_vol: float, cap: float, vol: float) -> float:
    """Return the exposure that gives a signal in [-1, 1] its share of the target volatility."""
    return signal * min(cap, target_vol / max(vol, LOWEST_VOL))


def above(view: View, average: float, span: float, softness: float) -> float:
    """Return the distance of the price from an average, squeezed into (-1, 1).

    The response bends at softness times the volatility over the span. A random walk stands half of that volatility
    away from its average (one standard deviation), so softness 0.5 bends at the usual distance.
    """
    bend = softness * max(view.rv_63, LOWEST_VOL) * math.sqrt(span / 252.0)
    return math.tanh((view.price / average - 1.0) / bend)


class Trend(NamedTuple):
    """One fund that reads three exponential averages."""

    capital_bn: Capital
    target_vol: TargetVol
    cap: Cap
    short_span_days: Span
    medium_span_days: Span
    long_span_days: Span
    softness: Annotated[
        float, Field("distance from an average at which the response bends", "x volatility over its span", 0.01, 10.0)
    ]


class Averages(NamedTuple):
    """Exposure in units of capital, and the three averages of the price."""

    exposure: float
    short: float
    medium: float
    long: float


def start_averages(view: View, fund: Trend) -> Averages:
    """Start every average at the price."""
    return Averages(0.0, view.price, view.price, view.price)


@strategy(
    clock="day",
    source='Levine and Pedersen (2016), "Which Trend Is Your Friend?"; pivot levels published by Goldman Sachs'
    " 2023-2025",
    lookback_days=lambda fund: 3.0 * max(fund.short_span_days, fund.medium_span_days, fund.long_span_days),
    start=start_averages,
    laws=(
        *LAWS,
        Law("increasing_in", {"fields": ("price",)}),
        Law("acts_on", {"fields": ("price", "rv_63"), "alone": True}),
    ),
    examples=(
        Trend(40.0, 0.15, 3.0, short_span_days=45.0, medium_span_days=120.0, long_span_days=340.0, softness=0.5),
    ),
)
def cta(view: View, fund: Trend, held: Averages, noise: float) -> tuple[Averages, float]:
    """Hold the mean response to three averages, scaled to the target volatility."""
    short = held.short + 2.0 / (fund.short_span_days + 1.0) * (view.price - held.short)
    medium = held.medium + 2.0 / (fund.medium_span_days + 1.0) * (view.price - held.medium)
    long = held.long + 2.0 / (fund.long_span_days + 1.0) * (view.price - held.long)
    signal = (
        above(view, short, fund.short_span_days, fund.softness)
        + above(view, medium, fund.medium_span_days, fund.softness)
        + above(view, long, fund.long_span_days, fund.softness)
    ) / 3.0
    exposure = sized(signal, fund.target_vol, fund.cap, view.rv_63)
    return Averages(exposure, short, medium, long), (exposure - held.exposure) * fund.capital_bn


class Horizoned(NamedTuple):
    """One fund that looks back over a fixed horizon."""

    capital_bn: Capital
    target_vol: TargetVol
    cap: Cap
    horizon_days: Horizon


HORIZONS = tuple(Horizoned(30.0, 0.12, 2.0, horizon) for horizon in (21.0, 63.0, 126.0, 252.0))


class Breakout(NamedTuple):
    """Exposure in units of capital, and the side of the last breakout: 1 up, -1 down, 0 none yet."""

    exposure: float = 0.0
    side: float = 0.0


def channel(view: View, horizon: float) -> tuple[float, float]:
    """Return the highest and lowest log close of the horizon."""
    high = view.high_252d if horizon > 126.0 else (view.high_126d if horizon > 63.0 else view.high_63d)
    low = view.low_252d if horizon > 126.0 else (view.low_126d if horizon > 63.0 else view.low_63d)
    return (view.high_21d, view.low_21d) if horizon <= 21.0 else (high, low)


@strategy(
    clock="day",
    source="Donchian (1960), channel breakout, as in Covel (2004), Trend Following",
    lookback_days=252,
    laws=(*LAWS, Law("long_short_symmetric"), Law("reaches_its_target")),
    examples=HORIZONS,
)
def cta_breakout(view: View, fund: Horizoned, held: Breakout, noise: float) -> tuple[Breakout, float]:
    """Turn long on the highest close of the horizon, short on the lowest, and stay until the other comes."""
    high, low = channel(view, fund.horizon_days)
    # A channel without width has no sides.
    broke_up, broke_down = low < high <= view.log_price, view.log_price <= low < high
    side = 1.0 if broke_up else (-1.0 if broke_down else held.side)
    exposure = sized(side, fund.target_vol, fund.cap, view.rv_63)
    return Breakout(exposure, side), (exposure - held.exposure) * fund.capital_bn


class Position(NamedTuple):
    """Exposure in units of capital."""

    exposure: float = 0.0


@strategy(
    clock="day",
    source='Moskowitz, Ooi and Pedersen (2012), "Time Series Momentum"',
    lookback_days=252,
    laws=(
        *LAWS,
        Law("long_short_symmetric"),
        Law("reaches_its_target"),
        Law("acts_on", {"fields": ("return_21d", "return_63d", "return_126d", "return_252d", "rv_63"), "alone": True}),
    ),
    examples=HORIZONS,
)
def cta_momentum(view: View, fund: Horizoned, held: Position, noise: float) -> tuple[Position, float]:
    """Hold the sign of the return over the horizon, scaled to the target volatility."""
    month_or_quarter = view.return_21d if fund.horizon_days <= 21.0 else view.return_63d
    half_or_year = view.return_126d if fund.horizon_days <= 126.0 else view.return_252d
    past = month_or_quarter if fund.horizon_days <= 63.0 else half_or_year
    side = 1.0 if past > 0.0 else (-1.0 if past < 0.0 else 0.0)
    exposure = sized(side, fund.target_vol, fund.cap, view.rv_63)
    return Position(exposure), (exposure - held.exposure) * fund.capital_bn


class Response(NamedTuple):
    """One fund with the Baz response; each pair of averages is (time, 3 x time) with time the number below."""

    capital_bn: Capital
    target_vol: TargetVol
    cap: Cap
    fast_days: Annotated[
        float, Field("center of mass of the fastest average; the pairs are 1, 2, 4 times", "sessions", 2.0, 60.0)
    ]


class Pairs(NamedTuple):
    """Exposure, three pairs of averages of the log price, and the slow variance of each normalized difference."""

    exposure: float
    short_1: float
    long_1: float
    short_2: float
    long_2: float
    short_4: float
    long_4: float
    variance_1: float
    variance_2: float
    variance_4: float


def start_pairs(view: View, fund: Response) -> Pairs:
    """Start every average at the price, and every variance at what a random walk would give."""
    price, usual = view.log_price, 0.5 * fund.fast_days / 252.0
    return Pairs(0.0, price, price, price, price, price, price, usual, 2.0 * usual, 4.0 * usual)


def faded(z: float) -> float:
    """Return the response to a normalized trend, which fades when the trend is extreme."""
    return z * math.exp(-z * z / 4.0) / 0.89


@strategy(
    clock="day",
    source='Baz, Granger, Harvey, Le Roux and Rattray (2015), "Dissecting Investment Strategies"; the difference of'
    " averages of the log price is normalized by realized volatility rather than by the deviation of the price level,"
    " and its own deviation is an exponential average rather than that of a one-year window",
    lookback_days=504,
    start=start_pairs,
    laws=(
        *LAWS,
        Law("long_short_symmetric"),
        Law("acts_on", {"fields": ("log_price", "rv_63"), "alone": True}),
    ),
    examples=(Response(30.0, 0.12, 2.0, fast_days=8.0),),
)
def cta_baz(view: View, fund: Response, held: Pairs, noise: float) -> tuple[Pairs, float]:
    """Hold the mean faded response of three normalized crossovers, scaled to the target volatility."""
    fast, price, vol = fund.fast_days, view.log_price, max(view.rv_63, LOWEST_VOL)
    short_1, long_1 = held.short_1 + (price - held.short_1) / fast, held.long_1 + (price - held.long_1) / (3.0 * fast)
    short_2, long_2 = (
        held.short_2 + (price - held.short_2) / (2.0 * fast),
        held.long_2 + (price - held.long_2) / (6.0 * fast),
    )
    short_4, long_4 = (
        held.short_4 + (price - held.short_4) / (4.0 * fast),
        held.long_4 + (price - held.long_4) / (12.0 * fast),
    )
    y_1, y_2, y_4 = (short_1 - long_1) / vol, (short_2 - long_2) / vol, (short_4 - long_4) / vol
    variance_1 = held.variance_1 + (y_1 * y_1 - held.variance_1) / 252.0
    variance_2 = held.variance_2 + (y_2 * y_2 - held.variance_2) / 252.0
    variance_4 = held.variance_4 + (y_4 * y_4 - held.variance_4) / 252.0
    signal = (
        faded(y_1 / math.sqrt(variance_1)) + faded(y_2 / math.sqrt(variance_2)) + faded(y_4 / math.sqrt(variance_4))
    ) / 3.0
    exposure = sized(signal, fund.target_vol, fund.cap, view.rv_63)
    now = Pairs(exposure, short_1, long_1, short_2, long_2, short_4, long_4, variance_1, variance_2, variance_4)
    return now, (exposure - held.exposure) * fund.capital_bn
