"""Fundamental value: a random walk with drift, scheduled data releases, and jumps.

    dv = drift * f + daily_news_vol * sqrt(f) * z            f = the step's share of a day
         + release_sd * z' + reflexivity * return_63d        on the step of a data release
         + jump                                              Poisson, normal size

News reaches the price with pass-through phi: c_news = phi * dv. `reflexivity` lets data follow past prices, so that
"data lag prices" is something to switch on, measure and refute; it is 0 in the plain market.
"""

from __future__ import annotations

from flowsim.kernel.functions import sqrt
from flowsim.kernel.marks import inline


@inline
def diffusion(fraction: float, z: float, model) -> float:
    """Return the change of log value over a step from drift and unscheduled news."""
    return model.daily_drift * fraction + model.daily_news_vol * sqrt(fraction) * z


@inline
def release(release_sd: float, return_63d: float, z: float, model) -> float:
    """Return the surprise of the data released on this step, in log value."""
    return release_sd * z + model.reflexivity * return_63d


@inline
def jump(fraction: float, u: float, z: float, model) -> float:
    """Return a jump of log value: with probability `jumps_per_day` * fraction a normal draw, else nothing."""
    return model.jump_mean + model.jump_vol * z if u < model.jumps_per_day * fraction else 0.0
