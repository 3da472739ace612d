"""The day of the market. Read `one_day`: the rest of the file is its sentences spelled out.

Attribution is exact by construction: a step's return *is* the sum of the contributions, in a fixed order.
Strategies see a view that ends at the last completed step, so looking ahead is impossible.
"""

from __future__ import annotations

import math

from flowsim.authoring.rows import (
    BAR,
    BARS_LEFT,
    CLOCK_BAR,
    CLOCK_DAY,
    CLOCK_LAST_BAR,
    CLOCK_ROLL,
    DAY_FRACTION,
    DAY_RETURN,
    EASING_BP,
    FIRST_CALENDAR,
    FUNDAMENTAL_GAP,
    LIQUIDITY,
    LOG_PRICE,
    MARKET_VOL,
    NEWS,
    POLICY,
    PRICE,
    SENTIMENT,
    STEP_RETURN,
)
from flowsim.kernel.call import call_bundle, call_kernel
from flowsim.kernel.functions import exp
from flowsim.kernel.lanes import copy, fill
from flowsim.kernel.marks import LANES, inline
from flowsim.kernel.random import normals
from flowsim.market.execution import execute, push_orders, take_todays_orders
from flowsim.market.halts import halted_until, level_reached
from flowsim.market.ledger import post_fills
from flowsim.market.liquidity import TRADING_DAYS, next_state
from flowsim.market.observables import keep_close, observe
from flowsim.market.price import find_decay, find_slope, move_by_population
from flowsim.market.recording import keep_row
from flowsim.market.sentiment import next_sentiment
from flowsim.market.shocks import BAR_CLOCKS, DAY_CLOCK, move_policy, move_value, show_policy
from flowsim.options.phases import (
    CLOSE,
    KEEP_ROW,
    SETTLE_OPENING,
    SHOW_HEDGE,
    SHOW_LAST_HEDGE,
    hedge_within,
)

LIQUIDITY_KEY, SENTIMENT_KEY = 2, 3
DAYS_ROOT = math.sqrt(TRADING_DAYS)
FINE, BAD_ORDER, BAD_PRICE, NO_PRICE, BAD_PROGRAMME = 0, 1, 2, 3, 4
LARGEST_STEP = 1.0
"""A log return beyond this in one step is a market that has come apart, not a price."""


def step_days(arrays, first_day, last_day, path0, live):
    """Step one block of paths from `first_day` up to `last_day`; return its status (`scratch.fault` says where)."""
    timetable, rules, model, curves = arrays.timetable, arrays.rules, arrays.model, arrays.curves
    state, scratch, record, options = arrays.state, arrays.scratch, arrays.record, arrays.options
    for day in range(first_day, last_day):
        status = one_day(timetable, rules, model, curves, state, scratch, record, options, day, path0, live)
        if status != FINE:
            scratch.fault[4] = day
            return status
    return FINE


@inline
def one_day(timetable, rules, model, curves, state, scratch, record, options, day, path0, live):
    """Run a session: the night, every bar, the close."""
    open_session(timetable, state, day)
    take_todays_orders(rules, state, day)
    listed = options.n_expiries[day] > 0
    elapsed = 0.0
    for step in range(timetable.bars[day] + 1):
        for lane in range(LANES):
            scratch.open[lane] = 1.0 if step > state.breaker[1, lane] else 0.0
        move_value(timetable, model, curves, state, scratch, day, step, path0)
        move_policy(timetable, model, curves, state, scratch, day, step, path0)
        if step > 0:
            show_bar(timetable, state, day, step)
            if listed:
                task = SHOW_LAST_HEDGE if step == timetable.bars[day] else SHOW_HEDGE
                call_bundle(options.kernel, options.words, task, day, elapsed, path0, live, 0)
            trade(timetable, rules, model, curves, state, scratch, day, step, path0)
        status = move_price(timetable, rules, model, curves, state, scratch, options, day, step, live)
        if status != FINE:
            return status
        post_fills(rules, model, state, scratch)
        if listed and step == 0:
            call_bundle(options.kernel, options.words, SETTLE_OPENING, day, elapsed, path0, live, 0)
        elapsed += timetable.fraction[timetable.kind[day], step]
        show_policy(state, scratch)
        trip_breakers(timetable, model, state, day, step)
        if record.by_step == 1:
            keep_row(rules, state, scratch, record)
    status = close_session(timetable, rules, model, curves, state, scratch, options, day, path0, live)
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
    fill(state.breaker[0], 0.0)
    fill(state.breaker[1], -1.0)
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
def trade(timetable, rules, model, curves, state, scratch, day, step, path0):
    """Ask the strategies of the bar clock, and execute what is due of everybody's orders."""
    last_bar = step == timetable.bars[day]
    for lane in range(LANES):
        scratch.net[lane] = 0.0
    for population in range(rules.clock.size):
        fill(scratch.orders, 0.0)
        clock = rules.clock[population]
        if clock == CLOCK_ROLL:
            continue
        silent = model.replaying > 0.0 and rules.uses_noise[population] == 1
        if not silent and (clock == CLOCK_BAR or (clock == CLOCK_LAST_BAR and last_bar)):
            ask(timetable, rules, curves, state, scratch, population, day, step, path0)
        execute(timetable, rules, model, state, scratch, population, day, step)
    fill(state.easing[BAR_CLOCKS], 0.0)


