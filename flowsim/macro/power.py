"""Power: what utilities connect, what waits for it, and what that holds back.

connected = min(request + queue', additions / 4),  queue = request + queue' - connected        [GW]
additions = script + response * queue `lag` quarters ago                                       [GW a year]
power factor = 1 - kappa * min(queue' / (4 * request), 1)
capacity = (1 - decay) * capacity' + connected / US share
"""

from __future__ import annotations

from flowsim.kernel.functions import exp
from flowsim.kernel.marks import inline
from flowsim.macro.state import DEMAND_SHOCK, LONGEST_QUEUE


@inline
def connect(layer, quarter, lane):
    """Find what power lets through and what is connected, and what utilities invest for it."""
    power, state, found = layer.numbers.power, layer.state, layer.found
    request, queue = found.request[lane], state.queue[lane]
    waits = min(queue / (4.0 * request), 1.0) if request > 0.0 else 0.0
    found.power_factor[lane] = 1.0 - power.kappa[quarter] * waits
    answered = power.response[quarter] * state.queues[int(power.lag[quarter]) - 1, lane]
    additions = power.additions[quarter] * power.additions_scale[quarter] + answered
    connected = min(request + queue, additions / 4.0)
    found.additions[lane], found.energized[lane] = additions, connected
    for slot in range(LONGEST_QUEUE - 1, 0, -1):
        state.queues[slot, lane] = state.queues[slot - 1, lane]
    state.queues[0, lane] = queue
    state.queue[lane] = request + queue - connected
    beyond = max(additions - power.normal_additions[quarter], 0.0) / 4.0
    usual = power.investment[quarter] * state.on_trend[lane]
    found.utility_investment[lane] = usual + power.cost_of_additions[quarter] * beyond


@inline
def serve(layer, quarter, lane):
    """Find revenue of AI services from demand and last quarter's capacity, and what it costs in power and inputs.

    demand = D' * (1 + growth * (1 - D' / saturation)) * exp(sd * z);  revenue = min(demand, capacity');
    D = revenue + keep * (demand - revenue)
    """
    revenue, power, state, found = layer.numbers.revenue, layer.numbers.power, layer.state, layer.found
    demand = wished_demand(layer, quarter, lane)
    capacity = revenue.per_gw[quarter] / 4.0 * state.gw[lane]
    sold = min(demand, capacity)
    found.revenue[lane], found.unserved[lane] = sold, demand - sold
    state.demand[lane] = sold + revenue.backlog_keep[quarter] * (demand - sold)
    price = power.price[quarter] + power.scarcity[quarter] * state.queues[0, lane]
    found.bill[lane] = price * state.gw[lane] / 4.0
    found.inputs[lane] = max((1.0 - revenue.margin[quarter]) * sold - found.bill[lane], 0.0)
    built = found.energized[lane] / layer.numbers.capex.us_share[quarter]
    state.gw[lane] = (1.0 - power.decay[quarter]) * state.gw[lane] + built


@inline
def wished_demand(layer, quarter, lane):
    """Return demand for AI services before capacity limits it."""
    revenue, state = layer.numbers.revenue, layer.state
    saturation = revenue.saturation[quarter] / 4.0
    growth = revenue.growth[quarter] * (1.0 - state.demand[lane] / saturation)
    return state.demand[lane] * (1.0 + growth) * exp(revenue.demand_sd[quarter] * layer.shocks[DEMAND_SHOCK, lane])
