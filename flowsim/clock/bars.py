"""Bars of a session: how many there are, and how volume and scheduled orders spread over them."""

import math

import numpy as np
from numpy.typing import NDArray

from flowsim.errors import InputError

FULL_DAY_MINUTES = 390
HALF_DAY_MINUTES = 210

# One bar, or any whole number of minutes that divides a full and a half day alike.
_LONGEST_BAR_MINUTES = math.gcd(FULL_DAY_MINUTES, HALF_DAY_MINUTES)
BAR_COUNTS = (
    1,
    *(
        FULL_DAY_MINUTES // minutes
        for minutes in range(_LONGEST_BAR_MINUTES, 0, -1)
        if _LONGEST_BAR_MINUTES % minutes == 0
    ),
)

EXECUTION_PROFILES = ("close", "open", "vwap", "twap", "safe_harbor")

CLOSING_AUCTION_SHARE = 0.10
EDGE_TO_MIDDAY_VOLUME = 3.0
SAFE_HARBOR_MINUTES = 10.0


def bars_in_session(bars_per_day: int, half_day: bool) -> int:
    """Return the number of bars in one session when a full day has `bars_per_day`.

    Raises
    ------
    InputError
        If `bars_per_day` is not one of `BAR_COUNTS`.
    """
    if bars_per_day not in BAR_COUNTS:
        raise InputError(
            f"bars_per_day = {bars_per_day} does not cut a full day ({FULL_DAY_MINUTES} minutes) and a half"
            f" day ({HALF_DAY_MINUTES}) into equal bars; use one of {', '.join(map(str, BAR_COUNTS))}"
        )
    if bars_per_day == 1 or not half_day:
        return bars_per_day
    return HALF_DAY_MINUTES * bars_per_day // FULL_DAY_MINUTES


def volume_profile(
    bars_per_day: int,
    half_day: bool,
    closing_auction_share: float = CLOSING_AUCTION_SHARE,
    edge_to_midday: float = EDGE_TO_MIDDAY_VOLUME,
) -> NDArray[np.float64]:
    """Return each bar's share of the day's volume, shape (bars,), adding up to 1.

    Continuous trading has the density ``1 + (edge_to_midday - 1) * (2 u - 1)**2`` over the session's time u
    from 0 to 1, and the closing auction is added to the last bar. The bars are integrals of one density, so a
    coarser cut is the sum of a finer one. The U shape is that of Wood, McInish and Ord (1985), "An
    investigation of transactions data for NYSE stocks", and Jain and Joh (1988), "The dependence between
    hourly prices and trading volume". The ratio 3 is a round number that puts 11 % of volume into the first
    half hour and 21 % into the last. Closing auctions were 7.5 % of volume in 2018 (Bogousslavsky and
    Muravyev, 2023, "Who trades at the close?"), and have passed 10 % for S&P 500 stocks.

    Raises
    ------
    InputError
        If `bars_per_day` is not one of `BAR_COUNTS`.
    """
    n_bars = bars_in_session(bars_per_day, half_day)
    weights = np.diff(_continuous_volume(np.linspace(0.0, 1.0, n_bars + 1), edge_to_midday))
    weights *= 1.0 - closing_auction_share
    weights[-1] += closing_auction_share
    return weights


def execution_profile(name: str, bars_per_day: int, half_day: bool) -> NDArray[np.float64]:
    """Return the share of a day's order that trades in each bar, shape (bars,), adding up to 1.

    ``close`` and ``open`` trade all of it in the last or first bar, ``vwap`` along the volume curve with its
    closing auction, ``twap`` evenly. ``safe_harbor`` follows SEC Rule 10b-18(b)(2), "Purchases of certain
    equity securities by the issuer and others": no opening trade and none in the last ten minutes, so no
    closing auction either. Desks leave ten minutes for the opening, and so does this profile; the rule itself
    bars only the first trade.

    Raises
    ------
    InputError
        If `name` is not one of `EXECUTION_PROFILES` or `bars_per_day` not one of `BAR_COUNTS`.
    """
    n_bars = bars_in_session(bars_per_day, half_day)
    if name == "close":
        return np.eye(n_bars)[-1]
    if name == "open":
        return np.eye(n_bars)[0]
    if name == "vwap":
        return volume_profile(bars_per_day, half_day)
    if name == "twap":
        return np.full(n_bars, 1.0 / n_bars)
    if name == "safe_harbor":
        return _safe_harbor(n_bars, HALF_DAY_MINUTES if half_day else FULL_DAY_MINUTES)
    raise InputError(f"execution profile {name!r} is not known; use one of {', '.join(map(repr, EXECUTION_PROFILES))}")


def _safe_harbor(n_bars: int, session_minutes: int) -> NDArray[np.float64]:
    closed = SAFE_HARBOR_MINUTES / session_minutes
    edges = np.clip(np.linspace(0.0, 1.0, n_bars + 1), closed, 1.0 - closed)
    allowed = np.diff(_continuous_volume(edges, EDGE_TO_MIDDAY_VOLUME))
    return allowed / allowed.sum()


def _continuous_volume(time: NDArray[np.float64], edge_to_midday: float) -> NDArray[np.float64]:
    """Return the share of continuous volume traded up to `time`, the integral of the U-shaped density."""
    excess = edge_to_midday - 1.0
    away = 2.0 * time - 1.0
    # Not a power: numpy's differs in the last bit between processors.
    return (time + excess * (away * away * away + 1.0) / 6.0) / (1.0 + excess / 3.0)
