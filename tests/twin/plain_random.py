"""Random numbers by address in whole numbers of Python, written from the papers and from the documented addresses."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass

WORD = 1 << 32


def philox(counter: tuple[int, ...], key: tuple[int, ...]) -> tuple[int, ...]:
    """Return the four words of Philox4x32-10 (Salmon, Moraes, Dror and Shaw 2011, section 3.3 and table 2)."""
    left, right = key
    for _ in range(10):
        high_0, low_0 = divmod(0xD2511F53 * counter[0], WORD)
        high_1, low_1 = divmod(0xCD9E8D57 * counter[2], WORD)
        counter = (high_1 ^ counter[1] ^ left, low_1, high_0 ^ counter[3] ^ right, low_0)
        left, right = (left + 0x9E3779B9) % WORD, (right + 0xBB67AE85) % WORD
    return counter


def stream_key(seed: int, name: str) -> tuple[int, int]:
    """Return the key of a stream: the first 64 bits of BLAKE2b over seed, a zero byte, and the name."""
    number = int.from_bytes(hashlib.blake2b(f"{seed}\0{name}".encode(), digest_size=8).digest(), "little")
    return number % WORD, number // WORD


@dataclass(frozen=True)
class Stream:
    """The draws of one name; with `mirror`, odd paths take the normal draws of the even path before, sign turned."""

    key: tuple[int, int]
    mirror: bool

    def uniforms(self, path: int, step: int, agent: int = 0, draw: int = 0) -> tuple[float, float]:
        """Return two numbers in (0, 1): the upper 52 of 64 bits, at the middle of their cell."""
        words = philox((path, step, agent, draw), self.key)
        pairs = (words[0] + words[1] * WORD, words[2] + words[3] * WORD)
        first, second = (((pair >> 12) + 0.5) / 2**52 for pair in pairs)
        return first, second

    def normals(self, path: int, step: int, agent: int = 0, draw: int = 0) -> tuple[float, float]:
        """Return two normal draws (Box and Muller 1958)."""
        u, turns = self.uniforms(path // 2 if self.mirror else path, step, agent, draw)
        radius = math.sqrt(-2.0 * math.log(u)) * (-1.0 if self.mirror and path % 2 else 1.0)
        return radius * math.cos(2.0 * math.pi * turns), radius * math.sin(2.0 * math.pi * turns)
