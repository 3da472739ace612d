"""The past of markets beside the first: closes of their own on New York's sessions, or made of the first's."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import numpy as np

from flowsim.clock.sessions import session_table
from flowsim.clock.year import SESSIONS_PER_YEAR
from flowsim.config import Config
from flowsim.config.asset import LEAD
from flowsim.config.draws import normal_quantiles
from flowsim.data.prices import Prices, read_prices
from flowsim.data.weigh import CRYPTO, EQUITY_INDEX, TRADED, Kind
from flowsim.errors import InputError
from flowsim.files.arrays import Floats
from flowsim.files.nearest import nearest
from flowsim.kernel.array_functions import exp, log

QUARTER = 63
"""Sessions over which a market's own volatility is measured before its moves are handed on."""


def histories_beside(config: Config, lead: Prices, given: Mapping[str, Prices]) -> dict[str, Prices]:
    """Return the closes of each market beside the first, in their order: those given, those it names, or made ones.

    Raises
    ------
    InputError
        If a market of those given is not there, or a file cannot be read.
    """
    for name in given:
        if name not in config.asset:
            known = [LEAD, *config.asset]
            raise InputError(
                f"prices are given for {name!r}, and no market is called so; {nearest(name, known, 'markets')}"
            )
    moves = {LEAD: _unit(np.diff(log(lead.close)))}
    found: dict[str, Prices] = {}
    for name, asset in config.asset.items():
        if name in given:
            found[name] = on_sessions(given[name])
        elif asset.prices is not None:
            found[name] = on_sessions(read_prices(asset.prices))
        else:
            found[name] = _made(config, name, lead, moves)
        moves[name] = _unit(_on_dates_of(lead, found[name]))
    return found


def on_sessions(prices: Prices) -> Prices:
    """Return the closes of sessions alone: a market that never closes has others, which lie within a day's return."""
    there = np.isin(prices.dates, session_table().dates)
    rows = np.arange(1, len(prices) + 1) if prices.rows is None else prices.rows
    return replace(prices, dates=prices.dates[there], close=prices.close[there], rows=rows[there])


def kind_of(market: Config) -> Kind:
    """Return what the closes of a market are weighed as."""
    beside = market.spec_beside
    if beside is None:
        return EQUITY_INDEX
    return TRADED if beside.hours is None else CRYPTO


def _made(config: Config, name: str, lead: Prices, moves: Mapping[str, Floats]) -> Prices:
    """Make closes of what other markets did, as far as it shares their news, and of draws that are always the same.

    They have the volatility at which its multiplier holds, and end at its price at the start.
    """
    market = config.of_market(name)
    beside = market.spec_beside
    assert beside is not None
    shared = sum((one.correlation * moves[one.market] for one in beside.loadings), np.zeros(len(lead) - 1))
    own = _draws(name)[np.searchsorted(session_table().dates, lead.dates[1:])]
    daily_vol = market.market.reference_vol / np.sqrt(SESSIONS_PER_YEAR)
    path = np.concatenate([[0.0], np.cumsum(daily_vol * (shared + beside.own_news * own))])
    at = int(np.searchsorted(lead.dates, np.datetime64(config.time.start), side="right")) - 1
    known = slice(0, max(at, 0) + 1)
    close = config.asset[name].start_price * exp(path[known] - path[known][-1])
    others = "".join(f"{one.market} and " for one in beside.loadings)
    return Prices(lead.dates[known], close, f"made of {others}chance, as no prices of {name} are given")


@cache
def _draws(name: str) -> Floats:
    """Return a standard normal draw for every session that is known."""
    key = int.from_bytes(hashlib.blake2b(f"past of {name}".encode(), digest_size=16).digest(), "little")
    raw = np.random.PCG64(key).random_raw(len(session_table()))
    return normal_quantiles(((raw >> np.uint64(20)).astype(np.float64) + 0.5) / float(1 << 44))


def _unit(returns: Floats) -> Floats:
    """Return log returns over their root mean square of the last quarter, itself included."""
    total = np.concatenate([[0.0], np.cumsum(returns * returns)])
    ends = np.arange(1, len(total))
    starts = np.maximum(ends - QUARTER, 0)
    size = np.sqrt((total[ends] - total[starts]) / (ends - starts))
    return np.divide(returns, size, out=np.zeros_like(returns), where=size > 0.0)


def _on_dates_of(lead: Prices, other: Prices) -> Floats:
    """Return the log returns of a market between the closes of the first, 0 where it has none."""
    at = np.clip(np.searchsorted(other.dates, lead.dates, side="right") - 1, 0, len(other) - 1)
    return np.diff(log(other.close[at]))
