"""Quotes as a market maker shows them, and the index that they come to by Cboe's method.

Near the money a strike is listed every step, farther out every second, fifth, tenth and so on. The quote is the model
price less and plus half the spread, rounded outward to the tick; below the smallest tick there is no bid, so far out
the strip ends as it does in the market.
"""

from __future__ import annotations

import numpy as np

from flowsim.clock.year import MINUTES_PER_DAY, MINUTES_PER_YEAR
from flowsim.kernel.entry import entry
from flowsim.kernel.functions import exp, log, nan, rounded_down, rounded_up
from flowsim.kernel.lanes import fill
from flowsim.kernel.marks import LANES, function, inline
from flowsim.options.arrays import N_TENORS, TENOR_DAYS
from flowsim.options.rolling import SMALLEST_STEP, strike_step
from flowsim.pricing.black import d_one, time_value, total_vol_of
from flowsim.pricing.ssvi import total_variance
from flowsim.pricing.strip import (
    ZERO_BIDS_TO_STOP,
    Walk,
    first_step,
    forward,
    interpolated_index,
    single_variance,
    step_out,
    strip_sum,
)

TICK, TICK_ABOVE, LARGE_TICK = 0.05, 3.0, 0.10
"""Cboe's minimum increments for SPX, in points for a strike step of 5: below and from a premium of 3."""
STRIKES_PER_SPACING = np.array([16, 16, 16, 20, 24])
SPACINGS = np.array([[1, 2, 5, 10, 25], [2, 5, 10, 25, 50], [5, 10, 25, 50, 50]])
"""Strike steps from one listed strike to the next, going outward from the money, by the time that an expiry has."""
MOST_STRIKES = 2 * int(STRIKES_PER_SPACING.sum()) + 1
SPACED_UP_TO_DAYS = (50.0, 140.0)
"""Calendar days to settlement up to which an expiry is spaced by the first row, and by the second: between the terms
of VIX and VIX3M, and between those of VIX3M and VIX6M."""
TARGET_MINUTES = MINUTES_PER_DAY * np.array(TENOR_DAYS)
INDEX, PER_INDEX, STEP, PER_STEP = 0, 1, 2, 3
"""Rows of `OptionScratch.strike_grid`: the index, the points between strikes near the money, and one over each."""


@inline
def quote(price: float, step: float, per_step: float, half_spread: float) -> tuple[float, float]:
    """Return bid and ask in points for a model price in points; nothing is asked for less than a tick."""
    in_steps = price * per_step
    cheap = in_steps < TICK_ABOVE / SMALLEST_STEP
    tick = step * (TICK / SMALLEST_STEP if cheap else LARGE_TICK / SMALLEST_STEP)
    ticks = in_steps * (SMALLEST_STEP / TICK if cheap else SMALLEST_STEP / LARGE_TICK)
    half = half_spread * ticks
    return max(rounded_down(ticks - half), 0.0) * tick, max(rounded_up(ticks + half), 1.0) * tick


@inline
def black_terms_at(
    strike: float, per_price: float, variance: float, phi: float, rho: float
) -> tuple[float, float, float]:
    """Return where an option stands: d1, its total vol, and the strike over the index less one."""
    ratio = strike * per_price
    k = log(ratio)
    v, per_v = total_vol_of(total_variance(k, variance, phi, rho))
    return d_one(k, v, per_v), v, ratio - 1.0


@inline
def next_strike(steps: float, spacing: float, is_call: float) -> float:
    """Return the next listed strike outward, in steps: the next whole multiple of the spacing."""
    return (
        (rounded_down(steps / spacing) + 1.0) * spacing
        if is_call > 0.0
        else (rounded_up(steps / spacing) - 1.0) * spacing
    )


