"""Elementary functions of whole arrays, for what is worked out once before the first day: the same on every processor.

numpy's own loops and the C library's functions differ in the last bit between processors with and without AVX-512, or
fused multiply-add. These are made of additions, products and quotients alone, which IEEE 754 rounds the same everywhere
and numpy never fuses. They are accurate to a unit in the last place.

Sources: as in `functions`, whose reductions and coefficients these are.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from flowsim.files.arrays import Floats

_LN2_HIGH = 6.93147180369123816490e-01
_LN2_LOW = 1.90821492927058770002e-10
_LOG2_E = 1.4426950408889634
_SQRT_HALF = 0.7071067811865476
_EXP = tuple(1.0 / math.factorial(power) for power in range(13, -1, -1))
_LOG = (
    1.479819860511658591e-01,
    1.531383769920937332e-01,
    1.818357216161805012e-01,
    2.222219843214978396e-01,
    2.857142874366239149e-01,
    3.999999999940941908e-01,
    6.666666666666735130e-01,
    0.0,
)


def exp(x: ArrayLike) -> Floats:
    """E to the x, elementwise; the argument is held within [-708, 708], and nan stays nan."""
    x = np.clip(np.asarray(x, np.float64), -708.0, 708.0)
    k = np.rint(np.nan_to_num(x) * _LOG2_E)
    r = (x - k * _LN2_HIGH) - k * _LN2_LOW
    return np.ldexp(polynomial(_EXP, r), k.astype(np.int64))


def log(x: ArrayLike) -> Floats:
    """Natural logarithm of positive numbers, elementwise."""
    fraction, exponent = np.frexp(np.asarray(x, np.float64))
    low = fraction < _SQRT_HALF
    f, k = np.where(low, 2.0 * fraction, fraction) - 1.0, (exponent - low).astype(np.float64)
    s = f / (2.0 + f)
    half_square = 0.5 * f * f
    tail = polynomial(_LOG, s * s)
    return k * _LN2_HIGH - ((half_square - (s * (half_square + tail) + k * _LN2_LOW)) - f)


def power(base: ArrayLike, exponent: float) -> Floats:
    """A positive base to any real exponent, elementwise."""
    return exp(exponent * log(base))


def kept_of(half_life: float) -> float:
    """Return what is left of something after one step, when half of it is after `half_life` steps."""
    return float(power(0.5, 1.0 / half_life))


def polynomial(coefficients: tuple[float, ...], x: Floats) -> Floats:
    """Return a polynomial, its highest power first, by Horner's rule."""
    total = np.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        total = total * x + coefficient
    return total
