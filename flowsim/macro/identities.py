"""Every identity that a quarter must keep, by name.

Budgets are kept twice, by the equations and by the matrix of payments. The lenders' books close nothing: the deposits
that they owe, found from their own receipts and payments, must be the deposits that others hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from flowsim.errors import RunError
from flowsim.files.arrays import Floats
from flowsim.macro import rows
from flowsim.macro.books import balance_sheet, campuses_of, payments, vehicle_debt_of
from flowsim.macro.rows import (
    BUILDERS,
    DEPOSITS,
    FIRMS,
    FLOW_SIGN,
    FLOWS,
    INSTRUMENTS,
    LENDERS,
    LISTED_EQUITY,
    SECTORS,
    SHAREHOLDERS,
    UTILITIES,
    VEHICLE_DEBT,
    VEHICLE_EQUITY,
    VEHICLES,
)
from flowsim.macro.state import EXTENSIONS, Layer, State
from flowsim.macro.vehicles import EXTENDED_TO

TOLERANCE = 1e-9
"""Of output."""
GOODS = range(rows.CONSUMPTION, rows.OTHER_USES)
COSTS = range(rows.IMPORTS, rows.OTHER_USES)
"""Rows in which the payer buys what it uses up; those before them are final spending."""


class Gaps(NamedTuple):
    """Identities of one kind, and what the two sides of each differ by, USD bn (identities, lanes)."""

    identities: Sequence[str]
    sizes: Floats


def _gap(identity: str, size: Floats) -> Gaps:
    return Gaps((identity,), size[None])


class Quarter(NamedTuple):
    """A quarter to check: the state before it, the layer after it, its place in the run, and signs of payments."""

    before: State
    layer: Layer
    place: int
    sign: np.ndarray = FLOW_SIGN


def broken(quarter: Quarter, lanes: int) -> list[str]:
    """Return the identities that do not hold to 1e-9 of output in one of the first lanes, each with its gap."""
    most = TOLERANCE * np.abs(quarter.layer.found.output[:lanes])
    found = []
    for identities, sizes in gaps(quarter):
        wide = np.abs(sizes[:, :lanes])
        # A size that is nan is not small.
        for row in np.flatnonzero(~np.all(wide <= most, axis=1)).tolist():
            found += [f"{identities[row]} ({np.nanmax(wide[row]):.3g} bn)"]
    return found


def require_closed(quarter: Quarter, lanes: int) -> None:
    """Refuse a quarter whose books do not close.

    Raises
    ------
    RunError
        If an identity does not hold; the message names the first ones.
    """
    if found := broken(quarter, lanes):
        raise RunError(f"books of the macro layer do not close in quarter {quarter.place}: {'; '.join(found[:3])}")


def gaps(quarter: Quarter) -> Iterator[Gaps]:
    """Yield every identity of a quarter with the gap between its sides."""
    before, layer, place, sign = quarter
    paid = payments(layer.flows, sign)
    share = float(layer.numbers.vehicles.sponsor_share[place])
    opened, closed = balance_sheet(before, share), balance_sheet(layer.state, share)
    yield from _rows(paid, closed)
    yield from _budgets(paid, closed - opened)
    yield from _claims(paid, closed - opened, before, layer, place)
    yield from _capital(before, layer)
    yield from _ladder(before, layer, place)
    yield from _guarantee(before, layer, place)
    yield from _output(paid, layer)
    yield from _floors(layer)


def _rows(paid: Floats, closed: Floats) -> Iterator[Gaps]:
    yield Gaps([f"a payer and a payee: {flow.label}" for flow in FLOWS], paid.sum(axis=1))
    yield Gaps([f"an issuer and holders: {name}" for name in INSTRUMENTS], closed.sum(axis=1))


def _budgets(paid: Floats, change: Floats) -> Iterator[Gaps]:
    """What a sector receives less what it pays is what its deposits grow by."""
    yield Gaps([f"budget of {name}" for name in SECTORS], paid.sum(axis=0) - change[DEPOSITS])


_CLAIMS = [
    (instrument, sector) for instrument, sector in np.argwhere(rows.STOCK_SIGN).tolist() if instrument != DEPOSITS
]
_BUYS = [
    [row for row, flow in enumerate(FLOWS) if flow.instrument == instrument] for instrument in range(len(INSTRUMENTS))
]


def _claims(paid: Floats, change: Floats, before: State, layer: Layer, place: int) -> Iterator[Gaps]:
    """A claim changes by what is paid for it and what it is revalued by."""
    bought = np.array([paid[buys].sum(axis=0) for buys in _BUYS])
    gap = change + bought - _revaluation(paid, change, before, layer, place)
    names = [f"{INSTRUMENTS[instrument]} of {SECTORS[sector]}: paid for and revalued" for instrument, sector in _CLAIMS]
    yield Gaps(names, np.array([gap[instrument, sector] for instrument, sector in _CLAIMS]))


def _revaluation(paid: Floats, change: Floats, before: State, layer: Layer, place: int) -> Floats:
    found, revalued = layer.found, np.zeros_like(change)
    revalued[VEHICLE_DEBT, LENDERS], revalued[VEHICLE_DEBT, VEHICLES] = -found.loss_lenders, found.loss_lenders
    earned = found.rent + found.support_paid + found.guarantee + found.loss_lenders
    spent = found.vehicle_interest + found.vehicle_income + found.vehicle_depreciation + found.impaired
    share = layer.numbers.vehicles.sponsor_share[place]
    revalued[VEHICLE_EQUITY, VEHICLES] = spent - earned
    revalued[VEHICLE_EQUITY, BUILDERS] = share * (earned - spent)
    revalued[VEHICLE_EQUITY, LENDERS] = (1.0 - share) * (earned - spent)
    trend = (1.0 + layer.numbers.economy.trend[place]) * layer.state.market_move - 1.0
    traded = _BUYS[LISTED_EQUITY]
    retired = paid[traded][:, [BUILDERS, UTILITIES, FIRMS]].sum(axis=(0, 1))
    holders = list(SHAREHOLDERS)
    revalued[LISTED_EQUITY, holders] = before.shares * (trend - retired / before.shares.sum(axis=0))
    values = {BUILDERS: before.builder_value.sum(axis=0), UTILITIES: before.utility_value, FIRMS: before.firm_value}
    for issuer, value in values.items():
        revalued[LISTED_EQUITY, issuer] = paid[traded, issuer].sum(axis=0) - trend * value
    return revalued


def _capital(before: State, layer: Layer) -> Iterator[Gaps]:
    """Capital changes by what is invested and what wears out or is written down."""
    state, found = layer.state, layer.found

    def plant(one: State) -> Floats:
        return one.computers + one.buildings + one.construction.sum(axis=1)

    grown = plant(state) - plant(before) - state.capex + found.depreciation
    yield _gap("capital of builders", np.abs(grown).max(axis=0))
    lost = found.vehicle_depreciation + found.impaired
    yield _gap("capital of vehicles", campuses_of(state) - campuses_of(before) - found.vehicle_investment + lost)


def _ladder(before: State, layer: Layer, place: int) -> Iterator[Gaps]:
    """Each loan comes a quarter nearer, and those due are rolled, extended, paid by somebody or lost."""
    vehicles, state, found = layer.numbers.vehicles, layer.state, layer.found
    wanted = np.zeros_like(state.loans)
    wanted[:, :-1] = before.loans[:, 1:]
    lent = found.rolled + vehicles.loan_share[place] * vehicles.ltv[place] * found.vehicle_investment
    wanted[0, int(vehicles.tenor[place]) - 1] += lent
    due = before.loans[:, 0].sum(axis=0)
    not_rolled = 1.0 - np.divide(found.rolled, due, out=np.ones_like(due), where=due > 0.0)
    for times in range(EXTENSIONS):
        wanted[times + 1, EXTENDED_TO] += vehicles.extension[place] * not_rolled * before.loans[times, 0]
    yield _gap("loans come a quarter nearer", np.abs(state.loans - wanted).max(axis=(0, 1)))
    met = found.rolled + found.extended + found.paid_from_cash + found.support_paid + found.guarantee + found.loss
    yield _gap("loans due are met once", due - met)
    moved = found.vehicle_borrowed - found.vehicle_repaid - found.loss_lenders
    yield _gap("debt of vehicles is loans and notes", vehicle_debt_of(state) - vehicle_debt_of(before) - moved)


def _guarantee(before: State, layer: Layer, place: int) -> Iterator[Gaps]:
    vehicles, state, found = layer.numbers.vehicles, layer.state, layer.found
    rate = vehicles.guarantee_share[place] * vehicles.guaranteed[place]
    granted = rate * vehicles.ltv[place] * found.vehicle_investment
    left = before.guarantee_left + granted - found.guarantee
    yield _gap("guarantee left", state.guarantee_left - left)
    yield _gap("guarantee is paid once", found.guarantee_paid.sum(axis=0) - found.guarantee)
    yield _gap("guarantee within what was left", np.maximum(found.guarantee - before.guarantee_left, 0.0))


def _output(paid: Floats, layer: Layer) -> Iterator[Gaps]:
    """Output by expenditure, by income and by value added."""
    found = layer.found
    goods = paid[list(GOODS)]
    added = np.maximum(goods, 0.0).sum(axis=0) + np.minimum(paid[list(COSTS)], 0.0).sum(axis=0)
    produced = added[[BUILDERS, VEHICLES, UTILITIES, FIRMS]].sum(axis=0) + found.firm_investment
    yield _gap("output by value added", produced - found.output)
    paid_wages = paid[rows.WAGES : rows.TRANSFERS, :3].sum(axis=(0, 1))
    of_builders = (found.cash_flow + found.tax_builders + found.interest_builders).sum(axis=0)
    of_utilities = found.utility_profit + found.utility_tax + found.utility_interest
    of_firms = found.firm_profit + found.firm_tax + found.firm_interest
    earned = paid_wages + found.tax_output + of_builders + found.rent + of_utilities + of_firms
    yield _gap("output by income", earned - found.output)


def _floors(layer: Layer) -> Iterator[Gaps]:
    state = layer.state
    least = np.minimum(state.cash.min(axis=0), state.vehicle_cash)
    yield _gap("cash of builders and vehicles is not negative", np.minimum(least, 0.0))
    reserves = state.central_bank_assets - state.account - state.reverse_repo
    yield _gap("reserves are what the central bank holds less what it owes others", state.reserves - reserves)
    stocks = sum(np.abs(stock).reshape(-1, state.queue.size).sum(axis=0) for stock in state)
    yield _gap("all numbers are finite", np.where(np.isfinite(stocks), 0.0, np.inf))
