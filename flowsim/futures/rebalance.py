"""What products on VIX futures trade after a close: where it clears, what they hold then, and the stock behind it.

A product of leverage L and worth V becomes V (1 + L c) when the index returns c, and trades L (L - 1) V c to have its
leverage again: all of them buy when volatility rises, long and short alike (Cheng & Madhavan 2009, "The Dynamics of
Leveraged and Inverse Exchange-Traded Funds"). With E the sum of L (L - 1) V, P the price at the close before, S the
points that a vega of 1 bn adds to it, and c0 the return before they trade, y = 1 + c solves

    y = 1 + c0 + A (y - 1) / y + B,    A = E S / P^2,    B = S / P^2 * sum of -L V over those that end

In a fall the depth is that of a percent and not of a point: y = 1 + (c0 + B) / (1 - A). A quadratic would have the
futures fall without end. S is the option market's own: what its depth of vega, thinned by the level of the day, does to
the indices, and these to the futures.
"""

from __future__ import annotations

from flowsim.futures.curve import LOWEST_SQUARE, price_futures
from flowsim.kernel.functions import exp, log, sqrt
from flowsim.kernel.lanes import copy, fill
from flowsim.kernel.marks import LANES, function, inline
from flowsim.market.phases import AFTER_CLOSE, AFTER_FILLS, MOVE, NEWS
from flowsim.options.arrays import PATH_DEPENDENT
from flowsim.options.mark import LOWEST_LEVEL, USUAL_LEVEL

SMALLEST_RESISTANCE = 0.02
"""What is left of 1 - A: below it a fall would be more than fifty times what caused it."""
LOWEST_POINTS = sqrt(LOWEST_SQUARE)
LEVEL, RETURN, BEFORE, LONG, SHORT, VEGA, TRADE, ROLL = range(8)
"""Rows of what is published."""


def do_phase(products, phase, day, step, path0, live):
    """Do what products have to do in a phase; return 0, or 1 + who does not clear x 64 + its path."""
    if phase == NEWS:
        if step == 0:
            begin_day(products, day)
    elif phase == MOVE:
        if step > 0:
            hedge_in_stock(products)
    elif phase == AFTER_FILLS:
        if step > 0:
            book_stock(products)
    elif phase == AFTER_CLOSE:
        return rebalance(products, day, live)
    else:
        take_return(products, day)
    return 0


@inline
def begin_day(products, day):
    """Buy what the products of the start hold; on a settlement day count the contracts anew."""
    calendar, vega, shown = products.calendar, products.vega, products.shown
    if day == 0:
        price_futures(calendar.curve.weight[0], calendar.curve.below[0], products.indices, products.prices)
        price_held(calendar, 0, products.prices, products.state.price)
        fill(products.state.rise, 1.0)
        fill(shown[LEVEL], 100.0)
        hold(products.terms, products.state, calendar, 0, products.prices, vega, shown)
        fill(shown[TRADE], 0.0)
        fill(shown[ROLL], 0.0)
        sum_assets(products.terms, products.state, shown)
        aim_stock(products)
        copy(products.state.stock, products.state.stock_target)
    if calendar.settles[day + 1] == 1:
        for future in range(vega.shape[0] - 1):
            copy(vega[future], vega[future + 1])
        fill(vega[vega.shape[0] - 1], 0.0)


@inline
def price_held(calendar, row, prices, price):
    """Write the price of what the index holds after a close, for one contract in all."""
    first, weight = calendar.first[row], calendar.near_weight[row]
    for lane in range(LANES):
        price[lane] = weight * prices[first, lane] + (1.0 - weight) * prices[first + 1, lane]


