"""What a desk would use instead, refitted on what was known: GJR-GARCH, filtered history, AR(1) of the VIX."""

from __future__ import annotations

import numpy as np

from flowsim.clock.year import YEAR
from flowsim.files.arrays import Floats
from flowsim.forecasts.paths import INDEX, Paths
from flowsim.kernel.array_functions import exp, log

GARCH, FILTERED, AUTOREGRESSION = "GJR-GARCH-t", "filtered history", "AR(1) of log VIX"
WINDOW = 10 * YEAR
"""Closes that rivals are fitted to: the last ten years."""
FEWEST = 2 * YEAR
"""Closes of the VIX that an autoregression is fitted to at least."""
DIGITS = 4


def garch_rivals(close: Floats, days: int, n_paths: int, seed: int) -> dict[str, Paths]:
    """Return paths of a GJR-GARCH(1,1,1) fitted to closes, with t innovations and with those of the past drawn anew.

    Glosten, Jagannathan and Runkle (1993), "On the Relation between the Expected Value and the Volatility of the
    Nominal Excess Return on Stocks"; Barone-Adesi, Giannopoulos and Vosper (1999), "VaR without Correlations for
    Portfolios of Derivative Securities", for the filtered history.

    Parameters
    ----------
    close : (closes,)
        Up to the day of the forecast; the last ten years of them count.
    """
    from arch import arch_model
    from arch.univariate import StudentsT

    returns = 100.0 * np.diff(log(close[-WINDOW - 1 :]))
    model = arch_model(returns, mean="Constant", vol="GARCH", p=1, o=1, q=1, dist="t", rescale=False)
    fitted = model.fit(disp="off", show_warning=False, options={"ftol": 1e-10})
    # The libraries add up in the order of their threads, and the optimizer makes differences in the sixth digit of it.
    model.distribution = StudentsT(seed=np.random.default_rng(seed))
    known = model.fix(fitted.params.round(DIGITS))
    drawn = {
        GARCH: known.forecast(horizon=days, method="simulation", simulations=n_paths),
        FILTERED: known.forecast(
            horizon=days, method="bootstrap", simulations=n_paths, random_state=np.random.RandomState(seed)
        ),
    }
    return {name: Paths(np.asarray(one.simulations.values)[-1] / 100.0, {}) for name, one in drawn.items()}


def index_rival(level: Floats, days: int, n_paths: int, seed: int) -> dict[str, Paths]:
    """Return paths of an autoregression of the log VIX with its own residuals drawn anew; none of too few closes.

    Parameters
    ----------
    level : (closes,)
        VIX closes up to the day of the forecast, in points, nan where there is none; the last ten years count.
    """
    points = log(level[-WINDOW:][np.isfinite(level[-WINDOW:])])
    if len(points) < FEWEST or not np.isfinite(level[-1]):
        return {}
    before, after = points[:-1], points[1:]
    slope = float(np.cov(before, after, ddof=0)[0, 1] / before.var())
    left = after - after.mean() - slope * (before - before.mean())
    drawn = np.random.default_rng(seed).choice(left, size=(n_paths, days))
    now, ahead = np.full(n_paths, points[-1]), np.empty((n_paths, days))
    for day in range(days):
        now = after.mean() + slope * (now - before.mean()) + drawn[:, day]
        ahead[:, day] = now
    return {AUTOREGRESSION: Paths(np.empty((n_paths, 0)), {INDEX: exp(ahead)})}
