"""The mark of the surface after the close: where the term structure and the skew stand, and why.

    level_i = base_i + sum over programmes p of thinner_i * (demand_pi - ewma_pi) + loading_i * sentiment
                                                                                                vol points, pillar i
    thinner_i = (base_i / 20)^vega_depth_elasticity
    W_i     = (level_i / 100)^2 * T_i                          total variance-swap variance at pillar i
    W(T)    = W between the pillars, linear in business time, + the variance of the events that fall before T

Each pillar is the tenor of one index. The base follows past returns alone (Guyon and Lekeufack 2023, "Volatility Is
(Mostly) Path-Dependent"); demand is that of Garleanu, Pedersen and Poteshman (2009), "Demand-Based Option Pricing":
dealers raise the volatility of what they are short, and of what is like it. What they have long been short is in the
base already, so only the difference from a slow average counts. The skew answers to demand on its own.
"""

from __future__ import annotations

from flowsim.clock.year import SESSIONS_PER_YEAR
from flowsim.kernel.functions import exp, log, sqrt
from flowsim.kernel.lanes import copy, fill
from flowsim.kernel.marks import LANES, function, inline
from flowsim.options.arrays import (
    EVENTS,
    FIRST_PROGRAMME,
    N_FEATURES,
    N_TENORS,
    PATH_DEPENDENT,
    QUOTES,
    SENTIMENT,
)
from flowsim.options.quotes import TARGET_MINUTES
from flowsim.pricing.black import d_one, total_vol_of, vega_at
from flowsim.pricing.ssvi import at_the_money_variance, largest_eta, phi_of, total_variance

LOWEST_LEVEL = 5.0
"""Vol points. No index has closed below 8; below this a mark would be an artifact of the linear base."""
USUAL_LEVEL = 20.0
"""Vol points of a pillar at which the depth of vega is that of the config; a round figure."""
LOWEST_FORWARD_VOL = 0.05
"""Annualized. Forward variance never falls below its square, so longer options never cost less."""
WIDTH = 1.5
"""Standard deviations of strike over which demand spreads: a book is hedged with its neighbors."""
LOW_STRIKE = log(0.9)
TINY = 1e-300
NARROWEST_SKEW = 0.3
"""Of the eta of the config; selling puts never turns the skew around."""


@inline
def follow_returns(surface, book, day_return):
    """Bring the averages of past returns up to the last close: three of squares, two of returns."""
    for feature in range(N_FEATURES):
        keep, average = surface.feature_keep[feature], book.features[feature]
        squared = 1.0 if feature < 3 else 0.0
        for lane in range(LANES):
            r = day_return[lane]
            average[lane] = keep * average[lane] + (1.0 - keep) * (r * r * squared + r * (1.0 - squared))


@function
def path_dependent_level(base, features, day_return, level):
    """Write the level that past returns alone give one index, in vol points.

    `base` (8,) are the constant, the loadings of three realized volatilities in percent, of the fall and the return of
    the day in percent, and of two average returns in percent.
    """
    for lane in range(LANES):
        r = 100.0 * day_return[lane]
        vols = base[1] * sqrt(features[0, lane]) + base[2] * sqrt(features[1, lane]) + base[3] * sqrt(features[2, lane])
        trend = base[6] * features[3, lane] + base[7] * features[4, lane]
        level[lane] = base[0] + 100.0 * (sqrt(SESSIONS_PER_YEAR) * vols + trend) + base[4] * max(-r, 0.0) + base[5] * r


@function
def find_levels(surface, book, day_return, sentiment):
    """Set what past returns and panic give each pillar."""
    for tenor in range(N_TENORS):
        path_dependent_level(surface.base[tenor], book.features, day_return, book.pillar[tenor, PATH_DEPENDENT])
        panic, points = book.pillar[tenor, SENTIMENT], surface.sentiment_points * surface.tenor_loading[tenor]
        for lane in range(LANES):
            panic[lane] = points * sentiment[lane]


