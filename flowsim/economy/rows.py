"""What the layer shows the market: budgets over those of the start, spreads, growth, and their numbers of a quarter."""

from __future__ import annotations

from flowsim.config.macro import BUDGETS
from flowsim.files.columns import Column
from flowsim.kernel.marks import inline
from flowsim.macro.numbers import N_COMPANIES
from flowsim.macro.rows import N_GROUPS

OVER_START = "x of the start"
SHOWN: tuple[Column, ...] = (
    Column("ai_payout", "float64", OVER_START, "buybacks of builders, in dollars"),
    Column("other_payout", "float64", OVER_START, "buybacks of firms, in dollars"),
    Column("saving_top", "float64", OVER_START, "saving of the top tenth, in dollars"),
    Column("saving_middle", "float64", OVER_START, "saving of the next 40 %, in dollars"),
    Column("saving_bottom", "float64", OVER_START, "what the lower half does not consume, in dollars"),
    Column("share_supply_bn", "float64", "USD bn a year", "new shares of builders"),
    Column("reserve_growth", "float64", "x 40 bn a month", "growth of bank reserves"),
    Column("ai_spread_bp", "float64", "bp a year", "spread of builders, by their part in AI"),
    Column("vehicle_spread_bp", "float64", "bp a year", "spread of vehicles"),
    Column("growth_pct", "float64", "%", "growth of nominal GDP in the last quarter, at a year's rate"),
)
"""Rows of the view, and columns of the table `macro` of a run."""
AI_PAYOUT, OTHER_PAYOUT, SAVING, SHARE_SUPPLY, RESERVES, AI_SPREAD, VEHICLE_SPREAD, GROWTH = 0, 1, 2, 5, 6, 7, 8, 9
N_SHOWN = len(SHOWN)
IN_AMOUNTS = SHARE_SUPPLY
"""From this row on a row is what it is, and not over its start."""
MONTHLY_PURCHASES_BN = 40.0
"""Growth of reserves a month at which the state of liquidity is 1."""

assert tuple(column.name for column in SHOWN[: SHARE_SUPPLY + 1]) == BUDGETS


@inline
def find_amounts(layer, amounts, lane):
    """Write what a quarter makes of each row, budgets in USD bn a quarter, to `amounts` (rows, lanes)."""
    state, found = layer.state, layer.found
    bought, sold, spread = 0.0, 0.0, 0.0
    for one in range(N_COMPANIES):
        bought += state.buybacks[one, lane]
        sold += found.shares_sold[one, lane]
        spread += state.ai_part[one, lane] * state.builder_spread[one, lane]
    amounts[AI_PAYOUT, lane], amounts[OTHER_PAYOUT, lane] = bought, found.firm_buybacks[lane]
    for group in range(N_GROUPS):
        amounts[SAVING + group, lane] = max(found.disposable[group, lane] - found.consumption[group, lane], 0.0)
    amounts[SHARE_SUPPLY, lane] = 4.0 * sold
    amounts[RESERVES, lane] = found.reserve_growth[lane] / 3.0 / MONTHLY_PURCHASES_BN
    amounts[AI_SPREAD, lane], amounts[VEHICLE_SPREAD, lane] = 1e4 * spread, 1e4 * state.vehicle_spread[lane]
    amounts[GROWTH, lane] = 400.0 * state.growth[lane]