@inline
def ask(timetable, rules, curves, state, scratch, population, day, step, path0):
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
        curves.mirror,
    )


@inline
def move_price(timetable, rules, model, curves, state, scratch, options, day, step, live):
    """Turn news, policy and flows into contributions, and their sum into the step's return."""
    total = scratch.total
    find_slope(model, state, scratch, step)
    for lane in range(LANES):
        total[lane] = scratch.news[lane] + scratch.policy[lane]
        scratch.contribution_sum[NEWS, lane] += scratch.news[lane]
        scratch.contribution_sum[POLICY, lane] += scratch.policy[lane]
    find_decay(curves, state, scratch, timetable.fraction[timetable.kind[day], step])
    for population in range(rules.clock.size):
        if rules.clock[population] != CLOCK_ROLL:
            move_by_population(curves, state, scratch, population, step)
    if step > 0 and options.hedger >= 0 and options.n_expiries[day] > 0:
        lost = hedge_within(options.hedger, options.within_bar, curves, state, scratch, live)
        if lost >= 0:
            scratch.fault[0], scratch.fault[1], scratch.fault[2], scratch.fault[3] = (
                NO_PRICE,
                options.hedger,
                lost,
                step,
            )
            return NO_PRICE
    log_price, price, value = state.seen[LOG_PRICE], state.seen[PRICE], state.log_value
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
def trip_breakers(timetable, model, state, day, step):
    """Halt the paths whose day has fallen through the next circuit breaker."""
    if model.breakers == 0.0 or model.replaying > 0.0:
        return
    day_return = state.seen[DAY_RETURN]
    before, until = state.breaker[0], state.breaker[1]
    last_step = timetable.last_halt_step[timetable.kind[day]]
    for lane in range(LANES):
        level = max(level_reached(day_return[lane]), before[lane])
        until[lane] = halted_until(level, before[lane], until[lane], float(step), model.halt_steps, float(last_step))
        before[lane] = level


@inline
def close_session(timetable, rules, model, curves, state, scratch, options, day, path0, live):
    """Update what everybody sees, then let the strategies of the day clock decide for the days to come."""
    step = timetable.steps_per_day - 1
    move_states(timetable, model, curves, state, day, day * timetable.steps_per_day + step, path0)
    keep_close(state, curves)
    observe(state, model)
    show_calendar(timetable, state, day + 1)
    copy(state.seen[EASING_BP], state.easing[DAY_CLOCK])
    fill(state.easing[DAY_CLOCK], 0.0)
    if options.n_expiries[day + 1] > 0:
        counter = day * timetable.steps_per_day + step
        broken = call_bundle(options.kernel, options.words, CLOSE, day, 0.0, path0, live, counter)
        if broken > 0:
            scratch.fault[0], scratch.fault[1] = BAD_PROGRAMME, (broken - 1) // LANES
            scratch.fault[2], scratch.fault[3] = (broken - 1) % LANES, step
            return BAD_PROGRAMME
    for population in range(rules.clock.size):
        silent = model.replaying > 0.0 and rules.uses_noise[population] == 1
        if rules.clock[population] == CLOCK_DAY and not silent:
            fill(scratch.orders, 0.0)
            ask(timetable, rules, curves, state, scratch, population, day, step, path0)
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


@inline
def move_states(timetable, model, curves, state, day, counter, path0):
    """Move liquidity and sentiment by a day, and show the expected policy and the providers' inventory."""
    level = timetable.liquidity_level[day]
    liquidity, sentiment = state.seen[LIQUIDITY], state.seen[SENTIMENT]
    day_return, market_vol = state.seen[DAY_RETURN], state.seen[MARKET_VOL]
    chance = 0.0 if model.replaying > 0.0 else 1.0
    for lane in range(LANES):
        z, _ = normals(
            path0 + lane,
            counter,
            0,
            0,
            curves.keys[LIQUIDITY_KEY, 0],
            curves.keys[LIQUIDITY_KEY, 1],
            curves.mirror,
        )
        state.liquidity[lane] = next_state(state.liquidity[lane], chance * z, model.liquidity_keep, model.liquidity_vol)
        liquidity[lane] = level + state.liquidity[lane]
    for lane in range(LANES):
        z, _ = normals(
            path0 + lane,
            counter,
            0,
            0,
            curves.keys[SENTIMENT_KEY, 0],
            curves.keys[SENTIMENT_KEY, 1],
            curves.mirror,
        )
        daily_vol = market_vol[lane] / DAYS_ROOT
        sentiment[lane] = next_sentiment(sentiment[lane], day_return[lane], daily_vol, chance * z, model)