@function
def find_surface(listing, surface, book, scratch, row):
    """Turn the levels at the pillars into a total at-the-money variance for each listed expiry, free of arbitrage."""
    for tenor in range(N_TENORS):
        total = scratch.swap[tenor]
        years = listing.tenor_years[row, tenor]
        sum_parts(book.pillar[tenor], total)
        for lane in range(LANES):
            level = max(total[lane], LOWEST_LEVEL) / 100.0
            total[lane] = level * level * years
        if tenor > 0:
            shorter = scratch.swap[tenor - 1]
            least = LOWEST_FORWARD_VOL * LOWEST_FORWARD_VOL * (years - listing.tenor_years[row, tenor - 1])
            for lane in range(LANES):
                total[lane] = max(total[lane], shorter[lane] + least)
    find_eta(surface, book)
    fill(scratch.least, 0.0)
    for column in range(listing.n_expiries[row]):
        weights, event = listing.pillar_weight[row, column], listing.event_variance[row, column]
        floor = LOWEST_FORWARD_VOL * LOWEST_FORWARD_VOL * listing.sessions_left[row, column] / SESSIONS_PER_YEAR
        mark_expiry(
            scratch.swap,
            weights,
            event,
            floor,
            scratch.least,
            surface,
            book.eta,
            book.variance[column],
            book.phi[column],
        )
        copy(scratch.marked[column], scratch.least)


@function
def sum_parts(parts, total):
    """Add up what moves the level of a pillar: all parts but events and quotes."""
    for lane in range(LANES):
        total[lane] = parts[PATH_DEPENDENT, lane] + parts[SENTIMENT, lane]
    for programme in range(FIRST_PROGRAMME, parts.shape[0]):
        for lane in range(LANES):
            total[lane] += parts[programme, lane]


@inline
def find_eta(surface, book):
    """Steepen the skew where customers hold more low strikes than on average, without arbitrage."""
    most = largest_eta(surface.rho)
    now, average, eta = book.skew_demand[0], book.skew_demand[1], book.eta
    for lane in range(LANES):
        steeper = max(1.0 + surface.skew_response * (now[lane] - average[lane]), NARROWEST_SKEW)
        eta[lane] = min(surface.eta * steeper, most)


@function
def mark_expiry(swap, weights, event, floor, least, surface, eta, variance, phi):
    """Set one expiry's total at-the-money variance and its phi; never below the expiry before, or the floor."""
    for lane in range(LANES):
        total = event
        for tenor in range(N_TENORS):
            total += weights[tenor] * swap[tenor, lane]
        least[lane] = max(total, max(least[lane], floor))
    for lane in range(LANES):
        variance[lane] = at_the_money_variance(least[lane], eta[lane], surface.gamma, surface.rho)
    for lane in range(LANES):
        phi[lane] = phi_of(variance[lane], eta[lane], surface.gamma)


@function
def find_demand(listing, book, terms, rho, vega_depth_bn, log_price, row):
    """Weigh customers' vega by what it is like: by programme for the level of each pillar, and in all for the skew."""
    for programme in range(book.demand.shape[0]):
        for tenor in range(N_TENORS):
            fill(book.demand[programme, tenor], 0.0)
    fill(book.skew_demand[0], 0.0)
    for slot in range(listing.slot_programme.size):
        column = listing.slot_expiry[row, slot]
        if column >= 0:
            add_demand_pressure(
                log_price,
                book.log_strike[slot],
                book.quantity[slot],
                book.variance[column],
                book.phi[column],
                rho,
                listing.reach[row, column],
                sqrt(listing.years[row, column]) * 0.01 / vega_depth_bn,
                book.demand[listing.slot_programme[slot]],
                book.skew_demand[0],
                terms,
            )


@function
def add_demand_pressure(log_price, log_strike, quantity, variance, phi, rho, reach, scale, demand, skew, terms):
    """Add the pressure of one slot to each pillar (tenors, lanes), and to the skew (lanes,).

    `terms` (3, lanes) is work space; for the two loops, see `book.add_greeks`.
    """
    d1, total_vol, away = terms[0], terms[1], terms[2]
    for lane in range(LANES):
        k = log_strike[lane] - log_price[lane]
        v, per_v = total_vol_of(total_variance(k, variance[lane], phi[lane], rho))
        d1[lane], total_vol[lane], away[lane] = d_one(k, v, per_v), v, k * per_v
    pressure = total_vol
    for lane in range(LANES):
        near = exp(-0.5 * away[lane] * away[lane] / (WIDTH * WIDTH))
        pressure[lane] = quantity[lane] * vega_at(d1[lane], total_vol[lane]) * scale * near
        skew[lane] -= pressure[lane] * away[lane]
    for tenor in range(N_TENORS):
        for lane in range(LANES):
            demand[tenor, lane] += reach[tenor] * pressure[lane]


