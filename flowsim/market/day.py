"""The day of the market in three tasks: OPEN, STEP, CLOSE. Read `do_task`: the rest of the file is its sentences
spelled out.

The days and steps themselves are counted by whoever calls (days.py), so that several markets can be stepped in turn.
Subsystems are called in their phases (subsystem.py): nothing here knows what they are.

Attribution is exact by construction: a step's return *is* the sum of the contributions, in a fixed order.
Strategies see a view that ends at the last completed step, so looking ahead is impossible.
"""

from __future__ import annotations

from flowsim.authoring.rows import BAR, BARS_LEFT, DAY_RETURN, FIRST_CALENDAR
from flowsim.kernel.lanes import fill
from flowsim.kernel.marks import inline
from flowsim.market.activity import move_activity, publish_trading_time
from flowsim.market.calls import FINE, call_subsystems
from flowsim.market.execution import take_todays_orders
from flowsim.market.formation import move_price
from flowsim.market.fundamental import move_value
from flowsim.market.halts import find_trading, reset_breakers, trip_breakers
from flowsim.market.ledger import post_fills
from flowsim.market.liquidity import draw_liquidity, move_liquidity
from flowsim.market.observables import keep_close, observe
from flowsim.market.phases import AFTER_CLOSE, AFTER_FILLS, AFTER_TRADES, BEFORE_BAR, KEEP, NEWS, NEXT_DAY, TODAY
from flowsim.market.policy import (
    move_policy,
    publish_easing_of_the_day,
    publish_easing_since_bar,
    publish_policy,
)
from flowsim.market.recording import keep_row
from flowsim.market.sentiment import move_sentiment
from flowsim.market.trading import decide_at_close, trade, trade_overnight

OPEN, STEP, CLOSE = 0, 1, 2


def do_task(arrays, task, day, step, path0, live):
    """Open a session, run its night (step 0) or a bar of it, or close it; return the status.

    `Scratch.fault` says where a market broke.
    """
    status = FINE
    if task == STEP:
        status = run_step(arrays, day, step, path0, live)
    elif task == OPEN:
        if day == 0:
            draw_liquidity(arrays.model, arrays.state, path0)
        open_session(arrays.timetable, arrays.rules, arrays.state, day)
    else:
        status = close_session(arrays, day, path0, live)
    if status != FINE:
        arrays.scratch.fault[4] = day
    return status


@inline
def open_session(timetable, rules, state, day):
    """Start the day's return, its breakers, its calendar and its orders afresh."""
    fill(state.observables[DAY_RETURN], 0.0)
    reset_breakers(state.breakers)
    publish_calendar(timetable, state, day)
    take_todays_orders(rules, state, day)
    if timetable.quiet_steps == 0:
        publish_easing_since_bar(state.policy, state.observables)


@inline
def run_step(arrays, day, step, path0, live):
    """Run the night or a bar: what comes from outside, what is traded, what the price makes of it."""
    timetable, rules, model, calls = arrays.timetable, arrays.rules, arrays.model, arrays.calls
    state, scratch, record = arrays.state, arrays.scratch, arrays.record
    find_trading(state.breakers, step, scratch.trading)
    move_activity(timetable, model, model.activity, state.activity, day, step, path0)
    move_value(timetable, model, model.news, state, scratch, day, step, path0)
    move_policy(timetable, model, model.policy, state.policy, scratch, day, step, path0)
    status = hear_subsystems(model, calls, scratch, day, step, path0, live)
    if status != FINE:
        return status
    publish_bar(timetable, state, day, step)
    if step < timetable.quiet_steps:
        trade_overnight(timetable, rules, model, state, scratch, day, path0)
    else:
        status = call_subsystems(calls, scratch, BEFORE_BAR, day, TODAY, step, path0, live)
        if status != FINE:
            return status
        trade(timetable, rules, model, state, scratch, day, step, path0)
    status = move_price(arrays, day, step, path0, live)
    if status != FINE:
        return status
    post_fills(rules, model.start_price, state, scratch)
    status = call_subsystems(calls, scratch, AFTER_FILLS, day, TODAY, step, path0, live)
    if status != FINE:
        return status
    publish_policy(state.policy, state.observables, scratch.easing)
    trip_breakers(timetable, model.breakers, state.breakers, state.observables, day, step)
    if record.by_step == 1:
        keep_row(rules, state, scratch, record)
    return FINE


@inline
def hear_subsystems(model, calls, scratch, day, step, path0, live):
    """Let subsystems tell news of their own: none along given returns, which nobody moves."""
    silence_subsystems(model, scratch.shock)
    status = call_subsystems(calls, scratch, NEWS, day, TODAY, step, path0, live)
    if model.replaying == 1:
        silence_subsystems(model, scratch.shock)
    return status


@inline
def silence_subsystems(model, shock):
    """Take back what any source from outside tells but value and policy."""
    for source in range(shock.shape[0]):
        if source != model.news.source and source != model.policy.source:
            fill(shock[source], 0.0)


@inline
def publish_calendar(timetable, state, day):
    """Write the calendar of a session into the view."""
    for field in range(timetable.calendar.shape[1]):
        fill(state.observables[FIRST_CALENDAR + field], timetable.calendar[day, field])


@inline
def publish_bar(timetable, state, day, step):
    """Write the coming bar into the view; what comes before the open is negative, and the last of it is bar -1."""
    kind = timetable.kind[day]
    publish_trading_time(timetable.volume[kind, step], state.activity, state.observables)
    fill(state.observables[BAR], float(step - timetable.night_steps[kind]))
    fill(state.observables[BARS_LEFT], timetable.bars[day] - step + 1.0)


@inline
def close_session(arrays, day, path0, live):
    """Update what everybody sees, let the strategies of the day clock decide, and keep the close; return the status."""
    timetable, rules, model, calls = arrays.timetable, arrays.rules, arrays.model, arrays.calls
    state, scratch, record = arrays.state, arrays.scratch, arrays.record
    step = timetable.steps_per_day - 1
    counter = day * timetable.steps_per_day + step
    level, of_all = timetable.liquidity_level[day], (day + 1) * timetable.lead_steps_per_day - 1
    move_liquidity(model, model.liquidity, state.liquidity, state.observables, level, of_all, path0)
    move_sentiment(model, model.sentiment, state.observables, counter, path0)
    keep_close(model.depth, state)
    observe(model.depth, state)
    publish_calendar(timetable, state, day + 1)
    publish_easing_of_the_day(state.policy, state.observables)
    status = call_subsystems(calls, scratch, AFTER_CLOSE, day, NEXT_DAY, step, path0, live)
    if status == FINE:
        status = call_subsystems(calls, scratch, AFTER_TRADES, day, NEXT_DAY, step, path0, live)
    if status == FINE:
        status = decide_at_close(timetable, rules, model, state, scratch, day, step, path0, live)
    if status == FINE and (day + 1) % record.every == 0:
        if record.by_step == 0:
            keep_row(rules, state, scratch, record)
        status = call_subsystems(calls, scratch, KEEP, day, NEXT_DAY, step, path0, live)
    return status
