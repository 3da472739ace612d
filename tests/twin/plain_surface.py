"""Black's formula and the SSVI surface in a few lines of math, from the papers and docs/surface.md."""

from __future__ import annotations

import math
from typing import NamedTuple

EXPIRED = 1e-10  # total standard deviation below which an option is worth what it pays


class Slice(NamedTuple):
    """The surface of one expiry: total variance at the money, phi_of, and correlation."""

    theta: float
    phi: float
    rho: float

    def variance(self, k: float) -> float:
        """Return the total variance at log(strike / forward) (Gatheral and Jacquier 2014, equation 4.1)."""
        root = math.sqrt((self.phi * k + self.rho) ** 2 + 1.0 - self.rho**2)
        return 0.5 * self.theta * (1.0 + self.rho * self.phi * k + root)


class Greeks(NamedTuple):
    """Value over the forward and its derivatives: in log forward, and in the total standard deviation v."""

    value: float
    delta: float
    gamma: float
    vega: float
    vanna: float


def normal_cdf(x: float) -> float:
    """Return the standard normal distribution function."""
    return 0.5 * math.erfc(-x / math.sqrt(2.0))


def normal_pdf(x: float) -> float:
    """Return the standard normal density."""
    return math.exp(-0.5 * x * x) / math.sqrt(2.0 * math.pi)


def black(k: float, v: float, call: bool) -> Greeks:
    """Return price and greeks of an option on a forward (Black 1976), undiscounted."""
    sign = 1.0 if call else -1.0
    if v < EXPIRED:
        paid = sign * (1.0 - math.exp(k))
        return Greeks(max(paid, 0.0), sign if paid > 0.0 else 0.0, 0.0, 0.0, 0.0)
    d1 = -k / v + 0.5 * v
    d2 = d1 - v
    value = sign * (normal_cdf(sign * d1) - math.exp(k) * normal_cdf(sign * d2))
    return Greeks(value, sign * normal_cdf(sign * d1), normal_pdf(d1) / v, normal_pdf(d1), -normal_pdf(d1) * d2 / v)


def phi_of(theta: float, eta: float, gamma: float) -> float:
    """Return phi of a slice by the power law."""
    return eta / (theta**gamma * (1.0 + theta) ** (1.0 - gamma))


def log_swap_ratio(theta: float, eta: float, gamma: float, rho: float) -> tuple[float, float]:
    """Return log(swap variance / theta) by the fit of docs/surface.md, and its slope in log theta.

    The nine numbers are the fit's own; `tests/options/test_surface.py` holds it against the integral.
    """
    phi = phi_of(theta, eta, gamma)
    x, y = theta * phi**2, theta * phi
    a = 0.24181 + 0.25393 * rho**2
    b = -0.01968 - 0.03896 * rho**2 - 0.03427 * rho**4
    c = 0.12217 + 0.17315 * rho**2
    d = -0.17055 * rho
    ratio = a * x - 0.47544 * rho * y + b * x**2 + c * y**2 + d * x * y
    # phi falls by gamma + (1 - gamma) theta / (1 + theta) in the logarithm for each unit of log theta.
    falls = gamma + (1.0 - gamma) * theta / (1.0 + theta)
    by_x, by_y = a + 2.0 * b * x + d * y, -0.47544 * rho + 2.0 * c * y + d * x
    return ratio, by_x * x * (1.0 - 2.0 * falls) + by_y * y * (1.0 - falls)


def slice_of_swap(swap_variance: float, eta: float, gamma: float, rho: float) -> Slice:
    """Return the slice whose variance swap has this total variance: two steps of Newton's method from theta = swap."""
    log_theta = math.log(swap_variance)
    for _ in range(2):
        ratio, slope = log_swap_ratio(math.exp(log_theta), eta, gamma, rho)
        log_theta -= (log_theta + ratio - math.log(swap_variance)) / (1.0 + slope)
    theta = math.exp(log_theta)
    return Slice(theta, phi_of(theta, eta, gamma), rho)
