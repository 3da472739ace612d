"""Lenders and spreads.

    spread = its start + Merton's spread - the same at the start + supply * 4 * (net issue - that of the first quarter)
             / market + capital response * max(.96 * target - capital ratio, 0)

Sources: Merton 1974, On the Pricing of Corporate Debt; the sign of the last term, Gertler & Karadi 2011, A Model of
Unconventional Monetary Policy.
"""

from __future__ import annotations

from flowsim.kernel.functions import log, normal_cdf_and_pdf, sqrt
from flowsim.kernel.marks import inline
from flowsim.macro.numbers import N_COMPANIES
from flowsim.macro.rows import N_GROUPS
from flowsim.macro.vehicles import campus_value, loans_outstanding, vehicle_plant

NEAR_TARGET = 0.96
LEAST_DEBT = 1e-6
"""Debt over value below which there is no risk."""
LEAST_VALUE = 0.01
"""Value over debt below which a spread rises no further."""


@inline
def merton_spread(quasi_debt: float, vol: float, years: float) -> float:
    """Return the spread of a zero bond of a firm, a year.

    Parameters
    ----------
    quasi_debt : float
        Debt over value, discounted at the riskless rate.
    vol : float
        Volatility of the firm's value, a year.
    years : float
        Life of the bond.
    """
    deviation = vol * sqrt(years)
    ratio = max(quasi_debt, LEAST_DEBT)
    d_two = -log(ratio) / deviation - 0.5 * deviation
    survives, _ = normal_cdf_and_pdf(d_two)
    defaults, _ = normal_cdf_and_pdf(-d_two - deviation)
    return -log(survives + defaults / ratio) / years


@inline
def vehicle_equity(state, lane):
    """Return assets of vehicles less their debt, at book."""
    debt = loans_outstanding(state, lane) + state.notes[lane]
    return vehicle_plant(state, lane) + state.vehicle_cash[lane] - debt


@inline
def lender_assets(layer, quarter, lane):
    """Return what lenders hold: debts, Treasury debt, reserves, and their part of the equity of vehicles."""
    state = layer.state
    total = state.reserves[lane] + state.reverse_repo[lane] + state.lender_bonds[lane]
    total += loans_outstanding(state, lane) + state.notes[lane] + state.utility_debt[lane] + state.firm_debt[lane]
    for one in range(N_COMPANIES):
        total += state.builder_debt[one, lane]
    return total + (1.0 - layer.numbers.vehicles.sponsor_share[quarter]) * vehicle_equity(state, lane)


@inline
def open_lenders(layer, quarter, lane):
    """Find assets and capital of last quarter's books, and interest on what is held and owed there."""
    credit, state, found = layer.numbers.credit, layer.state, layer.found
    found.lender_assets[lane] = lender_assets(layer, quarter, lane)
    found.lender_capital[lane] = found.lender_assets[lane] - state.deposits_owed[lane]
    found.lender_interest[lane] = credit.bill_rate[quarter] * state.lender_bonds[lane]
    safe = state.reserves[lane] + state.reverse_repo[lane]
    found.reserve_interest[lane] = credit.bill_rate[quarter] * safe
    found.deposit_interest[lane] = 0.0
    for group in range(N_GROUPS):
        found.deposit_interest[lane] += credit.deposit_rate[quarter] * state.deposits[group, lane]


@inline
def pay_owners(layer, quarter, lane):
    """Find what lenders pay out: what they earn, but for growth on trend and the distance from their target."""
    credit, found = layer.numbers.credit, layer.found
    earned = found.lender_interest[lane] + found.reserve_interest[lane] - found.deposit_interest[lane]
    earned += found.vehicle_interest[lane] + found.utility_interest[lane] + found.firm_interest[lane]
    earned += (1.0 - layer.numbers.vehicles.sponsor_share[quarter]) * found.vehicle_income[lane]
    for one in range(N_COMPANIES):
        earned += found.interest_builders[one, lane]
    capital = found.lender_capital[lane]
    above = capital - credit.capital_target[quarter] * found.lender_assets[lane]
    kept = layer.numbers.economy.trend[quarter] * capital - credit.excess_payout[quarter] * above
    found.lender_income[lane] = max(earned - kept, 0.0)


