"""The roll: on its day a client is asked how much it trades, and the contracts of its structure are opened at the mark.

Strikes are whole steps of the listing. The premium goes from customers to dealers at the middle of the quote.
"""

from __future__ import annotations

from flowsim.kernel.call import call_kernel
from flowsim.kernel.functions import bits_float, exp, float_bits, log, nearest, sqrt
from flowsim.kernel.lanes import fill
from flowsim.kernel.marks import LANES, function, inline
from flowsim.options.book import find_black_terms
from flowsim.pricing.black import option_price, value_at
from flowsim.pricing.ssvi import total_variance

SMALLEST_STEP = 5.0
"""Index points between strikes near the money, for an index from 2,500 to 5,000; it doubles with the index."""
STEP_LEVEL = 2500.0
_EXPONENT = 0x7FF0000000000000
HALVINGS = 40
FARTHEST_CALL = 0.5
"""Log distance from the money within which the strike of a call at zero cost is sought."""


@inline
def strike_step(price: float) -> float:
    """Return the points between strikes near the money: between 0.1 and 0.2 percent of the index."""
    return SMALLEST_STEP * bits_float(float_bits(price / STEP_LEVEL) & _EXPONENT)


@inline
def listed_strike(strike: float, price: float) -> float:
    """Return the listed strike nearest to a wish."""
    step = strike_step(price)
    return step * max(nearest(strike / step), 1.0)


@function
def roll(listing, clients, book, scratch, links, rho, price, log_price, day, path0, live, counter):
    """Open what rolls at the close of a day, for all paths.

    Return -1, or the client whose order is not finite x 64 + the path; paths beyond `live` do not count.
    """
    # A row of an array is longer than a loop over LANES where the loop is narrowed.
    row = links.observables.shape[1]
    for opening in range(listing.opens_from[day], listing.opens_from[day + 1]):
        client = listing.open_client[opening]
        if links.replaying == 1 and clients.uses_noise[client] == 1:
            continue
        fill(scratch.order, 0.0)
        call_kernel(
            clients.kernels[client],
            links.observables,
            clients.params,
            clients.params_at[client],
            links.agents,
            clients.state_at[client] * row,
            scratch.order,
            1,
            path0,
            counter,
            clients.key_0[client],
            clients.key_1[client],
            links.mirror,
        )
        for lane in range(live):
            if not abs(scratch.order[lane]) < 1e300:
                return client * row + lane
        column = listing.open_expiry[opening]
        account = clients.programme_account[clients.programme[client]]
        fill(scratch.cost, 0.0)
        for leg in range(clients.legs_from[client], clients.legs_from[client + 1]):
            slot = listing.open_slot[opening] + leg - clients.legs_from[client]
            open_leg(
                clients.leg_call[leg],
                clients.leg_strike[leg],
                clients.leg_quantity[leg],
                scratch.order,
                scratch.cost,
                price,
                log_price,
                book.variance[column],
                book.phi[column],
                rho,
                scratch.black_terms,
                book.log_strike[slot],
                book.quantity[slot],
            )
        for lane in range(LANES):
            paid = scratch.cost[lane] * scratch.order[lane] * links.relative[lane]
            links.cash[account, lane] -= paid
            links.cash[clients.dealer, lane] += paid
    return -1


@function
def open_leg(is_call, ratio, part, order, cost, price, log_price, variance, phi, rho, terms, log_strike, quantity):
    """Put one leg on the book, and its cost over the index on what the structure costs so far."""
    if ratio == 0.0:
        for lane in range(LANES):
            distance = call_that_costs(-cost[lane] / part, variance[lane], phi[lane], rho)
            log_strike[lane] = log(listed_strike(price[lane] * exp(distance), price[lane]))
    else:
        for lane in range(LANES):
            log_strike[lane] = log(listed_strike(ratio * price[lane], price[lane]))
    find_black_terms(log_price, log_strike, variance, phi, rho, 1.0, terms)
    for lane in range(LANES):
        quantity[lane] = part * order[lane]
        k = log_strike[lane] - log_price[lane]
        cost[lane] += part * value_at(terms[0, lane], terms[1, lane], k, is_call)


@inline
def call_that_costs(target_price, variance, phi, rho):
    """Return the log distance from the money of the call that costs this part of the index, by bisection."""
    low, high = 0.0, FARTHEST_CALL
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        v = sqrt(total_variance(middle, variance, phi, rho))
        above_target = option_price(middle, v, 1.0) > target_price
        low, high = (middle if above_target else low), (high if above_target else middle)
    return low
