"""Facts of how the VIX moves: its daily changes, spells and odds of inversion, and how it is spread ahead.

Levels and averages are among the fitted facts. A market can have them and still move its VIX too much in a day, invert
its curve too often at the same level, or spread too little ahead.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from flowsim.facts import moments
from flowsim.facts.closes import Closes, ahead, behind, sum_until
from flowsim.facts.facts import Fact, mean_inversion_days, ratio
from flowsim.files.arrays import Floats

LEVELS = (
    (-np.inf, 15.0, "<15"),
    (15.0, 20.0, "15-20"),
    (20.0, 25.0, "20-25"),
    (25.0, 30.0, "25-30"),
    (30.0, np.inf, ">30"),
)
"""Levels of the VIX in points: from, below, and their name."""
WEEKS = ((-np.inf, -3.0, "<-3%"), (-3.0, -1.0, "-3..-1%"), (-1.0, 1.0, "-1..1%"), (1.0, np.inf, ">1%"))
"""Returns of the last five days in percent: from, below, and their name."""
HORIZONS = (5, 21)
TAILS = (0.05, 0.95)


def log_vix(closes: Closes) -> Floats:
    """Return 100 times the log of the VIX, shape (..., days)."""
    return 100.0 * np.log(closes.indices["VIX"])


def change_pct(closes: Closes) -> Floats:
    """Return the change of the log VIX on each day, in percent, shape (..., days)."""
    return log_vix(closes) - behind(log_vix(closes), 1)


def change_ahead_pct(closes: Closes, days: int) -> Floats:
    """Return the change of the log VIX over the days after each close, in percent, shape (..., days)."""
    return ahead(log_vix(closes), days) - log_vix(closes)


def half_life_days(closes: Closes) -> Floats:
    """Return after how many days half of a deviation of the log VIX is left; nan where it does not fall back."""
    phi = moments.slope(closes, log_vix(closes), ahead(log_vix(closes), 1))
    falls_back = (phi > 0.0) & (phi < 1.0)
    return np.where(falls_back, np.log(0.5) / np.log(np.where(falls_back, phi, 0.5)), np.nan)


def beta(closes: Closes, of: Callable[[Floats, float], Floats]) -> Floats:
    """Return the slope of the change on falls (`np.minimum`) or on rises, both in one regression with a constant."""
    falls, rises = np.minimum(closes.returns_pct, 0.0), np.maximum(closes.returns_pct, 0.0)
    on_falls, on_rises = moments.slopes_of_two(closes, falls, rises, change_pct(closes))
    return on_falls if of is np.minimum else on_rises


def inverted(closes: Closes) -> Floats:
    """Return 1 where VIX closes above VIX3M, 0 where not, nan where not known."""
    over = ratio(closes, "VIX", "VIX3M")
    return np.where(np.isfinite(over), over > 1.0, np.nan)


def odds_at_level(closes: Closes, low: float, high: float) -> Floats:
    """Return how often VIX closes above VIX3M while it is between two levels."""
    return moments.mean(closes, _where(closes.indices["VIX"], low, high, inverted(closes)))


def odds_after_week(closes: Closes, low: float, high: float) -> Floats:
    """Return how often VIX closes above VIX3M where the last five days returned between two bounds, in percent."""
    return moments.mean(closes, _where(sum_until(closes.returns_pct, 5), low, high, inverted(closes)))


def spread_ahead_pct(closes: Closes, days: int, low: float = -np.inf, high: float = np.inf) -> Floats:
    """Return the standard deviation of the change over some days from a close at some level."""
    return moments.std(closes, _where(closes.indices["VIX"], low, high, change_ahead_pct(closes, days)))


def tail_ahead_pct(closes: Closes, days: int, share: float) -> Floats:
    """Return a quantile of the change over some days, read from all closes."""
    return moments.quantile(closes, change_ahead_pct(closes, days), share)


def _where(series: Floats, low: float, high: float, values: Floats) -> Floats:
    return np.where((series >= low) & (series < high), values, np.nan)


def _of_days() -> list[Fact]:
    add = partial(Fact, group="VIX dynamics", indices=("VIX",), reach_days=1)
    return [
        add("logVIX half-life (days)", compute=half_life_days),
        add("dlogVIX daily std (%)", compute=lambda c: moments.std(c, change_pct(c), ddof=1)),
        add("corr(r, dlogVIX)", compute=lambda c: moments.correlation(c, c.returns_pct, change_pct(c))),
        add("beta dlogVIX on r<0 (%/%)", compute=partial(beta, of=np.minimum)),
        add("beta dlogVIX on r>0 (%/%)", compute=partial(beta, of=np.maximum)),
    ]


def _of_inversion() -> list[Fact]:
    add = partial(Fact, group="VIX dynamics")
    spells = [
        add(
            f"{near}/{far} mean spell (days)",
            compute=partial(mean_inversion_days, near=near, far=far),
            indices=(near, far),
            reach_days=1,
        )
        for near, far in (("VIX9D", "VIX"), ("VIX3M", "VIX6M"))
    ]
    both = partial(add, indices=("VIX", "VIX3M"))
    levels = [
        both(f"VIX/VIX3M inverted at VIX {name}", compute=partial(odds_at_level, low=low, high=high))
        for low, high, name in LEVELS
    ]
    weeks = [
        both(
            f"VIX/VIX3M inverted after a week {name}",
            compute=partial(odds_after_week, low=low, high=high),
            reach_days=5,
        )
        for low, high, name in WEEKS
    ]
    return [*spells, *levels, *weeks]


def _ahead() -> list[Fact]:
    add = partial(Fact, group="VIX ahead", indices=("VIX",))
    found = []
    for days in HORIZONS:
        of_days = partial(add, reach_days=days)
        found += [
            of_days(f"dlogVIX over {days} days std (%)", compute=partial(spread_ahead_pct, days=days)),
            *(
                of_days(
                    f"dlogVIX over {days} days {share:.0%} quantile (%)",
                    compute=partial(tail_ahead_pct, days=days, share=share),
                )
                for share in TAILS
            ),
        ]
    levels = ((-np.inf, 15.0, "<15"), (15.0, 25.0, "15-25"), (25.0, np.inf, ">25"))
    return found + [
        add(
            f"dlogVIX over 21 days std from VIX {name} (%)",
            compute=partial(spread_ahead_pct, days=21, low=low, high=high),
            reach_days=21,
        )
        for low, high, name in levels
    ]


def facts() -> list[Fact]:
    """Return the facts, in the order of a printed table."""
    return [*_of_days(), *_of_inversion(), *_ahead()]
