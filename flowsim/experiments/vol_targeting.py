"""Claim 2: volatility targeting sells when volatility rises, buys when it falls, and amplifies both."""

from __future__ import annotations

import numpy as np

from flowsim.config import Config
from flowsim.ensemble.intervals import PerPath
from flowsim.ensemble.sample import Arms, PerPathByName, Sample, Samples
from flowsim.experiments.arms import members, scaled, traders, without, without_options
from flowsim.experiments.experiment import Effects, Experiment, NullPlan, ScanPlan
from flowsim.experiments.statistics import around, drawdown_pct, largest_days, realized_vol, slope_and_power, sums
from flowsim.experiments.verdicts import RATIO, Criterion

DAYS = 1260
WEEK, FORTNIGHT, MONTH, QUARTER = 5, 10, 21, 63
SHOCKS = 0.01
"""Share of the days of a path that count as shocks, by the size of their return."""
EXTREME = 0.03
"""Share of the fortnights that Nomura called extreme."""
FAMILY = "vol_target"

RESPONSE = "flow of a week per point of rise of 21-day volatility in the week before, USD bn"
VOLATILITY = "volatility, with over without"
VOL_OF_VOL = "volatility of 21-day volatility, with over without"
DRAWDOWN = "deepest drawdown, with over without"
SOLD = "flow in the 10 days after a shock, USD bn"
ECHO = "flow 64 to 73 days after a shock, as it leaves the 63-day window, USD bn"
FORTNIGHT_FLOW = "flow in the 3 % of fortnights with most selling, USD bn"
FORTNIGHT_EFFECT = "their own price effect in those, %"

CRITERIA = (
    Criterion(RESPONSE, "sign of flow response: they sell after volatility rose", "below", 0.0, 0.1),
    Criterion(VOLATILITY, "amplification of volatility > 1, interval clear of 1", "above", 1.0, 0.005, scale=RATIO),
    Criterion(VOL_OF_VOL, "amplification of the volatility of volatility > 1", "above", 1.0, 0.005, scale=RATIO),
    Criterion(DRAWDOWN, "amplification of drawdowns > 1", "above", 1.0, 0.005, scale=RATIO),
)
REAL = (
    (
        "Mechanically true: E = 25 bn / max(RV21, RV63) fits six published flows to about 20 %",
        "own fit to Nomura's figures of 2021, 2024 and 2025",
    ),
    ("-83.6 bn in the fortnight to 2024-08-01, a 3 % tail of ten years (Nomura)", "Nomura, by Reuters, August 2024"),
    (
        "Own price effect 0.2 to 0.7 % in such a fortnight at normal liquidity",
        "own arithmetic: M = 5 of Gabaix & Koijen 2021, and the square-root law",
    ),
)


def prepared(config: Config) -> Config:
    """Return five years of the market without options."""
    return without_options(config).override(f"time.days={DAYS}", 'record={tables=["flows"]}')


def arms(config: Config) -> Arms:
    """Return the market with and without volatility targeting."""
    return {"with": config, "without": without(config, traders(config, FAMILY))}


def measure(samples: Samples) -> PerPathByName:
    """Measure the response of the flow in the arm `with`, and what differs in the arm `without`.

    The volatility that the flow responds to is that of the arm `volatility` where there is one.
    """
    one, other = samples["with"], samples["without"]
    vol_with, vol_without = realized_vol(one.returns, MONTH), realized_vol(other.returns, MONTH)
    return {
        RESPONSE: _response(one, samples.get("volatility", one)),
        VOLATILITY: PerPath(one.returns.std(axis=1), other.returns.std(axis=1)),
        VOL_OF_VOL: PerPath(np.diff(vol_with, axis=1).std(axis=1), np.diff(vol_without, axis=1).std(axis=1)),
        DRAWDOWN: PerPath(drawdown_pct(one.returns), drawdown_pct(other.returns)),
        **_after_shocks(one),
        **_worst_fortnights(one),
    }


def _flow(sample: Sample) -> np.ndarray:
    return sample.total(sample.flow, members(sample.config, FAMILY))


