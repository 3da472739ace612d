"""The book of all options: its greeks, what dealers need to hedge it, and what happens to a contract at expiry.

Customers' longs are dealers' shorts. Every sum here is the customers' (`quantity` > 0 is bought by a customer); the
dealers' is its opposite, and the stock that hedges the dealers is the customers' delta. `gamma_1pct_bn` is the
dealers': positive when they are long gamma and sell a rise.

Between two marks an option keeps its place on the surface: the volatility of a strike moves with the strike's distance
to the index (sticky moneyness), and total variance runs off evenly in business time.
"""

from __future__ import annotations

from flowsim.kernel.functions import exp, normal_cdf_and_pdf, sqrt
from flowsim.kernel.lanes import fill
from flowsim.kernel.marks import LANES, function, inline
from flowsim.options.arrays import AT_CLOSE, CHARM, DELTA, GAMMA, N_GREEKS, VALUE, VANNA, VEGA
from flowsim.pricing.black import EXPIRED, d_one, total_vol_of, value_at, vega_at
from flowsim.pricing.ssvi import total_variance

POINT = 0.01
"""A vol point, and a percent of the price."""


@inline
def find_black_terms(log_price, log_strike, variance, phi, rho, left, terms):
    """Write where each path stands on a slot (3, lanes): d1, total vol, and one over it."""
    for lane in range(LANES):
        k = log_strike[lane] - log_price[lane]
        v, per_v = total_vol_of(left * total_variance(k, variance[lane], phi[lane], rho))
        terms[0, lane], terms[1, lane], terms[2, lane] = d_one(k, v, per_v), v, per_v


@inline
def add_greeks(log_price, log_strike, quantity, variance, phi, rho, left, is_call, years, sessions, terms, sums):
    """Add one slot's greeks to the sums (N_GREEKS, lanes): all but the value. `terms` (3, lanes) is work space.

    First where each path stands, then its greeks: the chain of operations from a strike to a charm is longer than what
    a processor can hold in flight, and one loop over both takes twice as long.
    """
    find_black_terms(log_price, log_strike, variance, phi, rho, left, terms)
    d1, total_vol, per_total_vol = terms[0], terms[1], terms[2]
    delta, gamma, vega = sums[DELTA], sums[GAMMA], sums[VEGA]
    vanna, charm = sums[VANNA], sums[CHARM]
    put = 1.0 - is_call
    of_vega = sqrt(years) * POINT
    half_day = 0.5 / sessions
    for lane in range(LANES):
        v, per_v = total_vol[lane], per_total_vol[lane]
        call_delta, density = normal_cdf_and_pdf(d1[lane])
        held = quantity[lane]
        held_vega = held * (density if v > EXPIRED else 0.0)
        against = held_vega * (v - d1[lane])
        delta[lane] += held * (call_delta - put)
        gamma[lane] += held_vega * per_v * POINT
        vega[lane] += held_vega * of_vega
        vanna[lane] += against * per_v * of_vega
        charm[lane] -= against * half_day


@function
def sum_gamma(listing, book, terms, rho, log_price, row, gamma):
    """Write the gamma of the whole book at a mark, (lanes,)."""
    fill(gamma, 0.0)
    for slot in range(listing.slot_programme.size):
        column = listing.slot_expiry[row, slot]
        if column >= 0:
            strike, quantity = book.log_strike[slot], book.quantity[slot]
            add_gamma(log_price, strike, quantity, book.variance[column], book.phi[column], rho, terms, gamma)


@function
def add_gamma(log_price, log_strike, quantity, variance, phi, rho, terms, gamma):
    """Add one slot's gamma at the mark to the sum (lanes,): what `add_greeks` adds, for less than all the greeks."""
    find_black_terms(log_price, log_strike, variance, phi, rho, 1.0, terms)
    for lane in range(LANES):
        gamma[lane] += quantity[lane] * vega_at(terms[0, lane], terms[1, lane]) * terms[2, lane] * POINT


@function
def add_value(log_price, log_strike, quantity, terms, is_call, value):
    """Add one slot's value at the mark to the sum (lanes,), from where `find_black_terms` found the paths."""
    for lane in range(LANES):
        k = log_strike[lane] - log_price[lane]
        value[lane] += quantity[lane] * value_at(terms[0, lane], terms[1, lane], k, is_call)


@function
def sum_book(listing, book, terms, rho, log_price, row, elapsed, closing):
    """Sum the greeks of all slots that are hedged at a time of the day.

    `elapsed` is the business time since the mark. In the last bar what settles at the close is left out: its hedge is
    unwound with the closing auction.
    """
    for greek in range(N_GREEKS):
        fill(book.total[greek], 0.0)
    for slot in range(listing.slot_programme.size):
        column = listing.slot_expiry[row, slot]
        if column < 0 or (closing and listing.slot_settles[row, slot] == AT_CLOSE):
            continue
        sessions = listing.sessions_left[row, column]
        add_greeks(
            log_price,
            book.log_strike[slot],
            book.quantity[slot],
            book.variance[column],
            book.phi[column],
            rho,
            max(1.0 - elapsed / sessions, 0.0),
            listing.slot_call[slot],
            listing.years[row, column],
            max(sessions - elapsed, 1e-9),
            terms,
            book.total,
        )


@function
def sum_by_programme(listing, book, terms, rho, log_price, row):
    """Sum greeks and value at a mark for each programme, and over all."""
    for programme in range(book.greeks.shape[0]):
        for greek in range(N_GREEKS):
            fill(book.greeks[programme, greek], 0.0)
    for slot in range(listing.slot_programme.size):
        column = listing.slot_expiry[row, slot]
        if column < 0:
            continue
        strike, quantity = book.log_strike[slot], book.quantity[slot]
        variance, phi = book.variance[column], book.phi[column]
        is_call = listing.slot_call[slot]
        sums = book.greeks[listing.slot_programme[slot]]
        years, sessions = listing.years[row, column], listing.sessions_left[row, column]
        add_greeks(log_price, strike, quantity, variance, phi, rho, 1.0, is_call, years, sessions, terms, sums)
        add_value(log_price, strike, quantity, terms, is_call, sums[VALUE])
    for greek in range(N_GREEKS):
        fill(book.total[greek], 0.0)
        for programme in range(book.greeks.shape[0]):
            for lane in range(LANES):
                book.total[greek, lane] += book.greeks[programme, greek, lane]


@function
def settle(listing, clients, book, cash, log_price, relative, row, when):
    """Pay what expires at this time of the day, customers against dealers, and take it off the book."""
    for slot in range(listing.slot_programme.size):
        if listing.slot_settles[row, slot] == when:
            account = clients.programme_account[listing.slot_programme[slot]]
            is_call = listing.slot_call[slot]
            pay(
                book.log_strike[slot],
                book.quantity[slot],
                log_price,
                relative,
                is_call,
                cash[account],
                cash[clients.dealer],
            )


@function
def pay(log_strike, quantity, log_price, relative, is_call, customer, dealer):
    """Move the payoff of one slot from dealers to customers, and empty the slot."""
    for lane in range(LANES):
        forward = 1.0 - exp(log_strike[lane] - log_price[lane])
        paid = quantity[lane] * relative[lane] * (max(forward, 0.0) if is_call > 0.0 else max(-forward, 0.0))
        customer[lane] += paid
        dealer[lane] -= paid
        quantity[lane] = 0.0
