"""What the facts would be at a place that was not tried: a surface through those that were, by kriging.

    u(x) = mean + sum_i w_i k(x, x_i)        (K + NOISE I) w = u(x_i) - mean
    k(x, y) = SLOPE (x - 1/2)'(y - 1/2) + exp(-|x - y|^2 / (2 LENGTH^2))

x is a place in parts of the ranges, u a fact in half widths of its interval in the long sample, about the middle. A
plane and smooth bumps about it (Sacks, Welch, Mitchell and Wynn 1989, "Design and Analysis of Computer Experiments"). A
median over paths jumps a little wherever one path takes another course, however small the step; a surface through many
places sees past that, and slopes by finite differences do not.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import least_squares

from flowsim.calibration.loss import Yardstick, residuals

Floats = NDArray[np.float64]

SLOPE, LENGTH, NOISE = 10.0, 0.5, 0.01
"""Prior variance of a fact's slope across a range, reach of a bump in parts of the ranges, and variance of a median."""
FARTHEST = 4.0
"""Half widths beyond which a fact is only far: what is hopeless should not bend the surface where it matters."""
SMALL = 1e-4


class Surface:
    """The facts as a function of the place, through places (n, parameters) at which they are `values` (n, facts)."""

    def __init__(self, places: Floats, values: Floats, yardstick: Yardstick) -> None:
        self.places, self.yardstick = places, yardstick
        self.middle, self.unit = yardstick.middles[:, 0], yardstick.half_widths[:, 0]
        scaled = np.clip((values - self.middle) / self.unit, -FARTHEST, FARTHEST)
        self.mean = scaled.mean(axis=0)
        among = self._kernel(places) + NOISE * np.eye(len(places))
        self.weights = cho_solve(cho_factor(among), scaled - self.mean)

    def residuals(self, place: Floats) -> Floats:
        """Return for each fact the number whose square is its loss there, (facts,)."""
        scaled = self.mean + self._kernel(place[None])[0] @ self.weights
        return residuals(self.yardstick.z(self.middle + self.unit * scaled))

    def slopes(self, place: Floats) -> Floats:
        """Return how the residuals change along each range, (facts, parameters)."""
        steps = SMALL * np.eye(len(place))
        return np.column_stack([self.residuals(place + s) - self.residuals(place - s) for s in steps]) / (2.0 * SMALL)

    def loss(self, place: Floats) -> float:
        """Return the mean loss over facts at a place."""
        return float((self.residuals(place) ** 2).mean())

    def lowest(self, starts: list[Floats], low: Floats, high: Floats) -> Floats:
        """Return the lowest place that least squares finds from some others in a box; a side of no length is fixed."""
        free = high - low > SMALL
        if not free.any():
            return low

        def whole(parts: Floats) -> Floats:
            place = low.copy()
            place[free] = parts
            return place

        # From a corner the method does not get away.
        margin = 0.01 * (high - low)
        ends = [
            least_squares(
                lambda parts: self.residuals(whole(parts)),
                np.clip(start, low + margin, high - margin)[free],
                bounds=(low[free], high[free]),
                max_nfev=60,
            ).x
            for start in starts
        ]
        return min((whole(end) for end in ends), key=self.loss)

    def _kernel(self, places: Floats) -> Floats:
        """Return k between places and those that were tried."""
        apart = ((places[:, None] - self.places[None]) ** 2).sum(axis=2)
        return SLOPE * (places - 0.5) @ (self.places - 0.5).T + np.exp(-0.5 * apart / LENGTH**2)
