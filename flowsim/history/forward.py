"""The whole market simulated forward from a real close, with and without what systematic flows do to the price.

Both arms see the same news and noise on every path. In the arm without feedback the systematic populations trade along,
and the price does not feel them: the difference is what their flows add.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from flowsim.config import Config
from flowsim.data.prices import Prices
from flowsim.ensemble.executor import Progress
from flowsim.ensemble.simulation import simulate
from flowsim.files.arrays import Floats
from flowsim.kernel.array_functions import exp
from flowsim.run.run import Run

ARMS = {"with feedback": True, "without": False}
QUANTILES = {"p5": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}


@dataclass(frozen=True, eq=False)
class Forward:
    """Simulated paths from a close, summarized by arm ("with feedback" or "without").

    `index`: arm, date, p5 to p95 of the level. `volatility`: arm, date, index, p5 to p95 in points; no rows where the
    config lists no options. `flows`: arm, horizon_days, population, mean_bn, p5, p95 of the flow up to the horizon.
    `returns`: arm, horizon_days, mean_pct, sd_pct, p5, p95, worst_pct, of the return up to the horizon in %.
    """

    n_paths: int
    index: pl.DataFrame
    volatility: pl.DataFrame
    flows: pl.DataFrame
    returns: pl.DataFrame


def forward(
    config: Config,
    prices: Prices,
    horizons: Sequence[int],
    n_paths: int,
    *,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Forward:
    """Simulate both arms from the start date of the config."""
    tables = ["market", "flows", *(["volatility"] if config.options.listed else [])]
    config = config.override(f"time.days={max(horizons)}", 'record.grain="day"', "record.every=1")
    config = config.override(f"record.tables={tables}")
    found: dict[str, list[pl.DataFrame]] = {"index": [], "volatility": [], "flows": [], "returns": []}
    for number, (arm, moves) in enumerate(ARMS.items()):
        shown = None if progress is None else _half(progress, number)
        one = config if moves else without_feedback(config)
        run = simulate(one, n_paths, prices=prices, threads=threads, progress=shown)
        for name, table in summaries(run, horizons).items():
            found[name].append(table.select(pl.lit(arm).alias("arm"), pl.all()))
    return Forward(n_paths, **{name: pl.concat(tables) if tables else pl.DataFrame() for name, tables in found.items()})


def without_feedback(config: Config) -> Config:
    """Return the config in which the price feels no systematic population."""
    systematic = [name for name, p in config.population.items() if config.strategies[p.strategy].kind == "systematic"]
    return config.override(*(f"population.{name}.moves_price=false" for name in systematic))


def _half(progress: Progress, number: int) -> Progress:
    return lambda done, total: progress(number * total + done, len(ARMS) * total)


def summaries(run: Run, horizons: Sequence[int]) -> dict[str, pl.DataFrame]:
    """Return the tables of `Forward` but for their column arm, from the market, flows and volatility of a run."""
    market = run.market.select("path", "date", "price", "log_return").collect().sort("path", "date")
    dates = market["date"].unique()
    log_return = market["log_return"].to_numpy().reshape(-1, len(dates))
    populations, flow = _daily_flows(run, log_return.shape)
    found = {
        "index": market.group_by("date").agg(_quantiles("price")).sort("date"),
        "flows": pl.concat([_flow_summary(populations, flow[:, :days].sum(axis=1), days) for days in horizons]),
        "returns": pl.DataFrame([_return_summary(log_return[:, :days].sum(axis=1), days) for days in horizons]),
    }
    if "volatility" in run.info["tables"]:
        names = ["vix9d", "vix", "vix3m", "vix6m"]
        tidy = run.volatility.select("date", *names).unpivot(index="date", variable_name="index", value_name="points")
        by = tidy.filter(pl.col("points").is_not_nan()).group_by("date", "index").agg(_quantiles("points"))
        found["volatility"] = by.sort("date", "index").collect()
    return found


def _quantiles(column: str) -> list[pl.Expr]:
    return [pl.col(column).quantile(q, "linear").alias(name) for name, q in QUANTILES.items()]


def _daily_flows(run: Run, paths_and_days: tuple[int, ...]) -> tuple[list[str], Floats]:
    """Return names of populations in alphabetical order, and their flows, (paths, days, populations).

    As arrays, since polars adds up groups in an order that depends on its threads.
    """
    source = pl.col("source").cast(pl.String)
    flows = run.flows.select("path", "date", source, "flow_bn").filter(source.is_in(run.populations))
    table = flows.collect().sort("path", "date", "source")
    names = table["source"].unique().sort().to_list()
    return names, table["flow_bn"].to_numpy().reshape(*paths_and_days, len(names))


def _flow_summary(populations: list[str], flow: Floats, days: int) -> pl.DataFrame:
    """Summarize flows up to a horizon, (paths, populations)."""
    low, high = np.quantile(flow, (0.05, 0.95), axis=0)
    columns = {"population": populations, "mean_bn": flow.mean(axis=0), "p5": low, "p95": high}
    table = pl.DataFrame(columns, schema_overrides={"population": pl.String})
    return table.select(pl.lit(days).alias("horizon_days"), pl.all())


def _return_summary(log_return: Floats, days: int) -> dict[str, float]:
    percent = 100.0 * (exp(log_return) - 1.0)
    low, high = np.quantile(percent, (0.05, 0.95))
    known = {"horizon_days": days, "mean_pct": percent.mean(), "sd_pct": percent.std(ddof=1)}
    return known | {"p5": low, "p95": high, "worst_pct": percent.min()}
