"""An outlook made by hand: no two of its numbers are alike, so that each word can be told from the next."""

from datetime import date, timedelta

import numpy as np
import polars as pl

from flowsim.chain.open_interest import DealerGamma
from flowsim.history.forward import Forward
from flowsim.history.outlook import Outlook

AS_OF = np.datetime64("2018-08-31")
HORIZONS = (5, 21)
SCENARIOS = {"-2 sigma": -4.4, "-1 sigma": -2.2, "flat": 0.0, "+1 sigma": 2.3, "+2 sigma": 4.6, "+-1 % days": 0.1}
"""By name the move in % over 5 sessions; over 21 it is twice as large."""
FLOWS = {  # USD bn in each scenario over 5 sessions; over 21 three times as much
    "vol_control": (-40.0, -9.0, 6.0, 5.0, 4.0, -20.0),
    "cta": (-31.0, -8.0, 2.0, 7.0, 11.0, -1.0),
    "dealer": (-7.0, -3.0, 1.0, 2.0, 3.0, 0.5),
    "passive": (0.1, 0.1, 0.1, 0.1, 0.1, 0.1),  # too small for a bar
    "noise": (90.0, 91.0, 92.0, 93.0, 94.0, 95.0),  # discretionary, and in no total
}
SYSTEMATIC = ["vol_control", "cta", "dealer", "passive"]


def made_outlook(side: float = 1.0, *, gamma: DealerGamma | None = None, options: bool = True) -> Outlook:
    """Return an outlook from the close of 31 August 2018; with `side` -1 every amount is on the other side."""
    return Outlook(
        label="made after the close of 2018-08-31, generated closes",
        description="A market\n made by hand",
        as_of=AS_OF,
        close=2900.5,
        daily_vol=0.0123,
        horizons=HORIZONS,
        systematic=SYSTEMATIC,
        hedgers=["dealer"],
        history=_history(),
        state=pl.DataFrame({"population": ["cta"], "position_bn": [22.0 * side]}),
        scenarios=_scenarios(side),
        turning=_turning(side),
        reactions=_reactions(side),
        roll_off=_roll_off(side),
        volatility=pl.DataFrame({"index": ["VIX", "VIX3M"], "path_dependent": [13.4, 15.2], "real": [12.9, None]}),
        forward=_forward(options),
        gamma=gamma,
    )


def made_gamma(side: float = 1.0, zero_cross: float = 2850.0) -> DealerGamma:
    """Return dealers' gamma that rises with spot: 3.25 bn at the close, below zero under 2850."""
    spot_pct = np.array([-10.0, -1.75, 0.0, 10.0])
    return DealerGamma(
        spot=2900.5,
        spot_pct=spot_pct,
        gamma_1pct_bn=side * np.array([-9.0, 0.0, 3.25, 12.0]),
        zero_cross=zero_cross,
        left_out=0.034,
        assumption="dealers long calls and short puts",
    )


def _history() -> pl.DataFrame:
    days = [date(2018, 8, 31) - timedelta(days=k) for k in (3, 2, 1, 0)]
    return pl.DataFrame({"date": days, "close": [2880.0, 2890.0, 2910.0, 2900.5]})


def _scenarios(side: float) -> pl.DataFrame:
    rows = [
        (name, days, times * move, population, side * times * scale * flows[place], None)
        for days, times, scale in ((5, 1.0, 1.0), (21, 2.0, 1.5))
        for place, (name, move) in enumerate(SCENARIOS.items())
        for population, flows in FLOWS.items()
    ]
    columns = ("scenario", "horizon_days", "move_pct", "population", "flow_bn", "decided_bn")
    return pl.DataFrame(rows, schema=columns, orient="row")


