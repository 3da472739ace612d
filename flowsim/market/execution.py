"""Orders on their way to the market: schedule by days, slices by bars, a cap on participation, what is left over.

An order decided at a close trades in equal parts over `days` sessions from `lag_days` later. A day's part is spread
over its bars by the population's profile. What a cap or a halt keeps from trading waits in the backlog and goes first
when it can.
"""

from __future__ import annotations

from flowsim.authoring.rows import DAY_FRACTION
from flowsim.kernel.marks import LANES, function, inline


@inline
def push_orders(rules, state, orders, population, day, live):
    """Put a close's orders on the schedule; return the first path whose order is not finite, or -1."""
    horizon = state.schedule.shape[1]
    share = 1.0 / rules.days[population]
    first = day + rules.lag_days[population]
    for later in range(rules.days[population]):
        due = state.schedule[population, (first + later) % horizon]
        for lane in range(LANES):
            due[lane] += share * orders[lane]
    for lane in range(live):
        if not abs(orders[lane]) < 1e300:
            return lane
    return -1


@inline
def take_todays_orders(rules, state, day):
    """Move what is due today off the schedule."""
    due = day % state.schedule.shape[1]
    for population in range(rules.clock.size):
        for lane in range(LANES):
            state.today[population, lane] = state.schedule[population, due, lane]
            state.schedule[population, due, lane] = 0.0


@inline
def execute(timetable, rules, adv_bn, state, scratch, population, day, step):
    """Fill what is due in this bar, up to the population's share of volume, and add it to the net flow.

    `scratch.orders` holds the orders of the bar clock. The ledger books the fill, and `impact_flow` moves the price.
    Whoever provides liquidity or hedges options decides the whole position again each bar, so what could not trade is
    no backlog.
    """
    kind = timetable.kind[day]
    weight = rules.bar_weight[population, kind, step]
    capped = rules.participation_cap[population] * adv_bn
    day_fraction = state.observables[DAY_FRACTION]
    impact_share = rules.impact_share[population]
    waits = 0.0 if rules.no_backlog[population] == 1 else 1.0
    today, backlog = state.today[population], state.backlog[population]
    flow, impact_flow = scratch.flow[population], scratch.impact_flow[population]
    for lane in range(LANES):
        due = backlog[lane] + weight * today[lane] + scratch.orders[lane]
        limit = capped * day_fraction[lane]
        fill = scratch.trading[lane] * min(max(due, -limit), limit)
        backlog[lane] = waits * (due - fill)
        flow[lane] = fill
        impact_flow[lane] = impact_share * fill
        scratch.net[lane] += impact_flow[lane]
    if rules.anticipation.shape[0] > 0:
        trade_ahead(timetable, rules, state, scratch, population, day, step)


@function
def trade_ahead(timetable, rules, state, scratch, population, day, step):
    """Let the price feel what liquidity providers trade ahead of a flow, less what they had traded ahead of it before.

    It moves impact to the days before the flow, and nothing in the ledger; a halt makes it wait.
    """
    share = rules.anticipation[population, day] * timetable.volume_share[timetable.kind[day], step]
    ahead, impact_flow = state.ahead[population], scratch.impact_flow[population]
    for lane in range(LANES):
        due = ahead[lane] + share
        traded = scratch.trading[lane] * due
        ahead[lane] = due - traded
        impact_flow[lane] += traded
        scratch.net[lane] += traded
