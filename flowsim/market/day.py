"""The day of the market. Read `one_day`: the rest of the file is its sentences spelled out.

Attribution is exact by construction: a step's return *is* the sum of the contributions, in a fixed order.
Strategies see a view that ends at the last completed step, so looking ahead is impossible.
"""

from __future__ import annotations

from flowsim.authoring.rows import (
    BAR,
    BARS_LEFT,
    CLOCK_BAR,
    CLOCK_DAY,
    CLOCK_LAST_BAR,
    CLOCK_ROLL,
    DAY_FRACTION,
    DAY_RETURN,
    FIRST_CALENDAR,
    FUNDAMENTAL_GAP,
    LOG_PRICE,
    PRICE,
    STEP_RETURN,
)
from flowsim.kernel.call import call_bundle, call_kernel
from flowsim.kernel.functions import exp
from flowsim.kernel.lanes import copy, fill
from flowsim.kernel.marks import LANES, inline
from flowsim.market.execution import execute, push_orders, take_todays_orders
from flowsim.market.fundamental import move_value
from flowsim.market.halts import find_trading, reset_breakers, trip_breakers
from flowsim.market.ledger import post_fills
from flowsim.market.liquidity import move_liquidity
from flowsim.market.observables import keep_close, observe
from flowsim.market.policy import BAR_CLOCKS, move_policy, show_easing_of_the_day, show_policy
from flowsim.market.price import find_decay, find_slope, move_by_population
from flowsim.market.recording import keep_row
from flowsim.market.sentiment import move_sentiment
from flowsim.options.phases import (
    CLOSE,
    KEEP_ROW,
    SETTLE_OPENING,
    SHOW_HEDGE,
    SHOW_LAST_HEDGE,
    hedge_within,
)

FINE, BAD_ORDER, BAD_PRICE, NO_PRICE, BAD_PROGRAMME = 0, 1, 2, 3, 4
LARGEST_STEP = 1.0
"""A log return beyond this in one step is a market that has diverge, not a price."""


def step_days(arrays, first_day, last_day, path0, live):
    """Step one block of paths from `first_day` up to `last_day`; return its status (`scratch.fault` says where)."""
    timetable, rules, model = arrays.timetable, arrays.rules, arrays.model
    state, scratch, record, options = arrays.state, arrays.scratch, arrays.record, arrays.options
    for day in range(first_day, last_day):
        status = one_day(timetable, rules, model, state, scratch, record, options, day, path0, live)
        if status != FINE:
            scratch.fault[4] = day
            return status
    return FINE


@inline
def one_day(timetable, rules, model, state, scratch, record, options, day, path0, live):
    """Run a session: the night, every bar, the close."""
    open_session(timetable, state, day)
    take_todays_orders(rules, state, day)
    listed = options.n_expiries[day] > 0
    elapsed = 0.0
    for step in range(timetable.bars[day] + 1):
        find_trading(state.breakers, step, scratch.open)
        move_value(timetable, model, model.news, state, scratch, day, step, path0)
        move_policy(timetable, model, model.policy, state.policy, scratch, day, step, path0)
        if step > 0:
            show_bar(timetable, state, day, step)
            if listed:
                task = SHOW_LAST_HEDGE if step == timetable.bars[day] else SHOW_HEDGE
                call_bundle(options.kernel, options.words, task, day, elapsed, path0, live, 0)
            trade(timetable, rules, model, state, scratch, day, step, path0)
        status = move_price(timetable, rules, model, state, scratch, options, day, step, live)
        if status != FINE:
            return status
        post_fills(rules, model.start_price, state, scratch)
        if listed and step == 0:
            call_bundle(options.kernel, options.words, SETTLE_OPENING, day, elapsed, path0, live, 0)
        elapsed += timetable.fraction[timetable.kind[day], step]
        show_policy(state.policy, state.seen, scratch.easing)
        trip_breakers(timetable, model.breakers, state.breakers, state.seen, day, step)
        if record.by_step == 1:
            keep_row(rules, state, scratch, record)
    status = close_session(timetable, rules, model, state, scratch, options, day, path0, live)
    if (day + 1) % record.every == 0:
        if record.by_step == 0:
            keep_row(rules, state, scratch, record)
        if options.n_expiries[day + 1] > 0:
            call_bundle(options.kernel, options.words, KEEP_ROW, day, elapsed, path0, live, 0)
    return status


@inline
def open_session(timetable, state, day):
    """Start the day's return, its breakers and its calendar afresh."""
    fill(state.seen[DAY_RETURN], 0.0)
    reset_breakers(state.breakers)
    show_calendar(timetable, state, day)


@inline
def show_calendar(timetable, state, day):
    """Write the calendar of a session into the view."""
    for field in range(timetable.calendar.shape[1]):
        fill(state.seen[FIRST_CALENDAR + field], timetable.calendar[day, field])


@inline
def show_bar(timetable, state, day, step):
    """Write the coming bar into the view."""
    fill(state.seen[DAY_FRACTION], timetable.volume[timetable.kind[day], step])
    fill(state.seen[BAR], step - 1.0)
    fill(state.seen[BARS_LEFT], timetable.bars[day] - step + 1.0)


