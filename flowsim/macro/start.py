"""The start: balance sheets of a day, and the few coefficients with which the first quarter meets the sheet's targets.

Unknown are consumption out of income by group, firms' investment over output, the tax on output, government purchases,
exports and what firms distribute. Given are consumption, firms' investment, purchases and the deficit over output,
saving of each group, and output itself. All but the tax enter these targets linearly, so that a quarter at zero and one
for each unknown at one are the coefficients of a linear system; the tax then follows from the deficit alone.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from flowsim.errors import InputError
from flowsim.files.arrays import Floats
from flowsim.kernel.functions import log1p
from flowsim.kernel.memory import copied_bundle, zeros
from flowsim.macro.credit import builder_risk, firm_risk, vehicle_risk
from flowsim.macro.numbers import COMPANIES, GROUP_NAMES, N_COMPANIES
from flowsim.macro.parameters import Numbers
from flowsim.macro.quarters import quarter_number
from flowsim.macro.rows import N_GROUPS
from flowsim.macro.state import Given, Layer, Solved, State, draws_of, layer_of, new_state
from flowsim.macro.stepping import stepper

AMOUNTS_OF = quarter_number("2026Q3", "numbers")
"""Quarter whose amounts stand in the numbers that are on trend before and after."""
UNKNOWN = {
    "consumption of the top tenth out of its income": "target.saving_top",
    "consumption of the middle out of its income": "target.saving_middle",
    "consumption of the bottom half out of its income": "target.saving_bottom",
    "investment of firms": "target.investment_firms",
    "government purchases": "target.purchases",
    "exports": "output",
    "what firms distribute": "target.consumption",
}
"""What is solved for, and the number of the sheet whose equation makes it what it is."""


def started(numbers: Numbers, sheet: Mapping[str, float], given: Given, first: int) -> tuple[State, Solved]:
    """Return the state before the first quarter, and the coefficients with which that meets the targets.

    Parameters
    ----------
    numbers : Numbers
        Parameters of the quarters to come; those of the first count here.
    sheet : mapping
        Numbers of a start sheet by key.
    given : Given
        What history gives; its output is not used.
    first : int
        Number of the first quarter.

    Raises
    ------
    InputError
        If the targets need a coefficient below zero; the message names the target.
    """
    trial = _Trial(numbers, given, opening(numbers, sheet, first), sheet)
    amounts = trial.solve()
    tax = trial.output_tax(amounts)
    first_quarter = trial.run(amounts, tax)
    state, found = trial.set_to(amounts), first_quarter.found
    income = first_quarter.state.income[:, 0]
    state.income[:] = (income / trial.grown)[:, None]
    kept = found.firm_profit - found.firm_investment - found.firm_buybacks - found.distributed
    state.free_on_trend[:] = kept[0] / trial.grown
    borrowed = (found.issued - found.repaid)[:, 0].sum(), (found.vehicle_borrowed - found.vehicle_repaid)[0]
    solved = trial.coefficients(amounts, tax)
    issue = np.array([*borrowed, found.firm_borrowed[0]])
    # A group without income consumes nothing out of it.
    keep = np.divide(amounts[:N_GROUPS], income, out=np.zeros(N_GROUPS), where=income != 0.0)
    return state, solved._replace(keep=keep, issue=issue)


class _Trial:
    """First quarters with amounts that are tried: no surprise, no shock, income of one before it."""

    def __init__(self, numbers: Numbers, given: Given, opened: State, sheet: Mapping[str, float]) -> None:
        quarters = given.output.size
        self.numbers = numbers._replace(firms=numbers.firms._replace(smooth=zeros(quarters)))
        self.given = given._replace(output=zeros(quarters))
        self.opened, self.sheet = opened, sheet
        self.output, self.grown = sheet["output"], 1.0 + float(numbers.economy.trend[0])
        self.merton = _risk_at_the_start(self.with_amounts(opened, np.zeros(len(UNKNOWN)), 0.0))

    def with_amounts(self, state: State, amounts: Floats, tax: float) -> Layer:
        solved = self.coefficients(amounts, tax)
        return layer_of(self.numbers, solved, self.given, draws_of(0, 0, 0.0), state)

    def coefficients(self, amounts: Floats, tax: float) -> Solved:
        merton = getattr(self, "merton", np.zeros(N_COMPANIES + 2))
        share = amounts[N_GROUPS : N_GROUPS + 1] / self.output
        return Solved(amounts[:N_GROUPS].copy(), share, np.array([tax]), np.zeros(3), merton)

    def set_to(self, amounts: Floats) -> State:
        """Return the opening state with the amounts that stand in it."""
        state = copied_bundle(self.opened)
        state.output[:] = self.output / self.grown
        state.income[:] = 1.0 / self.grown
        purchases, exports, distributed = amounts[-3:]
        state.purchases[:] = purchases / self.grown
        state.exports[:] = exports / self.grown
        state.distributed[:] = distributed / self.grown
        return state

    def run(self, amounts: Floats, tax: float = 0.0) -> Layer:
        layer = self.with_amounts(self.set_to(amounts), amounts, tax)
        stepper(layer)(0)
        return layer

    def misses(self, amounts: Floats) -> Floats:
        """Return by how much a first quarter misses each target, in the order of `UNKNOWN`."""
        layer, sheet = self.run(amounts), self.sheet
        found, consumed = layer.found, layer.found.consumption[:, 0]
        saving = np.array([sheet[f"target.saving_{group}"] for group in GROUP_NAMES])
        return np.array(
            [
                *(consumed - (1.0 - saving) * layer.state.income[:, 0]),
                found.firm_investment[0] - sheet["target.investment_firms"] * self.output,
                found.purchases[0] - sheet["target.purchases"] * self.output,
                found.output[0] - self.output,
                consumed.sum() - sheet["target.consumption"] * self.output,
            ]
        )

    def solve(self) -> Floats:
        nothing = self.misses(np.zeros(len(UNKNOWN)))
        slopes = np.array([self.misses(unit) - nothing for unit in np.eye(len(UNKNOWN))]).T
        amounts = np.asarray(np.linalg.solve(slopes, -nothing), np.float64)
        for (what, target), amount in zip(UNKNOWN.items(), amounts, strict=True):
            if not amount >= 0.0:
                raise InputError(
                    f"{target} = {self.sheet[target]:g}: {what} would be {amount:,.1f} bn a quarter in the first"
                    " quarter; choose a target that leaves it at 0 or more"
                )
        return amounts

    def output_tax(self, amounts: Floats) -> float:
        """Return the tax on output with which the deficit is that of the sheet; it enters nothing else."""
        target = self.sheet["target.deficit"] * self.output
        without, tenth = (float(self.run(amounts, tax).found.deficit[0]) for tax in (0.0, 0.1))
        tax = 0.1 * (target - without) / (tenth - without)
        if not tax >= 0.0:
            raise InputError(
                f"target.deficit = {self.sheet['target.deficit']:g}: the tax on output would be {tax:.3f} of output;"
                " choose a smaller deficit"
            )
        return tax


def opening(numbers: Numbers, sheet: Mapping[str, float], first: int) -> State:
    """Return the balance sheets of a start sheet as the state before the quarter `first`, on one lane."""
    state = new_state(1)
    state.on_trend[:] = (1.0 + numbers.economy.trend[0]) ** (first - AMOUNTS_OF)
    state.guided[:] = 1.0
    state.market_move[:] = 1.0
    _open_vehicles(state, numbers, sheet)
    _open_builders(state, numbers, sheet)
    for place, group in enumerate(GROUP_NAMES):
        state.deposits[place] = sheet[f"deposits.{group}"]
        state.shares[place] = sheet[f"equity.{group}"] * (1.0 - sheet["equity.abroad"])
    state.shares[N_GROUPS] = sheet["equity.abroad"]
    state.shares[:] *= sum(sheet[f"equity.{issuer}"] for issuer in ("builders", "utilities", "firms"))
    for name, key in _PLAIN.items():
        getattr(state, name)[:] = sheet[key]
    state.reserves[:] = state.central_bank_assets - state.account - state.reverse_repo
    state.lender_bonds[:] = state.treasury_debt - state.central_bank_assets - state.abroad_bonds
    state.growth[:] = log1p(float(numbers.economy.trend[0]))
    state.firm_spread[:] = numbers.credit.firm_spread[0]
    held = state.vehicle_cash + state.utility_cash + state.firm_cash
    state.deposits_owed[:] = state.deposits.sum(axis=0) + state.cash.sum(axis=0) + held
    return state


_PLAIN = {
    "vehicle_cash": "deposits.vehicles",
    "queue": "ai.queue",
    "queues": "ai.queue",
    "gw": "ai.gw",
    "demand": "ai.demand",
    "utility_cash": "deposits.utilities",
    "utility_debt": "debt.utilities",
    "utility_plant": "plant.utilities",
    "utility_value": "equity.utilities",
    "firm_cash": "deposits.firms",
    "firm_debt": "debt.firms",
    "firm_plant": "plant.firms",
    "firm_value": "equity.firms",
    "treasury_debt": "debt.treasury",
    "account": "treasury.account",
    "central_bank_assets": "central_bank.assets",
    "reverse_repo": "central_bank.reverse_repo",
    "abroad_bonds": "abroad.treasury_debt",
}
"""Stocks that stand in the sheet as they are."""
COMPUTERS, BUILDINGS, CONSTRUCTION = 0.45, 0.35, 0.20
"""Parts of plant at the start."""


def _open_vehicles(state: State, numbers: Numbers, sheet: Mapping[str, float]) -> None:
    debt, plant = sheet["debt.vehicles"], sheet["plant.vehicles"]
    loans, tenor = numbers.vehicles.loan_share[0] * debt, int(numbers.vehicles.tenor[0])
    state.loans[0, :tenor] = loans / tenor
    state.notes[:] = debt - loans
    guaranteed = numbers.vehicles.guarantee_share[0] * numbers.vehicles.guaranteed[0]
    state.guarantee_left[:] = guaranteed * debt
    lag = int(numbers.capex.service_lag[0])
    state.campuses[:] = (1.0 - CONSTRUCTION) * plant
    state.campuses_building[:lag] = CONSTRUCTION * plant / lag
    state.vehicle_spread[:] = numbers.credit.vehicle_spread[0]


def _open_builders(state: State, numbers: Numbers, sheet: Mapping[str, float]) -> None:
    guidance = numbers.builders.guidance[:, 0]
    capacity = numbers.revenue.per_gw[0] / 4.0 * sheet["ai.gw"]
    of_ai = numbers.revenue.margin[0] * min(sheet["ai.demand"], capacity)
    of_ai -= numbers.vehicles.rent_rate[0] * state.campuses[0]
    rate = numbers.credit.base_rate[0] + numbers.credit.builder_spread[0] / 4.0
    lag, kept = int(numbers.capex.service_lag[0]), 1.0 - numbers.finance.tax[0]
    for one, company in enumerate(COMPANIES):
        of = {key: sheet[f"builders.{company}.{key}"] for key in ("cash", "debt", "plant", "cash_flow", "value")}
        for name in ("capex", "dividends", "buybacks"):
            getattr(state, name)[one] = sheet[f"builders.{company}.{name}"]
        state.cash[one], state.builder_debt[one], state.builder_value[one] = of["cash"], of["debt"], of["value"]
        state.computers[one], state.buildings[one] = COMPUTERS * of["plant"], BUILDINGS * of["plant"]
        state.construction[one, :lag] = CONSTRUCTION * of["plant"] / lag
        state.ai_part[one] = guidance[one] / guidance.sum()
        base = of["cash_flow"] - kept * (state.ai_part[one] * of_ai - rate * of["debt"])
        state.base[one] = base / (1.0 + numbers.finance.growth_base[0])
        state.builder_spread[one] = numbers.credit.builder_spread[0]


def _risk_at_the_start(layer: Layer) -> Floats:
    """Return Merton's spread of each company, of vehicles and of firms before the first quarter."""
    companies = (builder_risk(layer, 0, one, 0) for one in range(N_COMPANIES))
    return np.array([*companies, vehicle_risk(layer, 0, 0), firm_risk(layer, 0, 0)])
