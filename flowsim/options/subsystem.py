"""The option market as a subsystem of a market: when it is called, and what it works on."""

from __future__ import annotations

import numpy as np

from flowsim.config.spec import MarketSpec
from flowsim.kernel.rule_kernel import fields_read
from flowsim.market.phases import AFTER_CLOSE, AFTER_FILLS, AFTER_TRADES, BEFORE_BAR, KEEP, MOVE
from flowsim.market.subsystem import Host, Room, Subsystem
from flowsim.options.arrays import INDICES, Book, Links, Listing, Options
from flowsim.options.build import build_surface, new_book, new_option_scratch
from flowsim.options.clients import build_clients, clients_of
from flowsim.options.listing import build_listing, rows_of
from flowsim.options.phases import BAD_PROGRAMME, NO_PRICE, SMALLEST_RESISTANCE, do_phase
from flowsim.options.record import new_option_record

OPTION_SESSIONS = 378
"""Sessions of history in which options are listed: what any programme holds at the start has been opened in them, and
six half-lives of the usual demand have passed."""


class OptionMarket(Subsystem):
    """Programmes that buy and sell options, dealers who make them, and the volatility indices.

    Its rows of the view and its tables are older than other subsystems, so the market has them with or without it.
    """

    name = "option_market"
    phases = (BEFORE_BAR, MOVE, AFTER_FILLS, AFTER_CLOSE, AFTER_TRADES, KEEP)
    work = staticmethod(do_phase)
    why_before = "what options are held at the start"

    def sessions_before(self, spec: MarketSpec) -> int:
        """Return how many sessions of real history it lives through before the start, at most."""
        return OPTION_SESSIONS if spec.options.listed else 0

    def known(self, spec: MarketSpec, dates: np.ndarray) -> Listing:
        """Return what is listed on the sessions `dates`, of which the first is before the first day."""
        return build_listing(spec, dates)

    def days_of(self, known: Listing, first: int, last: int) -> Listing:
        """Return what is listed from one day up to another."""
        return rows_of(known, first, last)

    def as_replayed(self, spec: MarketSpec, known: Listing, *, shown_at_last: bool) -> Listing:
        """Return a listing without what makes no difference along given prices.

        Left out are the contracts of programmes that trade at random, since they are silent then, and the indices,
        unless a rule looks at one; `shown_at_last` leaves those of the last close.
        """
        silent = [spec.population(name).strategy.uses_noise for name in spec.programmes]
        slot_expiry = known.slot_expiry.copy()
        slot_expiry[:, np.array(silent, bool)[known.slot_programme]] = -1
        listing = known._replace(slot_expiry=slot_expiry)
        if any(set(INDICES).intersection(fields_read(one.strategy)) for one in spec.populations):
            return listing
        unquoted = np.full_like(listing.index_expiry, -1)
        if shown_at_last:
            unquoted[-1] = listing.index_expiry[-1]
        return listing._replace(index_expiry=unquoted)

    def new_state(self, spec: MarketSpec, known: Listing, log_close: np.ndarray) -> Book:
        """Return an empty book, its averages at what past log closes (n,) make them."""
        return new_book(known, len(spec.programmes), log_close)

    def bundle(self, host: Host, known: Listing, state: Book) -> Options:
        """Return the option market of a block: its calendar, its book, and the arrays of the market it works on."""
        clients = build_clients(host.spec, host.rules.kernels, host.rules.state_at, host.rules.market_maker)
        record = new_option_record(0, len(host.spec.programmes), state.parts.shape[1], ())
        record.parts_before[:] = state.parts
        scratch = new_option_scratch(state)
        return Options(known, clients, build_surface(host.spec), state, scratch, links_of(host), record)

    def with_record(self, bundle: Options, spec: MarketSpec, room: Room) -> Options:
        """Return the option market with room for its tables of the next chunk of days."""
        book, sizes = bundle.book, (room.chains, bundle.book.variance.shape[0])
        record = new_option_record(room.closes, len(spec.programmes), book.parts.shape[1], room.tables, *sizes)
        record.parts_before[:] = bundle.record.parts_before
        return bundle._replace(record=record)

    def in_force(self, bundle: Options, days: int) -> np.ndarray:
        """Return how many expiries are marked on each day, int64 (days + 1,)."""
        return bundle.listing.n_expiries

    def fault(self, spec: MarketSpec, what: int, where: str) -> str:
        """Return what broke: no price clears against the dealers' hedges, or a client's order is no number."""
        if what == NO_PRICE:
            return (
                f"no price clears on {where}: hedging by population {spec.names[spec.hedger]} feeds on itself (dealers"
                f" are so short of gamma that 1 + 100 x impact x gamma is below {SMALLEST_RESISTANCE:g}, and a move"
                f" more than {1.0 / SMALLEST_RESISTANCE:.0f} times the news in it); lower the programmes that buy"
                " options, or market.multiplier"
            )
        client = clients_of(spec)[what - BAD_PROGRAMME]
        return (
            f"population {client.name} (strategy {client.strategy.name}) gave a notional that is not a finite number on"
            f" {where}"
        )


OPTION_MARKET = OptionMarket()


def links_of(host: Host) -> Links:
    """Return the arrays of a market that its option market reads and writes."""
    state, scratch = host.state, host.scratch
    return Links(
        timetable=host.timetable,
        observables=state.observables,
        shares=state.shares,
        cash=state.cash,
        relative=scratch.relative,
        agents=state.agents,
        trading=scratch.trading,
        slope=scratch.slope,
        total=scratch.total,
        moved=scratch.orders,
        flow=scratch.flow,
        flow_sum=scratch.flow_sum,
        contribution_sum=scratch.contribution_sum,
        mode_weight=host.model.impact.mode_weight,
        transient=state.impact.transient,
        first_source=host.rules.first_source,
        replaying=host.model.replaying,
        mirror=host.model.mirror,
    )
