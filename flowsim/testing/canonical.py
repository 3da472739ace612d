"""The canonical markets on which tapes are recorded: short, made of real sessions, each with one thing going on.

Nine are made up, by arithmetic alone, so that every machine has the same; three are the S&P 500 of the `arch` package.
What no price determines follows from the closes by simple rules, so that every field of the view moves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from flowsim.clock import fomc_statement_days, sessions
from flowsim.clock.year import SESSIONS_PER_YEAR
from flowsim.data.prices import default_prices
from flowsim.testing.views import PAST_DAYS, Market

BARS = 3
GOLDEN = 0.6180339887498949
LEVEL = 2500.0

Floats = NDArray[np.float64]


def _made(first: str, last: str, daily_vol: float, moves: Callable[[Floats], Floats], gaps: float = 0.4) -> Market:
    """Return a market whose sessions from `first` to `last` are decided in, after a past with a daily volatility.

    `moves` turns the log returns that would go on like the past, shape (n,), into those of the market. `gaps` is the
    part of each session's move that the night brings.
    """
    lived = len(sessions(first, last))
    known = sessions("1990-01-02", last).dates
    dates = known[len(known) - lived - PAST_DAYS :]
    # The golden rotation spreads evenly over an interval without ever repeating.
    spread = np.modf(GOLDEN * np.arange(1, len(dates) + 1))[0] - 0.5
    returns = daily_vol * np.sqrt(12.0) * spread
    returns[PAST_DAYS:] = moves(returns[PAST_DAYS:])
    return answering(dates, np.log(LEVEL) + np.cumsum(np.round(returns, 6)), gaps)


def answering(dates: NDArray[np.datetime64], log_close: Floats, gaps: float) -> Market:
    """Return the market of given closes with a mood, a Fed, dealers and implied volatilities that answer to them.

    `gaps` is the part of each session's move that the night brings.
    """
    returns = np.diff(log_close, prepend=log_close[:1])
    trailing = np.array([log_close[max(0, day - 62) : day + 1].mean() for day in range(len(log_close))])
    panic = np.zeros(len(dates))
    for day in range(1, len(dates)):
        panic[day] = 0.6 * panic[day - 1] + 60.0 * max(-returns[day] - 0.01, 0.0)
    week = log_close - np.concatenate([log_close[:1].repeat(5), log_close[:-5]])
    month_vol = np.sqrt(
        SESSIONS_PER_YEAR * np.array([np.mean(returns[max(0, day - 20) : day + 1] ** 2) for day in range(len(dates))])
    )
    night, later = gaps, (1.0 - gaps) / (BARS - 1)
    steps = returns[:, np.newaxis] * np.array([night, *[later] * (BARS - 1)])
    gamma = 4.0 + 150.0 * week
    easing = np.zeros((len(dates), BARS))
    easing[:, 0] = np.where(np.abs(returns) > 0.015, -300.0 * returns, 0.0)
    statement = np.isin(dates, fomc_statement_days(dates[0], dates[-1]))
    easing[statement, 1] = np.where(returns[statement] > 0.0, 12.5, -12.5)
    points = 4.0 + 100.0 * month_vol
    return Market(
        dates,
        log_close,
        {
            "inventory_bn": -2500.0 * np.cumsum(steps, axis=1),
            "fundamental_gap": trailing - log_close,
            "cut_probability": np.minimum(0.2 + 0.1 * panic, 0.95),
            "easing_bp": easing,
            "liquidity": np.sin(np.arange(len(dates)) * (2.0 * np.pi / 63.0)),
            "sentiment": panic,
            "vix9d": points + 2.0 * panic,
            "vix": points + panic,
            "vix3m": points + 0.5 * panic + 1.0,
            "vix6m": points + 0.3 * panic + 1.5,
            "vix1y": points + 0.2 * panic + 2.0,
            "hedge_gap_bn": -100.0 * gamma[:, np.newaxis] * steps,
            "gamma_1pct_bn": gamma,
            "day_fraction": np.array([[0.4, 0.25, 0.35]]).repeat(len(dates), axis=0),
        },
        BARS,
        gaps,
    )


def _first(returns: Floats, *moves_pct: float) -> Floats:
    """Return the returns with the first ones replaced, in percent."""
    return np.concatenate([np.array(moves_pct) / 100.0, returns[len(moves_pct) :]])


def _calm() -> Market:
    return _made("2017-05-01", "2017-05-26", 0.004, lambda returns: returns)


def _crash_and_rebound() -> Market:
    fall_and_rise = (
        -1.0,
        -2.5,
        0.8,
        -4.4,
        -7.6,
        4.9,
        -9.5,
        9.3,
        -12.0,
        6.0,
        -5.2,
        0.5,
        -4.3,
        -2.9,
        9.4,
        1.2,
        6.2,
        -3.4,
    )
    return _made("2020-02-24", "2020-03-31", 0.007, lambda returns: _first(returns, *fall_and_rise))


def _grind_up() -> Market:
    """Return a steady rise through the highest close of half a year, below that of the year."""
    market = _made("2019-07-01", "2019-07-31", 0.005, lambda returns: 0.2 * returns + 0.002)
    log_close = market.log_close.copy()
    log_close[: PAST_DAYS - 150] += 0.12
    return answering(market.dates, log_close, 0.4)


def _whipsaw() -> Market:
    """Return three sessions below the level of the past year, three above, and so on."""

    def crossing(returns: Floats) -> Floats:
        day = np.arange(len(returns))
        side = np.where(day // 3 % 2 == 0, -1.0, 1.0) * np.where(day < 3, 0.5, 1.0)
        return 0.1 * returns + np.where(day % 3 == 0, 0.025 * side, 0.0)

    return _made("2015-08-17", "2015-09-18", 0.006, crossing)


def _vol_spike_and_echo() -> Market:
    """Return a calm market after a spike that leaves the 21-day window at once, and the 63-day one half way."""
    market = _made("2018-03-20", "2018-04-20", 0.005, lambda returns: returns)
    log_close = market.log_close.copy()
    # 53 sessions before the first decision, so that the window of 63 loses it at the eleventh.
    spike = np.array([-0.021, -0.041, 0.0175, -0.0375, 0.015])
    at = PAST_DAYS - 53
    log_close[at:] += np.concatenate([np.cumsum(spike), np.full(len(log_close) - at - len(spike), spike.sum())])
    return answering(market.dates, log_close, 0.4)


def _gap_open() -> Market:
    gaps = (0.3, -4.0, 0.6, 3.5, -0.4, -2.8, 5.0, 0.2)
    return _made("2016-06-20", "2016-07-08", 0.006, lambda returns: _first(returns, *gaps), gaps=1.3)


def _holiday_weeks() -> Market:
    """Return Thanksgiving, its half day, and the day of mourning of 5 December 2018."""
    return _made("2018-11-14", "2018-12-10", 0.009, lambda returns: returns)


def _blackout_season() -> Market:
    """Return a quarter's end with the weeks before and the reports after it; prices drift down."""
    return _made("2018-09-06", "2018-11-09", 0.008, lambda returns: returns - 0.002)


