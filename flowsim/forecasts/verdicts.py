"""From forecasts of many dates to verdicts: coverage, expected shortfall, and scores beside those of rivals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import polars as pl

from flowsim.forecasts import scores
from flowsim.forecasts.paths import RETURN, Paths, quantities

LEVELS = (0.01, 0.05, 0.95, 0.99)
"""Of each forecast, the quantiles that are held against what came: for a return the first two are minus VaR."""
OF_SHORTFALL = LEVELS[:2]


def scored_rows(
    date: np.datetime64, forecasts: Mapping[str, Paths], came: Paths, horizons: tuple[int, ...]
) -> Iterator[dict[str, object]]:
    """Yield a row for each model, quantity and horizon of one date: what was forecast, what came, and how good it was.

    Where it is not known what came, there is no row.
    """
    for days in horizons:
        real = {name: float(values[0]) for name, values in quantities(came, days).items()}
        for model, paths in forecasts.items():
            for quantity, sample in quantities(paths, days).items():
                if quantity in real:
                    known = {"date": date.item(), "model": model, "quantity": quantity, "horizon_days": days}
                    yield known | _row(sample, real[quantity])


def _row(sample: np.ndarray, came: float) -> dict[str, object]:
    shares = (*LEVELS, 0.5)
    return {
        "came": came,
        "rank_share": scores.rank_share(sample, came),
        **dict(zip(map(_column, shares), scores.levels_below(sample, shares), strict=True)),
        "crps": scores.crps(sample, came),
        "log_score": scores.log_score(sample, came),
    }


def _column(share: float) -> str:
    return f"p{100.0 * share:g}"


def coverage_table(forecasts: pl.DataFrame) -> pl.DataFrame:
    """Return how often what came lay below each level, with the bounds of chance."""
    rows = []
    for keys, group in _groups(forecasts):
        for share in LEVELS:
            below = (group["came"] < group[_column(share)]).to_numpy()
            rows.append(keys | {"level_pct": 100.0 * share} | _percent(scores.coverage(below, share), len(below)))
    return pl.DataFrame(rows)


def shortfall_table(forecasts: pl.DataFrame) -> pl.DataFrame:
    """Return what lies beyond the low levels of returns over what should, with the bounds of chance."""
    rows = []
    for keys, group in _groups(forecasts.filter(pl.col("quantity") == RETURN)):
        for share in OF_SHORTFALL:
            found = scores.shortfall(group["rank_share"].to_numpy(), share)
            verdict = {"ratio": found.value, "low": found.low, "high": found.high, "inside": found.inside}
            rows.append(keys | {"level_pct": 100.0 * share} | verdict | {"dates": group.height})
    return pl.DataFrame(rows)


def score_table(forecasts: pl.DataFrame, market: str, overlapping: Mapping[int, int]) -> pl.DataFrame:
    """Return the mean scores of each model, and by how much those of the market are lower on the same dates.

    Parameters
    ----------
    overlapping : mapping of int to int
        By horizon, how many following dates have days in common with one.
    """
    rows = []
    for keys, group in _groups(forecasts):
        row: dict[str, Any] = keys | {"dates": group.height}
        same = {"quantity": keys["quantity"], "horizon_days": keys["horizon_days"], "model": market}
        both = group.join(forecasts.filter(**same), on="date", suffix="_market").sort("date")
        for name in ("crps", "log_score"):
            known = both.filter(pl.col(name).is_finite(), pl.col(f"{name}_market").is_finite())
            found = scores.difference(
                known[f"{name}_market"].to_numpy(), known[name].to_numpy(), overlapping[int(keys["horizon_days"])]
            )
            row[name] = group[name].filter(group[name].is_finite()).mean()
            rival = keys["model"] != market
            row |= {
                f"{name}_market_less": found.mean if rival else None,
                f"{name}_low": found.low if rival else None,
                f"{name}_high": found.high if rival else None,
            }
        rows.append(row | {"uniform_p": scores.uniformity(group["rank_share"].to_numpy())})
    return pl.DataFrame(rows, infer_schema_length=None)


def _percent(found: scores.Bounds, dates: int) -> dict[str, object]:
    return {
        "below_pct": 100.0 * found.value,
        "low_pct": 100.0 * found.low,
        "high_pct": 100.0 * found.high,
        "inside": found.inside,
        "dates": dates,
    }


def _groups(forecasts: pl.DataFrame) -> Iterator[tuple[dict[str, Any], pl.DataFrame]]:
    """Yield keys and rows of each quantity, horizon and model, in the order in which they first stand."""
    order = forecasts.select("quantity", "horizon_days", "model").unique(maintain_order=True)
    quantities_in_order = order["quantity"].unique(maintain_order=True).to_list()
    by_quantity = order.sort(
        pl.col("quantity").replace_strict(quantities_in_order, list(range(len(quantities_in_order)))),
        "horizon_days",
        maintain_order=True,
    )
    for quantity, days, model in by_quantity.iter_rows():
        keys = {"quantity": quantity, "horizon_days": days, "model": model}
        yield keys, forecasts.filter(**keys).sort("date")
