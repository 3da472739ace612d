"""Commands of many arms: sweep, status and table of what it leaves, and compare."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from flowsim.cli.arguments import AsJson, Cluster, ColumnNames, PricesFile, Settings, Threads, TrustData, Workers
from flowsim.cli.inputs import columns_from, prices_from
from flowsim.cli.output import next_folder, print_json, show_progress
from flowsim.errors import InputError, RunError

SweepFolder = Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder of a sweep.")]


def _examples() -> list[str]:
    """Return what a shell may complete a sweep to; it adds files by itself."""
    from flowsim.sweeps.file import examples

    return list(examples())


def sweep(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="SWEEP.toml", help="File of the sweep, or a name: thin_depth.", autocompletion=_examples
        ),
    ],
    paths: Annotated[
        int | None, typer.Option("--paths", "--n-paths", min=2, help="Paths of each arm and seed, not the file's.")
    ] = None,
    seeds: Annotated[str | None, typer.Option("--seeds", metavar="N,N", help="Seeds, instead of the file's.")] = None,
    settings: Settings = None,
    prices: PricesFile = None,
    columns: ColumnNames = None,
    trust_data: TrustData = False,
    threads: Threads = None,
    workers: Workers = None,
    cluster: Cluster = None,
    shard: Annotated[
        str | None, typer.Option("--shard", metavar="N/ALL", help="A part of the work, 3/16; all take the same --out.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder of the sweep; runs/NAME-N by default.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with an unfinished sweep in --out.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what it would take, by a block that is timed, and stop.")
    ] = False,
    picture: Annotated[bool, typer.Option(help="Leave a picture of the first outcome in the folder.")] = True,
    as_json: AsJson = False,
) -> None:
    """Simulate many arms of one market on the same news and noise, and print what they do to it."""
    from flowsim.sweeps.estimate import estimated
    from flowsim.sweeps.plan import planned
    from flowsim.sweeps.sweep import sweep as run_sweep

    known = prices_from(prices, columns_from(columns, prices=prices is not None), trust_data)
    chosen = _numbers(seeds)
    if dry_run:
        with show_progress("resolving arms") as told:
            plan = planned(file, n_paths=paths, seeds=chosen, prices=known, overrides=settings or [], tell=told)
        estimate = estimated(plan)
        print_json(estimate.as_dict()) if as_json else print(estimate.as_text())
        return
    folder = out or next_folder(Path("runs"), file.stem)
    if out is None and (resume or shard):
        raise InputError("--out: name the folder, which a sweep that goes on, or is shared, needs")
    try:
        with show_progress("sweeping") as progress:
            found = run_sweep(
                file,
                n_paths=paths,
                seeds=chosen,
                prices=known,
                overrides=settings or [],
                out=folder,
                resume=resume,
                threads=threads,
                workers=workers,
                cluster=cluster,
                shard=shard,
                progress=progress,
                announce=lambda sentence: print(f"flowsim: {sentence}", file=sys.stderr),
                command=sys.argv[1:],
            )
    except KeyboardInterrupt:
        raise RunError(
            f"interrupted; finished blocks are kept, go on with the same command, --out {folder} and --resume"
        ) from None
    drawn = None
    if picture and found.done:
        from flowsim.plot import save, sweep_picture

        drawn = folder / "sweep.png"
        save(sweep_picture(found), drawn)
    if as_json:
        print_json({"label": found.label, "digest": found.info.get("digest"), "broken": found.broken,
                    "table": found.table().to_dicts()})  # fmt: skip
        return
    if not found.done:
        print(f"shard {shard} of {found.label} is done; when all are, the last one or --resume without --shard ends it")
        return
    print(found.as_markdown())
    print(f"\nsweep: {folder}" + (f"\npicture: {drawn}" if drawn else ""))


def status(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder of a sweep or a run.")],
    as_json: AsJson = False,
) -> None:
    """Print how far a sweep or a run is, while it is under way or after."""
    from flowsim.sweeps.status import as_text
    from flowsim.sweeps.status import status as status_of

    found = status_of(folder)
    print_json(found) if as_json else print(as_text(found))


def table(
    folder: Annotated[Path | None, typer.Argument(metavar="FOLDER", help="Folder of a sweep.")] = None,
    outcomes: Annotated[list[str] | None, typer.Argument(metavar="OUTCOME", help="Outcomes; all by default.")] = None,
    against: Annotated[
        str | None, typer.Option("--against", metavar="ARM", help="Hold the others against this arm.")
    ] = None,
    known: Annotated[bool, typer.Option("--list", help="List every outcome there is, and stop.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print all arms and numbers as CSV.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print outcomes of a sweep by arm, with paired differences and intervals; also of one that is not finished."""
    from flowsim.sweeps.found import Sweep
    from flowsim.sweeps.outcomes import described_names

    if known:
        named = described_names()
        width = max(map(len, named))
        for name, (unit, meaning) in named.items():
            print(f"{name:<{width}}  {meaning}" + (f", {unit}" if unit else ""))
        return
    if folder is None:
        raise InputError("table: name the folder of a sweep, or --list")
    found = Sweep(folder)
    if as_json:
        print_json(found.table(*(outcomes or ()), against=against).to_dicts())
    elif as_csv:
        print(found.table(*(outcomes or ()), against=against).write_csv(), end="")
    else:
        print(found.as_markdown(*(outcomes or ()), against=against))


def compare(
    first: Annotated[str, typer.Argument(metavar="A", help="Folder of a run, or an arm of a sweep as FOLDER:ARM.")],
    second: Annotated[str, typer.Argument(metavar="B", help="The same of what is held against it.")],
    out: Annotated[Path | None, typer.Option("--out", help="PNG, SVG or PDF file with both over each other.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print what two runs or arms differ in, path by path where they saw the same news, with intervals."""
    from flowsim.sweeps.compare import compare as compare_both

    found = compare_both(first, second)
    if out is not None:
        from flowsim.plot import comparison_picture, save

        save(comparison_picture(found), out)
    print_json(found.as_dict()) if as_json else print(found.as_markdown())
    if out is not None and not as_json:
        print(f"\npicture: {out}")


def _numbers(text: str | None) -> list[int] | None:
    if text is None:
        return None
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise InputError(f"--seeds {text}: write whole numbers with commas between them, such as 1,2,3") from None
