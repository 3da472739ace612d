"""The stylized facts of an equity index and its volatility indices: what each is, for any closes.

Simulated paths, real series and bootstrap resamples go through the same functions. Names and definitions are those of
the table of the real market that ships beside this file.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

from flowsim.clock.year import SESSIONS_PER_YEAR
from flowsim.facts import moments
from flowsim.facts.closes import Closes, ahead, behind, sum_after, sum_until
from flowsim.files.arrays import Floats

MONTH = 21
"""Sessions over which realized volatility is compared with the VIX."""


class Fact(NamedTuple):
    """One fact: its name with its unit, the group it is shown in, and what it takes.

    `compute` returns one value for each history or resample. `indices` are the volatility indices it reads, `needs`
    what it takes from within sessions, and `reach_days` how far it looks ahead or back. A fact that is not `by_day`
    depends on the order of all days, so resampled days do not have it.
    """

    name: str
    group: str
    compute: Callable[[Closes], Floats]
    indices: tuple[str, ...] = ()
    reach_days: int = 0
    by_day: bool = True
    needs: tuple[str, ...] = ()


def annualized_mean_pct(closes: Closes) -> Floats:
    """Return the mean log return in percent a year."""
    return SESSIONS_PER_YEAR * moments.mean(closes, closes.returns_pct)


def annualized_vol_pct(closes: Closes) -> Floats:
    """Return the standard deviation (ddof 1) in percent a year."""
    return np.sqrt(SESSIONS_PER_YEAR) * moments.std(closes, closes.returns_pct, ddof=1)


def skew(closes: Closes) -> Floats:
    """Return the skewness of returns."""
    return moments.skew(closes, closes.returns_pct)


def excess_kurtosis(closes: Closes) -> Floats:
    """Return the excess kurtosis of returns."""
    return moments.excess_kurtosis(closes, closes.returns_pct)


def hill_left(closes: Closes) -> Floats:
    """Return the tail exponent of losses."""
    return moments.tail_exponent(closes, -closes.returns_pct)


def hill_right(closes: Closes) -> Floats:
    """Return the tail exponent of gains."""
    return moments.tail_exponent(closes, closes.returns_pct)


def acf(closes: Closes, lag: int, of: Callable[[Floats], Floats] = np.positive) -> Floats:
    """Return the correlation of a function of the return with itself `lag` days later."""
    series = of(closes.returns_pct)
    return moments.correlation(closes, series, ahead(series, lag))


def leverage(closes: Closes, lag: int) -> Floats:
    """Return the correlation of a return with the absolute return `lag` days later (Black 1976)."""
    return moments.correlation(closes, closes.returns_pct, ahead(np.abs(closes.returns_pct), lag))


def variance_ratio(closes: Closes, days: int) -> Floats:
    """Return var(overlapping sums of `days` returns) / (days var(r)) (Lo and MacKinlay 1988)."""
    sums = sum_until(closes.returns_pct, days)
    with np.errstate(divide="ignore", invalid="ignore"):
        return moments.std(closes, sums) ** 2 / (days * moments.std(closes, closes.returns_pct) ** 2)


def return_on_past_week(closes: Closes) -> Floats:
    """Return the correlation of a return with the sum of the five before it."""
    return moments.correlation(closes, closes.returns_pct, behind(sum_until(closes.returns_pct, 5), 1))


def next_week_on_past_week(closes: Closes) -> Floats:
    """Return the correlation of the sum of the next five returns with that of the last five."""
    return moments.correlation(closes, sum_after(closes.returns_pct, 5), sum_until(closes.returns_pct, 5))


def max_drawdown_pct(closes: Closes) -> Floats:
    """Return the largest fall from a high, in percent (negative)."""
    start = np.zeros((*closes.returns_pct.shape[:-1], 1))
    log_price = np.concatenate([start, np.cumsum(closes.returns_pct / 100.0, axis=-1)], axis=-1)
    return 100.0 * np.expm1((log_price - np.maximum.accumulate(log_price, axis=-1)).min(axis=-1))


def mean_in_bp(closes: Closes, window: str, inside: bool) -> Floats:
    """Return the mean return in and outside a window of the calendar, in basis points a day."""
    return 100.0 * moments.mean(closes, _in_window(closes, window, inside))


def blackout_minus_open_bp(closes: Closes) -> Floats:
    """Return the mean return in blackouts minus that in open windows, in basis points a day."""
    return mean_in_bp(closes, "blackout", True) - mean_in_bp(closes, "blackout", False)


def blackout_vol_ratio(closes: Closes) -> Floats:
    """Return the standard deviation of returns in blackouts over that in open windows."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return moments.std(closes, _in_window(closes, "blackout", True)) / moments.std(
            closes, _in_window(closes, "blackout", False)
        )


