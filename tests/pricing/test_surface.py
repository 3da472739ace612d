"""SSVI: its shape, that it leaves nothing to arbitrage, and its variance swaps against the integral."""

import math

import numpy as np
import pytest
from helpers.both_ways import printed_both_ways
from helpers.compiled import machine_code
from hypothesis import given, settings
from hypothesis import strategies as st

from flowsim.pricing.ssvi import (
    at_the_money_variance,
    largest_eta,
    phi_of,
    total_variance,
    variance_swap_ratio,
)

ROOT_TAU = math.sqrt(2 * math.pi)
LIKELY = {"theta": st.floats(1e-7, 0.5), "gamma": st.floats(0.0, 0.5), "rho": st.floats(-0.95, -0.3)}
SHARE = st.floats(0.05, 1.0)
"""Of the largest eta."""
VOL_ERROR = 1.5e-3
"""Of the fitted ratio, relative, in volatility."""


@machine_code("float64[::1](float64[::1], float64, float64, float64)")
def smile(k, theta, phi, rho):
    w = np.empty_like(k)
    for row in range(k.size):
        w[row] = total_variance(k[row], theta, phi, rho)
    return w


@machine_code("float64[:, ::1](float64[::1], float64, float64, float64)")
def slices(theta, eta, gamma, rho):
    rows = np.empty((theta.size, 3))
    for row in range(theta.size):
        rows[row, 0] = phi_of(theta[row], eta, gamma)
        rows[row, 1] = variance_swap_ratio(theta[row], eta, gamma, rho)
        rows[row, 2] = at_the_money_variance(theta[row] * rows[row, 1], eta, gamma, rho)
    return rows


@machine_code("float64[::1](float64[::1], float64, float64, float64)")
def thetas(swap, eta, gamma, rho):
    found = np.empty_like(swap)
    for row in range(swap.size):
        found[row] = at_the_money_variance(swap[row], eta, gamma, rho)
    return found


@machine_code("float64(float64)")
def bound(rho):
    return largest_eta(rho)


def one_slice(theta: float, eta: float, gamma: float, rho: float) -> np.ndarray:
    return slices(np.array([theta]), eta, gamma, rho)[0]


