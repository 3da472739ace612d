"""Markets on one clock: none moves another, each closes its own books, and runs say which is which."""

import json
from typing import Any

import numpy as np
import polars as pl
import pyarrow.parquet as pq
import pytest
from helpers.beside import BONDS, BTC, GOLD, TRADERS, blocks, several
from helpers.markets import population, step_block

from flowsim.engine.blocks import Block, run_block
from flowsim.engine.prepare import prepare
from flowsim.ensemble.simulation import simulate
from flowsim.errors import InputError, RunError
from flowsim.run.attribution import variance_shares
from flowsim.run.run import Run

SHORT = {"days": 6}
SIX = {"bonds": BONDS, "gold": GOLD, "btc": BTC, "silver": GOLD, "ether": BTC, "bills": BONDS | {"news": {}}}


def info_of(run: Run) -> dict[str, Any]:
    """Return the manifest of a run."""
    return dict(run.info)


def same(one, other):
    """Tell whether two blocks recorded the same bits."""
    return all(
        getattr(one.record, name).tobytes() == getattr(other.record, name).tobytes()
        for name in ("market", "flow", "contribution", "exposure")
    )


def test_the_first_market_has_the_bits_it_has_alone():
    alone = step_block(prepare(several({}, {"noise": population("noise_trading")}, time=SHORT)))
    for beside in ({"bonds": BONDS}, SIX):
        found = blocks(several(beside, {"noise": population("noise_trading")}, time=SHORT))
        assert same(found["equity"], alone)


def test_a_market_beside_has_the_same_bits_in_any_order_and_company():
    alone = blocks(several({"btc": BTC}, time=SHORT))["btc"]
    first = blocks(several({"btc": BTC, "bonds": BONDS}, time=SHORT))["btc"]
    among = blocks(several(SIX, time=SHORT))["btc"]
    assert same(first, alone)
    assert same(among, alone)


def test_no_market_sees_another():
    # Bonds have another price, other flows and another past: neither the first market nor bitcoin moves.
    before = blocks(several(time=SHORT))
    busy = BONDS | {"start_price": 50.0, "market": BONDS["market"] | {"multiplier": 3.0}}
    crowd = TRADERS | {"crowd": population("noise_trading", asset="bonds", capital_bn=50)}
    after = blocks(several({"bonds": busy, "btc": BTC}, crowd, time=SHORT))
    assert not same(after["bonds"], before["bonds"])
    assert same(after["equity"], before["equity"])
    assert same(after["btc"], before["btc"])


def test_a_population_elsewhere_changes_nobody_elses_draws():
    beside = {"btc": BTC | {"market": BTC["market"] | {"multiplier": 0.0}}}
    before = blocks(several(beside, time=SHORT))["btc"]
    more = {"others": population("noise_trading", asset="btc", capital_bn=3), **TRADERS}
    after = blocks(several(beside, more, time=SHORT))["btc"]
    row = 3 + 1  # news, policy, shared news, the leg of the trend followers; the newcomer stands before that
    np.testing.assert_array_equal(after.record.flow[:, row + 1], before.record.flow[:, row])


def test_a_leg_has_its_own_capital_and_stream():
    spec = several().of_market("btc").spec()
    assert spec.population("trend").parameter("capital_bn").sum() == 2.0
    assert several().spec().population("trend").parameter("capital_bn").sum() == 40.0
    assert (spec.stream_of("trend"), several().spec().stream_of("trend")) == (
        "population:trend:btc",
        "population:trend",
    )


def test_contributions_add_up_to_the_return_and_the_books_close_in_every_market():
    for name, block in blocks(several(), by_bar=True).items():
        record = block.record
        np.testing.assert_allclose(record.contribution.sum(axis=1), block.log_returns, atol=1e-12, err_msg=name)
        np.testing.assert_allclose(block.state.shares.sum(axis=0), 0.0, atol=1e-9, err_msg=name)
        np.testing.assert_allclose(block.state.cash.sum(axis=0), 0.0, atol=1e-9, err_msg=name)


def test_traders_of_the_bar_trade_at_night_where_the_market_never_closes():
    market = prepare(several(time=SHORT)).beside[1]
    flow = step_block(market, by_bar=True).record.flow[: market.timetable.bars[0] + 1]
    coins, trend = (flow[:, market.sources.index(name)] for name in ("coins", "trend"))
    night = market.timetable.night_steps[market.timetable.kind[0]]
    assert (coins != 0.0).all()
    assert (trend[:night] == 0.0).all()  # orders of the day clock are worked in New York's session


def test_chunks_blocks_and_threads_change_no_bit_of_any_market():
    config = several(time=SHORT)
    market = prepare(config)
    by_chunks = []
    for chunk in (1, 4, 6):
        kept = list(run_block(market, Block(0, 3), chunk_days=chunk))
        by_chunks.append([np.concatenate([one.beside[row][0].record.market for one, _ in kept]) for row in range(2)])
    for row in range(2):
        assert by_chunks[0][row].tobytes() == by_chunks[1][row].tobytes() == by_chunks[2][row].tobytes()
    one, two = (simulate(config, 66, threads=threads) for threads in (1, 2))
    assert info_of(one)["markets"] == info_of(two)["markets"]
    assert one.info["tables"] == two.info["tables"]


