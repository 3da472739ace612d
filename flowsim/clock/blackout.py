"""Earnings blackouts: when an issuer stops its discretionary buybacks around its quarterly report."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

QUIET_DAYS = 14.0


def in_blackout(
    days_since_quarter_end: ArrayLike,
    days_to_quarter_end: ArrayLike,
    report_lag_days: ArrayLike,
    quiet_days: ArrayLike = QUIET_DAYS,
) -> NDArray[np.bool_]:
    """Return whether an issuer is in blackout, elementwise over broadcast arguments.

    The blackout runs from `quiet_days` before a quarter end to one day after the report on that quarter,
    which comes `report_lag_days` after its end; both ends are included and all are calendar days. An issuer
    that reports more than about eleven weeks after the quarter end enters the next blackout before it leaves
    the last.

    Parameters
    ----------
    days_since_quarter_end, days_to_quarter_end : array_like
        Since the latest quarter end strictly before the date, and to the next one on or after it.
    report_lag_days, quiet_days : array_like
        Of the issuer.
    """
    reported = np.asarray(days_since_quarter_end) > np.asarray(report_lag_days) + 1.0
    quiet = np.asarray(days_to_quarter_end) <= np.asarray(quiet_days)
    return quiet | ~reported


def share_in_blackout(
    days_since_quarter_end: ArrayLike,
    days_to_quarter_end: ArrayLike,
    report_lag_days: ArrayLike,
    quiet_days: float = QUIET_DAYS,
) -> NDArray[np.float64]:
    """Return the share of issuers in blackout on each date, shape (dates,).

    `days_since_quarter_end` and `days_to_quarter_end` have shape (dates,), `report_lag_days` shape
    (issuers,).
    """
    since = np.atleast_1d(days_since_quarter_end)[:, np.newaxis]
    to_end = np.atleast_1d(days_to_quarter_end)[:, np.newaxis]
    return in_blackout(since, to_end, np.atleast_1d(report_lag_days), quiet_days).mean(axis=1)
