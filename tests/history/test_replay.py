"""A replay along real closes: the engine's own rules, given the price."""

import numpy as np
import polars as pl
import pytest
from helpers.declared import differs

from flowsim.clock import sessions
from flowsim.config import load
from flowsim.data.prices import Prices, default_prices
from flowsim.data.volatility_file import Volatility
from flowsim.engine.prepare import prepare, required_history
from flowsim.engine.replay import follow, wanted_now, warm_market
from flowsim.errors import InputError
from flowsim.experiments.arms import without_options
from flowsim.history.columns import REPLAY_TABLES
from flowsim.history.levels import turning_levels
from flowsim.history.replay import replay
from flowsim.history.speeds import by_speed, part_of
from flowsim.kernel.marks import LANES

PERIOD = {"first": "2018-09-04", "last": "2018-11-30"}


@pytest.fixture(scope="module")
def shipped():
    return default_prices()


@pytest.fixture(scope="module")
def replayed(shipped):
    return replay("us_equity", shipped, **PERIOD)


@pytest.fixture(scope="module")
def warm(shipped):
    return warm_market(load("us_equity"), shipped, "2018-08-31")


def test_a_replay_has_every_session_and_population_once(replayed):
    dates = sessions("2018-09-04", "2018-11-30").dates
    np.testing.assert_array_equal(replayed.market["date"].to_numpy(), dates)
    assert replayed.flows.height == len(dates) * len(replayed.populations)
    assert {"vol_control", "cta", "buyback", "leveraged_etf", "pension"} <= set(replayed.populations)


def test_the_tables_of_a_replay_have_the_columns_that_are_declared(replayed):
    assert list(replayed.tables) == [table.name for table in REPLAY_TABLES]
    assert [table.name for table in REPLAY_TABLES if differs(replayed.tables[table.name], table)] == []


def test_rules_stand_where_a_simulation_from_that_close_would_start(shipped, warm):
    config = without_options(load("us_equity", ["time.start=2018-08-31", "time.days=1"]))
    start = prepare(config, shipped).start
    np.testing.assert_array_equal(warm.state.agents, start.agents)
    np.testing.assert_array_equal(warm.state.schedule, start.schedule)


def test_led_along_real_closes_the_rules_stand_where_they_would(shipped, warm):
    begin = int(np.searchsorted(shipped.dates, np.datetime64("2018-08-31")))
    returns = np.diff(np.log(shipped.close[begin : begin + 11]))
    later = warm_market(load("us_equity"), shipped, shipped.dates[begin + 10])
    together = follow(warm, returns)
    # Both have forgotten where they began: the one ten sessions before the other.
    np.testing.assert_allclose(together.wanted[-1, :3, 0], wanted_now(later)[:3], rtol=1e-4)


def test_each_lane_follows_its_own_path(warm):
    paths = np.linspace(-0.03, 0.03, LANES)[None, :] * np.ones((3, 1))
    together = follow(warm, paths, paths=LANES)
    alone = follow(warm, paths[:, 7])
    np.testing.assert_array_equal(together.flow[:, :, 7], alone.flow[:, :, 0])
    np.testing.assert_allclose(together.wanted[:, :, 7], alone.wanted[:, :, 0], rtol=1e-12)


def test_asking_leaves_the_rules_where_they_stand(warm):
    before = warm.state.agents.copy()
    follow(warm, np.full(5, 0.02))
    np.testing.assert_array_equal(warm.state.agents, before)


def test_leveraged_etfs_trade_their_multiple_of_the_day(replayed):
    # 59 bn in five equal funds of 2, 3, -1, -2 and -3: L (L - 1) sums to 28; 59 / 5 * 28 = 330.4 bn times the move.
    one = replayed.flows.filter(population="leveraged_etf").sort("date")
    move = np.expm1(replayed.market["log_return"].to_numpy())
    np.testing.assert_allclose(one["flow_bn"].to_numpy(), 330.4 * move, rtol=1e-9)


def test_noise_is_silent(replayed):
    assert (replayed.flows.filter(population="noise")["flow_bn"] == 0.0).all()


def test_what_is_wished_for_is_traded_two_days_later(replayed):
    # Vol control works each decision in two equal parts, from the session after it.
    one = replayed.flows.filter(population="vol_control").sort("date")
    decided = one["exposure_bn"].diff().to_numpy()
    expected = 0.5 * (decided[1:-2] + decided[2:-1])
    np.testing.assert_allclose(one["flow_bn"].to_numpy()[3:], expected, atol=1e-9)


