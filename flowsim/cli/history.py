"""Commands that stand on the real path of the market: replay, outlook."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flowsim.cli.arguments import (
    AsJson,
    AssetName,
    ColumnNames,
    ConfigArgument,
    PricesFile,
    Seed,
    Settings,
    Threads,
    TrustData,
    VolFiles,
)
from flowsim.cli.inputs import columns_from, prices_from, volatility_from
from flowsim.cli.output import config_from, print_json, show_progress
from flowsim.config.asset import LEAD
from flowsim.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl


def replay(
    config: ConfigArgument,
    prices: PricesFile = None,
    columns: ColumnNames = None,
    trust_data: TrustData = False,
    vol: VolFiles = None,
    first: Annotated[str | None, typer.Option("--from", "--first", metavar="DATE", help="First day to report.")] = None,
    last: Annotated[str | None, typer.Option("--to", "--last", metavar="DATE", help="Last day to report.")] = None,
    attribute: Annotated[
        bool, typer.Option("--attribute", help="Say whose move it was: what each systematic flow did to real closes.")
    ] = False,
    multipliers: Annotated[
        str, typer.Option("--multipliers", metavar="M,M", help="With --attribute: multipliers of the market to show.")
    ] = "3,5,8",
    episode: Annotated[
        list[str] | None,
        typer.Option(
            "--episode", "--episodes", metavar="DATE,DATE", help="With --attribute: the close before one, and its last."
        ),
    ] = None,
    asset: AssetName = None,
    settings: Settings = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for tables and pictures; none by default.")] = None,
    as_json: AsJson = False,
) -> None:
    """Let the rules live along real closes, and say what each population held and traded."""
    import time

    from flowsim.history.replay import replay as along

    began = time.process_time()
    names = columns_from(columns, prices=prices is not None, volatility=bool(vol))
    known, real = prices_from(prices, names, trust_data), volatility_from(vol, names, trust_data)
    loaded = config_from(config, settings, None)
    found = along(loaded, known, volatility=real, first=first, last=last, asset=asset or LEAD)
    whose = None
    if attribute:
        chosen = [one.split(",") for one in episode or ()]
        whose = found.attribute(multipliers=_numbers(multipliers, "--multipliers"), episodes=chosen)
    seconds = time.process_time() - began
    tables = found.tables | (whose.tables if whose is not None else {})
    if out is not None:
        from flowsim.plot.moves import attribution_pictures
        from flowsim.plot.replay import replay_pictures
        from flowsim.plot.saving import save

        write_tables(out, tables)
        for name, figure in (replay_pictures(found) | (attribution_pictures(whose) if whose else {})).items():
            save(figure, out / f"{name}.png")
    if as_json:
        print_json({"label": found.label} | {name: table.to_dicts() for name, table in tables.items()})
        return
    print(f"{found.label} ({found.market.height:,} sessions, {seconds:.1f} s of processor time)\n")
    print(as_text(found.summary))
    if found.fits.height:
        print("\nVIX family from past returns against the real closes:\n" + as_text(found.fits))
    if whose is not None:
        print("\n" + "\n\n".join(f"{title}:\n{as_text(table)}" for title, table in whose.told.items()))
    if out is not None:
        print(f"\ntables and pictures: {out}")


def outlook(
    config: ConfigArgument,
    prices: PricesFile = None,
    columns: ColumnNames = None,
    trust_data: TrustData = False,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="DATE", help="Session to look ahead from; the last by default.")
    ] = None,
    horizons: Annotated[str, typer.Option("--horizons", metavar="N,N", help="Sessions to look ahead.")] = "5,21",
    paths: Annotated[
        int, typer.Option("--paths", "--n-paths", min=2, help="Paths of each of the two simulations.")
    ] = 256,
    seed: Seed = None,
    threads: Threads = None,
    vol: VolFiles = None,
    chain: Annotated[
        Path | None, typer.Option("--chain", help="Option chain with open_interest, for dealers' gamma.")
    ] = None,
    quoted: Annotated[
        str | None,
        typer.Option("--quoted", metavar="TIME", help="When the chain was quoted, New York; 16:15 that day."),
    ] = None,
    rate: Annotated[float, typer.Option("--rate", "--rate-pct", help="With --chain: interest rate in % a year.")] = 0.0,
    sides: Annotated[
        str, typer.Option("--dealers", metavar="CALLS,PUTS", help="Dealers' side: 1 long, -1 short, or a part.")
    ] = "1,-1",
    settings: Settings = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for tables, pictures and the page.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say what the systematic players will do from a real close, at which levels, and what their flows add."""
    from flowsim.history.outlook import outlook as look
    from flowsim.history.outlook_words import words

    names = columns_from(columns, prices=prices is not None, volatility=bool(vol), chain=chain is not None)
    known = prices_from(prices, names, trust_data)
    loaded, gamma = config_from(config, settings, None), None
    if chain is not None:
        from flowsim.chain.open_interest import dealer_gamma

        calls, puts = _numbers(sides, "--dealers", 2)
        day = as_of if as_of is not None else (str(known.dates[-1]) if known is not None else None)
        time = quoted or (f"{day} 16:15" if day else None)
        gamma = dealer_gamma(
            chain, as_of=time, rate_pct=rate, calls=calls, puts=puts, columns=names.chain, trust_data=trust_data
        )
    with show_progress("simulating") as progress:
        found = look(
            loaded,
            known,
            as_of=as_of,
            horizons=whole_numbers(horizons, "--horizons"),
            n_paths=paths,
            seed=seed,
            volatility=volatility_from(vol, names, trust_data),
            gamma=gamma,
            threads=threads,
            progress=progress,
        )
    if out is not None:
        from flowsim.report.outlook import write_outlook

        write_tables(out, found.tables)
        write_outlook(found, out)
    if as_json:
        tables = {name: table.to_dicts() for name, table in found.tables.items()}
        print_json({"label": found.label, "as_of": found.as_of, "close": found.close, "words": words(found)} | tables)
        return
    print(f"{found.label}: index {found.close:,.2f}\n")
    print("\n".join(f"- {text}" for text in words(found)))
    if out is not None:
        print(f"\npage: {out / 'outlook.html'}")