@inline
def find_guest_demand(book, guest_reach, vega_depth_bn):
    """Weigh the vega that is held in VIX futures by what it does to each pillar: the row after the programmes."""
    for tenor in range(N_TENORS):
        demand = book.demand[book.demand.shape[0] - 1, tenor]
        fill(demand, 0.0)
        for future in range(book.guest_vega.shape[0]):
            for lane in range(LANES):
                demand[lane] += guest_reach[future, tenor] / vega_depth_bn * book.guest_vega[future, lane]


@inline
def take_guest_as_usual(book):
    """Let the average of the guest's demand begin at what it holds."""
    guest = book.demand.shape[0] - 1
    for tenor in range(N_TENORS):
        copy(book.ewma_demand[guest, tenor], book.demand[guest, tenor])


@function
def find_demand_pressure(book, elasticity, thinner):
    """Set each programme's part of every pillar: its demand less its exponential average, over the depth of the day.

    `thinner` (lanes,) is work space.
    """
    for tenor in range(N_TENORS):
        level = book.pillar[tenor, PATH_DEPENDENT]
        for lane in range(LANES):
            thinner[lane] = exp(elasticity * log(max(level[lane], LOWEST_LEVEL) / USUAL_LEVEL))
        for programme in range(book.demand.shape[0]):
            now, average = book.demand[programme, tenor], book.ewma_demand[programme, tenor]
            pressure = book.pillar[tenor, FIRST_PROGRAMME + programme]
            for lane in range(LANES):
                pressure[lane] = thinner[lane] * (now[lane] - average[lane])


@function
def find_guest_pressure(book, elasticity):
    """Set the guest's part of every pillar anew, and leave the programmes' as they are."""
    guest = book.demand.shape[0] - 1
    for tenor in range(N_TENORS):
        level, pressure = book.pillar[tenor, PATH_DEPENDENT], book.pillar[tenor, FIRST_PROGRAMME + guest]
        now, average = book.demand[guest, tenor], book.ewma_demand[guest, tenor]
        for lane in range(LANES):
            thinner = exp(elasticity * log(max(level[lane], LOWEST_LEVEL) / USUAL_LEVEL))
            pressure[lane] = thinner * (now[lane] - average[lane])


@function
def carry_start(surface, book):
    """Let what the real indices had beyond the marked ones at the start fade, and count it as everybody else's demand.

    It goes by half within the time that an index looks ahead. Where all five decay alike, the short ones stay too far
    from what returns give and the long ones come back too soon: of the real gaps to the marked indices of 2010-2026
    0.34, 0.57 and 0.81 are left of VIX9D, VIX and VIX3M after 21 sessions.
    """
    if surface.carrier < 0:
        return
    for tenor in range(N_TENORS):
        carried, pressure = book.carried[tenor], book.pillar[tenor, FIRST_PROGRAMME + surface.carrier]
        for lane in range(LANES):
            carried[lane] *= surface.carried_keep[tenor]
            pressure[lane] += carried[lane]


@function
def update_ewma_demand(keep, book):
    """Let the slow averages of demand follow."""
    for programme in range(book.demand.shape[0]):
        for tenor in range(N_TENORS):
            now, average = book.demand[programme, tenor], book.ewma_demand[programme, tenor]
            for lane in range(LANES):
                average[lane] = keep * average[lane] + (1.0 - keep) * now[lane]
    now, average = book.skew_demand[0], book.skew_demand[1]
    for lane in range(LANES):
        average[lane] = keep * average[lane] + (1.0 - keep) * now[lane]


