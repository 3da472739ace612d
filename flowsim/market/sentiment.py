"""Sentiment: an explicit state of panic, so that one can set it to zero and see what remains.

    s <- max(0, keep * s + response * max(-r / daily_vol - threshold, 0) + shock_vol * z)

A day's loss beyond `threshold` daily sigmas adds `response` per further sigma; the state decays with its half-life.
"""

from __future__ import annotations

from flowsim.kernel.marks import inline


@inline
def next_sentiment(sentiment: float, day_return: float, daily_vol: float, z: float, model) -> float:
    """Return tomorrow's panic from today's, the day's return and an exogenous shock."""
    excess_loss = max(-day_return / daily_vol - model.sentiment_threshold, 0.0)
    return max(
        model.sentiment_keep * sentiment + model.sentiment_response * excess_loss + model.sentiment_shock_vol * z,
        0.0,
    )
