"""Generated tables of an option market, shaped like recorded ones."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from flowsim.futures.curve import N_CONTRACTS, futures_on
from flowsim.options.arrays import TENOR_DAYS

INDICES = ("vix9d", "vix", "vix3m", "vix6m", "vix1y")
USUAL = np.array([15.0, 16.0, 17.0, 18.0, 19.0])
LOADINGS = np.array([1.5, 1.0, 0.6, 0.45, 0.35])
PARTS = ("path_dependent", "sentiment", "events", "quotes")
PROGRAMMES = ("put_hedge", "overwrite", "zero_day", "vol_selling")
# Dealers' usual gamma against each programme, USD bn for a 1 % move.
GAMMA_BN = np.array([-4.0, 10.0, -6.0, 5.0])
SPOT_PCT = np.arange(-10.0, 11.0)


def option_tables(
    closes: pl.DataFrame, programmes: Sequence[str] = PROGRAMMES, seed: int = 5
) -> dict[str, pl.DataFrame]:
    """Draw the tables of an option market at closes (path, date): indices that return to the usual, and gamma."""
    random = np.random.default_rng(seed)
    closes = closes.select("path", "date").unique().sort("path", "date")
    n_paths = closes["path"].n_unique()
    n_days = closes.height // n_paths
    sources = [*PARTS, *programmes]
    change = np.zeros((n_paths, n_days, len(INDICES), len(sources)))
    level = np.tile(USUAL, (n_paths, 1))
    levels = np.zeros((n_paths, n_days, len(INDICES)))
    for day in range(n_days):
        shock = random.normal(0, 0.5, (n_paths, 1, len(sources))) * LOADINGS[:, None]
        shock[:, :, 0] += 0.15 * (USUAL - level)
        change[:, day] = shock
        level = np.maximum(level + shock.sum(axis=2), 5.0)
        change[:, day, :, 0] += level - (levels[:, day - 1] if day else USUAL) - change[:, day].sum(axis=2)
        levels[:, day] = level
    gamma = np.resize(GAMMA_BN, len(programmes)) + random.normal(0, 3, (n_paths, n_days, len(programmes)))
    total = closes.with_columns(gamma=pl.Series(gamma.sum(axis=2).ravel()))
    indices = closes.with_columns(pl.Series(name, levels[:, :, k].ravel()) for k, name in enumerate(INDICES))
    dates = closes["date"].to_numpy().astype("datetime64[D]")
    futures = futures_on(dates, levels.reshape(-1, len(INDICES)), TENOR_DAYS, 0.09, 60.0)
    return {
        "volatility": indices,
        "vix_futures": closes.with_columns(pl.Series(f"vix_m{k + 1}", futures[:, k]) for k in range(N_CONTRACTS)),
        "vix_sources": _crossed(closes, change, index=list(INDICES), source=sources).rename({"value": "contribution"}),
        "options": _crossed(closes, -gamma, programme=list(programmes)).rename({"value": "gamma_1pct_bn"}),
        "gamma": profiles_of(total.filter(pl.int_range(pl.len()).over("path") % 5 == 4)),
    }


def profiles_of(total: pl.DataFrame) -> pl.DataFrame:
    """Straight profiles: path, date, spot_pct, gamma_1pct_bn, from path, date, gamma at the close; 1 more per 1 %."""
    spot = pl.DataFrame({"spot_pct": SPOT_PCT})
    return total.join(spot, how="cross").select(
        "path", "date", "spot_pct", gamma_1pct_bn=pl.col("gamma") + pl.col("spot_pct")
    )


def _crossed(closes: pl.DataFrame, values: np.ndarray, **names: list[str]) -> pl.DataFrame:
    """Path, date, the names, and value, for values (paths, days, one axis for each of the names)."""
    table = closes
    for column, choices in names.items():
        table = table.join(pl.DataFrame({column: pl.Series(choices, dtype=pl.Categorical)}), how="cross")
    return table.with_columns(value=pl.Series(values.ravel()))
