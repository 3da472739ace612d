"""The data dictionary is what the code declares, and what the code declares is what it writes."""

import re
import runpy
from pathlib import Path

import pytest

from flowsim.market.recording import MARKET_COLUMNS
from flowsim.options.arrays import GREEK_COLUMNS
from flowsim.options.record import VOLATILITY_COLUMNS
from flowsim.run.columns import RUN_TABLES

DOCS = Path(__file__).resolve().parents[2] / "docs"
SCRIPT = runpy.run_path(str(DOCS / "data_dictionary.py"))
TABLES = [(title, table) for title, _, tables in SCRIPT["sections"]() for table in tables]


def test_the_page_is_what_the_code_declares():
    assert SCRIPT["page"]() == (DOCS / "data-dictionary.md").read_text(), "run python docs/data_dictionary.py"


@pytest.mark.parametrize(("title", "table"), TABLES, ids=lambda one: getattr(one, "name", one))
def test_every_column_has_a_meaning_and_a_unit_that_its_name_agrees_with(title, table):
    assert table.columns
    for column in table.columns:
        assert len(column.meaning) > 3
        assert not column.name.endswith("_bn") or column.unit.startswith("USD bn")
        assert not column.name.endswith("_pct") or column.unit == "%"
        assert column.unit == "" or column.kind != "name"


def test_the_columns_of_a_run_are_those_that_are_recorded():
    assert RUN_TABLES["market"].names == MARKET_COLUMNS
    assert RUN_TABLES["options"].names[1:] == GREEK_COLUMNS
    assert RUN_TABLES["volatility"].names == VOLATILITY_COLUMNS


def test_tables_are_written_where_the_dictionary_takes_them_from():
    package = DOCS.parent / "flowsim"
    writes = re.compile(r"\.write_csv\(|\.write_parquet\(|ParquetWriter\(|csv\.writer\(|\.to_csv\(")
    writers = {str(file.relative_to(package)) for file in package.rglob("*.py") if writes.search(file.read_text())}
    # Replay and outlook; a table of a sweep; the macro layer; claims; runs; sweeps.
    assert writers == {
        "cli/history.py",
        "cli/sweep.py",
        "macro/alone.py",
        "report/claims.py",
        "run/writer.py",
        "sweeps/store.py",
    }
