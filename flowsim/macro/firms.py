"""Firms and utilities: value added, wages, profits, what is distributed, bought back and borrowed.

    wages of firms = labor share * (value added + AI bought) - zeta * AI bought
    distributed = d' * (1 + trend) + smooth * (what is kept at that - the same of the first quarter, on trend)
    buybacks = payout * (listed earnings - suppliers' profits) + supplier payout * suppliers' profits
    suppliers' profits = margin * (capital spending of builders and vehicles)

Both keep their cash on trend and borrow what their budget lacks.
"""

from __future__ import annotations

from flowsim.kernel.marks import inline
from flowsim.macro.numbers import N_COMPANIES
from flowsim.macro.output import total_capex
from flowsim.macro.rows import N_GROUPS


@inline
def run_utilities(layer, quarter, lane):
    """Sell power, pay wages, interest, tax and dividends, and borrow for what is invested."""
    power, credit, state, found = layer.numbers.power, layer.numbers.credit, layer.state, layer.found
    trend = layer.numbers.economy.trend[quarter]
    found.firm_power[lane] = power.sales_to_firms[quarter] * state.on_trend[lane]
    found.utility_wages[lane] = power.wages[quarter] * state.on_trend[lane]
    rate = credit.base_rate[quarter] + state.firm_spread[lane] / 4.0
    found.utility_interest[lane] = rate * state.utility_debt[lane]
    sold = found.bill[lane] + found.firm_power[lane]
    gross = sold - found.utility_wages[lane] - found.utility_interest[lane]
    lost = power.plant_decay[quarter] * state.utility_plant[lane]
    found.utility_tax[lane] = layer.numbers.government.tax_profits[quarter] * max(gross - lost, 0.0)
    after = gross - found.utility_tax[lane]
    found.utility_profit[lane] = after
    found.utility_dividends[lane] = power.payout[quarter] * max(after - lost, 0.0)
    saved = trend * state.utility_cash[lane]
    found.utility_borrowed[lane] = found.utility_investment[lane] + found.utility_dividends[lane] + saved - after
    state.utility_cash[lane] += saved
    state.utility_debt[lane] += found.utility_borrowed[lane]
    state.utility_plant[lane] += found.utility_investment[lane] - lost


@inline
def produce(layer, quarter, lane):
    """Find what builders sell besides AI, value added of firms from their own sales and purchases, and wages."""
    finance, firms, state, found = layer.numbers.finance, layer.numbers.firms, layer.state, layer.found
    found.builder_wages[lane] = finance.wages[quarter] * state.on_trend[lane]
    paid = found.builder_wages[lane] + found.rent[lane] + found.bill[lane] + found.inputs[lane]
    for one in range(N_COMPANIES):
        paid += found.cash_flow[one, lane] + found.tax_builders[one, lane] + found.interest_builders[one, lane]
    found.other_services[lane] = paid - found.revenue[lane]
    bought_ai = found.revenue[lane] - found.ai_exports[lane]
    campuses = (1.0 - layer.numbers.vehicles.imported[quarter]) * found.vehicle_investment[lane]
    sold = found.investment_home[lane] + campuses + found.utility_investment[lane] + found.firm_investment[lane]
    sold += found.purchases[lane] + found.exports[lane] + found.inputs[lane]
    for group in range(N_GROUPS):
        sold += found.consumption[group, lane]
    bought = found.imports[lane] + bought_ai + found.other_services[lane] + found.firm_power[lane]
    found.firm_value_added[lane] = sold - bought
    found.firm_wages[lane] = firms.labor_share[quarter] * (sold - bought + bought_ai)
    found.displaced[lane] = firms.zeta[quarter] * bought_ai


@inline
def distribute(layer, quarter, lane):
    """Find profits of firms, what they distribute and buy back, and what they borrow."""
    firms, state, found = layer.numbers.firms, layer.state, layer.found
    grown = 1.0 + layer.numbers.economy.trend[quarter]
    found.tax_output[lane] = layer.solved.tax_output[0] * found.output[lane]
    rate = layer.numbers.credit.base_rate[quarter] + state.firm_spread[lane] / 4.0
    found.firm_interest[lane] = rate * state.firm_debt[lane]
    gross = found.firm_value_added[lane] - found.firm_wages[lane] + found.displaced[lane]
    gross -= found.tax_output[lane] + found.firm_interest[lane]
    lost = firms.decay[quarter] * state.firm_plant[lane]
    found.firm_tax[lane] = layer.numbers.government.tax_profits[quarter] * max(gross - lost, 0.0)
    after = gross - found.firm_tax[lane]
    listed = firms.corporate_share[quarter] * (after - lost)
    suppliers = firms.supplier_margin[quarter] * (total_capex(layer, lane) + found.vehicle_investment[lane])
    bought = firms.payout[quarter] * max(listed - suppliers, 0.0) + firms.payout_suppliers[quarter] * suppliers
    invested = found.firm_investment[lane]
    usual = state.distributed[lane] * grown
    state.free_on_trend[lane] *= grown
    surprise = after - invested - bought - usual - state.free_on_trend[lane]
    found.distributed[lane] = max(usual + firms.smooth[quarter] * surprise, 0.0)
    found.firm_profit[lane], found.firm_buybacks[lane] = after, bought
    saved = (grown - 1.0) * state.firm_cash[lane]
    received = after + other_uses(layer, quarter, lane)
    found.firm_borrowed[lane] = invested + bought + found.distributed[lane] + saved - received
    state.distributed[lane] = found.distributed[lane]
    state.firm_cash[lane] += saved
    state.firm_debt[lane] += found.firm_borrowed[lane]
    state.firm_plant[lane] += invested - lost


@inline
def other_uses(layer, quarter, lane):
    """Return what builders spend on stakes, acquisitions and taxes on share awards."""
    total = 0.0
    for one in range(N_COMPANIES):
        total += layer.numbers.finance.other_share[quarter] * max(layer.found.cash_flow[one, lane], 0.0)
    return total
