"""What the tables of the layer hold, and where each number of a quarter is read from."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from flowsim.files.arrays import Floats
from flowsim.files.columns import Column, Table
from flowsim.macro.books import campuses_of, vehicle_debt_of
from flowsim.macro.rows import INVESTMENT_HOME, N_GROUPS
from flowsim.macro.state import Found, Layer, State

PATH = Column("path", "int32", "", "number of the path, from 0")
QUARTER = Column("quarter", "name", "", "calendar quarter, as 2026Q3")
BN, QUARTERLY, SHARE = "USD bn", "USD bn a quarter", "%"

Read = Callable[[Layer], Floats]
"""From a layer after a quarter to a number a lane."""


def _of(name: str, *, times: float = 1.0) -> Read:
    """Read what a quarter found, or a stock, as it is."""
    return lambda layer: times * _array(layer, name)


def _sum(name: str) -> Read:
    """Read the sum over companies or groups."""
    return lambda layer: _array(layer, name).sum(axis=0)


def _array(layer: Layer, name: str) -> Floats:
    return getattr(layer.found if name in layer.found._fields else layer.state, name)


def _spread(layer: Layer) -> Floats:
    return 1e4 * (layer.state.ai_part * layer.state.builder_spread).sum(axis=0)


def _labor_share(layer: Layer) -> Floats:
    return 100.0 * layer.found.wages.sum(axis=0) / layer.found.output


def _top_consumption(layer: Layer) -> Floats:
    return 100.0 * layer.found.consumption[0] / layer.found.consumption.sum(axis=0)


def _top_wealth(layer: Layer) -> Floats:
    wealth = layer.state.deposits + layer.state.shares[:N_GROUPS]
    return 100.0 * wealth[0] / wealth.sum(axis=0)


def _vehicle_debt(layer: Layer) -> Floats:
    return vehicle_debt_of(layer.state)


def _campuses(layer: Layer) -> Floats:
    return campuses_of(layer.state)


def _ai_home(layer: Layer) -> Floats:
    return layer.found.investment_home + layer.flows[INVESTMENT_HOME + 1]


MACRO_COLUMNS: tuple[tuple[Column, Read], ...] = (
    (Column("output_bn", "float64", QUARTERLY, "nominal GDP"), _of("output")),
    (Column("consumption_bn", "float64", QUARTERLY, "consumption of households"), _sum("consumption")),
    (Column("firm_investment_bn", "float64", QUARTERLY, "investment of firms"), _of("firm_investment")),
    (Column("purchases_bn", "float64", QUARTERLY, "government purchases"), _of("purchases")),
    (Column("imports_bn", "float64", QUARTERLY, "imports, those of AI capacity left out"), _of("imports")),
    (Column("capex_bn", "float64", QUARTERLY, "capital spending of builders, worldwide"), _sum("capex")),
    (Column("vehicle_investment_bn", "float64", QUARTERLY, "campuses that vehicles build"), _of("vehicle_investment")),
    (Column("ai_spending_bn", "float64", QUARTERLY, "the part of both in the United States"), _of("ai_spending")),
    (Column("ai_home_bn", "float64", QUARTERLY, "the part of both that is made at home, net of imports"), _ai_home),
    (Column("revenue_bn", "float64", QUARTERLY, "revenue of AI services"), _of("revenue")),
    (Column("cash_flow_bn", "float64", QUARTERLY, "operating cash flow of builders"), _sum("cash_flow")),
    (Column("buybacks_bn", "float64", QUARTERLY, "buybacks of builders"), _sum("buybacks")),
    (Column("dividends_bn", "float64", QUARTERLY, "dividends of builders"), _sum("dividends")),
    (Column("issued_bn", "float64", QUARTERLY, "bonds that builders issue"), _sum("issued")),
    (Column("repaid_bn", "float64", QUARTERLY, "bonds that builders repay"), _sum("repaid")),
    (Column("shares_sold_bn", "float64", QUARTERLY, "new shares of builders"), _sum("shares_sold")),
    (Column("rent_bn", "float64", QUARTERLY, "rent of campuses"), _of("rent")),
    (Column("vehicle_borrowed_bn", "float64", QUARTERLY, "loans and notes of vehicles"), _of("vehicle_borrowed")),
    (Column("firm_buybacks_bn", "float64", QUARTERLY, "buybacks of firms"), _of("firm_buybacks")),
    (Column("builder_cash_bn", "float64", BN, "cash and securities of builders"), _sum("cash")),
    (Column("builder_debt_bn", "float64", BN, "debt of builders"), _sum("builder_debt")),
    (Column("vehicle_debt_bn", "float64", BN, "debt of vehicles"), _vehicle_debt),
    (Column("campuses_bn", "float64", BN, "campuses of vehicles at cost less wear"), _campuses),
    (Column("due_bn", "float64", QUARTERLY, "loans of vehicles due"), _of("due")),
    (Column("rolled_bn", "float64", QUARTERLY, "of these rolled over"), _of("rolled")),
    (Column("extended_bn", "float64", QUARTERLY, "of these extended by a year"), _of("extended")),
    (Column("support_bn", "float64", QUARTERLY, "of these paid by the Treasury"), _of("support_paid")),
    (Column("guarantee_bn", "float64", QUARTERLY, "of these paid by builders who guaranteed them"), _of("guarantee")),
    (Column("loss_bn", "float64", QUARTERLY, "of these paid by nobody"), _of("loss")),
    (Column("lenders_loss_bn", "float64", QUARTERLY, "the part of that which lenders bear"), _of("loss_lenders")),
    (Column("guarantee_left_bn", "float64", BN, "guarantees of builders outstanding"), _of("guarantee_left")),
    (
        Column("lender_capital_pct", "float64", SHARE, "capital of lenders over assets"),
        _of("capital_ratio", times=100.0),
    ),
    (Column("builder_spread_bp", "float64", "bp a year", "spread of builders, by their part in AI"), _spread),
    (Column("vehicle_spread_bp", "float64", "bp a year", "spread of vehicles"), _of("vehicle_spread", times=1e4)),
    (Column("firm_spread_bp", "float64", "bp a year", "spread of firms"), _of("firm_spread", times=1e4)),
    (Column("queue_gw", "float64", "GW", "capacity that waits for power"), _of("queue")),
    (Column("connected_gw", "float64", "GW a quarter", "capacity connected"), _of("energized")),
    (Column("capacity_gw", "float64", "GW", "AI capacity in use"), _of("gw")),
    (Column("labor_share_pct", "float64", SHARE, "wages over output"), _labor_share),
    (Column("top_consumption_pct", "float64", SHARE, "share of the top tenth in consumption"), _top_consumption),
    (Column("top_wealth_pct", "float64", SHARE, "share of the top tenth in deposits and listed equity"), _top_wealth),
    (Column("deficit_bn", "float64", QUARTERLY, "deficit of the Treasury"), _of("deficit")),
    (Column("treasury_debt_bn", "float64", BN, "debt of the Treasury held by others"), _of("treasury_debt")),
    (Column("lender_bonds_bn", "float64", BN, "the part of it that lenders hold"), _of("lender_bonds")),
    (Column("central_bank_bonds_bn", "float64", BN, "that the central bank holds"), _of("central_bank_assets")),
    (Column("abroad_bonds_bn", "float64", BN, "that is held abroad"), _of("abroad_bonds")),
    (Column("utility_debt_bn", "float64", BN, "debt of utilities"), _of("utility_debt")),
    (Column("firm_debt_bn", "float64", BN, "debt of firms"), _of("firm_debt")),
    (Column("reserves_bn", "float64", BN, "reserves, currency included"), _of("reserves")),
    (
        Column("reserve_purchases_bn", "float64", QUARTERLY, "Treasury debt that the central bank buys"),
        _of("reserve_purchases"),
    ),
    (
        Column("account_growth_bn", "float64", QUARTERLY, "growth of the Treasury account, which drains reserves"),
        _of("account_growth"),
    ),
    (
        Column("reverse_repo_growth_bn", "float64", QUARTERLY, "growth of reverse repo, which drains reserves"),
        _of("reverse_repo_growth"),
    ),
    (Column("log_value", "float64", "log", "value on normalized earnings, up to a constant"), _of("log_value")),
    (
        Column("closing_factor", "float64", "x", "factor on spending at home that makes output what history gives"),
        _of("factor"),
    ),
)

BUILDER_COLUMNS: tuple[tuple[Column, Read], ...] = (
    (Column("plan_bn", "float64", QUARTERLY, "capital spending planned"), _of("plan")),
    (Column("capex_bn", "float64", QUARTERLY, "capital spending"), _of("capex")),
    (Column("cash_flow_bn", "float64", QUARTERLY, "operating cash flow"), _of("cash_flow")),
    (Column("depreciation_bn", "float64", QUARTERLY, "depreciation"), _of("depreciation")),
    (Column("earnings_bn", "float64", QUARTERLY, "cash flow less depreciation and share awards"), _of("earnings")),
    (Column("buybacks_bn", "float64", QUARTERLY, "buybacks"), _of("buybacks")),
    (Column("dividends_bn", "float64", QUARTERLY, "dividends"), _of("dividends")),
    (Column("issued_bn", "float64", QUARTERLY, "bonds issued"), _of("issued")),
    (Column("shares_sold_bn", "float64", QUARTERLY, "new shares"), _of("shares_sold")),
    (Column("cash_bn", "float64", BN, "cash and securities"), _of("cash")),
    (Column("debt_bn", "float64", BN, "debt"), _of("builder_debt")),
    (Column("spread_bp", "float64", "bp a year", "spread"), _of("builder_spread", times=1e4)),
    (Column("binding", "int16", "", "what held it back most: 0 demand, 1 power, 2 chips, 3 finance"), _of("binding")),
)
COMPANY = Column("company", "name", "", "kind of builder")
MACRO_TABLES = (
    Table("macro", "path and quarter", (PATH, QUARTER, *(column for column, _ in MACRO_COLUMNS))),
    Table(
        "builders", "path, quarter and company", (PATH, QUARTER, COMPANY, *(column for column, _ in BUILDER_COLUMNS))
    ),
    Table(
        "accounts",
        "path, quarter and payment",
        (
            PATH,
            QUARTER,
            Column("payment", "name", "", "what is paid for"),
            Column("payer", "name", "", "sector that pays"),
            Column("payee", "name", "", "sector that is paid"),
            Column("amount_bn", "float64", QUARTERLY, "amount", "payer pays payee"),
        ),
        "Only on request, `accounts=True`.",
    ),
)


def read(columns: tuple[tuple[Column, Read], ...], layer: Layer, lanes: int) -> dict[str, np.ndarray]:
    """Return each column after a quarter, (lanes,) or (companies, lanes)."""
    state, found = (
        kind(*(array[..., :lanes] for array in part)) for kind, part in ((State, layer.state), (Found, layer.found))
    )
    live = layer._replace(state=state, found=found, flows=layer.flows[:, :lanes])
    return {column.name: np.array(one(live)) for column, one in columns}
