"""Dealers' gamma by spot from the open interest of a real chain, under a stated assumption on who is on which side.

    gamma(S) = sum over contracts of sign * contracts * 100 * Gamma(S) * S^2 / 100      USD of stock for a move of 1 %

Each contract keeps the volatility that its quote implies today while the spot moves. Open interest does not say who
holds what: by default dealers are long the calls and short the puts, as if customers only overwrote and hedged
(Garleanu, Pedersen and Poteshman 2009, "Demand-Based Option Pricing", for the puts).
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from flowsim.chain.chain import Choice, Series, new_york_time, read_chain
from flowsim.chain.chain_file import QuotesLike
from flowsim.chain.likely import weigh_days
from flowsim.clock.year import MINUTES_PER_YEAR
from flowsim.data.weigh import weigh_forwards
from flowsim.errors import InputError
from flowsim.pricing.black import greeks_of
from flowsim.pricing.implied import implied_volatility

Floats = NDArray[np.float64]

MULTIPLIER = 100.0
"""Index options: dollars per point and contract."""
SPOT_PCT = np.arange(-10.0, 10.25, 0.5)
WIDEST_QUOTE = 0.5
"""Ask less bid over their middle; a wider quote implies no volatility worth the name, and its contract is left out."""


@dataclass(frozen=True, eq=False)
class DealerGamma:
    """Dealers' gamma for a move of 1 %, USD bn, at spots in % from today's.

    `zero_cross` is the spot nearest to today's at which the sign changes, index points, nan where none in the range.
    `left_out` is the share of open interest without a usable quote.
    """

    spot: float
    spot_pct: Floats
    gamma_1pct_bn: Floats
    zero_cross: float
    left_out: float
    assumption: str

    @property
    def at_spot(self) -> float:
        """Gamma at today's spot."""
        return float(np.interp(0.0, self.spot_pct, self.gamma_1pct_bn))


def dealer_gamma(
    chain: QuotesLike,
    *,
    as_of: datetime.datetime | str | None = None,
    rate_pct: float = 0.0,
    calls: float = 1.0,
    puts: float = -1.0,
    columns: Mapping[str, str] | None = None,
    trust_data: bool = False,
) -> DealerGamma:
    """Return dealers' gamma by spot from a chain with open interest.

    Parameters
    ----------
    chain : path, or table of pandas, polars or arrow
        What `read_chain` takes, with open interest.
    as_of : datetime or str, optional
        New York time of the quotes, where the chain does not say it.
    rate_pct : float
        Interest rate in % a year, continuous, to discount quotes.
    calls, puts : float
        Side of the dealers in the open interest: 1 long, -1 short, or a part.
    columns : mapping, optional
        What else columns are called, as in `read_chain`.
    trust_data : bool
        Take quotes and days that are not likely; see `flowsim.data.weigh`.

    Raises
    ------
    InputError
        If it is no chain, has no open interest, or no quote of it can be used.
    """
    given = None if as_of is None else new_york_time(as_of, "as_of")
    found = read_chain(chain, Choice(None, given), columns)
    source = found.source
    if found.by_term:
        raise InputError(
            f"{source} is a chain by term; gamma by spot needs expiries and open_interest for each contract"
        )
    if not found.has_interest:
        raise InputError(
            f"{source} has no open interest, a column named open_interest or oi; add it, or leave out the chain"
        )
    if found.interest_fault:
        raise InputError(found.interest_fault)
    time = given or found.as_of
    if time is None:
        raise InputError(f"{source} has no column as_of; say when it was quoted, as 'YYYY-MM-DD HH:MM' in New York")
    if not trust_data:
        weigh_days(found, (each for each in found.series if each.settlement and each.settlement > time), time)
    contracts = [part for part in (_priced(series, time, rate_pct) for series in found.series) if part]
    total = float(sum(series.call_interest.sum() + series.put_interest.sum() for series in found.series))
    used = float(sum(part["interest"].sum() for part in contracts))
    if used <= 0.0:
        raise InputError(
            f"{source} has no open interest with a usable quote after {time}; give open_interest in contracts"
        )
    if not trust_data:
        _weigh_forwards(source, contracts)
    spot = _spot(contracts)
    gamma = np.array([_gamma_at(contracts, 1.0 + pct / 100.0, calls, puts) for pct in SPOT_PCT])
    assumption = f"dealers' side of the open interest: calls {calls:+g}, puts {puts:+g} (1 = long, -1 = short)"
    return DealerGamma(spot, SPOT_PCT, gamma, _zero_cross(spot, gamma), 1.0 - used / total, assumption)