@inline
def close_lenders(layer, quarter, lane):
    """Find deposits owed from lenders' own receipts and payments alone."""
    state, found = layer.state, layer.found
    owners = 1.0 - layer.numbers.vehicles.sponsor_share[quarter]
    received = found.vehicle_interest[lane] + found.utility_interest[lane] + found.firm_interest[lane]
    received += found.lender_interest[lane] + found.reserve_interest[lane]
    received += found.vehicle_repaid[lane] + owners * found.vehicle_income[lane]
    paid = found.vehicle_borrowed[lane] + owners * found.vehicle_stakes[lane] + found.lender_income[lane]
    paid += found.utility_borrowed[lane] + found.firm_borrowed[lane]
    paid += found.treasury_issue[lane] - found.reserve_purchases[lane] - found.abroad_purchases[lane]
    paid += found.reserve_growth[lane] + found.reverse_repo_growth[lane] + found.deposit_interest[lane]
    for one in range(N_COMPANIES):
        received += found.interest_builders[one, lane] + found.repaid[one, lane]
        paid += found.issued[one, lane]
    state.deposits_owed[lane] += paid - received
    assets = lender_assets(layer, quarter, lane)
    found.capital_ratio[lane] = (assets - state.deposits_owed[lane]) / assets


@inline
def price_credit(layer, quarter, lane):
    """Find spreads of companies, vehicles and firms from what they owe, issue and are worth."""
    credit, solved, state, found = layer.numbers.credit, layer.solved, layer.state, layer.found
    missing = max(NEAR_TARGET * credit.capital_target[quarter] - found.capital_ratio[lane], 0.0)
    scarce = credit.capital_response[quarter] * missing
    issued = 0.0
    for one in range(N_COMPANIES):
        issued += found.issued[one, lane] - found.repaid[one, lane]
    per_issue = 4.0 * credit.supply[quarter]
    supplied = per_issue * (issued - solved.issue[0]) / credit.bond_market[quarter]
    for one in range(N_COMPANIES):
        risk = builder_risk(layer, quarter, one, lane) - solved.merton[one]
        state.builder_spread[one, lane] = max(credit.builder_spread[quarter] + risk + supplied + scarce, 0.0)
    issued = found.vehicle_borrowed[lane] - found.vehicle_repaid[lane] - solved.issue[1]
    supplied = per_issue * issued / credit.vehicle_market[quarter]
    risk = vehicle_risk(layer, quarter, lane) - solved.merton[N_COMPANIES]
    state.vehicle_spread[lane] = max(credit.vehicle_spread[quarter] + risk + supplied + scarce, 0.0)
    supplied = per_issue * (found.firm_borrowed[lane] - solved.issue[2]) / state.firm_debt[lane]
    risk = firm_risk(layer, quarter, lane) - solved.merton[N_COMPANIES + 1]
    state.firm_spread[lane] = max(credit.firm_spread[quarter] + risk + supplied + scarce, 0.0)


@inline
def builder_risk(layer, quarter, one, lane):
    """Return Merton's spread of a company."""
    credit, debt = layer.numbers.credit, layer.state.builder_debt[one, lane]
    ratio = debt / (debt + layer.state.builder_value[one, lane])
    return merton_spread(ratio, credit.builder_vol[quarter], credit.builder_years[quarter])


@inline
def vehicle_risk(layer, quarter, lane):
    """Return Merton's spread of vehicles, on the value of their campuses."""
    state, vol = layer.state, layer.numbers.vehicles.asset_vol[quarter]
    debt = loans_outstanding(state, lane) + state.notes[lane]
    ratio = debt / max(campus_value(layer, quarter, lane), LEAST_VALUE * debt + LEAST_DEBT)
    return merton_spread(ratio, vol, layer.numbers.credit.vehicle_years[quarter])


@inline
def firm_risk(layer, quarter, lane):
    """Return Merton's spread of firms."""
    credit, debt = layer.numbers.credit, layer.state.firm_debt[lane]
    ratio = debt / (debt + layer.state.firm_value[lane])
    return merton_spread(ratio, credit.firm_vol[quarter], credit.firm_years[quarter])
