"""The volatility of a price, against the volatility it was made with to 50 digits, and against vollib."""

import math

import mpmath
import numpy as np
import pytest
from helpers.both_ways import printed_both_ways
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from vollib.black.implied_volatility import implied_volatility_of_undiscounted_option_price as vollib_volatility

from flowsim.errors import InputError
from flowsim.pricing.black import price
from flowsim.pricing.implied import implied_volatility

HOUR = 1 / 365 / 24
EXACT = mpmath.MPContext()
EXACT.dps = 50

COMPILING = settings(deadline=None)  # the first example may have to wait for the compiler

years = st.one_of(st.just(HOUR), st.floats(HOUR, 3.0))
volatilities = st.floats(0.03, 1.5)


def exact_price(strike: float, t: float, volatility: float, *, is_call: bool) -> float:
    """Price an option on a forward of 100 to 50 digits, rounded once."""
    mp = EXACT
    v = mp.mpf(volatility) * mp.sqrt(mp.mpf(t))
    d1 = mp.log(mp.mpf(100) / mp.mpf(strike)) / v + v / 2
    side = 1 if is_call else -1

    def cdf(x):
        return mp.erfc(-x / mp.sqrt(2)) / 2

    return float(side * (100 * cdf(side * d1) - mp.mpf(strike) * cdf(side * (d1 - v))))


def test_two_tails_around_half_a_deviation_are_the_volatility_they_came_from():
    # The worked case of test_black.py the other way: 3.987761167674491 is 100 * (2 N(0.05) - 1), so that v = 0.1 and
    # the volatility over a quarter is 0.1 / sqrt(1/4) = 0.2.
    assert implied_volatility(3.987761167674491, 100.0, 100.0, 0.25) == pytest.approx(0.2, rel=1e-13)


@COMPILING
@given(st.floats(-8.0, 8.0), years, volatilities)
def test_the_volatility_of_an_exact_price_comes_back(distance, t, volatility):
    strike = 100.0 * math.exp(distance * volatility * math.sqrt(t))
    is_call = strike >= 100.0
    paid = exact_price(strike, t, volatility, is_call=is_call)
    found = implied_volatility(paid, 100.0, strike, t, is_call=is_call)
    assert found == pytest.approx(volatility, rel=1e-10)
    assert found == pytest.approx(vollib_volatility(paid, 100.0, strike, t, "c" if is_call else "p"), rel=1e-10)


@COMPILING
@given(st.floats(0.0, 5.0), years, volatilities)
def test_in_the_money_it_comes_back_as_far_as_the_price_has_digits(distance, t, volatility):
    v = volatility * math.sqrt(t)
    for is_call, strike in ((True, 100.0 * math.exp(-distance * v)), (False, 100.0 * math.exp(distance * v))):
        paid = exact_price(strike, t, volatility, is_call=is_call)
        # A price in the money is stored to some 1e-16 of itself, of which only the time value tells the volatility.
        d1 = math.log(100.0 / strike) / v + v / 2
        lost = 4e-16 * max(paid, strike) / (100.0 * math.exp(-d1 * d1 / 2) * 0.39894 * v)
        assume(lost < 0.05)
        found = implied_volatility(paid, 100.0, strike, t, is_call=is_call)
        assert found == pytest.approx(volatility, rel=1e-10 + lost)


@pytest.mark.parametrize("exponent", [12, 30, 100, 300])
def test_a_price_far_in_the_wings_has_a_volatility(exponent):
    # Six strikes for each price; the truth by bisection is what makes Black's formula to 50 digits give the price.
    for k in (0.01, 0.1, 0.5, 1.0, 2.0, 4.0):
        strike = 100.0 * math.exp(k)
        paid = 100.0 * 10.0**-exponent
        found = implied_volatility(paid, 100.0, strike, 1.0)
        assert exact_price(strike, 1.0, found * (1 - 1e-11), is_call=True) < paid
        assert exact_price(strike, 1.0, found * (1 + 1e-11), is_call=True) > paid