def test_the_parts_by_speed_add_up_to_the_whole(shipped, warm):
    parts = warm_market(by_speed(load("us_equity")), shipped, "2018-08-31")
    assert [part_of(name) for name in parts.populations] == [("cta", s) for s in ("short", "medium", "long")]
    whole = wanted_now(warm)[warm.populations.index("cta")]
    assert wanted_now(parts).sum() == pytest.approx(whole, rel=1e-9)


def test_a_rule_turns_at_its_level_and_not_before(shipped, warm):
    parts = warm_market(by_speed(load("us_equity")), shipped, "2018-08-31")
    close = shipped.close[np.searchsorted(shipped.dates, np.datetime64("2018-08-31"))]
    for row, level in enumerate(turning_levels(parts)):
        below, above = (np.log(level * edge / close) for edge in (0.9999, 1.0001))
        wanted = follow(parts, np.array([[below, above]]), paths=2).wanted[0, row]
        assert wanted[0] < 0.0 < wanted[1]


def test_all_issuers_are_in_blackout_before_a_quarter_end_and_few_a_month_and_a_half_after(replayed):
    share = dict(replayed.blackout.select("date", "share").iter_rows())
    by_day = {str(day): value for day, value in share.items()}
    assert by_day["2018-09-27"] == 1.0
    assert by_day["2018-11-21"] < 0.15


def test_a_volatility_index_made_of_past_returns_is_explained_by_them(shipped):
    alone = replay("us_equity", shipped, **PERIOD)
    made = {
        name: alone.volatility.filter(index=name)["path_dependent"].to_numpy() for name in ("VIX9D", "VIX", "VIX3M")
    }
    real = Volatility(alone.market["date"].to_numpy().astype("datetime64[D]"), made, "made.csv")
    fits = replay("us_equity", shipped, volatility=real, **PERIOD).fits
    assert fits["index"].to_list() == ["VIX9D", "VIX", "VIX3M"]
    np.testing.assert_allclose(fits["r_squared"].to_numpy(), 1.0)


@pytest.mark.parametrize(
    ("period", "words"),
    [
        ({"first": "2030-01-02"}, ["1999-01-04", "2030-01-02", "`first`"]),
        ({"first": "2018-11-30", "last": "2018-11-01"}, ["2018-11-01"]),
        ({"first": "2001-01-02"}, ["population.cta", "later `first`"]),
    ],
)
def test_a_period_outside_the_prices_is_refused(shipped, period, words):
    with pytest.raises(InputError) as error:
        replay("us_equity", shipped, **period)
    for word in words:
        assert word in str(error.value)


def test_a_volatility_file_of_other_days_is_refused(shipped):
    other = Volatility(np.array(["2020-01-02"], "datetime64[D]"), {"VIX": np.array([12.5])}, "vix.csv")
    with pytest.raises(InputError, match=r"vix\.csv has closes from 2020-01-02"):
        replay("us_equity", shipped, volatility=other, **PERIOD)


def test_closes_from_before_the_calendar_are_passed_over():
    before = np.arange("1969-06-02", "1969-12-31", dtype="datetime64[D]")
    dates = np.concatenate([before, sessions("1970-01-02", "1972-06-30").dates])
    close = 100.0 * np.exp(0.01 * np.cumsum(np.random.default_rng(3).standard_normal(len(dates))))
    config = load("plain")
    found = replay(config, Prices(dates, close, "long.csv")).market["date"]
    needed, _ = required_history(config.spec())
    assert found[0] == dates[len(before) + needed].item()
    assert found[-1] == dates[-1].item()


def test_a_hole_in_the_period_is_refused(shipped):
    hole = shipped.dates != np.datetime64("2018-10-10")
    with pytest.raises(InputError, match="2018-10-10 is missing"):
        replay("us_equity", Prices(shipped.dates[hole], shipped.close[hole], "hole.csv"), **PERIOD)


def test_every_table_can_be_written_and_read_again(replayed, tmp_path):
    for name, table in replayed.tables.items():
        table.write_parquet(tmp_path / f"{name}.parquet")
        assert pl.read_parquet(tmp_path / f"{name}.parquet").equals(table)