def _numbers(text: str, option: str, count: int | None = None) -> list[float]:
    """Return numbers written with commas between."""
    try:
        found = [float(word) for word in text.split(",")]
    except ValueError:
        found = []
    if not found or (count is not None and len(found) != count):
        raise InputError(f"{option} {text} is not {count or 'one or more'} numbers with commas between")
    return found


def whole_numbers(text: str, option: str) -> list[int]:
    """Return whole numbers written with commas between."""
    found = _numbers(text, option)
    if not all(number.is_integer() for number in found):
        raise InputError(f"{option} {text}: give whole numbers of sessions with commas between")
    return [int(number) for number in found]


def write_tables(folder: Path, tables: Mapping[str, pl.DataFrame]) -> None:
    """Write each table as Parquet and CSV."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, table in tables.items():
            table.write_parquet(folder / f"{name}.parquet")
            table.write_csv(folder / f"{name}.csv")
    except OSError as error:
        raise InputError(f"{folder}: cannot be written ({error.strerror}); choose another --out") from None


def as_text(table: pl.DataFrame) -> str:
    """Return a table in columns of text, numbers with two decimals."""

    def shown(value: object) -> str:
        return "" if value is None else f"{value:,.2f}" if isinstance(value, float) else str(value)

    rows = [table.columns, *([shown(value) for value in row] for row in table.iter_rows())]
    widths = [max(len(row[place]) for row in rows) for place in range(len(table.columns))]
    first, *others = zip(*rows, strict=True)
    lines = [[word.ljust(widths[0]) for word in first]]
    lines += [[word.rjust(width) for word in column] for column, width in zip(others, widths[1:], strict=True)]
    return "\n".join("  ".join(line) for line in zip(*lines, strict=True))
