"""Falls thin depth and rises bring it back; news has the market's volatility."""

from types import SimpleNamespace

import numpy as np
import pytest

from flowsim.config import load
from flowsim.facts import facts
from flowsim.facts.histories import closes_of_market
from flowsim.market.depth import CALMEST, feared_vol

NOBODY = ["time.days=1000", "time.bars_per_day=1"]
NOISE = [*NOBODY, 'population.noise={strategy="noise_trading", agents=1, capital_bn=120}']
SIGNED = ["market.week_return_loading=1.5", "market.month_return_loading=0.5"]
LOADINGS = SimpleNamespace(week_return_loading=1.0, month_return_loading=0.5)


def measured(keys, fact):
    (closes,) = closes_of_market(load("plain", keys), 64)
    return float(np.median(fact(closes)))


@pytest.mark.parametrize(
    ("week", "month", "feared"),
    [(-0.05, -0.1, 0.16 + 0.05 + 0.05), (0.02, 0.04, 0.16 - 0.02 - 0.02), (0.3, 0.3, CALMEST * 0.16), (0.0, 0.0, 0.16)],
)
def test_falls_add_to_the_volatility_that_depth_looks_at_and_rises_take_away_to_a_floor(week, month, feared):
    assert feared_vol(0.16, week, month, LOADINGS) == pytest.approx(feared)


def test_a_fall_is_followed_by_larger_moves_where_depth_knows_the_sign():
    # 64 paths of 1,000 days: a median over paths has a standard error near 1.25 / sqrt(64,000) = 0.005
    leverage = [measured([*NOISE, *keys], lambda closes: facts.leverage(closes, 1)) for keys in ([], SIGNED)]
    assert abs(leverage[0]) < 0.025
    assert leverage[1] < -0.06


def test_depth_that_knows_the_sign_does_not_tell_the_next_return():
    assert abs(measured([*NOISE, *SIGNED, "market.transient_share=0"], lambda closes: facts.acf(closes, 1))) < 0.025


@pytest.mark.parametrize(("elasticity", "clusters"), [(0.0, False), (0.9, True)])
def test_news_clusters_where_nobody_trades_only_if_it_has_the_market_s_volatility(elasticity, clusters):
    found = measured([*NOBODY, f"fundamental.vol_elasticity={elasticity}"], lambda c: facts.acf(c, 5, of=np.abs))
    assert (found > 0.02) == clusters
