"""Black's formula and its greeks, against arithmetic by hand, vollib, and 50 digits."""

import math

import mpmath
import numpy as np
import pytest
from helpers.both_ways import printed_both_ways
from helpers.compiled import machine_code
from hypothesis import given, settings
from hypothesis import strategies as st
from vollib.black import black
from vollib.black.greeks import analytical

from flowsim.errors import InputError
from flowsim.kernel.marks import LANES
from flowsim.options.arrays import CHARM, DELTA, GAMMA, N_GREEKS, VANNA, VEGA
from flowsim.options.book import add_greeks
from flowsim.pricing.black import greeks, greeks_of, option_price, price

HOUR = 1 / 365 / 24
EXACT = mpmath.MPContext()
EXACT.dps = 50

COMPILING = settings(deadline=None)  # the first example may have to wait for the compiler

years = st.one_of(st.just(HOUR), st.floats(HOUR, 3.0))
volatilities = st.floats(0.03, 1.5)
distances = st.floats(-8.0, 8.0)
"""Of the strike from the forward, in standard deviations."""


@machine_code("float64[:, ::1](float64[::1], float64[::1])")
def kernel(k, v):
    rows = np.empty((k.size, 7))
    for row in range(k.size):
        one = greeks(k[row], v[row])
        rows[row, 0], rows[row, 1] = option_price(k[row], v[row], 1.0), option_price(k[row], v[row], 0.0)
        rows[row, 2], rows[row, 3], rows[row, 4] = one.call_delta, one.gamma, one.vega
        rows[row, 5], rows[row, 6] = one.vanna, one.charm
    return rows


def exact(forward, strike, t, volatility):
    """Return call, put, and the greeks to 50 digits."""
    mp = EXACT
    v = mp.mpf(volatility) * mp.sqrt(mp.mpf(t))
    d1 = mp.log(mp.mpf(forward) / mp.mpf(strike)) / v + v / 2
    d2 = d1 - v
    density = mp.exp(-d1 * d1 / 2) / mp.sqrt(2 * mp.pi)

    def cdf(x):
        return mp.erfc(-x / mp.sqrt(2)) / 2

    call = forward * cdf(d1) - strike * cdf(d2)
    put = strike * cdf(-d2) - forward * cdf(-d1)
    vanna = -density * d2 / v
    return [float(x) for x in (call, put, cdf(d1), density / v, density, vanna, vanna / (2 * v))]


def test_an_option_at_the_money_is_worth_two_tails_around_half_a_deviation():
    # v = 0.2 * sqrt(1/4) = 0.1, d1 = 0.05, d2 = -0.05, N(0.05) = 0.519938805838...
    # call / forward = N(0.05) - N(-0.05) = 2 * 0.519938805838 - 1 = 0.039877611676
    assert price(100.0, 100.0, 0.25, 0.2) == pytest.approx(3.9877611676, abs=1e-9)
    # phi(0.05) = 0.398443914094; gamma = 3.98443914; vanna = 0.398443914 * 0.05 / 0.1; charm = vanna / 0.2
    found = greeks_of(100.0, 100.0, 0.25, 0.2)
    assert found == pytest.approx(
        (0.519938805838, 3.98443914094, 0.398443914094, 0.199221957047, 0.996109785), abs=1e-9
    )


@COMPILING
@given(distances, years, volatilities)
def test_prices_agree_with_fifty_digits_in_the_far_wings_and_on_the_last_hour(distance, t, volatility):
    strike = 100.0 * math.exp(distance * volatility * math.sqrt(t))
    call, put = exact(100.0, strike, t, volatility)[:2]
    assert price(100.0, strike, t, volatility) == pytest.approx(call, rel=1e-10)
    assert price(100.0, strike, t, volatility, is_call=False) == pytest.approx(put, rel=1e-10)


@COMPILING
@given(distances, years, volatilities)
def test_greeks_agree_with_fifty_digits(distance, t, volatility):
    strike = 100.0 * math.exp(distance * volatility * math.sqrt(t))
    wanted = exact(100.0, strike, t, volatility)[2:]
    # vanna and charm pass through zero at d2 = 0, where only their scale can be right.
    scale = 1e-10 * (1 + abs(distance))
    smallest = (0.0, 0.0, 0.0, scale * wanted[1], scale * wanted[1] / (volatility * math.sqrt(t)))
    for found, value, floor in zip(greeks_of(100.0, strike, t, volatility), wanted, smallest, strict=True):
        assert found == pytest.approx(value, rel=1e-10, abs=floor)


