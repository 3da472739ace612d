"""Facts of the hours: the night's share of variance, the profile of the session, its memory, and what is traded.

They are there for runs that recorded each bar, where half hours are made of whole bars, and for full sessions only.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from flowsim.facts import moments
from flowsim.facts.closes import (
    HALF_HOURS,
    HALF_HOURS_PCT,
    HALF_HOURS_VOLUME,
    NIGHT_PCT,
    VOLUME,
    Closes,
    behind,
    sum_until,
)
from flowsim.facts.facts import Fact
from flowsim.files.arrays import Floats

MIDDAY = slice(4, 9)
"""The half hours from 11:30 to 14:00."""
USUAL_DAYS = 63
"""Volume is measured by its mean over so many days before."""


def night_share(closes: Closes) -> Floats:
    """Return the variance of close to open over that plus the variance of open to close."""
    night = closes.within[NIGHT_PCT]
    overnight, session = (moments.std(closes, part) ** 2 for part in (night, closes.returns_pct - night))
    with np.errstate(divide="ignore", invalid="ignore"):
        return overnight / (overnight + session)


def share_of_variance(closes: Closes, half_hours: slice) -> Floats:
    """Return the share of some half hours among the mean squares of the session's thirteen, for each of them."""
    return _share(closes, closes.within[HALF_HOURS_PCT] ** 2, half_hours)


def share_of_volume(closes: Closes, half_hours: slice) -> Floats:
    """Return the share of some half hours in the volume of the session, for each of them."""
    return _share(closes, closes.within[HALF_HOURS_VOLUME], half_hours)


def memory_within_day(closes: Closes) -> Floats:
    """Return the correlation of abs(r) with that of the next half hour, each over the mean of its half hour."""
    sizes = np.abs(closes.within[HALF_HOURS_PCT])
    known = np.isfinite(sizes)
    days = known.sum(axis=-2, keepdims=True).clip(1)
    sizes = sizes / (np.where(known, sizes, 0.0).sum(axis=-2, keepdims=True) / days)
    here, following = sizes[..., :-1], sizes[..., 1:]
    products = (here, following, here * here, following * following, here * following)
    x, y, xx, yy, xy = closes.means(*(each.mean(axis=-1) for each in products))
    with np.errstate(divide="ignore", invalid="ignore"):
        return (xy - x * y) / np.sqrt((xx - x**2) * (yy - y**2))


def log_realized_vol_std(closes: Closes) -> Floats:
    """Return the standard deviation over days of the log root of the sum of squared half hours."""
    squares = (closes.within[HALF_HOURS_PCT] ** 2).sum(axis=-1)
    return moments.std(closes, 0.5 * np.log(np.where(squares > 0.0, squares, np.nan)), ddof=1)


def volume_with_size(closes: Closes) -> Floats:
    """Return the correlation of abs(r) with the log of volume over its mean of the 63 days before."""
    volume = closes.within[VOLUME]
    usual = behind(sum_until(volume, USUAL_DAYS), 1) / USUAL_DAYS
    with np.errstate(divide="ignore", invalid="ignore"):
        above = np.log(volume / usual)
    return moments.correlation(closes, np.abs(closes.returns_pct), np.where(np.isfinite(above), above, np.nan))


def _share(closes: Closes, sizes: Floats, half_hours: slice) -> Floats:
    means = np.stack([moments.mean(closes, sizes[..., at]) for at in range(HALF_HOURS)], axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return means[..., half_hours].mean(axis=-1) / means.sum(axis=-1)


def facts() -> list[Fact]:
    """Return the facts, in the order of a printed table."""
    add = partial(Fact, group="hours", needs=(HALF_HOURS_PCT,))
    traded = partial(Fact, group="hours", needs=(HALF_HOURS_VOLUME,))
    first, last = slice(0, 1), slice(HALF_HOURS - 1, HALF_HOURS)
    return [
        add("overnight share of variance", compute=night_share, needs=(NIGHT_PCT,)),
        add("variance share first half hour (of session)", compute=partial(share_of_variance, half_hours=first)),
        add("variance share last half hour", compute=partial(share_of_variance, half_hours=last)),
        add("variance share 11:30-14:00, per half hour", compute=partial(share_of_variance, half_hours=MIDDAY)),
        add("half-hour abs(r) ACF(1) within day, deseasonalized", compute=memory_within_day),
        add("log RV std", compute=log_realized_vol_std),
        traded("volume share first half hour", compute=partial(share_of_volume, half_hours=first)),
        traded("volume share last half hour", compute=partial(share_of_volume, half_hours=last)),
        traded("volume share 11:30-14:00, per half hour", compute=partial(share_of_volume, half_hours=MIDDAY)),
        Fact("corr(abs(r), log volume)", "hours", volume_with_size, reach_days=USUAL_DAYS, needs=(VOLUME,)),
    ]
