"""What the tables of a run hold: each column with type, unit, sign and meaning."""

from __future__ import annotations

import pyarrow as pa

from flowsim.files.columns import Column, Table
from flowsim.futures.products import VIX_PRODUCTS
from flowsim.futures.subsystem import VIX_FUTURES
from flowsim.options.arrays import INDICES
from flowsim.run.arrow import NAMES

CHAIN = "chain"
"""Quotes at the close of chosen dates; only where options are listed."""

ARROW = {
    "float64": pa.float64(),
    "int32": pa.int32(),
    "int16": pa.int16(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "name": NAMES,
}

PATH = Column("path", "int32", "", "number of the path, from 0")
DATE = Column("date", "date", "", "session")
BAR = Column(
    "bar",
    "int16",
    "",
    'bar of the session, 0 for the night before it; only with record.grain = "bar". In a night of bars, 0 is the last'
    " and -1 the one before",
)
ASSET = Column("asset", "name", "", "market; only where a run has more than one")

BOUGHT, LONG = "bought", "held long"
LISTED = "Only where options are listed."
BY_CLOSE = f"{LISTED} Closes only, whatever the grain."


def _smile() -> tuple[Column, ...]:
    found = []
    for index in INDICES:
        horizon = index.removeprefix("vix") or "1m"
        at_the_money = f"implied volatility at the money at the horizon of {index}"
        skew = f"implied volatility of the strike at 90 % of the index above that at the money, horizon of {index}"
        found.append(Column(f"atm_{horizon}", "float64", "vol points", at_the_money))
        found.append(Column(f"skew_{horizon}", "float64", "vol points", skew, "puts dearer"))
    return tuple(found)


MARKET = Table(
    "market",
    "path and date (and bar)",
    (
        Column("price", "float64", "index points", "price of the index"),
        Column("log_return", "float64", "log return", "return since the row before"),
        Column("fundamental", "float64", "index points", "fundamental value"),
        Column("liquidity", "float64", "units of the state", "state of system liquidity, 0 is normal", "ample"),
        Column("realized_vol", "float64", "fraction a year", "realized volatility of 21 sessions about a mean of zero"),
        Column("cut_probability", "float64", "fraction", "priced probability of a cut at the next scheduled meeting"),
        Column("sentiment", "float64", "", "panic, 0 is calm", "panic"),
        Column(
            "net_gamma_1pct_bn",
            "float64",
            "USD bn",
            "dealers' gamma: stock that they must sell for a rise of 1 %; 0 without options",
            "long gamma",
        ),
    ),
)
FLOWS = Table(
    "flows",
    "path, date (and bar) and source",
    (
        Column("source", "name", "", "news, policy, or the population that traded"),
        Column("flow_bn", "float64", "USD bn", "executed since the row before; 0 for news and policy", BOUGHT),
        Column(
            "contribution",
            "float64",
            "log return",
            "part of the return since the row before; sources add up to log_return",
            "pushed the price up",
        ),
    ),
)
POSITIONS = Table(
    "positions",
    "path, date (and bar) and population",
    (
        Column("population", "name", "", "population, or the market's own holders"),
        Column("exposure_bn", "float64", "USD bn", "index held in the ledger", LONG),
        Column("agents_long", "int32", "agents", "agents whose rule is long; null where it states no exposure"),
        Column("agents_short", "int32", "agents", "agents whose rule is short; null where it states no exposure"),
    ),
)
VOLATILITY = Table(
    "volatility",
    "path and date",
    (
        *(
            Column(index, "float64", "vol points", f"{index.upper()} at the close, by Cboe's method from quoted strips")
            for index in INDICES
        ),
        *_smile(),
    ),
    BY_CLOSE,
)
VIX_SOURCES = Table(
    "vix_sources",
    "path, date, index and source",
    (
        Column("index", "name", "", "volatility index"),
        Column(
            "source",
            "name",
            "",
            "path_dependent (past returns), sentiment, events (scheduled), quotes (ticks and strikes), a programme,"
            " or vix_products",
        ),
        Column(
            "contribution",
            "float64",
            "vol points",
            "part of the change of the index since the row before; sources add up to it",
            "raised it",
        ),
    ),
    BY_CLOSE,
)
OPTIONS = Table(
    "options",
    "path, date and programme",
    (
        Column("programme", "name", "", "population that trades options"),
        Column("delta_bn", "float64", "USD bn", "delta of what it holds; dealers hedge with the same amount", LONG),
        Column(
            "gamma_1pct_bn", "float64", "USD bn", "change of its delta for a rise of 1 %; dealers' is minus it", LONG
        ),
        Column("vega_bn", "float64", "USD bn for a vol point", "vega of what it holds", LONG),
        Column("vanna_bn", "float64", "USD bn for a vol point", "change of its delta for a vol point"),
        Column("charm_bn", "float64", "USD bn a session", "change of its delta as a session passes"),
        Column("value_bn", "float64", "USD bn", "value of what it holds", LONG),
    ),
    BY_CLOSE,
)
GAMMA = Table(
    "gamma",
    "path, date and distance from spot",
    (
        Column("spot_pct", "float64", "%", "supposed move of the index from its close, -10 to 10"),
        Column("gamma_1pct_bn", "float64", "USD bn", "dealers' gamma if the index stood there", "long gamma"),
    ),
    f"{LISTED} Every fifth session.",
)
CHAIN_TABLE = Table(
    CHAIN,
    "path, date, expiry, strike and side",
    (
        Column("as_of", "timestamp", "New York time", "when it is quoted"),
        Column("root", "name", "", "SPX settles at the open of its expiry, SPXW at the close"),
        Column("expiry", "date", "", "last day"),
        Column("strike", "float64", "index points", "strike price"),
        Column("cp", "name", "", "C for a call, P for a put"),
        Column("bid", "float64", "index points", "best bid, 0 for none"),
        Column("ask", "float64", "index points", "best ask"),
    ),
    "Only for the dates in record.chain_dates.",
)

HISTORY_TABLE = Table(
    "history.parquet",
    "session of the last real year before the start",
    (DATE, Column("close", "float64", "index points", "real close")),
    "One file beside the tables.",
)
AFTERWARDS_TABLE = Table(
    "afterwards.parquet",
    "simulated session of which the price file has the real close",
    HISTORY_TABLE.columns,
    "One file beside the tables; empty where the price file ends at the start.",
)
VIX_PRODUCTS_TABLE = Table(
    VIX_PRODUCTS.name,
    "path and date (and bar)",
    VIX_PRODUCTS.published,
    "Only where the config has the table vix_products. Those of the last close, also in rows of bars.",
)
VIX_FUTURES_TABLE = Table(
    VIX_FUTURES.name,
    "path and date (and bar)",
    VIX_FUTURES.published,
    "Only where the config has the table vix_futures. Those of the last close, also in rows of bars.",
)
RUN_TABLES = {
    table.name: table for table in (MARKET, FLOWS, POSITIONS, VOLATILITY, VIX_SOURCES, OPTIONS, GAMMA, CHAIN_TABLE)
}
TABLES = ("market", "flows", "positions")
OPTION_TABLES = ("volatility", "vix_sources", "options", "gamma")
"""One row for each recorded close, whatever the grain; only where options are listed."""


def index_columns(table: str, *, by_bar: bool, several: bool = False) -> tuple[Column, ...]:
    """Return the columns before those of a table itself; tables of options are of closes, whatever the grain.

    `several` is whether the run has more than one market.
    """
    bar = (BAR,) if by_bar and table in TABLES else ()
    return (PATH, DATE, *bar, *((ASSET,) if several and table in TABLES else ()))


def schema(table: str, by_bar: bool, *, several: bool = False) -> pa.Schema:
    """Return the Arrow schema of a table; `bar` 0 is the night before the open, or the last of its bars."""
    return arrow_schema((*index_columns(table, by_bar=by_bar, several=several), *RUN_TABLES[table].columns))


def arrow_schema(columns: tuple[Column, ...]) -> pa.Schema:
    """Return columns as an Arrow schema."""
    return pa.schema([(column.name, ARROW[column.kind]) for column in columns])
