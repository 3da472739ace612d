"""Whose move it was, on made closes whose moves are made by known flows: shares, states, episodes."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from helpers.declared import differs
from helpers.made_replay import made_replay

from flowsim.clock import sessions
from flowsim.errors import InputError
from flowsim.history.attribution import REST, TOGETHER
from flowsim.history.columns import ATTRIBUTION_TABLES
from flowsim.history.impact import ImpactLaw
from flowsim.history.replay import Replay
from flowsim.history.window_shares import states_of, window_sums

PERMANENT = ImpactLaw("linear", 5.0, np.array([0.0]), np.array([1.0]))


def planted(part: float, *, stressed: float | None = None, last: str = "2017-12-29") -> Replay:
    """Return a replay in which flows of one population make such a part of the variance of returns on all days.

    With `stressed` the part is another one on the tenth of days with twice the impact.
    """
    dates = sessions("2009-01-02", last).dates
    draw = np.random.default_rng(5)
    thin = np.arange(len(dates)) % 10 == 0
    share = np.where(thin, part if stressed is None else stressed, part)
    impact = np.where(thin, 2.0, 1.0)
    own = np.sign(share) * np.sqrt(np.abs(share)) * draw.standard_normal(len(dates))
    rest = np.sqrt(1.0 - np.abs(share)) * draw.standard_normal(len(dates))
    # A population that leans against the rest has a negative covariance with the return.
    rest = np.where(share < 0, rest - 2.0 * own, rest)
    made = made_replay()
    days = {"date": dates}
    return replace(
        made,
        systematic=["cta"],
        law=PERMANENT,
        market=pl.DataFrame({**days, "log_return": 0.01 * (own + rest), "impact_bp": impact}),
        flows=pl.DataFrame({**days, "population": ["cta"] * len(dates), "flow_bn": 100.0 * own / impact}),
    )


def of(found, **where):
    (row,) = found.shares.filter(pl.col("source") == TOGETHER, **where).iter_rows(named=True)
    return row


@pytest.mark.parametrize("part", [0.03, 0.1, 0.6])
def test_the_interval_holds_the_planted_share_at_every_horizon(part):
    found = planted(part).attribute()
    for days in (1, 5, 21):
        one = of(found, sample="2009-2017", state="all", horizon_days=days, multiplier=5.0)
        assert one["low_pct"] < 100.0 * part < one["high_pct"]
        assert one["high_pct"] - one["low_pct"] < 15.0 * np.sqrt(days)


def test_flows_against_the_move_have_a_negative_share():
    assert (
        of(planted(-0.2).attribute(), sample="2009-2017", state="all", horizon_days=1, multiplier=5.0)["high_pct"] < 0
    )


def test_a_share_that_is_there_in_thin_markets_only_is_found_in_the_stressed_state_alone():
    found = planted(0.02, stressed=0.7).attribute()
    calm = of(found, sample="2009-2017", state="calm", horizon_days=1, multiplier=5.0)
    stressed = of(found, sample="2009-2017", state="stressed", horizon_days=1, multiplier=5.0)
    assert calm["share_pct"] == pytest.approx(2.0, abs=2.0)
    assert stressed["share_pct"] == pytest.approx(70.0, abs=10.0)


def test_shares_are_in_proportion_to_the_multiplier():
    found = planted(0.3).attribute(multipliers=[2.5, 10.0])
    assert found.multipliers == (2.5, 5.0, 10.0)
    half, whole, double = (
        of(found, sample="2009-2017", state="all", horizon_days=5, multiplier=m) for m in (2.5, 5, 10)
    )
    for key in ("share_pct", "low_pct", "high_pct"):
        assert [half[key], double[key]] == pytest.approx([0.5 * whole[key], 2.0 * whole[key]])


def test_a_short_period_has_shares_and_no_interval():
    found = planted(0.3, last="2010-06-30").attribute()
    one = of(found, sample="2009-2010", state="all", horizon_days=1, multiplier=5.0)
    assert one["share_pct"] == pytest.approx(30.0, abs=8.0)
    assert one["low_pct"] is None
    assert "[" not in found.summary["1 d, %"][0]


def test_the_worst_windows_say_whose_part_of_the_falls_it_was():
    made = planted(0.3)
    found = made.attribute()
    own = found.contributions.filter(source="cta")["contribution"].to_numpy()
    returns = made.market["log_return"].to_numpy()
    worst = returns <= np.quantile(returns, 0.01)
    one = of(found, sample="2009-2017", state="worst 1 %", horizon_days=1, multiplier=5.0)
    assert one["share_pct"] == pytest.approx(100.0 * own[worst].sum() / returns[worst].sum())
    assert one["windows"] == worst.sum()


def test_windows_are_named_by_the_session_on_which_they_begin():
    np.testing.assert_array_equal(window_sums(np.array([1.0, 2.0, 4.0, 8.0]), 2), [3.0, 6.0, 12.0])
    inside = states_of(np.array([0.0, -9.0, 1.0]), np.array([1.0, 2.0, 3.0, 99.0]))
    assert inside["stressed"].tolist() == [False, False, True]
    assert inside["worst 1 %"].tolist() == inside["largest 1 %"].tolist() == [False, True, False]


def test_decades_stand_beside_the_whole_period():
    assert planted(0.3).attribute().shares["sample"].unique(maintain_order=True).to_list() == ["2009-2017", "2010-2017"]


def test_an_episode_runs_from_the_close_before_it_to_its_last():
    made = planted(0.3)
    found = made.attribute(episodes=[("2011-07-22", "2011-08-08")])
    assert found.episodes["episode"].unique().to_list() == ["2011-07-22 to 2011-08-08"]
    inside = made.market.filter(pl.col("date").is_between(pl.date(2011, 7, 25), pl.date(2011, 8, 8)))
    index = 100.0 * inside["log_return"].sum()
    at_five = dict(found.episodes.filter(multiplier=5.0).select("source", "contribution_pct").iter_rows())
    assert found.episodes["index_pct"][0] == pytest.approx(index)
    assert at_five[TOGETHER] == pytest.approx(at_five["cta"])
    assert at_five[TOGETHER] + at_five[REST] == pytest.approx(index)


def test_known_episodes_are_those_that_lie_in_the_period_whole():
    assert planted(0.3).attribute().episodes["episode"].unique().to_list() == ["August 2011"]
    made = planted(0.3, last="2010-06-30")
    assert made.attribute().episodes["episode"].unique().to_list() == ["2009-01-02 to 2010-06-30"]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"episodes": [("2011-08-08", "2011-07-22")]}, ["2011-08-08,2011-07-22", "2009-01-02"]),
        ({"episodes": [("2011-08-08",)]}, ["two dates"]),
        ({"episodes": ["2011-08-08"]}, ["two dates"]),
        ({"episodes": [("2011-08-08", "soon")]}, ["soon", "YYYY-MM-DD"]),
        ({"episodes": [("2017-12-01", "2018-02-01")]}, ["2017-12-29"]),
        ({"multipliers": [0.0]}, ["`multipliers`", "0 is not between"]),
    ],
)
def test_what_cannot_be_attributed_is_refused(asked, words):
    with pytest.raises(InputError) as error:
        planted(0.3).attribute(**asked)
    for word in words:
        assert word in str(error.value)


def test_a_market_without_systematic_flows_is_refused():
    with pytest.raises(InputError, match="no population trades stock by a systematic rule"):
        replace(planted(0.3), systematic=[]).attribute()


def test_the_tables_have_the_columns_that_are_declared():
    found = planted(0.3).attribute()
    assert list(found.tables) == [table.name for table in ATTRIBUTION_TABLES]
    assert [table.name for table in ATTRIBUTION_TABLES if differs(found.tables[table.name], table)] == []


def test_the_same_seed_draws_the_same_interval_and_another_seed_another():
    made = planted(0.3)
    assert made.attribute().shares.equals(made.attribute().shares)
    assert not made.attribute().shares.equals(made.attribute(seed=2).shares)
