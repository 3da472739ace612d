"""Claim 3: trend followers at common thresholds move the index for days, with no fundamental change.

The event is the close that decides: the threshold is crossed there. Days of the largest flow come later, when an order
of several days is all but worked, and what follows them is the decay of its impact.
"""

from __future__ import annotations

import numpy as np

from flowsim.config import Config
from flowsim.ensemble.intervals import Floats, PerPath
from flowsim.ensemble.sample import Arms, PerPathByName, Sample, Samples
from flowsim.experiments.arms import members, scaled, traders, without, without_options
from flowsim.experiments.experiment import Effects, Experiment, NullPlan, ScanPlan
from flowsim.experiments.statistics import around, largest_days, variance_ratio
from flowsim.experiments.verdicts import Criterion, Scale

DAYS = 1260
FAMILY = "cta"
EVENTS = 0.01
"""Share of the closes of a path that count as events, by the size of the order that they decide."""
WEEK, LAST, REVERSAL = 5, 10, 30

WITH = "index from day 2 to day 10 after the close that decides, in the order's direction, with CTAs, bp"
WITHOUT = "the same days and direction in the market without CTAs, bp"
DIFFERENCE = "what CTAs add to it, bp"
WORKED = "index over the five days in which the order is worked, with less without CTAs, bp"
AFTERWARDS = "index from day 11 to day 30, with less without CTAs, bp"
CROWD = "agents that turn around within three days of the event, % of all"
RATIO_WITH, RATIO_WITHOUT = "variance ratio VR(5) with CTAs", "variance ratio VR(5) without CTAs"

OF_NINE_DAYS = Scale(0.0, 1.0 / 3.0)
"""Three basis points are one percent of the standard deviation of nine days, about 300 bp."""

CRITERIA = (
    Criterion(WITH, "the move beyond day 1 is positive in the order's direction with CTAs", "above", 0.0, 5.0),
    Criterion(
        DIFFERENCE, "and absent without: CTAs add to it, on the same news", "above", 0.0, 5.0, scale=OF_NINE_DAYS
    ),
)
REAL = (
    ("Published pivots cluster at exponential averages of 45, 120 and 340 days", "own fit to Goldman Sachs, 2023-2025"),
    (
        "No average continuation: +0.41 % in five days after a break below the 50-day average, unconditional +0.23 %",
        "S&P 500 closes, 2010-2026",
    ),
    ("VR(5) is 0.86, below 1, with CTAs in the market", "S&P 500 closes"),
    ("Up to -77 bn of US selling in a month", "Goldman Sachs futures desk, September 2025"),
)


def prepared(config: Config) -> Config:
    """Return five years of the market without options."""
    return without_options(config).override(f"time.days={DAYS}", 'record={tables=["flows", "positions"]}')


def arms(config: Config) -> Arms:
    """Return the market with and without trend followers."""
    return {"with": config, "without": without(config, traders(config, FAMILY))}


def measure(samples: Samples) -> PerPathByName:
    """Measure what follows the closes that decide the largest orders of trend followers, in both arms.

    What moves is the index of the arm `with`, or of the arm `moving` where there is one. Returns are taken from the
    mean of their own day over the paths, so that drift has no direction.
    """
    one, other = samples["with"], samples["without"]
    order = decided(one)
    events = np.sign(order) * largest_days(np.abs(order), EVENTS, 3, REVERSAL)
    apart, apart_without = _bp(samples.get("moving", one)), _bp(other)
    return {
        WITH: around(events, apart, 2, LAST),
        WITHOUT: around(events, apart_without, 2, LAST),
        DIFFERENCE: around(events, apart - apart_without, 2, LAST),
        WORKED: around(events, apart - apart_without, 1, WEEK),
        AFTERWARDS: around(events, apart - apart_without, LAST + 1, REVERSAL),
        CROWD: _crowd(one, np.abs(events)),
        RATIO_WITH: PerPath.mean(variance_ratio(one.returns, 5)),
        RATIO_WITHOUT: PerPath.mean(variance_ratio(other.returns, 5)),
    }


def decided(sample: Sample) -> Floats:
    """Return what trend followers decide to trade at each close, USD bn, (paths, days)."""
    orders = np.zeros(sample.flow.shape[:2])
    for name in members(sample.config, FAMILY):
        flow, execution = sample.of(sample.flow, name), sample.config.population[name].execution
        # A rule that trades within the session decides what it trades there.
        orders += flow if execution is None else orders_from_flow(flow, execution.days, execution.lag_days)
    return orders


