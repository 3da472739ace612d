"""One market of 600 ordinary sessions, and the life of a rule's examples on it.

Drawn markets are short and extreme; here an agent of an ordinary size meets calm, a crash and what comes after, long
enough for what is small each day to add up.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from flowsim.authoring.declaration import Strategy
from flowsim.clock import sessions
from flowsim.clock.year import SESSIONS_PER_YEAR
from flowsim.testing.agents import Life
from flowsim.testing.canonical import LEVEL, answering
from flowsim.testing.tapes import examples_of
from flowsim.testing.views import PAST_DAYS, Market, decisions_at

SESSIONS = 600

_STRETCHES = (
    (PAST_DAYS, 0.16, 0.10),
    (110, 0.15, 0.05),
    (100, 0.08, 0.08),
    (50, 0.22, -0.05),
    (20, 0.60, -0.30),
    (100, 0.28, 0.15),
    (120, 0.11, 0.15),
    (100, 0.20, -0.05),
)
"""Sessions, volatility a year, and log return of each stretch: the past, then what is lived."""


@cache
def long_market() -> Market:
    """Return the market: one of real sessions whose mood, Fed, dealers and volatilities answer to its closes."""
    drawn = np.random.default_rng(600)
    returns = []
    for length, vol, gain in _STRETCHES:
        noise = drawn.standard_normal(length)
        returns.append((noise - noise.mean()) * vol / np.sqrt(SESSIONS_PER_YEAR) + gain / length)
    log_close = np.log(LEVEL) + np.cumsum(np.concatenate(returns))
    dates = sessions("2015-01-02", "2020-12-31").dates[: PAST_DAYS + SESSIONS]
    market = answering(dates, log_close, 0.4)
    busy = 450.0 * np.exp(0.3 * drawn.standard_normal(len(dates)))
    return Market(dates, log_close, {**market.elsewhere, "adv_bn": busy}, market.bars, market.overnight)


def long_lives(strategy: Strategy) -> list[Life]:
    """Return the life of each example of a strategy, or of one in the middle of the bounds, on that market."""
    market = long_market()
    n_decisions = len(decisions_at(market, strategy.clock)[0]) - 1
    noises = np.random.default_rng(1).standard_normal(n_decisions) * float(strategy.uses_noise)
    return [Life(strategy, market, agent, noises.tolist()) for agent in examples_of(strategy)]
