"""What a reader would use instead, as closes for the same facts: GJR-GARCH, Heston, path-dependent volatility."""

from __future__ import annotations

import numpy as np

from flowsim.clock import sessions_after
from flowsim.clock.year import SESSIONS_PER_YEAR
from flowsim.config import Config
from flowsim.engine.prepare import configured_prices
from flowsim.facts.closes import Closes
from flowsim.files.arrays import Floats

GARCH, HESTON, PATH_DEPENDENT = "GJR-GARCH, t innovations", "Heston", "path-dependent volatility"
BURN_IN_DAYS = 500
STEPS_A_DAY = 13
HESTON_DRIFT, HESTON_KAPPA, HESTON_THETA, HESTON_VOL_OF_VOL, HESTON_RHO = 0.08, 1.15, 0.04, 0.39, -0.64
"""Bakshi, Cao and Chen (1997), "Empirical Performance of Alternative Option Pricing Models", SV: a year's rates, fitted
to S&P 500 options. Options have no premium over what follows: the same numbers drive prices and the VIX. The drift
is that of the S&P 500 since 1950, which the paper does not fit."""
TREND_RATES, TREND_SLOW = (55.0, 10.0), 0.25
ACTIVITY_RATES, ACTIVITY_SLOW = (20.0, 3.0), 0.5
LEVEL, TREND_LOADING, ACTIVITY_LOADING = 0.04, -0.13, 0.65
"""Guyon and Lekeufack (2023), "Volatility Is (Mostly) Path-Dependent", the 4-factor model: rates a year of the averages
of past returns and of their squares, the weight of the slower ones, and what volatility loads on; the numbers are those
of the authors' own notebook."""
TENOR_YEARS = {"VIX9D": 9 / 365, "VIX": 30 / 365, "VIX3M": 93 / 365, "VIX6M": 184 / 365}


def garch_closes(config: Config, n_paths: int) -> Closes:
    """Return paths of a GJR-GARCH(1,1,1) with Student t innovations, fitted to the history that a config starts from.

    Glosten, Jagannathan and Runkle (1993), "On the Relation between the Expected Value and the Volatility of the
    Nominal Excess Return on Stocks"; Bollerslev (1987) for the t. It has no options, so no facts of the VIX.
    """
    from arch import arch_model
    from arch.univariate import StudentsT

    prices = configured_prices(config)
    known = prices.close[prices.dates <= np.datetime64(config.time.start)]
    spec = {"mean": "Constant", "vol": "GARCH", "p": 1, "o": 1, "q": 1}
    fitted = arch_model(100.0 * np.diff(np.log(known)), dist="t", **spec).fit(disp="off", options={"ftol": 1e-10})
    # The libraries add up in the order of their threads, and the optimizer makes differences in the sixth digit of it.
    parameters = fitted.params.round(4)
    model = arch_model(None, **spec)  # pyright: ignore[reportArgumentType]
    model.distribution = StudentsT(seed=np.random.default_rng(config.seed))
    days = config.time.days
    paths = [model.simulate(parameters, days, burn=BURN_IN_DAYS)["data"].to_numpy() for _ in range(n_paths)]
    return Closes.dated(_dates(config), np.array(paths))


def heston_closes(config: Config, n_paths: int) -> Closes:
    """Return paths of Heston's model with published parameters, and the VIX family that follows in closed form.

    dV = kappa (theta - V) dt + xi sqrt(V) dW, by full truncation (Lord, Koekkoek and van Dijk 2010) in 13 steps a day.
    VIX(T)^2 = theta + (V - theta) (1 - exp(-kappa T)) / (kappa T), as in Zhang and Zhu (2006), "VIX Futures".
    """
    noise = np.random.default_rng(config.seed)
    days, step = config.time.days, 1.0 / (SESSIONS_PER_YEAR * STEPS_A_DAY)
    variance = noise.gamma(2.0 * HESTON_KAPPA * HESTON_THETA / HESTON_VOL_OF_VOL**2,
                           HESTON_VOL_OF_VOL**2 / (2.0 * HESTON_KAPPA), n_paths)  # fmt: skip
    returns, closing = np.zeros((n_paths, days)), np.zeros((n_paths, days))
    for day in range(days):
        for _ in range(STEPS_A_DAY):
            z, own = noise.standard_normal((2, n_paths))
            known = np.maximum(variance, 0.0)
            moved = HESTON_RHO * z + np.sqrt(1.0 - HESTON_RHO**2) * own
            returns[:, day] += (HESTON_DRIFT - 0.5 * known) * step + np.sqrt(known * step) * z
            variance = variance + HESTON_KAPPA * (HESTON_THETA - known) * step
            variance += HESTON_VOL_OF_VOL * np.sqrt(known * step) * moved
        closing[:, day] = np.maximum(variance, 0.0)
    indices = {name: heston_index(closing, years) for name, years in TENOR_YEARS.items()}
    return Closes.dated(_dates(config), 100.0 * returns, indices)


def path_dependent_closes(config: Config, n_paths: int) -> Closes:
    """Return paths of the 4-factor model of Guyon and Lekeufack (2023), in 13 steps a day, after two years of it.

    sigma = b0 + b1 R1 + b2 sqrt(R2), R1 and R2 two averages each of past returns and of past variance. It is Markov,
    and its VIX takes an expectation on each day of each path, which is not simulated here: no facts of the VIX.
    """
    noise = np.random.default_rng(config.seed)
    days, step = config.time.days, 1.0 / (SESSIONS_PER_YEAR * STEPS_A_DAY)
    trend_rates, activity_rates = np.array(TREND_RATES)[:, None], np.array(ACTIVITY_RATES)[:, None]
    trend, activity = np.zeros((2, n_paths)), np.full((2, n_paths), (LEVEL / (1.0 - ACTIVITY_LOADING)) ** 2)
    returns = np.zeros((n_paths, BURN_IN_DAYS + days))
    for day in range(BURN_IN_DAYS + days):
        for _ in range(STEPS_A_DAY):
            trended = (1.0 - TREND_SLOW) * trend[0] + TREND_SLOW * trend[1]
            active = (1.0 - ACTIVITY_SLOW) * activity[0] + ACTIVITY_SLOW * activity[1]
            vol = np.maximum(LEVEL + TREND_LOADING * trended + ACTIVITY_LOADING * np.sqrt(active), 0.0)
            moved = vol * np.sqrt(step) * noise.standard_normal(n_paths)
            returns[:, day] += (HESTON_DRIFT - 0.5 * vol**2) * step + moved
            trend += trend_rates * (moved - trend * step)
            activity += activity_rates * (vol**2 - activity) * step
    return Closes.dated(_dates(config), 100.0 * returns[:, BURN_IN_DAYS:])


def heston_index(variance: Floats, years: float) -> Floats:
    """Return the volatility index of a horizon, in points, from the variance now."""
    weight = -np.expm1(-HESTON_KAPPA * years) / (HESTON_KAPPA * years)
    return 100.0 * np.sqrt(HESTON_THETA + (variance - HESTON_THETA) * weight)


def _dates(config: Config) -> np.ndarray:
    start = np.datetime64(config.time.start)
    return np.concatenate([[start], sessions_after(start, config.time.days).dates])