def _priced(series: Series, time: datetime.datetime, rate_pct: float) -> dict[str, Floats] | None:
    """Return the contracts of one expiry that have interest and a usable quote, with the volatility it implies."""
    assert series.settlement is not None
    years = (series.settlement - time).total_seconds() / 60.0 / MINUTES_PER_YEAR
    if years <= 0.0:
        return None
    discount = float(np.exp(-rate_pct / 100.0 * years))
    call, put = 0.5 * (series.call_bid + series.call_ask), 0.5 * (series.put_bid + series.put_ask)
    # Where nobody bids, call and put are equal and say nothing.
    apart = np.where((series.call_bid > 0.0) & (series.put_bid > 0.0), np.abs(call - put), np.nan)
    if not np.isfinite(apart).any():
        return None
    nearest = int(np.nanargmin(apart))
    forward = float(series.strike[nearest] + (call - put)[nearest] / discount)
    # Both sides of a strike have one volatility, and that of the option out of the money is the better quoted.
    is_call = series.strike > forward
    middle = np.where(is_call, call, put)
    wide = np.where(is_call, series.call_ask - series.call_bid, series.put_ask - series.put_bid)
    usable = (middle > 0.0) & (wide <= WIDEST_QUOTE * middle)
    usable &= middle < discount * np.where(is_call, forward, series.strike)
    if not usable.any() or forward <= 0.0:
        return None
    strike = series.strike[usable]
    vol = implied_volatility(middle[usable], forward, strike, years, is_call=is_call[usable], discount=discount)
    calls, puts = series.call_interest[usable], series.put_interest[usable]
    full = np.full(len(strike), forward)
    columns = {"strike": strike, "vol": np.asarray(vol), "calls": calls, "puts": puts, "forward": full}
    return columns | {"years": np.full(len(strike), years), "interest": calls + puts}


def _weigh_forwards(source: str, contracts: list[dict[str, Floats]]) -> None:
    """Refuse expiries whose forwards do not agree with that of the nearest."""
    nearest = min(contracts, key=lambda part: part["years"][0])
    for part in contracts:
        named = ("the nearest forward", float(nearest["forward"][0]))
        ahead = f"that of {part['years'][0] * 365:.0f} days ahead", float(part["forward"][0])
        weigh_forwards(named, ahead, float(part["years"][0] - nearest["years"][0]), source)


def _spot(contracts: list[dict[str, Floats]]) -> float:
    """Return the forward of the nearest expiry, which stands for the index."""
    nearest = min(contracts, key=lambda part: part["years"][0])
    return float(nearest["forward"][0])


def _gamma_at(contracts: list[dict[str, Floats]], moved: float, calls: float, puts: float) -> float:
    total = 0.0
    for part in contracts:
        forward = part["forward"] * moved
        # Per unit of the forward: Gamma S^2 of one contract is the greek times the forward.
        gamma = greeks_of(forward, part["strike"], part["years"], part["vol"]).gamma
        size = calls * part["calls"] + puts * part["puts"]
        total += float(np.sum(size * MULTIPLIER * gamma * forward)) / 100.0 / 1e9
    return total


def _zero_cross(spot: float, gamma: Floats) -> float:
    change = np.flatnonzero(np.sign(gamma[:-1]) * np.sign(gamma[1:]) < 0)
    if not len(change):
        return float("nan")
    points = [SPOT_PCT[i] + (SPOT_PCT[i + 1] - SPOT_PCT[i]) * gamma[i] / (gamma[i] - gamma[i + 1]) for i in change]
    return spot * (1.0 + min(points, key=abs) / 100.0)
