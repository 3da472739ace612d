"""What the index is worth on normalized earnings one guided year ahead, up to a constant.

    ln v = sum of weights * ln normalized earnings - duration * (builders' weight * spread + firms' weight * spread)

Builders: cash flow at the capacity that the guided year adds, less depreciation of the guided stock. Suppliers: their
margin on guided spending. Firms: profit after tax and depreciation, with the wages that AI saves.
"""

from __future__ import annotations

from flowsim.kernel.functions import log
from flowsim.kernel.marks import inline
from flowsim.macro.numbers import N_COMPANIES
from flowsim.macro.state import LONGEST_LAG

LEAST_EARNINGS = 1.0
"""USD bn a quarter; a logarithm needs a positive number."""


@inline
def find_value(layer, quarter, lane):
    """Find the log of value, and with it who earns it."""
    value, state, found = layer.numbers.value, layer.state, layer.found
    planned, spread = found.plan_vehicles[lane], 0.0
    for one in range(N_COMPANIES):
        planned += found.plan[one, lane]
        spread += state.ai_part[one, lane] * state.builder_spread[one, lane]
    suppliers = layer.numbers.firms.supplier_margin[quarter] * planned
    lost = layer.numbers.firms.decay[quarter] * state.firm_plant[lane]
    firms = found.firm_profit[lane] - lost
    total = value.builders[quarter] * log(max(builder_earnings(layer, quarter, lane), LEAST_EARNINGS))
    total += value.suppliers[quarter] * log(max(suppliers, LEAST_EARNINGS))
    total += value.utilities[quarter] * log(max(found.utility_profit[lane], LEAST_EARNINGS))
    total += value.firms[quarter] * log(max(firms, LEAST_EARNINGS))
    discounted = value.builders[quarter] * spread + value.firms[quarter] * state.firm_spread[lane]
    found.log_value[lane] = total - value.duration[quarter] * discounted


@inline
def builder_earnings(layer, quarter, lane):
    """Return earnings of builders at the capacity and the stock of a guided year, USD bn a quarter."""
    capex, finance, state, found = layer.numbers.capex, layer.numbers.finance, layer.state, layer.found
    connected = min(4.0 * found.request[lane] + state.queue[lane], found.additions[lane])
    gw = state.gw[lane] + connected / capex.us_share[quarter]
    sold = min(state.demand[lane], layer.numbers.revenue.per_gw[quarter] / 4.0 * gw)
    kept = 1.0 - finance.tax[quarter]
    total = kept * (layer.numbers.revenue.margin[quarter] * sold - found.rent[lane])
    hard = capex.hard_share[quarter]
    for one in range(N_COMPANIES):
        computers, buildings = state.computers[one, lane], state.buildings[one, lane]
        for slot in range(LONGEST_LAG):
            computers += hard * state.construction[one, slot, lane]
            buildings += (1.0 - hard) * state.construction[one, slot, lane]
        lost = capex.hard_decay[quarter] * computers + capex.building_decay[quarter] * buildings
        shield = finance.tax[quarter] * finance.early_depreciation[quarter]
        total += state.base[one, lane] - kept * found.interest_builders[one, lane] - lost * (1.0 - shield)
    return total
