"""Treasury, central bank and abroad: deficits, reserves, and who takes the debt.

net sales of debt = deficit + growth of the Treasury account
growth of reserves = purchases of the central bank - growth of the account - growth of reverse repo
abroad puts what it earns into Treasury debt; lenders take the rest
"""

from __future__ import annotations

from flowsim.kernel.marks import inline
from flowsim.macro.households import ABROAD_HOLDER, all_shares, builder_dividends, net_buybacks
from flowsim.macro.numbers import N_COMPANIES
from flowsim.macro.output import total_capex
from flowsim.macro.rows import N_GROUPS


@inline
def run_treasury(layer, quarter, lane):
    """Find the deficit and what is sold for it, and move the account, the purchases and reserves on their scripts."""
    government, state, found = layer.numbers.government, layer.state, layer.found
    rate = layer.numbers.credit.bill_rate[quarter]
    found.treasury_interest[lane] = rate * state.treasury_debt[lane]
    owing_interest = state.reserves[lane] + state.reverse_repo[lane]
    found.remittance[lane] = rate * (state.central_bank_assets[lane] - owing_interest)
    spent = found.purchases[lane] + found.treasury_interest[lane] + found.support_paid[lane]
    earned = found.remittance[lane] + found.tax_output[lane] + found.firm_tax[lane] + found.utility_tax[lane]
    for group in range(N_GROUPS):
        spent += found.transfers[group, lane]
        earned += found.tax_wages[group, lane] + found.tax_property[group, lane]
    for one in range(N_COMPANIES):
        earned += found.tax_builders[one, lane]
    found.deficit[lane] = spent - earned
    found.account_growth[lane] = government.account[quarter] - state.account[lane]
    found.reverse_repo_growth[lane] = government.reverse_repo[quarter] - state.reverse_repo[lane]
    found.reserve_purchases[lane] = government.reserve_purchases[quarter]
    drained = found.account_growth[lane] + found.reverse_repo_growth[lane]
    found.reserve_growth[lane] = found.reserve_purchases[lane] - drained
    found.treasury_issue[lane] = found.deficit[lane] + found.account_growth[lane]


@inline
def run_abroad(layer, quarter, lane):
    """Find what abroad earns beyond what it spends: it buys Treasury debt with it."""
    state, found = layer.state, layer.found
    held = state.shares[ABROAD_HOLDER, lane] / all_shares(state, lane)
    bought = total_capex(layer, lane) - found.investment_home[lane]
    bought += layer.numbers.vehicles.imported[quarter] * found.vehicle_investment[lane]
    received = found.imports[lane] + bought
    received += layer.numbers.credit.bill_rate[quarter] * state.abroad_bonds[lane]
    received += held * (builder_dividends(state, lane) + found.utility_dividends[lane] + net_buybacks(layer, lane))
    received += layer.numbers.firms.foreign_share[quarter] * found.distributed[lane]
    found.abroad_purchases[lane] = received - found.exports[lane] - found.ai_exports[lane]


@inline
def place_debt(layer, lane):
    """Move the stocks of Treasury, central bank and abroad."""
    state, found = layer.state, layer.found
    state.treasury_debt[lane] += found.treasury_issue[lane]
    state.account[lane] += found.account_growth[lane]
    state.central_bank_assets[lane] += found.reserve_purchases[lane]
    state.reserves[lane] += found.reserve_growth[lane]
    state.reverse_repo[lane] += found.reverse_repo_growth[lane]
    state.abroad_bonds[lane] += found.abroad_purchases[lane]
    by_others = found.reserve_purchases[lane] + found.abroad_purchases[lane]
    state.lender_bonds[lane] += found.treasury_issue[lane] - by_others
