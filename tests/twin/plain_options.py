"""The option market of one path in plain Python, as slow as it likes. It is the specification of the engine's.

Contracts stand in a dictionary under what is written on them, and the quantity is the customers'; dealers hold the
opposite. Every sum over the book is taken anew. Quantities and stock count in USD bn at the start price, cash in USD bn
of the day. plain_mark.py has the surface, plain_quotes.py the indices.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from twin.plain_expiries import MINUTES_IN_YEAR, Expiry, minutes_to, sessions_to
from twin.plain_mark import Contract, PlainSurface
from twin.plain_quotes import strike_step
from twin.plain_random import Stream, stream_key
from twin.plain_surface import Slice, black
from twin.plain_traders import Trader

from flowsim.authoring.structure import ZERO_COST, Leg, Structure
from flowsim.authoring.view import View
from flowsim.clock import roll_calendar
from flowsim.engine.prepare import Market

INDICES = ("vix9d", "vix", "vix3m", "vix6m", "vix1y")
FARTHEST_CALL = 0.5  # log distance from the money
PROFILE_EVERY = 5


class Sums(NamedTuple):
    """Greeks and value of customers' contracts, USD bn at the start price.

    Delta; its change for a rise of 1 percent; value for a vol point; change of delta for a vol point; change of delta
    in a session; value.
    """

    delta: float
    gamma: float
    vega: float
    vanna: float
    charm: float
    value: float


class Close(NamedTuple):
    """What a close leaves behind: the five indices, the parts of each, the sums of each programme.

    `smile` has volatility at the money and skew of each tenor; `profile`, each fifth day, dealers' gamma if the index
    were from 10 % lower to 10 % higher.
    """

    points: list[float]
    smile: list[tuple[float, float]]
    profile: list[float]
    parts: list[list[float]]
    sums: list[Sums]


@dataclass
class Client:
    """One agent of a programme, and the expiry that it rolls into on each of its days."""

    programme: int
    trader: Trader
    agent: int
    structure: Structure
    stream: Stream
    rolls: dict[int, Expiry]

    def deals(self, observables: dict[str, float], path: int, counter: int) -> float:
        """Ask for the notional that it deals now."""
        params, state = self.trader.agents[self.agent]
        noise = self.stream.normals(path, counter)[0] if self.trader.strategy.uses_noise else 0.0
        state, order = self.trader.strategy.rule(View(**observables), params, state, noise)
        self.trader.agents[self.agent] = (params, state)
        return order


class PlainOptions:
    """Customers' contracts, the surface they are marked on, and what dealers must hold against them."""

    def __init__(self, market: Market, path: int, traders: list[Trader]) -> None:
        self.path, lane, listing = path, path % 64, market.listing
        self.surface = PlainSurface(market, lane)
        self.traders = [trader for trader in traders if trader.strategy.structure]
        self.clients = clients_of(market, self.traders)
        self.start_price = float(market.history.close[-1])
        self.dealers_cash = 0.0
        self.closes: list[Close] = []
        self.book: dict[Contract, float] = defaultdict(float)
        for slot in np.flatnonzero(listing.slot_expiry[0] >= 0).tolist():
            expiry = list(self.surface.slices)[listing.slot_expiry[0, slot]]
            strike = round(math.exp(market.book.log_strike[slot, lane]), 6)
            contract = Contract(int(listing.slot_programme[slot]), bool(listing.slot_call[slot]), strike, expiry)
            self.book[contract] += float(market.book.quantity[slot, lane])

    def sums(self, price: float, elapsed: float, left_out: Expiry | None = None, programme: int | None = None) -> Sums:
        """Sum the book, so much business time after the mark.

        A strike's volatility moves with its distance to the index, and total variance runs off evenly.
        """
        total = np.zeros(len(Sums._fields))
        for contract, quantity in self.book.items():
            if contract.expiry == left_out or programme not in (None, contract.programme):
                continue
            today, expiry = self.surface.today, contract.expiry
            k, sessions = math.log(contract.strike / price), sessions_to(today, expiry, self.surface.overnight)
            w = (1.0 - elapsed / sessions) * self.surface.slices[expiry].variance(k)
            one = black(k, math.sqrt(w), contract.call)
            point = 0.01 * math.sqrt(minutes_to(today, expiry) / MINUTES_IN_YEAR)
            decay = -w / (sessions - elapsed)
            charm = one.vanna / (2.0 * math.sqrt(w)) * decay
            greeks = (one.delta, 0.01 * one.gamma, point * one.vega, point * one.vanna, charm, one.value)
            total += quantity * np.array(greeks)
        return Sums(*total.tolist())

    def publish(self, observables: dict[str, float], held: float, elapsed: float, closes_today: dt.date | None) -> None:
        """Show dealers what they lack to be hedged, and their gamma; what settles at this bar's end needs no hedge."""
        left_out = Expiry(closes_today, True) if closes_today else None
        total = self.sums(observables["price"], elapsed, left_out)
        observables |= {"hedge_gap_bn": total.delta - held, "gamma_1pct_bn": -total.gamma}

    def settle(self, expiry: Expiry, price: float) -> None:
        """Pay what expires, dealers to customers, and take it off the book."""
        for contract in [contract for contract in self.book if contract.expiry == expiry]:
            quantity = self.book.pop(contract)
            worth = (price - contract.strike if contract.call else contract.strike - price) / self.start_price
            self.pay(contract.programme, -quantity * max(worth, 0.0))

    def pay(self, programme: int, amount: float) -> None:
        """Move cash from customers to dealers."""
        self.traders[programme].cash -= amount
        self.dealers_cash += amount

    def close(self, day: int, today: dt.date, observables: dict[str, float], counter: int) -> None:
        """Settle, mark, roll at the mark, mark again with the demand of what has rolled, and set the indices."""
        price, surface = observables["price"], self.surface
        self.settle(Expiry(today, True), price)
        surface.follow(observables["day_return"], observables["sentiment"])
        rolling = [client for client in self.clients if day in client.rolls]
        marked = {contract.expiry for contract in self.book} | {client.rolls[day] for client in rolling}
        surface.mark(today, marked)
        for client in rolling:
            self.roll(client, client.rolls[day], observables, counter)
        surface.weigh(price, self.book)
        surface.mark(today, marked)
        surface.get_used()
        sums = [self.sums(price, 0.0, programme=programme) for programme in range(len(self.traders))]
        points = surface.indices(price)
        shown = range(-10, 11) if day % PROFILE_EVERY == PROFILE_EVERY - 1 else ()
        profile = [-self.sums(price * (1.0 + percent / 100.0), 0.0).gamma for percent in shown]
        self.closes.append(Close(points, surface.smile(), profile, [list(parts) for parts in surface.parts], sums))
        observables |= dict(zip(INDICES, points, strict=True)) | {"gamma_1pct_bn": -sum(one.gamma for one in sums)}

    def roll(self, client: Client, expiry: Expiry, observables: dict[str, float], counter: int) -> None:
        """Open a client's structure at the marked surface; its premium goes from customers to dealers."""
        order, price, surface = (
            client.deals(observables, self.path, counter),
            observables["price"],
            self.surface.slices[expiry],
        )
        params, cost = client.trader.agents[client.agent][0], 0.0
        for leg in client.structure.legs:
            wish = price * (
                math.exp(call_worth(-cost / leg.quantity, surface))
                if leg.strike == ZERO_COST
                else getattr(params, leg.strike)
            )
            step = strike_step(price)
            contract = Contract(client.programme, leg.kind == "call", step * math.floor(wish / step + 0.5), expiry)
            self.book[contract] += leg.quantity * order
            cost += leg.quantity * premium(leg, contract.strike, price, surface)
        self.pay(client.programme, cost * order * price / self.start_price)