def test_an_interrupted_run_goes_on_with_all_its_markets(tmp_path):
    config, whole, part = several(time=SHORT), tmp_path / "whole", tmp_path / "part"
    done = simulate(config, 66, out=whole)
    simulate(config, 66, out=part)
    manifest = json.loads((part / "run.json").read_text())
    (part / "blocks").mkdir()
    (part / "run.json").write_text(json.dumps(manifest | {"status": "interrupted", "tables": {}}))
    resumed = simulate(config, 66, out=part, resume=True)
    assert info_of(resumed)["markets"] == info_of(done)["markets"]


def test_a_run_of_one_market_says_nothing_of_others(tmp_path):
    run = simulate(several({}, {}, time=SHORT), 1, out=tmp_path / "run")
    assert "markets" not in run.info
    assert "asset" not in run.info["config"]
    assert run.markets == ["equity"]
    assert "asset" not in pq.read_schema(run.folder / "market" / "part-00000.parquet").names


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return simulate(several(time=SHORT), 3, out=tmp_path_factory.mktemp("markets") / "run")


def test_the_tables_of_the_first_market_are_those_it_has_alone(run):
    alone = simulate(several(time=SHORT).of_market("equity"), 3)
    assert run.info["tables"] == alone.info["tables"]
    assert run.market.collect().equals(alone.market.collect())


def test_tables_name_the_market_where_there_are_several(run):
    files = sorted(file.name for file in (run.folder / "flows").iterdir())
    assert files == ["part-00000-bonds.parquet", "part-00000-btc.parquet", "part-00000.parquet"]
    names = pq.read_schema(run.folder / "flows" / "part-00000.parquet").names
    assert names == ["path", "date", "asset", "source", "flow_bn", "contribution"]
    together = run.of_all_markets("market").collect()
    assert together["asset"].unique(maintain_order=True).to_list() == ["equity", "bonds", "btc"]
    assert together.height == 3 * run.market.collect().height


def test_each_market_of_a_run_is_a_run(run):
    btc = run.of_market("btc")
    assert btc.sources == ["news", "policy", "shared_news", "trend", "coins", "savers"]
    assert btc.market.collect()["price"][0] != run.market.collect()["price"][0]
    assert btc.history["close"][-1] == pytest.approx(100.0)
    assert btc.of_market("equity") is run
    shares = variance_shares(btc)
    assert shares["share"].sum() == pytest.approx(1.0)
    assert Run(run.folder).of_market("btc").flows.collect().equals(btc.flows.collect())
    with pytest.raises(InputError, match=r"no market is called 'bct'; did you mean 'btc'\?"):
        run.of_market("bct")


def test_a_temporary_run_lives_as_long_as_one_of_its_markets():
    frame = simulate(several(time=SHORT), 1).of_market("bonds").flows
    assert frame.select(pl.col("contribution").sum()).collect().item() != 0.0


def test_prices_given_by_market_are_where_each_starts(tmp_path):
    dates = prepare(several(time=SHORT)).history.dates
    weekends = np.arange(dates[0], dates[-1] + 1)
    pl.DataFrame({"date": weekends, "close": np.linspace(20_000.0, 30_000.0, len(weekends))}).write_csv(
        tmp_path / "btc.csv"
    )
    given = simulate(several(time=SHORT), 1, prices={"btc": tmp_path / "btc.csv"})
    named = simulate(several({"bonds": BONDS, "btc": BTC | {"prices": str(tmp_path / "btc.csv")}}, time=SHORT), 1)
    for run in (given, named):
        assert run.of_market("btc").history["close"][-1] == 30_000.0
        assert info_of(run)["markets"]["btc"]["history"]["source"] == "btc.csv"
    assert info_of(given)["markets"]["btc"]["tables"] == info_of(named)["markets"]["btc"]["tables"]
    assert info_of(given)["job"] == info_of(named)["job"]
    with pytest.raises(InputError, match="prices are given for 'bct', and no market is called so; did you mean 'btc'"):
        simulate(several(time=SHORT), 1, prices={"bct": tmp_path / "btc.csv"})


def test_a_made_past_has_the_volatility_and_the_correlation_it_is_asked_for_and_asks_no_seed():
    markets = {one.name: one.history for one in prepare(several(time=SHORT)).all}
    lead, bonds, btc = (np.diff(np.log(markets[name].close)) for name in ("equity", "bonds", "btc"))
    # 1,750 days and more: a standard error of 0.024 each, and of 0.03 of the volatility.
    assert btc.std() * np.sqrt(252) == pytest.approx(0.5, rel=0.1)
    assert np.corrcoef(lead[-len(btc) :], btc)[0, 1] == pytest.approx(0.4, abs=0.1)
    assert np.corrcoef(lead[-len(bonds) :], bonds[-len(lead) :])[0, 1] == pytest.approx(-0.3, abs=0.1)
    other = prepare(several(time=SHORT, seed=7)).beside[1].history
    assert other.digest == markets["btc"].digest
    assert other.source == "made of equity and chance, as no prices of btc are given"


def test_what_breaks_says_in_which_market():
    crowd = {"crowd": population("noise_trading", asset="btc", capital_bn=100_000)}
    with pytest.raises(RunError, match=r"moved by more than a factor of e .*, in market btc"):
        list(run_block(prepare(several({"btc": BTC}, crowd, time=SHORT)), Block(0, 64)))
