from datetime import date

import numpy as np
import polars as pl
import pytest
from conftest import business_days
from hypothesis import given
from hypothesis import strategies as st

from flowsim.errors import InputError
from flowsim.plot.hedging import slope
from flowsim.plot.option_tables import (
    AROUND,
    count_spells,
    gamma_by_programme,
    hedging_days,
    indices,
    into_inversions,
    inversions,
    option_table,
    profile_fan,
    profiles,
    spell_edges,
    telling_closes,
    zero_crossings,
)
from flowsim.plot.tables import QUANTILES

START = date(2018, 12, 31)


def levels_of(*paths):
    """Path, date and the indices: VIX as given, VIX3M always 20, the others around them."""
    days = business_days(START, len(paths[0]))
    tables = [
        pl.DataFrame({"path": [k] * len(vix), "date": days, "vix9d": vix, "vix": vix}) for k, vix in enumerate(paths)
    ]
    return pl.concat(tables).with_columns(
        pl.col("vix9d", "vix").cast(pl.Float64), vix3m=pl.lit(20.0), vix6m=pl.lit(21.0), vix1y=pl.lit(22.0)
    )


def test_a_profile_crosses_zero_between_two_points_on_a_straight_line():
    # From -2 at -4 % to +1 at -3 %: two thirds of the way, at -3.333 %.
    spot_pct, gamma = np.array([-5.0, -4.0, -3.0, -2.0]), np.array([-3.0, -2.0, 1.0, 4.0])
    assert zero_crossings(spot_pct, gamma) == pytest.approx([-10 / 3])


def test_of_several_crossings_the_nearest_to_the_close_comes_first():
    # Signs - + + - : crossings at -4.5 and at +1.5.
    spot_pct, gamma = np.array([-5.0, -4.0, 1.0, 2.0]), np.array([-1.0, 1.0, 1.0, -1.0])
    assert zero_crossings(spot_pct, gamma) == pytest.approx([1.5, -4.5])


@pytest.mark.parametrize("gamma", [[1.0, 2.0, 3.0], [-1.0, -2.0, -0.5], [0.0, 0.0, 0.0]])
def test_a_profile_of_one_sign_crosses_nowhere(gamma):
    assert len(zero_crossings(np.array([-1.0, 0.0, 1.0]), np.array(gamma))) == 0


def test_a_profile_that_is_zero_at_a_point_crosses_there_once():
    assert zero_crossings(np.array([-1.0, 0.0, 1.0]), np.array([-2.0, 0.0, 2.0])) == pytest.approx([0.0])
    assert zero_crossings(np.array([-1.0, 0.0, 1.0]), np.array([2.0, 0.0, -2.0])) == pytest.approx([0.0])


@given(st.floats(-9.9, 9.9), st.floats(0.1, 50), st.booleans())
def test_a_straight_profile_crosses_at_its_root(root, steepness, rising):
    spot_pct = np.arange(-10.0, 11.0)
    gamma = (steepness if rising else -steepness) * (spot_pct - root)
    assert zero_crossings(spot_pct, gamma) == pytest.approx([root], abs=1e-9)


def test_spells_are_counted_within_each_path():
    # VIX3M is 20. Path 0 ends with a spell of 2, path 1 begins with one of 1 and has one of 3: 6 of 10 closes, mean 2.
    closes = inversions(levels_of([18, 18, 18, 21, 22], [21, 19, 25, 23, 21]))
    assert count_spells(closes) == (pytest.approx(60), 3, pytest.approx(2), 3)


def test_a_vix_that_equals_vix3m_is_not_inverted():
    assert count_spells(inversions(levels_of([20, 20, 19]))) == (0, 0, 0, 0)


def test_a_spell_is_shaded_from_its_first_close_to_the_close_after_it():
    # The first five sessions of 2019 are Tuesday 1 to Friday 4 and Monday 7 January.
    closes = inversions(levels_of([19, 21, 22, 19, 23]))
    assert spell_edges(closes) == [(date(2019, 1, 2), date(2019, 1, 4)), (date(2019, 1, 7), date(2019, 1, 8))]


