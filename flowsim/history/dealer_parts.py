"""What dealers trade in three parts: hedging their gamma, hedging new deals, and what expires or moves with time.

A dealer's stock follows the delta of the book. From one close to the next it changes by gamma times the move of the
index, by the delta of what was dealt at the close before, and by all else: options that expire and are unwound, delta
that decays (charm), the change of gamma on the way, and new marks. Only the first is the feedback that one speaks of.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from flowsim.files.arrays import Floats
from flowsim.kernel.array_functions import exp

PARTS = GAMMA, DEALS, TIME = "gamma hedging", "new deals", "expiry and charm"


def dealer_parts(flows: pl.DataFrame, options: pl.DataFrame, dealers: pl.DataFrame, market: pl.DataFrame) -> Floats:
    """Return the parts of what dealers trade by session, USD bn, (days, 3): `GAMMA`, `DEALS` and `TIME`.

    They add up to the change of the stock that dealers hold. On the first day, of which the close before is not in the
    tables, they are 0.

    Parameters
    ----------
    flows, options, dealers, market : DataFrame
        Tables of a replay with options; see `flowsim.history.replay.Replay`.
    """
    programmes = options["programme"].unique(maintain_order=True).to_list()
    dealt = flows.filter(pl.col("population").is_in(programmes)).sort("population", "date")
    delta = dealt["flow_bn"].to_numpy().reshape(len(programmes), -1).sum(axis=0)
    move_pct = 100.0 * (exp(market["log_return"].to_numpy()) - 1.0)
    gamma = -_before(dealers["gamma_1pct_bn"].to_numpy()) * move_pct
    deals = _before(delta)
    hedge = dealers["hedge_bn"].to_numpy()
    traded = np.diff(hedge, prepend=hedge[0])
    return np.stack([gamma, deals, traded - gamma - deals], axis=1)


def _before(values: Floats) -> Floats:
    """Return what stood at the close before, 0 on the first day."""
    return np.append(0.0, values[:-1])
