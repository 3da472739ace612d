"""Every payment of a quarter, by the rows of the matrix; written before stocks of the last quarter move."""

from __future__ import annotations

from flowsim.kernel.marks import inline
from flowsim.macro import rows
from flowsim.macro.firms import other_uses
from flowsim.macro.households import ABROAD_HOLDER, all_shares, builder_dividends
from flowsim.macro.numbers import N_COMPANIES
from flowsim.macro.output import total_capex
from flowsim.macro.rows import N_GROUPS
from flowsim.macro.state import N_SHAREHOLDERS


@inline
def write_payments(layer, quarter, lane):
    """Write all payments."""
    _write_goods(layer, quarter, lane)
    _write_builders(layer, quarter, lane)
    _write_incomes(layer, quarter, lane)
    _write_ownership(layer, quarter, lane)
    _write_public(layer, quarter, lane)
    _write_debts(layer, quarter, lane)


@inline
def _write_goods(layer, quarter, lane):
    flows, found = layer.flows, layer.found
    for group in range(N_GROUPS):
        flows[rows.CONSUMPTION + group, lane] = found.consumption[group, lane]
    imported = layer.numbers.vehicles.imported[quarter] * found.vehicle_investment[lane]
    flows[rows.INVESTMENT_HOME, lane] = found.investment_home[lane]
    flows[rows.INVESTMENT_HOME + 1, lane] = found.vehicle_investment[lane] - imported
    flows[rows.INVESTMENT_HOME + 2, lane] = found.utility_investment[lane]
    flows[rows.INVESTMENT_ABROAD, lane] = total_capex(layer, lane) - found.investment_home[lane]
    flows[rows.INVESTMENT_ABROAD + 1, lane] = imported
    flows[rows.PURCHASES, lane] = found.purchases[lane]
    flows[rows.EXPORTS, lane] = found.exports[lane]
    flows[rows.IMPORTS, lane] = found.imports[lane]
    flows[rows.AI_SERVICES, lane] = found.revenue[lane] - found.ai_exports[lane]
    flows[rows.AI_SERVICES + 1, lane] = found.ai_exports[lane]
    flows[rows.OTHER_SERVICES, lane] = found.other_services[lane]
    flows[rows.AI_INPUTS, lane] = found.inputs[lane]
    flows[rows.POWER, lane] = found.bill[lane]
    flows[rows.POWER + 1, lane] = found.firm_power[lane]
    flows[rows.RENT, lane] = found.rent[lane]
    flows[rows.OTHER_USES, lane] = other_uses(layer, quarter, lane)


@inline
def _write_builders(layer, quarter, lane):
    flows, found = layer.flows, layer.found
    interest, tax, issued, repaid, sold, bought = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for one in range(N_COMPANIES):
        interest += found.interest_builders[one, lane]
        tax += found.tax_builders[one, lane]
        issued += found.issued[one, lane]
        repaid += found.repaid[one, lane]
        sold += found.shares_sold[one, lane]
        bought += layer.state.buybacks[one, lane]
    flows[rows.INTEREST, lane], flows[rows.TAX_PROFITS, lane] = interest, tax
    flows[rows.BUILDER_BORROWING, lane], flows[rows.BUILDER_REPAYMENT, lane] = issued, repaid
    whole = all_shares(layer.state, lane)
    for holder in range(N_SHAREHOLDERS):
        part = layer.state.shares[holder, lane] / whole
        flows[rows.BUYBACKS + holder, lane] = part * bought
        flows[rows.BUYBACKS + N_SHAREHOLDERS + holder, lane] = part * found.firm_buybacks[lane]
        flows[rows.SHARE_SALES + holder, lane] = part * sold


@inline
def _write_incomes(layer, quarter, lane):
    flows, found, households = layer.flows, layer.found, layer.numbers.households
    for group in range(N_GROUPS):
        share = households.wage_share[group, quarter]
        displaced = households.displaced_share[group, quarter] * found.displaced[lane]
        flows[rows.WAGES + group, lane] = share * found.builder_wages[lane]
        flows[rows.WAGES + N_GROUPS + group, lane] = share * found.utility_wages[lane]
        flows[rows.WAGES + 2 * N_GROUPS + group, lane] = share * found.firm_wages[lane] - displaced
        flows[rows.TRANSFERS + group, lane] = found.transfers[group, lane]
        flows[rows.TAX_WAGES + group, lane] = found.tax_wages[group, lane]
        flows[rows.TAX_PROPERTY + group, lane] = found.tax_property[group, lane]
        rate = layer.numbers.credit.deposit_rate[quarter]
        flows[rows.INTEREST_DEPOSITS + group, lane] = rate * layer.state.deposits[group, lane]
        part = households.property_share[group, quarter]
        flows[rows.LENDERS_INCOME + group, lane] = part * found.lender_income[lane]
    flows[rows.SHARE_PURCHASES, lane] = found.share_purchases[1, lane]
    flows[rows.SHARE_PURCHASES + 1, lane] = found.share_purchases[2, lane]