def test_telling_closes_are_first_last_and_those_of_lowest_median_and_most_inverted_vix():
    closes = {close.name: close for close in telling_closes(levels_of([15, 12, 24, 16, 17]), 0)}
    days = business_days(START, 5)
    assert {name: close.date for name, close in closes.items()} == {
        "calmest": days[1], "typical": days[3], "most inverted": days[2], "first": days[0], "last": days[4],
    }  # fmt: skip
    assert closes["most inverted"].levels == (24, 24, 20, 21, 22)


def test_a_path_that_never_inverts_has_a_flattest_close():
    assert "flattest" in {close.name for close in telling_closes(levels_of([15, 12, 19, 16, 17]), 0)}


def test_of_several_paths_the_first_and_last_close_are_medians():
    # VIX on the first day 10, 14, 30: median 14; on the last 11, 15, 12: median 12.
    closes = {close.name: close for close in telling_closes(levels_of([10, 11], [14, 15], [30, 12]), None)}
    assert (closes["first"].path, closes["first"].levels[1]) == (None, 14)
    assert closes["last"].levels[1] == 12
    assert (closes["most inverted"].path, closes["most inverted"].levels[1]) == (2, 30)


def test_a_single_close_is_named_once():
    assert len(telling_closes(levels_of([15]), 0)) == 1


def sources_of(levels):
    """Two parts of each change: of VIX and VIX3M all but 0.1 is path-dependent, 0.1 a put hedge."""
    change = levels.sort("path", "date").with_columns(pl.col("vix", "vix3m").diff().over("path").fill_null(0.0))
    long = change.unpivot(on=["vix", "vix3m"], index=["path", "date"], variable_name="index")
    hedge = pl.when(pl.col("index") == "vix").then(0.1).otherwise(0.0)
    parts = (("path_dependent", pl.col("value") - hedge), ("put_hedge", hedge))
    return pl.concat(
        long.select("path", "date", "index", source=pl.lit(name), contribution=part) for name, part in parts
    )


def run_of(make_run, levels):
    run = make_run(n_days=1)
    tables = {"volatility": levels.lazy(), "vix_sources": sources_of(levels).lazy()}
    return run.replace(options={**run.options, **tables})


def test_parts_around_an_inversion_add_up_from_ten_closes_before(make_run):
    # VIX 15 for eleven closes, then 21, then 25 for ten: -10 is the second close; the put hedge adds 0.1 a close.
    run = run_of(make_run, levels_of([15.0] * 11 + [21.0] + [25.0] * 10))
    parts = into_inversions(run, inversions(indices(run)))
    at = {source: parts.filter(source=source)["value"].to_list() for source in ("path_dependent", "put_hedge")}
    assert at["put_hedge"] == pytest.approx([0.1 * k for k in range(21)])
    assert at["path_dependent"][AROUND] == pytest.approx(6 - 1.0)
    assert at["path_dependent"][-1] == pytest.approx(10 - 2.0)
    assert parts["distance"].unique().sort().to_list() == list(range(-AROUND, AROUND + 1))


@pytest.mark.parametrize(
    ("vix", "n_events"),
    [
        ([15.0] * 10 + [21.0] * 11, 1),
        ([15.0] * 9 + [21.0] * 12, 0),  # nine calm closes before
        ([15.0] * 10 + [21.0] * 10, 0),  # nine closes after the first inverted
        ([15.0] * 10 + [21.0] + [15.0] * 5 + [21.0] * 15, 1),  # the second spell comes six closes after the first
        ([15.0] * 10 + [21.0] + [15.0] * 10 + [21.0] * 11, 2),
    ],
)
def test_a_spell_counts_when_ten_calm_closes_lie_before_it_and_ten_closes_after(make_run, vix, n_events):
    run = run_of(make_run, levels_of(vix))
    assert into_inversions(run, inversions(indices(run)))["event"].n_unique() == n_events


