"""Products on VIX futures: where they clear, what they hold, and what the market makes of it."""

import numpy as np
import polars as pl
import pytest
from helpers.markets import market_config, population, step_block, with_company
from hypothesis import given
from hypothesis import strategies as st
from twin.plain_products import clears_at, rebalancing

from flowsim.clock import sessions
from flowsim.clock.vix_settlements import index_roll
from flowsim.config import load
from flowsim.engine.prepare import prepare
from flowsim.ensemble.simulation import simulate
from flowsim.errors import ConfigError, RunError
from flowsim.futures.index import index_returns
from flowsim.futures.rebalance import clearing, do_phase
from flowsim.kernel.bundle import TASK, WORDS, bundle_kernel, pack
from flowsim.kernel.marks import LANES, PLAIN
from flowsim.kernel.memory import arrays_in
from flowsim.market.phases import AFTER_CLOSE, AFTER_FILLS, AFTER_TRADES, MOVE, NEWS

POPULATIONS = with_company(
    {
        "hedgers": population("put_hedging"),
        "noise": population("noise_trading"),
        "maker": population("liquidity_provider"),
    }
)
LISTED = {"convexity": 0.09, "convexity_horizon": 60.0}
SHORT, LONG = {"leverage": -1.0, "assets_bn": 0.5}, {"leverage": 2.0, "assets_bn": 0.2}


def config_of(products, delta_share=0.0, **tables):
    held = {} if products is None else {"vix_products": {"delta_share": delta_share, "product": products}}
    depth = {"options": {"listed": True, "vega_depth_bn": 0.024, "vega_depth_elasticity": 1.0}}
    return market_config(POPULATIONS, vix_futures=LISTED, **held, **depth, **tables)


@pytest.fixture(scope="module")
def run():
    return simulate(config_of({"inverse": SHORT, "double": LONG}, 0.5, time={"days": 45}), 5, threads=1)


def by_path(run, table, *columns):
    """Columns of a table, each (paths, days)."""
    rows = run.to_polars(table).sort("path", "date")
    return [rows[column].to_numpy().reshape(run.n_paths, -1) for column in columns]


LEAST, MOST = (6.0, 0.20, 0.58), (7.6, 0.40, 1.08)
PRICE = 0.35 * 15.625 + 0.65 * 14.975


@pytest.mark.parametrize(("size", "before", "expected"), [LEAST, MOST])
def test_february_2018_clears_where_it_did(size, before, expected):
    """6 to 7.6 bn of L (L - 1) V, a depth of 0.025 bn a point: a rise by 0.2 to 0.4 becomes one by 0.58 to 1.08."""
    feedback = size / (PRICE**2 * 0.025)
    assert round(clearing(before, feedback, 0.0, 0.1) - 1.0, 2) == expected


def test_without_products_the_rise_is_what_it_was_before_them():
    assert clearing(0.25, 0.0, 0.0, 0.1) == 1.25
    assert clearing(-0.25, 0.0, 0.0, 0.1) == 0.75


def test_published_numbers_of_an_inverse_note():
    """It lost 96.1 % on 5 February 2018: of 1.9 bn 0.07 were left (0.063 as published)."""
    c = float(
        index_returns(sessions("2018-02-02", "2018-02-05").dates, *np.array([[15.625, 33.225], [14.975, 27.975]]))[1]
    )
    assert f"{c:.4f}" == "0.9610"
    assert f"{1.9 * (1.0 - c):.2f}" == "0.07"


def test_fifty_two_thousand_contracts_on_10_august_2017(shared_folder):
    """4.2 bn of L (L - 1) V at the real return of the index, in contracts of 1,000 dollars a point."""
    table = pl.read_csv(shared_folder / "data" / "vix_futures_settle_2006_2017.csv", try_parse_dates=True)
    around = table.filter(pl.col("date").is_between(pl.date(2017, 8, 9), pl.date(2017, 8, 10)))
    dates = around["date"].to_numpy().astype("datetime64[D]")
    first, second = (around[name].to_numpy().astype(float) for name in ("M1", "M2"))
    c = float(index_returns(dates, first, second)[1])
    assert f"{c:.3f}" == "0.191"
    price = 0.2 * first[1] + 0.8 * second[1]  # 10, 11, 14 and 15 August of the 20 sessions from 19 July on
    assert round(4.2e9 * c / (1000.0 * price), -3) == 52_000


@given(
    before=st.floats(-0.3, 0.8),
    inverse=st.floats(0.0, 3.0),
    double=st.floats(0.0, 1.0),
    price=st.floats(10.0, 40.0),
    points=st.floats(5.0, 40.0),
)
def test_it_clears_where_plain_trades_of_all_products_do(before, inverse, double, price, points):
    products = [(-1.0, inverse), (2.0, double), (1.0, 5.0)]
    feedback = points * (2.0 * inverse + 2.0 * double) / price**2
    if feedback > 0.9:
        return
    expected = clears_at(before, products, price, points)
    assert clearing(before, feedback, 0.0, 0.01) == pytest.approx(max(expected, 0.01), abs=1e-6)