@inline
def _write_ownership(layer, quarter, lane):
    """Write dividends of builders and utilities and what firms distribute, and what vehicles pay their owners."""
    flows, found, households = layer.flows, layer.found, layer.numbers.households
    abroad = layer.state.shares[ABROAD_HOLDER, lane] / all_shares(layer.state, lane)
    of_builders, of_utilities = builder_dividends(layer.state, lane), found.utility_dividends[lane]
    foreign, of_firms = layer.numbers.firms.foreign_share[quarter], found.distributed[lane]
    for group in range(N_GROUPS):
        part = households.property_share[group, quarter]
        flows[rows.DIVIDENDS + group, lane] = part * (1.0 - abroad) * of_builders
        flows[rows.DIVIDENDS + N_SHAREHOLDERS + group, lane] = part * (1.0 - abroad) * of_utilities
        flows[rows.DIVIDENDS + 2 * N_SHAREHOLDERS + group, lane] = part * (1.0 - foreign) * of_firms
    flows[rows.DIVIDENDS + N_GROUPS, lane] = abroad * of_builders
    flows[rows.DIVIDENDS + N_SHAREHOLDERS + N_GROUPS, lane] = abroad * of_utilities
    flows[rows.DIVIDENDS + 2 * N_SHAREHOLDERS + N_GROUPS, lane] = foreign * of_firms
    sponsor = layer.numbers.vehicles.sponsor_share[quarter]
    flows[rows.VEHICLE_INCOME, lane] = sponsor * found.vehicle_income[lane]
    flows[rows.VEHICLE_INCOME + 1, lane] = (1.0 - sponsor) * found.vehicle_income[lane]
    flows[rows.VEHICLE_STAKES, lane] = sponsor * found.vehicle_stakes[lane]
    flows[rows.VEHICLE_STAKES + 1, lane] = (1.0 - sponsor) * found.vehicle_stakes[lane]


@inline
def _write_public(layer, quarter, lane):
    flows, state, found = layer.flows, layer.state, layer.found
    rate = layer.numbers.credit.bill_rate[quarter]
    flows[rows.INTEREST_TREASURY, lane] = found.lender_interest[lane]
    flows[rows.INTEREST_TREASURY + 1, lane] = rate * state.central_bank_assets[lane]
    flows[rows.INTEREST_TREASURY + 2, lane] = rate * state.abroad_bonds[lane]
    flows[rows.INTEREST_RESERVES, lane] = found.reserve_interest[lane]
    flows[rows.TAX_OUTPUT, lane] = found.tax_output[lane]
    flows[rows.TAX_PROFITS + 1, lane] = found.utility_tax[lane]
    flows[rows.TAX_PROFITS + 2, lane] = found.firm_tax[lane]
    flows[rows.REMITTANCE, lane] = found.remittance[lane]
    flows[rows.GUARANTEE, lane] = found.guarantee[lane]
    flows[rows.SUPPORT, lane] = found.support_paid[lane]
    by_others = found.reserve_purchases[lane] + found.abroad_purchases[lane]
    flows[rows.TREASURY_BORROWING, lane] = found.treasury_issue[lane] - by_others
    flows[rows.TREASURY_BORROWING + 1, lane] = found.reserve_purchases[lane]
    flows[rows.TREASURY_BORROWING + 2, lane] = found.abroad_purchases[lane]
    flows[rows.RESERVE_GROWTH, lane] = found.reserve_growth[lane]
    flows[rows.ACCOUNT_GROWTH, lane] = found.account_growth[lane]
    flows[rows.REVERSE_REPO_GROWTH, lane] = found.reverse_repo_growth[lane]


@inline
def _write_debts(layer, quarter, lane):
    flows, found = layer.flows, layer.found
    flows[rows.INTEREST + 1, lane] = found.vehicle_interest[lane]
    flows[rows.INTEREST + 2, lane] = found.utility_interest[lane]
    flows[rows.INTEREST + 3, lane] = found.firm_interest[lane]
    flows[rows.VEHICLE_BORROWING, lane] = found.vehicle_borrowed[lane]
    flows[rows.VEHICLE_REPAYMENT, lane] = found.vehicle_repaid[lane]
    flows[rows.UTILITY_BORROWING, lane] = found.utility_borrowed[lane]
    flows[rows.FIRM_BORROWING, lane] = found.firm_borrowed[lane]
