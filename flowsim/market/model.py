"""The parameters of a market: those of each part of its day, as numbers per day, log units and fractions."""

from __future__ import annotations

from typing import NamedTuple

from flowsim.config.spec import MarketSpec
from flowsim.market.activity import ActivityModel, build_activity
from flowsim.market.depth import DepthModel, build_depth
from flowsim.market.fundamental import NewsModel, build_news
from flowsim.market.halts import BreakerModel, build_breakers
from flowsim.market.liquidity import LiquidityModel, build_liquidity
from flowsim.market.policy import PolicyModel, build_policy
from flowsim.market.price import ImpactModel, build_impact
from flowsim.market.registry import Registry
from flowsim.market.sentiment import SentimentModel, build_sentiment


class Model(NamedTuple):
    """The parts, and the three numbers that all of them share."""

    activity: ActivityModel
    news: NewsModel
    policy: PolicyModel
    depth: DepthModel
    impact: ImpactModel
    liquidity: LiquidityModel
    sentiment: SentimentModel
    breakers: BreakerModel
    start_price: float
    replaying: int  # 1 along given returns, which nobody moves and where nothing happens at random
    mirror: int  # 1 for antithetic pairs of paths


def build_model(spec: MarketSpec, registry: Registry, start_price: float, *, replaying: bool) -> Model:
    """Return the parameters of a market that starts, or is replayed, from a price."""
    return Model(
        activity=build_activity(spec),
        news=build_news(spec, registry.sources.index("news")),
        policy=build_policy(spec, registry.sources.index("policy")),
        depth=build_depth(spec),
        impact=build_impact(spec),
        liquidity=build_liquidity(spec),
        sentiment=build_sentiment(spec),
        breakers=build_breakers(spec, replaying=replaying),
        start_price=start_price,
        replaying=int(replaying),
        mirror=int(spec.antithetic),
    )