@function
def start_walks(strike_grid, variance, phi, rho, half_spread, spacing, steps, walks, start, level):
    """Find the forward by parity and put both walks of the strip on K0, which is the `start` (lanes,).

    `steps` (2, lanes) are the strikes of the put side and the call side in strike steps, `walks` (2, 5, lanes) the
    fields of their `Walk`. Listed near the money are whole multiples of `spacing` steps. The two of them around the
    index are the only ones at which call and put can cost nearly the same.
    """
    puts, calls, put_steps, call_steps = walks[0], walks[1], steps[0], steps[1]
    for lane in range(LANES):
        price, per_price = strike_grid[INDEX, lane], strike_grid[PER_INDEX, lane]
        step, per_step = strike_grid[STEP, lane], strike_grid[PER_STEP, lane]
        parity, middle = center(price, per_price, step, per_step, variance[lane], phi[lane], rho, half_spread, spacing)
        level[lane] = parity
        k0 = middle * step
        call_mid, put_mid = middles(k0, price, per_price, step, per_step, variance[lane], phi[lane], rho, half_spread)
        first = first_step(k0, put_mid, call_mid)
        keep_walk(puts, lane, first)
        keep_walk(calls, lane, first)
        put_steps[lane], call_steps[lane], start[lane] = middle, middle, k0


@inline
def center(price, per_price, step, per_step, variance, phi, rho, half_spread, spacing):
    """Return the forward by parity, and K0 in strike steps."""
    apart = spacing * step
    below = rounded_down(price / apart)
    smallest, parity = 1e300, 0.0
    for side in range(2):
        strike = (below + side) * apart
        call_mid, put_mid = middles(strike, price, per_price, step, per_step, variance, phi, rho, half_spread)
        nearer = abs(call_mid - put_mid) < smallest
        smallest = abs(call_mid - put_mid) if nearer else smallest
        parity = forward(strike, call_mid, put_mid, 1.0) if nearer else parity
    return parity, rounded_down(parity / apart) * spacing


@inline
def both_quotes(strike, price, per_price, step, per_step, variance, phi, rho, half_spread):
    """Return bid and ask of the call, and of the put, at a strike."""
    d1, v, growth = black_terms_at(strike, per_price, variance, phi, rho)
    cheap = price * time_value(d1, v, growth)
    call_bid, call_ask = quote(cheap + max(price - strike, 0.0), step, per_step, half_spread)
    put_bid, put_ask = quote(cheap + max(strike - price, 0.0), step, per_step, half_spread)
    return call_bid, call_ask, put_bid, put_ask


@inline
def middles(strike, price, per_price, step, per_step, variance, phi, rho, half_spread):
    """Return the middle of the quotes of the call and of the put at a strike."""
    call_bid, call_ask, put_bid, put_ask = both_quotes(
        strike, price, per_price, step, per_step, variance, phi, rho, half_spread
    )
    return 0.5 * (call_bid + call_ask), 0.5 * (put_bid + put_ask)


@inline
def keep_walk(walk, lane, one):
    """Write the fields of a walk."""
    walk[0, lane], walk[1, lane], walk[2, lane] = one.sum, one.strike, one.density
    walk[3, lane], walk[4, lane] = one.width, one.zero_bids


@inline
def walk_at(walk, lane):
    """Read the fields of a walk."""
    return Walk(walk[0, lane], walk[1, lane], walk[2, lane], walk[3, lane], walk[4, lane])


@function
def walk_out(strike_grid, variance, phi, rho, half_spread, spacings, is_call, steps, walk, terms):
    """Walk one side of the strip outward until every path has met two zero bids in a row."""
    for tier in range(STRIKES_PER_SPACING.size):
        outward = float(spacings[tier]) if is_call > 0.0 else -float(spacings[tier])
        for lane in range(LANES):
            steps[lane] = next_strike(steps[lane], abs(outward), is_call) - outward
        for _ in range(STRIKES_PER_SPACING[tier]):
            for lane in range(LANES):
                steps[lane] += outward
            take_step(strike_grid, variance, phi, rho, half_spread, steps, walk, terms)
            walking = 0
            for lane in range(LANES):
                walking += 1 if walk[4, lane] < ZERO_BIDS_TO_STOP else 0
            if walking == 0:
                return


@inline
def take_step(strike_grid, variance, phi, rho, half_spread, steps, walk, terms):
    """Price and quote the next strike of every path, and add it to the strip.

    Three loops: see `book.add_greeks`.
    """
    for lane in range(LANES):
        strike = max(steps[lane], 1.0) * strike_grid[STEP, lane]
        terms[0, lane], terms[1, lane], terms[2, lane] = black_terms_at(
            strike, strike_grid[PER_INDEX, lane], variance[lane], phi[lane], rho
        )
    for lane in range(LANES):
        terms[0, lane] = strike_grid[INDEX, lane] * time_value(terms[0, lane], terms[1, lane], terms[2, lane])
    for lane in range(LANES):
        bid, ask = quote(terms[0, lane], strike_grid[STEP, lane], strike_grid[PER_STEP, lane], half_spread)
        strike = max(steps[lane], 1.0) * strike_grid[STEP, lane]
        mid = 0.5 * (bid + ask)
        keep_walk(walk, lane, step_out(walk_at(walk, lane), strike, bid if steps[lane] >= 1.0 else 0.0, mid))


