"""The command line: parse, call, print. Everything it does is a function that Python can call too."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flowsim.errors import ConfigError, FlowsimError, InputError, RunError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowsim.config import Config
    from flowsim.simulation import Progress

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Simulate a market driven by systematic flows.",
)
config_app = typer.Typer(no_args_is_help=True, help="Check, resolve and describe configurations.")
app.add_typer(config_app, name="config")

ConfigArgument = Annotated[str, typer.Argument(help="Built-in name (us_equity, plain) or path of a TOML file.")]
Paths = Annotated[int, typer.Option("--paths", min=1, help="Number of paths.")]
Days = Annotated[int | None, typer.Option("--days", help="Sessions to simulate; time.days by default.")]
Seed = Annotated[int | None, typer.Option("--seed", help="Key of every random stream; the config's own by default.")]
Threads = Annotated[
    int | None, typer.Option("--threads", min=1, help="Blocks at work at once; all processors by default.")
]
Settings = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Override a key of the config; may be repeated.")
]
PricesFile = Annotated[Path | None, typer.Option("--prices", help="CSV or Parquet file of daily closes to start from.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout, and nothing else there.")]


@app.command()
def run(
    config: ConfigArgument,
    paths: Paths = 256,
    days: Days = None,
    seed: Seed = None,
    threads: Threads = None,
    settings: Settings = None,
    prices: PricesFile = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder of the run; runs/NAME-N by default.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with an unfinished run in --out.")] = False,
    picture: Annotated[bool, typer.Option(help="Leave overview.png in the run's folder.")] = True,
    as_json: AsJson = False,
) -> None:
    """Simulate a market and write its tables, its manifest and a picture."""
    from flowsim.simulation import simulate

    loaded = _config(config, settings, days)
    folder = out or _next_folder(Path("runs"), Path(config).stem)
    if resume and out is None:
        raise InputError("--resume: name the run to go on with by --out")
    try:
        with _progress("simulating") as progress:
            result = simulate(
                loaded,
                paths,
                seed=seed,
                prices=_prices(prices),
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
        _draw(result, "overview", folder / "overview.png", None)
    if as_json:
        _print_json(result.info)
        return
    rows = sum(table["rows"] for table in result.info["tables"].values())
    print(f"{result.label}: {rows:,} rows in {folder} ({result.info['seconds']:.1f} s)")
    if drawn:
        print(f"picture: {folder / 'overview.png'}")


@app.command()
def plot(
    run_folder: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a run.")],
    picture: Annotated[
        str,
        typer.Argument(
            help="overview, paths, flows, attribution, positions, term-structure, inversion, gamma, hedging or facts."
        ),
    ] = "overview",
    path: Annotated[int | None, typer.Option("--path", help="Show one path instead of all.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="PNG, SVG or PDF file; RUN/PICTURE.png by default.")] = None,
) -> None:
    """Draw a picture of a run."""
    from flowsim.run.run import Run

    file = out or run_folder / f"{picture}.png"
    _draw(Run(run_folder), picture, file, path)
    print(file)


@app.command()
def ablate(
    config: ConfigArgument = "us_equity",
    paths: Paths = 64,
    days: Annotated[int, typer.Option("--days", min=252, help="Sessions of each path.")] = 2520,
    seed: Seed = None,
    threads: Threads = None,
    settings: Settings = None,
    as_json: AsJson = False,
) -> None:
    """Print what the market loses when each systematic population, or the liquidity feedback, is switched off."""
    from flowsim.analysis import ablation

    with _progress("simulating arms") as progress:
        table = ablation.ablate(_config(config, settings, days), paths, seed=seed, threads=threads, progress=progress)
    if as_json:
        _print_json(table.as_dict())
    else:
        print(table.as_markdown())


@app.command()
def facts(
    run_folder: Annotated[Path | None, typer.Argument(metavar="RUN", help="Folder of a run.")] = None,
    prices: Annotated[Path | None, typer.Option("--prices", help="CSV or Parquet file of daily closes.")] = None,
    vol: Annotated[
        Path | None, typer.Option("--vol", help="With --prices: file of date, VIX, VIX9D, VIX3M and VIX6M.")
    ] = None,
    resamples: Annotated[
        int, typer.Option("--resamples", min=100, help="With --prices: resamples of the bootstrap.")
    ] = 2000,
    as_json: AsJson = False,
) -> None:
    """Print the stylized facts of a run or of real closes, beside those of the S&P 500 and the VIX, and the score."""
    from flowsim.analysis.fact_table import facts_of_prices, facts_of_run
    from flowsim.analysis.volatility_file import read_volatility
    from flowsim.run.run import Run

    if (run_folder is None) == (prices is None):
        raise InputError("facts are of a run or of a file of prices: name the folder of a run, or --prices FILE")
    if run_folder is not None and vol is not None:
        raise InputError(f"--vol {vol} goes with --prices; a run has volatility indices of its own")
    if run_folder is not None:
        table = facts_of_run(Run(run_folder))
    else:
        volatility = None if vol is None else read_volatility(vol)
        with _progress("resampling") as progress:
            table = facts_of_prices(_prices(prices), volatility, resamples=resamples, progress=progress)
    if as_json:
        _print_json(table.as_dict())
    else:
        print(table.as_markdown())


@app.command()
def vix(
    chain: Annotated[Path, typer.Argument(metavar="CHAIN", help="CSV or Parquet file of SPX and SPXW quotes.")],
    index: Annotated[str, typer.Option("--index", help="VIX9D, VIX, VIX3M, VIX6M or VIX1Y.")] = "VIX",
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="TIME", help="When quoted, New York time: 'YYYY-MM-DD HH:MM'.")
    ] = None,
    rate: Annotated[
        str, typer.Option("--rate", metavar="PCT or NEAR,NEXT", help="Interest rate in % a year, continuous.")
    ] = "0",
    minutes: Annotated[
        str | None, typer.Option("--minutes", metavar="NEAR,NEXT", help="To settlement, for a chain by term.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compute an index of the VIX family from a chain of option quotes, by Cboe's published method."""
    from flowsim.options.vix import vix as volatility_index

    result = volatility_index(
        chain,
        index,
        as_of=as_of,
        rate_pct=_near_and_next(rate, "--rate"),
        minutes=None if minutes is None else _near_and_next(minutes, "--minutes"),
    )
    for note in result.notes:
        print(f"flowsim: {note}", file=sys.stderr)
    if as_json:
        _print_json(result.as_dict())
    else:
        print(result.as_text())


