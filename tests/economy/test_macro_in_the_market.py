"""The macro layer in a market: absent when off, the same layer as alone when on, and news and budgets that add up."""

import re

import numpy as np
import polars as pl
import pytest
from helpers.economies import economy, economy_config, layer_part
from helpers.markets import market_config, population, step_block

from flowsim.authoring.rows import LIQUIDITY, SENTIMENT
from flowsim.config import load
from flowsim.config.macro import SOURCES, Macro
from flowsim.economy.rows import AI_PAYOUT, RESERVES, SHOWN, VEHICLE_SPREAD
from flowsim.engine.blocks import Block, run_block
from flowsim.engine.prepare import prepare
from flowsim.ensemble.simulation import simulate
from flowsim.errors import ConfigError, InputError
from flowsim.macro.alone import macro_run

QUARTERS = {"2026Q3": "2026-09-30", "2026Q4": "2026-12-31"}
STRESSED = "stress_without_guarantee"


@pytest.fixture(scope="module")
def market():
    both = {"noise": population("noise_trading"), "ai": population("buyback")}
    return economy(both, days=172, budgets={"ai": "ai_payout"})


@pytest.fixture(scope="module")
def block(market):
    return step_block(market)


def told(market, block, source):
    return block.record.contribution[:, market.sources.index(source)]


def row_of(name):
    return [column.name for column in SHOWN].index(name)


def at_the_end(market, block):
    """Return the row of each quarter's end among the days."""
    return [int(np.flatnonzero(market.dates == np.datetime64(day))[0]) for day in QUARTERS.values()]


def test_without_its_table_there_is_no_row_of_it():
    without = prepare(market_config({"noise": population("noise_trading")}))
    assert without.sources == ["news", "policy", "noise"]
    assert [one.subsystem.name for one in without.parts] == ["option_market"]
    assert without.registry.published == ()


@pytest.mark.parametrize("name", ["plain", "us_equity", "liquidity_2026"])
def test_its_table_is_in_no_other_config_nor_in_its_digest(name):
    assert "macro" not in load(name).resolved()
    assert load(name).spec().macro is None


def test_its_sources_stand_before_the_populations(market):
    assert market.sources == ["news", "policy", *SOURCES, "noise", "ai"]


def test_the_return_is_the_sum_of_all_contributions_with_its_own(block):
    np.testing.assert_allclose(block.record.contribution.sum(axis=1), block.log_returns, rtol=0.0, atol=1e-12)


def test_its_quarters_are_those_of_the_layer_alone(market, block):
    """Path by path: the same draws, the same books, whatever the market does, as long as it is not heard."""
    alone = macro_run("baseline", 64, quarters=2, seed=1).tables["macro"]
    rows = block.record.published
    for quarter, day in (("2026Q3", "2026-11-30"), ("2026Q4", "2027-03-03")):
        there = alone.filter(pl.col("quarter") == quarter)
        at = int(np.searchsorted(market.dates, np.datetime64(day)))
        start = layer_part(market).known.start
        payout = there["buybacks_bn"].to_numpy() / start[AI_PAYOUT]
        np.testing.assert_allclose(rows[at, AI_PAYOUT], payout, rtol=1e-12)
        np.testing.assert_allclose(rows[at, VEHICLE_SPREAD], there["vehicle_spread_bp"].to_numpy(), rtol=1e-12)


def test_news_of_a_quarter_adds_up_to_its_surprise(market, block):
    """What five sources tell is the change of log value between the quarter as expected and as it came."""
    layer = layer_part(market)
    came = macro_run("baseline", 64, quarters=1, seed=1).tables["macro"]["log_value"].to_numpy()
    expected = macro_run("baseline", 1, quarters=1, shocks=False).tables["macro"]["log_value"].to_numpy()
    total = sum(told(market, block, name)[: at_the_end(market, block)[1]].sum(axis=0) for name in SOURCES)
    np.testing.assert_allclose(total / market.model.news.pass_through, came - expected, rtol=0.0, atol=1e-12)
    assert total.std() > 1e-4
    assert layer.known.scripts.has_policy.sum() == 0


def test_it_tells_on_its_days_and_at_night_only(market):
    by_bar = step_block(market, by_bar=True, days=90)
    capex = told(market, by_bar, "capex")
    moved = np.flatnonzero((capex != 0.0).any(axis=1))
    opening = np.concatenate([[0], np.cumsum(market.timetable.bars[:89] + 1)])
    assert moved.tolist() == [opening[np.flatnonzero(market.dates == np.datetime64("2026-10-29"))[0]]]


