"""History as a check: what the layer makes of filed spending in 2019 to 2026, beside what was filed and published."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import polars as pl

from flowsim.macro.alone import HISTORY_FIRST, macro_run
from flowsim.macro.given import Filings
from flowsim.macro.quarters import quarter_number

LAST = "2026Q2"
FITTED = (2023, 2024, 2025)
"""Years on which the payout rule was set: within 10 % they check the code, not the rule."""
DEPRECIATING = {"MSFT": "software", "GOOG": "search", "META": "social"}


class Figure(NamedTuple):
    """A number of the layer, what was filed or published, and the range that it must lie in, if there is one."""

    name: str
    value: float
    real: float | None
    low: float | None
    high: float | None
    source: str

    @property
    def verdict(self) -> str:
        """Whether it lies in its range."""
        if self.low is None or self.high is None:
            return ""
        return "inside" if self.low <= self.value <= self.high else "OUTSIDE"


def figures(folder: str | Path) -> list[Figure]:
    """Return every figure of history, from a folder of filings as `flowsim.macro.given` describes.

    Raises
    ------
    InputError
        If a file is missing or not as it should be.
    """
    filings = Filings(folder)
    quarters = quarter_number(LAST, "history") - HISTORY_FIRST + 1
    run = macro_run(n_paths=1, quarters=quarters, given=folder, shocks=False)
    macro = run.tables["macro"].with_columns(pl.col("quarter").str.slice(0, 4).cast(pl.Int32).alias("year"))
    return [*_buybacks(macro, filings), *_depreciation(run.tables["builders"], filings), *_economy(macro)]


def _buybacks(macro: pl.DataFrame, filings: Filings) -> Iterator[Figure]:
    filed = filings.buybacks()
    for (year,), rows in macro.filter(pl.col("year") < 2026).group_by("year", maintain_order=True):
        real, value = filed.get(int(str(year))), float(rows["buybacks_bn"].sum())
        fitted = int(str(year)) in FITTED and real is not None
        low, high = (0.9 * real, 1.1 * real) if fitted and real is not None else (None, None)
        kind = "filings; in sample" if fitted else "filings; out of sample"
        yield Figure(f"buybacks of builders {year}, bn", value, real, low, high, kind)


def _depreciation(builders: pl.DataFrame, filings: Filings) -> Iterator[Figure]:
    filed = filings.item("depreciation")
    in_2025 = [value for (symbol, quarter), value in filed.items() if symbol in DEPRECIATING and quarter[:4] == "2025"]
    rows = builders.filter(pl.col("quarter").str.starts_with("2025"), pl.col("company").is_in(DEPRECIATING.values()))
    real = sum(in_2025) if len(in_2025) == 12 else None
    low, high = (0.85 * real, 1.15 * real) if real is not None else (None, None)
    name = "depreciation of software, search, social 2025, bn"
    yield Figure(name, float(rows["depreciation_bn"].sum()), real, low, high, "filings")


def _economy(macro: pl.DataFrame) -> Iterator[Figure]:
    at = {row["quarter"]: row for row in macro.iter_rows(named=True)}
    before, after = at["2024Q4"], at["2025Q4"]

    def contribution(column: str) -> float:
        return 100.0 * (after[column] - before[column]) / before["output_bn"]

    debt = at["2026Q2"]["vehicle_debt_bn"]
    yield Figure("debt of vehicles 2026Q2, bn", debt, None, 200.0, 300.0, "private loans to AI, the press 2026-07")
    revenue = 4.0 * at["2026Q1"]["revenue_bn"]
    yield Figure("AI revenue 2026Q1, bn a year", revenue, 150.0, 120.0, 190.0, "a tracker, 2026-05")
    gross, net = contribution("ai_spending_bn"), contribution("ai_home_bn")
    yield Figure(
        "AI spending in growth 2025, pp", gross, 0.97, 0.6, 1.0, "St. Louis Fed, 2026-01: first three quarters"
    )
    yield Figure("the same net of imports, pp", net, 0.2, 0.2, 0.5, "Goldman Sachs, 2025-12")
    trillions = at["2025Q4"]["treasury_debt_bn"] / 1000.0
    yield Figure("Treasury debt 2025Q4, trn", trillions, 30.5, 29.0, 32.0, "Treasury, held by the public")
    consumed = at["2026Q2"]["consumption_bn"] / at["2026Q2"]["output_bn"]
    yield Figure("consumption over output 2026Q2", consumed, 0.68, 0.65, 0.70, "BEA")
    outside = macro.filter(pl.col("year") != 2020)["closing_factor"]
    inside = macro.filter(pl.col("year") == 2020)["closing_factor"]
    source = "1 where demand alone gives output"
    yield Figure("closing factor outside 2020, least", float(outside.to_numpy().min()), None, 0.95, 1.06, source)
    yield Figure("closing factor outside 2020, most", float(outside.to_numpy().max()), None, 0.95, 1.06, source)
    yield Figure("closing factor in 2020, least", float(inside.to_numpy().min()), None, None, None, source)
    yield Figure("closing factor in 2020, most", float(inside.to_numpy().max()), None, None, None, source)
