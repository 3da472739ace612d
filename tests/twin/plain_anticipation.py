"""What the plain market foresees of its own rules' trades, and lets others trade ahead of."""

from __future__ import annotations

import math

import numpy as np
from twin.plain_market import PlainMarket

from flowsim.engine.prepare import Market


def anticipate(market: Market, plain: PlainMarket) -> None:
    """Let others trade ahead of what the rules would do if the price rose and fell by its volatility in turn.

    Each day's foreseen flow is spread evenly over the sessions before it, and taken from the day itself.
    """
    config, ahead = market.config, market.config.market.anticipation_days
    closes = np.log(market.history.close[-64:])
    daily_vol = math.sqrt(np.mean(np.diff(closes) ** 2))
    given = [daily_vol * (-1.0) ** day for day in range(config.time.days + ahead)]
    foreseen = PlainMarket(market, plain.path, given, bars_per_day=1).run()
    for row, trader in enumerate(plain.traders):
        flows = [step.flows[row] for step in foreseen[1::2]]
        for day in range(config.time.days):
            early = math.fsum(flows[day + 1 : day + 1 + ahead]) / ahead
            trader.ahead[day] = trader.population.anticipated * (early - flows[day])
