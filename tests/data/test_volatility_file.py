"""Files of volatility indices: what is read, and what each faulty one is told."""

import gzip

import numpy as np
import polars as pl
import pytest

from flowsim.data.volatility_file import read_volatility
from flowsim.errors import InputError

GOOD = "date,VIX,VIX9D,VVIX\n2019-01-02,23.2,,x\n2019-01-03,25.5,26.1,\n"


def written(folder, text, name="vol.csv"):
    (folder / name).write_text(text)
    return folder / name


def test_closes_are_read_by_name_and_an_empty_field_is_a_day_without_one(tmp_path):
    found = read_volatility(written(tmp_path, GOOD))
    assert found.indices.keys() == {"VIX", "VIX9D"}
    np.testing.assert_array_equal(found.indices["VIX"], [23.2, 25.5])
    np.testing.assert_array_equal(found.indices["VIX9D"], [np.nan, 26.1])
    assert found.dates.astype(str).tolist() == ["2019-01-02", "2019-01-03"]


@pytest.mark.parametrize(
    "text",
    [
        "DATE, vix ,Vix9d\n01/02/2019,23.2,\n01/03/2019,25.5, 26.1\n",
        "date,VIX,VIX9D\n2019-01-02 16:15,23.2,\n\n2019-01-03 16:15,25.5,26.1\n",
    ],
    ids=["as Cboe writes it", "with the time of day and an empty line"],
)
def test_other_ways_of_writing_the_same_closes(tmp_path, text):
    same, found = read_volatility(written(tmp_path, GOOD)), read_volatility(written(tmp_path, text, "other.csv"))
    np.testing.assert_array_equal(found.dates, same.dates)
    for name, values in same.indices.items():
        np.testing.assert_array_equal(found.indices[name], values)


@pytest.mark.parametrize("kind", ["gzip", "parquet", "parquet of text"])
def test_other_files_of_the_same_closes(tmp_path, kind):
    same = read_volatility(written(tmp_path, GOOD))
    table = pl.read_csv(GOOD.encode(), try_parse_dates=kind == "parquet", infer_schema=kind == "parquet")
    if kind == "gzip":
        (tmp_path / "other").write_bytes(gzip.compress(GOOD.encode()))
    else:
        table.write_parquet(tmp_path / "other")
    found = read_volatility(tmp_path / "other")
    np.testing.assert_array_equal(found.dates, same.dates)
    np.testing.assert_array_equal(found.indices["VIX9D"], same.indices["VIX9D"])


def test_closes_are_found_by_date_and_unknown_on_others(tmp_path):
    dates = np.array(["2019-01-01", "2019-01-03", "2019-01-04"], "datetime64[D]")
    np.testing.assert_array_equal(read_volatility(written(tmp_path, GOOD)).on(dates)["VIX"], [np.nan, 25.5, np.nan])


def test_a_file_of_other_days_is_refused_with_both_ranges(tmp_path):
    with pytest.raises(InputError, match=r"vol.csv has closes from 2019-01-02 to 2019-01-03.*1999-01-04 to 1999-01-05"):
        read_volatility(written(tmp_path, GOOD)).on(np.array(["1999-01-04", "1999-01-05"], "datetime64[D]"))


FAULTS = {
    "no date": ("of,VIX\nx,20\n", "no column of dates among 'of', 'VIX'"),
    "no index": (
        "date,close\n2019-01-02,20\n",
        "no column named VIX1D, VIX9D, VIX, VIX3M or VIX6M among 'date', 'close'",
    ),
    "one twice": ("date,VIX,vix\n2019-01-02,20,21\n", "2 columns named 'VIX'"),
    "nothing": ("", "is empty"),
    "header only": ("date,VIX\n", "is empty"),
    "not a number": ("date,VIX\n2019-01-02,20\n2019-01-03,calm\n", "row 3: VIX is 'calm'; give it in points"),
    "not positive": ("date,VIX,VIX3M\n2019-01-02,20,-1\n", "row 2: VIX3M is '-1'; give it in points"),
    "infinite": ("date,VIX\n2019-01-02,inf\n", "row 2: VIX is 'inf'"),
    "date": ("date,VIX\n\n2019-02-30,20\n", "row 3: the date is '2019-02-30'; write it as YYYY-MM-DD"),
    "no date in a row": ("date,VIX\n,20\n", "row 2: the date is ''"),
    "date twice": ("date,VIX\n2019-01-02,20\n2019-01-02,20\n", "row 3: the date 2019-01-02 is there twice"),
    "out of order": (
        "date,VIX\n2019-01-03,20\n2019-01-02,20\n2019-01-04,20\n2019-01-07,20\n",
        "row 3: the date 2019-01-02 comes after 2019-01-03",
    ),
    "fields": ("date,VIX\n2019-01-02,1,020\n", "row 2: 3 fields where the header has 2"),
    "bytes": ("PK\0\1", "is not a CSV, Parquet or Excel file"),
    "damaged": ("PAR1 and no more", "is a damaged Parquet file"),
}


@pytest.mark.parametrize(("text", "said"), FAULTS.values(), ids=FAULTS)
def test_a_faulty_file_is_refused_with_its_name_the_value_and_the_remedy(tmp_path, text, said):
    with pytest.raises(InputError) as refused:
        read_volatility(written(tmp_path, text))
    assert said in str(refused.value)
    assert str(tmp_path / "vol.csv") in str(refused.value)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_volatility(tmp_path / "nowhere.csv")


def test_a_column_of_lists_is_refused(tmp_path):
    pl.DataFrame({"date": ["2019-01-02"], "VIX": [[1.0, 2.0]]}).write_parquet(tmp_path / "a.parquet")
    with pytest.raises(InputError, match="it must hold dates, numbers or text"):
        read_volatility(tmp_path / "a.parquet")


def test_a_date_past_those_of_the_calendar_is_refused(tmp_path):
    dates = pl.Series([2**62], dtype=pl.Int64).cast(pl.Datetime("us"))
    pl.DataFrame({"date": dates, "VIX": [20.0]}).write_parquet(tmp_path / "a.parquet")
    with pytest.raises(InputError, match="row 1: the date is ''"):
        read_volatility(tmp_path / "a.parquet")