@app.command()
def bench(as_json: AsJson = False) -> None:
    """Measure the engine against C, and what starting costs; takes some minutes."""
    from flowsim import bench as benchmarks

    figures = benchmarks.run()
    if as_json:
        _print_json(figures)
    else:
        print(benchmarks.as_text(figures))


@app.command()
def warmup() -> None:
    """Compile everything that the built-in strategies need, so that the next start is quick."""
    from flowsim.config import load
    from flowsim.kernel.rule_kernel import block_kernel
    from flowsim.market.prepare import prepare
    from flowsim.strategy import discover

    strategies = discover()
    for strategy in strategies.values():
        block_kernel(strategy)
    prepare(load("us_equity", ["time.days=1"]))
    from flowsim.kernel.jit import kernel_cache

    print(f"{len(strategies)} strategies and the engine are compiled in {kernel_cache()}")


@config_app.command("check")
def config_check(
    file: ConfigArgument,
    settings: Settings = None,
) -> None:
    """Say whether a config is fine; every fault is one line, and the exit status is then 1."""
    from flowsim.config import load

    try:
        checked = load(file, settings or [])
    except ConfigError as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        raise typer.Exit(1) from None
    populations = len(checked.population)
    print(f"{file}: fine ({populations} populations, {checked.time.days} days from {checked.time.start})")


@config_app.command("resolve")
def config_resolve(file: ConfigArgument, settings: Settings = None, as_json: AsJson = False) -> None:
    """Print a config with everything that it extends and every override in place."""
    loaded = _config(file, settings, None)
    if as_json:
        _print_json(loaded.resolved())
    else:
        print(loaded.to_toml(), end="")


@config_app.command("schema")
def config_schema(
    reference: Annotated[bool, typer.Option("--reference", help="Print the reference as Markdown instead.")] = False,
) -> None:
    """Print the JSON Schema of a config, with unit, bounds and source of every key."""
    from flowsim import config as room

    if reference:
        print(room.reference())
    else:
        _print_json(room.json_schema())


def main() -> None:
    """Run the command line; bad input ends with one message and the exit status of its kind, never a traceback."""
    try:
        app()
    except FlowsimError as error:
        print(f"flowsim: {error}", file=sys.stderr)
        sys.exit(error.exit_code)


def _config(source: str, settings: list[str] | None, days: int | None) -> Config:
    from flowsim.config import load

    return load(source, [*(settings or []), *([f"time.days={days}"] if days is not None else [])])


def _near_and_next(text: str, option: str) -> tuple[float, float]:
    """Return the two numbers of an option, the same twice if one is given."""
    words = text.split(",")
    try:
        near, next_ = map(float, words * 2 if len(words) == 1 else words)
    except ValueError:
        raise InputError(f"{option} {text} is not a number, nor two for near and next with a comma between") from None
    return near, next_


def _prices(file: Path | None) -> Any:
    from flowsim.prices import read_prices

    return None if file is None else read_prices(file)


def _next_folder(parent: Path, name: str) -> Path:
    number = 1
    while (parent / f"{name}-{number}").exists():
        number += 1
    return parent / f"{name}-{number}"


def _draw(result: Any, picture: str, file: Path, path: int | None) -> None:
    from flowsim import plot as room

    if picture not in room.PICTURES:
        raise InputError(f"no picture is named {picture!r}; choose one of {', '.join(room.PICTURES)}")
    figure = room.PICTURES[picture](result, **({} if path is None else {"path": path}))
    room.save(figure, file)


def _print_json(document: Any) -> None:
    print(json.dumps(document, indent=2, default=str))


@contextmanager
def _progress(what: str) -> Iterator[Progress | None]:
    """Show a bar with an estimate on a terminal; say nothing in a pipe."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
