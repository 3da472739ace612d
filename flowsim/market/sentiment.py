"""Sentiment: an explicit state of panic, so that one can set it to zero and see what remains.

    s <- max(0, keep * s + response * max(-r / daily_vol - threshold, 0) + shock_vol * z)

A day's loss beyond `threshold` daily sigmas adds `response` per further sigma; the state decays with its half-life.
It stands in the view, and nowhere else.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from flowsim.authoring.rows import DAY_RETURN, MARKET_VOL, SENTIMENT
from flowsim.clock.year import SESSIONS_PER_YEAR
from flowsim.config.spec import MarketSpec
from flowsim.kernel.array_functions import kept_of
from flowsim.kernel.marks import LANES, inline
from flowsim.kernel.random import normals, stream_key

DAYS_ROOT = math.sqrt(SESSIONS_PER_YEAR)


class SentimentModel(NamedTuple):
    """How panic comes and goes; see the config's table `sentiment`."""

    keep: float  # part that is left after a session
    response: float
    threshold: float  # daily sigmas
    shock_vol: float
    key: np.ndarray  # (2,) uint64, of the random stream


def build_sentiment(spec: MarketSpec) -> SentimentModel:
    """Return how panic comes and goes."""
    sentiment = spec.sentiment
    return SentimentModel(
        keep=kept_of(sentiment.half_life_days),
        response=sentiment.response,
        threshold=sentiment.threshold,
        shock_vol=sentiment.shock_vol,
        key=np.array(stream_key(spec.seed, spec.stream("sentiment")), np.uint64),
    )


@inline
def move_sentiment(model, sentiment, observables, counter, path0):
    """Move panic by a day; nothing happens at random when replaying."""
    panic, day_return, market_vol = observables[SENTIMENT], observables[DAY_RETURN], observables[MARKET_VOL]
    chance = 0.0 if model.replaying == 1 else 1.0
    for lane in range(LANES):
        z, _ = normals(path0 + lane, counter, 0, 0, sentiment.key[0], sentiment.key[1], model.mirror)
        daily_vol = market_vol[lane] / DAYS_ROOT
        panic[lane] = next_sentiment(panic[lane], day_return[lane], daily_vol, chance * z, sentiment)


@inline
def next_sentiment(panic: float, day_return: float, daily_vol: float, z: float, sentiment) -> float:
    """Return tomorrow's panic from today's, the day's return and an exogenous shock."""
    excess_loss = max(-day_return / daily_vol - sentiment.threshold, 0.0)
    return max(sentiment.keep * panic + sentiment.response * excess_loss + sentiment.shock_vol * z, 0.0)
