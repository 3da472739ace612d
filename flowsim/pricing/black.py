"""Black's formula for an option on a forward, and its greeks.

    call / forward = N(d1) - exp(k) N(d2)        k = log(strike / forward)
    put / forward  = exp(k) N(-d2) - N(-d1)      v = volatility * sqrt(years), the total vol
    d1 = -k / v + v / 2,  d2 = d1 - v

Black (1976), "The pricing of commodity contracts". The kernel works with k and v alone: prices are undiscounted and
over the forward, as rates are zero in a simulation.

A difference of two small tails loses its digits, and a price far from the money is one. As the densities at d1 and d2
are in the ratio exp(k), an option out of the money is worth one density times a difference of Mills ratios, which keeps
them; an option in the money is worth its intrinsic value more, so that call - put = 1 - exp(k) to the last bit.

`price` and `greeks_of` are the same for Python: contracts in forward, strike, years and volatility, numbers or arrays.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from flowsim.errors import InputError
from flowsim.kernel.entry import entry
from flowsim.kernel.functions import expm1, log, mills_fraction, normal_cdf_and_pdf, normal_pdf, sqrt
from flowsim.kernel.marks import inline

EXPIRED = 1e-10
"""Total standard deviation below which an option has expired: worth its intrinsic value, with greeks of zero."""


class Greeks(NamedTuple):
    """Derivatives of one option over the forward. All but the delta are the same for a call and a put.

    call_delta : of the price in the forward, at a fixed volatility; a put's is smaller by one
    gamma : of the delta in log(forward); half of it is the time value that goes with each unit of variance v^2
    vega : of the price over the forward in v
    vanna : of the delta in v
    charm : of the delta in v^2, the variance that time takes away
    """

    call_delta: float
    gamma: float
    vega: float
    vanna: float
    charm: float


@inline
def d_one(k: float, v: float, per_v: float) -> float:
    """Return d1 at a log-moneyness, a total vol and one over it."""
    return 0.5 * v - k * per_v


@inline
def total_vol_of(variance: float) -> tuple[float, float]:
    """Return the total vol of a total variance, and one over it, finite on expiry too."""
    v = sqrt(variance)
    return v, 1.0 / max(v, EXPIRED)


@inline
def vega_at(d1: float, v: float) -> float:
    """Return the vega alone at a d1 and a total vol; over the latter, it is the gamma."""
    return normal_pdf(d1) if v > EXPIRED else 0.0


@inline
def greeks(k: float, v: float) -> Greeks:
    """Return the greeks at a log-moneyness and a total vol; see `book.add_greeks` for many at once."""
    per_v = 1.0 / max(v, EXPIRED)
    d1 = d_one(k, v, per_v)
    delta, density = normal_cdf_and_pdf(d1)
    vega = density if v > EXPIRED else 0.0
    gamma = vega * per_v
    vanna = gamma * (v - d1)
    return Greeks(delta, gamma, vega, vanna, 0.5 * vanna * per_v)


@inline
def time_value(d1: float, v: float, growth: float) -> float:
    """Return the price over the forward of the put below it or the call above it; `growth` is exp(k) - 1."""
    near = -d1 if growth >= 0.0 else d1 - v
    inner, under_inner = mills_fraction(abs(near))
    outer, under_outer = mills_fraction(near + v)
    side = 1.0 if near < 0.0 else -1.0
    ratios = (inner * under_outer + side * outer * under_inner) / (under_inner * under_outer)
    value = normal_pdf(d1) * ratios
    return (1.0 + min(growth, 0.0) - value if near < 0.0 else value) if v > EXPIRED else 0.0


@inline
def value_at(d1: float, v: float, k: float, is_call: float) -> float:
    """Return the undiscounted price over the forward of an option whose d1 is known."""
    growth = expm1(k)
    return time_value(d1, v, growth) + (max(-growth, 0.0) if is_call > 0.0 else max(growth, 0.0))


@inline
def option_price(k: float, v: float, is_call: float) -> float:
    """Return the undiscounted price of a call or a put over the forward."""
    return value_at(d_one(k, v, 1.0 / max(v, EXPIRED)), v, k, is_call)


def price(
    forward: ArrayLike,
    strike: ArrayLike,
    years: ArrayLike,
    volatility: ArrayLike,
    *,
    is_call: ArrayLike = True,
    discount: ArrayLike = 1.0,
) -> Any:
    """Price European options on a forward.

    Parameters
    ----------
    forward, strike : array_like
        In the same unit as the price.
    years : array_like
        To expiry; zero gives the intrinsic value.
    volatility : array_like
        Annualized, as a fraction.
    is_call : array_like of bool
    discount : array_like
        What one paid at expiry is worth today.

    Returns
    -------
    float or ndarray
        Of the shape to which the arguments broadcast.

    Raises
    ------
    InputError
        If a number is missing or of the wrong sign, or if the shapes do not fit together.
    """
    shape, columns = contracts(
        forward=forward, strike=strike, years=years, volatility=volatility, is_call=is_call, discount=discount
    )
    found = np.empty(columns[0].size)
    _price_rows(*columns, found)
    return shaped(found, shape)


def greeks_of(forward: ArrayLike, strike: ArrayLike, years: ArrayLike, volatility: ArrayLike) -> Greeks:
    """Return the greeks of European options on a forward, undiscounted, each a float or an array.

    Raises
    ------
    InputError
        If a number is missing or of the wrong sign, or if the shapes do not fit together.
    """
    shape, columns = contracts(forward=forward, strike=strike, years=years, volatility=volatility)
    found = np.empty((len(Greeks._fields), columns[0].size))
    _greek_rows(*columns, found)
    return Greeks(*(shaped(row, shape) for row in found))


@entry
def _price_rows(forward, strike, years, volatility, is_call, discount, found) -> None:
    for row in range(found.size):
        k = log(strike[row] / forward[row])
        v = volatility[row] * sqrt(years[row])
        over_forward = option_price(k, v, is_call[row])
        found[row] = discount[row] * forward[row] * over_forward


@entry
def _greek_rows(forward, strike, years, volatility, found) -> None:
    for row in range(found.shape[1]):
        one = greeks(log(strike[row] / forward[row]), volatility[row] * sqrt(years[row]))
        found[0, row], found[1, row], found[2, row] = one.call_delta, one.gamma, one.vega
        found[3, row], found[4, row] = one.vanna, one.charm


_POSITIVE = ("forward", "strike", "discount")


def contracts(**columns: ArrayLike) -> tuple[tuple[int, ...], list[np.ndarray]]:
    """Return the common shape of the columns, and each as a flat float array; refuse numbers that no contract has."""
    try:
        full = np.broadcast_arrays(*(np.asarray(column, np.float64) for column in columns.values()))
    except (TypeError, ValueError) as error:
        raise InputError(
            f"{', '.join(columns)} are not numbers of shapes that fit together ({error}); "
            "give single numbers, or arrays of one shape"
        ) from error
    flat = [np.ascontiguousarray(column).ravel() for column in full]
    for name, values in zip(columns, flat, strict=True):
        least = "above zero" if name in _POSITIVE else "zero or more"
        right = np.isfinite(values) & ((values > 0.0) if name in _POSITIVE else (values >= 0.0))
        if not right.all():
            row = int(np.argmin(right))
            raise InputError(f"{place(row, full[0].shape)}{name} is {values[row]:g}; give a finite number {least}")
    return full[0].shape, flat


def place(row: int, shape: tuple[int, ...]) -> str:
    """Say which contract a message is about, when there is more than one."""
    return f"contract {row + 1} of {int(np.prod(shape))}: " if shape else ""


def shaped(found: np.ndarray, shape: tuple[int, ...]) -> Any:
    """Return the results in the shape of the arguments: a float for numbers, an array for arrays."""
    return found.reshape(shape) if shape else float(found[0])
