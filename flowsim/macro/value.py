"""What the index is worth on normalized earnings one guided year ahead, up to a constant.

    ln v = sum of weights * ln normalized earnings - duration * (builders' weight * spread + firms' weight * spread)

Builders: cash flow at the capacity that the guided year adds, less depreciation of the guided stock. Suppliers: their
margin on guided spending. Firms: profit after tax and depreciation, with the wages that AI saves.

A quarter finds what value is made of, `worth`, and then value. What differs between two quarters, one as expected and
one as it came, can so be told apart by who caused it: those rows are changed first, those next, until all are.
"""

from __future__ import annotations

from flowsim.kernel.functions import log
from flowsim.kernel.marks import inline
from flowsim.macro.numbers import N_COMPANIES
from flowsim.macro.state import LONGEST_LAG

LEAST_EARNINGS = 1.0
"""USD bn a quarter; a logarithm needs a positive number."""

SUPPLIED, OWN, KEPT, WISHED = 0, 1, 2, 3
"""Suppliers' earnings; builders' other than of AI, depreciation deducted; what they keep of a dollar of AI revenue;
what they could sell."""
SERVED, UTILITY = 4, 5
"""What power lets them serve; profit of utilities."""
OWED, BUILDER_SPREAD, FIRM_SPREAD = 6, 7, 8
"""Rent and interest of builders after tax; spreads."""
FIRM = 9
"""Earnings of firms."""
CAPEX, POWER, CREDIT, GROWTH = (SUPPLIED, SERVED), (SERVED, OWED), (OWED, FIRM), (FIRM, FIRM + 1)
"""Rows that tell of each cause: from the first up to the last, which is excluded."""


@inline
def find_value(layer, quarter, lane):
    """Find what value is made of, and its log."""
    finance, state, found = layer.numbers.finance, layer.state, layer.found
    worth = found.worth
    planned, spread = found.plan_vehicles[lane], 0.0
    for one in range(N_COMPANIES):
        planned += found.plan[one, lane]
        spread += state.ai_part[one, lane] * state.builder_spread[one, lane]
    kept = 1.0 - finance.tax[quarter]
    worth[SUPPLIED, lane] = layer.numbers.firms.supplier_margin[quarter] * planned
    worth[OWN, lane] = own_earnings(layer, quarter, lane)
    worth[KEPT, lane] = kept * layer.numbers.revenue.margin[quarter]
    worth[WISHED, lane] = state.demand[lane]
    worth[SERVED, lane] = guided_capacity(layer, quarter, lane)
    worth[UTILITY, lane] = found.utility_profit[lane]
    owed = found.rent[lane]
    for one in range(N_COMPANIES):
        owed += found.interest_builders[one, lane]
    worth[OWED, lane] = kept * owed
    worth[BUILDER_SPREAD, lane], worth[FIRM_SPREAD, lane] = spread, state.firm_spread[lane]
    worth[FIRM, lane] = found.firm_profit[lane] - layer.numbers.firms.decay[quarter] * state.firm_plant[lane]
    found.log_value[lane] = log_worth(layer.numbers.value, quarter, worth, lane)


@inline
def log_worth(value, quarter, worth, lane):
    """Return the log of value from what it is made of."""
    builders = worth[OWN, lane] + worth[KEPT, lane] * min(worth[WISHED, lane], worth[SERVED, lane]) - worth[OWED, lane]
    total = value.builders[quarter] * log(max(builders, LEAST_EARNINGS))
    total += value.suppliers[quarter] * log(max(worth[SUPPLIED, lane], LEAST_EARNINGS))
    total += value.utilities[quarter] * log(max(worth[UTILITY, lane], LEAST_EARNINGS))
    total += value.firms[quarter] * log(max(worth[FIRM, lane], LEAST_EARNINGS))
    spreads = value.builders[quarter] * worth[BUILDER_SPREAD, lane] + value.firms[quarter] * worth[FIRM_SPREAD, lane]
    return total - value.duration[quarter] * spreads


@inline
def guided_capacity(layer, quarter, lane):
    """Return what could be served with the capacity that a guided year adds, USD bn a quarter."""
    state, found = layer.state, layer.found
    connected = min(4.0 * found.request[lane] + state.queue[lane], found.additions[lane])
    gw = state.gw[lane] + connected / layer.numbers.capex.us_share[quarter]
    return layer.numbers.revenue.per_gw[quarter] / 4.0 * gw


@inline
def own_earnings(layer, quarter, lane):
    """Return cash flow of builders' other business less wear of the stock of a guided year, USD bn a quarter."""
    capex, finance, state = layer.numbers.capex, layer.numbers.finance, layer.state
    hard, total = capex.hard_share[quarter], 0.0
    shield = finance.tax[quarter] * finance.early_depreciation[quarter]
    for one in range(N_COMPANIES):
        computers, buildings = state.computers[one, lane], state.buildings[one, lane]
        for slot in range(LONGEST_LAG):
            computers += hard * state.construction[one, slot, lane]
            buildings += (1.0 - hard) * state.construction[one, slot, lane]
        lost = capex.hard_decay[quarter] * computers + capex.building_decay[quarter] * buildings
        total += state.base[one, lane] - lost * (1.0 - shield)
    return total
