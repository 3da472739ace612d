"""What the option market does in a day: settle on the opening, show dealers their hedge before each bar and let them
hedge within it, and at the close settle, mark, roll, and set the indices.

It is one kernel, which the day calls by address in its phases: see flowsim/market/subsystem.py.
"""

from __future__ import annotations

from flowsim.authoring.rows import (
    DAY_RETURN,
    GAMMA_1PCT_BN,
    HEDGE_GAP_BN,
    LOG_PRICE,
    PRICE,
    SENTIMENT,
    VIX9D,
)
from flowsim.kernel.lanes import copy
from flowsim.kernel.marks import LANES, inline
from flowsim.market.phases import AFTER_CLOSE, AFTER_FILLS, BEFORE_BAR, KEEP, MOVE
from flowsim.options.arrays import AT_CLOSE, AT_OPEN, DELTA, GAMMA, N_TENORS
from flowsim.options.book import settle, sum_book, sum_by_programme
from flowsim.options.mark import (
    carry_start,
    find_demand,
    find_demand_pressure,
    find_guest_demand,
    find_guest_pressure,
    find_levels,
    find_smile,
    find_surface,
    follow_returns,
    split_index,
    take_guest_as_usual,
    update_ewma_demand,
)
from flowsim.options.quotes import find_indices
from flowsim.options.record import keep_options, keep_surface
from flowsim.options.rolling import roll

SMALLEST_RESISTANCE = 0.02
"""What is left of 1 where dealers' hedging feeds on itself: below it a bar's move would be more than fifty times the
news in it, and at zero there is no price that clears."""
PERCENTS = 100.0
NO_PRICE, BAD_PROGRAMME = 0, 1
"""What breaks: no price clears, or, from `BAD_PROGRAMME` on, the order of a client is not finite."""


def do_phase(options, phase, day, step, path0, live):
    """Do what the option market has to do in a phase of the day; return 0, or 1 + what broke x 64 + its path."""
    listing, clients, surface, book = options.listing, options.clients, options.surface, options.book
    scratch, links, record = options.scratch, options.links, options.record
    rho, observables, timetable = surface.rho, links.observables, links.timetable
    broken = -1
    if phase == BEFORE_BAR:
        elapsed, last_bar = timetable.elapsed[timetable.kind[day], step], step == timetable.bars[day]
        publish_hedge(
            listing, book, scratch.black_terms, rho, clients.hedger, observables, links.shares, day, elapsed, last_bar
        )
    elif phase == MOVE:
        if step > 0 and clients.hedger >= 0:
            broken = hedge_within(clients, links, live)
    elif phase == AFTER_FILLS:
        if step == 0:
            settle(listing, clients, book, links.cash, observables[LOG_PRICE], links.relative, day, AT_OPEN)
    elif phase == KEEP:
        keep_options(listing, book, rho, record, scratch, observables[LOG_PRICE], day)
    else:
        # Who trades VIX futures does so between two marks; where nobody does, all is done at once.
        trades_futures = book.guest_vega.shape[0] > 0
        if phase == AFTER_CLOSE:
            counter = day * timetable.steps_per_day + step
            broken = close_options(listing, clients, surface, book, scratch, links, day, path0, live, counter)
            if trades_futures:
                show_indices(listing, surface, book, scratch, links, day + 1)
        elif trades_futures:
            mark_again(listing, surface, book, scratch, day + 1)
        if trades_futures == (phase != AFTER_CLOSE):
            finish_close(listing, surface, book, scratch, links, record, day + 1)
    return broken + 1


