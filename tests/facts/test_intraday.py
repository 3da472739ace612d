"""What happens within sessions: by hand, and its opposite, from rows of bars to facts."""

import numpy as np
import polars as pl
import pytest
from helpers.drawn_runs import write_run

from flowsim.facts.closes import HALF_HOURS_PCT, HALF_HOURS_VOLUME, NIGHT_PCT, VOLUME, Closes
from flowsim.facts.fact_table import facts_of_run
from flowsim.facts.intraday import facts
from flowsim.facts.within_sessions import within_sessions

BY_NAME = {fact.name: fact for fact in facts()}
DATES = np.array(["2019-07-02", "2019-07-03", "2019-07-05"], "datetime64[D]")
MEMORY = "half-hour abs(r) ACF(1) within day, deseasonalized"


def value(name, returns, **within):
    names = {"nights": NIGHT_PCT, "half_hours": HALF_HOURS_PCT, "volume": VOLUME, "volumes": HALF_HOURS_VOLUME}
    returns = np.asarray(returns, float)
    days = np.arange(returns.shape[-1]).astype("datetime64[D]")
    return BY_NAME[name].compute(Closes(days, returns, within={names[key]: np.asarray(x) for key, x in within.items()}))


@pytest.mark.parametrize(("night", "session", "share"), [(1.0, 2.0, 0.2), (2.0, 1.0, 0.8)])
def test_the_overnight_share_is_that_of_the_variance_from_close_to_open(night, session, share):
    # nights of +-1 % and sessions of +-2 % in all four pairs: 1 / (1 + 4)
    nights = night * np.array([1.0, 1.0, -1.0, -1.0])
    returns = nights + session * np.array([1.0, -1.0, 1.0, -1.0])
    assert value("overnight share of variance", returns, nights=nights) == pytest.approx(share)


def test_a_day_of_which_the_night_is_not_known_does_not_count():
    nights = np.array([1.0, 1.0, -1.0, -1.0, np.nan])
    returns = np.array([3.0, -1.0, 1.0, -3.0, 50.0])
    assert value("overnight share of variance", returns, nights=nights) == pytest.approx(0.2)


def test_half_hours_share_the_mean_square_of_the_session():
    # the first moves by 3, the last by 2, each of the five from 11:30 by 0.5, the six others by 1
    sizes = np.array([3.0, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.5, 1, 1, 1, 2.0])
    half_hours = sizes * np.array([1.0, -1.0, 1.0])[:, None]
    total = 9.0 + 4.0 + 5 * 0.25 + 6
    of = {"returns": np.zeros(3), "half_hours": half_hours}
    assert value("variance share first half hour (of session)", **of) == pytest.approx(9.0 / total)
    assert value("variance share last half hour", **of) == pytest.approx(4.0 / total)
    assert value("variance share 11:30-14:00, per half hour", **of) == pytest.approx(0.25 / total)


@pytest.mark.parametrize(("kept", "found"), [(1.0, 1.0), (-1.0, -1.0)])
def test_memory_within_the_day_is_that_of_sizes_over_those_of_their_half_hour(kept, found):
    # days of size 1 and 3 that last, or sizes that swap from each half hour to the next; the shape of the day is
    # ten times as high at its end, and is no memory
    shape = np.linspace(1.0, 10.0, 13)
    steps = kept ** np.arange(13)
    half_hours = np.array([shape * (2.0 + steps), shape * (2.0 - steps)])
    assert value(MEMORY, np.zeros(2), half_hours=half_hours) == pytest.approx(found)


def test_half_hours_that_are_drawn_apart_have_no_memory():
    half_hours = np.random.default_rng(1).standard_normal((20, 200, 13))
    assert abs(np.mean(value(MEMORY, np.zeros((20, 200)), half_hours=half_hours))) < 0.03


def test_the_spread_of_realized_volatility_is_that_of_its_log():
    # days of 1, 1 and e squared in each half hour: logs of 0, 0 and 2 but for a constant
    half_hours = np.array([1.0, 1.0, np.exp(2.0)])[:, None] * np.ones(13)
    assert value("log RV std", np.zeros(3), half_hours=half_hours) == pytest.approx(np.std([0, 0, 2], ddof=1))


