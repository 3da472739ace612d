"""The layer in the day of a market: NEWS tells what was reported and scales orders, AFTER_CLOSE lives through quarters.

A quarter ends at its last close. It is lived through twice, as it was expected and as it came; the change of value
between the two is taken apart by who caused it, and the parts add up to the whole. Each waits for its session: builders
and power for the peak of the earnings season, growth for the release of GDP, credit and policy for the refunding.
"""

from __future__ import annotations

from flowsim.authoring.rows import LIQUIDITY, LOG_PRICE, PRICE, SENTIMENT
from flowsim.economy.rows import IN_AMOUNTS, N_SHOWN, RESERVES, find_amounts
from flowsim.kernel.call import call_bundle
from flowsim.kernel.functions import exp
from flowsim.kernel.marks import LANES, inline
from flowsim.macro.stepping import EXPECTED, SURPRISED
from flowsim.macro.value import CAPEX, CREDIT, GROWTH, POWER, log_worth
from flowsim.market.phases import AFTER_CLOSE, NEWS

CAPEX_NEWS, POWER_NEWS, CREDIT_NEWS, GROWTH_NEWS, SUPPORT_NEWS = range(5)
"""Rows of `waiting`, in the order of `flowsim.config.macro.SOURCES`."""
BUDGET_STEPS = 21
"""Closes in which a budget moves from the old quarter's to the new one's."""
CAME, AS_EXPECTED, WITHOUT_POLICY = range(3)
NO_NUMBER = 0
"""What breaks: value is no number any more."""


def do_phase(economy, phase, day, step, path0, live):
    """Do what is to be done in a phase; return 0, or 1 + what broke x 64 + its path."""
    if phase == NEWS and step == 0:
        tell(economy, day)
        scale_orders(economy)
        show(economy)
    elif phase == AFTER_CLOSE:
        if economy.reports.budgets[day] >= 0:
            begin_budgets(economy)
        move_budgets(economy)
        frighten(economy, day)
        quarter = economy.reports.ends[day]
        if quarter >= 0:
            broken = end_quarter(economy, quarter, path0, live)
            if broken > 0:
                return broken
        show(economy)
        add_liquidity(economy)
    return 0


@inline
def tell(economy, day):
    """Tell the news of the day: value moves by all of it, the price by the part that passes through."""
    waiting = economy.state.waiting
    for source in range(waiting.shape[0]):
        if economy.reports.news[source, day] >= 0:
            told = economy.shock[economy.first_source + source]
            for lane in range(LANES):
                change = waiting[source, lane] if economy.tells == 1 and economy.replaying == 0 else 0.0
                waiting[source, lane] = 0.0
                economy.log_value[lane] += change
                told[lane] = economy.pass_through * change


@inline
def scale_orders(economy):
    """Give populations that follow a row the day's part of its budget: dollars, at today's price of the index."""
    for link in range(economy.links.shape[0]):
        orders, row = economy.today[economy.links[link, 0]], economy.state.shown[economy.links[link, 1]]
        for lane in range(LANES):
            orders[lane] *= row[lane] * economy.start_price / economy.observables[PRICE, lane]


@inline
def begin_budgets(economy):
    """Let what is shown begin to move to what was reported."""
    state = economy.state
    for row in range(N_SHOWN):
        if economy.held[row] == 0:
            for lane in range(LANES):
                state.target[row, lane] = state.pending[row, lane]
    for lane in range(LANES):
        state.steps_left[0, lane] = 1.0 * BUDGET_STEPS


@inline
def move_budgets(economy):
    """Move what is shown by a step to its target."""
    state = economy.state
    if state.steps_left[0, 0] < 1.0:
        return
    for row in range(N_SHOWN):
        for lane in range(LANES):
            missing = state.target[row, lane] - state.shown[row, lane]
            state.shown[row, lane] += missing / state.steps_left[0, lane]
    for lane in range(LANES):
        state.steps_left[0, lane] -= 1.0


@inline
def frighten(economy, day):
    """Add panic over what credit news told."""
    if economy.reports.news[CREDIT_NEWS, day] >= 0:
        for lane in range(LANES):
            economy.observables[SENTIMENT, lane] += economy.state.fear[0, lane]
            economy.state.fear[0, lane] = 0.0


