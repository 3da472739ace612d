"""Files of VIX futures: what is read, and what each faulty one is told."""

import numpy as np
import polars as pl
import pytest

from flowsim.data.futures_file import read_futures
from flowsim.errors import InputError

GOOD = "date,M1,M2,M3,M6\n2019-01-02,22.4,21.9,,20.1\n2019-01-03,24.1,22.8,22.0,\n"


def written(folder, text, name="futures.csv"):
    (folder / name).write_text(text)
    return folder / name


def test_prices_are_read_by_month_and_an_empty_field_is_a_month_without_one(tmp_path):
    found = read_futures(written(tmp_path, GOOD))
    assert found.dates.astype(str).tolist() == ["2019-01-02", "2019-01-03"]
    nan = np.nan
    expected = [[22.4, 21.9, nan, nan, nan, 20.1, nan, nan], [24.1, 22.8, 22.0, nan, nan, nan, nan, nan]]
    np.testing.assert_array_equal(found.prices, expected)
    assert read_futures(found) is found


@pytest.mark.parametrize("word", ["VX", "ux", "F"])
def test_other_names_of_the_months(tmp_path, word):
    same = read_futures(written(tmp_path, GOOD.replace("M", word), "other.csv"))
    np.testing.assert_array_equal(same.prices, read_futures(written(tmp_path, GOOD)).prices)


def test_a_table_of_polars_and_names_of_its_own(tmp_path):
    table = pl.read_csv(GOOD.encode(), try_parse_dates=True).rename({"M1": "front", "M2": "next"})
    found = read_futures(table, {"M1": "front", "M2": "next"})
    np.testing.assert_array_equal(found.prices, read_futures(written(tmp_path, GOOD)).prices)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD.replace("M2", "second"), r"no column named M2 among .*; call it so, or name it by `columns=\{'M2'"),
        (GOOD.replace("21.9", "x"), r"row 2: M2 is 'x'; give it in points as a positive number, or leave it empty"),
        (GOOD.replace("24.1", "0.241"), r"row 3: M1 is 0\.241 on 2019-01-03, and lies between 2 and 200 points"),
        (GOOD.replace("2019-01-03", "2019-01-02"), r"row 3: the date 2019-01-02 is there twice; keep one"),
        (GOOD.replace("M3", "VX1"), r"has 2 columns named 'M1'; keep one of them"),
        ("date,M1,M2\n", r"is empty; it needs a header line and one row for each day"),
    ],
)  # fmt: skip
def test_a_faulty_file_is_told_its_fault_in_one_sentence(tmp_path, text, said):
    with pytest.raises(InputError, match=rf"futures\.csv,? .*{said}") as caught:
        read_futures(written(tmp_path, text))
    assert "\n" not in str(caught.value)


def test_a_name_that_nobody_asks_for_is_refused(tmp_path):
    with pytest.raises(InputError, match="columns names 'VIX', which is not read here; name date, M1"):
        read_futures(written(tmp_path, GOOD), {"VIX": "M1"})