@inline
def hedge_within(clients, links, live):
    """Let dealers hedge the bar's move while it runs; return the first path on which no price clears, or -1.

    With everybody else's contribution e, impact lambda and dealers' gamma G for a move of 1 percent, the move r solves
    r = e - 100 lambda G r, so r = e / (1 + 100 lambda G).
    """
    hedger, within_bar = clients.hedger, clients.within_bar
    gamma, trading, slope, total = links.observables[GAMMA_1PCT_BN], links.trading, links.slope, links.total
    source = links.first_source + hedger
    contribution, flow_sum = links.contribution_sum[source], links.flow_sum[source]
    flow, moved = links.flow[hedger], links.moved
    broken = -1
    for lane in range(live):
        hedged = within_bar * trading[lane] * PERCENTS * gamma[lane]
        broken = lane if (broken < 0) & (1.0 + slope[lane] * hedged < SMALLEST_RESISTANCE) else broken
    if broken >= 0:
        return broken
    for lane in range(LANES):
        hedged = within_bar * trading[lane] * PERCENTS * gamma[lane]
        stock = -hedged * total[lane] / (1.0 + slope[lane] * hedged)
        flow[lane] += stock
        flow_sum[lane] += stock
        moved[lane] = slope[lane] * stock
        contribution[lane] += moved[lane]
        total[lane] += moved[lane]
    for mode in range(links.mode_weight.size):
        weight, transient = links.mode_weight[mode], links.transient[hedger, mode]
        for lane in range(LANES):
            transient[lane] += weight * moved[lane]
    return -1


@inline
def publish_hedge(listing, book, terms, rho, hedger, observables, shares, day, elapsed, last_bar):
    """Write into the view what dealers lack to be hedged, and their gamma."""
    sum_book(listing, book, terms, rho, observables[LOG_PRICE], day, elapsed, last_bar)
    gap, gamma = observables[HEDGE_GAP_BN], observables[GAMMA_1PCT_BN]
    delta, customers = book.total[DELTA], book.total[GAMMA]
    for lane in range(LANES):
        held = shares[hedger, lane] if hedger >= 0 else 0.0
        gap[lane] = delta[lane] - held
        gamma[lane] = -customers[lane]


@inline
def close_options(listing, clients, surface, book, scratch, links, day, path0, live, counter):
    """Settle, mark, roll, and mark again; return where an order is not finite, or -1."""
    observables, row, rho = links.observables, day + 1, surface.rho
    price, log_price = observables[PRICE], observables[LOG_PRICE]
    settle(listing, clients, book, links.cash, log_price, links.relative, day, AT_CLOSE)
    follow_returns(surface, book, observables[DAY_RETURN])
    find_levels(surface, book, observables[DAY_RETURN], observables[SENTIMENT])
    find_surface(listing, surface, book, scratch, row)
    broken = roll(listing, clients, book, scratch, links, rho, price, log_price, day, path0, live, counter)
    if broken >= 0:
        return BAD_PROGRAMME * observables.shape[1] + broken
    find_demand(listing, book, scratch.black_terms, rho, surface.vega_depth_bn, log_price, row)
    if book.guest_vega.shape[0] > 0:
        find_guest_demand(book, listing.guest_reach[row], surface.vega_depth_bn)
        if day == 0:
            take_guest_as_usual(book)
    find_demand_pressure(book, surface.vega_depth_elasticity, scratch.least)
    carry_start(surface, book)
    find_surface(listing, surface, book, scratch, row)
    return -1


@inline
def show_indices(listing, surface, book, scratch, links, row):
    """Set the indices that who trades VIX futures after the close sees."""
    find_indices(listing, book, scratch, surface.rho, surface.half_spread, links.observables[PRICE], row)
    for tenor in range(N_TENORS):
        copy(links.observables[VIX9D + tenor], book.points[tenor])


@inline
def mark_again(listing, surface, book, scratch, row):
    """Mark the surface with what has been traded in VIX futures since it was marked."""
    find_guest_demand(book, listing.guest_reach[row], surface.vega_depth_bn)
    find_guest_pressure(book, surface.vega_depth_elasticity)
    find_surface(listing, surface, book, scratch, row)


@inline
def finish_close(listing, surface, book, scratch, links, record, row):
    """Set the indices and what they are made of, and show them."""
    observables, rho = links.observables, surface.rho
    price, log_price = observables[PRICE], observables[LOG_PRICE]
    update_ewma_demand(surface.demand_keep, book)
    sum_by_programme(listing, book, scratch.black_terms, rho, log_price, row)
    find_indices(listing, book, scratch, rho, surface.half_spread, price, row)
    split_index(listing, book, scratch, row)
    find_smile(listing, surface, book, scratch, row)
    for tenor in range(N_TENORS):
        copy(observables[VIX9D + tenor], book.points[tenor])
    gamma = observables[GAMMA_1PCT_BN]
    for lane in range(LANES):
        gamma[lane] = -book.total[GAMMA, lane]
    keep_surface(listing, book, record, log_price, row)
