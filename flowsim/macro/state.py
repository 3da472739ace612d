"""What the layer holds between two quarters, and what one quarter leaves behind; a column of each array is a path."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from flowsim.files.arrays import Floats
from flowsim.kernel.random import stream_key
from flowsim.macro.numbers import N_COMPANIES
from flowsim.macro.parameters import Numbers
from flowsim.macro.rows import N_FLOWS, N_GROUPS, SHAREHOLDERS

LONGEST_LAG = 4
"""Quarters that capital may wait for service."""
LONGEST_TENOR = 40
EXTENSIONS = 2
LONGEST_QUEUE = 24
N_SHAREHOLDERS = len(SHAREHOLDERS)
DEMAND_SHOCK, VALUE_SHOCK = N_COMPANIES, N_COMPANIES + 1
SHOCK_PAIRS = (N_COMPANIES + 3) // 2
N_SHOCKS = 2 * SHOCK_PAIRS
"""They are drawn in pairs; the last may be one to spare."""
N_WORTH = 10
"""Numbers that value is made of."""


class State(NamedTuple):
    """Stocks at the end of a quarter, and what the next one asks of it; USD bn, the last axis is lanes."""

    on_trend: Floats  # amounts on trend over those of 2026-06
    guided: Floats  # guided capital spending over that of 2026H2
    market_move: Floats  # growth of listed equity over its trend, which a market gives; 1 without one
    # Builders, (companies, lanes).
    mood: Floats
    capex: Floats
    computers: Floats
    buildings: Floats
    construction: Floats  # (companies, LONGEST_LAG, lanes), those of slot 0 serve next quarter
    cash: Floats
    builder_debt: Floats
    base: Floats  # cash flow from other business than AI
    dividends: Floats
    buybacks: Floats
    builder_value: Floats
    builder_spread: Floats
    ai_part: Floats  # part of each company in AI services and rents
    # Vehicles.
    campuses: Floats
    campuses_building: Floats  # (LONGEST_LAG, lanes)
    vehicle_cash: Floats
    loans: Floats  # (1 + EXTENSIONS, LONGEST_TENOR, lanes) by times extended and by quarters to go, slot 0 is due next
    notes: Floats
    guarantee_left: Floats
    value_walk: Floats  # log
    vehicle_spread: Floats
    # Power and AI services.
    queue: Floats
    queues: Floats  # (LONGEST_QUEUE, lanes), slot 0 is the last quarter's
    gw: Floats
    demand: Floats
    # Households, (groups, lanes), and their shares with those held abroad, (shareholders, lanes).
    deposits: Floats
    income: Floats  # what is consumed from
    shares: Floats
    # Utilities and firms.
    utility_cash: Floats
    utility_debt: Floats
    utility_plant: Floats
    utility_value: Floats
    firm_cash: Floats
    firm_debt: Floats
    firm_plant: Floats
    firm_value: Floats
    distributed: Floats
    free_on_trend: Floats  # what firms kept in the first quarter, on trend
    firm_spread: Floats
    output: Floats
    growth: Floats  # log, of the last quarter
    gap: Floats  # log
    # Treasury, central bank, abroad, lenders.
    purchases: Floats
    exports: Floats
    treasury_debt: Floats
    account: Floats
    central_bank_assets: Floats
    reserves: Floats
    reverse_repo: Floats
    abroad_bonds: Floats
    lender_bonds: Floats
    deposits_owed: Floats


class Found(NamedTuple):
    """What one quarter found; USD bn a quarter, the last axis is lanes."""

    # Builders, (companies, lanes).
    plan: Floats
    power_factor: Floats  # (lanes,)
    chip_factor: Floats
    cash_flow: Floats
    depreciation: Floats
    earnings: Floats
    interest_builders: Floats
    tax_builders: Floats
    issued: Floats
    repaid: Floats
    shares_sold: Floats
    capex_cut: Floats
    binding: Floats  # 0 demand, 1 power, 2 chips, 3 finance
    guarantee_paid: Floats
    # Each (lanes,) from here on.
    plan_vehicles: Floats
    request: Floats
    energized: Floats
    additions: Floats
    revenue: Floats
    unserved: Floats
    bill: Floats
    inputs: Floats
    rent: Floats
    vehicle_interest: Floats
    vehicle_investment: Floats
    vehicle_borrowed: Floats
    vehicle_repaid: Floats
    vehicle_stakes: Floats
    vehicle_income: Floats
    vehicle_value: Floats
    due: Floats
    rolled: Floats
    extended: Floats
    paid_from_cash: Floats
    support_paid: Floats
    guarantee: Floats
    loss: Floats
    loss_lenders: Floats
    impaired: Floats
    vehicle_depreciation: Floats
    utility_investment: Floats
    utility_wages: Floats
    utility_interest: Floats
    utility_tax: Floats
    utility_profit: Floats  # after tax, before depreciation
    utility_dividends: Floats
    utility_borrowed: Floats
    investment_home: Floats  # of builders
    ai_spending: Floats  # of builders in the United States and of vehicles
    firm_investment: Floats
    purchases: Floats
    exports: Floats
    ai_exports: Floats
    imports: Floats
    output: Floats
    factor: Floats  # on consumption, firms' investment and purchases, where output is given
    other_services: Floats
    firm_power: Floats
    firm_value_added: Floats
    firm_wages: Floats  # before what AI displaces
    builder_wages: Floats
    displaced: Floats
    tax_output: Floats
    firm_interest: Floats
    firm_tax: Floats
    firm_profit: Floats  # after tax, before depreciation
    firm_buybacks: Floats
    distributed: Floats
    firm_borrowed: Floats
    lender_assets: Floats  # of last quarter's books, as capital is
    lender_capital: Floats
    lender_interest: Floats  # on Treasury debt
    reserve_interest: Floats
    deposit_interest: Floats
    lender_income: Floats
    treasury_interest: Floats
    remittance: Floats
    deficit: Floats
    treasury_issue: Floats
    reserve_purchases: Floats
    account_growth: Floats
    reverse_repo_growth: Floats
    reserve_growth: Floats
    abroad_purchases: Floats
    capital_ratio: Floats
    worth: Floats  # (WORTH, lanes) what value is made of, see value.py
    log_value: Floats
    # Households, (groups, lanes).
    consumption: Floats
    wages: Floats
    transfers: Floats
    property_income: Floats
    tax_wages: Floats
    tax_property: Floats
    share_purchases: Floats
    disposable: Floats  # income after taxes


class Solved(NamedTuple):
    """What the start solution finds, so that the first quarter meets the targets of its sheet."""

    keep: Floats  # (groups,) consumption out of last quarter's income
    investment: Floats  # (1,) of firms over output
    tax_output: Floats  # (1,) over output
    issue: Floats  # (3,) net issue of the first quarter: builders, vehicles, firms
    merton: Floats  # (companies + 2,) spread of Merton's formula at the start: companies, vehicles, firms


class Given(NamedTuple):
    """What history gives for its quarters."""

    is_given: Floats  # (quarters,) 1 where what builders spend and earn is given
    capex: Floats  # (companies, quarters)
    cash_flow: Floats  # (companies, quarters)
    output: Floats  # (quarters,) 0 where output is not given


class Draws(NamedTuple):
    """Where shocks are drawn from."""

    key: np.ndarray  # (2,) uint64, of the random stream
    first: int  # number of the run's first quarter
    size: float  # 1, or 0 for none
    mirror: int  # 1 where odd paths mirror the draws of the even path before them


class Layer(NamedTuple):
    """Everything that a quarter reads and writes, for the lanes of a block."""

    numbers: Numbers
    solved: Solved
    given: Given
    draws: Draws
    state: State
    found: Found
    flows: Floats  # (flows, lanes)
    shocks: Floats  # (shocks, lanes) standard normal


_BY_COMPANY = {
    "mood", "capex", "computers", "buildings", "cash", "builder_debt", "base", "dividends", "buybacks",
    "builder_value", "builder_spread", "ai_part", "plan", "chip_factor", "cash_flow", "depreciation", "earnings",
    "interest_builders", "tax_builders", "issued", "repaid", "shares_sold", "capex_cut", "binding", "guarantee_paid",
}  # fmt: skip
_SHAPES = {
    "construction": (N_COMPANIES, LONGEST_LAG),
    "campuses_building": (LONGEST_LAG,),
    "loans": (1 + EXTENSIONS, LONGEST_TENOR),
    "queues": (LONGEST_QUEUE,),
    "shares": (N_SHAREHOLDERS,),
    "worth": (N_WORTH,),
}
_BY_GROUP = {
    "deposits", "income", "consumption", "wages", "transfers", "property_income", "tax_wages", "tax_property",
    "share_purchases", "disposable",
}  # fmt: skip


def _room(name: str, lanes: int) -> Floats:
    members = (N_COMPANIES,) if name in _BY_COMPANY else (N_GROUPS,) if name in _BY_GROUP else ()
    return np.zeros((*_SHAPES.get(name, members), lanes))


def new_state(lanes: int) -> State:
    """Return a state of zeros."""
    return State(*(_room(name, lanes) for name in State._fields))


def rows_of_state() -> int:
    """Return how many numbers a path has between two quarters."""
    return sum(array.size for array in new_state(1))


def state_in(rows: Floats) -> State:
    """Return the state whose numbers are rows of one array, (rows_of_state(), lanes): it is copied as one."""
    arrays, first = [], 0
    for array in new_state(1):
        shape = *array.shape[:-1], rows.shape[1]
        arrays.append(rows[first : first + array.size].reshape(shape))
        first += array.size
    return State(*arrays)


def new_found(lanes: int) -> Found:
    """Return room for what a quarter finds."""
    return Found(*(_room(name, lanes) for name in Found._fields))


def new_flows(lanes: int) -> Floats:
    """Return room for the payments of a quarter, (flows, lanes)."""
    return np.zeros((N_FLOWS, lanes))


def layer_of(numbers: Numbers, solved: Solved, given: Given, draws: Draws, state: State) -> Layer:
    """Return a layer with room for what a quarter finds, on as many lanes as its state has."""
    lanes = state.output.size
    return Layer(numbers, solved, given, draws, state, new_found(lanes), new_flows(lanes), np.zeros((N_SHOCKS, lanes)))


def on_lanes(opened: Layer, lanes: int) -> Layer:
    """Return a layer on so many lanes, each in the state of the first lane of another."""
    state = State(*(np.repeat(array[..., :1], lanes, axis=-1) for array in opened.state))
    return layer_of(opened.numbers, opened.solved, opened.given, opened.draws, state)


def draws_of(seed: int, first: int, size: float, *, mirror: bool = False) -> Draws:
    """Return where shocks are drawn from: the stream of a seed, addressed by path and quarter."""
    return Draws(np.array(stream_key(seed, "market:macro"), np.uint64), first, size, int(mirror))


def nothing_given(quarters: int) -> Given:
    """Return a history of no quarter."""
    by_company = N_COMPANIES, quarters
    return Given(np.zeros(quarters), np.zeros(by_company), np.zeros(by_company), np.zeros(quarters))
