"""The matrix of the layer as data: who pays whom for what, and who owes what to whom.

A payment has one payer and one payee, so that its row sums to zero. A payment for a claim (a bond, a share) moves that
claim the other way. Nothing else in flowsim knows signs: the equations compute amounts, and pictures and checks
multiply them by `FLOW_SIGN`.

Source: Godley & Lavoie 2007, Monetary Economics: balance sheets and transactions-flow matrices whose rows and columns
sum to zero.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

SECTORS = (
    "top",  # the tenth of households with the most wealth
    "middle",  # the next 40 %
    "bottom",  # the half with the least
    "builders",  # companies that build AI capacity
    "vehicles",  # owners of the campuses that builders rent
    "utilities",
    "firms",  # all others, suppliers of AI hardware among them
    "lenders",  # banks, insurers, bond and credit funds: they hold every debt and owe every deposit
    "treasury",
    "central_bank",
    "abroad",
)
TOP, MIDDLE, BOTTOM, BUILDERS, VEHICLES, UTILITIES, FIRMS, LENDERS, TREASURY, CENTRAL_BANK, ABROAD = range(11)
GROUPS = SECTORS[:3]
N_GROUPS = len(GROUPS)
HOUSEHOLDS = (TOP, MIDDLE, BOTTOM)
SHAREHOLDERS = (*HOUSEHOLDS, ABROAD)
DEPOSITORS = (*HOUSEHOLDS, BUILDERS, VEHICLES, UTILITIES, FIRMS)

INSTRUMENTS = (
    "deposits",
    "treasury_debt",
    "reserves",  # currency included
    "treasury_account",
    "reverse_repo",
    "builder_debt",
    "vehicle_debt",
    "utility_debt",
    "firm_debt",
    "vehicle_equity",
    "listed_equity",
)
(
    DEPOSITS,
    TREASURY_DEBT,
    RESERVES,
    TREASURY_ACCOUNT,
    REVERSE_REPO,
    BUILDER_DEBT,
    VEHICLE_DEBT,
    UTILITY_DEBT,
    FIRM_DEBT,
    VEHICLE_EQUITY,
    LISTED_EQUITY,
) = range(11)

HOLDERS_AND_ISSUERS = (
    (DEPOSITS, DEPOSITORS, (LENDERS,)),
    (TREASURY_DEBT, (LENDERS, CENTRAL_BANK, ABROAD), (TREASURY,)),
    (RESERVES, (LENDERS,), (CENTRAL_BANK,)),
    (TREASURY_ACCOUNT, (TREASURY,), (CENTRAL_BANK,)),
    (REVERSE_REPO, (LENDERS,), (CENTRAL_BANK,)),
    (BUILDER_DEBT, (LENDERS,), (BUILDERS,)),
    (VEHICLE_DEBT, (LENDERS,), (VEHICLES,)),
    (UTILITY_DEBT, (LENDERS,), (UTILITIES,)),
    (FIRM_DEBT, (LENDERS,), (FIRMS,)),
    (VEHICLE_EQUITY, (BUILDERS, LENDERS), (VEHICLES,)),
    (LISTED_EQUITY, SHAREHOLDERS, (BUILDERS, UTILITIES, FIRMS)),
)


class Flow(NamedTuple):
    """A payment: what for, who pays, who is paid, and the claim that it buys or retires, -1 for none."""

    name: str
    payer: int
    payee: int
    instrument: int = -1

    @property
    def label(self) -> str:
        """Its name with payer and payee, as messages and tables show it."""
        return f"{self.name}: {SECTORS[self.payer]} to {SECTORS[self.payee]}"


FLOWS: list[Flow] = []
"""Every payment, in the order of the rows of `FLOW_SIGN`."""


def _row(name: str, payers: tuple[int, ...], payees: tuple[int, ...], instrument: int = -1) -> int:
    """Add a row for each payer and payee, payees running faster, and return the first."""
    first = len(FLOWS)
    FLOWS.extend(Flow(name, payer, payee, instrument) for payer in payers for payee in payees)
    return first


# What is earned and spent.
CONSUMPTION = _row("consumption", HOUSEHOLDS, (FIRMS,))
INVESTMENT_HOME = _row("investment at home", (BUILDERS, VEHICLES, UTILITIES), (FIRMS,))
INVESTMENT_ABROAD = _row("investment from abroad", (BUILDERS, VEHICLES), (ABROAD,))
PURCHASES = _row("government purchases", (TREASURY,), (FIRMS,))
EXPORTS = _row("exports", (ABROAD,), (FIRMS,))
IMPORTS = _row("imports", (FIRMS,), (ABROAD,))
AI_SERVICES = _row("AI services", (FIRMS, ABROAD), (BUILDERS,))
OTHER_SERVICES = _row("other services of builders", (FIRMS,), (BUILDERS,))
AI_INPUTS = _row("inputs of AI", (BUILDERS,), (FIRMS,))
POWER = _row("power", (BUILDERS, FIRMS), (UTILITIES,))
RENT = _row("rent of campuses", (BUILDERS,), (VEHICLES,))
OTHER_USES = _row("stakes and acquisitions", (BUILDERS,), (FIRMS,))
INTEREST = _row("interest", (BUILDERS, VEHICLES, UTILITIES, FIRMS), (LENDERS,))
INTEREST_TREASURY = _row("interest of the Treasury", (TREASURY,), (LENDERS, CENTRAL_BANK, ABROAD))
INTEREST_RESERVES = _row("interest on reserves and reverse repo", (CENTRAL_BANK,), (LENDERS,))
INTEREST_DEPOSITS = _row("interest on deposits", (LENDERS,), HOUSEHOLDS)
WAGES = _row("wages", (BUILDERS, UTILITIES, FIRMS), HOUSEHOLDS)
TRANSFERS = _row("transfers", (TREASURY,), HOUSEHOLDS)
TAX_WAGES = _row("tax on wages", HOUSEHOLDS, (TREASURY,))
TAX_PROPERTY = _row("tax on property income", HOUSEHOLDS, (TREASURY,))
TAX_OUTPUT = _row("tax on output", (FIRMS,), (TREASURY,))
TAX_PROFITS = _row("tax on profits", (BUILDERS, UTILITIES, FIRMS), (TREASURY,))
DIVIDENDS = _row("dividends", (BUILDERS, UTILITIES, FIRMS), SHAREHOLDERS)
LENDERS_INCOME = _row("income of lenders", (LENDERS,), HOUSEHOLDS)
VEHICLE_INCOME = _row("income of vehicles", (VEHICLES,), (BUILDERS, LENDERS))
REMITTANCE = _row("remittance", (CENTRAL_BANK,), (TREASURY,))
GUARANTEE = _row("guarantee", (BUILDERS,), (VEHICLES,))
SUPPORT = _row("support", (TREASURY,), (VEHICLES,))
# What is saved, lent and repaid; a negative amount is a purchase the other way.
BUYBACKS = _row("buybacks", (BUILDERS, FIRMS), SHAREHOLDERS, LISTED_EQUITY)
SHARE_PURCHASES = _row("share purchases of savers", (MIDDLE, BOTTOM), (TOP,), LISTED_EQUITY)
SHARE_SALES = _row("new shares", SHAREHOLDERS, (BUILDERS,), LISTED_EQUITY)
VEHICLE_STAKES = _row("stakes in vehicles", (BUILDERS, LENDERS), (VEHICLES,), VEHICLE_EQUITY)
BUILDER_BORROWING = _row("bonds of builders", (LENDERS,), (BUILDERS,), BUILDER_DEBT)
BUILDER_REPAYMENT = _row("repayment of builders", (BUILDERS,), (LENDERS,), BUILDER_DEBT)
VEHICLE_BORROWING = _row("loans and notes of vehicles", (LENDERS,), (VEHICLES,), VEHICLE_DEBT)
VEHICLE_REPAYMENT = _row("repayment of vehicles", (VEHICLES,), (LENDERS,), VEHICLE_DEBT)
UTILITY_BORROWING = _row("net borrowing of utilities", (LENDERS,), (UTILITIES,), UTILITY_DEBT)
FIRM_BORROWING = _row("net borrowing of firms", (LENDERS,), (FIRMS,), FIRM_DEBT)
TREASURY_BORROWING = _row("net sales of Treasury debt", (LENDERS, CENTRAL_BANK, ABROAD), (TREASURY,), TREASURY_DEBT)
RESERVE_GROWTH = _row("growth of reserves", (LENDERS,), (CENTRAL_BANK,), RESERVES)
ACCOUNT_GROWTH = _row("growth of the Treasury account", (TREASURY,), (CENTRAL_BANK,), TREASURY_ACCOUNT)
REVERSE_REPO_GROWTH = _row("growth of reverse repo", (LENDERS,), (CENTRAL_BANK,), REVERSE_REPO)

N_FLOWS = len(FLOWS)


def _flow_sign() -> np.ndarray:
    sign = np.zeros((N_FLOWS, len(SECTORS)), np.int64)
    for row, flow in enumerate(FLOWS):
        sign[row, flow.payer] -= 1
        sign[row, flow.payee] += 1
    return sign


def _stock_sign() -> np.ndarray:
    sign = np.zeros((len(INSTRUMENTS), len(SECTORS)), np.int64)
    for instrument, holders, issuers in HOLDERS_AND_ISSUERS:
        sign[instrument, list(holders)] = 1
        sign[instrument, list(issuers)] = -1
    return sign


FLOW_SIGN = _flow_sign()
"""-1 for the payer and +1 for the payee of each payment, (flows, sectors)."""
STOCK_SIGN = _stock_sign()
"""+1 for who holds and -1 for who owes each claim, (instruments, sectors)."""
