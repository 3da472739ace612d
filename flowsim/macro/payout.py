"""Cash flow, buybacks and finance of builders: the link from capital spending to flows.

    cash flow = base + part * (1 - tax) * (margin * revenue - rent) - (1 - tax) * interest,  base grows
    buyback = buyback' + speed * (max(payout * cash flow - crowding * capex, 0) - buyback')
    need = capex + dividend + buyback + other uses + stake in vehicles + guarantee + debt due - cash flow

A need is met in this order: debt, as far as the company's leverage allows in a quarter; cash above a floor; a part out
of the buyback; new shares, as far as a cap allows; capital spending. What is left then is borrowed whatever the cap.
Where history gives what was spent, neither buybacks nor capital spending are cut.
"""

from __future__ import annotations

from flowsim.kernel.marks import inline
from flowsim.macro.numbers import N_COMPANIES


@inline
def earn(layer, quarter, lane):
    """Find cash flow, depreciation-adjusted earnings and tax of each company."""
    finance, credit, state, found = layer.numbers.finance, layer.numbers.credit, layer.state, layer.found
    margin = layer.numbers.revenue.margin[quarter]
    kept = 1.0 - finance.tax[quarter]
    for one in range(N_COMPANIES):
        rate = credit.base_rate[quarter] + state.builder_spread[one, lane] / 4.0
        interest = rate * state.builder_debt[one, lane]
        found.interest_builders[one, lane] = interest
        of_ai = state.ai_part[one, lane] * (margin * found.revenue[lane] - found.rent[lane])
        other = kept * (of_ai - interest)
        base = state.base[one, lane] * (1.0 + finance.growth_base[quarter])
        if layer.given.is_given[quarter] > 0.0:
            base = layer.given.cash_flow[one, quarter] - other
        state.base[one, lane] = base
        found.cash_flow[one, lane] = base + other
        shield = finance.tax[quarter] * finance.early_depreciation[quarter]
        awards = finance.stock_awards[quarter] * found.cash_flow[one, lane]
        earned = found.cash_flow[one, lane] - found.depreciation[one, lane] * (1.0 - shield) - awards
        found.earnings[one, lane] = earned
        found.tax_builders[one, lane] = finance.tax[quarter] / kept * max(earned, 0.0)


@inline
def pay_out_and_borrow(layer, quarter, lane):
    """Find buybacks, and how each company pays for what its cash flow does not."""
    vehicles, state, found = layer.numbers.vehicles, layer.state, layer.found
    finance, builders = layer.numbers.finance, layer.numbers.builders
    for one in range(N_COMPANIES):
        cash_flow, capex = found.cash_flow[one, lane], state.capex[one, lane]
        wished = builders.payout[one, quarter] * cash_flow - builders.crowding[one, quarter] * capex
        buyback = state.buybacks[one, lane]
        buyback += finance.payout_speed[quarter] * (max(wished, 0.0) - buyback)
        dividend = state.dividends[one, lane] * (1.0 + finance.dividend_growth[quarter])
        due = finance.maturing[quarter] * state.builder_debt[one, lane]
        found.guarantee_paid[one, lane] = state.ai_part[one, lane] * found.guarantee[lane]
        stake = state.ai_part[one, lane] * vehicles.sponsor_share[quarter] * found.vehicle_stakes[lane]
        income = state.ai_part[one, lane] * vehicles.sponsor_share[quarter] * found.vehicle_income[lane]
        other = finance.other_share[quarter] * max(cash_flow, 0.0)
        uses = capex + dividend + buyback + other + stake + found.guarantee_paid[one, lane] + due
        state.buybacks[one, lane], state.dividends[one, lane], found.repaid[one, lane] = buyback, dividend, due
        meet(layer, quarter, one, lane, uses - cash_flow - income)


@inline
def meet(layer, quarter, one, lane, need):
    """Meet what a company needs beyond its cash flow, in the order of the file's head; a surplus adds to cash."""
    finance, state, found = layer.numbers.finance, layer.state, layer.found
    cash_flow = found.cash_flow[one, lane]
    earned = 4.0 * (cash_flow + found.interest_builders[one, lane] + found.tax_builders[one, lane])
    debt = state.builder_debt[one, lane] - found.repaid[one, lane]
    room = max(layer.numbers.builders.leverage_cap[one, quarter] * earned - debt, 0.0) / 4.0
    issued = min((1.0 + finance.prefund[quarter]) * max(need, 0.0), room)
    left = max(need - issued, 0.0)
    floor = finance.cash_floor[quarter] * max(cash_flow, 0.0)
    left -= min(left, max(state.cash[one, lane] - floor, 0.0))
    free = 0.0 if layer.given.is_given[quarter] > 0.0 else 1.0
    cut = free * min(finance.cut_payout[quarter] * left, state.buybacks[one, lane])
    left -= cut
    sold = min(left, finance.equity_cap[quarter] / 4.0 * state.builder_value[one, lane])
    left -= sold
    fewer = free * min(left, state.capex[one, lane])
    left -= fewer
    state.buybacks[one, lane] -= cut
    state.capex[one, lane] -= fewer
    found.shares_sold[one, lane], found.capex_cut[one, lane] = sold, fewer
    found.issued[one, lane] = issued + left
    state.cash[one, lane] += issued + left + sold + cut + fewer - need
    state.builder_debt[one, lane] = debt + issued + left


@inline
def find_binding(layer, lane):
    """Find what held each company back most: 0 nothing but demand, 1 power, 2 chips, 3 finance.

    Demand that is not served is lost to power only while capacity waits for it: else nobody has asked for more.
    """
    state, found = layer.state, layer.found
    unserved = found.unserved[lane] if state.queue[lane] > 0.0 else 0.0
    for one in range(N_COMPANIES):
        plan = found.plan[one, lane]
        chips = plan * (1.0 - found.chip_factor[one, lane])
        power = plan * (1.0 - found.power_factor[lane]) + state.ai_part[one, lane] * unserved
        finance = found.capex_cut[one, lane]
        most = max(power, chips, finance)
        held = 1.0 if most == power else 2.0 if most == chips else 3.0
        found.binding[one, lane] = held if most > 0.0 else 0.0
