"""A power law as a sum of exponentials, so that decaying impact needs a few numbers and no history."""

from __future__ import annotations

import numpy as np

from flowsim.kernel.array_functions import exp, log

HALVINGS_PER_MODE = 1.0
FASTEST, SLOWEST = 0.05, 4000.0


def exponential_modes(exponent: float, cutoff_days: float) -> tuple[np.ndarray, np.ndarray]:
    """Return weights and rates per day with sum(weights * exp(-rates * t)) close to (1 + t / cutoff)^-exponent.

    The power law is a Gamma mixture of exponentials, (1 + t/c)^-b = integral over s of exp(-s t) times the density
    of a Gamma(b, rate c) variable (Bochud and Challet 2007, "Optimal approximations of power laws with
    exponentials"); the integral is taken over logarithmic cells, each with its own mass and mean rate, from `FASTEST`
    cutoffs to `SLOWEST` days. Weights add up to 1, so an impact is whole when it happens.
    """
    from scipy.special import gammainc

    lowest, highest = 1.0 / SLOWEST, 1.0 / (FASTEST * cutoff_days)
    first, last = log([lowest, highest])
    n_cells = int(np.ceil((last - first) / (HALVINGS_PER_MODE * log(2.0))))
    edges = np.concatenate([[0.0], exp(np.linspace(first, last, n_cells)), [np.inf]])
    mass = np.diff(gammainc(exponent, edges * cutoff_days))
    first_moment = exponent / cutoff_days * np.diff(gammainc(exponent + 1.0, edges * cutoff_days))
    kept = mass > 1e-9
    return mass[kept] / mass[kept].sum(), first_moment[kept] / mass[kept]
