"""The command that puts the document's claims to the test: claims."""

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
    Seed,
    Settings,
    Threads,
    TrustData,
    VolFiles,
    Workers,
)
from flowsim.cli.inputs import columns_from, prices_from, volatility_from
from flowsim.cli.output import config_from, next_folder, print_json, show_progress
from flowsim.errors import InputError, RunError


def claims(
    config: ConfigArgument = "us_equity",
    paths: Annotated[
        int,
        typer.Option(
            "--paths", "--n-paths", min=12, help="Paths with options; experiments without take more. 64: a quick look."
        ),
    ] = 192,
    only: Annotated[
        str, typer.Option("--only", metavar="N,N", help="Numbers of the claims to try; 1a and 1b are parts of 1.")
    ] = "",
    seed: Seed = None,
    threads: Threads = None,
    workers: Workers = None,
    cluster: Cluster = None,
    settings: Settings = None,
    prices: PricesFile = None,
    columns: ColumnNames = None,
    vol: VolFiles = None,
    trust_data: TrustData = False,
    out: Annotated[Path | None, typer.Option("--out", help="Folder of the report; runs/claims-N by default.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the unfinished claims in --out.")] = False,
    as_json: AsJson = False,
) -> None:
    """Try seven claims of an essay, and write a report with verdicts, maps and pictures.

    The essay is arndxt's, on AI as the only engine of growth, late 2025. With a config that has the macro layer, such
    as us_macro, six more are about it: `flowsim claims us_macro --only 8,9,10,11,12,13`.
    """
    from flowsim.experiments import runner
    from flowsim.report.claims import as_text, write

    loaded = config_from(config, settings, None)
    folder = out or next_folder(Path("runs"), "claims")
    if resume and out is None:
        raise InputError("--resume: name the folder to go on with by --out")
    names = columns_from(columns, prices=prices is not None, volatility=bool(vol))
    try:
        with show_progress("trying claims") as progress:
            found = runner.claims(
                loaded,
                paths,
                only=[one for one in only.split(",") if one.strip()],
                seed=seed,
                # A file whose columns need no names is read there, with its highs and lows.
                prices=prices_from(prices, names, trust_data) if names.prices else prices,
                volatility=volatility_from(vol, names, trust_data),
                out=folder,
                threads=threads,
                workers=workers,
                cluster=cluster,
                resume=resume,
                trust_data=trust_data,
                progress=progress,
                announce=lambda sentence: print(f"flowsim: {sentence}", file=sys.stderr),
            )
    except KeyboardInterrupt:
        raise RunError(
            f"interrupted; finished claims are kept, go on with the same command, --out {folder} and --resume"
        ) from None
    report = write(found, folder)
    if as_json:
        print_json(found.as_dict())
        return
    print(as_text(found))
    print(f"report: {report}")
