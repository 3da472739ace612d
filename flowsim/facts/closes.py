"""Daily closes as the facts read them: whole series, what lies ahead of and behind each day, and sums over the days."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from flowsim.files.arrays import Days, Flags, Floats

BLACKOUT_BEFORE_DAYS, BLACKOUT_AFTER_DAYS = 14, 28
"""Calendar days around a quarter end in which most issuers may not buy their own shares, both ends included."""
NIGHT_PCT, HALF_HOURS_PCT, VOLUME, HALF_HOURS_VOLUME = "nights", "half hours", "volume", "half-hourly volume"
"""What may be known within sessions, by name; nan on half days."""
HALF_HOURS = 13
"""Half hours of a full session."""
TURN_OF_MONTH_SESSIONS = 3
"""First sessions of a month that belong to its turn, after the last session of the month before."""


@dataclass(frozen=True, eq=False)
class Closes:
    """Daily closes of one history, or of several over the same dates.

    A bootstrap draws days with what lies ahead of and behind them. Since the series are never cut, it only has to say
    how often each day was drawn, in `weights`; then every sum over days has one value for each resample.

    `dates` is datetime64[D] of shape (days,); `returns_pct` is 100 times the log return, shape (..., days); `indices`
    holds volatility indices in points by name, each of shape (..., days), nan where there is no close;
    `turn_of_month` and `blackout` are bool of shape (days,); `weights` has shape (resamples, days) and goes with a
    single history only. `within` holds what is known within sessions: returns in percent of the night before,
    (..., days), and of the half hours, (..., days, 13), and volumes of the same shapes, in any unit.
    """

    dates: Days
    returns_pct: Floats
    indices: dict[str, Floats] = field(default_factory=dict)
    turn_of_month: Flags = field(default_factory=lambda: np.zeros(0, bool))
    blackout: Flags = field(default_factory=lambda: np.zeros(0, bool))
    weights: Floats | None = None
    within: dict[str, Floats] = field(default_factory=dict)

    @classmethod
    def dated(cls, dates: Days, returns_pct: Floats, indices: dict[str, Floats] | None = None) -> Closes:
        """Return closes with the windows of the calendar that they lie in.

        `dates` has shape (days + 1,): that of the close before the first return comes first.
        """
        return cls(dates[1:], returns_pct, indices or {}, in_turn_of_month(dates)[1:], in_blackout(dates)[1:])

    @classmethod
    def undated(cls, returns_pct: Floats) -> Closes:
        """Return closes on consecutive days of no calendar, for facts that do not ask for the date."""
        return cls(np.arange(returns_pct.shape[-1]).astype("datetime64[D]"), returns_pct)

    @property
    def n_days(self) -> int:
        """Number of days, each with a return."""
        return len(self.dates)

    def between(self, first: np.datetime64, last: np.datetime64) -> Closes:
        """Return the days from `first` to `last`, both included; nothing outside lies ahead of or behind them."""
        start, stop = np.searchsorted(self.dates, first), np.searchsorted(self.dates, last, side="right")
        kept = slice(int(start), int(stop))
        return Closes(
            self.dates[kept],
            self.returns_pct[..., kept],
            {name: values[..., kept] for name, values in self.indices.items()},
            self.turn_of_month[kept],
            self.blackout[kept],
        )

    def weighted(self, weights: Floats) -> Closes:
        """Return the same history with how often each resample drew each day, shape (resamples, days)."""
        return replace(self, weights=weights)

    def means(self, *values: Floats) -> list[Floats]:
        """Return the mean of each series over the days on which all of them are known; nan where none is."""
        known = np.logical_and.reduce([np.isfinite(series) for series in values])
        days = self._sum(known.astype(float))
        with np.errstate(divide="ignore", invalid="ignore"):
            return [self._sum(np.where(known, series, 0.0)) / days for series in values]

    def count(self, values: Floats) -> Floats:
        """Return on how many days a series is known."""
        return self._sum(np.isfinite(values).astype(float))

    def ranked(self, values: Floats) -> tuple[Floats, Floats]:
        """Return the values in descending order, and how many days have come up to and including each."""
        order = np.argsort(-values, axis=-1)
        largest = np.take_along_axis(values, order, axis=-1)
        times = np.isfinite(largest) * (1.0 if self.weights is None else self.weights[:, order])
        return np.broadcast_to(largest, times.shape), times.cumsum(axis=-1)

    def _sum(self, values: Floats) -> Floats:
        if self.weights is None:
            return values.sum(axis=-1)
        # A matrix product would wait for all its threads, which on a busy machine takes ten times longer.
        return np.einsum("rd,d->r", self.weights, values)


def ahead(values: Floats, days: int) -> Floats:
    """Return the value `days` later, nan at the end."""
    return np.concatenate([values[..., days:], _unknown(values, days)], axis=-1)


def behind(values: Floats, days: int) -> Floats:
    """Return the value `days` earlier, nan at the beginning."""
    return np.concatenate([_unknown(values, days), values[..., :-days]], axis=-1)


def sum_until(values: Floats, days: int) -> Floats:
    """Return the sum over a day and the `days` - 1 before it, nan at the beginning."""
    total = np.concatenate([np.zeros((*values.shape[:-1], 1)), np.cumsum(values, axis=-1)], axis=-1)
    return np.concatenate([_unknown(values, days - 1), total[..., days:] - total[..., :-days]], axis=-1)


def sum_after(values: Floats, days: int) -> Floats:
    """Return the sum over the `days` after a day, nan at the end."""
    return ahead(sum_until(values, days), days)


def in_turn_of_month(dates: Days) -> Flags:
    """Return whether each session is the last of its month or one of the first three.

    What is not in the series is counted in weekdays: the sessions of the first month before the first date, and
    whether the last date ends its month.
    """
    month = dates.astype("datetime64[M]")
    number = np.arange(len(dates)) - np.searchsorted(month, month)
    number[month == month[0]] += np.busday_count(month[0].astype("datetime64[D]"), dates[0])
    following = np.append(dates[1:], np.busday_offset(dates[-1], 1, roll="backward"))
    return (number < TURN_OF_MONTH_SESSIONS) | (following.astype("datetime64[M]") > month)


def in_blackout(dates: Days) -> Flags:
    """Return whether each date lies from 14 calendar days before a quarter end to 28 after it, both included."""
    month = dates.astype("datetime64[M]").astype(np.int64)
    quarter = (month - month % 3).astype("datetime64[M]").astype("datetime64[D]")
    following = (month - month % 3 + 3).astype("datetime64[M]").astype("datetime64[D]")
    since_end = (dates - quarter).astype(np.int64) + 1
    to_end = (following - dates).astype(np.int64) - 1
    return (to_end <= BLACKOUT_BEFORE_DAYS) | (since_end <= BLACKOUT_AFTER_DAYS)


def _unknown(values: Floats, days: int) -> Floats:
    return np.full((*values.shape[:-1], min(days, values.shape[-1])), np.nan)
