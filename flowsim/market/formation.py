"""What a step moves the price by: the sum of what every source contributes, in a fixed order."""

from __future__ import annotations

from flowsim.authoring.rows import CLOCK_ROLL, DAY_RETURN, FUNDAMENTAL_GAP, LOG_PRICE, PRICE, STEP_RETURN
from flowsim.kernel.functions import exp
from flowsim.kernel.lanes import copy
from flowsim.kernel.marks import LANES, inline
from flowsim.market.calls import BAD_ORDER, BAD_PRICE, FINE, call_subsystems
from flowsim.market.phases import MOVE, TODAY
from flowsim.market.price import find_decay, find_slope, move_by_population

LARGEST_STEP = 1.0
"""A log return beyond this in one step is a market that has diverged, not a price."""


@inline
def move_price(arrays, day, step, path0, live):
    """Turn news, policy and flows into contributions, and their sum into the step's return; return the status."""
    timetable, rules, model, calls = arrays.timetable, arrays.rules, arrays.model, arrays.calls
    state, scratch = arrays.state, arrays.scratch
    find_slope(model, model.impact, state.observables, scratch, timetable.thinness[timetable.kind[day], step])
    add_shocks(scratch)
    find_decay(model.impact, state.impact, scratch.trading, timetable.fraction[timetable.kind[day], step])
    for population in range(rules.clock.size):
        if rules.clock[population] != CLOCK_ROLL:
            source = rules.first_source + population
            move_by_population(model.impact, state.impact, scratch, population, source)
    status = call_subsystems(calls, scratch, MOVE, day, TODAY, step, path0, live)
    if status != FINE:
        return status
    total, log_price, price, value = (
        scratch.total,
        state.observables[LOG_PRICE],
        state.observables[PRICE],
        state.news.log_value,
    )
    step_return, day_return, gap = (
        state.observables[STEP_RETURN],
        state.observables[DAY_RETURN],
        state.observables[FUNDAMENTAL_GAP],
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