def vix_ar1(closes: Closes) -> Floats:
    """Return the slope of tomorrow's VIX on today's."""
    vix = closes.indices["VIX"]
    return moments.slope(closes, vix, ahead(vix, 1))


def vix_half_life_days(closes: Closes) -> Floats:
    """Return after how many days half of a deviation is left, ln 0.5 / ln phi; nan unless 0 < phi < 1."""
    phi = vix_ar1(closes)
    falls_back = (phi > 0.0) & (phi < 1.0)
    return np.where(falls_back, np.log(0.5) / np.log(np.where(falls_back, phi, 0.5)), np.nan)


def return_on_vix_change(closes: Closes) -> Floats:
    """Return the correlation of returns with the change of the VIX on the same day."""
    vix = closes.indices["VIX"]
    return moments.correlation(closes, closes.returns_pct, vix - behind(vix, 1))


def realized_vol(closes: Closes) -> Floats:
    """Return the volatility of the 21 returns after each close, in points, shape (..., days)."""
    return np.sqrt(SESSIONS_PER_YEAR / MONTH * sum_after(closes.returns_pct**2, MONTH))


def premium(closes: Closes, power: int) -> Floats:
    """Return VIX minus the volatility realized after it, or the same of their squares, shape (..., days)."""
    return closes.indices["VIX"] ** power - realized_vol(closes) ** power


def ratio(closes: Closes, near: str, far: str) -> Floats:
    """Return one index over another, shape (..., days)."""
    return closes.indices[near] / closes.indices[far]


def share_above(closes: Closes, values: Floats, level: float) -> Floats:
    """Return the share of the days on which a series is above a level."""
    return moments.mean(closes, np.where(np.isfinite(values), values > level, np.nan))


def mean_inversion_days(closes: Closes, near: str = "VIX", far: str = "VIX3M") -> Floats:
    """Return the mean number of days in a row on which a near index closes above a far one; nan where it never does.

    Days inverted over days on which an inversion begins; a spell that the series cuts counts as it is seen.
    """
    over = ratio(closes, near, far)
    known = np.isfinite(over)
    inverted = np.where(known, over > 1.0, np.nan)
    begins = np.where(known, (over > 1.0) & ~(behind(over, 1) > 1.0), np.nan)
    days, spells = closes.means(inverted, begins)
    with np.errstate(divide="ignore", invalid="ignore"):
        return days / spells


def _in_window(closes: Closes, window: str, inside: bool) -> Floats:
    return np.where(getattr(closes, window) == inside, closes.returns_pct, np.nan)


def _of_returns() -> list[Fact]:
    add = partial(Fact, group="returns")
    return [
        add("return mean (% p.a., log price)", compute=annualized_mean_pct),
        add("return annualized vol (%)", compute=annualized_vol_pct),
        add("return skew", compute=skew),
        add("return excess kurtosis", compute=excess_kurtosis),
        add("return Hill left (top 5%)", compute=hill_left),
        add("return Hill right (top 5%)", compute=hill_right),
        add("ACF r lag 1", compute=partial(acf, lag=1), reach_days=1),
        *(add(f"ACF abs(r) lag {k}", compute=partial(acf, lag=k, of=np.abs), reach_days=k) for k in (1, 5, 20, 60)),
        *(add(f"ACF r^2 lag {k}", compute=partial(acf, lag=k, of=np.square), reach_days=k) for k in (1, 20)),
        *(add(f"leverage corr(r_t,abs(r_t+{k}))", compute=partial(leverage, lag=k), reach_days=k) for k in (1, 5, 20)),
        *(add(f"variance ratio VR({q})", compute=partial(variance_ratio, days=q), reach_days=q) for q in (5, 20)),
        add("corr(r_t, sum r_t-5..t-1)", compute=return_on_past_week, reach_days=5),
        add("corr(next-5d, past-5d return)", compute=next_week_on_past_week, reach_days=10),
        add("max drawdown whole sample (%)", compute=max_drawdown_pct, by_day=False),
    ]


