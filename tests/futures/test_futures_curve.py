"""The futures of a close from its indices: as in plain Python, compiled and in numpy, real and simulated."""

import numpy as np
import polars as pl
import pytest
from twin.plain_futures import future

from flowsim.clock import sessions
from flowsim.clock.vix_settlements import days_to_settlement, vix_settlement_days
from flowsim.futures.curve import N_CONTRACTS, build_curve, futures_of, futures_on, price_futures
from flowsim.kernel.marks import LANES
from flowsim.options.arrays import TENOR_DAYS

CONVEXITY = 0.09, 60.0
REAL_TENORS = (9.0, 30.0, 93.0, 184.0)


def drawn_points(closes: int, seed: int = 1) -> np.ndarray:
    random = np.random.default_rng(seed)
    return np.exp(random.normal(2.9, 0.3, (closes, 1)) + random.normal(0.0, 0.08, (closes, len(TENOR_DAYS))))


def test_each_future_is_that_of_plain_python():
    dates = sessions("2018-01-02", "2018-12-31").dates
    points, days = drawn_points(len(dates)), days_to_settlement(dates, N_CONTRACTS)
    expected = [
        [future(dict(zip(TENOR_DAYS, row, strict=True)), ahead, *CONVEXITY) for ahead in of_close]
        for row, of_close in zip(points.tolist(), days.tolist(), strict=True)
    ]
    np.testing.assert_allclose(futures_on(dates, points, TENOR_DAYS, *CONVEXITY), expected, rtol=1e-12)


def test_on_the_settlement_day_a_future_is_the_index_itself():
    points = drawn_points(100)
    settling = build_curve(np.zeros((100, 1), np.int64), TENOR_DAYS, *CONVEXITY)
    np.testing.assert_allclose(futures_of(points, settling)[:, 0], points[:, 1], rtol=1e-12)


def test_a_flat_curve_lies_below_the_index_by_the_convexity_alone():
    dates = vix_settlement_days()[-100:-90]
    flat, plain = (futures_on(dates, np.full((10, 5), 20.0), TENOR_DAYS, size, 60.0) for size in (0.09, 0.0))
    np.testing.assert_allclose(plain, 20.0, rtol=1e-12)
    days = days_to_settlement(dates, N_CONTRACTS)
    np.testing.assert_allclose(np.log(plain / flat), 0.09 * (1.0 - np.exp(-days / 60.0)), rtol=1e-10)


def test_indices_that_contradict_each_other_leave_the_lowest_forward_volatility():
    points = np.array([[80.0, 60.0, 20.0, 18.0, 18.0]])
    assert futures_of(points, build_curve(np.array([[31]]), TENOR_DAYS, 0.0, 25.0))[0, 0] == 5.0


def test_without_an_index_the_futures_that_need_it_are_unknown():
    dates = sessions("2018-01-17", "2018-01-17").dates  # Settlement in 28, 63, 91, 119 and 154 days
    points = np.array([[15.0, 16.0, 17.0, 18.0]])
    known = np.isfinite(futures_on(dates, points, REAL_TENORS, *CONVEXITY))[0]
    assert known.tolist() == [True] * 5 + [False] * 3
    points[0, 0] = np.nan  # Beyond 93 days the curve asks for the index before that and no other
    known = np.isfinite(futures_on(dates, points, REAL_TENORS, *CONVEXITY))[0]
    assert known.tolist() == [False] * 3 + [True] * 2 + [False] * 3


def test_a_block_of_paths_has_the_bits_of_a_file():
    date = sessions("2018-02-05", "2018-02-05").dates
    curve = build_curve(days_to_settlement(date, N_CONTRACTS), TENOR_DAYS, *CONVEXITY)
    points, prices = drawn_points(LANES), np.zeros((N_CONTRACTS, LANES))
    price_futures(curve.weight[0], curve.below[0], np.ascontiguousarray(points.T), prices)
    repeated = type(curve)(*(np.repeat(values, LANES, axis=0) for values in curve))
    np.testing.assert_array_equal(prices.T, futures_of(points, repeated))


BINS = ((0, 7, 1.018), (7, 20, 1.014), (20, 35, 1.004), (35, 63, 0.998), (63, 100, 1.007), (100, 154, 0.999))
"""Days to settlement above and up to, and the median of real futures over the formula, 2011 to 2017."""


def test_real_futures_over_the_formula_by_days_to_settlement(shared_folder):
    folder = shared_folder / "data"
    futures = pl.read_csv(folder / "vix_futures_settle_2006_2017.csv", try_parse_dates=True)
    both = futures.join(pl.read_csv(folder / "cboe_indices_close.csv", try_parse_dates=True), on="date", how="left")
    dates = both["date"].to_numpy().astype("datetime64[D]")
    points = both.select("VIX9D", "VIX", "VIX3M", "VIX6M").cast(pl.Float64).to_numpy()
    real = both.select(f"M{month}" for month in range(1, 9)).cast(pl.Float64).to_numpy()
    formula, days = futures_on(dates, points, REAL_TENORS, *CONVEXITY), days_to_settlement(dates, N_CONTRACTS)
    complete = np.isfinite(points).all(axis=1)[:, None]
    for above, until, ratio in BINS:
        inside = complete & (days > above) & (days <= until) & np.isfinite(real) & np.isfinite(formula)
        assert inside.sum() > 400
        assert np.median(real[inside] / formula[inside]) == pytest.approx(ratio, abs=0.002)
        assert np.corrcoef(real[inside], formula[inside])[0, 1] > 0.98
