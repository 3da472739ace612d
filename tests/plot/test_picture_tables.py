from datetime import date

import numpy as np
import polars as pl
import pytest
from conftest import business_days, history

from flowsim.plot.tables import (
    OTHER,
    drawdowns,
    exposures,
    fan,
    flows_by_period,
    largest,
    long_shares,
    past_volatility,
    period_of,
    prices,
)


def values(*paths):
    """Path, date, value from one list of values for each path."""
    days = business_days(date(2018, 12, 31), len(paths[0]))
    return pl.concat(
        pl.DataFrame({"path": [k] * len(path), "date": days, "value": path}) for k, path in enumerate(paths)
    )


def test_bands_are_quantiles_over_the_paths():
    # Nine paths 0, 10, ..., 80 on one day: 5 % lies 0.4 of the way from 0 to 10, 25 % at 20, the median at 40.
    shown = fan(values(*([10.0 * k] for k in range(9))))
    assert shown.bands is not None
    assert shown.bands[:, 0] == pytest.approx([4, 20, 40, 60, 76])


def test_seven_paths_are_too_few_for_bands_and_are_all_drawn():
    shown = fan(values(*([float(k)] for k in range(7))), n_singles=2)
    assert shown.bands is None
    assert list(shown.singles) == list(range(7))


def test_single_paths_are_spread_evenly_over_the_paths():
    assert list(fan(values(*([float(k)] for k in range(9))), n_singles=3).singles) == [0, 4, 8]


def test_every_path_starts_at_the_level_of_the_start(make_run):
    for grain, n_bars in (("day", 1), ("bar", 3)):
        run = make_run(n_paths=3, n_days=4, n_bars=n_bars, grain=grain)
        table = prices(run)
        assert table.filter(pl.col("date") == run.start)["value"].to_list() == pytest.approx([2500] * 3)
        assert table.height == 3 * 5


def test_prices_of_bars_are_the_last_of_each_day(make_run):
    by_bar = make_run(n_paths=2, n_days=5, n_bars=4, grain="bar", seed=5)
    by_day = make_run(n_paths=2, n_days=5, n_bars=4, grain="day", seed=5)
    assert prices(by_bar)["value"].to_numpy() == pytest.approx(prices(by_day)["value"].to_numpy())


def test_flows_and_exposures_of_bars_are_those_of_their_days(make_run):
    by_bar = make_run(n_paths=2, n_days=5, n_bars=4, grain="bar", seed=5)
    by_day = make_run(n_paths=2, n_days=5, n_bars=4, grain="day", seed=5)
    bars, days = flows_by_period(by_bar, "1d", None), flows_by_period(by_day, "1d", None)
    assert bars.drop("date").to_numpy() == pytest.approx(days.drop("date").to_numpy())
    held = [exposures(run)["cta"].sort("path", "date")["value"].to_numpy() for run in (by_bar, by_day)]
    assert held[0] == pytest.approx(held[1])


def test_drawdown_is_the_distance_below_the_highest_close_so_far():
    # 100, 80, 120, 90 -> 0, 80/100 - 1, 0, 90/120 - 1; with a high of 200 before: -50, -60, -40, -55.
    levels = values([100.0, 80.0, 120.0, 90.0])
    assert drawdowns(levels)["value"].to_list() == pytest.approx([0, -20, 0, -25])
    assert drawdowns(levels, 200.0)["value"].to_list() == pytest.approx([-50, -60, -40, -55])


def test_past_volatility_of_one_percent_a_day_is_that_times_the_root_of_252():
    # Moves of +-1 %: sqrt(252) * 1 % = 15.87 % a year, from the 21st return on.
    closes = 100 * np.exp(np.cumsum([0.0, *([0.01, -0.01] * 12)]))
    table = pl.DataFrame({"date": business_days(date(2018, 1, 1), 25), "close": closes})
    assert past_volatility(table)["value"].to_list() == pytest.approx([15.8745] * 4, abs=1e-4)
    assert past_volatility(history(10)).is_empty()


@pytest.mark.parametrize(
    ("n_days", "every", "name"),
    [(1, 1, "daily"), (30, 1, "daily"), (30, 5, "weekly"), (252, 1, "weekly"), (252, 21, "monthly"),
     (1000, 1, "monthly"), (5000, 1, "quarterly"), (600, 252, "yearly")],
)  # fmt: skip
def test_bars_suit_the_length_of_the_run_and_the_recorded_days(n_days, every, name):
    days = business_days(date(2018, 12, 31), n_days)[::every]
    assert period_of(pl.LazyFrame({"date": days}))[1] == name


def test_weekly_flow_adds_up_the_days_of_the_week_and_averages_the_paths(make_run):
    run = make_run(n_paths=2, n_days=4, populations=("cta",))
    # 1 to 4 January 2019 are the Tuesday to Friday of one week.
    expected = run.flows.filter(pl.col("source") == "cta").select(pl.col("flow_bn").sum() / 2).collect().item()
    weekly = flows_by_period(run, "1w", None)
    assert weekly.columns == ["date", "cta"]
    assert weekly.rows() == [(date(2018, 12, 31), pytest.approx(expected))]


def test_small_columns_are_added_up():
    table = pl.DataFrame({"date": [1, 2], "a": [1.0, -1.0], "b": [9.0, -9.0], "c": [2.0, 2.0]})
    assert largest(table, 1).to_dict(as_series=False) == {"date": [1, 2], "b": [9.0, -9.0], OTHER: [3.0, 1.0]}
    assert largest(table, 3).columns == table.columns


def test_columns_that_are_zero_throughout_are_left_out():
    table = pl.DataFrame({"date": [1, 2], "a": [1.0, 0.0], "idle": [0.0, 0.0]})
    assert largest(table, 1).columns == ["date", "a"]


def test_populations_that_never_hold_anything_have_no_exposure(make_run):
    run = make_run(n_days=3, populations=("cta", "buyback"))
    idle = pl.when(pl.col("population") == "cta").then(0.0).otherwise("exposure_bn")
    held = exposures(run.replace(positions=run.positions.with_columns(exposure_bn=idle)))
    assert list(held) == ["buyback", "market_maker", "holders"]


def test_share_of_long_agents_by_bars_is_that_of_the_last_bar(make_run):
    by_bar = make_run(n_paths=2, n_days=3, n_bars=3, grain="bar")
    last = by_bar.positions.filter(pl.col("bar") == 2).drop("bar")
    expected = long_shares(by_bar.replace(positions=last), None)["cta"]
    assert long_shares(by_bar, None)["cta"].equals(expected)


def test_share_of_long_agents_is_of_those_that_hold_a_position():
    # Path 0: 6 long, 2 short; path 1: 3 long, 9 short; together 9 of 20. No one holds a position on the second day.
    days = business_days(date(2018, 12, 31), 2)
    table = pl.LazyFrame(
        {
            "path": [0, 1, 0, 1, 0],
            "date": [days[0], days[0], days[1], days[1], days[0]],
            "population": ["cta", "cta", "cta", "cta", "noise"],
            "agents_long": [6, 3, 0, 0, None],
            "agents_short": [2, 9, 0, 0, None],
        }
    )
    run = type("Run", (), {"positions": table})()
    assert list(long_shares(run, None)) == ["cta"]
    assert long_shares(run, None)["cta"]["value"].to_list() == [pytest.approx(45), None]
    assert long_shares(run, 0)["cta"]["value"].to_list() == [pytest.approx(75), None]
