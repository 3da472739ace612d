"""Commands that simulate a market and look at what came out: run, plot, ablate, score, facts."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from flowsim.cli.arguments import (
    AsJson,
    AssetName,
    Cluster,
    ColumnNames,
    ConfigArgument,
    Days,
    Paths,
    PricesByMarket,
    PricesFile,
    Results,
    Seed,
    Settings,
    Threads,
    TrustData,
    VolFiles,
    Workers,
)
from flowsim.cli.inputs import columns_from, prices_by_market_from, prices_from, volatility_from
from flowsim.cli.options import as_options
from flowsim.cli.output import config_from, draw, draw_sweep, next_folder, print_json, show_progress
from flowsim.clock.year import YEAR
from flowsim.config.asset import LEAD
from flowsim.errors import InputError, RunError


def run(
    config: ConfigArgument,
    paths: Paths = 256,
    days: Days = None,
    seed: Seed = None,
    threads: Threads = None,
    settings: Settings = None,
    prices: PricesByMarket = None,
    columns: ColumnNames = None,
    trust_data: TrustData = False,
    out: Annotated[Path | None, typer.Option("--out", help="Folder of the run; runs/NAME-N by default.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with an unfinished run in --out.")] = False,
    picture: Annotated[bool, typer.Option(help="Leave overview.png in the run's folder.")] = True,
    as_json: AsJson = False,
) -> None:
    """Simulate a market and write its tables, its manifest and a picture."""
    from flowsim.ensemble.simulation import simulate

    loaded = config_from(config, settings, days)
    folder = out or next_folder(Path("runs"), Path(config).stem)
    if resume and out is None:
        raise InputError("--resume: name the run to go on with by --out")
    try:
        with show_progress("simulating") as progress:
            result = simulate(
                loaded,
                paths,
                seed=seed,
                prices=prices_by_market_from(prices, columns_from(columns, prices=bool(prices)), trust_data),
                out=folder,
                threads=threads,
                resume=resume,
                progress=progress,
                command=sys.argv[1:],
            )
    except KeyboardInterrupt:
        raise RunError(
            f"interrupted; finished blocks are kept, go on with the same command, --out {folder} and --resume"
        ) from None
    drawn = picture and {"market", "flows", "positions"} <= set(result.info["tables"])
    if drawn:
        draw(result, "overview", folder / "overview.png", None)
    if as_json:
        print_json(result.info)
        return
    each = [result.of_market(name) for name in result.markets]
    rows = sum(table["rows"] for one in each for table in one.info["tables"].values())
    print(f"{result.label}: {rows:,} rows in {folder} ({result.info.get('seconds', 0.0):.1f} s)")
    print(f"start: the close of {result.start}, {result.info['history']['source']}")
    for one in each[1:]:
        print(f"market {one.asset}: {one.info['history']['source']}")
    if drawn:
        print(f"picture: {folder / 'overview.png'}")


def _pictures() -> list[str]:
    """Return what a shell may complete a picture to."""
    from flowsim.plot import PICTURES

    return list(PICTURES)


def plot(
    run_folder: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a run or a sweep.")],
    picture: Annotated[
        str | None,
        typer.Argument(
            help="Of a run: overview, episode, paths, flows, attribution, positions, term-structure, inversion,"
            " futures, gamma, hedging or facts. Of a sweep: lines, map or bars.",
            autocompletion=_pictures,
        ),
    ] = None,
    path: Annotated[int | None, typer.Option("--path", help="Show one path instead of all.")] = None,
    asset: AssetName = None,
    outcome: Annotated[
        str | None, typer.Option("--outcome", help="Of a sweep: what is drawn, instead of its first outcome.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="PNG, SVG or PDF file; RUN/PICTURE.png by default.")] = None,
) -> None:
    """Draw a picture of a run or a sweep."""
    from flowsim.run.run import Run
    from flowsim.sweeps.store import MANIFEST

    if (run_folder / MANIFEST).is_file():
        file = draw_sweep(run_folder, picture, outcome, out)
    elif outcome is not None:
        raise InputError(f"--outcome {outcome} is of a sweep, and {run_folder} holds none; leave it out")
    else:
        name, market = picture or "overview", asset or LEAD
        file = out or run_folder / f"{name}{'' if market == LEAD else f'-{market}'}.png"
        draw(Run(run_folder).of_market(market), name, file, path)
    print(file)


def ablate(
    config: ConfigArgument = "us_equity",
    paths: Paths = 64,
    days: Annotated[int, typer.Option("--days", min=YEAR, help="Sessions of each path.")] = 2520,
    seed: Seed = None,
    threads: Threads = None,
    workers: Workers = None,
    cluster: Cluster = None,
    settings: Settings = None,
    prices: PricesFile = None,
    columns: ColumnNames = None,
    trust_data: TrustData = False,
    results: Results = None,
    as_json: AsJson = False,
) -> None:
    """Print what the market loses when each systematic population, or the liquidity feedback, is switched off."""
    from flowsim.facts import ablation

    with show_progress("simulating arms") as progress:
        table = ablation.ablate(
            config_from(config, settings, days),
            paths,
            seed=seed,
            prices=prices_from(prices, columns_from(columns, prices=prices is not None), trust_data),
            threads=threads,
            workers=workers,
            cluster=cluster,
            progress=progress,
            results=results,
        )
    if as_json:
        print_json(table.as_dict())
    else:
        print(table.as_markdown())


def score(
    config: ConfigArgument = "us_equity",
    paths: Paths = 100,
    days: Annotated[int, typer.Option("--days", min=YEAR, help="Sessions of each path.")] = 4284,
    seed: Seed = None,
    threads: Threads = None,
    workers: Workers = None,
    cluster: Cluster = None,
    settings: Settings = None,
    results: Results = None,
    as_json: AsJson = False,
) -> None:
    """Print how many facts lie inside the real intervals: the market, it without its parts, and rival models."""
    from flowsim.facts import score as scoring

    with show_progress("simulating markets") as progress:
        table = scoring.score(
            config_from(config, settings, days),
            paths,
            seed=seed,
            threads=threads,
            workers=workers,
            cluster=cluster,
            progress=progress,
            results=results,
        )
    if as_json:
        print_json(table.as_dict())
    else:
        print(table.as_markdown())


def facts(
    run_folder: Annotated[Path | None, typer.Argument(metavar="RUN", help="Folder of a run.")] = None,
    prices: Annotated[Path | None, typer.Option("--prices", help="File of daily closes: CSV, Parquet, Excel.")] = None,
    columns: ColumnNames = None,
    trust_data: TrustData = False,
    vol: VolFiles = None,
    asset: AssetName = None,
    futures: Annotated[
        Path | None, typer.Option("--futures", help="File of VIX futures, M1 to M8 by date: prints their facts.")
    ] = None,
    resamples: Annotated[
        int, typer.Option("--resamples", min=100, help="With a file: resamples of the bootstrap.")
    ] = 2000,
    seed: Annotated[int, typer.Option("--seed", help="With a file: key of the bootstrap.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Print the stylized facts of a run or of real closes, beside those of the S&P 500 and the VIX, and the score."""
    from flowsim.facts.fact_table import facts_of_market, facts_of_prices, facts_of_run
    from flowsim.run.run import Run

    if futures is not None and run_folder is not None:
        raise InputError(f"--futures {futures} is a real market, and facts are of one: leave out the folder of a run")
    if asset is not None and run_folder is None:
        raise InputError(f"--asset {asset} is a market of a run: name its folder")
    if futures is None and asset in (None, LEAD) and (run_folder is None) == (prices is None):
        raise InputError(
            "facts are of a run or of a file: name the folder of a run, or --prices FILE, or --futures FILE"
        )
    if run_folder is not None and vol:
        raise InputError(f"--vol {vol[0]} goes with --prices; a run has volatility indices of its own")
    names = columns_from(columns, prices=prices is not None, volatility=bool(vol))
    if futures is not None:
        from flowsim.facts.futures_table import facts_of_futures

        known, real = prices_from(prices, names, trust_data), volatility_from(vol, names, trust_data)
        with show_progress("resampling") as progress:
            table = facts_of_futures(
                futures, real, known, resamples=resamples, seed=seed, progress=progress, trust_data=trust_data
            )
    elif run_folder is not None and asset not in (None, LEAD):
        known, market = prices_from(prices, names, trust_data), Run(run_folder).of_market(str(asset))
        with show_progress("resampling") as progress:
            table = facts_of_market(market, known, resamples=resamples, seed=seed, progress=progress)
    elif run_folder is not None:
        table = facts_of_run(Run(run_folder))
    else:
        known, real = prices_from(prices, names, trust_data), volatility_from(vol, names, trust_data)
        with show_progress("resampling") as progress:
            table = facts_of_prices(known, real, resamples=resamples, seed=seed, progress=progress)
    if as_json:
        print_json(table.as_dict())
    else:
        print(as_options(table.as_markdown()))