def slopes(k: np.ndarray, theta: float, phi: float, rho: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the first and second derivative of total variance in log-moneyness, by hand."""
    root = np.sqrt((phi * k + rho) ** 2 + 1 - rho**2)
    first = 0.5 * theta * phi * (rho + (phi * k + rho) / root)
    return first, 0.5 * theta * phi**2 * (1 - rho**2) / root**3


def grid(theta: float, reach: float = 60.0, n: int = 1201) -> np.ndarray:
    """Return log-moneyness, dense at the money and out to `reach` deviations; (n,)."""
    return math.sqrt(theta) * np.sinh(np.linspace(-1, 1, n) * math.asinh(reach))


def exact_ratio(theta: float, phi: float, rho: float) -> float:
    """Return the mean of w over a standard normal -d2, over theta, by the trapezoidal rule."""
    u = np.linspace(-1, 1, 801)
    k = math.sqrt(theta) * np.sinh(u * math.asinh(60.0))
    w, first = smile(k, theta, phi, rho), slopes(k, theta, phi, rho)[0]
    v = np.sqrt(w)
    d2 = -k / v - v / 2
    falls = 1 / v - (k / v**2 - 0.5) * first / (2 * v)
    step = math.asinh(60.0) * math.sqrt(theta) * np.cosh(u * math.asinh(60.0)) * (u[1] - u[0])
    return float(np.sum(np.exp(-d2 * d2 / 2) / ROOT_TAU * w * falls * step)) / theta


def otm_prices(k: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Return the price over the forward of puts below it and calls above it."""
    from scipy.special import ndtr

    v = np.sqrt(w)
    d1 = -k / v + v / 2
    side = np.where(k >= 0, 1.0, -1.0)
    return side * (ndtr(side * d1) - np.exp(k) * ndtr(side * (d1 - v)))


def test_a_slice_by_hand():
    # theta = 0.04, eta = 1, gamma = 1/2: phi = 1 / sqrt(0.04 * 1.04) = 4.902903378
    phi = one_slice(0.04, 1.0, 0.5, -0.7)[0]
    assert phi == pytest.approx(4.902903378454601, rel=1e-15)
    # k = -0.1: phi k = -0.4902903378, + rho = -1.1902903378, squared = 1.4167910884, + 0.51 = 1.9267910884,
    # root = 1.3880890059; w = 0.02 * (1 + 0.3432032365 + 1.3880890059) = 0.0546258448
    k = np.array([-0.1, 0.0])
    assert smile(k, 0.04, phi, -0.7) == pytest.approx([0.0546258448, 0.04], rel=2e-9)
    assert bound(-0.6) == bound(0.6) == 1.25


@given(**LIKELY, share=SHARE)
def test_no_butterfly_costs_less_than_nothing(theta, gamma, rho, share):
    phi = one_slice(theta, share * bound(rho), gamma, rho)[0]
    k = grid(theta, 200.0)
    w, (first, second) = smile(k, theta, phi, rho), slopes(k, theta, phi, rho)
    # Durrleman: the density of the price is g(k) times a positive number.
    g = (1 - k * first / (2 * w)) ** 2 - first**2 / 4 * (1 / w + 0.25) + second / 2
    assert g.min() >= -1e-12


@given(theta=st.floats(1e-4, 0.5), gamma=LIKELY["gamma"], rho=LIKELY["rho"], share=SHARE)
def test_calls_fall_with_the_strike_and_are_convex_in_it(theta, gamma, rho, share):
    phi = one_slice(theta, share * bound(rho), gamma, rho)[0]
    strike = np.linspace(math.exp(-4 * math.sqrt(theta)), math.exp(4 * math.sqrt(theta)), 200)
    k = np.log(strike)
    calls = otm_prices(k, smile(k, theta, phi, rho)) + np.maximum(1 - strike, 0)
    slope = np.diff(calls) / np.diff(strike)
    rounding = 2e-15 / (strike[1] - strike[0])
    assert (slope <= rounding).all()
    assert (slope >= -1 - rounding).all()
    assert (np.diff(slope) >= -2 * rounding).all()


@given(**LIKELY, share=SHARE, longer=st.floats(1.0, 3.0))
def test_no_calendar_spread_costs_less_than_nothing(theta, gamma, rho, share, longer):
    eta = share * bound(rho)
    phi, later = slices(np.array([theta, theta * longer]), eta, gamma, rho)[:, 0]
    k = grid(theta, 200.0)
    near, far = smile(k, theta, phi, rho), smile(k, theta * longer, later, rho)
    assert (far >= near * (1 - 1e-14)).all()


def test_the_exact_ratio_is_the_strip_of_a_real_index():
    # Two ways to the same number: the mean over -d2, and 2 * the prices of all options over their strikes squared.
    for theta, eta, gamma, rho in [(1e-3, 0.8, 0.4, -0.7), (0.04, 1.0, 0.4, -0.7), (0.1, 0.6, 0.3, -0.5)]:
        phi = one_slice(theta, eta, gamma, rho)[0]
        k = grid(theta, 40.0, 20001)
        strip = otm_prices(k, smile(k, theta, phi, rho)) * np.exp(-k)
        assert 2 * np.trapezoid(strip, k) / theta == pytest.approx(exact_ratio(theta, phi, rho), rel=1e-6)


@pytest.mark.parametrize("rho", [-0.95, -0.9, -0.8, -0.7, -0.5, -0.3])
def test_the_fitted_ratio_of_a_variance_swap_is_right_to_a_thousandth_and_a_half_of_volatility(rho):
    theta = np.array([1e-7, 1e-5, 1e-4, 1e-3, 4e-3, 0.01, 0.03, 0.1, 0.25, 0.5])
    for gamma in (0.0, 0.3, 0.4, 0.5):
        for share in (0.1, 0.5, 0.75, 1.0):
            rows = slices(theta, share * bound(rho), gamma, rho)
            exact = [exact_ratio(one, phi, rho) for one, phi in zip(theta, rows[:, 0], strict=True)]
            assert np.sqrt(rows[:, 1] / exact) == pytest.approx(1.0, abs=VOL_ERROR)


def test_short_slices_go_to_the_leading_order():
    # eta = 0.3, gamma = 0.3, theta = 1e-5: x = theta phi^2 = 0.09 * 1e-5^0.4 = 9.00e-4, y = theta phi = 0.3 * 1e-5^0.7
    # = 9.49e-5; R = 1 + (1 + 0.49) * 9.00e-4 / 4 + 0.7 * 9.49e-5 / 2 = 1 + 3.353e-4 + 0.332e-4
    found = one_slice(1e-5, 0.3, 0.3, -0.7)[1]
    assert found - 1 == pytest.approx(3.685e-4, rel=0.03)
    assert one_slice(0.04, 1e-9, 0.5, -0.7)[1] == pytest.approx(1.0, abs=1e-9)


@given(**LIKELY, share=SHARE)
def test_the_at_the_money_variance_undoes_the_ratio(theta, gamma, rho, share):
    assert one_slice(theta, share * bound(rho), gamma, rho)[2] == pytest.approx(theta, rel=5e-6)


@settings(deadline=None)  # slow with the compiler off
@given(gamma=LIKELY["gamma"], rho=LIKELY["rho"], share=SHARE)
def test_a_higher_index_gives_a_higher_at_the_money_variance(gamma, rho, share):
    swap = np.geomspace(1e-7, 1.0, 120)
    theta = thetas(swap, share * bound(rho), gamma, rho)
    growth = np.diff(np.log(theta)) / np.diff(np.log(swap))
    assert growth.min() > 0.5
    assert growth.max() < 1.5


def test_a_steeper_skew_leaves_less_variance_at_the_money():
    # All of an index that the wings take is taken from the middle: by hand R of about 1.26 at eta = 1, and 1 at 0.
    theta = [thetas(np.array([0.05]), eta, 0.4, -0.7)[0] for eta in (1e-6, 0.3, 0.6, 0.9, 1.17)]
    assert theta[0] == pytest.approx(0.05, rel=1e-6)
    assert (np.diff(theta) < 0).all()


BITS = """
import numpy as np
from test_surface import slices, smile, thetas
theta = np.geomspace(1e-8, 1.0, 40)
rows = slices(theta, 1.1, 0.4, -0.7)
print([value.hex() for value in rows.ravel().tolist()])
print([value.hex() for value in thetas(theta, 1.1, 0.4, -0.7).tolist()])
print([value.hex() for value in smile(np.linspace(-1, 1, 41), 0.04, rows[20, 0], -0.7).tolist()])
"""


def test_a_compiled_surface_has_the_bits_of_plain_python():
    compiled, plain = printed_both_ways(BITS)
    assert compiled == plain
    assert compiled.count("0x") == 201