def test_volume_by_half_hour_is_u_shaped_where_its_ends_are_high():
    volumes = np.tile([3.0, *np.ones(11), 4.0], (2, 1))
    assert value("volume share first half hour", np.zeros(2), volumes=volumes) == pytest.approx(3 / 18)
    assert value("volume share last half hour", np.zeros(2), volumes=volumes) == pytest.approx(4 / 18)
    assert value("volume share 11:30-14:00, per half hour", np.zeros(2), volumes=volumes) == pytest.approx(1 / 18)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_volume_is_compared_with_its_usual_level_before_it_is_held_against_moves(sign):
    # volume grows a hundredfold, and apart from that is as large, or as small, as the move
    random = np.random.default_rng(2)
    returns = random.standard_normal(2000)
    trend = np.linspace(0.0, np.log(100.0), 2000)
    volume = np.exp(trend + sign * 0.5 * np.abs(returns))
    found = value("corr(abs(r), log volume)", returns, volume=volume)
    assert found == pytest.approx(sign, abs=0.05)
    unrelated = np.exp(trend + 0.5 * random.standard_normal(2000))
    assert abs(value("corr(abs(r), log volume)", returns, volume=unrelated)) < 0.08


def rows(bars_of_days):
    """Return rows of two paths: a bar's return is path + 1, plus its number over 100, in percent."""
    frame = [
        (p, d, b, (p + 1 + b / 100) / 100)
        for p in (4, 5)
        for d, n in zip(DATES, bars_of_days, strict=True)
        for b in range(n + 1)
    ]
    path, date, bar, returns = zip(*frame, strict=True)
    return pl.LazyFrame({"path": path, "date": np.array(date), "bar": bar, "log_return": returns})


def test_bars_are_joined_into_half_hours_and_half_days_are_left_out():
    # 26 bars: the second half hour is bars 3 and 4; on 3 July trading ends after 14 bars
    found = within_sessions(rows([26, 14, 26]), None, DATES)
    np.testing.assert_allclose(found[NIGHT_PCT], [[5.0, np.nan, 5.0], [6.0, np.nan, 6.0]])
    half_hours = found[HALF_HOURS_PCT]
    assert half_hours.shape == (2, 3, 13)
    assert np.isnan(half_hours[:, 1]).all()
    np.testing.assert_allclose(half_hours[:, 0, 1], [10.07, 12.07])


def test_bars_that_make_up_no_half_hours_leave_them_out():
    assert set(within_sessions(rows([10, 10, 10]), None, DATES)) == {NIGHT_PCT}


def test_volume_is_what_all_sources_bought_or_sold():
    market = rows([13, 13, 13])
    flows = market.select("path", "date", "bar", flow_bn=pl.lit(2.0))
    both = pl.concat([flows, flows.with_columns(flow_bn=pl.lit(-3.0))])
    found = within_sessions(market, both, DATES)
    np.testing.assert_allclose(found[VOLUME], 14 * 5.0 * np.ones((2, 3)))
    np.testing.assert_allclose(found[HALF_HOURS_VOLUME], 5.0 * np.ones((2, 3, 13)))


def test_a_run_by_bar_has_its_hours_and_one_by_day_says_what_they_take(tmp_path):
    # of the night and 13 bars each has a fourteenth of the day's return
    (by_bar,) = facts_of_run(write_run(tmp_path / "bars", n_bars=14)[0]).conditional
    found = by_bar.measured.facts
    assert found["overnight share of variance"].value == pytest.approx(1 / 170)
    assert found["variance share last half hour"].value == pytest.approx(1 / 13)
    assert by_bar.samples("overnight share of variance") == []
    (by_day,) = facts_of_run(write_run(tmp_path / "days")[0]).conditional
    assert by_day.measured.left_out["log RV std"].startswith('no half hours; of a run with record.grain = "bar"')