def orders_from_flow(flow: Floats, days: int, lag: int) -> Floats:
    """Return the orders of which a flow is the working: each traded in equal parts on `days` days, from `lag` days on.

    F_t = (O_(t-lag) + ... + O_(t-lag-days+1)) / days, so that O_t = days (F_(t+lag) - F_(t+lag-1)) + O_(t-days). What
    was under way at the start leaves a constant for each of `days` interleaved series, which is set so that its mean is
    zero. The orders of the last `lag` closes are not known, and zero.
    """
    orders = np.zeros(flow.shape)
    known = flow.shape[1] - lag
    change = days * np.diff(flow, axis=1, prepend=0.0)
    for day in range(known):
        earlier = orders[:, day - days] if day >= days else 0.0
        orders[:, day] = change[:, day + lag] + earlier
    for first in range(days):
        orders[:, first:known:days] -= orders[:, first:known:days].mean(axis=1, keepdims=True)
    return orders


def _bp(sample: Sample) -> Floats:
    return 1e4 * (sample.returns - sample.returns.mean(axis=0))


def _crowd(sample: Sample, events: Floats) -> PerPath:
    """Return the net share of agents that changed sides between three days before and three days after an event."""
    populations = list(sample.config.population)
    rows = [populations.index(name) for name in members(sample.config, FAMILY)]
    n_agents = sum(sample.config.population[populations[row]].agents for row in rows)
    long = sample.agents_long[..., rows].sum(axis=-1)
    path, day = np.nonzero(events)
    turned = 100.0 * np.abs(long[path, day + 3] - long[path, day - 3]) / n_agents
    return PerPath(np.bincount(path, turned, len(long)).astype(float), np.bincount(path, None, len(long)).astype(float))


def null_arms(config: Config) -> Arms:
    """Return trend followers too small to move a price, and two markets that they do not see."""
    names = traders(config, FAMILY)
    bare = without(config, names)
    return {"with": scaled(config, names, 1e-6), "moving": bare, "without": bare}


def scan_arms(config: Config, factor: float) -> Arms:
    """Return the market with trend followers so many times as large, and without."""
    names = traders(config, FAMILY)
    return {"with": scaled(config, names, factor), "without": without(config, names)}


def tell(effects: Effects) -> list[str]:
    """Say how large the continuation is, what of it is theirs, and whether it reverses."""
    added, after = effects[DIFFERENCE], effects[AFTERWARDS]
    reverses = "reverses" if after.high < 0.0 < added.value else "does not reverse measurably"
    own = f"{added.value:+.1f} bp" + ("" if added.low > 0.0 or added.high < 0.0 else ", an interval that holds zero")
    below = "stays below 1" if effects[RATIO_WITH].high < 1.0 else "does not stay below 1, as it does in the real index"
    return [
        f"After the closes that decide the largest orders the index goes on by {effects[WITH].value:+.1f} bp over days"
        f" 2 to 10; on the same days without CTAs it goes {effects[WITHOUT].value:+.1f} bp. What CTAs add is {own},"
        f" after {effects[WORKED].value:+.1f} bp over the five days of the order, and it {reverses} by day 30"
        f" ({after.value:+.1f} bp).",
        f"Within three days of such a close {effects[CROWD].value:.0f} % of agents change sides. VR(5) is"
        f" {effects[RATIO_WITH].value:.2f} with CTAs and {effects[RATIO_WITHOUT].value:.2f} without: it {below}.",
    ]


EXPERIMENT = Experiment(
    number=3,
    title="Trend followers at common thresholds",
    claim="CTAs at common thresholds move the index for days with no fundamental change.",
    experiment="Event study on the closes that decide the top 1 % of CTA orders, news held fixed; share of agents"
    " crossing within three days; cumulative move of days 2 to 10; then the reversal.",
    criterion="The move beyond day 1 is positive in the order's direction with CTAs, and absent without.",
    real=REAL,
    criteria=CRITERIA,
    prepared=prepared,
    arms=arms,
    measure=measure,
    scan=ScanPlan("capital of trend followers, × config", (0.5, 1.0, 2.0, 4.0, 8.0), scan_arms, lambda config: 1.0),
    null=NullPlan(
        "trend followers a millionth as large; their flows set against two markets on different news",
        null_arms,
        ("moving", "without"),
        {WITH: 0.0, WITHOUT: 0.0, DIFFERENCE: 0.0},
    ),
    tell=tell,
    paths_times=4,
)
