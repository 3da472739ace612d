"""The default market in the middle of a year, stopped after a close: a full book to measure on."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from flowsim.authoring.rows import LOG_PRICE
from flowsim.config import load
from flowsim.engine.prepare import Market, prepare
from flowsim.engine.run_days import run_days
from flowsim.kernel.marks import LANES
from flowsim.market.arrays import MarketState, Scratch
from flowsim.market.calls import FINE, Calls
from flowsim.market.records import no_record
from flowsim.options.arrays import Options
from flowsim.options.subsystem import OPTION_MARKET

DEFAULT = "us_equity"
DAY = 120
STEP = 7
"""Half of the thirteen bars of the session are over."""


class Stopped(NamedTuple):
    """A block of the default market at the end of a day, with its option market."""

    market: Market
    state: MarketState
    scratch: Scratch
    options: Options
    calls: Calls
    day: int


@cache
def default_market() -> Market:
    """Return the default market at its start."""
    return prepare(load(DEFAULT))


def stopped(day: int = DAY) -> Stopped:
    """Return the first block of the default market, stepped up to the morning of a day."""
    market = default_market()
    state, scratch, bundles = market.new_block()
    record, calls = no_record(), market.calls(bundles)
    record.log_price[:] = state.observables[LOG_PRICE]
    arrays = (market.timetable, market.rules, market.model, state, scratch, record)
    assert run_days(*arrays, calls, 0, day, 0, LANES) == FINE
    return Stopped(market, state, scratch, bundles[OPTION_MARKET.name], calls, day)
