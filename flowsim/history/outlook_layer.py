"""The macro layer in an outlook: who builds, who pays, what matures, and which budget changes when it is reported.

It is lived through alone from the quarter of the close on, on shocks of its own; the forward simulation has it beside
the market. What populations that follow it do in a scenario is at the budgets that hold at the close.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from flowsim.clock import DateLike, as_day, sessions_after
from flowsim.config import Config
from flowsim.economy.arrays import Known
from flowsim.economy.rows import SHOWN
from flowsim.economy.subsystem import MACRO_LAYER
from flowsim.files.columns import Column
from flowsim.macro.alone import FIRST, HISTORY_FIRST
from flowsim.macro.columns import MACRO_COLUMNS, read
from flowsim.macro.quarters import quarter_text
from flowsim.macro.state import layer_of, on_lanes, state_in
from flowsim.macro.stepping import stepper

QUARTERS, PATHS = 5, 256
SESSIONS = 400
"""Enough to see the report of the fifth quarter."""
AMOUNTS = (
    "capex_bn", "cash_flow_bn", "issued_bn", "vehicle_borrowed_bn", "due_bn", "rolled_bn", "lenders_loss_bn",
    "buybacks_bn", "firm_buybacks_bn", "vehicle_spread_bp",
)  # fmt: skip
BUDGET = "ai_payout"
COLUMNS = {column.name: column for column, _ in MACRO_COLUMNS}
OUTLOOK_LAYER = (
    Column("quarter", "name", "", "calendar quarter, as 2026Q3"),
    Column("reported", "date", "", "session on which builders' figures, and with them budgets, are known"),
    *(COLUMNS[name] for name in AMOUNTS),
    Column(BUDGET, "float64", "x of the start", "buybacks of builders over those of the sheet's first quarter"),
)
"""Medians over paths of the layer alone."""


def at_todays_budgets(config: Config, as_of: DateLike) -> Config:
    """Return the config without the layer, and what follows a row of it at the size of its budget at a close."""
    if config.macro is None:
        return config
    names = [column.name for column in SHOWN]
    shown = _known(config.override(f"time.start={as_day(as_of, '`as_of`')}")).shown
    sizes = {
        f"population.{name}.capital_bn": config.population[name].capital_bn * float(shown[names.index(row)])
        for name, row in config.macro.budgets.items()
    }
    return config.override(sizes).model_copy(update={"macro": None})


def layer_ahead(config: Config) -> pl.DataFrame:
    """Return the coming quarters of the layer from the start of a config, see `OUTLOOK_LAYER`; empty without one."""
    if config.macro is None:
        return pl.DataFrame()
    known = _known(config)
    scripts, first = known.scripts, FIRST if config.macro.given is None else HISTORY_FIRST
    opened = layer_of(
        scripts.came, scripts.solved, scripts.given, scripts.draws, state_in(known.opened[:, None].copy())
    )
    layer, rows = on_lanes(opened, PATHS), []
    step, dates = stepper(layer), sessions_after(config.time.start, SESSIONS).dates
    for place in range(known.place, known.place + QUARTERS):
        step(place)
        found = {name: float(np.median(values)) for name, values in read(MACRO_COLUMNS, layer, PATHS).items()}
        told = np.flatnonzero(known.reports.budgets == place)
        amounts = {name: found[name] for name in AMOUNTS}
        over_start = found["buybacks_bn"] / known.start[0] if known.start[0] > 0.0 else None
        reported = dates[told[0]].astype(object) if told.size else None
        rows.append({"quarter": quarter_text(first + place), "reported": reported} | amounts | {BUDGET: over_start})
    return pl.DataFrame(rows)


def layer_words(layer: pl.DataFrame) -> list[str]:
    """Say who builds and who pays in the quarter of the close, what falls due in the coming year, and what changes."""
    if not layer.height:
        return []
    now, last = layer.row(0, named=True), layer.row(-1, named=True)
    year = layer.head(4)
    due, rolled, lost = (float(year[name].sum()) for name in ("due_bn", "rolled_bn", "lenders_loss_bn"))
    change = "rise" if last["buybacks_bn"] > now["buybacks_bn"] else "fall"
    known = f", known on {now['reported']}" if now["reported"] is not None else ""
    return [
        f"In {now['quarter']} builders spend {now['capex_bn']:.0f} bn out of {now['cash_flow_bn']:.0f} bn of cash flow"
        f" and {now['issued_bn']:.0f} bn of bonds; they buy back {now['buybacks_bn']:.1f} bn{known}.",
        f"In four quarters {due:.0f} bn of vehicles' loans fall due, of which {rolled:.0f} are rolled and lenders lose"
        f" {lost:.1f}. Buybacks of builders {change} to {last['buybacks_bn']:.1f} bn a quarter by {last['quarter']}.",
    ]


def _known(config: Config) -> Known:
    spec = config.active().spec()
    start = np.datetime64(config.time.start)
    return MACRO_LAYER.known(spec, np.concatenate([[start], sessions_after(start, SESSIONS).dates]))