def premium(leg: Leg, strike: float, price: float, surface: Slice) -> float:
    """Return what an option costs over the index."""
    k = math.log(strike / price)
    return black(k, math.sqrt(surface.variance(k)), leg.kind == "call").value


def call_worth(worth: float, surface: Slice) -> float:
    """Return the log distance from the money of the call that is worth this part of the index."""
    low, high = 0.0, FARTHEST_CALL
    for _ in range(60):
        k = 0.5 * (low + high)
        too_dear = black(k, math.sqrt(surface.variance(k)), True).value > worth
        low, high = (k, high) if too_dear else (low, k)
    return low


def clients_of(market: Market, traders: list[Trader]) -> list[Client]:
    """Return every agent of the programmes, in the order of the config; each has its own stream of draws."""
    config, names, clients = market.config, market.programmes, []
    for programme, (name, trader) in enumerate(zip(names, traders, strict=True)):
        structure = trader.strategy.structure
        assert structure is not None
        for agent, (params, _) in enumerate(trader.agents):
            numbers = [
                int(getattr(params, value)) if isinstance(value, str) else value
                for value in (structure.ahead, structure.offset, structure.sessions_ahead)
            ]
            rolls = roll_calendar(
                market.dates,
                structure.rolls,
                structure.expires,
                ahead=numbers[0],
                month_offset=numbers[1],
                sessions_ahead=numbers[2],
            )
            into = zip(rolls.days.tolist(), rolls.expiry_dates.tolist(), rolls.am_settled.tolist(), strict=True)
            stream = Stream(stream_key(config.seed, f"population:{name}:{agent}"), config.antithetic)
            days = {day: Expiry(date, not am) for day, date, am in into}
            clients.append(Client(programme, trader, agent, structure, stream, days))
    return clients