@COMPILING
@given(st.floats(-5.0, 5.0), years, volatilities)
def test_prices_and_greeks_agree_with_vollib(distance, t, volatility):
    strike, root = 100.0 * math.exp(distance * volatility * math.sqrt(t)), math.sqrt(t)
    found = greeks_of(100.0, strike, t, volatility)
    for flag, shift in (("c", 0.0), ("p", 1.0)):
        theirs = (100.0, strike, t, 0.0, volatility)
        ours = price(100.0, strike, t, volatility, is_call=flag == "c")
        assert ours == pytest.approx(black(flag, 100.0, strike, t, 0.0, volatility), rel=1e-10)
        assert found.call_delta - shift == pytest.approx(analytical.delta(flag, *theirs), rel=1e-10, abs=1e-12)
        assert found.gamma / 100.0 == pytest.approx(analytical.gamma(flag, *theirs), rel=1e-10)
        assert 100.0 * found.vega * root * 0.01 == pytest.approx(analytical.vega(flag, *theirs), rel=1e-10)
        # The time value that goes with variance: half of gamma for each unit of volatility^2 * years.
        a_day = -100.0 * 0.5 * found.gamma * volatility**2 / 365
        assert a_day == pytest.approx(analytical.theta(flag, *theirs), rel=1e-10)


@given(st.floats(-1.0, 1.0), st.floats(0.0, 2.0))
def test_a_call_less_a_put_is_the_forward_less_the_strike_to_the_last_bits(k, v):
    call, put = kernel(np.array([k]), np.array([v]))[0, :2]
    assert call - put == pytest.approx(-math.expm1(k), abs=5e-16)


@given(st.floats(-3.0, 3.0), st.floats(0.01, 1.0))
def test_greeks_are_the_slopes_of_prices_and_of_the_delta(distance, v):
    k = distance * v
    step = 1e-4 * v

    def slope(of, variable):
        up, down = (k + step, k - step) if variable == "k" else (k, k)
        more, less = (v + step, v - step) if variable == "v" else (v, v)
        return (of(up, more) - of(down, less)) / (2 * step)

    def call(a, b):
        return kernel(np.array([a]), np.array([b]))[0, 0]

    def delta(a, b):
        return kernel(np.array([a]), np.array([b]))[0, 2]

    _, _, call_delta, gamma, vega, vanna, charm = kernel(np.array([k]), np.array([v]))[0, :7]
    # With the strike fixed a rise of log(forward) is a fall of k: d(F c(k))/dF = c - dc/dk.
    assert call(k, v) - slope(call, "k") == pytest.approx(call_delta, abs=1e-6)
    assert -slope(delta, "k") == pytest.approx(gamma, abs=1e-6 / v)
    assert slope(call, "v") == pytest.approx(vega, abs=1e-6)
    assert slope(delta, "v") == pytest.approx(vanna, abs=1e-6 / v)
    assert slope(delta, "v") / (2 * v) == pytest.approx(charm, abs=1e-6 / v**2)


@given(st.floats(0.001, 2.0), distances)
def test_a_call_is_worth_more_with_more_volatility_and_less_with_a_higher_strike(v, distance):
    k = np.array([distance * v, distance * v, distance * v + 0.01 * v])
    call = kernel(k, np.array([v, 1.01 * v, v]))[:, 0]
    assert call[1] > call[0] - 1e-15
    assert call[2] < call[0] + 1e-15
    assert max(0.0, -math.expm1(k[0])) <= call[0] + 1e-15 <= 1.0 + 2e-15


def test_on_expiry_an_option_is_its_intrinsic_value_and_its_delta_a_step():
    rows = kernel(np.array([-0.1, 0.0, 0.1, -1e-8, 1e-8, 700.0, -700.0]), np.zeros(7))
    assert np.isfinite(rows).all()
    assert rows[:3, 0].tolist() == [-math.expm1(-0.1), 0.0, 0.0]
    assert rows[:3, 1].tolist() == [0.0, 0.0, pytest.approx(math.expm1(0.1), rel=1e-15)]
    assert rows[:, 2].tolist() == [1.0, 0.5, 0.0, 1.0, 0.0, 0.0, 1.0]
    assert (rows[:, 3:7] == 0.0).all()


