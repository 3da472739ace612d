"""The command that tests forecasts from real closes against what came: backtest."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flowsim.cli.arguments import (
    AsJson,
    ColumnNames,
    ConfigArgument,
    PricesFile,
    Results,
    Seed,
    Settings,
    Threads,
    TrustData,
    VolFiles,
)
from flowsim.cli.inputs import columns_from, prices_from, volatility_from
from flowsim.cli.output import config_from, print_json, show_progress


def backtest(
    config: ConfigArgument,
    prices: PricesFile = None,
    columns: ColumnNames = None,
    trust_data: TrustData = False,
    vol: VolFiles = None,
    every: Annotated[int, typer.Option("--every", help="Sessions from one date to the next.")] = 21,
    first: Annotated[str | None, typer.Option("--from", "--first", metavar="DATE", help="First date.")] = None,
    last: Annotated[str | None, typer.Option("--to", "--last", metavar="DATE", help="Last session.")] = None,
    horizons: Annotated[str, typer.Option("--horizons", metavar="N,N", help="Sessions ahead.")] = "1,5,21",
    paths: Annotated[int, typer.Option("--paths", "--n-paths", help="Paths of each forecast.")] = 256,
    seed: Seed = None,
    threads: Threads = None,
    settings: Settings = None,
    results: Results = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for tables and picture; none by default.")] = None,
    as_json: AsJson = False,
) -> None:
    """Forecast from real closes, with what was known there, beside GARCH and filtered history; score what came."""
    from flowsim.cli.history import whole_numbers, write_tables
    from flowsim.forecasts.backtest import backtest as test

    names = columns_from(columns, prices=prices is not None, volatility=bool(vol))
    with show_progress("forecasting") as progress:
        found = test(
            config_from(config, settings, None),
            prices_from(prices, names, trust_data),
            volatility=volatility_from(vol, names, trust_data),
            every=every,
            first=first,
            last=last,
            horizons=whole_numbers(horizons, "--horizons"),
            n_paths=paths,
            seed=seed,
            threads=threads,
            progress=progress,
            results=results,
        )
    if out is not None:
        from flowsim.plot.backtest import backtest_picture
        from flowsim.plot.saving import save

        write_tables(out, found.tables)
        save(backtest_picture(found), out / "backtest.png")
    if as_json:
        tables = {name: table.to_dicts() for name, table in found.tables.items()}
        print_json({"label": found.label, "words": found.words, "left_out": found.left_out} | tables)
        return
    print(f"{found.label}: {found.n_dates} dates, every {found.every} sessions, {found.n_paths} paths\n")
    print(found.as_markdown())
    if out is not None:
        print(f"\ntables and picture: {out}")
