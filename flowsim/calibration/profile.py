"""How well each number is known: the loss along its range, with all others fitted anew.

z counts half widths of 95 % intervals. So the 95 % interval of a number reaches as far as the sum of the losses of all
facts, smallest over the other numbers, is at most 1 above its smallest: a profile (Raue and others 2009, "Structural
and practical identifiability analysis of partially observed dynamical models by exploiting the profile likelihood").
The sum is that of the surface through all places tried; where an interval seems to end, the market itself is tried, and
the surface laid anew. The sum is noisy too: two standard deviations of it between seeds are allowed for beside the 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from flowsim.calibration.loss import total
from flowsim.calibration.search import Search
from flowsim.calibration.surface import Surface

Floats = NDArray[np.float64]

POINTS = 21
"""Places along a range at which the others are fitted anew."""
RISE = 1.0
"""Of the sum of losses, at the end of a 95 % interval, if the loss had no noise."""
ASIDE = 0.1
"""How far to either side each number is moved alone, in parts of its range, before any profile is drawn."""


@dataclass(frozen=True, eq=False)
class Profile:
    """One number: parts of its range (n,) in rising order, the places there with all others fitted anew, and the rise.

    The rise (n,) is that of the sum of losses over its smallest.
    """

    parts: Floats
    places: list[Floats]
    rise: Floats

    def interval(self, rise: float = RISE) -> tuple[float, float]:
        """Return where the sum of losses has risen so far, in parts of the range; 0 and 1 where it does not inside."""
        lowest = int(self.rise.argmin())
        down, up = slice(lowest, None, -1), slice(lowest, None)
        return (
            _crossing(self.parts[down], self.rise[down], rise, 0.0),
            _crossing(self.parts[up], self.rise[up], rise, 1.0),
        )

    def ends(self, rise: float = RISE) -> tuple[Floats, Floats]:
        """Return the places of the profile next to the ends of the interval, within it or at an end of the range."""
        low, high = self.interval(rise)
        inside = np.flatnonzero((self.parts >= low) & (self.parts <= high))
        return self.places[inside[0]], self.places[inside[-1]]


def profile_of(surface: Surface, found: Floats, number: int) -> Profile:
    """Return the profile of a number on a surface, from the place found to both ends of its range."""
    grid = np.union1d(np.linspace(0.0, 1.0, POINTS), found[number])
    at = int(np.searchsorted(grid, found[number]))
    places: dict[int, Floats] = {}
    for steps in (range(at, len(grid)), range(at - 1, -1, -1)):
        place = places.get(at, found)
        for step in steps:
            low, high = np.zeros(len(found)), np.ones(len(found))
            low[number] = high[number] = grid[step]
            place = surface.lowest([place], low, high)
            places[step] = place
    in_order = [places[step] for step in range(len(grid))]
    sums = np.array([(surface.residuals(place) ** 2).sum() for place in in_order])
    return Profile(grid, in_order, sums - sums.min())


def try_profiles(search: Search, found: Floats, rounds: int, rise: float) -> None:
    """Try the market a little aside of a place along each range, then so many times where profiles reach their ends."""
    _try_all(search, [_moved(found, number, aside) for number in range(len(found)) for aside in (-ASIDE, ASIDE)])
    for _ in range(rounds):
        surface = search.surface()
        profiles = [profile_of(surface, found, number) for number in range(len(found))]
        _try_all(search, [place for profile in profiles for place in profile.ends(rise)])


def _try_all(search: Search, places: list[Floats]) -> None:
    search.try_together(places)
    for place in places:
        search.loss(place)


def _moved(found: Floats, number: int, aside: float) -> Floats:
    place = found.copy()
    place[number] = np.clip(found[number] + aside, 0.0, 1.0)
    return place


def noise_of_sum(search: Search, found: Floats, seeds: list[int]) -> float:
    """Return the standard deviation of the sum of losses at a place over the search's own and other seeds."""
    search.try_together([found], seeds)
    own = search.loss(found)
    losses = [own, *(total(search.z(found, seed).values()) for seed in seeds)]
    return float(np.std(losses, ddof=1)) * len(search.facts)


def known_interval(search: Search, profile: Profile, number: int, found: Floats, rise: float) -> tuple[float, float]:
    """Return the interval of a profile, wide enough for every place tried where the market itself rose no more."""
    low, high = profile.interval(rise)
    limit = search.loss(found) + rise / len(search.facts)
    good = [float(place[number]) for place in search.asked.values() if search.loss(place) <= limit]
    return min([low, *good]), max([high, *good])


def _crossing(parts: Floats, rises: Floats, rise: float, end: float) -> float:
    """Return where the rises, going outward, first pass one; the end of the range if they never do."""
    beyond = np.flatnonzero(rises > rise)
    if beyond.size == 0:
        return end
    after = int(beyond[0])
    share = (rise - rises[after - 1]) / (rises[after] - rises[after - 1])
    return float(parts[after - 1] + share * (parts[after] - parts[after - 1]))
