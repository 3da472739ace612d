"""Start the option market at real closes of the indices: what they have beyond the marked ones is others' demand."""

from __future__ import annotations

import numpy as np

from flowsim.config.spec import MarketSpec
from flowsim.errors import InputError
from flowsim.files.arrays import ByLane, Floats
from flowsim.options.arrays import FIRST_PROGRAMME, N_TENORS, TENOR_DAYS, Book
from flowsim.options.build import carrier_of
from flowsim.options.calendar import tenor_loading


def start_at(spec: MarketSpec, book: Book, shown: ByLane) -> None:
    """Move a book at the start to `options.initial_points`; `shown` (tenors, lanes) is what rules see of the indices.

    The surface stays as it was marked until the first close, when it follows.

    Raises
    ------
    InputError
        If there are points, and no programme trades at random, which could carry what they are beyond.
    """
    if not spec.options.initial_points:
        return
    carrier = carrier_of(spec)
    if carrier < 0:
        raise InputError(
            "options.initial_points: what real indices have beyond the marked ones is the demand of those who trade"
            " options at random, and no population does; add one, such as option_noise of us_equity, or leave it out"
        )
    beyond = beyond_marked(np.array(spec.options.initial_points), book.points[:, 0])[:, None]
    book.carried[:] = beyond
    book.points[:] += beyond
    book.parts[:, FIRST_PROGRAMME + carrier] += beyond
    book.pillar[:, FIRST_PROGRAMME + carrier] += beyond
    shown[:] = book.points


def beyond_marked(points: Floats, marked: Floats) -> Floats:
    """Return how far real indices are above the marked ones, (tenors,); where one is not known, as the VIX says.

    Parameters
    ----------
    points : (4,)
        VIX9D, VIX, VIX3M and VIX6M, 0 for one that is not known.
    marked : (tenors,)
    """
    loading = tenor_loading(np.array(TENOR_DAYS) / 365.0)
    found = (points[1] - marked[1]) * loading / loading[1]
    known = np.flatnonzero(points > 0.0)
    found[known] = points[known] - marked[known]
    if points[3] > 0.0:
        found[4:N_TENORS] = found[3] * loading[4] / loading[3]
    return found