@pytest.mark.parametrize("leverage", [-1.0, -0.5, 1.0, 1.5, 2.0])
def test_long_and_short_alike_buy_when_volatility_rises(leverage):
    assert rebalancing(leverage, 1.0, 0.1) == pytest.approx(leverage * (leverage - 1.0) * 0.1)
    assert (rebalancing(leverage, 1.0, 0.1) > 0.0) == (leverage in (-1.0, 1.5, 2.0) or leverage == -0.5)


def test_a_fall_that_feeds_on_itself_clears_nowhere():
    assert clearing(-0.01, 1.2, 0.0, 0.1) == 0.0
    assert clearing(0.01, 1.2, 0.0, 0.1) > 1.2  # A rise does, far above


def test_the_index_returns_what_the_futures_of_the_run_do(run):
    first, second, returns = (
        *by_path(run, "vix_futures", "vix_m1", "vix_m2"),
        by_path(run, "vix_products", "vix_index_return"),
    )
    dates = run.to_polars("vix_products").filter(path=0).sort("date")["date"].to_numpy().astype("datetime64[D]")
    expected = index_returns(dates, first, second)
    np.testing.assert_allclose(returns[0][:, 1:], expected[:, 1:], rtol=1e-12)
    [level] = by_path(run, "vix_products", "vix_index")
    np.testing.assert_allclose(level, 100.0 * np.cumprod(1.0 + returns[0], axis=1), rtol=1e-12)


def test_a_product_is_worth_what_its_leverage_makes_of_the_index(run):
    returns, long, short = by_path(
        run, "vix_products", "vix_index_return", "vix_products_long_bn", "vix_products_short_bn"
    )
    np.testing.assert_allclose(short, 0.5 * np.cumprod(1.0 - returns, axis=1), rtol=1e-12)
    np.testing.assert_allclose(long, 0.2 * np.cumprod(1.0 + 2.0 * returns, axis=1), rtol=1e-12)


def test_after_a_close_they_hold_what_leverage_asks_for_where_they_thought_it_clears(run):
    """What they expect to clear and what is marked differ by the curvature of the mark: a few percent of a move."""
    names = (
        "vix_index_return",
        "vix_index_before",
        "vix_products_long_bn",
        "vix_products_short_bn",
        "vix_products_vega_bn",
    )
    returns, before, long, short, vega = by_path(run, "vix_products", *names)
    first, second = by_path(run, "vix_futures", "vix_m1", "vix_m2")
    wanted = 2.0 * long - short
    assert np.abs(vega * 0.5 * (first + second) - wanted).max() < 0.15
    own = returns - before
    assert (np.sign(own) == np.sign(before))[np.abs(before) > 0.01].all()  # They make a move larger
    large = np.abs(before) > 0.03
    assert 0.02 < np.median(own[large] / before[large]) < 0.5


def test_a_session_rolls_what_the_weights_of_the_index_say(run):
    vega, rolled = by_path(run, "vix_products", "vix_products_vega_bn", "vix_products_roll_bn")
    dates = run.to_polars("vix_products").filter(path=0).sort("date")["date"].to_numpy().astype("datetime64[D]")
    weight, first = index_roll(dates)
    assert first.sum() == 3  # Eves of a settlement, after which the nearer contract is another
    moved = weight[:-1] - np.where(first[1:] == 1, 0.0, weight[1:])
    np.testing.assert_allclose(rolled[:, 1:], vega[:, 1:] * moved, atol=1e-12)


def test_their_vega_is_a_source_of_the_indices_and_sources_add_up(run):
    sources = run.to_polars("vix_sources").with_columns(pl.col("index", "source").cast(pl.String))
    moved = sources.filter(source="vix_products").group_by("index").agg(pl.col("contribution").abs().max())
    assert (moved["contribution"] > 0.01).all()
    added = sources.group_by("path", "date", "index").agg(pl.col("contribution").sum())
    vix = added.filter(index="vix3m").sort("path", "date")["contribution"].to_numpy().reshape(5, -1)
    [levels] = by_path(run, "volatility", "vix3m")
    np.testing.assert_allclose(vix[:, 1:], np.diff(levels, axis=1), atol=1e-9)


def test_those_who_sell_them_vega_sell_stock_in_the_next_session(run):
    flows = run.to_polars("flows").with_columns(pl.col("source").cast(pl.String))
    own = flows.filter(source="vix_products").sort("path", "date")
    flow, moved = (own[name].to_numpy().reshape(5, -1) for name in ("flow_bn", "contribution"))
    [vega] = by_path(run, "vix_products", "vix_products_vega_bn")
    # On the first day there is nothing to trade: at the start they are hedged.
    np.testing.assert_allclose(flow[:, 2:], -45.0 * np.diff(vega, axis=1)[:, :-1], atol=1e-9)
    np.testing.assert_allclose(flow[:, 0], 0.0, atol=1e-9)
    assert (np.sign(moved) == np.sign(flow))[np.abs(flow) > 1e-9].all()