def _response(trading: Sample, watched: Sample) -> PerPath:
    """Return the slope of a week's flow on the change of volatility over the week before it."""
    flow = sums(_flow(trading), WEEK)[:, MONTH + WEEK - 1 :]
    vol = realized_vol(watched.returns, MONTH)
    rise = (vol[:, WEEK:] - vol[:, :-WEEK])[:, : flow.shape[1] - 1]
    flow = flow[:, 1 : rise.shape[1] + 1]
    return slope_and_power(rise, flow, np.ones(rise.shape, bool))


def _after_shocks(sample: Sample) -> PerPathByName:
    """Return the flow beyond its mean after the days with the largest returns, at once and at the roll-off."""
    flow = _flow(sample)
    flow = flow - flow.mean(axis=1, keepdims=True)
    shocks = largest_days(np.abs(sample.returns), SHOCKS, 0, QUARTER + FORTNIGHT)
    return {
        SOLD: around(shocks, flow, 1, FORTNIGHT),
        ECHO: around(shocks, flow, QUARTER + 1, QUARTER + FORTNIGHT),
    }


def _worst_fortnights(sample: Sample) -> PerPathByName:
    flow = sums(_flow(sample), FORTNIGHT)
    effect = sums(sample.total(sample.contribution, members(sample.config, FAMILY)), FORTNIGHT)
    worst = flow <= np.quantile(flow, EXTREME)
    return {
        FORTNIGHT_FLOW: PerPath((worst * flow).sum(axis=1), worst.sum(axis=1).astype(float)),
        FORTNIGHT_EFFECT: PerPath(100.0 * (worst * effect).sum(axis=1), worst.sum(axis=1).astype(float)),
    }


def null_arms(config: Config) -> Arms:
    """Return volatility targeting too small to move a price, and the volatility of a market it does not see."""
    bare = without(config, traders(config, FAMILY))
    return {"with": scaled(config, traders(config, FAMILY), 1e-6), "without": bare, "volatility": bare}


def scan_arms(config: Config, factor: float) -> Arms:
    """Return the market with volatility targeting so many times as large, and without."""
    names = traders(config, FAMILY)
    return {"with": scaled(config, names, factor), "without": without(config, names)}


def tell(effects: Effects) -> list[str]:
    """Say how they respond, what they amplify, and whether the echo is there."""
    volatility, echo = effects[VOLATILITY], effects[ECHO]
    amplify = "raise" if volatility.low > 1.0 else "lower" if volatility.high < 1.0 else "do not measurably move"
    heard = "is there" if echo.low > 0.0 else "is the other way round" if echo.high < 0.0 else "is not clear of zero"
    return [
        f"A point more of 21-day volatility is followed by {effects[RESPONSE].value:+.1f} bn in the next week. They"
        f" {amplify} volatility, by {100.0 * (volatility.value - 1.0):+.1f} %, and drawdowns by"
        f" {100.0 * (effects[DRAWDOWN].value - 1.0):+.1f} %.",
        f"In an extreme fortnight they trade {effects[FORTNIGHT_FLOW].value:+.0f} bn and move the index by"
        f" {effects[FORTNIGHT_EFFECT].value:+.2f} %. The echo at the 63-day roll-off {heard}: {echo.value:+.1f} bn,"
        f" against {effects[SOLD].value:+.1f} bn right after the shock.",
    ]


EXPERIMENT = Experiment(
    number=2,
    title="Volatility targeting as an amplifier",
    claim="Vol-target funds sell when vol rises, buy when it falls, and so amplify both.",
    experiment="Flow against the change in realized volatility; with and without them on the same news: volatility, its"
    " own volatility, drawdowns, and the echo at the 63-day roll-off.",
    criterion="Sign of the flow response; amplification ratios above 1 with intervals clear of 1.",
    real=REAL,
    criteria=CRITERIA,
    prepared=prepared,
    arms=arms,
    measure=measure,
    scan=ScanPlan("capital of volatility targeting, × config", (0.5, 1.0, 2.0, 4.0), scan_arms, lambda config: 1.0),
    null=NullPlan(
        "volatility targeting a millionth as large, set against the volatility of a market on different news",
        null_arms,
        ("without", "volatility"),
        {RESPONSE: 0.0, VOLATILITY: 1.0, VOL_OF_VOL: 1.0, DRAWDOWN: 1.0},
    ),
    tell=tell,
    paths_times=8,
)
