"""Where drawn agents and markets get their numbers: from hypothesis, which can make them smaller, or from a seed.

Hypothesis tries variations of the same few draws; a hundred seeds are a hundred different markets. So laws are tried on
seeds first, and what breaks one is made small by hypothesis.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

import numpy as np
from hypothesis import strategies as st

One = TypeVar("One")

SEEDS = 2**32
EDGES = 0.25
"""How often a seed draws an end of a range: limits, buffers and shares of nothing and of everything."""


class Chance(Protocol):
    """What draws numbers."""

    def one_of(self, choices: Sequence[One]) -> One:
        """Draw one of some values."""
        ...

    def between(self, low: float, high: float) -> float:
        """Draw a number of a closed range."""
        ...

    def whole(self, low: int, high: int) -> int:
        """Draw a whole number of a closed range."""
        ...

    def moves(self, most: int) -> list[float]:
        """Draw up to so many daily moves: none, tiny, or up to 25 % either way."""
        ...


class FromHypothesis:
    """Draws that hypothesis makes smaller when something breaks."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw

    def one_of(self, choices: Sequence[One]) -> One:
        """Draw one of some values, the first being the simplest."""
        return self.draw(st.sampled_from(choices))

    def between(self, low: float, high: float) -> float:
        """Draw a number of a closed range."""
        return self.draw(st.floats(low, high, allow_subnormal=False))

    def whole(self, low: int, high: int) -> int:
        """Draw a whole number of a closed range."""
        return self.draw(st.integers(low, high))

    def moves(self, most: int) -> list[float]:
        """Draw up to so many daily moves."""
        moves = st.one_of(st.just(0.0), st.floats(-0.25, 0.25), st.floats(-1e-4, 1e-4))
        return self.draw(st.one_of(st.just([]), st.lists(moves, max_size=most)))


class FromSeed:
    """Draws that depend on a seed alone."""

    def __init__(self, seed: int) -> None:
        self.drawn = np.random.default_rng(seed)

    def one_of(self, choices: Sequence[One]) -> One:
        """Draw one of some values, each as often."""
        return choices[self.whole(0, len(choices) - 1)]

    def between(self, low: float, high: float) -> float:
        """Draw a number of a closed range; its ends more often than others."""
        if self.drawn.uniform() < EDGES:
            return self.one_of((low, high))
        return float(low + (high - low) * self.drawn.uniform())

    def whole(self, low: int, high: int) -> int:
        """Draw a whole number of a closed range, each as often."""
        return int(self.drawn.integers(low, high, endpoint=True))

    def moves(self, most: int) -> list[float]:
        """Draw up to so many daily moves; none half of the time."""
        n = self.one_of((0, self.whole(0, most)))
        return [self.one_of((0.0, self.between(-0.25, 0.25), self.between(-1e-4, 1e-4))) for _ in range(n)]
