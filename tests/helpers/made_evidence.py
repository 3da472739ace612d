"""A replay made by hand on which flows and gamma have a known effect on the next day, from a day on."""

from dataclasses import replace
from functools import cache

import numpy as np
import polars as pl
from helpers.made_replay import made_replay

from flowsim.clock import sessions
from flowsim.data.ranges import Ranges
from flowsim.history.replay import Replay

EFFECT_BP, DAMPING_PCT = 3.0, -4.0


@cache
def planted(first: str = "1990-01-02", *, since: str = "2000-01-01", last: str = "2009-12-31") -> tuple[Replay, Ranges]:
    """Return a replay in which a bn bought by vol control moves its own day by 3 bp, and gamma damps the next range.

    Both begin on `since`; trend followers move nothing.
    """
    random, dates = np.random.default_rng(3), sessions(first, last).dates
    n = len(dates)
    there = dates >= np.datetime64(since)
    flow, idle = random.normal(size=(2, n)) * 10.0
    gamma = np.cumsum(random.normal(size=n)) / 20.0
    returns = 1e-4 * (80.0 * random.normal(size=n) + EFFECT_BP * flow * there)
    before = np.append(0.0, gamma[:-1])
    log_range = np.exp(np.log(0.01) + 0.01 * DAMPING_PCT * before * there + 0.1 * random.normal(size=n))
    days = {"date": dates}
    made = made_replay()
    flows = pl.DataFrame({
        "date": np.tile(dates, 2), "population": np.repeat(["vol_control", "cta"], n), "flow_bn": np.append(flow, idle),
    })  # fmt: skip
    volatility = {**days, "index": ["VIX"] * n, "path_dependent": 20.0 + random.normal(size=n), "real": [None] * n}
    replayed = replace(
        made,
        known_before=["vol_control", "cta"],
        market=pl.DataFrame(
            {**days, "close": 100.0 * np.exp(np.cumsum(returns)), "log_return": returns, "impact_bp": np.full(n, 0.8)}
        ),
        flows=flows,
        dealers=pl.DataFrame({**days, "gamma_1pct_bn": gamma}),
        volatility=pl.DataFrame(volatility, schema_overrides={"real": pl.Float64}),
    )
    return replayed, Ranges(dates, log_range)