@function
def term_variance(strike_grid, variance, phi, rho, half_spread, spacings, years, walking, terms, result):
    """Write the variance a year that the quotes of one expiry pay for, (lanes,)."""
    steps, walks, start, level = walking
    start_walks(strike_grid, variance, phi, rho, half_spread, float(spacings[0]), steps, walks, start, level)
    walk_out(strike_grid, variance, phi, rho, half_spread, spacings, 0.0, steps[0], walks[0], terms)
    walk_out(strike_grid, variance, phi, rho, half_spread, spacings, 1.0, steps[1], walks[1], terms)
    for lane in range(LANES):
        total = strip_sum(walk_at(walks[0], lane), walk_at(walks[1], lane), 1.0)
        result[lane] = single_variance(total, level[lane], start[lane], years)


@function
def find_indices(listing, book, scratch, rho, half_spread, price, row):
    """Quote the two expiries of each index and set it; a tenor that is not listed is nan."""
    for lane in range(LANES):
        scratch.strike_grid[INDEX, lane], scratch.strike_grid[PER_INDEX, lane] = price[lane], 1.0 / price[lane]
        scratch.strike_grid[STEP, lane] = strike_step(price[lane])
        scratch.strike_grid[PER_STEP, lane] = 1.0 / scratch.strike_grid[STEP, lane]
    for tenor in range(N_TENORS):
        if listing.index_expiry[row, tenor, 0] < 0:
            fill(book.points[tenor], nan)
            continue
        for term in range(2):
            column = listing.index_expiry[row, tenor, term]
            term_variance(
                scratch.strike_grid,
                book.variance[column],
                book.phi[column],
                rho,
                half_spread,
                SPACINGS[listing.spacing[row, column]],
                listing.index_minutes[row, tenor, term] / MINUTES_PER_YEAR,
                (scratch.steps, scratch.walks, scratch.start, scratch.level),
                scratch.black_terms,
                scratch.term[term],
            )
        near, next_ = listing.index_minutes[row, tenor, 0], listing.index_minutes[row, tenor, 1]
        for lane in range(LANES):
            book.points[tenor, lane] = interpolated_index(
                scratch.term[0, lane], near, scratch.term[1, lane], next_, TARGET_MINUTES[tenor]
            )


@entry
def quote_expiry(log_price, variance, phi, rho, half_spread, spacings, strikes, quotes) -> int:
    """Write what is quoted for one expiry, and return how many strikes, from the first.

    `strikes` (MOST_STRIKES,) come out ascending, `quotes` (MOST_STRIKES, 4) are bid and ask of the call, then of the
    put. They are the quotes that an index would be computed from.
    """
    price = exp(log_price)
    per_price, step = 1.0 / price, strike_step(price)
    per_step = 1.0 / step
    _, steps = center(price, per_price, step, per_step, variance, phi, rho, half_spread, float(spacings[0]))
    n_below = list_side(steps, spacings, 0.0, strikes)
    for i in range(n_below // 2):
        strikes[i], strikes[n_below - 1 - i] = strikes[n_below - 1 - i], strikes[i]
    strikes[n_below] = steps
    count = n_below + 1 + list_side(steps, spacings, 1.0, strikes[n_below + 1 :])
    for i in range(count):
        strikes[i] *= step
        quotes[i, 0], quotes[i, 1], quotes[i, 2], quotes[i, 3] = both_quotes(
            strikes[i], price, per_price, step, per_step, variance, phi, rho, half_spread
        )
    return count


@inline
def list_side(steps, spacings, is_call, found):
    """Write the strikes that are listed on one side of K0, outward and in steps; return how many."""
    count = 0
    for tier in range(STRIKES_PER_SPACING.size):
        for _ in range(STRIKES_PER_SPACING[tier]):
            steps = next_strike(steps, float(spacings[tier]), is_call)
            if steps >= 1.0:
                found[count] = steps
                count += 1
    return count