def _of_calendar() -> list[Fact]:
    add = partial(Fact, group="calendar")
    return [
        add("turn-of-month mean (bp/day)", compute=partial(mean_in_bp, window="turn_of_month", inside=True)),
        add("other days mean (bp/day)", compute=partial(mean_in_bp, window="turn_of_month", inside=False)),
        add("blackout mean (bp/day)", compute=partial(mean_in_bp, window="blackout", inside=True)),
        add("open-window mean (bp/day)", compute=partial(mean_in_bp, window="blackout", inside=False)),
        add("blackout minus open (bp/day)", compute=blackout_minus_open_bp),
        add("blackout vol / open vol", compute=blackout_vol_ratio),
    ]


def _of_vix() -> list[Fact]:
    add = partial(Fact, group="VIX", indices=("VIX",))
    ahead_21 = partial(add, reach_days=MONTH)
    return [
        add("VIX mean", compute=lambda c: moments.mean(c, c.indices["VIX"])),
        add("VIX median", compute=lambda c: moments.median(c, c.indices["VIX"])),
        add("VIX std", compute=lambda c: moments.std(c, c.indices["VIX"], ddof=1)),
        add("VIX skew", compute=lambda c: moments.skew(c, c.indices["VIX"])),
        add("VIX AR(1)", compute=vix_ar1, reach_days=1),
        add("VIX half-life (days)", compute=vix_half_life_days, reach_days=1),
        add("corr(r, dVIX)", compute=return_on_vix_change, reach_days=1),
        ahead_21("VRP mean VIX-RV21 (vol pts)", compute=lambda c: moments.mean(c, premium(c, 1))),
        ahead_21("VRP fraction > 0", compute=lambda c: share_above(c, premium(c, 1), 0.0)),
        ahead_21("VRP mean VIX^2-RV^2 (var pts)", compute=lambda c: moments.mean(c, premium(c, 2))),
        ahead_21("RV21 mean (vol pts)", indices=(), compute=lambda c: moments.mean(c, realized_vol(c))),
    ]


def _of_term_structure() -> list[Fact]:
    add = partial(Fact, group="term structure")
    found = []
    for near, far in (("VIX9D", "VIX"), ("VIX", "VIX3M"), ("VIX3M", "VIX6M")):
        of_both = partial(add, indices=(near, far))
        found += [
            of_both(f"{near}/{far} mean", compute=lambda c, a=near, b=far: moments.mean(c, ratio(c, a, b))),
            of_both(f"{near}/{far} std", compute=lambda c, a=near, b=far: moments.std(c, ratio(c, a, b))),
            of_both(
                f"{near}/{far} fraction inverted", compute=lambda c, a=near, b=far: share_above(c, ratio(c, a, b), 1.0)
            ),
        ]
    spell = add("VIX/VIX3M inversion (days)", compute=mean_inversion_days, indices=("VIX", "VIX3M"), reach_days=1)
    return [*found, spell]


FACTS: tuple[Fact, ...] = (*_of_returns(), *_of_calendar(), *_of_vix(), *_of_term_structure())
"""Every fact, in the order of a printed table."""


def _of_fractions(compute: Callable[[Closes], Floats]) -> Callable[[Floats], Floats]:
    return lambda returns: compute(Closes.undated(100.0 * returns))


RETURN_FACTS: dict[str, Callable[[Floats], Floats]] = {
    "volatility, % a year": _of_fractions(annualized_vol_pct),
    "skew": _of_fractions(skew),
    "excess kurtosis": _of_fractions(excess_kurtosis),
    "tail exponent, losses": _of_fractions(hill_left),
    "tail exponent, gains": _of_fractions(hill_right),
    "ACF of r, lag 1": _of_fractions(partial(acf, lag=1)),
    "ACF of abs(r), lag 1": _of_fractions(partial(acf, lag=1, of=np.abs)),
    "ACF of abs(r), lag 20": _of_fractions(partial(acf, lag=20, of=np.abs)),
    "leverage, r with next abs(r)": _of_fractions(partial(leverage, lag=1)),
    "variance ratio, 5 days": _of_fractions(partial(variance_ratio, days=5)),
    "max drawdown, %": _of_fractions(lambda closes: -max_drawdown_pct(closes)),
}
"""The facts of an ablation table, in its order: each takes daily log returns as fractions, (..., days)."""
