from math import exp, log

import numpy as np
import polars as pl
import pytest
from conftest import recorded
from hypothesis import given, settings
from hypothesis import strategies as st

from flowsim.errors import InputError
from flowsim.run.attribution import cumulative_contributions, variance_shares


def run_of(contributions, n_bars=1, grain="day"):
    """A run with these contributions: paths, steps, sources (news, cta, ...)."""
    part = np.asarray(contributions, float)
    sources = ["news", "cta", "value", "buyback"][: part.shape[2]]
    return recorded(part, np.zeros_like(part), sources, n_bars, grain)


def test_shares_match_a_case_worked_by_hand():
    # One path, two days: news +2 %, -2 %; cta +1 %, -1 %; so r = +3 %, -3 % and every mean is 0.
    # Var(r) = 9e-4; Cov(news, r) = 6e-4; Cov(cta, r) = 3e-4; shares 2/3 and 1/3.
    shares = variance_shares(run_of([[[0.02, 0.01], [-0.02, -0.01]]]))
    assert shares["source"].to_list() == ["news", "cta"]
    assert shares["share"].to_list() == pytest.approx([2 / 3, 1 / 3])


def test_a_source_that_leans_against_the_others_has_a_negative_share_and_comes_last():
    # news +-4 %, cta -+1 %, r = +-3 %: Cov(cta, r) / Var(r) = -3e-4 / 9e-4 = -1/3.
    shares = variance_shares(run_of([[[0.04, -0.01], [-0.04, 0.01]]]))
    assert shares.rows() == [("news", pytest.approx(4 / 3), None, None), ("cta", pytest.approx(-1 / 3), None, None)]


def test_a_constant_contribution_has_no_share():
    # buyback adds 1 % every day: it moves the mean, not the variance.
    shares = variance_shares(run_of([[[0.02, 0.01], [-0.01, 0.01], [0.03, 0.01]]]))
    assert dict(shares.select("source", "share").rows()) == pytest.approx({"news": 1.0, "cta": 0.0})


def test_the_interval_spans_the_shares_of_the_single_paths():
    # cta's share is 0 on the first path and 1/2 on the second; the middle 95 % run from 0.0125 to 0.4875.
    shares = variance_shares(run_of([[[0.02, 0.0], [-0.02, 0.0]], [[0.01, 0.01], [-0.01, -0.01]]]))
    assert shares.filter(source="cta").row(0)[2:] == pytest.approx((0.0125, 0.4875))


def test_an_index_that_never_moves_has_no_shares():
    assert variance_shares(run_of(np.zeros((2, 3, 2))))["share"].to_list() == [None, None]


@pytest.mark.parametrize("n_days", [5, 9, 37])
def test_rounding_of_a_constant_return_is_no_variance(n_days):
    # Sum of squares less square of the sum over n is not 0 but about 1e-18 in floating point.
    for daily in (0.1, 0.007, 0.0013):
        assert variance_shares(run_of(np.full((1, n_days, 1), daily)))["share"].to_list() == [None]


def test_bars_are_added_up_to_days_before_the_shares_are_taken():
    # Within the day cta +1 % and -1 % cancel: without its two bars it has no share.
    bars = [[[0.02, 0.01], [0.00, -0.01], [-0.02, 0.01], [0.00, -0.01]]]
    shares = variance_shares(run_of(bars, n_bars=2, grain="bar"))
    assert dict(shares.select("source", "share").rows()) == pytest.approx({"news": 1.0, "cta": 0.0})


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.integers(2, 12), st.integers(1, 4))
def test_shares_add_up_to_one_hundred_percent(seed, n_paths, n_days, n_sources):
    part = np.random.default_rng(seed).standard_t(3, (n_paths, n_days, n_sources)) / 100
    assert 100 * variance_shares(run_of(part))["share"].sum() == pytest.approx(100, abs=1e-9)


def test_cumulative_contributions_of_a_path_add_up_to_the_log_return_of_its_index(make_run):
    run = make_run(n_paths=3, n_days=20)
    table = cumulative_contributions(run, path=2)
    prices = run.market.filter(pl.col("path") == 2).collect()["price"].to_numpy()
    assert table.columns == ["date", *run.sources]
    assert table.drop("date").sum_horizontal().to_numpy() == pytest.approx(np.log(prices / 2500), abs=1e-12)


def test_cumulative_contributions_without_a_path_are_means_over_the_paths():
    # news: path 0 +1 %, +1 %; path 1 +3 %, -1 %; means +2 %, 0 %; added up +2 %, +2 %.
    table = cumulative_contributions(run_of([[[0.01], [0.01]], [[0.03], [-0.01]]]))
    assert table["news"].to_list() == pytest.approx([0.02, 0.02])


def test_a_day_on_which_a_source_has_no_row_adds_nothing():
    run = run_of([[[0.01, 0.02], [0.01, 0.02], [0.01, 0.02]]])
    second = run.flows.select(pl.col("date").unique().sort()).collect()["date"][1]
    sparse = run.replace(flows=run.flows.filter((pl.col("source") != "cta") | (pl.col("date") != second)))
    assert cumulative_contributions(sparse)["cta"].to_list() == pytest.approx([0.02, 0.02, 0.04])


def test_a_path_that_is_not_there_is_refused_with_the_choice(make_run):
    with pytest.raises(InputError, match=r"^path 9 is not in this run; choose one of its 3 paths, 0 to 2$"):
        cumulative_contributions(make_run(n_paths=3, n_days=2), path=9)


def test_a_run_without_paths_is_refused(make_run):
    run = make_run(n_days=2)
    with pytest.raises(InputError, match="recorded no path"):
        cumulative_contributions(run.replace(flows=run.flows.filter(pl.col("path") < 0)))


def test_generated_prices_follow_the_generated_contributions():
    # The generator itself: two days of +1 % log return take 2,500 to 2,500 e^0.02.
    market = run_of([[[0.01], [0.01]]]).market.collect()
    assert log(market["price"][-1] / 2500) == pytest.approx(0.02)
    assert market["price"][0] == pytest.approx(2500 * exp(0.01))
