"""SSVI: a surface of implied volatility without arbitrage, from one number an expiry and three for all.

    w(k)  = theta / 2 * (1 + rho * phi * k + sqrt((phi * k + rho)^2 + 1 - rho^2))    k = log(strike / forward)
    phi   = eta / (theta^gamma * (1 + theta)^(1 - gamma))

w is the total variance, implied volatility squared times years; theta is w at the money. Gatheral and Jacquier (2014),
"Arbitrage-free SVI volatility surfaces": with 0 <= gamma <= 1/2 and eta <= 2 / (1 + |rho|) no butterfly costs less than
nothing, and with theta growing from expiry to expiry no calendar spread does.

An index such as the VIX is the fair rate of a variance swap, which is above theta because the wings are.
docs/surface.md says how the ratio of the two was found.
"""

from __future__ import annotations

from flowsim.kernel.functions import exp, log, power, sqrt
from flowsim.kernel.marks import inline


@inline
def largest_eta(rho: float) -> float:
    """Return the largest eta that is surely free of butterfly arbitrage, for gamma in [0, 1/2]."""
    return 2.0 / (1.0 + abs(rho))


@inline
def phi_of(theta: float, eta: float, gamma: float) -> float:
    """Return phi, the slope of the wings in units of theta, for an at-the-money total variance theta > 0."""
    return eta * exp(-gamma * log(theta) - (1.0 - gamma) * log(1.0 + theta))


@inline
def total_variance(k: float, theta: float, phi: float, rho: float) -> float:
    """Return the implied volatility squared times years at a log-moneyness k = log(strike / forward)."""
    scaled = phi * k
    bent = scaled + rho
    return 0.5 * theta * (1.0 + rho * scaled + sqrt(bent * bent + (1.0 - rho * rho)))


@inline
def log_swap_ratio(log_theta: float, eta: float, gamma: float, rho: float) -> tuple[float, float]:
    """Return log(variance-swap variance / theta) of a slice, and its derivative in log(theta).

    Fitted; right to 0.3 % of variance, 0.14 % of volatility, for -0.95 <= rho <= -0.3, theta <= 1/2, and any gamma and
    eta that are free of arbitrage.
    """
    theta = exp(log_theta)
    share = theta / (1.0 + theta)
    slope = eta * power(share, 1.0 - gamma)
    square = slope * slope / theta
    rho2 = rho * rho
    of_square = 0.24181 + 0.25393 * rho2
    of_squares = -0.01968 - rho2 * (0.03896 + 0.03427 * rho2)
    of_slope = -0.47544 * rho
    of_slopes = 0.12217 + 0.17315 * rho2
    both = -0.17055 * rho * square * slope
    excess = square * (of_square + of_squares * square) + slope * (of_slope + of_slopes * slope) + both
    by_square = square * (of_square + 2.0 * of_squares * square) + both
    by_slope = slope * (of_slope + 2.0 * of_slopes * slope) + both
    square_grows = 1.0 - 2.0 * gamma - 2.0 * (1.0 - gamma) * share
    slope_grows = (1.0 - gamma) * (1.0 - share)
    return excess, by_square * square_grows + by_slope * slope_grows


@inline
def variance_swap_ratio(theta: float, eta: float, gamma: float, rho: float) -> float:
    """Return the fair total variance of a variance swap, -2 E[log(S / forward)], over the at-the-money one."""
    return exp(log_swap_ratio(log(theta), eta, gamma, rho)[0])


@inline
def at_the_money_variance(swap_variance: float, eta: float, gamma: float, rho: float) -> float:
    """Return theta of the slice whose variance swap has this total variance > 0, to 4e-6 of itself.

    It grows with the swap's variance, so that levels free of calendar arbitrage give a surface free of it. Two steps of
    Newton's method in the logarithm.
    """
    log_swap = log(swap_variance)
    excess, growth = log_swap_ratio(log_swap, eta, gamma, rho)
    first = excess / (1.0 + growth)
    excess, growth = log_swap_ratio(log_swap - first, eta, gamma, rho)
    return exp(log_swap - first - (excess - first) / (1.0 + growth))
