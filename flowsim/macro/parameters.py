"""Parameters of the layer as the equations see them; what each means, and where it is from, is in numbers.csv."""

from __future__ import annotations

from typing import Any, NamedTuple

from flowsim.files.arrays import Floats


class Economy(NamedTuple):
    """Growth without shocks; each array (quarters,)."""

    trend: Floats
    deflator: Floats


class Capex(NamedTuple):
    """Plans, chips and capital; each array (quarters,)."""

    scale: Floats
    guidance_growth: Floats
    keep_mood: Floats
    mood_sd: Floats
    ai_share: Floats
    us_share: Floats
    cost_per_gw: Floats
    chip_growth: Floats
    service_lag: Floats
    hard_share: Floats
    hard_decay: Floats
    building_decay: Floats
    hard_import: Floats
    building_import: Floats


class Builders(NamedTuple):
    """What differs between companies; each array (companies, quarters)."""

    guidance: Floats
    payout: Floats
    crowding: Floats
    leverage_cap: Floats


class Finance(NamedTuple):
    """What builders have in common; each array (quarters,)."""

    payout_speed: Floats
    other_share: Floats
    prefund: Floats
    maturing: Floats
    cash_floor: Floats
    cut_payout: Floats
    equity_cap: Floats
    dividend_growth: Floats
    stock_awards: Floats
    wages: Floats
    growth_base: Floats
    tax: Floats
    early_depreciation: Floats


class Power(NamedTuple):
    """Capacity and utilities; each array (quarters,)."""

    additions: Floats
    additions_scale: Floats
    response: Floats
    lag: Floats
    kappa: Floats
    decay: Floats
    price: Floats
    scarcity: Floats
    investment: Floats
    normal_additions: Floats
    cost_of_additions: Floats
    sales_to_firms: Floats
    wages: Floats
    plant_decay: Floats
    payout: Floats


class Revenue(NamedTuple):
    """AI services; each array (quarters,)."""

    growth: Floats
    saturation: Floats
    demand_sd: Floats
    per_gw: Floats
    backlog_keep: Floats
    margin: Floats
    export_share: Floats


class Vehicles(NamedTuple):
    """Campuses that are rented, and the debt on them; each array (quarters,)."""

    plan: Floats
    plan_scale: Floats
    loan_share: Floats
    ltv: Floats
    sponsor_share: Floats
    guarantee_share: Floats
    guaranteed: Floats
    rent_rate: Floats
    tenor: Floats
    roll: Floats
    roll_ltv: Floats
    extension: Floats
    extension_margin: Floats
    amortization: Floats
    haircut: Floats
    asset_vol: Floats
    decay: Floats
    imported: Floats
    appetite: Floats
    appetite_width: Floats
    support: Floats
    cash_share: Floats


class Households(NamedTuple):
    """What differs between groups; each array (groups, quarters)."""

    mpc_wealth: Floats
    wage_share: Floats
    transfer_share: Floats
    property_share: Floats
    displaced_share: Floats
    tax_wages: Floats
    equity_saving: Floats


class Firms(NamedTuple):
    """All other firms; each array (quarters,)."""

    wealth_effect: Floats
    labor_share: Floats
    zeta: Floats
    accelerator: Floats
    spread_response: Floats
    lean: Floats
    smooth: Floats
    payout: Floats
    payout_suppliers: Floats
    supplier_margin: Floats
    corporate_share: Floats
    foreign_share: Floats
    decay: Floats


class Trade(NamedTuple):
    """Imported parts of spending; each array (quarters,)."""

    consumption_import: Floats
    investment_import: Floats
    purchases_import: Floats


class Government(NamedTuple):
    """Treasury and central bank; each array (quarters,)."""

    transfers: Floats
    extra_transfers: Floats
    extra_spent: Floats
    transfers_bottom: Floats
    tax_top: Floats
    tax_property: Floats
    tax_profits: Floats
    reserve_purchases: Floats
    account: Floats
    reverse_repo: Floats


class Credit(NamedTuple):
    """Rates, spreads and lenders; each array (quarters,)."""

    bill_rate: Floats
    base_rate: Floats
    vehicle_rate: Floats
    vehicle_pass: Floats
    deposit_rate: Floats
    builder_spread: Floats
    vehicle_spread: Floats
    firm_spread: Floats
    builder_vol: Floats
    firm_vol: Floats
    builder_years: Floats
    vehicle_years: Floats
    firm_years: Floats
    supply: Floats
    bond_market: Floats
    vehicle_market: Floats
    capital_response: Floats
    capital_target: Floats
    excess_payout: Floats


class Value(NamedTuple):
    """Weights of normalized earnings; each array (quarters,)."""

    builders: Floats
    suppliers: Floats
    utilities: Floats
    firms: Floats
    duration: Floats


class Numbers(NamedTuple):
    """Every parameter of the layer by quarter."""

    economy: Economy
    capex: Capex
    builders: Builders
    finance: Finance
    power: Power
    revenue: Revenue
    vehicles: Vehicles
    households: Households
    firms: Firms
    trade: Trade
    government: Government
    credit: Credit
    value: Value


TABLES: dict[str, Any] = {
    "economy": Economy,
    "capex": Capex,
    "builders": Builders,
    "finance": Finance,
    "power": Power,
    "revenue": Revenue,
    "vehicles": Vehicles,
    "households": Households,
    "firms": Firms,
    "trade": Trade,
    "government": Government,
    "credit": Credit,
    "value": Value,
}
"""The tables by name, in the order of `Numbers`."""
