"""What a run recorded within its sessions: returns of nights and half hours, and what was traded."""

from __future__ import annotations

import numpy as np
import polars as pl

from flowsim.facts.closes import HALF_HOURS, HALF_HOURS_PCT, HALF_HOURS_VOLUME, NIGHT_PCT, VOLUME
from flowsim.files.arrays import Days, Floats

INDEX = ("path", "date", "bar")


def within_sessions(market: pl.LazyFrame, flows: pl.LazyFrame | None, dates: Days) -> dict[str, Floats]:
    """Return what some paths of a run say of the hours, by the names of `flowsim.facts.closes`.

    Parameters
    ----------
    market, flows : LazyFrame
        Rows of these paths. Nights and half hours need rows for each bar, half hours bars that make them up.
    dates : array of shape (days,)

    Returns
    -------
    dict
        Arrays of shape (paths, days) or (paths, days, 13), nan on half days. Volume is the sum of what each source
        bought or sold, in USD bn: both sides of a trade count.
    """
    found: dict[str, Floats] = {}
    by_bar = "bar" in market.collect_schema()
    if by_bar:
        returns = _grid(market.select(*INDEX, value=100.0 * pl.col("log_return")), dates)
        found[NIGHT_PCT] = np.where(np.isfinite(returns).all(axis=-1), returns[..., 0], np.nan)
        found |= _in_half_hours(HALF_HOURS_PCT, returns)
    if flows is not None:
        index = INDEX if by_bar else INDEX[:2]
        rows = flows.select(*index, "flow_bn").collect()
        traded = rows.group_by(index, maintain_order=True).agg(value=pl.col("flow_bn").abs().sum()).lazy()
        volume = _grid(traded if by_bar else traded.with_columns(bar=0), dates)
        found[VOLUME] = volume.sum(axis=-1)
        found |= _in_half_hours(HALF_HOURS_VOLUME, volume) if by_bar else {}
    return found


def _grid(rows: pl.LazyFrame, dates: Days) -> Floats:
    """Return the values by path, day and bar, the night first; nan where a half day has no such bar."""
    table = rows.collect()
    path, bar = table["path"].to_numpy(), table["bar"].to_numpy()
    day = np.searchsorted(dates, table["date"].to_numpy().astype("datetime64[D]"))
    first = path.min()
    values = np.full((path.max() - first + 1, len(dates), bar.max() + 1), np.nan)
    values[path - first, day, bar] = table["value"].to_numpy()
    return values


def _in_half_hours(name: str, values: Floats) -> dict[str, Floats]:
    n_bars = values.shape[-1] - 1
    if n_bars == 0 or n_bars % HALF_HOURS:
        return {}
    parts = values[..., 1:].reshape(*values.shape[:-1], HALF_HOURS, -1).sum(axis=-1)
    return {name: np.where(np.isfinite(parts).all(axis=-1, keepdims=True), parts, np.nan)}
