"""90 bn a year less of buybacks moves the index by the same, whether builders stop or capital_bn is cut."""

import numpy as np
import pytest
from helpers.economies import economy_config
from helpers.markets import population, step_block

from flowsim.engine.prepare import prepare
from flowsim.macro.scenario import built_in

BUDGET_BN = 90.0
DAYS = 252
STOP = """
description = "Builders stop buying back"
[[from]]
quarter = "2026Q3"
finance.payout_speed = 1.0
[from.builders]
software.payout = 0.0
search.payout = 0.0
social.payout = 0.0
"""


def built(scenario, budgets, capital_bn):
    populations = {"noise": population("noise_trading"), "ai": population("buyback", capital_bn=capital_bn)}
    config = economy_config(populations, days=DAYS, scenario=scenario, budgets=budgets, hold=["news"])
    # Impact that lasts, so that each dollar counts the same however long ago it was not spent.
    return prepare(config.override("market.transient_share=0", "time.bars_per_day=1"))


def bought_and_moved(scenario="baseline", budgets=None, capital_bn=BUDGET_BN):
    market = built(scenario, budgets or {}, capital_bn)
    block = step_block(market)
    bought = np.zeros(64)
    if "ai" in market.sources:
        bought = block.record.flow[:, market.sources.index("ai")].sum(axis=0)
    return bought, block.log_returns.sum(axis=0)


def test_a_stop_of_builders_costs_the_index_what_the_same_cut_of_capital_costs(tmp_path):
    (tmp_path / "stop.toml").write_text(STOP)
    linked = {"ai": "ai_payout"}
    bought, index = bought_and_moved(budgets=linked)
    stopped, index_stopped = bought_and_moved(str(tmp_path / "stop.toml"), linked)
    usual, index_usual = bought_and_moved()
    cut, index_cut = bought_and_moved(capital_bn=1e-6)
    # The stop is reported at the end of October, and reached a month later: 145 of 252 sessions are without buybacks.
    assert (bought - stopped).mean() == pytest.approx(BUDGET_BN * 145 / 252, rel=0.25)
    assert (usual - cut).mean() == pytest.approx(BUDGET_BN, rel=0.15)
    per_bn = [(a - b).mean() / (c - d).mean() for a, b, c, d in (
        (index, index_stopped, bought, stopped), (index_usual, index_cut, usual, cut))]  # fmt: skip
    assert per_bn[0] == pytest.approx(per_bn[1], rel=0.05)
    assert 0.5 < per_bn[0] / (5.0 / 60_000) < 1.5  # multiplier over market cap, in the depth of a calm market


@pytest.mark.parametrize("scenario", sorted(built_in()))
def test_every_scenario_runs_in_a_market(scenario):
    populations = {"noise": population("noise_trading"), "ai": population("buyback"), "new": population("share_sales")}
    linked = {"ai": "ai_payout", "new": "share_supply_bn"}
    config = economy_config(populations, days=300, scenario=scenario, budgets=linked, liquidity=1.0, feedback=True)
    block = step_block(prepare(config.override("time.bars_per_day=1")))
    assert np.isfinite(block.prices).all()
    assert (block.record.published[-1, 0] > 0.0).all()
