"""How often all nine moments of Franke and Westerhoff lie inside the real intervals on one and the same path.

Each fact alone may be inside while no path has them all. Franke and Westerhoff (2012), "Structural Stochastic
Volatility in Asset Pricing Dynamics: Estimation and Model Contest", count the runs on which all nine of theirs are.
Here the intervals are those of the S&P 500 of 1990-2026; beside a share stands that of real returns themselves, of
which as many days were drawn, since a shorter path strays farther.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from flowsim.facts.bootstrap import draws
from flowsim.facts.closes import Closes
from flowsim.facts.market_facts import LONG, Interval
from flowsim.facts.outside_models import published_moments
from flowsim.files.arrays import Floats

LENGTHS = (1260, 2520, 4284, 6866)
"""Days of a path for which real returns were resampled: five, ten, seventeen and 27 years."""
RESAMPLED = "resampled, "


@dataclass(frozen=True)
class Joint:
    """Percent of paths: with each moment inside its interval, and with all at once; `real_pct` of real returns."""

    name: str
    n_paths: int
    days: int
    by_moment_pct: dict[str, float]
    joint_pct: float
    real_pct: float

    def as_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        known = {"series": self.name, "paths": self.n_paths, "days": self.days, "joint_pct": self.joint_pct}
        return known | {"real_resampled_pct": self.real_pct, "by_moment_pct": self.by_moment_pct}

    @property
    def sentence(self) -> str:
        """Say the joint share beside that of real returns, then each moment's."""
        single = ", ".join(f"{name} {share:.0f}" for name, share in self.by_moment_pct.items())
        return (
            f"Nine moments of Franke and Westerhoff, {self.name}: all inside the intervals of {LONG} on"
            f" {self.joint_pct:.1f} % of paths of {self.days:,} days; real returns resampled to as many days:"
            f" {self.real_pct:.1f} %. Each alone, %: {single}."
        )


@dataclass(frozen=True)
class JointOfHistory:
    """The nine moments of one history with their intervals, and the joint shares of its own resamples by length."""

    name: str
    moments: dict[str, Interval]
    shares_pct: dict[int, float]

    def as_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        moments = {name: one._asdict() for name, one in self.moments.items()}
        return {"series": self.name, "moments": moments, "resampled_pct": self.shares_pct}

    @property
    def sentence(self) -> str:
        """Say each moment's interval, and how often resamples have all of them inside."""
        ends = ", ".join(
            f"{name} {one.value:.3g} [{one.low:.3g}, {one.high:.3g}]" for name, one in self.moments.items()
        )
        shares = ", ".join(f"{days:,} days {share:.1f} %" for days, share in self.shares_pct.items())
        together = f" All inside on resamples of {shares}." if shares else ""
        return f"Nine moments of Franke and Westerhoff, {self.name}: {ends}.{together}"


def moments_of(closes: Closes) -> dict[str, Floats]:
    """Return the nine moments by name, one value for each path or resample."""
    return {name: compute(closes) for name, (compute, *_) in published_moments().items()}


def joint_of(blocks: Iterable[dict[str, Floats]], name: str, days: int) -> Joint:
    """Return the shares of paths inside the shipped intervals, from the moments of blocks of paths."""
    blocks = list(blocks)
    values = {moment: np.concatenate([block[moment] for block in blocks]) for moment in blocks[0]}
    shares, joint = inside(values, shipped_intervals())
    return Joint(name, len(next(iter(values.values()))), days, shares, joint, shipped_share(days))


def inside(values: dict[str, Floats], intervals: dict[str, Interval]) -> tuple[dict[str, float], float]:
    """Return the percent of paths with each moment inside its interval, and with all of them."""
    there = {name: (one >= intervals[name].low) & (one <= intervals[name].high) for name, one in values.items()}
    shares = {name: 100.0 * float(one.mean()) for name, one in there.items()}
    return shares, 100.0 * float(np.logical_and.reduce(list(there.values())).mean())


@cache
def shipped_intervals() -> dict[str, Interval]:
    """Return the intervals of the nine moments of 1990-2026."""
    return {name: one for name, one in _shipped().items() if not name.startswith(RESAMPLED)}


def shipped_share(days: int) -> float:
    """Return the percent of resamples of real returns with all inside, of the length nearest to so many days."""
    nearest = min(LENGTHS, key=lambda length: abs(np.log(length / days)))
    return _shipped()[f"{RESAMPLED}{nearest}"].value


@cache
def _shipped() -> dict[str, Interval]:
    text = files("flowsim.facts").joinpath("joint_moments.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(io.StringIO(text))
    return {row["moment"]: Interval(float(row["value"]), float(row["low"]), float(row["high"])) for row in rows}


def joint_of_history(
    closes: Closes, name: str, resamples: int, seed: int, progress: Callable[[int], None] | None = None
) -> JointOfHistory:
    """Return the nine moments of one history with their intervals, and the joint shares of resamples by length.

    The shipped table was made by it. Days are drawn with what lies ahead of them, as for the facts.
    """
    values: dict[str, list[Floats]] = {}
    by_length: dict[int, list[dict[str, Floats]]] = {length: [] for length in LENGTHS if length <= closes.n_days}
    for counts in draws(closes.n_days, resamples, seed, lengths=(closes.n_days, *by_length)):
        for moment, one in moments_of(closes.weighted(counts[closes.n_days])).items():
            values.setdefault(moment, []).append(one)
        for length, found in by_length.items():
            found.append(moments_of(closes.weighted(counts[length])))
        if progress is not None:
            progress(len(counts[closes.n_days]))
    own = moments_of(closes)
    ends = {moment: np.quantile(np.concatenate(one), [0.025, 0.975]) for moment, one in values.items()}
    intervals = {moment: Interval(float(own[moment]), *map(float, ends[moment])) for moment in values}
    shares = {}
    for length, found in by_length.items():
        together = {moment: np.concatenate([block[moment] for block in found]) for moment in values}
        shares[length] = inside(together, intervals)[1]
    return JointOfHistory(name, intervals, shares)
