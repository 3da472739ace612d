"""Demand and output: what households, firms, government and abroad buy, and GDP as its sum less imports.

    consumption = keep * income' * (1 + trend) + mpc * net worth'                                    by group
    investment of firms = share * output' * (1 + trend) * (1 + accelerator * (growth' - trend within +-.05))
                          * exp(-spread response * 4 * (spread' - its start) - lean * gap')
    gap = .9 * gap' + growth - trend

Where history gives output, one factor on consumption, firms' investment and purchases makes it so.
"""

from __future__ import annotations

from flowsim.kernel.functions import exp, log, log1p
from flowsim.kernel.marks import inline
from flowsim.macro.capex import home_part
from flowsim.macro.numbers import N_COMPANIES
from flowsim.macro.rows import N_GROUPS

MOST_SURPRISE = 0.05
GAP_KEPT = 0.9


@inline
def total_capex(layer, lane):
    """Return what all builders spend."""
    total = 0.0
    for one in range(N_COMPANIES):
        total += layer.state.capex[one, lane]
    return total


@inline
def spend(layer, quarter, lane):
    """Find consumption, investment of firms, purchases and exports, and output."""
    trade, state, found = layer.numbers.trade, layer.state, layer.found
    grown = 1.0 + layer.numbers.economy.trend[quarter]
    consumed = 0.0
    for group in range(N_GROUPS):
        wealth = state.deposits[group, lane] + state.shares[group, lane]
        of_wealth = layer.numbers.households.mpc_wealth[group, quarter] * wealth
        of_income = layer.solved.keep[group] * state.income[group, lane] * grown
        found.consumption[group, lane] = of_income + layer.numbers.firms.wealth_effect[quarter] * of_wealth
        consumed += found.consumption[group, lane]
    state.purchases[lane] *= grown
    state.exports[lane] *= grown
    invested, purchases = firm_investment(layer, quarter, lane), state.purchases[lane]
    capex = total_capex(layer, lane)
    found.investment_home[lane] = home_part(layer, quarter) * capex
    found.ai_spending[lane] = layer.numbers.capex.us_share[quarter] * capex + found.vehicle_investment[lane]
    found.ai_exports[lane] = layer.numbers.revenue.export_share[quarter] * found.revenue[lane]
    found.exports[lane] = state.exports[lane]
    campuses = (1.0 - layer.numbers.vehicles.imported[quarter]) * found.vehicle_investment[lane]
    others = found.investment_home[lane] + campuses + found.utility_investment[lane]
    others += found.exports[lane] + found.ai_exports[lane]
    wanted = consumed + invested + purchases
    imports = trade.consumption_import[quarter] * consumed + trade.investment_import[quarter] * invested
    imports += trade.purchases_import[quarter] * purchases
    factor = 1.0
    if layer.given.output[quarter] > 0.0:
        factor = (layer.given.output[quarter] - others) / (wanted - imports)
    for group in range(N_GROUPS):
        found.consumption[group, lane] *= factor
    state.purchases[lane] = factor * purchases
    found.purchases[lane], found.firm_investment[lane] = factor * purchases, factor * invested
    found.imports[lane], found.factor[lane] = factor * imports, factor
    found.output[lane] = factor * (wanted - imports) + others


@inline
def firm_investment(layer, quarter, lane):
    """Return what firms would invest."""
    firms, state = layer.numbers.firms, layer.state
    trend = layer.numbers.economy.trend[quarter]
    surprise = state.growth[lane] - log1p(trend)
    surprise = min(max(surprise, -MOST_SURPRISE), MOST_SURPRISE)
    rise = state.firm_spread[lane] - layer.numbers.credit.firm_spread[quarter]
    held_back = firms.spread_response[quarter] * 4.0 * rise + firms.lean[quarter] * state.gap[lane]
    usual = layer.solved.investment[0] * state.output[lane] * (1.0 + trend)
    return usual * (1.0 + firms.accelerator[quarter] * surprise) * exp(-held_back)


@inline
def remember_output(layer, quarter, lane):
    """Keep output, its growth and its gap for the next quarter."""
    state, output = layer.state, layer.found.output[lane]
    state.growth[lane] = log(output / state.output[lane])
    state.gap[lane] = GAP_KEPT * state.gap[lane] + state.growth[lane] - log1p(layer.numbers.economy.trend[quarter])
    state.output[lane] = output
