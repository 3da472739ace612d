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
    returns = np.diff(log(close))
    averages = [
        _average(returns**2 if feature < 3 else returns, half_life)
        for feature, half_life in enumerate(FEATURE_HALF_LIVES)
    ]
    vols = [100.0 * np.sqrt(SESSIONS_PER_YEAR * average) for average in averages[:3]]
    trends = [100.0 * average for average in averages[3:]]
    r = 100.0 * returns
    columns = np.array([np.ones_like(r), *vols, np.maximum(-r, 0.0), r, *trends])
    options = config.options
    loadings = (options.vix9d, options.vix, options.vix3m, options.vix6m)
    levels = {
        name: (np.array(loading)[:, None] * columns).sum(axis=0)
        for name, loading in zip(INDICES, loadings, strict=True)
    }
    unknown = np.full(1 + BURN_IN, np.nan)
    return {name: np.concatenate([unknown, level[BURN_IN:]]) for name, level in levels.items()}


def explained(real: Floats, fitted: Floats) -> tuple[float, int]:
    """Return R squared of the fitted level, with no constant or slope refitted, and the days that both have."""
    known = np.isfinite(real) & np.isfinite(fitted)
    if known.sum() < 3:
        return math.nan, int(known.sum())
    left = np.mean((real[known] - fitted[known]) ** 2)
    return float(1.0 - left / np.var(real[known])), int(known.sum())


def _average(values: Floats, half_life: float) -> Floats:
    """Return the exponential average at each close, begun at the mean of the first year."""
    keep, average = kept_of(half_life), float(values[:BURN_IN].mean())
    averages = []
    for value in values.tolist():
        average = keep * average + (1.0 - keep) * value
        averages.append(average)
    return np.array(averages)
