"""A subsystem that only this folder declares takes part in the market as if it had always been there."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NamedTuple

import numpy as np
import polars as pl
import pytest
from helpers.markets import TABLES, market_config, population, step_block
from helpers.reserve import ReserveMarket, ReserveView

from flowsim.authoring.declaration import Field, strategy
from flowsim.engine.blocks import Block, run_block
from flowsim.engine.parts import SUBSYSTEMS, registry_of
from flowsim.engine.prepare import Market, prepare
from flowsim.engine.run_days import BlockArrays
from flowsim.ensemble.simulation import write_tables
from flowsim.errors import RunError
from flowsim.kernel.bundle import layout_of
from flowsim.market.records import new_record

CONFIG = market_config(
    {
        "trend": population("cta"),
        "maker": population("liquidity_provider"),
        "hedgers": population("put_hedging"),
        "dealer": population("option_dealer"),
    },
    time={"days": 5},
)


def with_reserve(config=CONFIG, **numbers) -> Market:
    return prepare(config, subsystems=(*SUBSYSTEMS, ReserveMarket(**numbers)))


@pytest.fixture(scope="module")
def market() -> Market:
    return with_reserve(response_bn=2.0, rumor_vol=0.002)


@pytest.fixture(scope="module")
def block(market):
    return step_block(market, by_bar=True)


def row(market, source: str) -> int:
    return market.sources.index(source)


def test_its_sources_stand_before_the_populations(market):
    assert market.sources[:4] == ["news", "policy", "rumor", "reserve"]
    assert market.sources[4:] == market.populations


def test_what_it_tells_and_what_it_buys_move_the_price(market, block):
    told, bought = (block.record.contribution[:, row(market, name)] for name in ("rumor", "reserve"))
    assert abs(told.std() / 0.002 - 1.0) < 0.05
    assert (bought >= 0.0).all()
    assert (bought > 0.0).mean() > 0.2


def test_the_return_is_the_sum_of_all_contributions_with_its_own(block):
    np.testing.assert_allclose(block.record.contribution.sum(axis=1), block.log_returns, rtol=0.0, atol=1e-15)


def test_shares_and_cash_add_up_to_nothing_with_its_account(market, block):
    state, account = block.state, market.accounts.index("reserve_fund")
    assert (state.shares[account] > 0.0).all()
    np.testing.assert_allclose(state.shares.sum(axis=0), 0.0, atol=1e-11)
    np.testing.assert_allclose(state.cash.sum(axis=0), 0.0, atol=1e-11)
    bought = block.record.flow[:, row(market, "reserve")].cumsum(axis=0)
    np.testing.assert_allclose(block.record.exposure[:, account], bought, rtol=1e-12)


def test_what_it_shows_is_kept_at_each_row(market, block):
    held = block.record.flow[:, row(market, "reserve")].cumsum(axis=0)
    bars = market.timetable.bars[0]
    # The view ends at the last completed step, so a row has what was held before it; but for the close.
    np.testing.assert_allclose(block.record.published[2:bars, 0], held[1 : bars - 1], rtol=1e-12)
    assert (block.record.published[1 : bars + 1, 1] == 0.0).all()
    assert (block.record.published[bars + 1, 1] == 1.0).all()


class Follower(NamedTuple):
    capital_bn: Annotated[float, Field("size", "USD bn", 0.0)]


class Held(NamedTuple):
    exposure: float = 0.0


@strategy(clock="day", source="a test")
def after_the_reserve(view: ReserveView, follower: Follower, held: Held, noise: float) -> tuple[Held, float]:
    target = 0.5 * view.reserve_held_bn
    return Held(target), follower.capital_bn * (target - held.exposure)


def test_a_rule_sees_what_it_shows(tmp_path):
    text = Path(__file__).read_text()
    (tmp_path / "rules.py").write_text(
        "from flowsim.strategy import Annotated, Field, NamedTuple, View, strategy\n\n\n"
        "class ReserveView(View):\n    reserve_held_bn: float\n\n\n"
        + text[text.index("class Follower") : text.index("\n\ndef test_a_rule_sees")]
    )
    follower = {"strategy": "after_the_reserve", "agents": 1, "capital_bn": 1.0}
    config = market_config({"follower": follower}, time={"days": 3}, strategy_folders=[str(tmp_path)])
    market = with_reserve(config, response_bn=2.0)
    block = step_block(market)
    held = block.record.published[:, 0]
    np.testing.assert_allclose(
        block.record.flow[1:, row(market, "follower")], np.diff(0.5 * held, axis=0, prepend=0.0)[:-1], rtol=1e-9
    )


def test_a_quiet_one_changes_no_bit_of_the_others(market):
    """As does one that is not there: golden runs and digests are of markets without it."""
    quiet, without = (step_block(one, by_bar=True) for one in (with_reserve(), prepare(CONFIG)))
    others = [index for index, name in enumerate(market.sources) if name not in ("rumor", "reserve")]
    np.testing.assert_array_equal(quiet.record.market, without.record.market)
    np.testing.assert_array_equal(quiet.record.contribution[:, others], without.record.contribution)
    np.testing.assert_array_equal(quiet.options.book.parts, without.options.book.parts)


def test_the_day_is_not_compiled_again_for_it(market):
    layouts = []
    for one in (market, prepare(CONFIG)):
        state, scratch, bundles = one.new_block()
        record = new_record(1, one.registry, TABLES, by_step=False, every=1)
        arrays = BlockArrays(one.timetable, one.rules, one.model, state, scratch, record, one.calls(bundles))
        layouts.append(layout_of(arrays))
    assert layouts[0] == layouts[1]


def test_it_has_a_table_of_its_own_and_a_place_in_the_others(market, tmp_path):
    block = Block(0, 3)
    write_tables(market, block, run_block(market, block), tmp_path)
    own = pl.read_parquet(tmp_path / "reserve")
    assert own.columns == ["path", "date", "reserve_held_bn", "closes_since_start"]
    assert own["closes_since_start"].to_list() == [day for day in range(1, 6) for _ in range(3)]
    positions = pl.read_parquet(tmp_path / "positions")
    fund = positions.filter(pl.col("population").cast(pl.String) == "reserve_fund")
    assert fund["exposure_bn"].to_list() == pytest.approx(own["reserve_held_bn"].to_list())
    flows = pl.read_parquet(tmp_path / "flows")
    assert {"rumor", "reserve"} < set(flows["source"].cast(pl.String).unique())


def test_it_lives_through_history_and_moves_nothing_there():
    market = with_reserve(rumor_vol=0.01, sessions=7)
    state = next(one.state for one in market.parts if one.subsystem.name == "reserve")
    assert (state.closes == 378.0).all()  # It joins where the option market does.
    np.testing.assert_array_equal(market.start.closes, prepare(CONFIG).start.closes)


def test_its_sentence_names_path_and_date():
    market = with_reserve(response_bn=2.0, money_bn=0.5)
    with pytest.raises(
        RunError, match=r"^the reserve has spent its money \(7\) on path \d+, 2018-11-1[56], step \d+; give"
    ):
        list(run_block(market, Block(0, 64)))


def test_a_name_that_is_taken_is_refused():
    class Impostor(ReserveMarket):
        sources = ("trend",)

    with pytest.raises(ValueError, match="'trend'"):
        registry_of(CONFIG.spec(), (Impostor(),))
