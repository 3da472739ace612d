"""History: what builders spent and earned, from files of filings, and published output.

A folder holds `hyperscaler_capex_quarterly.csv` (company, calendar_quarter, capex_bn),
`hyperscaler_cash_flow_quarterly.csv` (company, calendar_quarter, item, usd_bn) and `hyperscaler_annual.csv` (company,
calendar_year, cfo_bn, buybacks_bn). Companies are named by their symbols. Where a quarter's cash flow is missing, a
quarter of the year's stands for it, and after the last year the last four quarters.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from flowsim.errors import InputError
from flowsim.files.arrays import Floats
from flowsim.macro.numbers import COMPANIES, numbers_in
from flowsim.macro.quarters import quarter_number, quarter_text
from flowsim.macro.state import Given, nothing_given

if TYPE_CHECKING:
    import polars as pl

SYMBOLS = dict(zip(("MSFT", "GOOG", "AMZN", "META", "ORCL"), COMPANIES, strict=True))
CAPEX_FILE, CASH_FLOW_FILE = "hyperscaler_capex_quarterly.csv", "hyperscaler_cash_flow_quarterly.csv"
ANNUAL_FILE = "hyperscaler_annual.csv"


class Filings:
    """What companies filed, as frames with the columns of the files."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self.capex = self._read(CAPEX_FILE, ("company", "calendar_quarter", "capex_bn"))
        self.cash_flow = self._read(CASH_FLOW_FILE, ("company", "calendar_quarter", "item", "usd_bn"))
        self.annual = self._read(ANNUAL_FILE, ("company", "calendar_year", "cfo_bn", "buybacks_bn"))

    def _read(self, name: str, columns: tuple[str, ...]) -> pl.DataFrame:
        file = self.folder / name
        if not file.is_file():
            raise InputError(
                f"{file}: no such file; history is read from {CAPEX_FILE}, {CASH_FLOW_FILE}, {ANNUAL_FILE}"
            )
        import polars as pl

        table = pl.read_csv(file)
        if missing := [column for column in columns if column not in table.columns]:
            raise InputError(f"{file}: no column {missing[0]!r}; it needs {', '.join(columns)}")
        return table

    def item(self, name: str) -> dict[tuple[str, str], float]:
        """Return an item of the cash flow file by symbol and quarter."""
        import polars as pl

        rows = self.cash_flow.filter(pl.col("item") == name)
        return {
            (company, quarter): value
            for company, quarter, value in rows.select("company", "calendar_quarter", "usd_bn").iter_rows()
        }

    def buybacks(self) -> dict[int, float]:
        """Return buybacks of all companies by year."""
        import polars as pl

        years = self.annual.group_by("calendar_year").agg(pl.col("buybacks_bn").sum())
        return dict(years.iter_rows())


def given_by(filings: Filings, first: int, quarters: int) -> Given:
    """Return what history gives of the quarters of a run, from files and from published output.

    Raises
    ------
    InputError
        If a company's capital spending starts too late.
    """
    given = nothing_given(quarters)
    output = {quarter_number(one.start, one.key): one.value for one in numbers_in("history")}
    spent = {
        (company, quarter): value
        for company, quarter, value in filings.capex.select("company", "calendar_quarter", "capex_bn").iter_rows()
    }
    for place in range(quarters):
        if first + place in output:
            given.is_given[place], given.output[place] = 1.0, output[first + place]
    for row, symbol in enumerate(SYMBOLS):
        given.capex[row] = _filled(spent, symbol, first, quarters, filings.folder / CAPEX_FILE)
        given.cash_flow[row] = _cash_flow(filings, symbol, first, quarters)
    return given


def _filled(values: dict[tuple[str, str], float], symbol: str, first: int, quarters: int, file: Path) -> Floats:
    """Return values by quarter; a quarter not yet filed has the last one's."""
    found, last = np.zeros(quarters), values.get((symbol, quarter_text(first)))
    if last is None:
        raise InputError(f"{file}: {symbol} has no {quarter_text(first)}, the first quarter of history; add it")
    for place in range(quarters):
        last = values.get((symbol, quarter_text(first + place)), last)
        found[place] = last
    return found


def _cash_flow(filings: Filings, symbol: str, first: int, quarters: int) -> Floats:
    filed = filings.item("cfo")
    import polars as pl

    years = filings.annual.filter(pl.col("company") == symbol)
    by_year = dict(years.select("calendar_year", "cfo_bn").iter_rows())
    known: dict[tuple[str, str], float] = {}
    for number in range(first, first + quarters):
        quarter = quarter_text(number)
        year = by_year.get(number // 4)
        value = filed.get((symbol, quarter), None if year is None else year / 4.0)
        past = [known.get((symbol, quarter_text(number - back))) for back in range(1, 5)]
        known[symbol, quarter] = (
            value if value is not None else float(np.mean([one for one in past if one is not None]))
        )
    return _filled(known, symbol, first, quarters, filings.folder / CASH_FLOW_FILE)