def test_shares_and_cash_add_up_with_their_dealers():
    market = prepare(config_of({"inverse": SHORT}, 1.0))
    state = step_block(market).state
    assert np.abs(state.shares[market.accounts.index("vix_product_dealers")]).max() > 1e-6
    np.testing.assert_allclose(state.shares.sum(axis=0), 0.0, atol=1e-9)
    np.testing.assert_allclose(state.cash.sum(axis=0), 0.0, atol=1e-9)


def test_products_of_no_size_change_no_bit_of_anything_else():
    """The close is then marked twice, with nothing in between; and without the table nothing is."""
    empty = {"inverse": SHORT | {"assets_bn": 0.0}}
    with_them, without = (simulate(config_of(products), 3, threads=1) for products in (empty, None))
    for name in ("market", "volatility", "options", "gamma", "vix_futures"):
        assert with_them.info["tables"][name] == without.info["tables"][name], name
    for name in ("flows", "vix_sources"):
        kept = with_them.to_polars(name).filter(pl.col("source").cast(pl.String) != "vix_products")
        assert kept.sort(kept.columns[:3]).equals(without.to_polars(name).sort(kept.columns[:3])), name


def test_a_product_that_loses_too_much_in_a_day_ends_and_buys_back_all():
    config = config_of(
        {"inverse": SHORT | {"closes_at_loss_pct": 4.0}, "other": SHORT | {"assets_bn": 0.1}}, time={"days": 60}
    )
    run = simulate(config, 8, threads=1)
    returns, short = by_path(run, "vix_products", "vix_index_return", "vix_products_short_bn")
    kept = 0.1 * np.cumprod(1.0 - returns, axis=1)
    ended = np.abs(short - kept) < 1e-12
    assert ended.any(axis=1).all()
    first = ended.argmax(axis=1)
    for path, day in enumerate(first.tolist()):
        assert returns[path, day] > 0.035  # The loss that counts is that of the clearing price
        assert ended[path, day:].all()
        assert (returns[path, :day] < 0.045).all()


def test_creations_bring_a_product_back_to_its_size():
    held, left = (
        simulate(config_of({"inverse": SHORT | more}, time={"days": 60}), 6, threads=1)
        for more in ({"assets_half_life_days": 2.0}, {})
    )
    spread = [
        np.abs(by_path(run, "vix_products", "vix_products_short_bn")[0][:, -1] - 0.5).mean() for run in (held, left)
    ]
    assert spread[0] < 0.5 * spread[1]


def test_products_too_large_for_dealers_end_in_a_sentence_that_names_the_largest():
    config = config_of({"small": LONG, "giant": SHORT | {"assets_bn": 60.0}})
    with pytest.raises(
        RunError,
        match=r"^no level of VIX futures clears on path \d+, 2018-1\d-\d\d, .*: the rebalancing of product giant",
    ):
        simulate(config, 4, threads=1)


def test_products_without_futures_are_refused_in_one_sentence():
    with pytest.raises(
        ConfigError, match=r"^vix_products: products trade VIX futures, [^.]*; add it, as the config vix_futures"
    ):
        market_config(POPULATIONS, vix_products={"delta_share": 0.0, "product": {"inverse": SHORT}})


def test_the_built_in_config_runs():
    run = simulate(load("vix_products", ["time.days=3"]), 2, threads=1)
    assert {"vix_products", "vix_futures"} <= set(run.info["tables"])


@pytest.mark.skipif(PLAIN, reason="nothing is compiled")
def test_compiled_they_do_what_they_do_in_plain_python():
    """Days on which indices rise on most paths, a note ends on some, and stock is sold the morning after."""
    notes = {"inverse": SHORT | {"closes_at_loss_pct": 8.0}, "double": LONG | {"assets_half_life_days": 20.0}}
    market = prepare(config_of(notes, 0.5))
    plain, compiled = (market.new_block()[2]["vix_products"] for _ in range(2))
    kernel, words = bundle_kernel("vix_products", do_phase, compiled, TASK), pack(compiled)
    spread = np.random.default_rng(1).normal(0.05, 0.08, LANES)
    for day in range(2):
        for phase, step in ((NEWS, 0), (MOVE, 1), (AFTER_FILLS, 1), (AFTER_CLOSE, 1), (AFTER_TRADES, 1)):
            for one in (plain, compiled):
                one.slope[:], one.trading[:], one.relative[:] = 1e-4, 1.0, 1.0
                if phase in (AFTER_CLOSE, AFTER_TRADES):
                    one.indices[:] *= np.exp(spread)
            numbers = phase, day, step, 0, LANES
            assert do_phase(plain, *numbers) == kernel.call(words.ctypes.data_as(WORDS), *numbers) == 0
    ended = plain.state.is_open[0] == 0.0
    assert ended.any()
    assert not ended.all()
    for ours, theirs in zip(arrays_in(plain), arrays_in(compiled), strict=True):
        np.testing.assert_array_equal(ours, theirs)
