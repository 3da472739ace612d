"""Random numbers by counter: every draw has an address, and nobody else's draws can move it.

Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011, "Parallel Random Numbers: As Easy as 1, 2, 3"). The counter is
(path, step, agent, draw) and the key a hash of the seed and the *name* of who draws. So a population that is added,
removed or reordered changes no other draw, any path can be computed alone, and blocks and threads cannot matter.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy import float64, int64, uint64

from flowsim.kernel.functions import bits_float, fused, log_of_positive, sine_cosine_of_turns, sqrt
from flowsim.kernel.marks import LANES, inline

_LOW_32 = np.uint64(0xFFFFFFFF)
_BITS_32 = np.uint64(32)
_BITS_11 = np.uint64(11)
_ONE = np.uint64(1)
_BITS_OF_TWO_TO_52 = np.uint64(0x4330000000000000)
_MULTIPLIER_0 = np.uint64(0xD2511F53)
_MULTIPLIER_1 = np.uint64(0xCD9E8D57)
_WEYL_0 = np.uint64(0x9E3779B9)
_WEYL_1 = np.uint64(0xBB67AE85)


def stream_key(seed: int, name: str) -> tuple[int, int]:
    """Return the two 32-bit key words of the stream that `name` draws from under `seed`."""
    digest = hashlib.blake2b(f"{seed}\x00{name}".encode(), digest_size=8).digest()
    return int.from_bytes(digest[:4], "little"), int.from_bytes(digest[4:], "little")


@inline
def _round(c0, c1, c2, c3, k0, k1):
    """Return the words of the next round; what stands above their 32 bits means nothing.

    It is cut off where words are multiplied, so that the compiler sees a product of 32 bits by 32, which vectors do in
    one step.
    """
    p0 = _MULTIPLIER_0 * (c0 & _LOW_32)
    p1 = _MULTIPLIER_1 * (c2 & _LOW_32)
    return (p1 >> _BITS_32) ^ c1 ^ k0, p1, (p0 >> _BITS_32) ^ c3 ^ k1, p0


@inline
def philox(c0, c1, c2, c3, k0, k1):
    """Return the four 32-bit words of Philox4x32-10, each carried in a uint64.

    The ten rounds stand one below the other because a loop here would keep the caller's loop over paths from
    becoming vector code.
    """
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1)
    k0, k1 = k0 + _WEYL_0, k1 + _WEYL_1
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1)
    k0, k1 = k0 + _WEYL_0, k1 + _WEYL_1
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1)
    k0, k1 = k0 + _WEYL_0, k1 + _WEYL_1
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1)
    k0, k1 = k0 + _WEYL_0, k1 + _WEYL_1
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1)
    k0, k1 = k0 + _WEYL_0, k1 + _WEYL_1
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1)
    k0, k1 = k0 + _WEYL_0, k1 + _WEYL_1
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1)
    k0, k1 = k0 + _WEYL_0, k1 + _WEYL_1
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1)
    k0, k1 = k0 + _WEYL_0, k1 + _WEYL_1
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1)
    k0, k1 = k0 + _WEYL_0, k1 + _WEYL_1
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1)
    return c0 & _LOW_32, c1 & _LOW_32, c2 & _LOW_32, c3 & _LOW_32


@inline
def uniforms(path, step, agent, draw, k0, k1):
    """Return two numbers in the open interval (0, 1), 52 random bits each."""
    w0, w1, w2, w3 = philox(uint64(path), uint64(step), uint64(agent), uint64(draw), k0, k1)
    return _between_0_and_1(w0, w1), _between_0_and_1(w2, w3)


@inline
def _between_0_and_1(low, high):
    """Return (m + 1/2) / 2^52 for the upper 52 bits m of 64, given as two words of 32.

    Below the bits of 2^52, a word is a float that is 2^52 larger. So both become floats without a conversion, which
    processors without AVX-512 cannot do for a vector, and no step rounds.
    """
    of_high = bits_float(int64(high | _BITS_OF_TWO_TO_52))
    of_low = bits_float(int64((low >> _BITS_11) | _BITS_OF_TWO_TO_52 | _ONE))
    return fused(of_low, 2.0**-53, fused(of_high, 2.0**-32, -(2.0**20) - 0.5))


@inline
def normals(path, step, agent, draw, k0, k1, mirror):
    """Return two standard normal draws by Box and Muller (1958, "A Note on the Generation of Random Normal Deviates").

    With `mirror` 1, odd paths return the draws of the even path before them with the sign turned.
    """
    sign = 1.0 - 2.0 * float64(int64(path) & mirror)
    u, turns = uniforms(int64(path) >> mirror, step, agent, draw, k0, k1)
    radius = sign * sqrt(-2.0 * log_of_positive(u))
    sine, cosine = sine_cosine_of_turns(turns)
    return radius * cosine, radius * sine


@inline
def fill_normals(first, second, path0, step, agent, draw, k0, k1, mirror):
    """Fill two rows with the draws of `normals` for the 64 paths from `path0`."""
    for lane in range(LANES):
        first[lane], second[lane] = normals(path0 + lane, step, agent, draw, k0, k1, mirror)
