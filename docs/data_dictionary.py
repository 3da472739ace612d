"""Write docs/data-dictionary.md: every table and column, from where the code declares them.

`python docs/data_dictionary.py` writes it anew; tests/docs/test_data_dictionary.py fails when it is out of date.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from flowsim.econometrics.columns import EVIDENCE_TABLES
from flowsim.economy.rows import SHOWN
from flowsim.experiments.macro_channels import CHANNELS_TABLE
from flowsim.files.columns import Table
from flowsim.forecasts.columns import BACKTEST_TABLES
from flowsim.history.columns import ATTRIBUTION_TABLES, OUTLOOK_TABLES, REPLAY_TABLES
from flowsim.macro.columns import MACRO_TABLES
from flowsim.report.columns import CLAIM_TABLES
from flowsim.run.columns import (
    AFTERWARDS_TABLE,
    HISTORY_TABLE,
    RUN_TABLES,
    VIX_FUTURES_TABLE,
    VIX_PRODUCTS_TABLE,
    index_columns,
)
from flowsim.sweeps.columns import SWEEP_TABLES

PAGE = Path(__file__).resolve().parent / "data-dictionary.md"

HEAD = """\
# Data dictionary

Every table that flowsim writes, made from the declarations in the code by `python docs/data_dictionary.py`. Amounts in
USD bn are at the index level of the start date ([units](units.md)), and positive is bought or long. Returns are log
returns. A `name` is text, in Parquet a dictionary; a "vol point" is one percent a year. Where a column says what
positive means, a negative number is the opposite.
"""


def sections() -> Iterator[tuple[str, str, list[Table]]]:
    """Yield title, introduction and tables of each section."""
    of_subsystems = {one.name: one for one in (VIX_FUTURES_TABLE, VIX_PRODUCTS_TABLE)}
    of_a_run = RUN_TABLES | of_subsystems
    run = [one._replace(columns=(*index_columns(name, by_bar=True), *one.columns)) for name, one in of_a_run.items()]
    yield (
        "Tables of a run",
        "`flowsim run` and `fs.simulate` write each as a folder of Parquet files, one for each block of 64 paths;"
        " `record.tables` chooses. Rows run by date, then bar, then name, then path.",
        [*run, _economy_table(), HISTORY_TABLE, AFTERWARDS_TABLE],
    )
    yield (
        "Tables of a replay",
        "`flowsim replay --out FOLDER` writes each as Parquet and CSV; `fs.replay(...).tables` holds polars frames.",
        list(REPLAY_TABLES),
    )
    yield (
        "Tables of an attribution",
        "`flowsim replay --attribute --out FOLDER` writes them beside those of the replay; `replay.attribute().tables`"
        " has them as polars frames.",
        list(ATTRIBUTION_TABLES),
    )
    yield (
        "Table of the evidence",
        "`flowsim evidence --out FOLDER` writes it as Parquet and CSV; `fs.evidence(...).table` has it as a polars"
        " frame.",
        list(EVIDENCE_TABLES),
    )
    yield (
        "Tables of a forward test",
        "`flowsim backtest --out FOLDER` writes each as Parquet and CSV; `fs.backtest(...).tables` has them as polars"
        " frames.",
        list(BACKTEST_TABLES),
    )
    yield (
        "Tables of an outlook",
        "`flowsim outlook --out FOLDER` writes each as Parquet and CSV; `fs.outlook(...).tables` has them as polars"
        " frames. An empty table is left out.",
        list(OUTLOOK_TABLES),
    )
    yield (
        "Tables of the claims",
        "`flowsim claims --out FOLDER` writes each as Parquet and CSV beside `report.html`.",
        list(CLAIM_TABLES),
    )
    yield (
        "Tables of a sweep",
        "`flowsim sweep` writes arms and outcomes as Parquet; `found.arms` and `found.outcomes` have them as polars"
        " frames, `found.table()` and `flowsim table --csv` the third.",
        list(SWEEP_TABLES),
    )
    yield (
        "Tables of the macro layer",
        "`flowsim macro run` writes each as Parquet; `fs.macro_run(...).tables` has them as polars frames. The last is"
        " that of `flowsim macro channels`, `fs.macro_channels(...).table`.",
        [*MACRO_TABLES, CHANNELS_TABLE],
    )


def _economy_table() -> Table:
    """Return the table of what the macro layer shows a market, which only a config with a table `macro` has."""
    columns = (*index_columns("market", by_bar=True), *SHOWN)
    return Table("economy", "date, bar and path", columns, "Only where the config has a table `macro`.")


def page() -> str:
    """Return the page."""
    lines = [HEAD]
    for title, introduction, tables in sections():
        lines += [f"## {title}", "", introduction, "", *(line for one in tables for line in one.markdown())]
    return "\n".join(lines)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(PAGE)
