"""Who is asked in a bar, and what is filled of everybody's orders."""

from __future__ import annotations

from flowsim.authoring.rows import CLOCK_BAR, CLOCK_DAY, CLOCK_LAST_BAR, CLOCK_ROLL
from flowsim.kernel.call import call_kernel
from flowsim.kernel.lanes import fill
from flowsim.kernel.marks import LANES, inline
from flowsim.market.calls import BAD_ORDER, FINE
from flowsim.market.execution import execute, push_orders
from flowsim.market.policy import BAR_CLOCKS


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
def trade_overnight(timetable, rules, model, state, scratch, day, path0):
    """Ask the strategies that trade at night, where the market has volume then, and execute what they order."""
    fill(scratch.net, 0.0)
    for population in range(rules.clock.size):
        fill(scratch.flow[population], 0.0)
        fill(scratch.impact_flow[population], 0.0)
        if rules.trades_overnight[population] == 1 and timetable.volume[timetable.kind[day], 0] > 0.0:
            fill(scratch.orders, 0.0)
            if model.replaying == 0 or rules.uses_noise[population] == 0:
                ask(timetable, rules, model, state, scratch, population, day, 0, path0)
            execute(timetable, rules, model.impact.adv_bn, state, scratch, population, day, 0)


@inline
def decide_at_close(timetable, rules, model, state, scratch, day, step, path0, live):
    """Let the strategies of the day clock decide for the days to come; return the status."""
    for population in range(rules.clock.size):
        silent = model.replaying == 1 and rules.uses_noise[population] == 1
        if rules.clock[population] == CLOCK_DAY and not silent:
            fill(scratch.orders, 0.0)
            ask(timetable, rules, model, state, scratch, population, day, step, path0)
            broken = push_orders(rules, state, scratch.orders, population, day, live)
            if broken >= 0:
                fault = scratch.fault
                fault[0], fault[1], fault[2], fault[3] = BAD_ORDER, population, broken, step
                return BAD_ORDER
    return FINE


@inline
def ask(timetable, rules, model, state, scratch, population, day, step, path0):
    """Let every agent of a population decide; their orders add up in `scratch.orders`."""
    call_kernel(
        rules.kernels[population],
        state.observables,
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
