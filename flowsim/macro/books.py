"""Balance sheets and the matrix of payments, with signs: amounts come from the equations, signs from `rows`."""

from __future__ import annotations

import numpy as np

from flowsim.files.arrays import Floats
from flowsim.macro.rows import (
    ABROAD,
    BUILDER_DEBT,
    BUILDERS,
    CENTRAL_BANK,
    DEPOSITS,
    FIRM_DEBT,
    FIRMS,
    FLOW_SIGN,
    INSTRUMENTS,
    LENDERS,
    LISTED_EQUITY,
    RESERVES,
    REVERSE_REPO,
    SECTORS,
    SHAREHOLDERS,
    TREASURY,
    TREASURY_ACCOUNT,
    TREASURY_DEBT,
    UTILITIES,
    UTILITY_DEBT,
    VEHICLE_DEBT,
    VEHICLE_EQUITY,
    VEHICLES,
)
from flowsim.macro.state import State


def balance_sheet(state: State, sponsor_share: float) -> Floats:
    """Return who holds and who owes what, (instruments, sectors, lanes): + an asset, - a liability."""
    sheet = np.zeros((len(INSTRUMENTS), len(SECTORS), state.queue.size))
    sheet[DEPOSITS, :3] = state.deposits
    sheet[DEPOSITS, BUILDERS] = state.cash.sum(axis=0)
    sheet[DEPOSITS, VEHICLES], sheet[DEPOSITS, UTILITIES] = state.vehicle_cash, state.utility_cash
    sheet[DEPOSITS, FIRMS], sheet[DEPOSITS, LENDERS] = state.firm_cash, -state.deposits_owed
    sheet[TREASURY_DEBT, LENDERS], sheet[TREASURY_DEBT, ABROAD] = state.lender_bonds, state.abroad_bonds
    sheet[TREASURY_DEBT, CENTRAL_BANK] = state.central_bank_assets
    sheet[TREASURY_DEBT, TREASURY] = -state.treasury_debt
    sheet[TREASURY_ACCOUNT, TREASURY], sheet[TREASURY_ACCOUNT, CENTRAL_BANK] = state.account, -state.account
    for instrument, amount in ((RESERVES, state.reserves), (REVERSE_REPO, state.reverse_repo)):
        sheet[instrument, LENDERS], sheet[instrument, CENTRAL_BANK] = amount, -amount
    vehicle_debt = vehicle_debt_of(state)
    debts = (
        (BUILDER_DEBT, BUILDERS, state.builder_debt.sum(axis=0)),
        (VEHICLE_DEBT, VEHICLES, vehicle_debt),
        (UTILITY_DEBT, UTILITIES, state.utility_debt),
        (FIRM_DEBT, FIRMS, state.firm_debt),
    )
    for instrument, issuer, amount in debts:
        sheet[instrument, LENDERS], sheet[instrument, issuer] = amount, -amount
    equity = campuses_of(state) + state.vehicle_cash - vehicle_debt
    sheet[VEHICLE_EQUITY, BUILDERS], sheet[VEHICLE_EQUITY, VEHICLES] = sponsor_share * equity, -equity
    sheet[VEHICLE_EQUITY, LENDERS] = (1.0 - sponsor_share) * equity
    sheet[LISTED_EQUITY, list(SHAREHOLDERS)] = state.shares
    sheet[LISTED_EQUITY, BUILDERS] = -state.builder_value.sum(axis=0)
    sheet[LISTED_EQUITY, UTILITIES], sheet[LISTED_EQUITY, FIRMS] = -state.utility_value, -state.firm_value
    return sheet


def vehicle_debt_of(state: State) -> Floats:
    """Return loans and notes of vehicles, (lanes,)."""
    return state.loans.sum(axis=(0, 1)) + state.notes


def campuses_of(state: State) -> Floats:
    """Return campuses in service and under construction, (lanes,)."""
    return state.campuses + state.campuses_building.sum(axis=0)


def payments(flows: Floats, sign: np.ndarray = FLOW_SIGN) -> Floats:
    """Return what each sector receives by row, (flows, sectors, lanes); negative is paid."""
    return sign[:, :, None] * flows[:, None, :]
