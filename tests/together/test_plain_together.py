"""Markets beside the first do what their plain-Python day does, step by step, as tests/engine/test_specification.py."""

import numpy as np
import pytest
from helpers.beside import BONDS, BTC, several
from helpers.markets import population, step_block
from twin.plain_together import PlainBeside

from flowsim.engine.prepare import prepare

LOADED = {"release_loading": -0.5, "jump_loading": 1.5, "depth_loading": 0.1}
HOT = {"daily_news_vol": 0.02, "vol_elasticity": 0.5}
NIGHTLY = {"overnight_share": 0.5, "overnight_volume": 0.2}
MARKETS = {
    "bonds": BONDS | LOADED,
    "gold": BONDS | {"news": {"equity": 0.1, "bonds": 0.4}, "market": NIGHTLY},
    "btc": BTC | LOADED | {"news": {"equity": 0.4, "gold": 0.2}, "fundamental": HOT},
    "ether": BTC | {"news": {"btc": 0.7, "equity": 0.2}, "market": {"multiplier": 4.0, "market_cap_bn": 500.0}},
}
LEGS = {"bonds": 30.0, "gold": 10.0, "btc": 2.0, "ether": 0.5}
TRADERS = {
    "trend": population("cta", legs=LEGS),
    "noise": population("noise_trading", legs={name: 0.2 * leg for name, leg in LEGS.items()}),
    "tone": population("tone_trading", legs=LEGS),
    "desk": population("liquidity_provider", legs=LEGS),
}
# A day of mourning, weekends, a half day and Christmas, an FOMC statement, payrolls and consumer prices.
CONFIG = several(
    MARKETS,
    TRADERS,
    time={"start": "2018-11-30", "days": 16},
    fundamental={"jumps_per_year": 60, "jump_mean_bp": -50, "jump_vol_bp": 150},
    market={"activity_vol": 0.5, "activity_half_life_sessions": 0.5},
    liquidity={"vol": 1.0, "depth_loading": 0.2},
    sentiment={"response": 1.0, "threshold": 0.5, "shock_vol": 0.3},
)


@pytest.fixture(scope="module")
def markets():
    return {one.name: one for one in prepare(CONFIG).all}


@pytest.mark.parametrize("name", MARKETS)
def test_a_market_beside_the_first_agrees_with_its_plain_day(markets, name):
    market = markets[name]
    record = step_block(market, by_bar=True).record
    path = 63
    steps = PlainBeside(market, CONFIG, path).run()
    contributions, prices = [step.contributions for step in steps], [step.price for step in steps]
    np.testing.assert_allclose(record.contribution[:, :, path], contributions, rtol=1e-9, atol=1e-12)
    flows, states = [step.flows for step in steps], [step.states for step in steps]
    np.testing.assert_allclose(record.flow[:, 3:, path], flows, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(record.market[:, 2:, path], states, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(record.market[:, 0, path], prices, rtol=1e-9)
