"""Effects with intervals over paths: every effect is a ratio of sums over paths, a mean one over their number."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
LEVEL = 0.95
THIRDS = 3
"""Independent parts of the paths that must agree before a verdict is given, as three seeds would have to."""


class PerPath(NamedTuple):
    """What each path adds to the numerator and to the denominator of an effect, both of shape (paths,)."""

    numerator: Floats
    denominator: Floats

    @classmethod
    def mean(cls, values: Floats) -> PerPath:
        """Return the parts of a mean over the paths on which the value is known."""
        known = np.isfinite(values)
        return cls(np.where(known, values, 0.0), known.astype(float))


class Interval(NamedTuple):
    """An effect and the ends of its interval over paths; all nan where it cannot be known."""

    value: float
    low: float
    high: float


UNKNOWN = Interval(float("nan"), float("nan"), float("nan"))


def interval(parts: PerPath, level: float = LEVEL) -> Interval:
    """Return the ratio of the sums and its interval by linearization (Cochran 1977, "Sampling Techniques", ch. 6).

    The standard error is that of the sum of numerator - ratio * denominator over independent paths; its quantile is
    Student's. Unknown for fewer than two paths that count, or where the denominator is zero.
    """
    counts = parts.denominator != 0.0
    n, total = int(counts.sum()), float(parts.denominator.sum())
    if n < 2 or total == 0.0:
        return UNKNOWN
    value = float(parts.numerator.sum() / total)
    residual = (parts.numerator - value * parts.denominator)[counts]
    quantile = student(0.5 + level / 2.0, n - 1)
    half = float(quantile * np.sqrt(n / (n - 1.0) * (residual**2).sum()) / abs(total))
    return Interval(value, value - half, value + half)


@cache
def student(probability: float, freedom: float) -> float:
    """Return a quantile of Student's t; tables of many arms ask for the same ones."""
    from scipy.stats import t

    return float(t.ppf(probability, freedom))


def joined(parts: list[PerPath]) -> PerPath:
    """Put the paths of several blocks one after the other."""
    return PerPath(
        np.concatenate([part.numerator for part in parts]), np.concatenate([part.denominator for part in parts])
    )


def independent(parts: PerPath, *, antithetic: bool) -> PerPath:
    """Return the parts by what is independent: by path, or by pair of paths where one mirrors the draws of the other.

    What a pair has in common cancels in its sum, so that an interval over single paths would be too wide. A last path
    without its mirror stands alone.
    """
    if not antithetic:
        return parts
    firsts = np.arange(0, len(parts.numerator), 2)
    return PerPath(*(np.add.reduceat(part, firsts) if len(part) else part for part in parts))


def thirds(parts: PerPath) -> list[PerPath]:
    """Return three consecutive parts of the paths, as equal as can be."""
    ends = np.linspace(0, len(parts.numerator), THIRDS + 1).round().astype(int)
    return [PerPath(parts.numerator[a:b], parts.denominator[a:b]) for a, b in pairwise(ends)]
