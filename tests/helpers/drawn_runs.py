"""Runs as they lie on disk, made from drawn returns and volatility indices; and names of the published facts."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

from flowsim.facts.closes import Closes
from flowsim.run.run import Run

START = np.datetime64("2018-12-31")


def own_name(published):
    """Translate a name of the published table: American, and without the bar that ends a cell of a table."""
    name = published.replace("ret: ", "return ").replace("annualised", "annualized").replace("|r|", "abs(r)")
    for lag in (1, 5, 20):
        name = name.replace(f"|r_t+{lag}|", f"abs(r_t+{lag})")
    name = name.replace("deseasonalised", "deseasonalized")
    return f"{name} (sd)" if name.startswith("after ") else name


def session_days(n_days: int) -> np.ndarray:
    """Return the weekdays after the start."""
    return np.busday_offset(START, np.arange(1, n_days + 1))


def drawn_closes(n_paths: int, n_days: int) -> Closes:
    """Return drawn closes, series of shape (paths, days)."""
    returns, indices = drawn_market(n_paths, n_days)
    dates = np.append(START, session_days(n_days))
    return Closes.dated(dates, 100.0 * returns, {name.upper(): levels for name, levels in indices.items()})


def drawn_history(n_days: int, path: int = 0, of: int = 1) -> Closes:
    """Return one path of drawn closes, series of shape (days,)."""
    block = drawn_closes(of, n_days)
    indices = {name: levels[path] for name, levels in block.indices.items()}
    return replace(block, returns_pct=block.returns_pct[path], indices=indices)


def drawn_market(n_paths: int, n_days: int, seed: int = 1) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Draw log returns with fat tails, and volatility indices that rise when the market falls, (paths, days)."""
    random = np.random.default_rng(seed)
    returns = 0.0004 + 0.008 * random.standard_t(4, (n_paths, n_days))
    vix = np.empty_like(returns)
    level = np.full(n_paths, 18.0)
    for day in range(n_days):
        level = level + 0.03 * (18.0 - level) - 70.0 * returns[:, day] + 0.3 * random.standard_normal(n_paths)
        vix[:, day] = level = np.maximum(level, 9.0)
    far = {"vix9d": 1.3, "vix": 1.0, "vix3m": 0.6, "vix6m": 0.4}
    return returns, {name: 19.0 + share * (vix - 18.0) for name, share in far.items()}


def write_run(folder: Path, n_paths: int = 3, n_days: int = 600, *, n_bars: int = 0, every: int = 1, vix: bool = True):
    """Write the folder of a run, the returns and the indices of which are returned beside it."""
    returns, indices = drawn_market(n_paths, n_days)
    days = session_days(n_days)
    index = {"path": np.tile(np.arange(n_paths, dtype=np.int32), n_days), "date": np.repeat(days, n_paths)}
    market = pl.DataFrame({**index, "log_return": returns.T.ravel()})
    if n_bars:
        share = pl.col("log_return") / n_bars
        market = pl.concat([market.with_columns(bar=pl.lit(bar), log_return=share) for bar in range(n_bars)])
    tables = {"market": market}
    if vix:
        tables["volatility"] = pl.DataFrame(index | {name: level.T.ravel() for name, level in indices.items()})
    for name, table in tables.items():
        (folder / name).mkdir(parents=True)
        for block in range(0, n_paths, 64):
            inside = table.filter(pl.col("path").is_between(block, block + 63))
            inside.write_parquet(folder / name / f"part-{block // 64:05d}.parquet")
    config = {
        "description": "drawn returns and indices",
        "time": {"start": str(START)},
        "options": {"listed": vix},
        "record": {"every": every},
    }
    manifest = {"status": "done", "source": "drawn", "seed": 1, "paths": n_paths, "days": n_days, "config": config}
    (folder / "run.json").write_text(json.dumps(manifest | {"tables": dict.fromkeys(tables)}))
    return Run(folder), returns, indices
