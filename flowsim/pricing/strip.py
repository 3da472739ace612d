"""The strip of one expiry: options priced outward from the money, and the variance that they pay for.

    variance = 2 / T * sum over strikes of (dK / K^2) * growth * Q(K) - 1 / T * (F / K0 - 1)^2
    F = K* + growth * (C - P) at the strike K* where call and put cost nearly the same;  growth = exp(R T)

K0 is the highest strike at or below F. Q is the middle of bid and ask: of the put below K0, of the call above, and at
K0 the mean of both. A side is walked outward from K0: an option without a bid is dropped, and two such strikes in a row
end the walk. dK is half the distance between the neighbors that are left, and at either end the distance to the one
neighbor. Source: Cboe (2022), "Volatility Index Methodology: Cboe Volatility Index".

With half of dK on either side of a strike, the sum is that of the trapezoids between neighbors, and of half a trapezoid
more at either end: so each step of a walk needs its last strike only, and no list of survivors.
"""

from __future__ import annotations

from typing import NamedTuple

from flowsim.kernel.functions import nan, sqrt
from flowsim.kernel.marks import inline

ZERO_BIDS_TO_STOP = 2.0
SAME_PRICE = 1e-6
"""Points. Differences of quotes in ticks that are closer than this are equal but for rounding."""


class Walk(NamedTuple):
    """One side of the strip so far, K0 included; starts with `first_step`."""

    sum: float  # of the trapezoids between neighbors
    strike: float  # the last that was kept
    density: float  # its Q / K^2
    width: float  # from there to the one kept before; 0 while only K0 is
    zero_bids: float  # in a row; at 2 the walk has ended


class Strip(NamedTuple):
    """What one expiry's quotes come to; nan where the rule gives nothing."""

    variance: float  # a year
    forward: float  # index points
    k0: float
    strip_sum: float
    n_puts: float  # kept below K0
    n_calls: float  # kept above K0


@inline
def first_step(k0: float, put_mid: float, call_mid: float) -> Walk:
    """Return the walk that stands on K0, the same for both sides."""
    return Walk(0.0, k0, 0.5 * (put_mid + call_mid) / (k0 * k0), 0.0, 0.0)


@inline
def step_out(walk: Walk, strike: float, bid: float, mid: float) -> Walk:
    """Return the walk after the next strike outward: downward with puts, upward with calls."""
    walking = walk.zero_bids < ZERO_BIDS_TO_STOP
    kept = walking & (bid > 0.0)
    width = abs(strike - walk.strike)
    density = mid / (strike * strike)
    trapezoid = 0.5 * width * (walk.density + density)
    return Walk(
        walk.sum + (trapezoid if kept else 0.0),
        strike if kept else walk.strike,
        density if kept else walk.density,
        width if kept else walk.width,
        0.0 if kept else (walk.zero_bids + 1.0 if walking else walk.zero_bids),
    )


@inline
def strip_sum(puts: Walk, calls: Walk, growth: float) -> float:
    """Return the sum of dK / K^2 * growth * Q(K) over both sides and K0; nan where a side kept nothing."""
    ends = 0.5 * (puts.width * puts.density + calls.width * calls.density)
    return growth * (puts.sum + calls.sum + ends) if (puts.width > 0.0) & (calls.width > 0.0) else nan


@inline
def forward(strike: float, call_mid: float, put_mid: float, growth: float) -> float:
    """Return the forward level by put-call parity at one strike."""
    return strike + growth * (call_mid - put_mid)


@inline
def single_variance(strip_sum: float, forward: float, k0: float, years: float) -> float:
    """Return the variance a year that one expiry's strip pays for."""
    off_center = forward / k0 - 1.0
    return (2.0 * strip_sum - off_center * off_center) / years


@inline
def interpolated_index(
    variance_near: float, minutes_near: float, variance_next: float, minutes_next: float, target_minutes: float
) -> float:
    """Return the index in points: total variance is taken as linear in time between the two expiries.

    100 * sqrt((T1 v1 (N2 - N) / (N2 - N1) + T2 v2 (N - N1) / (N2 - N1)) * N365 / N); nan if that is negative.
    """
    near = minutes_near * variance_near * (minutes_next - target_minutes)
    next_ = minutes_next * variance_next * (target_minutes - minutes_near)
    variance = (near + next_) / ((minutes_next - minutes_near) * target_minutes)
    return 100.0 * sqrt(max(variance, 0.0)) if variance >= 0.0 else nan


def chain_strip(strike, call_bid, call_ask, put_bid, put_ask, growth, years):
    """Return the `Strip` of one listed expiry, in plain Python: one chain is sooner read than its reader compiled.

    All arrays are float64 of shape (n,), strikes ascending; nan is no quote. Parity and K0 need quotes whose ask is
    above zero on both sides. Of strikes with the same difference the lowest serves parity.
    """
    smallest, level = 1e300, nan
    for i in range(strike.size):
        call_mid, put_mid = 0.5 * (call_bid[i] + call_ask[i]), 0.5 * (put_bid[i] + put_ask[i])
        if call_ask[i] > 0.0 and put_ask[i] > 0.0 and abs(call_mid - put_mid) < smallest - SAME_PRICE:
            smallest = abs(call_mid - put_mid)
            level = forward(strike[i], call_mid, put_mid, growth)
    center = -1
    for i in range(strike.size):
        center = i if strike[i] <= level else center
    if center < 0:
        return Strip(nan, level, nan, nan, 0.0, 0.0)
    k0 = strike[center]
    quoted = call_ask[center] > 0.0 and put_ask[center] > 0.0
    put_mid = 0.5 * (put_bid[center] + put_ask[center]) if quoted else nan
    puts = calls = first_step(k0, put_mid, 0.5 * (call_bid[center] + call_ask[center]))
    n_puts = n_calls = 0.0
    for i in range(center - 1, -1, -1):
        if put_bid[i] >= 0.0:
            puts = step_out(puts, strike[i], put_bid[i], 0.5 * (put_bid[i] + put_ask[i]))
            n_puts += 1.0 if puts.strike == strike[i] else 0.0
    for i in range(center + 1, strike.size):
        if call_bid[i] >= 0.0:
            calls = step_out(calls, strike[i], call_bid[i], 0.5 * (call_bid[i] + call_ask[i]))
            n_calls += 1.0 if calls.strike == strike[i] else 0.0
    total = strip_sum(puts, calls, growth)
    return Strip(single_variance(total, level, k0, years), level, k0, total, n_puts, n_calls)
