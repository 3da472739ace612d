"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def built_in_configs() -> list[str]:
    """Return what a shell may complete a config to; it adds files by itself."""
    from flowsim.config.load import built_in

    return list(built_in())


ConfigArgument = Annotated[
    str,
    typer.Argument(
        help="Built-in name (`flowsim config list`) or path of a TOML file.", autocompletion=built_in_configs
    ),
]
Paths = Annotated[int, typer.Option("--paths", "--n-paths", min=1, help="Number of paths.")]
Days = Annotated[int | None, typer.Option("--days", help="Sessions to simulate; time.days by default.")]
Seed = Annotated[int | None, typer.Option("--seed", help="Key of every random stream; the config's own by default.")]
Threads = Annotated[
    int | None, typer.Option("--threads", min=1, help="Blocks at work at once; all processors by default.")
]
Workers = Annotated[
    int | None, typer.Option("--workers", min=1, metavar="N", help="Fresh processes instead of threads.")
]
Cluster = Annotated[
    str | None,
    typer.Option("--cluster", metavar="ADDRESS", help="A dask scheduler, tcp://HOST:8786, or its scheduler file."),
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", "--overrides", metavar="KEY=VALUE", help="Override a key of the config; may be repeated."),
]
PricesFile = Annotated[
    Path | None, typer.Option("--prices", help="File of daily closes to start from: CSV, Parquet or Excel.")
]
PricesByMarket = Annotated[
    list[str] | None,
    typer.Option(
        "--prices",
        metavar="[MARKET=]FILE",
        help="File of daily closes to start from: CSV, Parquet or Excel; MARKET=FILE for one beside the first.",
    ),
]
AssetName = Annotated[
    str | None,
    typer.Option("--asset", metavar="MARKET", help="A market beside the first: bonds, btc; docs/markets.md."),
]
VolFiles = Annotated[
    list[Path] | None,
    typer.Option("--vol", "--volatility", help="File of VIX1D to VIX6M by date; may be repeated."),
]
ColumnNames = Annotated[
    str | None,
    typer.Option("--columns", metavar="NAME=COLUMN,...", help="What columns are called: date, close, VIX, ..."),
]
Results = Annotated[
    Path | None,
    typer.Option("--results", metavar="DIR", help="Folder of results by digest; what is there is not simulated again."),
]
TrustData = Annotated[
    bool, typer.Option("--trust-data", help="Take data that are not likely, such as a fall of 50 % in a day.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout, and nothing else there.")]