def _expiry_week() -> Market:
    """Return a third Friday, a meeting of the FOMC and a quarter's end within two weeks."""
    return _made("2018-09-12", "2018-10-01", 0.007, lambda returns: returns)


def _real(first: str, last: str) -> Market:
    prices = default_prices()
    begin = int(np.searchsorted(prices.dates, np.datetime64(first))) - PAST_DAYS
    end = int(np.searchsorted(prices.dates, np.datetime64(last), side="right"))
    return answering(prices.dates[begin:end], np.log(prices.close[begin:end]), 0.4)


_MAKERS: dict[str, Callable[[], Market]] = {
    "calm": _calm,
    "crash_and_rebound": _crash_and_rebound,
    "grind_up": _grind_up,
    "whipsaw": _whipsaw,
    "vol_spike_and_echo": _vol_spike_and_echo,
    "gap_open": _gap_open,
    "holiday_weeks": _holiday_weeks,
    "blackout_season": _blackout_season,
    "expiry_week": _expiry_week,
    "real_2008": lambda: _real("2008-09-12", "2008-10-31"),
    "real_2018_02": lambda: _real("2018-01-26", "2018-02-28"),
    "real_2018_12": lambda: _real("2018-12-03", "2018-12-31"),
}

CANONICAL = tuple(_MAKERS)
"""Names of the canonical markets."""


@cache
def canonical_market(name: str) -> Market:
    """Return one of the canonical markets by its name."""
    return _MAKERS[name]()


def market_digest(market: Market) -> str:
    """Return the first 12 hexadecimal digits of a hash of everything in a market, to eight significant digits."""
    columns: list[ArrayLike] = [np.exp(market.log_close), *(value for _, value in sorted(market.elsewhere.items()))]
    text = [" ".join(f"{number:.8g}" for number in np.ravel(column).tolist()) for column in columns]
    whole = "\n".join([f"{market.dates[0]} {market.dates[-1]} {market.bars} {market.overnight}", *text])
    return hashlib.sha256(whole.encode()).hexdigest()[:12]