def test_a_budget_moves_in_a_month_from_its_report_on(market, block):
    payout = block.record.published[:, AI_PAYOUT, 0]
    reported = int(np.flatnonzero(market.dates == np.datetime64("2026-10-29"))[0])
    assert (payout[:reported] == 1.0).all()
    steps = np.diff(payout[reported - 1 : reported + 22])
    np.testing.assert_allclose(steps[:21], steps[0], rtol=1e-9)
    assert steps[0] != 0.0
    assert steps[21] == 0.0


def test_orders_are_those_of_the_rule_times_budget_over_price(market, block):
    """In dollars: where the index is higher, the same budget buys less of it."""
    alone = step_block(economy({"noise": population("noise_trading"), "ai": population("buyback", dip_response=0.0)}))
    linked_market = economy(
        {"noise": population("noise_trading"), "ai": population("buyback", dip_response=0.0)},
        budgets={"ai": "ai_payout"},
    )
    linked = step_block(linked_market)
    row = linked_market.sources.index("ai")
    flow, usual = (one.record.flow[1:, row] for one in (linked, alone))
    before = linked.prices[:-1] / linked_market.model.start_price
    factor = linked.record.published[:-1, AI_PAYOUT] / before
    np.testing.assert_allclose(flow, usual * factor, rtol=1e-9)
    assert (usual > 0.0).all()


@pytest.mark.parametrize("row", ["ai_payout", "news", "liquidity"])
def test_what_is_held_stays_as_it_starts(row):
    market = economy({"noise": population("noise_trading"), "ai": population("buyback")}, hold=[row])
    block = step_block(market)
    if row == "news":
        assert all((told(market, block, name) == 0.0).all() for name in SOURCES)
    else:
        held = block.record.published[:, row_of(row) if row != "liquidity" else RESERVES]
        assert (held == held[0]).all()
    other = block.record.published[-1, VEHICLE_SPREAD]
    assert other.std() > 0.0


def test_reserves_move_the_state_of_liquidity_and_stress_moves_panic():
    settings = {"liquidity": {"vol": 0.0}, "sentiment": {"response": 0.0, "shock_vol": 0.0, "half_life_days": 1e4}}

    def last(**macro):
        config = economy_config(days=220, **macro).override(settings)
        state = step_block(prepare(config)).state.observables
        return state[LIQUIDITY], state[SENTIMENT]

    liquidity, panic = last(scenario="treasury_liquidity_2026", liquidity=2.0, stress_response=1.0)
    # 120 bn bought and an account that falls from 1,000 to 850: 270 bn in 2026Q4, reported and reached by May 2027.
    assert liquidity == pytest.approx(np.full(64, 2.0 * (120.0 + 0.0) / 3.0 / 40.0), abs=1.5)
    assert (liquidity > 0.0).all()
    assert (panic > 0.0).any()
    quiet_liquidity, quiet_panic = last()
    assert (quiet_liquidity == 0.0).all()
    assert (quiet_panic == 0.0).all()


def test_stress_is_bad_news_of_credit_and_widens_what_is_shown():
    market = economy(days=220, scenario=STRESSED)
    stressed, calm = step_block(market), step_block(economy(days=220))
    worse = (told(market, stressed, "credit") - told(market, calm, "credit")).sum(axis=0)
    assert worse.mean() < -5.0 * worse.std() / 8.0
    spread = [one.record.published[-1, VEHICLE_SPREAD].mean() for one in (stressed, calm)]
    assert spread[0] > spread[1] + 50.0


def test_the_market_feeds_back_only_where_it_is_heard(market, block):
    heard, deaf = (step_block(economy(days=172, feedback=feedback)) for feedback in (True, False))
    np.testing.assert_array_equal(deaf.record.published, block.record.published)
    assert (heard.record.published[-1, row_of("growth_pct")] != block.record.published[-1, row_of("growth_pct")]).any()


def test_support_is_told_as_what_policy_changes():
    market = economy(days=220, scenario="policy_support")
    block = step_block(market)
    assert layer_part(market).known.scripts.has_policy.tolist() == [0, 0, 1, 0]
    np.testing.assert_allclose(block.record.contribution.sum(axis=1), block.log_returns, rtol=0.0, atol=1e-12)
    assert (told(market, block, "support") != 0.0).any()


