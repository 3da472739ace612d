"""Option programmes and dealers along real closes: the simulation's own book, hedged once a session."""

import math

import numpy as np
import polars as pl
import pytest

from flowsim.config import load
from flowsim.data.prices import default_prices
from flowsim.engine.prepare import prepare
from flowsim.engine.replay import follow, wanted_now, warm_market
from flowsim.history.replay import replay
from flowsim.kernel.marks import LANES, NARROW_LANES
from flowsim.options.arrays import AT_CLOSE, DELTA, GREEK_COLUMNS

CONFIG, AS_OF = "us_equity", "2018-08-31"
PERIOD = {"first": "2018-09-04", "last": "2018-11-30"}
SILENT = ("short_dated", "zero_day", "option_noise")


@pytest.fixture(scope="module")
def shipped():
    return default_prices()


@pytest.fixture(scope="module")
def replayed(shipped):
    return replay(CONFIG, shipped, **PERIOD)


@pytest.fixture(scope="module")
def warm(shipped):
    return warm_market(load(CONFIG), shipped, AS_OF, options_ahead=40)


def real_returns(shipped, days):
    begin = int(np.searchsorted(shipped.dates, np.datetime64(AS_OF)))
    return np.diff(np.log(shipped.close[begin : begin + days + 1]))


def of(replayed, population, column):
    return replayed.flows.filter(population=population)[column].to_numpy()


def test_every_population_of_the_config_takes_part(replayed):
    assert replayed.populations == list(load(CONFIG).population)


def test_the_book_is_the_one_that_a_simulation_from_that_close_would_start_with(shipped):
    market = prepare(load(CONFIG, [f"time.start={AS_OF}", "time.days=40"]), shipped)
    warm = warm_market(load(CONFIG), shipped, AS_OF, options_ahead=40)
    for name, ours, theirs in zip(market.book._fields, warm.options[1], market.book, strict=True):
        np.testing.assert_array_equal(ours, theirs, err_msg=name)


def test_a_session_s_hedge_is_the_delta_of_the_book_at_its_close_less_what_is_held(warm):
    # A put has delta N(d1) - 1 and a call N(d1), d1 = -k / v + v / 2, k = log(strike / index). v^2 is the variance that
    # the surface gave k at the close before, less the share of its business time that went by in the night:
    #     w(k) = theta / 2 * (1 + rho * x + sqrt((x + rho)^2 + 1 - rho^2)), x = phi * k
    # What settles at this close is unwound with it. 2018-09-04, up 1 %.
    listing, book = warm.options
    options, market = warm.spec.options, warm.spec.market
    rho, move = options.skew_correlation, math.log(1.01)
    now = math.log(warm.history.close[-1])
    wanted = 0.0
    for slot in range(len(listing.slot_programme)):
        column = listing.slot_expiry[0, slot]
        if column < 0 or listing.slot_settles[0, slot] == AT_CLOSE:
            continue
        theta, phi = book.variance[column, 0], book.phi[column, 0]
        k = book.log_strike[slot, 0] - now - move
        x = phi * k
        w = theta / 2 * (1 + rho * x + math.sqrt((x + rho) ** 2 + 1 - rho**2))
        v = math.sqrt(w * (1 - market.overnight_share / listing.sessions_left[0, column]))
        call = 0.5 * (1 + math.erf((-k / v + v / 2) / math.sqrt(2)))
        wanted += book.quantity[slot, 0] * (call - (1 - listing.slot_call[slot]))
    dealer = warm.populations.index("dealer")
    held = warm.state.shares[dealer, 0]
    traded = follow(warm, np.array([move])).flow[0, dealer, 0]
    assert abs(traded) > 1.0
    assert traded == pytest.approx(wanted - held, abs=1e-6)


def test_dealers_hold_the_other_side_of_all_customers(replayed):
    customers = replayed.options.group_by("date", maintain_order=True).agg(pl.col(GREEK_COLUMNS).sum())
    for name in GREEK_COLUMNS:
        np.testing.assert_allclose(replayed.dealers[name], -customers[name], atol=1e-9, err_msg=name)


def test_every_purchase_has_a_seller_and_every_premium_a_taker(shipped, warm):
    state = follow(warm, real_returns(shipped, 40)).state
    assert np.abs(state.shares[:, 0]).max() > 1.0
    np.testing.assert_allclose(state.shares[:, 0].sum(), 0.0, atol=1e-8)
    np.testing.assert_allclose(state.cash[:, 0].sum(), 0.0, atol=1e-8)


def test_what_dealers_trade_changes_what_they_hold(replayed):
    hedge, flow = replayed.dealers["hedge_bn"].to_numpy(), of(replayed, "dealer", "flow_bn")
    np.testing.assert_allclose(np.diff(hedge), flow[1:], atol=1e-9)