@function
def rebalance(products, day, live):
    """Find where the futures clear and let the products trade; return 0, or 1 + who does not let them x 64 + path."""
    calendar, terms, state, shown = products.calendar, products.terms, products.state, products.shown
    prices, row, weight = products.prices, day + 1, calendar.near_weight[day]
    price_futures(calendar.curve.weight[row], calendar.curve.below[row], products.indices, prices)
    for lane in range(LANES):
        held = weight * prices[0, lane] + (1.0 - weight) * prices[1, lane]
        before = held / state.price[lane] - 1.0
        per_vega = points_per_vega(products, row, weight, lane) / (state.price[lane] * state.price[lane])
        feedback = per_vega * rebalanced(terms, state, lane)
        y = clearing(before, feedback, 0.0, LOWEST_POINTS / state.price[lane])
        if y > 0.0:
            forced = per_vega * close_who_lost(terms, state, y - 1.0, lane)
            if forced != 0.0:
                feedback = per_vega * rebalanced(terms, state, lane)
                y = clearing(before, feedback, forced, LOWEST_POINTS / state.price[lane])
        if y <= 0.0 and lane < live:
            return 1 + largest(terms, state, lane) * 64 + lane
        state.rise[lane] = max(y, LOWEST_POINTS / state.price[lane])
        shown[BEFORE, lane] = before
        for future in range(prices.shape[0]):
            prices[future, lane] *= state.rise[lane] / (1.0 + before)
    hold(terms, state, calendar, row, prices, products.vega, shown)
    return 0


@inline
def points_per_vega(products, row, weight, lane):
    """Return the points that a vega of 1 bn bought in what the index holds adds to its price."""
    terms, curve, reach = products.terms, products.calendar.curve, products.guest_reach
    prices, points = products.prices, 0.0
    for tenor in range(products.indices.shape[0]):
        level = max(products.pillar[tenor, PATH_DEPENDENT, lane], LOWEST_LEVEL)
        thinner = exp(terms.vega_depth_elasticity * log(level / USUAL_LEVEL))
        rise = (weight * reach[row, 0, tenor] + (1.0 - weight) * reach[row, 1, tenor]) * thinner / terms.vega_depth_bn
        near = curve.below[row, 0] * curve.below[row, 0] * curve.weight[row, 0, tenor] / prices[0, lane]
        next_ = curve.below[row, 1] * curve.below[row, 1] * curve.weight[row, 1, tenor] / prices[1, lane]
        points += rise * products.indices[tenor, lane] * (weight * near + (1.0 - weight) * next_)
    return max(points, 0.0)


@inline
def rebalanced(terms, state, lane):
    """Return what all open products buy at a return of 100 %, USD bn: the sum of L (L - 1) V."""
    total = 0.0
    for product in range(terms.leverage.size):
        leverage = terms.leverage[product]
        total += leverage * (leverage - 1.0) * state.assets[product, lane] * state.is_open[product, lane]
    return total


@inline
def clearing(before, feedback, forced, lowest):
    """Return the price that clears over that of the last close, at least the lowest; 0 where none does."""
    rise = before + forced
    if rise > 0.0:
        middle = 1.0 + rise + feedback
        return 0.5 * (middle + sqrt(max(middle * middle - 4.0 * feedback, 0.0)))
    if 1.0 - feedback < SMALLEST_RESISTANCE:
        return 0.0
    return max(1.0 + rise / (1.0 - feedback), lowest)


@inline
def close_who_lost(terms, state, index_return, lane):
    """End the products that lost too much, and return what they buy back, USD bn at the close before."""
    bought = 0.0
    for product in range(terms.leverage.size):
        leverage = terms.leverage[product]
        if state.is_open[product, lane] > 0.0 and -leverage * index_return >= terms.loss[product]:
            state.is_open[product, lane] = 0.0
            bought -= leverage * state.assets[product, lane]
    return bought


@inline
def largest(terms, state, lane):
    """Return the open product that rebalances most."""
    most, found = -1.0, 0
    for product in range(terms.leverage.size):
        leverage = terms.leverage[product]
        size = leverage * (leverage - 1.0) * state.assets[product, lane] * state.is_open[product, lane]
        if size > most:
            most, found = size, product
    return found


