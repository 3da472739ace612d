"""The path-dependent part of the VIX family along real closes, and how much of the real indices it explains.

It is the base of the option market's marks (flowsim/options/mark.py), with the loadings of the config.
"""

from __future__ import annotations

import math

import numpy as np

from flowsim.clock.year import SESSIONS_PER_YEAR, YEAR
from flowsim.config import Config
from flowsim.files.arrays import Floats
from flowsim.kernel.array_functions import kept_of, log
from flowsim.options.build import FEATURE_HALF_LIVES

INDICES = ("VIX9D", "VIX", "VIX3M", "VIX6M")
BURN_IN = YEAR
"""Sessions whose averages still feel where they began."""


def path_dependent(config: Config, close: Floats) -> dict[str, Floats]:
    """Return each index in points at each close, shape (closes,), nan for the first year."""
    columns = regressors(np.diff(log(close)))
    levels = {name: (columns * np.array(loading)).sum(axis=-1) for name, loading in loadings_of(config).items()}
    unknown = np.full(1 + BURN_IN, np.nan)
    return {name: np.concatenate([unknown, level[BURN_IN:]]) for name, level in levels.items()}


def loadings_of(config: Config) -> dict[str, tuple[float, ...]]:
    """Return the eight loadings of each index."""
    options = config.options
    return dict(zip(INDICES, (options.vix9d, options.vix, options.vix3m, options.vix6m), strict=True))


def regressors(returns: Floats) -> Floats:
    """Return what the indices load on, from log returns of shape (..., days): shape (..., days, 8).

    A constant, three realized volatilities in percent, the day's fall and return and two mean returns in percent.
    """
    averages = [
        _average(returns**2 if feature < 3 else returns, half_life)
        for feature, half_life in enumerate(FEATURE_HALF_LIVES)
    ]
    vols = [100.0 * np.sqrt(SESSIONS_PER_YEAR * average) for average in averages[:3]]
    r = 100.0 * returns
    trends = [100.0 * average for average in averages[3:]]
    return np.stack([np.ones_like(r), *vols, np.maximum(-r, 0.0), r, *trends], axis=-1)


def explained(real: Floats, fitted: Floats) -> tuple[float, int]:
    """Return R squared of the fitted level, with no constant or slope refitted, and the days that both have."""
    known = np.isfinite(real) & np.isfinite(fitted)
    if known.sum() < 3:
        return math.nan, int(known.sum())
    left = np.mean((real[known] - fitted[known]) ** 2)
    return float(1.0 - left / np.var(real[known])), int(known.sum())


def _average(values: Floats, half_life: float) -> Floats:
    """Return the exponential average at each close, begun at the mean of the first year."""
    keep, average = kept_of(half_life), values[..., :BURN_IN].mean(axis=-1)
    averages = np.empty_like(values)
    for day in range(values.shape[-1]):
        average = keep * average + (1.0 - keep) * values[..., day]
        averages[..., day] = average
    return averages
