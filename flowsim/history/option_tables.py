"""What customers hold in options along a replay, and the book of the dealers on the other side, close by close."""

from __future__ import annotations

import numpy as np
import polars as pl

from flowsim.engine.replay_options import ReplayedOptions
from flowsim.options.arrays import GREEK_COLUMNS

GREEKS = dict.fromkeys(GREEK_COLUMNS, pl.Float64)


def programme_table(dates: np.ndarray, replayed: ReplayedOptions | None) -> pl.DataFrame:
    """Return date, programme and greeks at each close, USD bn: the columns and signs of a run's table `options`.

    All are the customers'. Empty where no options were replayed.
    """
    if replayed is None:
        return pl.DataFrame(schema={"date": pl.Date, "programme": pl.String, **GREEKS})
    n = len(replayed.programmes)
    columns = {name: replayed.greeks[:, :, greek, 0].ravel() for greek, name in enumerate(GREEK_COLUMNS)}
    return pl.DataFrame({"date": np.repeat(dates, n), "programme": replayed.programmes * len(dates), **columns})


def dealer_table(dates: np.ndarray, replayed: ReplayedOptions | None) -> pl.DataFrame:
    """Return date, the dealers' own greeks and hedge_bn, the stock that they hold, at each close, USD bn.

    All is theirs here: the opposite of what all customers hold. Empty where no options were replayed.
    """
    if replayed is None:
        return pl.DataFrame(schema={"date": pl.Date, **GREEKS, "hedge_bn": pl.Float64})
    total = -replayed.greeks[:, :, :, 0].sum(axis=1)
    columns = {name: total[:, greek] for greek, name in enumerate(GREEK_COLUMNS)}
    return pl.DataFrame({"date": dates, **columns, "hedge_bn": replayed.hedge[:, 0]})
