"""The command that asks what replayed flows say of the next real day: evidence."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flowsim.cli.arguments import (
    AsJson,
    ColumnNames,
    ConfigArgument,
    PricesFile,
    Settings,
    TrustData,
    VolFiles,
)
from flowsim.cli.inputs import columns_from, prices_from, volatility_from
from flowsim.cli.output import config_from, print_json


def evidence(
    config: ConfigArgument,
    prices: PricesFile = None,
    columns: ColumnNames = None,
    trust_data: TrustData = False,
    vol: VolFiles = None,
    first: Annotated[str | None, typer.Option("--from", "--first", metavar="DATE", help="First day.")] = None,
    last: Annotated[str | None, typer.Option("--to", "--last", metavar="DATE", help="Last day.")] = None,
    placebos: Annotated[
        int, typer.Option("--placebos", min=19, help="Circular shifts of each regressor to set beside it.")
    ] = 199,
    seed: Annotated[int, typer.Option("--seed", help="Of the shifts.")] = 1,
    settings: Settings = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for table and picture; none by default.")] = None,
    as_json: AsJson = False,
) -> None:
    """Ask whether flows and gamma that are known at a close say anything of the next real day."""
    from flowsim.cli.history import as_text, write_tables
    from flowsim.data.ranges import read_ranges
    from flowsim.econometrics.evidence import evidence_of
    from flowsim.history.replay import replay

    names = columns_from(columns, prices=prices is not None, volatility=bool(vol))
    known, real = prices_from(prices, names, trust_data), volatility_from(vol, names, trust_data)
    replayed = replay(config_from(config, settings, None), known, volatility=real, first=first, last=last)
    ranges = read_ranges(prices, names.prices.get("date"))
    found = evidence_of(replayed, ranges, placebos=placebos, seed=seed)
    if out is not None:
        from flowsim.plot.evidence import evidence_picture
        from flowsim.plot.saving import save

        write_tables(out, found.tables)
        save(evidence_picture(found), out / "evidence.png")
    if as_json:
        print_json({"label": found.label, "has_range": found.has_range, "evidence": found.table.to_dicts()})
        return
    print(f"{found.label}\n")
    print(as_text(found.summary))
    print("\nBeyond size of a day, week and month, VIX, past returns and drawdown; law: what the law of impact says.")
    if out is not None:
        print(f"\ntable and picture: {out}")
