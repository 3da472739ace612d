"""Filings of five companies that spend 1 to 5 bn more every quarter from 2019Q1 on, and earn twice as much."""

from pathlib import Path

import polars as pl

from flowsim.macro.given import ANNUAL_FILE, CAPEX_FILE, CASH_FLOW_FILE, SYMBOLS
from flowsim.macro.quarters import quarter_number, quarter_text

FIRST = quarter_number("2019Q1", "test")


def write_filings(folder: Path) -> Path:
    """Write them into a folder."""
    spent = [
        (symbol, quarter_text(FIRST + place), (row + 1.0) * (5 + place))
        for row, symbol in enumerate(SYMBOLS)
        for place in range(28)
    ]
    columns = ["company", "calendar_quarter", "capex_bn"]
    pl.DataFrame(spent, schema=columns, orient="row").write_csv(folder / CAPEX_FILE)
    earned = [(symbol, quarter, "cfo", 2 * value) for symbol, quarter, value in spent if symbol != "AMZN"]
    columns = ["company", "calendar_quarter", "item", "usd_bn"]
    pl.DataFrame(earned, schema=columns, orient="row").write_csv(folder / CASH_FLOW_FILE)
    years = [(symbol, year, 100.0 + year - 2019, 10.0) for symbol in SYMBOLS for year in range(2019, 2026)]
    columns = ["company", "calendar_year", "cfo_bn", "buybacks_bn"]
    pl.DataFrame(years, schema=columns, orient="row").write_csv(folder / ANNUAL_FILE)
    return folder