@machine_code("void(float64[:, ::1], float64[:, ::1], float64, float64, float64, float64)")
def add_to_book(rows, sums, left, is_call, years, sessions):
    terms = np.empty((3, LANES))
    add_greeks(rows[0], rows[1], rows[2], rows[3], rows[4], 0.0, left, is_call, years, sessions, terms, sums)


def test_the_book_sums_the_greeks_of_its_contracts():
    # Without a skew (rho = 0, phi = 0) total variance is that at the money. Half of it is left, of 40 sessions 20.
    random = np.random.default_rng(4)
    log_price, log_strike = random.normal(8.0, 0.2, (2, LANES))
    held, variance = random.normal(0.0, 10.0, LANES), random.uniform(0.0, 0.2, LANES)
    variance[0] = 0.0
    rows = np.array([log_price, log_strike, held, variance, np.zeros(LANES)])
    sums, years = np.zeros((N_GREEKS, LANES)), 0.25
    for is_call in (1.0, 0.0):
        add_to_book(rows, sums, 0.5, is_call, years, 20.0)
    one = greeks_of(np.exp(log_price), np.exp(log_strike), years, np.sqrt(0.5 * variance / years))
    root_years = math.sqrt(years)
    expected = {
        DELTA: held * (2.0 * one.call_delta - 1.0),
        GAMMA: 2.0 * held * one.gamma * 0.01,
        VEGA: 2.0 * held * one.vega * root_years * 0.01,
        VANNA: 2.0 * held * one.vanna * root_years * 0.01,
        CHARM: -2.0 * held * one.charm * 0.5 * variance / 20.0,
    }
    for row, greek in expected.items():
        np.testing.assert_allclose(sums[row], greek, rtol=1e-9, atol=1e-12)


def test_numbers_give_numbers_and_arrays_arrays_of_the_common_shape():
    assert isinstance(price(100, 90, 0.5, 0.2), float)
    strikes, expiries = np.array([90.0, 100.0, 110.0]), np.array([[0.1], [0.2]])
    surface = price(100, strikes, expiries, 0.2, is_call=strikes >= 100, discount=0.99)
    assert surface.shape == (2, 3)
    assert surface[1, 0] == pytest.approx(0.99 * price(100, 90, 0.2, 0.2, is_call=False), rel=1e-15)
    assert greeks_of(100, strikes, expiries, 0.2).charm.shape == (2, 3)
    assert price(100, np.array([]), 0.1, 0.2).shape == (0,)


@pytest.mark.parametrize(
    ("contract", "words"),
    [
        ((0.0, 100.0, 1.0, 0.2), "forward is 0; give a finite number above zero"),
        ((100.0, [90.0, -5.0], 1.0, 0.2), "contract 2 of 2: strike is -5; give a finite number above zero"),
        ((100.0, 100.0, -1.0, 0.2), "years is -1; give a finite number zero or more"),
        ((100.0, 100.0, 1.0, math.nan), "volatility is nan; give"),
        ((100.0, math.inf, 1.0, 0.2), "strike is inf; give"),
        ((100.0, [90.0, 95.0], [1.0, 2.0, 3.0], 0.2), "shapes that fit together"),
        ((100.0, "ATM", 1.0, 0.2), "are not numbers"),
    ],
)
def test_a_contract_that_cannot_be_is_refused_in_one_sentence(contract, words):
    with pytest.raises(InputError, match=words):
        price(*contract)


BITS = """
import numpy as np
from test_black import kernel
random = np.random.default_rng(8)
v = np.concatenate([random.uniform(0, 1, 60), [0.0, 0.0, 1e-11]])
k = np.concatenate([random.normal(0, 2, 60) * v[:60], [0.0, 0.1, 0.0]])
print([value.hex() for value in kernel(k, v).ravel().tolist()])
"""


def test_compiled_prices_give_the_bits_of_plain_python():
    compiled, plain = printed_both_ways(BITS)
    assert compiled == plain
    assert compiled.count("0x") > 400