def test_dealers_wish_to_hold_the_delta_of_their_customers(replayed):
    held = sum(of(replayed, name, "exposure_bn") for name in load(CONFIG).spec().programmes)
    np.testing.assert_allclose(of(replayed, "dealer", "exposure_bn"), held, atol=1e-9)
    np.testing.assert_allclose(replayed.dealers["delta_bn"], -held, atol=1e-9)


def test_a_first_deal_is_all_that_a_programme_holds(replayed):
    held, dealt = (of(replayed, "event_hedge", name) for name in ("exposure_bn", "flow_bn"))
    first = np.flatnonzero((held[1:] != 0.0) & (held[:-1] == 0.0)) + 1
    assert len(first) >= 2
    np.testing.assert_allclose(dealt[first], held[first], rtol=1e-12)


def test_collars_of_a_quarter_are_dealt_on_its_last_day_and_bring_short_delta(replayed):
    dealt = replayed.flows.filter(population="collar").filter(flow_bn=0.0).height
    assert dealt == replayed.market.height - 3  # three sister funds, a month apart
    [flow] = replayed.flows.filter(population="collar", date=np.datetime64("2018-09-28"))["flow_bn"]
    assert flow < 0.0


@pytest.mark.parametrize("name", SILENT)
def test_programmes_that_trade_at_random_are_silent(replayed, name):
    assert not of(replayed, name, "flow_bn").any()
    assert not of(replayed, name, "exposure_bn").any()


def test_options_change_no_bit_of_what_others_do_but_whoever_takes_the_other_side(shipped, warm):
    returns = real_returns(shipped, 40)
    alone = warm_market(load(CONFIG), shipped, AS_OF)
    without, together = follow(alone, returns), follow(warm, returns)
    for row, name in enumerate(alone.populations):
        if name == "liquidity_provider":
            continue
        there = warm.populations.index(name)
        np.testing.assert_array_equal(together.flow[:, there], without.flow[:, row], err_msg=name)
        np.testing.assert_array_equal(together.wanted[:, there], without.wanted[:, row], err_msg=name)
    np.testing.assert_array_equal(together.rv_21, without.rv_21)
    provider = [one.populations.index("liquidity_provider") for one in (warm, alone)]
    assert np.abs(together.flow[:, provider[0]] - without.flow[:, provider[1]]).max() > 0.1


def test_the_given_price_is_followed_to_the_last_bit(replayed, shipped):
    inside = np.isin(shipped.dates, replayed.market["date"].to_numpy().astype("datetime64[D]"))
    np.testing.assert_array_equal(replayed.market["close"].to_numpy(), shipped.close[inside])


def test_options_of_each_lane_follow_its_own_path(warm):
    paths = np.linspace(-0.03, 0.03, LANES)[None, :] * np.ones((3, 1))
    together, alone = follow(warm, paths, paths=LANES), follow(warm, paths[:, 7])
    np.testing.assert_array_equal(together.options.greeks[..., 7], alone.options.greeks[..., 0])
    np.testing.assert_array_equal(together.flow[:, :, 7], alone.flow[:, :, 0])


def test_a_path_alone_is_led_on_fewer_lanes_to_the_same_bits(warm, shipped):
    returns = real_returns(shipped, 40)
    wide = follow(warm, np.repeat(returns[:, None], NARROW_LANES + 1, axis=1), paths=NARROW_LANES + 1)
    narrow = follow(warm, returns)
    np.testing.assert_array_equal(narrow.options.greeks[..., 0], wide.options.greeks[..., 0])
    np.testing.assert_array_equal(narrow.flow[..., 0], wide.flow[..., 0])
    np.testing.assert_allclose(narrow.wanted[..., 0], wide.wanted[..., 0], rtol=1e-12)


def test_asking_leaves_the_book_where_it_stands(warm):
    before, now = warm.options[1].quantity.copy(), wanted_now(warm)
    follow(warm, np.full(30, -0.01))
    np.testing.assert_array_equal(warm.options[1].quantity, before)
    assert now[warm.populations.index("dealer")] == warm.options[1].greeks[:, DELTA, 0].sum()


def test_a_market_that_lists_no_options_is_replayed_without_them(shipped, replayed):
    off = [f"population.{name}.capital_bn=0" for name in (*load(CONFIG).spec().programmes, "dealer")]
    bare = replay(load(CONFIG, ["options.listed=false", *off]), shipped, **PERIOD)
    assert (bare.options.height, bare.dealers.height) == (0, 0)
    assert "dealer" not in bare.populations
    stock = [name for name in bare.populations if name != "liquidity_provider"]
    for name in stock:
        np.testing.assert_array_equal(of(bare, name, "flow_bn"), of(replayed, name, "flow_bn"), err_msg=name)


def test_options_that_nobody_hedges_can_be_replayed(shipped):
    alone = replay(load(CONFIG, ["population.dealer.capital_bn=0"]), shipped, **PERIOD)
    assert "dealer" not in alone.populations
    assert not alone.dealers["hedge_bn"].to_numpy().any()
    assert alone.dealers["gamma_1pct_bn"].to_numpy().all()
