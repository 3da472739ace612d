"""Commands about the macro layer: macro list, run, channels, sources, history."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flowsim.cli.arguments import AsJson, ColumnNames, PricesFile, Seed, Settings, Threads, TrustData
from flowsim.cli.inputs import columns_from, prices_from
from flowsim.cli.output import config_from, next_folder, print_described, print_json, show_progress

if TYPE_CHECKING:
    from flowsim.macro.alone import MacroRun

ROWS = (
    ("output", "output_bn", "bn a quarter"),
    ("capital spending of builders", "capex_bn", "bn a quarter"),
    ("revenue of AI services", "revenue_bn", "bn a quarter"),
    ("buybacks of builders", "buybacks_bn", "bn a quarter"),
    ("debt of builders", "builder_debt_bn", "bn"),
    ("debt of vehicles", "vehicle_debt_bn", "bn"),
    ("spread of vehicles", "vehicle_spread_bp", "bp"),
    ("capital of lenders", "lender_capital_pct", "% of assets"),
    ("capacity that waits for power", "queue_gw", "GW"),
    ("labor share", "labor_share_pct", "% of output"),
    ("deficit", "deficit_bn", "bn a quarter"),
    ("reserves", "reserves_bn", "bn"),
)
"""What `macro run` prints of a path: words, column, unit."""


def scenarios() -> list[str]:
    """Return what a shell may complete a scenario to."""
    from flowsim.macro.scenario import built_in

    return list(built_in())


ScenarioArgument = Annotated[
    str,
    typer.Argument(help="Built-in name (`flowsim macro list`) or path of a TOML file.", autocompletion=scenarios),
]


def list_(as_json: AsJson = False) -> None:
    """Print every built-in scenario: its name, and what it says it is."""
    from flowsim.macro.scenario import built_in, load_scenario

    print_described({name: load_scenario(name).description for name in built_in()}, as_json=as_json)


def run(
    scenario: ScenarioArgument = "baseline",
    paths: Annotated[int, typer.Option("--paths", "--n-paths", min=1, help="Number of paths.")] = 256,
    quarters: Annotated[int, typer.Option("--quarters", min=1, help="Quarters from 2026Q3.")] = 22,
    seed: Seed = 1,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", "--overrides", metavar="KEY=NUMBER", help="Set a number of the layer; may be repeated."),
    ] = None,
    given: Annotated[
        Path | None, typer.Option("--given", help="Folder of filings: start in 2019Q1 and live through them.")
    ] = None,
    shocks: Annotated[bool, typer.Option(help="Draw shocks; without them all paths are one.")] = True,
    accounts: Annotated[bool, typer.Option("--accounts", help="Keep every payment, in a table of its own.")] = False,
    out: Annotated[Path | None, typer.Option("--out", help="Folder of the run; runs/macro-NAME-N by default.")] = None,
    picture: Annotated[bool, typer.Option(help="Leave pictures in the run's folder.")] = True,
    as_json: AsJson = False,
) -> None:
    """Run the macro layer alone: who builds, who pays, who owes, and what it does to output and income."""
    from flowsim.macro.alone import macro_run

    folder = out or next_folder(Path("runs"), f"macro-{Path(scenario).stem}")
    found = macro_run(
        scenario,
        paths,
        quarters=quarters,
        seed=1 if seed is None else seed,
        overrides=settings or (),
        given=given,
        shocks=shocks,
        accounts=accounts,
        out=folder,
    )
    if picture:
        _draw(found, folder)
    summary = _summary(found)
    if as_json:
        print_json({"label": found.label, "description": found.description, "folder": folder, "summary": summary})
        return
    print(f"{found.label}: {found.description}\n")
    print(f"{'median of the paths':<32}" + "".join(f"{quarter:>12}" for quarter in summary))
    for words, column, unit in ROWS:
        values = "".join(f"{values[column]:>12,.1f}" for values in summary.values())
        print(f"{words:<32}{values}  {unit}")
    print(f"\nbooks closed in every quarter of every path\ntables{' and pictures' if picture else ''}: {folder}")


def channels(
    scenario: ScenarioArgument,
    config: Annotated[str, typer.Option("--config", help="Config with a table macro.")] = "us_macro",
    paths: Annotated[int, typer.Option("--paths", "--n-paths", min=2, help="Number of paths.")] = 256,
    days: Annotated[int, typer.Option("--days", min=2, max=504, help="Sessions of each run.")] = 504,
    seed: Seed = None,
    threads: Threads = None,
    settings: Settings = None,
    prices: PricesFile = None,
    columns: ColumnNames = None,
    trust_data: TrustData = False,
    out: Annotated[Path | None, typer.Option("--out", help="Folder; runs/channels-NAME-N by default.")] = None,
    as_json: AsJson = False,
) -> None:
    """Tell by which channel a scenario reaches the index: news, buybacks, saving, share sales, liquidity, fear."""
    from flowsim.experiments.macro_channels import macro_channels
    from flowsim.macro.alone import write_tables
    from flowsim.plot.macro_channels import channels as draw
    from flowsim.plot.saving import save

    folder = out or next_folder(Path("runs"), f"channels-{Path(scenario).stem}")
    names = columns_from(columns, prices=prices is not None, volatility=False)
    with show_progress("telling channels") as progress:
        found = macro_channels(
            scenario,
            paths,
            config=config_from(config, settings, None),
            days=days,
            seed=seed,
            prices=prices_from(prices, names, trust_data),
            threads=threads,
            progress=progress,
            trust_data=trust_data,
        )
    write_tables({"macro_channels": found.table}, folder)
    save(draw(found), folder / "channels.png")
    if as_json:
        print_json({"label": found.label, "folder": folder, "channels": found.table.to_dicts()})
        return
    print(f"{found.label}: {found.description}\n")
    for (sessions,), rows in found.table.group_by("sessions", maintain_order=True):
        print(f"after {sessions} sessions, % of the index, beside {rows['noise_pct'][0]:.1f} of noise (one s. d.)")
        for row in rows.iter_rows(named=True):
            print(
                f"  {row['channel']:<24}{row['effect_pct']:>+8.2f}  ({row['low_pct']:+.2f} to {row['high_pct']:+.2f})"
            )
    print(f"\ntable and picture: {folder}")


def _draw(found: MacroRun, folder: Path) -> None:
    from flowsim.plot.macro import macro_pictures
    from flowsim.plot.saving import save

    for name, figure in macro_pictures(found).items():
        save(figure, folder / f"{name}.png")


def _summary(found: MacroRun) -> dict[str, dict[str, float]]:
    """Return medians over paths of the first quarter, of the last, and of up to three between, by quarter."""
    import polars as pl

    every = found.quarters
    step = max(1, (len(every) - 1) // 4)
    shown = list(dict.fromkeys([*every[:-1:step][:4], every[-1]]))
    table = found.tables["macro"].filter(pl.col("quarter").is_in(shown))
    medians = table.group_by("quarter", maintain_order=True).agg(pl.col([column for _, column, _ in ROWS]).median())
    return {row.pop("quarter"): row for row in medians.iter_rows(named=True)}


def sources(
    status: Annotated[str | None, typer.Option("--status", help="Only filed, published, derived, or choice.")] = None,
    scan: Annotated[bool, typer.Option("--scan", help="Run each choice at both ends of its range.")] = False,
    scenario: Annotated[str, typer.Option("--scenario", help="With --scan: the scenario to run.")] = "baseline",
    as_json: AsJson = False,
) -> None:
    """Print every number of the layer with its range, status, date and source, or what turns on the choices."""
    from flowsim.macro import sources as of

    if scan:
        with show_progress("scanning") as progress:
            table = of.scanned_choices(scenario, progress=progress)
        if as_json:
            print_json(table.to_dicts())
            return
        print(f"{'from low to high end of the range':<44}" + "".join(f"{name:>17}" for name in of.OUTCOMES))
        for row in table.iter_rows(named=True):
            ends = f"{row['key']}: {row['low']:g} to {row['high']:g}"
            print(f"{ends:<44}" + "".join(_change(row[name]) for name in of.OUTCOMES))
        return
    table = of.sources(status)
    if as_json:
        print_json(table.to_dicts())
        return
    for row in table.iter_rows(named=True):
        place = f"{row['key']} from {row['from']}" if row["from"] else row["key"]
        span = "" if row["low"] is None else f" ({row['low']:g} to {row['high']:g})"
        known = ", ".join(filter(None, (row["as_of"], row["source"] or "ours")))
        print(f"{row['status']:<10}{place} = {row['value']:g} {row['unit']}{span}: {row['meaning']}; {known}")
    counts = table.group_by("status", maintain_order=True).len()
    print("\n" + ", ".join(f"{count} {status}" for status, count in counts.iter_rows()))


def _change(value: float | None) -> str:
    return f"{'no start':>17}" if value is None else f"{value:>+17,.2f}"


def history(
    given: Annotated[Path, typer.Option("--given", help="Folder of filings.")],
    as_json: AsJson = False,
) -> None:
    """Live through 2019 to 2026 on filed spending, and print what comes out beside what was filed and published."""
    from flowsim.macro.history import figures

    found = figures(given)
    if as_json:
        print_json([one._asdict() for one in found])
        return
    print(f"{'':<52}{'layer':>8}{'real':>8}  {'range':<16}{'':<10}source")
    for one in found:
        real = "" if one.real is None else f"{one.real:,.2f}"
        span = "as it comes" if one.low is None else f"{one.low:,.2f} to {one.high:,.2f}"
        print(f"{one.name:<52}{one.value:>8,.2f}{real:>8}  {span:<16}{one.verdict:<10}{one.source}")