def _turning(side: float) -> pl.DataFrame:
    """Return two levels near the index, one further than is said, and one that is not there."""
    return pl.DataFrame(
        {
            "population": ["cta", "cta", "cta", "own_trend"],
            "speed": ["long", "short", "medium", ""],
            "level": [2700.25, 2850.75, 2320.0, None],
            "distance_pct": [-6.9, -1.7, -20.0, None],
            "position_bn": [18.0 * side, 12.0 * side, 5.0, 1.0],
            "flow_5d_bn": [-25.0 * side, -16.0 * side, -9.0, 0.0],
            "flat_5d_bn": [0.2 * side, 3.0 * side, 1.0, 0.0],
            "flow_21d_bn": [-66.0, -55.0, -44.0, 0.0],
            "flat_21d_bn": [33.0, 22.0, 11.0, 0.0],
        }
    )


def _reactions(side: float) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "population": ["vol_control", "risk_parity", "own_fund"],
            "adds_below_pct": [0.84, None, 0.33],
            "adds_below_vol": [0.091, None, 0.081],
            "cuts_above_pct": [1.26, 2.51, None],
            "cuts_above_vol": [0.111, 0.132, None],
            "vol_now": [0.101, 0.102, 0.103],
            "order_calm_bn": [7.0, 8.0, 9.0],
            "order_2pct_bn": [-14.0 * side, 0.4 * side, 6.0 * side],
        }
    )


def _roll_off(side: float) -> pl.DataFrame:
    """Return 30 sessions: the largest return leaves each window on the fifth and the eighth, a larger one later on."""
    days = [date(2018, 9, 3) + timedelta(days=k) for k in range(30)]
    gone = [date(2018, 6, 1) + timedelta(days=k) for k in range(30)]
    short, long = [0.1 * side] * 30, [-0.2 * side] * 30
    short[4], long[7] = -2.2 * side, 3.3 * side
    short[25], long[25] = 9.0, 9.0
    earlier = [day - timedelta(days=60) for day in gone]
    return pl.DataFrame(
        {
            "date": days,
            "leaves_21d_pct": short,
            "leaves_21d_date": gone,
            "rv_21": [0.10 + 0.001 * k for k in range(30)],
            "leaves_63d_pct": long,
            "leaves_63d_date": earlier,
            "rv_63": [0.12 + 0.002 * k for k in range(30)],
        }
    )


def _forward(options: bool) -> Forward:
    """Return two days and both arms; without feedback everything is closer to its middle."""
    days = [date(2018, 9, 4), date(2018, 9, 5)]
    index, volatility, flows, returns = [], [], [], []
    for arm, wide in (("with feedback", 2.0), ("without", 1.0)):
        for k, day in enumerate(days, start=1):
            middle = 2900.0 + 10.0 * k
            spread = [middle + wide * k * away for away in (-60.0, -25.0, 0.0, 20.0, 50.0)]
            index.append((arm, day, *spread))
            for place, name in enumerate(("vix", "vix3m", "vix6m", "vix9d")):
                points = 10.0 + place + k
                volatility.append((arm, day, name, *(points + wide * away for away in (-2.0, -1.0, 0.0, 1.5, 4.0))))
        for days_ahead, times in ((5, 1.0), (21, 2.0)):
            for name, mean in (("cta", -3.0), ("noise", 8.0), ("passive", 0.1), ("vol_control", 4.0)):
                spread = 0.0 if name == "passive" else 10.0
                flows.append(
                    (arm, days_ahead, name, times * wide * mean, wide * (mean - spread), wide * (mean + 2.0 * spread))
                )
            returns.append((arm, days_ahead, 0.11 * times, 1.5 * wide * times, -3.1 * wide * times, 2.6 * wide * times,
                            -7.7 * wide * times))  # fmt: skip
    bands = ("p5", "p25", "p50", "p75", "p95")
    frame = pl.DataFrame(volatility, schema=("arm", "date", "index", *bands), orient="row")
    return Forward(
        n_paths=128,
        index=pl.DataFrame(index, schema=("arm", "date", *bands), orient="row"),
        volatility=frame if options else frame.head(0),
        flows=pl.DataFrame(flows, schema=("arm", "horizon_days", "population", "mean_bn", "p5", "p95"), orient="row"),
        returns=pl.DataFrame(
            returns, schema=("arm", "horizon_days", "mean_pct", "sd_pct", "p5", "p95", "worst_pct"), orient="row"
        ),
    )