@inline
def show(economy):
    """Write what is shown into the view."""
    for row in range(N_SHOWN):
        for lane in range(LANES):
            economy.observables[economy.first_shown + row, lane] = economy.state.shown[row, lane]


@inline
def add_liquidity(economy):
    """Add what the growth of reserves is to the state of liquidity, which is found anew at each close."""
    for lane in range(LANES):
        reserves = economy.observables[economy.first_shown + RESERVES, lane]
        economy.observables[LIQUIDITY, lane] += economy.liquidity * reserves


@inline
def end_quarter(economy, quarter, path0, live):
    """Live through the quarter that ends, as expected and as it came; return what broke."""
    state = economy.state
    hear_the_market(economy, quarter)
    for row in range(state.rows.shape[0]):
        for lane in range(LANES):
            economy.expected_rows[row, lane] = state.rows[row, lane]
            economy.no_policy_rows[row, lane] = state.rows[row, lane]
    for lane in range(LANES):
        state.fear[0, lane] = economy.came.state.vehicle_spread[lane]
    kernel, words = economy.kernel[0], economy.words
    call_bundle(kernel, words[AS_EXPECTED], EXPECTED, quarter, quarter + 1, path0, LANES)
    if economy.has_policy[quarter] == 1:
        call_bundle(kernel, words[WITHOUT_POLICY], SURPRISED, quarter, quarter + 1, path0, LANES)
    call_bundle(kernel, words[CAME], SURPRISED, quarter, quarter + 1, path0, LANES)
    take_news_apart(economy, quarter)
    for lane in range(LANES):
        rise = economy.came.state.vehicle_spread[lane] - state.fear[0, lane]
        state.fear[0, lane] = economy.stress_response * max(rise, 0.0)
        find_amounts(economy.came, state.pending, lane)
        for row in range(IN_AMOUNTS):
            start = economy.start[row]
            state.pending[row, lane] = state.pending[row, lane] / start if start > 0.0 else 1.0
    for lane in range(live):
        if not abs(economy.came.found.log_value[lane]) < 100.0:
            return 1 + NO_NUMBER * LANES + lane
    return 0


@inline
def hear_the_market(economy, quarter):
    """Find by how much listed equity grew over its trend."""
    state = economy.state
    for lane in range(LANES):
        price = economy.observables[LOG_PRICE, lane]
        grown = exp(price - state.log_close[0, lane]) / (1.0 + economy.trend[quarter])
        economy.came.state.market_move[lane] = grown if economy.feedback == 1 else 1.0
        state.log_close[0, lane] = price


@inline
def take_news_apart(economy, quarter):
    """Find the news of each source: what value changes by as its rows change from expected to what came."""
    value, waiting, mixed = economy.value, economy.state.waiting, economy.mixed
    policy = economy.has_policy[quarter] == 1
    for lane in range(LANES):
        for row in range(mixed.shape[0]):
            mixed[row, lane] = economy.expected_worth[row, lane]
        before = log_worth(value, quarter, mixed, lane)
        before = add_cause(economy, value, quarter, policy, CAPEX, CAPEX_NEWS, before, lane)
        before = add_cause(economy, value, quarter, policy, POWER, POWER_NEWS, before, lane)
        before = add_cause(economy, value, quarter, policy, CREDIT, CREDIT_NEWS, before, lane)
        before = add_cause(economy, value, quarter, policy, GROWTH, GROWTH_NEWS, before, lane)
        after = log_worth(value, quarter, economy.came.found.worth, lane)
        waiting[SUPPORT_NEWS, lane] += after - before


@inline
def add_cause(economy, value, quarter, policy, rows, source, before, lane):
    """Change the rows of a cause, add to its news, and return the log of value after it."""
    first, last = rows
    for row in range(first, last):
        came = economy.no_policy_worth[row, lane] if policy else economy.came.found.worth[row, lane]
        economy.mixed[row, lane] = came
    after = log_worth(value, quarter, economy.mixed, lane)
    economy.state.waiting[source, lane] += after - before
    return after
