"""High and low of a price file, where it has them."""

import numpy as np
import polars as pl

from flowsim.data.prices import Prices
from flowsim.data.ranges import read_ranges

TEXT = "Date,Open,High,Low,Close\n2020-01-02,1,110,100,105\n2020-01-03,1,100,100,100\n2020-01-06,1,,100,101\n"


def test_ranges_are_the_log_of_high_over_low_and_nan_where_there_is_none(tmp_path):
    file = tmp_path / "ohlc.csv"
    file.write_text(TEXT)
    found = read_ranges(file)
    assert found is not None
    np.testing.assert_allclose(found.log_range, [np.log(1.1), np.nan, np.nan])
    days = np.array(["2020-01-02", "2020-01-07"], "datetime64[D]")
    np.testing.assert_allclose(found.on(days), [np.log(1.1), np.nan])


def test_a_table_has_ranges_too_and_closes_alone_have_none():
    table = pl.DataFrame(
        {"date": ["2020-01-02", "2020-01-03"], "high": [3.0, 5.0], "low": [2.0, 4.0], "close": [2.5, 4.5]}
    )
    found = read_ranges(table)
    assert found is not None
    np.testing.assert_allclose(found.log_range, np.log([1.5, 1.25]))
    assert read_ranges(table.drop("high")) is None
    assert read_ranges(None) is None
    assert read_ranges(Prices(found.dates, np.array([2.5, 4.5]), "made")) is None
