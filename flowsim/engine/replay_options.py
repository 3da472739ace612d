"""The option market on a given path: programmes roll on their dates, and dealers hedge once a session.

It is the simulation's, on a copy of the warm market's book. The path has one bar a session, so what opens at
one close and settles at the next is not hedged: its hedge would be built up and unwound within the session.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from flowsim.authoring.rows import LOG_PRICE
from flowsim.config.spec import MarketSpec
from flowsim.engine.parts import calls_of
from flowsim.kernel.marks import LANES, NARROW_LANES
from flowsim.kernel.memory import copied_bundle, zeros
from flowsim.market.subsystem import Host
from flowsim.options.arrays import DELTA, N_GREEKS, Book, Listing
from flowsim.options.subsystem import OPTION_MARKET
from flowsim.options.traded import sum_traded


class ReplayedOptions(NamedTuple):
    """What became of the option market along some paths; the last axis is the path.

    `greeks`, (days, programmes, N_GREEKS, paths), are the customers' at each close, after what is traded at it; see
    `flowsim.options.arrays`. `hedge`, (days, paths), is the stock that dealers hold then, USD bn.
    """

    programmes: list[str]
    greeks: np.ndarray
    hedge: np.ndarray


class OptionReplayer:
    """The option market of a block along given paths, and what is kept of it."""

    def __init__(
        self,
        host: Host,
        listed: tuple[Listing, Book],
        shape: tuple[int, int],
    ) -> None:
        listing, book = listed
        (days, paths), programmes = shape, host.spec.programmes
        self.options = OPTION_MARKET.bundle(host, listing, copied_bundle(book))
        bundles = {OPTION_MARKET.name: self.options}
        self.calls = calls_of((OPTION_MARKET,), bundles, days, narrow=paths <= NARROW_LANES)
        self.state, self.rows = host.state, option_rows(host.spec)
        self.traded = zeros(len(programmes), N_GREEKS, LANES)
        self.replayed = ReplayedOptions(
            programmes, np.empty((days, len(programmes), N_GREEKS, paths)), np.zeros((days, paths))
        )

    def keep(self, day: int, flow: np.ndarray, wanted: np.ndarray) -> None:
        """Keep a close, and add to what all populations traded and wish, (populations, paths), what this market did."""
        listing, clients, surface, book, scratch, _, _ = self.options
        sum_traded(
            listing.opens_from, listing.open_client, listing.open_slot, listing.open_expiry,
            listing.slot_programme, listing.slot_call, listing.years, listing.sessions_left, clients.legs_from,
            book.log_strike, book.quantity, book.variance, book.phi, scratch.black_terms,
            surface.rho, self.state.observables[LOG_PRICE], day, self.traded,
        )  # fmt: skip
        paths = flow.shape[1]
        flow[self.rows.programmes] = self.traded[:, DELTA, :paths]
        self.replayed.greeks[day] = book.greeks[:, :, :paths]
        if self.rows.hedger >= 0:
            self.replayed.hedge[day] = self.state.shares[self.rows.hedger, :paths]
        wish_of(book, self.rows, wanted)


class OptionRows(NamedTuple):
    """Rows of the option programmes among the populations, and that of who hedges, -1 for none."""

    programmes: list[int]
    hedger: int


def option_rows(spec: MarketSpec) -> OptionRows:
    """Return which populations take part in the option market."""
    return OptionRows([spec.names.index(name) for name in spec.programmes], spec.hedger)


def wish_of(book: Book, rows: OptionRows, wanted: np.ndarray) -> None:
    """Write the delta of what customers hold, and as dealers' wish the stock that hedges it, (populations, paths)."""
    delta = book.greeks[:, DELTA, : wanted.shape[1]]
    wanted[rows.programmes] = delta
    if rows.hedger >= 0:
        wanted[rows.hedger] = delta.sum(axis=0)
