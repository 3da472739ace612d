"""Markets to try a rule on: closes on real sessions, and what an agent sees along them.

Every view is derived from one series of closes, so its volatilities, returns and ranges fit together as they do in a
run. Here they are computed plainly and all at once; the engine's own way of doing it is in `flowsim.market`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from hypothesis import strategies as st
from hypothesis.vendor.pretty import RepresentationPrinter
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

from flowsim.authoring.view import View
from flowsim.clock import FIRST_DATE, LAST_DATE, Calendar, session_calendar, sessions
from flowsim.clock.year import SESSIONS_PER_YEAR
from flowsim.errors import InputError
from flowsim.files.arrays import Floats
from flowsim.options.arrays import INDICES
from flowsim.testing.chance import SEEDS, Chance, FromHypothesis

PAST_DAYS = 253
"""Sessions before the first decision: the longest window of the view, and one that bar clocks look back from."""

QUIET = {
    "adv_bn": 450.0,
    "inventory_bn": 0.0,
    "fundamental_gap": 0.0,
    "cut_probability": 0.5,
    "easing_bp": 0.0,
    "liquidity": 0.0,
    "sentiment": 0.0,
    "vix9d": 0.0,
    "vix": 0.0,
    "vix3m": 0.0,
    "vix6m": 0.0,
    "vix1y": 0.0,
    "hedge_gap_bn": 0.0,
    "gamma_1pct_bn": 0.0,
    "day_fraction": 1.0,
    "bars_left": 1.0,
    "bar": 0.0,
}
"""What the fields that no price determines show when nothing is going on, and no options are listed."""

CALENDAR_FIELDS = View._fields[View._fields.index("bar") + 1 :]


@dataclass(frozen=True, eq=False)
class Market:
    """Closes of consecutive sessions: first the past that fills every window of the view, then days to live through.

    `dates` and `log_close` have shape (n,); `elsewhere` has the fields of the view that prices do not determine, each a
    number or an array of shape (n,) or (n, bars). What it leaves out is quiet. A session has `bars` bars; the night
    brings `overnight` of its move, a number or an array of shape (n,), and the price then goes straight to where it
    will stand before the last bar and at the close. By default night and bars have equal parts.
    """

    dates: NDArray[np.datetime64]
    log_close: Floats
    elsewhere: Mapping[str, ArrayLike] = field(default_factory=dict)
    bars: int = 1
    overnight: ArrayLike | None = None

    def _repr_pretty_(self, printer: RepresentationPrinter, _cycle: bool) -> None:
        """Show hypothesis the dates alone: it would write down every close."""
        printer.text(f"Market({self.dates[0]} to {self.dates[-1]})")


def view_with(**fields: float) -> View:
    """Return a view with the fields named, and nan in all others: a rule that reads another one shows it.

    Raises
    ------
    ValueError
        If a view has no such field.
    """
    return View(*[math.nan] * len(View._fields))._replace(**fields)


def view_of(closes: ArrayLike, dates: ArrayLike, clock: str = "day", **elsewhere: float) -> View:
    """Return what an agent sees after the last of at least 254 closes, in index points, on consecutive sessions."""
    log_close = np.log(np.asarray(closes, np.float64))
    return views_along(Market(np.asarray(dates, "datetime64[D]"), log_close, elsewhere), clock)[-1]


def views_along(market: Market, clock: str = "day") -> list[View]:
    """Return what an agent sees at its decisions in each session from the 254th on.

    An agent on the day clock decides after the close; the calendar is that of the next session. So does one on the roll
    clock, here at every close, as if each were a day on which it rolls. An agent on a bar clock decides before every
    bar, or before the last: the calendar is that of the session, and windows end at the close before.
    """
    session, bar = decisions_at(market, clock)
    known = session if clock in ("day", "roll") else session - 1
    columns = {
        **{name: np.broadcast_to(value, len(session)) for name, value in QUIET.items()},
        **_bars(market, clock, session, bar),
        **_windows(market.log_close, known),
        **_calendar(market.dates, known + 1),
        **{name: _at(market, value, session, bar) for name, value in market.elsewhere.items()},
    }
    columns["market_vol"] = (columns["rv_5"] + columns["rv_21"] + columns["rv_63"] + columns["rv_126"]) / 4.0
    columns["impact"] = 5.0 / 60_000.0 * (columns["market_vol"] / 0.16) ** 0.9
    return [View(*row) for row in zip(*(columns[name].tolist() for name in View._fields), strict=True)]


def decisions_at(market: Market, clock: str) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the session and the bar of each decision from the 254th session on; after a close, the last bar."""
    session = np.arange(PAST_DAYS, len(market.log_close))
    if clock == "bar":
        return np.repeat(session, market.bars), np.tile(np.arange(market.bars), len(session))
    return session, np.full(len(session), market.bars - 1)


@st.composite
def markets(draw: st.DrawFn) -> Market:
    """Draw a market to live through: see `market_from`."""
    return market_from(FromHypothesis(draw))


