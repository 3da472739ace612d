"""Claims about what the macro layer does to the index: their market, what they measure, and their scan of M."""

from __future__ import annotations

from collections.abc import Callable

from flowsim.config import Config
from flowsim.ensemble.intervals import PerPath
from flowsim.ensemble.sample import Arms, Samples
from flowsim.experiments.arms import without_options
from flowsim.experiments.experiment import ScanPlan
from flowsim.experiments.layer import with_layer

MULTIPLIERS = (3.0, 5.0, 8.0)
"""The range of Gabaix and Koijen (2021), and its middle."""


def market_with_layer(config: Config, days: int) -> Config:
    """Return so many sessions of the market with the layer, without options."""
    return without_options(with_layer(config)).override(f"time.days={days}", 'record={tables=["flows"]}')


def index_apart_pct(samples: Samples, one: str = "with", other: str = "without") -> PerPath:
    """Measure how far one arm ends above the other, in percent of the index."""
    return PerPath.mean(100.0 * (samples[one].returns - samples[other].returns).sum(axis=1))


def multiplier_scan(arms: Callable[[Config], Arms]) -> ScanPlan:
    """Return the scan of arms over the multiplier, whose range no verdict may flip in."""
    return ScanPlan(
        "multiplier M",
        MULTIPLIERS,
        lambda config, multiplier: arms(config.override(f"market.multiplier={multiplier}")),
        lambda config: config.market.multiplier,
        (MULTIPLIERS[0], MULTIPLIERS[-1]),
    )
