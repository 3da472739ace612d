"""Arrow arrays over numpy's memory, against those that pyarrow makes itself."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from flowsim.run.arrow import column, content, named

DAYS = np.array(["1969-12-31", "1970-01-01", "2024-02-29"], "datetime64[D]")


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (np.array([-3, 0, 7]), pa.int16()),
        (np.array([-3, 0, 7]), pa.int32()),
        (np.array([0.1, np.nan, -np.inf])[::-1], pa.float64()),
        (DAYS, pa.date32()),
        (DAYS.astype("datetime64[us]"), pa.timestamp("us")),
        (np.zeros(0), pa.float64()),
    ],
)
def test_a_column_is_what_pyarrow_makes_of_the_same_numbers(values, kind):
    theirs = pa.array(values, kind)
    ours = column(values, kind)
    ours.validate(full=True)
    assert (ours.type, ours.null_count) == (theirs.type, 0)
    np.testing.assert_array_equal(ours.to_numpy(zero_copy_only=False), theirs.to_numpy(zero_copy_only=False))


def test_a_masked_column_is_what_pyarrow_makes_of_it():
    unknown = np.arange(21) % 3 == 0
    ours = column(np.arange(21), pa.int32(), unknown)
    ours.validate(full=True)
    assert ours.equals(pa.array(np.arange(21), pa.int32(), mask=unknown))


def test_names_are_found_by_their_position():
    ours = named(np.array([1, 0, 1, 2], np.int16), ["a", "été", ""])
    ours.validate(full=True)
    assert ours.to_pylist() == ["été", "a", "été", ""]


def test_the_content_of_a_column_is_its_numbers_with_null_as_minus_one_and_days_in_64_bits():
    assert content(column(np.array([5, 6]), pa.int32(), np.array([False, True]))) == np.array([5, -1], "<i4").tobytes()
    assert content(column(DAYS, pa.date32())) == np.array([-1, 0, 19782], "<i8").tobytes()
    assert content(named(np.array([1, 0], np.int16), ["a", "b"])) == np.array([1, 0], "<i2").tobytes()