def test_a_new_seed_draws_a_new_layer_and_one_more_population_does_not(market, block):
    three = {"noise": population("noise_trading"), "ai": population("buyback"), "b": population("passive_inflow")}
    more = economy(three, days=172)
    rows = step_block(more).record.published[:, VEHICLE_SPREAD]
    np.testing.assert_array_equal(rows, block.record.published[:, VEHICLE_SPREAD])
    other = step_block(prepare(economy_config(days=172).override("seed=2"))).record.published[:, VEHICLE_SPREAD]
    assert (other[-1] != rows[-1]).all()


def test_chunks_and_recording_change_no_bit_of_it(market, block):
    rows = []
    for chunk, _ in run_block(market, Block(0, 64), chunk_days=37):
        rows.append(chunk.record.published.copy())
    np.testing.assert_array_equal(np.concatenate(rows), block.record.published)


def test_mirrored_paths_mirror_its_draws():
    rows = step_block(prepare(economy_config(days=110).override("antithetic=true"))).record.published[-1, AI_PAYOUT]
    assert (rows[0::2] != rows[1::2]).all()
    spread = rows.std()
    assert abs((rows[0::2] + rows[1::2] - 2.0 * rows.mean()).mean()) < 0.2 * spread


def test_a_run_has_its_table(tmp_path):
    run = simulate(economy_config(days=90), 3, threads=1, out=tmp_path / "run")
    own = run.to_polars("economy")
    assert own.columns == ["path", "date", *(column.name for column in SHOWN)]
    assert own.height == 270


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"macro.budgets": {"ais": "ai_payout"}}, "no population is called"),
        ({"macro.budgets": {"noise": "ai_payout"}}, "decides what it holds and not what it buys"),
        ({"macro.budgets": {"ai": "ai_pay"}}, "macro.budgets.ai"),
        ({"macro.foreseen": 2.0}, "macro.foreseen"),
        ({"population": {"capex": population("buyback")}}, "is a source of news of the macro layer"),
    ],
)
def test_a_table_that_is_not_right_is_refused(settings, said):
    config = economy_config({"noise": population("noise_trading"), "ai": population("buyback")})
    with pytest.raises(ConfigError, match=re.escape(said)):
        config.override(settings)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"macro.scenario": "calm"}, "calm: no such file or scenario"),
        ({"macro.numbers": ["revenue.margins=0.6"]}, "revenue.margins is no number of the macro layer"),
        ({"macro.budgets": {"ai": "saving_bottom"}}, "that budget is 0 in the first quarter"),
        ({"time.start": "2018-12-31"}, "the macro layer begins with 2026Q3; start at the end of 2026Q2"),
    ],
)
def test_a_layer_that_cannot_start_is_refused(settings, said):
    config = economy_config({"noise": population("noise_trading"), "ai": population("buyback")})
    with pytest.raises(InputError, match=re.escape(said)):
        prepare(config.override(settings))


KNOBS = {
    "scenario": "capex_pause",
    "numbers": ["value.duration=6"],
    "budgets": {"ai": "other_payout"},
    "hold": ["news"],
    "foreseen": 1.0,
    "feedback": True,
    "liquidity": 2.0,
    "stress_response": 5.0,
}


def test_every_knob_of_its_table_is_tried():
    # `given` is a folder of filings: tests/economy/test_macro_from_filings.py.
    assert {*KNOBS, "given"} == set(Macro.model_fields)


@pytest.mark.parametrize("key", KNOBS)
def test_moving_a_knob_of_the_layer_moves_what_it_is_about(key):
    populations = {
        "noise": population("noise_trading"),
        "ai": population("buyback"),
        "panic": population("panic_selling"),
        "liquidity": population("liquidity_flow"),
    }
    base = economy_config(populations, days=220, budgets={"ai": "ai_payout"}, scenario=STRESSED)
    one, other = (step_block(prepare(config)) for config in (base, base.override({f"macro.{key}": KNOBS[key]})))
    moved = one.record.published if key == "feedback" else one.prices
    assert (moved != (other.record.published if key == "feedback" else other.prices)).any()


def test_what_is_foreseen_is_no_news():
    calm, foreseen, surprise = (
        step_block(economy(days=220, **settings)).record.contribution[:, 2]
        for settings in ({}, {"scenario": "capex_pause", "foreseen": 1.0}, {"scenario": "capex_pause"})
    )
    # The change is reported with 2026Q4, at the end of January 2027.
    first = slice(140, 150)
    shift = [abs((one[first] - calm[first]).sum(axis=0).mean()) for one in (foreseen, surprise)]
    assert shift[0] < 0.2 * shift[1]
