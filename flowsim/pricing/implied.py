"""The volatility that a price implies.

With S^2 = a^2 + 2 |k|, a = |d1|, and Mills ratio M, the price b of an option out of the money, over the forward or the
strike, whichever is less, obeys

    log b       = -G(a), v = S - a, G(a) = a^2 / 2 + log(sqrt(2 pi)) - log(M(a) - M(S))    while d1 <= 0
    log(1 - b)  = -G(a), v = S + a, G(a) = a^2 / 2 + log(sqrt(2 pi)) - log(M(a) + M(S))    while d1 > 0

so that one near-parabola, without underflow, is solved for a by Halley's method from its parabola at a = 0. That the
logarithm of the price is the right thing to solve for: Jaeckel (2015), "Let's Be Rational".
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from flowsim.errors import InputError
from flowsim.kernel.entry import entry
from flowsim.kernel.functions import exp, expm1, log, log1p, mills_ratio, nan, sqrt
from flowsim.kernel.marks import inline
from flowsim.pricing.black import contracts, place, shaped

_LOG_SQRT_TAU = 0.9189385332046727
_ONE_OVER_SQRT_TAU = 0.3989422804014327
_STEPS = 6
"""Five reach the last digits over all contracts tried: |k| up to 20, v from 1e-5 to 12, prices down to 1e-300."""
_ROUNDING = 1e-15
_LEAST_DISTANCE = 1e-30
_LEAST_RATIO = 1e-300
"""Neither is met by a price that a float can hold to one digit; they keep divisors from zero."""


@inline
def implied_deviation(k: float, time_value: float) -> float:
    """Return the total vol v, volatility times root of years, that a time value implies.

    `time_value` is the price over the forward of the put struck below it or the call struck above it. Zero implies
    zero; a negative one, or one that no volatility reaches, nan.
    """
    distance = max(2.0 * abs(k), _LEAST_DISTANCE)
    b = time_value * exp(max(-k, 0.0))
    far = sqrt(distance)
    side = 1.0 if b > 0.5 - _ONE_OVER_SQRT_TAU * mills_ratio(far) else -1.0
    inside = min(max(b, 1e-307), 1.0 - 1e-16)
    wanted = -log1p(-inside) if side > 0.0 else -log(inside)
    ratio = mills_ratio(0.0) + side * mills_ratio(far)
    more = 2.0 * max(wanted - _LOG_SQRT_TAU + log(ratio), 0.0)
    a = more / (1.0 / ratio + sqrt(1.0 / (ratio * ratio) + more))
    for _ in range(_STEPS):
        a = closer(a, wanted, distance, side)
    root = sqrt(a * a + distance)
    v = root + a if side > 0.0 else distance / (root + a)
    return (v if b > 0.0 else 0.0) if (b >= 0.0) & (b < 1.0) else nan


@inline
def closer(a: float, wanted: float, distance: float, side: float) -> float:
    """Take one step of Halley's method toward G(a) = wanted, within a >= 0."""
    root = sqrt(a * a + distance)
    v = root + a if side > 0.0 else distance / (root + a)
    ratio = max(mills_ratio(a) + side * mills_ratio(root), _LEAST_RATIO)
    missed = 0.5 * a * a + _LOG_SQRT_TAU - log(ratio) - wanted
    slope = v / (root * ratio)
    bend = side / root - a / (root * root) - a + slope
    newton = missed / slope
    return max(a - newton / max(1.0 - 0.5 * newton * bend, 0.5), 0.0)


def implied_volatility(
    price: ArrayLike,
    forward: ArrayLike,
    strike: ArrayLike,
    years: ArrayLike,
    *,
    is_call: ArrayLike = True,
    discount: ArrayLike = 1.0,
) -> Any:
    """Return the annualized volatility, as a fraction, that prices of European options on a forward imply.

    Parameters
    ----------
    price : array_like
        What the option costs today.
    forward, strike : array_like
        In the unit of the price.
    years : array_like
        To expiry, above zero.
    is_call : array_like of bool
    discount : array_like
        What one paid at expiry is worth today.

    Returns
    -------
    float or ndarray
        Of the shape to which the arguments broadcast; zero for an option at its intrinsic value.

    Raises
    ------
    InputError
        If a price is below the intrinsic value or more than any volatility gives, if another number is missing or of
        the wrong sign, or if the shapes do not fit together.
    """
    shape, columns = contracts(
        price=price, forward=forward, strike=strike, years=years, is_call=is_call, discount=discount
    )
    if not columns[3].all():
        raise InputError(
            f"{place(int(np.argmin(columns[3])), shape)}years is 0; an expired option implies no volatility"
        )
    found = np.empty(columns[0].size)
    _implied_rows(*columns, found)
    wrong = np.isnan(found)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise InputError(place(row, shape) + _refusal(*(float(column[row]) for column in columns)))
    return shaped(found, shape)


@entry
def _implied_rows(price, forward, strike, years, is_call, discount, found) -> None:
    for row in range(found.size):
        k = log(strike[row] / forward[row])
        growth = expm1(k)
        intrinsic = max(-growth, 0.0) if is_call[row] > 0.0 else max(growth, 0.0)
        time_value = price[row] / (discount[row] * forward[row]) - intrinsic
        # The last bit of a price in the money is not time value.
        kept = 0.0 if abs(time_value) < _ROUNDING * intrinsic else time_value
        found[row] = implied_deviation(k, kept) / sqrt(years[row])


def _refusal(price: float, forward: float, strike: float, years: float, is_call: float, discount: float) -> str:
    name = "call" if is_call else "put"
    least = discount * max(forward - strike if is_call else strike - forward, 0.0)
    if price < least:
        return (
            f"price {price:.10g} of the {name} struck at {strike:g} is below its intrinsic value {least:.10g}; "
            f"leave the quote out, or check the forward {forward:.10g}"
        )
    most = discount * (forward if is_call else strike)
    return (
        f"price {price:.10g} of the {name} struck at {strike:g} is not below {most:.10g}, more than any volatility "
        f"gives; leave the quote out, or check its unit"
    )