@inline
def worth(terms, state, product, index_return, lane):
    """Return what a product is worth after a return of the index, creations and redemptions included, USD bn."""
    value = max(state.assets[product, lane] * (1.0 + terms.leverage[product] * index_return), 0.0)
    back = (1.0 - terms.keep[product]) * (terms.assets_bn[product] - value)
    return state.is_open[product, lane] * (value + back)


@function
def hold(terms, state, calendar, row, prices, vega, shown):
    """Hold what leverage asks for at the price that clears, in the two contracts of the index."""
    first, weight = calendar.first[row], calendar.near_weight[row]
    for lane in range(LANES):
        wanted = 0.0
        for product in range(terms.leverage.size):
            wanted += terms.leverage[product] * worth(terms, state, product, state.rise[lane] - 1.0, lane)
        price = weight * prices[first, lane] + (1.0 - weight) * prices[first + 1, lane]
        contracts, before, nearest = wanted / price, 0.0, vega[0, lane]
        for future in range(vega.shape[0]):
            before += vega[future, lane]
            vega[future, lane] = 0.0
        vega[first, lane] = weight * contracts
        vega[first + 1, lane] = (1.0 - weight) * contracts
        shown[VEGA, lane] = contracts
        shown[TRADE, lane] = contracts - before
        # On the eve of a settlement all that is left in the contract that settles goes on.
        left = weight if first == 0 else 0.0
        shown[ROLL, lane] = contracts * (nearest / before - left) if before != 0.0 else 0.0


@inline
def take_return(products, day):
    """Book the return that the marked futures give, and aim at the stock behind the vega."""
    calendar, terms, state, shown = products.calendar, products.terms, products.state, products.shown
    prices, row, weight = products.prices, day + 1, calendar.near_weight[day]
    price_futures(calendar.curve.weight[row], calendar.curve.below[row], products.indices, prices)
    for lane in range(LANES):
        index_return = (weight * prices[0, lane] + (1.0 - weight) * prices[1, lane]) / state.price[lane] - 1.0
        shown[RETURN, lane] = index_return
        shown[LEVEL, lane] *= 1.0 + index_return
        for product in range(terms.leverage.size):
            state.assets[product, lane] = worth(terms, state, product, index_return, lane)
    price_held(calendar, row, prices, state.price)
    sum_assets(terms, state, shown)
    aim_stock(products)


@inline
def sum_assets(terms, state, shown):
    """Show what long and short products are worth."""
    fill(shown[LONG], 0.0)
    fill(shown[SHORT], 0.0)
    for product in range(terms.leverage.size):
        side = shown[LONG] if terms.leverage[product] > 0.0 else shown[SHORT]
        for lane in range(LANES):
            side[lane] += state.assets[product, lane]


POINTS_PER_PERCENT = 0.9
"""By which the 30-day index of futures rises, in points, as the stock index falls by 1 %: 3.1 % of a level of 20, and
half as much again in the tail, where it matters; a choice."""


@inline
def aim_stock(products):
    """Aim at the stock that those who sold the vega short against it: they lose when volatility rises."""
    target, share = products.state.stock_target, products.terms.delta_share
    for lane in range(LANES):
        target[lane] = -share * products.shown[VEGA, lane] * POINTS_PER_PERCENT * 100.0


@inline
def hedge_in_stock(products):
    """Trade what lacks to the stock aimed at, in the first bar that trades, and let that move the price."""
    state = products.state
    for lane in range(LANES):
        bought = (state.stock_target[lane] - state.stock[lane]) * products.trading[lane]
        moved = products.slope[lane] * bought
        products.bought[lane] = bought
        products.flow[lane] += bought
        products.contribution[lane] += moved
        products.total[lane] += moved


@inline
def book_stock(products):
    """Book the purchase at the price of the step: the market maker sells."""
    for lane in range(LANES):
        bought = products.bought[lane]
        paid = bought * products.relative[lane]
        products.state.stock[lane] += bought
        products.shares[products.account, lane] += bought
        products.shares[products.market_maker, lane] -= bought
        products.cash[products.account, lane] -= paid
        products.cash[products.market_maker, lane] += paid