@COMPILING
@given(st.floats(1e-9, 1.0 - 1e-9), st.floats(-3.0, 3.0))
def test_every_time_value_between_nothing_and_everything_is_reached(share, k):
    strike = 100.0 * math.exp(k)
    paid = share * min(100.0, strike)
    found = implied_volatility(paid, 100.0, strike, 1.0, is_call=k >= 0)
    # 8 eps of the greatest price is what the rounding of the two tails leaves.
    assert price(100.0, strike, 1.0, found, is_call=k >= 0) == pytest.approx(paid, rel=1e-10, abs=1.8e-15 * strike)


@COMPILING
@given(st.floats(0.001, 0.9), st.floats(1.0001, 1.1), st.floats(-2.0, 2.0))
def test_a_higher_price_implies_a_higher_volatility(share, more, k):
    strike = 100.0 * math.exp(k)
    paid = share * min(100.0, strike)
    assume(share * more < 1.0)
    both = implied_volatility([paid, paid * more], 100.0, strike, 0.5, is_call=k >= 0)
    assert both[1] > both[0]


def test_the_intrinsic_value_implies_no_volatility():
    assert implied_volatility(0.0, 100.0, 110.0, 0.5) == 0.0
    assert implied_volatility(0.0, 100.0, 100.0, 0.5) == 0.0
    for strike in (37.3, 61.7, 90.1):
        assert implied_volatility(price(101.3, strike, 0.5, 0.0), 101.3, strike, 0.5) == 0.0


def test_a_discount_takes_its_share_of_the_price():
    paid = price(100.0, [90.0, 105.0], 0.5, 0.3, is_call=[False, True], discount=0.97)
    found = implied_volatility(paid, 100.0, [90.0, 105.0], 0.5, is_call=[False, True], discount=0.97)
    np.testing.assert_allclose(found, 0.3, rtol=1e-13)
    assert isinstance(implied_volatility(5.0, 100.0, 100.0, 0.5), float)


@pytest.mark.parametrize(
    ("contract", "call", "words"),
    [
        ((1.0, 100.0, 80.0, 0.1), True, "price 1 of the call struck at 80 is below its intrinsic value 20; leave"),
        ((19.0, 100.0, 120.0, 0.1), False, "price 19 of the put struck at 120 is below its intrinsic value 20; leave"),
        ((100.0, 100.0, 80.0, 0.1), True, "price 100 of the call struck at 80 is not below 100, more than"),
        ((80.0, 100.0, 80.0, 0.1), False, "price 80 of the put struck at 80 is not below 80, more than"),
        (([5.0, 1.0], 100.0, 80.0, 0.1), [False, True], "contract 2 of 2: price 1 of the call struck at 80"),
        ((-0.1, 100.0, 80.0, 0.1), True, "price is -0.1; give a finite number zero or more"),
        ((5.0, 100.0, 100.0, 0.0), True, "years is 0; an expired option implies no volatility"),
        ((5.0, 100.0, 100.0, [0.1, 0.0]), True, "contract 2 of 2: years is 0"),
        ((math.inf, 100.0, 100.0, 0.1), True, "price is inf"),
    ],
)
def test_a_price_that_no_volatility_gives_is_refused_in_one_sentence(contract, call, words):
    with pytest.raises(InputError, match=words):
        implied_volatility(*contract, is_call=call)


BITS = """
import numpy as np
from flowsim.pricing.implied import implied_volatility
random = np.random.default_rng(9)
strikes = np.concatenate([100 * np.exp(random.normal(0, 0.5, 60)), [100.0, 120.0]])
paid = np.concatenate([np.minimum(strikes, 100)[:60] * random.uniform(0, 1, 60) ** 9, [0.0, 0.0]])
found = implied_volatility(paid, 100.0, strikes, 0.5, is_call=strikes >= 100)
print([value.hex() for value in found.tolist()])
"""


def test_compiled_volatilities_have_the_bits_of_plain_python():
    compiled, plain = printed_both_ways(BITS)
    assert compiled == plain
    assert compiled.count("0x") == 62