@function
def split_index(listing, book, scratch, row):
    """Split each index into its parts.

    An index is not a pillar: it is interpolated between two expiries, and where the curve bends at the pillar between
    them, the chord passes beside it. So what a part adds to the pillars goes through the same interpolation:

        W_jp = level_j * part_jp * T_j / 1e4       part p of the variance of pillar j; over p they add up to it
        V_p  = near and next of the line through W_jp, interpolated as the index is;   V = sum over p of V_p
        p    : 1e4 * V_p / (T * I)                 I = 100 * sqrt(V / T)
        events: J - I                              J likewise from the variances as marked, with events
        quotes: index - J                          ticks, strikes, and where the strip ends

    The first line is the share of p in the square of a sum, which has no order (Euler's rule). A bound on the levels
    follows its cause: the floor of a level is past returns', and a pillar held up by the one before it takes over that
    one's parts, with the least forward variance counted as past returns'.
    """
    share_pillars(listing, book, scratch, row)
    for tenor in range(N_TENORS):
        share_index(listing.index_weight[row, tenor], scratch.shares, book.parts[tenor], scratch.least)
        near, next_ = listing.index_expiry[row, tenor, 0], listing.index_expiry[row, tenor, 1]
        minutes, beyond = listing.index_minutes[row, tenor, 0], listing.index_minutes[row, tenor, 1]
        complete_parts(
            scratch.marked[near],
            scratch.marked[next_],
            (TARGET_MINUTES[tenor] - minutes) / (beyond - minutes),
            1e4 / listing.tenor_years[row, tenor],
            scratch.least,
            book.points[tenor],
            book.parts[tenor],
        )


@function
def share_pillars(listing, book, scratch, row):
    """Write what each part adds to the total variance at each pillar."""
    for tenor in range(N_TENORS):
        years, level, before = listing.tenor_years[row, tenor], scratch.least, max(tenor - 1, 0)
        sum_parts(book.pillar[tenor], level)
        least = LOWEST_FORWARD_VOL * LOWEST_FORWARD_VOL * (years - listing.tenor_years[row, before])
        swap, shares, shorter = scratch.swap[tenor], scratch.shares[tenor], scratch.shares[before]
        for part in range(shares.shape[0]):
            for lane in range(LANES):
                used = max(level[lane], LOWEST_LEVEL) / 100.0
                held_up = swap[lane] > used * used * years
                own = used * book.pillar[tenor, part, lane] / 100.0 * years
                bound = used * (used - level[lane] / 100.0) * years
                rest = (least if held_up else bound) if part == PATH_DEPENDENT else 0.0
                shares[part, lane] = (shorter[part, lane] if held_up else own) + rest


@function
def share_index(weights, shares, parts, total):
    """Write what each part adds to the total variance that an index is interpolated from, and the sum (lanes,)."""
    fill(total, 0.0)
    for part in range(parts.shape[0]):
        added = parts[part]
        fill(added, 0.0)
        for tenor in range(N_TENORS):
            for lane in range(LANES):
                added[lane] += weights[tenor] * shares[tenor, part, lane]
        for lane in range(LANES):
            total[lane] += added[lane]


@function
def complete_parts(near, next_, share, scale, variance, points, parts):
    """Turn the parts of an index's variance into points, and add what is due to events and to quotes."""
    for lane in range(LANES):
        variance[lane] = sqrt(max(variance[lane], TINY) * scale)
    for part in range(parts.shape[0]):
        for lane in range(LANES):
            parts[part, lane] *= scale / variance[lane]
    for lane in range(LANES):
        marked = (1.0 - share) * near[lane] + share * next_[lane]
        parts[EVENTS, lane] = sqrt(max(marked, 0.0) * scale) - variance[lane]
        parts[QUOTES, lane] = points[lane] - variance[lane] - parts[EVENTS, lane]


@function
def find_smile(listing, surface, book, scratch, row):
    """Set at-the-money volatility at each tenor, and how far that of 90 % strikes is above it, in points."""
    rho, gamma = surface.rho, surface.gamma
    for tenor in range(N_TENORS):
        years, event = listing.tenor_years[row, tenor], listing.tenor_event[row, tenor]
        atm_vol, skew = book.smile[tenor, 0], book.smile[tenor, 1]
        smile_at(scratch.swap[tenor], event, years, book.eta, gamma, rho, atm_vol, skew)


@function
def smile_at(swap, event, years, eta, gamma, rho, atm_vol, skew):
    """Write the smile of one tenor, (lanes,) each."""
    least = LOWEST_FORWARD_VOL * LOWEST_FORWARD_VOL * years
    for lane in range(LANES):
        theta = at_the_money_variance(max(swap[lane] + event, least), eta[lane], gamma, rho)
        low = total_variance(LOW_STRIKE, theta, phi_of(theta, eta[lane], gamma), rho)
        atm_vol[lane] = 100.0 * sqrt(theta / years)
        skew[lane] = 100.0 * sqrt(low / years) - atm_vol[lane]