def market_from(chance: Chance) -> Market:
    """Draw a market to live through for up to 40 sessions: flat, quiet, ordinary, wild, or one of them that turns.

    The last days, up to a dozen, are drawn one by one, with moves up to 25 %; those before are a random walk. A market
    may be entirely flat, so that every realized volatility is 0: rules must survive that. The smallest lasts two
    sessions, and stands at 1,000.
    """
    noise = np.random.default_rng(chance.whole(0, SEEDS - 1))
    daily_vol, drift = chance.one_of((0.0, 1e-5, 0.01, 0.05)), chance.one_of((0.0, 0.001, -0.002))
    last = chance.moves(12)
    n = PAST_DAYS + chance.one_of((2, 10, 40, 40))
    returns = np.concatenate([drift + daily_vol * noise.standard_normal(n - len(last)), last])
    dates = _known_sessions()
    first = chance.whole(0, len(dates) - n - 1)
    bars = chance.one_of((1, 3))
    nowhere: dict[str, Floats] = {}
    elsewhere = chance.one_of((_busy(noise, n, bars), nowhere))
    level = chance.one_of((math.log(1000.0), chance.between(1.0, 10.0)))
    return Market(dates[first : first + n], level + np.cumsum(returns), elsewhere, bars)


def _busy(noise: np.random.Generator, n: int, bars: int) -> dict[str, Floats]:
    busy = {
        "inventory_bn": 100.0 * noise.standard_normal(n),
        "fundamental_gap": 0.2 * noise.standard_normal(n),
        "cut_probability": noise.uniform(size=n),
        "easing_bp": 10.0 * noise.standard_normal(n) * noise.integers(0, 2, n),
        "liquidity": noise.standard_normal(n),
        "sentiment": 3.0 * np.abs(noise.standard_normal(n)),
        "day_fraction": noise.uniform(0.01, 1.0, n) / bars,
        "hedge_gap_bn": 50.0 * noise.standard_normal((n, bars)),
        "gamma_1pct_bn": 10.0 * noise.standard_normal(n),
    }
    # Around 20 points, the tenors near each other, and the term structure at times inverted.
    level = 20.0 * np.exp(0.4 * noise.standard_normal(n))
    return busy | {index: level * np.exp(0.1 * noise.standard_normal(n)) for index in INDICES}


def _known_sessions() -> NDArray[np.datetime64]:
    return sessions("1995-01-03", "2059-12-31").dates


@cache
def _known_calendar() -> Calendar:
    """Return the calendar of every session known: to compute one for each market would be most of the work."""
    return session_calendar(sessions(FIRST_DATE, LAST_DATE).dates)


def _at(market: Market, value: ArrayLike, session: NDArray[np.intp], bar: NDArray[np.intp]) -> Floats:
    values = np.asarray(value, np.float64)
    by_bar = values if values.ndim == 2 else np.broadcast_to(values, len(market.dates))[:, np.newaxis]
    return np.broadcast_to(by_bar, (len(market.dates), market.bars))[session, bar]


def _bars(market: Market, clock: str, session: NDArray[np.intp], bar: NDArray[np.intp]) -> dict[str, Floats]:
    """Compute the price before each bar, or at the close, and what it has done since the step and the close before."""
    night = 1.0 / market.bars if market.overnight is None else _at(market, market.overnight, session, bar)
    each = (1.0 - night) / max(market.bars - 1, 1)
    move = market.log_close[session] - market.log_close[session - 1]
    done = night + each * bar if market.bars > 1 else np.ones(len(session))
    at_close = clock in ("day", "roll")
    day_return = move if at_close else move * done
    log_price = market.log_close[session - 1] + day_return
    prices = {
        # At the close it is the number of the market itself, and not one that differs in the last place.
        "log_price": np.where(done == 1.0, market.log_close[session], log_price),
        "step_return": np.where(bar == 0, day_return, move * each),
        "day_return": day_return,
    }
    prices["price"] = np.exp(prices["log_price"])
    if at_close:
        return prices
    return prices | {
        "day_fraction": np.full(len(session), 1.0 / market.bars),
        "bars_left": (market.bars - bar).astype(np.float64),
        "bar": bar.astype(np.float64),
    }


def _windows(log_close: Floats, known: NDArray[np.intp]) -> dict[str, Floats]:
    """Compute what the view says about closes up to `known`: zero-mean volatilities of a 252-day year, and so on."""
    squares = np.diff(log_close) ** 2
    columns = {
        f"rv_{days}": np.sqrt(SESSIONS_PER_YEAR * sliding_window_view(squares, days).mean(axis=1)[known - days])
        for days in (5, 10, 20, 21, 40, 63, 126)
    }
    for days in (5, 21, 63, 126, 252):
        columns[f"return_{days}d"] = log_close[known] - log_close[known - days]
    for days in (21, 63, 126, 252):
        window = sliding_window_view(log_close, days)[known - days + 1]
        columns[f"high_{days}d"], columns[f"low_{days}d"] = window.max(axis=1), window.min(axis=1)
    return columns


def _calendar(dates: NDArray[np.datetime64], session: NDArray[np.intp]) -> dict[str, Floats]:
    calendar = _known_calendar()
    first = int(np.searchsorted(calendar.dates, dates[0]))
    if not np.array_equal(calendar.dates[first : first + len(dates)], dates):
        raise InputError(f"the market of {dates[0]} to {dates[-1]} is not on consecutive NYSE sessions")
    return {name: getattr(calendar, name)[first + session] for name in CALENDAR_FIELDS}