def test_parts_around_inversions_add_up_to_the_change_of_vix_minus_vix3m(make_run):
    run = make_run(n_paths=1, n_days=1500)
    closes = inversions(indices(run))
    gap, inverted = closes["gap"].to_numpy(), closes["inverted"].to_numpy()
    starts = [k for k in range(AROUND, len(gap) - AROUND) if inverted[k] and not inverted[k - AROUND : k].any()]
    changes = np.array([gap[k - AROUND : k + AROUND + 1] - gap[k - AROUND] for k in starts])
    summed = into_inversions(run, closes).group_by("event", "distance").agg(pl.col("value").sum())
    by_event = summed.sort("event", "distance")["value"].to_numpy().reshape(-1, 2 * AROUND + 1)
    assert len(starts) > 5
    assert by_event == pytest.approx(changes, abs=1e-9)


def test_the_median_profile_is_that_of_all_paths_and_closes(make_run):
    run = make_run(n_paths=4, n_days=20)
    every = profiles(run)
    shown = profile_fan(every)
    assert shown.n_paths == 4 * 4
    assert shown.bands is not None
    at_spot = every.filter(spot_pct=-3.0)["value"].to_numpy()
    assert shown.bands[:, list(shown.dates).index(-3.0)] == pytest.approx(np.quantile(at_spot, QUANTILES))


def test_dealers_gamma_is_the_sum_over_the_programmes(make_run):
    run = make_run(n_paths=2, n_days=3)
    total = gamma_by_programme(run).group_by("path", "date").agg(pl.col("value").sum()).sort("path", "date").collect()
    market = run.market.sort("path", "date").collect()
    assert total["value"].to_list() == pytest.approx(market["net_gamma_1pct_bn"].to_list())


def test_hedging_is_held_against_the_gamma_of_the_close_before(make_run):
    run = make_run(n_paths=2, n_days=3)
    market = run.market.collect()
    flow = run.flows.filter(pl.col("source") == "dealer").collect()["flow_bn"].to_numpy().reshape(2, 3)
    days = hedging_days(run, "dealer", None)
    assert days["gamma_bn"].to_list() == market["net_gamma_1pct_bn"].to_numpy().reshape(2, 3)[:, :-1].ravel().tolist()
    assert days["flow_bn"].to_list() == pytest.approx(flow[:, 1:].ravel().tolist())
    returns = 100 * market["log_return"].to_numpy().reshape(2, 3)[:, 1:]
    assert days["return_pct"].to_list() == pytest.approx(returns.ravel().tolist())


def test_hedging_by_bars_is_that_of_their_days(make_run):
    bars = hedging_days(make_run(n_paths=2, n_days=4, n_bars=3, grain="bar"), "dealer", 1)
    days = hedging_days(make_run(n_paths=2, n_days=4, n_bars=3, grain="day"), "dealer", 1)
    assert bars.drop("path", "date").to_numpy() == pytest.approx(days.drop("path", "date").to_numpy())


def days_of(returns_pct, flows_bn):
    return pl.DataFrame({"return_pct": returns_pct, "flow_bn": flows_bn}, schema_overrides={"flow_bn": pl.Float64})


def test_slope_of_a_case_worked_by_hand():
    # x = -1, 0, 1, mean 0; y = 3, -2, 2, mean 1: slope (-3 + 2) / 2 = -0.5, rests 1.5, -3, 1.5, squares 13.5,
    # of 14 around the mean: R2 = 1 - 13.5 / 14; error sqrt(13.5 / 1 / 2).
    fitted = slope(days_of([-1.0, 0.0, 1.0], [3.0, -2.0, 2.0]))
    assert fitted == pytest.approx((-0.5, 6.75**0.5, 1.0, 0.5 / 14))


@pytest.mark.parametrize("returns_pct", [[1.0, 2.0], [1.0, 1.0, 1.0]])
def test_too_few_closes_or_equal_returns_have_no_slope(returns_pct):
    assert slope(days_of(returns_pct, returns_pct)) is None


def test_a_run_without_options_says_so_and_a_table_left_out_is_named(make_run):
    run = make_run(n_days=1)
    with pytest.raises(InputError, match=r"^this run lists no options, .* options\.listed = true$"):
        option_table(run.replace(options={}), "gamma")
    with pytest.raises(InputError, match="no table 'gamma'"):
        option_table(run.replace(options={"options": run.options["options"]}), "gamma")