@inline
def trade(timetable, rules, model, state, scratch, day, step, path0):
    """Ask the strategies of the bar clock, and execute what is due of everybody's orders."""
    last_bar = step == timetable.bars[day]
    for lane in range(LANES):
        scratch.net[lane] = 0.0
    for population in range(rules.clock.size):
        fill(scratch.orders, 0.0)
        clock = rules.clock[population]
        if clock == CLOCK_ROLL:
            continue
        silent = model.replaying == 1 and rules.uses_noise[population] == 1
        if not silent and (clock == CLOCK_BAR or (clock == CLOCK_LAST_BAR and last_bar)):
            ask(timetable, rules, model, state, scratch, population, day, step, path0)
        execute(timetable, rules, model.impact.adv_bn, state, scratch, population, day, step)
    fill(state.policy.easing[BAR_CLOCKS], 0.0)


@inline
def ask(timetable, rules, model, state, scratch, population, day, step, path0):
    """Let every agent of a population decide; their orders add up in `scratch.orders`."""
    call_kernel(
        rules.kernels[population],
        state.seen,
        rules.params,
        rules.params_at[population],
        state.agents,
        rules.state_at[population] * LANES,
        scratch.orders,
        rules.agents[population],
        path0,
        day * timetable.steps_per_day + step,
        rules.key_0[population],
        rules.key_1[population],
        model.mirror,
    )


@inline
def move_price(timetable, rules, model, state, scratch, options, day, step, live):
    """Turn news, policy and flows into contributions, and their sum into the step's return."""
    find_slope(model, model.impact, state.seen, scratch, step)
    add_shocks(scratch)
    find_decay(model.impact, state.impact, scratch.open, timetable.fraction[timetable.kind[day], step])
    for population in range(rules.clock.size):
        if rules.clock[population] != CLOCK_ROLL:
            source = rules.first_source + population
            move_by_population(model.impact, state.impact, scratch, population, source, step)
    if step > 0 and options.hedger >= 0 and options.n_expiries[day] > 0:
        lost = hedge_within(options.hedger, options.within_bar, rules.first_source, model.impact, state, scratch, live)
        if lost >= 0:
            scratch.fault[0], scratch.fault[1], scratch.fault[2], scratch.fault[3] = (
                NO_PRICE,
                options.hedger,
                lost,
                step,
            )
            return NO_PRICE
    total, log_price, price, value = scratch.total, state.seen[LOG_PRICE], state.seen[PRICE], state.news.log_value
    step_return, day_return, gap = (
        state.seen[STEP_RETURN],
        state.seen[DAY_RETURN],
        state.seen[FUNDAMENTAL_GAP],
    )
    broken = 0
    for lane in range(LANES):
        step_return[lane] = total[lane]
        day_return[lane] += total[lane]
        log_price[lane] += total[lane]
        price[lane] = exp(log_price[lane])
        gap[lane] = value[lane] - log_price[lane]
        broken += 0 if abs(total[lane]) < LARGEST_STEP else 1
    return name_fault(rules, scratch, day, step, live) if broken > 0 else FINE


@inline
def add_shocks(scratch):
    """Begin the step's return with what comes from outside, each to the row of its own source."""
    total = scratch.total
    for source in range(scratch.shock.shape[0]):
        told, contribution = scratch.shock[source], scratch.contribution_sum[source]
        for lane in range(LANES):
            contribution[lane] += told[lane]
    copy(total, scratch.shock[0])
    for source in range(1, scratch.shock.shape[0]):
        told = scratch.shock[source]
        for lane in range(LANES):
            total[lane] += told[lane]


@inline
def name_fault(rules, scratch, day, step, live):
    """Find the path that broke and, if an order did it, the population; lanes beyond `live` do not count."""
    for lane in range(live):
        if not abs(scratch.total[lane]) < LARGEST_STEP:
            scratch.fault[2], scratch.fault[3] = lane, step
            for population in range(rules.clock.size):
                if not abs(scratch.flow[population, lane]) < 1e300:
                    scratch.fault[0], scratch.fault[1] = BAD_ORDER, population
                    return BAD_ORDER
            scratch.fault[0] = BAD_PRICE
            return BAD_PRICE
    return FINE


@inline
def close_session(timetable, rules, model, state, scratch, options, day, path0, live):
    """Update what everybody sees, then let the strategies of the day clock decide for the days to come."""
    step = timetable.steps_per_day - 1
    counter = day * timetable.steps_per_day + step
    level = timetable.liquidity_level[day]
    move_liquidity(model, model.liquidity, state.liquidity, state.seen, level, counter, path0)
    move_sentiment(model, model.sentiment, state.seen, counter, path0)
    keep_close(model.depth, state)
    observe(model.depth, state)
    show_calendar(timetable, state, day + 1)
    show_easing_of_the_day(state.policy, state.seen)
    if options.n_expiries[day + 1] > 0:
        broken = call_bundle(options.kernel, options.words, CLOSE, day, 0.0, path0, live, counter)
        if broken > 0:
            scratch.fault[0], scratch.fault[1] = BAD_PROGRAMME, (broken - 1) // LANES
            scratch.fault[2], scratch.fault[3] = (broken - 1) % LANES, step
            return BAD_PROGRAMME
    for population in range(rules.clock.size):
        silent = model.replaying == 1 and rules.uses_noise[population] == 1
        if rules.clock[population] == CLOCK_DAY and not silent:
            fill(scratch.orders, 0.0)
            ask(timetable, rules, model, state, scratch, population, day, step, path0)
            broken = push_orders(rules, state, scratch.orders, population, day, live)
            if broken >= 0:
                scratch.fault[0], scratch.fault[1], scratch.fault[2], scratch.fault[3] = (
                    BAD_ORDER,
                    population,
                    broken,
                    step,
                )
                return BAD_ORDER
    return FINE
