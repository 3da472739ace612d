"""Facts of what follows large moves: the mean return on the days after a fall or a rise of so many daily deviations.

A move is measured by what was known before it, and what follows by what was known after it:

    z_t = r_t / rms of the 21 returns before t,    w_t = r_(t+1) / rms of the 21 returns up to t
"""

from __future__ import annotations

from functools import partial

import numpy as np

from flowsim.facts import moments
from flowsim.facts.closes import Closes, ahead, behind, sum_until
from flowsim.facts.facts import Fact
from flowsim.files.arrays import Floats

MONTH = 21
WORST = 0.01
"""Share of the days that are the worst, or the best."""
FAR = np.inf


def deviation(returns_pct: Floats) -> Floats:
    """Return the root mean square of the 21 returns up to each day, nan where it is not known or zero."""
    squares = sum_until(returns_pct**2, MONTH).clip(0.0) / MONTH
    return np.sqrt(np.where(squares > 0.0, squares, np.nan))


def move(returns_pct: Floats) -> Floats:
    """Return each return in deviations of the 21 returns before it."""
    return returns_pct / behind(deviation(returns_pct), 1)


def after(closes: Closes, low: float, high: float, first: int = 1, last: int = 1) -> Floats:
    """Return the mean of the returns `first` to `last` days after a move between two bounds, in deviations of a day."""
    return moments.mean(closes, _where_moved(closes, low, high, _following(closes.returns_pct, first, last)))


def share_down_after(closes: Closes, low: float, high: float) -> Floats:
    """Return how often the index falls on the day after a move between two bounds."""
    following = _following(closes.returns_pct, 1, 1)
    falls = np.where(np.isfinite(following), following < 0.0, np.nan)
    return moments.mean(closes, _where_moved(closes, low, high, falls))


def after_extremes_bp(closes: Closes, sign: float) -> Floats:
    """Return the mean return after the 1 % of days with the largest `sign` times return, less the mean, in bp."""
    returns = closes.returns_pct
    largest = sign * returns >= np.quantile(sign * returns, 1.0 - WORST, axis=-1, keepdims=True)
    following = ahead(returns, 1)
    after_them = moments.mean(closes, np.where(largest, following, np.nan))
    return 100.0 * (after_them - moments.mean(closes, following))


def _following(returns_pct: Floats, first: int, last: int) -> Floats:
    days = last - first + 1
    return ahead(sum_until(returns_pct, days), last) / deviation(returns_pct)


def _where_moved(closes: Closes, low: float, high: float, values: Floats) -> Floats:
    moved = move(closes.returns_pct)
    return np.where((moved > low) & (moved < high), values, np.nan)


def facts() -> list[Fact]:
    """Return the facts, in the order of a printed table."""
    add = partial(Fact, group="after shocks", reach_days=MONTH + 1)
    fall = partial(after, low=-FAR, high=-3.0)
    return [
        add("after z<-3 (sd)", compute=fall),
        add("after -3<z<-2 (sd)", compute=partial(after, low=-3.0, high=-2.0)),
        add("after -2<z<-1 (sd)", compute=partial(after, low=-2.0, high=-1.0)),
        add("after 1<z<2 (sd)", compute=partial(after, low=1.0, high=2.0)),
        add("after z>2 (sd)", compute=partial(after, low=2.0, high=FAR)),
        add("share down after z<-3", compute=partial(share_down_after, low=-FAR, high=-3.0)),
        add("days 2-5 after z<-3 (sd)", compute=partial(fall, first=2, last=5), reach_days=MONTH + 5),
        add("days 6-21 after z<-3 (sd)", compute=partial(fall, first=6, last=21), reach_days=2 * MONTH),
        add("day after the worst 1 % (bp)", compute=partial(after_extremes_bp, sign=-1.0), reach_days=1),
        add("day after the best 1 % (bp)", compute=partial(after_extremes_bp, sign=1.0), reach_days=1),
    ]
