"""Commands that fit a config to the real market: calibrate and loadings."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from flowsim.cli.arguments import (
    AsJson,
    Cluster,
    ColumnNames,
    ConfigArgument,
    PricesFile,
    Settings,
    Threads,
    TrustData,
    Workers,
)
from flowsim.cli.inputs import columns_from, prices_from, volatility_from
from flowsim.cli.output import config_from, next_folder, print_json
from flowsim.clock.year import YEAR
from flowsim.errors import InputError, RunError


def calibrate(
    config: ConfigArgument = "us_equity",
    targets: Annotated[
        list[str] | None, typer.Option("--targets", metavar="NAME", help="Fact or group of facts; may be repeated.")
    ] = None,
    ranges: Annotated[str, typer.Option("--ranges", help="TOML file of what may move, and how far.")] = "us_equity",
    trials: Annotated[int, typer.Option("--trials", min=0, help="Places that CMA-ES tries.")] = 60,
    steps: Annotated[int, typer.Option("--steps", min=0, help="Steps along a surface after it, at most.")] = 16,
    profiles: Annotated[int, typer.Option("--profiles", min=0, help="Rounds of trying the ends of intervals.")] = 1,
    paths: Annotated[int, typer.Option("--paths", "--n-paths", min=2, help="Paths at each place.")] = 64,
    days: Annotated[int, typer.Option("--days", min=YEAR, help="Sessions of each path.")] = 4284,
    start: Annotated[int | None, typer.Option("--start", help="Begin at a random place with this seed.")] = None,
    threads: Threads = None,
    workers: Workers = None,
    cluster: Cluster = None,
    settings: Settings = None,
    prices: PricesFile = None,
    columns: ColumnNames = None,
    trust_data: TrustData = False,
    out: Annotated[Path | None, typer.Option("--out", help="Folder; calibrations/NAME-N by default.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the search in --out.")] = False,
    as_json: AsJson = False,
) -> None:
    """Fit numbers of a config to the facts of the real market, and say how well each is known."""
    from flowsim.calibration import calibrate as fitting

    if resume and out is None:
        raise InputError("--resume: name the search to go on with by --out")
    folder = out or next_folder(Path("calibrations"), Path(config).stem)
    try:
        result = fitting.calibrate(
            config_from(config, settings, days),
            out=folder,
            targets=targets or ["all"],
            ranges=ranges,
            trials=trials,
            steps=steps,
            profiles=profiles,
            n_paths=paths,
            start=start,
            prices=prices_from(prices, columns_from(columns, prices=prices is not None), trust_data),
            threads=threads,
            workers=workers,
            cluster=cluster,
            resume=resume,
            progress=sys.stderr.isatty(),
        )
    except KeyboardInterrupt:
        raise RunError(
            f"interrupted; everything tried is kept, go on with the same command, --out {folder} and --resume"
        ) from None
    if as_json:
        print_json(result.as_dict())
    else:
        print(result.as_markdown())


def loadings(
    prices: Annotated[Path, typer.Option("--prices", help="File of daily closes: CSV, Parquet or Excel.")],
    vol: Annotated[list[Path], typer.Option("--vol", "--volatility", help="File of VIX9D to VIX6M by date.")],
    config: ConfigArgument = "us_equity",
    rounds: Annotated[int, typer.Option("--rounds", min=0, help="How often the market is simulated.")] = 3,
    paths: Annotated[int, typer.Option("--paths", "--n-paths", min=2, help="Paths of each round.")] = 64,
    days: Annotated[int, typer.Option("--days", min=3 * YEAR, help="Sessions of each path.")] = 2520,
    threads: Threads = None,
    settings: Settings = None,
    columns: ColumnNames = None,
    trust_data: TrustData = False,
    as_json: AsJson = False,
) -> None:
    """Fit what past returns alone give the VIX family, so that a market's indices answer to returns as the real do."""
    from flowsim.calibration.loadings import fit_loadings

    names = columns_from(columns, prices=True, volatility=True)
    found = fit_loadings(
        config_from(config, settings, days),
        prices=prices_from(prices, names, trust_data),
        volatility=volatility_from(vol, names, trust_data),
        rounds=rounds,
        n_paths=paths,
        days=days,
        threads=threads,
        progress=sys.stderr.isatty(),
    )
    print_json(found.as_dict()) if as_json else print(found.as_markdown())
