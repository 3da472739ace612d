"""Quotes of one expiry as an explicit list, and the index that Cboe's method makes of two such lists."""

from __future__ import annotations

import math
from dataclasses import dataclass

from twin.plain_surface import Slice, black

STRIKES_PER_SPACING = (16, 16, 16, 20, 24)
SPACINGS = (
    (1, 2, 5, 10, 25),
    (1, 2, 5, 10, 25),
    (2, 5, 10, 25, 50),
    (5, 10, 25, 50, 50),
    (5, 10, 25, 50, 50),
)
"""Strike steps between listed strikes, outward from K0, for so many strikes each; a row for each index."""


@dataclass(frozen=True)
class Quote:
    """What a market maker shows for the call and the put of one strike."""

    strike: float
    call_bid: float
    call_ask: float
    put_bid: float
    put_ask: float

    @property
    def call_middle(self) -> float:
        """Middle of the call's quote."""
        return 0.5 * (self.call_bid + self.call_ask)

    @property
    def put_middle(self) -> float:
        """Middle of the put's quote."""
        return 0.5 * (self.put_bid + self.put_ask)


def strike_step(price: float) -> float:
    """Return the points between strikes near the money: 5 from 2,500 to 5,000, twice as much for twice the index."""
    return 5.0 * 2.0 ** math.floor(math.log2(price / 2500.0))


def bid_and_ask(premium: float, step: float, half_spread: float) -> tuple[float, float]:
    """Return the premium less and plus half the spread, rounded outward to the tick; the ask is at least one."""
    tick = (0.05 if premium < 3.0 * step / 5.0 else 0.10) * step / 5.0
    bid = math.floor((1.0 - half_spread) * premium / tick) * tick
    return max(bid, 0.0), max(math.ceil((1.0 + half_spread) * premium / tick), 1) * tick


def quoted(strike: float, price: float, surface: Slice, half_spread: float) -> Quote:
    """Quote a strike; the option in the money is worth what parity makes of the other."""
    k = math.log(strike / price)
    cheap = price * black(k, math.sqrt(surface.variance(k)), strike >= price).value
    call = cheap if strike >= price else cheap + price - strike
    put = cheap if strike < price else cheap + strike - price
    step = strike_step(price)
    return Quote(strike, *bid_and_ask(call, step, half_spread), *bid_and_ask(put, step, half_spread))


def listed_strikes(k0: float, price: float, tenor: int) -> list[float]:
    """Return the strikes of an index's expiries: whole multiples of a spacing that widens away from K0."""
    step = strike_step(price)
    below, above = [round(k0 / step)], [round(k0 / step)]
    for spacing, number in zip(SPACINGS[tenor], STRIKES_PER_SPACING, strict=True):
        for _ in range(number):
            below.append((math.ceil(below[-1] / spacing) - 1) * spacing)
            above.append((above[-1] // spacing + 1) * spacing)
    return [step * steps for steps in sorted({*below, *above}) if steps > 0]


def quotes_of(price: float, surface: Slice, half_spread: float, tenor: int) -> tuple[float, list[Quote]]:
    """Return the forward by parity and the quotes of an expiry of an index, lowest strike first."""
    apart = strike_step(price) * SPACINGS[tenor][0]
    below = apart * math.floor(price / apart)
    around = [quoted(strike, price, surface, half_spread) for strike in (below, below + apart)]
    nearest = min(around, key=lambda quote: abs(quote.call_middle - quote.put_middle))
    forward = nearest.strike + nearest.call_middle - nearest.put_middle
    strikes = listed_strikes(apart * math.floor(forward / apart), price, tenor)
    return forward, [quoted(strike, price, surface, half_spread) for strike in strikes]


def kept(side: list[tuple[float, float, float]]) -> list[tuple[float, float]]:
    """Return strike and middle of the quotes (strike, bid, ask) with a bid, up to two in a row without."""
    found, zero_bids = [], 0
    for strike, bid, ask in side:
        zero_bids = 0 if bid > 0.0 else zero_bids + 1
        if zero_bids == 2:
            break
        if bid > 0.0:
            found.append((strike, 0.5 * (bid + ask)))
    return found


def variance_of(forward: float, quotes: list[Quote], years: float) -> float:
    """Return the variance a year of an expiry by Cboe's method, the rate being zero."""
    k0 = max(quote.strike for quote in quotes if quote.strike <= forward)
    puts = kept([(q.strike, q.put_bid, q.put_ask) for q in reversed(quotes) if q.strike < k0])
    calls = kept([(q.strike, q.call_bid, q.call_ask) for q in quotes if q.strike > k0])
    center = next(q for q in quotes if q.strike == k0)
    strip = [*reversed(puts), (k0, 0.5 * (center.call_middle + center.put_middle)), *calls]
    total = 0.0
    for i, (strike, middle) in enumerate(strip):
        lower, upper = strip[max(i - 1, 0)][0], strip[min(i + 1, len(strip) - 1)][0]
        width = (upper - lower) / (2.0 if 0 < i < len(strip) - 1 else 1.0)
        total += width / strike**2 * middle
    return (2.0 * total - (forward / k0 - 1.0) ** 2) / years


def index_of(variances: tuple[float, float], minutes: tuple[float, float], target_days: float) -> float:
    """Return the index in points: total variance is linear in time between the near and the next term."""
    (near, next_), (near_minutes, next_minutes) = variances, minutes
    target = target_days * 1440.0
    share = (target - near_minutes) / (next_minutes - near_minutes)
    total = near * near_minutes * (1.0 - share) + next_ * next_minutes * share
    return 100.0 * math.sqrt(total / target)
