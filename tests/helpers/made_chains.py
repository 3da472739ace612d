"""Chains of option quotes made for tests: Black prices with one volatility for each expiry, and their files."""

from __future__ import annotations

import math
from datetime import date, datetime, time, timedelta
from pathlib import Path

import numpy as np
import polars as pl

SPOT = 4000.0
MINUTES_IN_YEAR = 525_600.0

AS_OF = datetime(2024, 2, 6, 16, 15)
"""A Tuesday."""
GOOD_FRIDAY = 7
"""The week whose options expire on the Thursday."""
LISTED = [
    *(("SPXW", date(2024, 2, 9) + timedelta(7 * week)) for week in range(10) if week != GOOD_FRIDAY),
    ("SPXW", date(2024, 3, 28)),
    *(("SPX", day) for day in (date(2024, 2, 16), date(2024, 3, 15), date(2024, 4, 19), date(2024, 5, 17))),
    *(("SPX", day) for day in (date(2024, 7, 19), date(2024, 8, 16), date(2024, 9, 20))),
    *(("SPX", day) for day in (date(2024, 12, 20), date(2025, 1, 17), date(2025, 2, 21), date(2025, 3, 21))),
]
"""Ten weeks of Fridays settled in the afternoon, and the third Fridays around 3, 6 and 12 months."""


def black(forward: float, strike: float, volatility: float, years: float) -> tuple[float, float]:
    """Return the undiscounted price of call and put (Black 1976)."""
    deviation = volatility * math.sqrt(years)
    d1 = math.log(forward / strike) / deviation + 0.5 * deviation
    normal = [0.5 * math.erfc(-sign * d / math.sqrt(2.0)) for sign in (1, -1) for d in (d1, d1 - deviation)]
    return forward * normal[0] - strike * normal[1], strike * normal[3] - forward * normal[2]


def strikes_around(volatility: float, years: float, step: float = 5.0, deviations: float = 9.0) -> np.ndarray:
    """Return multiples of a step that reach some standard deviations to either side of the spot."""
    reach = deviations * volatility * math.sqrt(years)
    first, last = (round(SPOT * math.exp(sign * reach) / step) * step for sign in (-1, 1))
    return np.arange(max(first, step), last + step, step)


def contracts(
    expiries: list[tuple[str, date]], as_of: datetime, volatility: float, rate_pct: float = 0.0, step: float = 5.0
) -> pl.DataFrame:
    """Return root, expiry, strike, cp, bid and ask of every option on some (root, expiry), without a spread."""
    rows = []
    for root, day in expiries:
        settlement = datetime.combine(day, time(9, 30) if root == "SPX" else time(16, 0))
        years = (settlement - as_of).total_seconds() / 60.0 / MINUTES_IN_YEAR
        growth = math.exp(rate_pct / 100.0 * years)
        for strike in strikes_around(volatility, years, step).tolist():
            for cp, price in zip("CP", black(SPOT * growth, strike, volatility, years), strict=True):
                rows.append((root, day, strike, cp, max(price, 0.0) / growth, max(price, 0.0) / growth))
    return pl.DataFrame(rows, ["root", "expiry", "strike", "cp", "bid", "ask"], orient="row")


def terms(minutes: tuple[float, float], volatility: float, step: float = 5.0) -> pl.DataFrame:
    """Return the near and the next term in the white paper's columns, without a spread and at no interest."""
    rows = []
    for term, ahead in zip(("near", "next"), minutes, strict=True):
        years = ahead / MINUTES_IN_YEAR
        for strike in strikes_around(volatility, years, step).tolist():
            call, put = (max(price, 0.0) for price in black(SPOT, strike, volatility, years))
            rows.append((term, strike, call, call, put, put))
    return pl.DataFrame(rows, ["term", "strike", "call_bid", "call_ask", "put_bid", "put_ask"], orient="row")


def written(folder: Path, table: pl.DataFrame, name: str = "chain.csv") -> Path:
    """Write a chain as CSV or Parquet, by the name's ending."""
    file = folder / name
    if file.suffix == ".csv":
        table.write_csv(file)
    else:
        table.write_parquet(file)
    return file
