"""A replay made by hand: eight sessions, with flows, levels and gamma of known sign."""

from datetime import date

import numpy as np
import polars as pl

from flowsim.history.impact import ImpactLaw
from flowsim.history.replay import Replay

DAYS = [date(2018, 9, day) for day in (4, 5, 6, 7, 10, 11, 12, 13, 14, 17, 18, 19)]
CLOSE = [2900.0, 2890.0, 2880.0, 2900.0, 2910.0, 2920.0, 2930.0, 2940.0, 2935.0, 2920.0, 2925.0, 2930.0]
FLOW = np.array([5.0, -3.0, -40.0, 2.0, 1.0, 7.0, 6.0, -4.0, 3.0, 2.0, 30.0, -1.0])
EXPOSURE = np.array([50.0, 47.0, -7.0, -5.0, -4.0, 3.0, 9.0, 5.0, 8.0, 10.0, 40.0, 39.0])
GAMMA = np.array([3.0, 2.0, -1.0, -4.0, -2.0, 1.0, 2.5, 3.5, 3.0, 2.0, 1.0, 0.5])
SHARE = np.linspace(0.2, 0.75, 12)
POPULATIONS = ("vol_control", "cta", "leveraged_etf", "buyback", "dealer")
LEVELS = {"short": 2850.0, "medium": 2800.0, "long": 2700.0}


def made_replay(side: float = 1.0, *, real: bool = True) -> Replay:
    """Return a replay; the flow of the k-th population is k times FLOW, and with `side` -1 on the other side."""
    n, k = len(DAYS), len(POPULATIONS)
    times = np.repeat(np.arange(1.0, k + 1.0), n)
    flows = pl.DataFrame(
        {
            "date": DAYS * k,
            "population": np.repeat(POPULATIONS, n),
            "flow_bn": side * times * np.tile(FLOW, k),
            "exposure_bn": side * times * np.tile(EXPOSURE, k),
        }
    )
    levels = pl.DataFrame(
        {
            "date": DAYS * 3,
            "population": ["cta"] * (3 * n),
            "speed": np.repeat(list(LEVELS), n),
            "level": np.repeat(list(LEVELS.values()), n) + np.tile(np.arange(n), 3),
        }
    )
    index = [name for name in ("VIX9D", "VIX") for _ in DAYS]
    volatility = pl.DataFrame(
        {
            "date": DAYS * 2,
            "index": index,
            "path_dependent": np.concatenate([12.0 + np.arange(n), 15.0 + np.arange(n)]),
            "real": np.concatenate([np.full(n, np.nan), 14.0 + 2.0 * np.arange(n)]),
        }
    ).with_columns(pl.col("real").fill_nan(None))
    fits = pl.DataFrame({"index": ["VIX"], "r_squared": [0.8312], "days": [n]})
    returns = np.diff(np.log(CLOSE), prepend=np.log(2895.0))
    return Replay(
        label="made along generated closes",
        description="made by hand",
        families=dict(
            zip(POPULATIONS, ("vol_target", "cta", "leveraged_etf", "buyback", "option_dealer"), strict=True)
        ),
        systematic=list(POPULATIONS),
        known_before=["vol_control", "cta", "buyback"],
        thinness=dict.fromkeys(POPULATIONS, 1.0),
        law=ImpactLaw("linear", 5.0, np.array([0.31]), np.array([2.0])),
        market=pl.DataFrame({"date": DAYS, "close": CLOSE, "log_return": returns, "impact_bp": np.ones(n)}),
        flows=flows,
        options=pl.DataFrame(),
        dealers=pl.DataFrame({"date": DAYS, "gamma_1pct_bn": side * GAMMA}),
        levels=levels,
        blackout=pl.DataFrame({"date": DAYS, "population": ["buyback"] * n, "share": SHARE}),
        volatility=volatility,
        fits=fits if real else fits.head(0),
    )
