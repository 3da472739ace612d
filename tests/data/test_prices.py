import datetime
import gzip
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowsim.clock import FIRST_DATE
from flowsim.data.prices import Prices, default_prices, read_prices
from flowsim.errors import InputError

DATES = [datetime.date(2019, 1, 2), datetime.date(2019, 1, 3)]
CLOSES = [2510.03, 2447.89]

FORMS = {
    "Cboe": "DATE,OPEN,HIGH,LOW,CLOSE\n01/02/2019,1,2,3,2510.03\n01/03/2019,1,2,3,2447.89\n",
    "Cboe, one value": "DATE,SPX\n01/02/2019,2510.03\n01/03/2019,2447.89\n",
    "Yahoo": "Date,Open,High,Low,Close,Adj Close,Volume\n2019-01-02,1,2,3,2510.03,9,5\n2019-01-03,1,2,3,2447.89,9,5\n",
    "Yahoo with times": "Date,Close\n2019-01-02 00:00:00-05:00,2510.03\n2019-01-03 00:00:00-05:00,2447.89\n",
    "unpadded days": "Date,Close\n1/2/2019,2510.03\n1/3/2019,2447.89\n",
    "lower case": "date,open,high,low,close,volume,src\n2019-01-02,1,2,3,2510.03,0,x\n2019-01-03,1,2,3,2447.89,0,x\n",
    "numbered rows": ",Date,Close\n0,2019-01-02,2510.03\n1,2019-01-03,2447.89\n",
    "byte order mark": "\ufeffDate,Close\n2019-01-02,2510.03\n2019-01-03,2447.89\n",
    "Windows line ends": "Date,Close\r\n2019-01-02,2510.03\r\n2019-01-03,2447.89\r\n",
    "quotes and spaces": '"Date", "Close"\n"2019-01-02", 2510.03\n"2019-01-03",2.44789e3 \n',
    "empty lines": "\nDate,Close\n\n2019-01-02,2510.03\n2019-01-03,2447.89\n\n,\n",
}

REMEDY = "; give the index level as a positive number"
NAME_IT = "; name the one that counts by `columns={'close': 'NAME'}`"
NO_DATE = "call it 'date', or name it by `columns={'date': 'NAME'}`"
NOTHING = " is empty; it needs a header line and one line for each row of the table"
EMPTY = " is empty; it needs a header line and one row for each day"
TRADED = "on which NYSE traded; give the index level as a positive number, or remove the row"
CSV_FAULTS = {
    "no close": (
        "Date,Open,Adj Close\n2019-01-02,1,2\n",
        f" has no column named 'close' among 'Date', 'Open', 'Adj Close'{NAME_IT}",
    ),
    "no date": ("Day of,Close\none,1\n", f" has no column of dates among 'Day of', 'Close'; {NO_DATE}"),
    "two closes": (
        "Date,Close,close \n2019-01-02,1,2\n",
        f" has 2 columns that could be the close among 'Close', 'close'{NAME_IT}",
    ),
    "no table at all": (f"{50 * 'a'}\nand on\n", f" has no column of dates among '{37 * 'a'}...'; {NO_DATE}"),
    "nothing": ("", NOTHING),
    "blank": (" \n\n", NOTHING),
    "only a header": ("Date,Close\n", EMPTY),
    "text": (
        "Date,Close\n2019-01-02,2510\n2019-01-03,dear\n",
        f", row 3: the close is 'dear', which is not a number{REMEDY}",
    ),
    "a word for nothing on a session": (
        "Date,Close\n2019-01-02,2510\n2019-01-03,null\n",
        f", row 3: the close is 'null' on 2019-01-03, {TRADED}",
    ),
    "NaN on a session": ("Date,Close\n2019-01-02,NaN\n", f", row 2: the close is 'NaN' on 2019-01-02, {TRADED}"),
    "no value on a session": ("Date,Close\n2019-01-02,\n", f", row 2: the close is empty on 2019-01-02, {TRADED}"),
    "no value on any day": ("Date,Close\n2019-01-01,\n", f" has no close in any of its 1 rows{REMEDY} in each"),
    "zero": ("Date,Close\n2019-01-02,0.0\n", f", row 2: the close is 0.0{REMEDY}"),
    "negative": ("Date,Close\n2019-01-02,-2510\n", f", row 2: the close is -2510{REMEDY}"),
    "infinite": ("Date,Close\n2019-01-02,inf\n", f", row 2: the close is inf{REMEDY}"),
    "two marks": (
        "Date;Close\n2019-01-02;2.510,03\n2019-01-03;2.447,89\n2019-01-04;2,531.94\n",
        f", row 4: the close is '2,531.94', which is not a number{REMEDY}",
    ),
    "thousands": (
        "Date,Close\n2019-01-02,2,510.03\n",
        ", row 2: 3 fields where the header has 2; write one value for each column, numbers with thousands separators"
        " in quotes",
    ),
    "a short line": (
        "Date,Open,Close\n2019-01-02,1,2\n2019-01-03,1\n",
        ", row 3: 2 fields where the header has 3; write one value for each column, numbers with thousands separators"
        " in quotes",
    ),
    "twice": (
        "Date,Close\n2019-01-02,1\n2019-01-02,2\n",
        ", row 3: the date 2019-01-02 is there twice; keep one of the two rows",
    ),
    "out of order": (
        "Date,Close\n2019-01-03,1\n2019-01-02,2\n2019-01-04,2\n2019-01-07,2\n",
        ", row 3: the date 2019-01-02 comes after 2019-01-03; sort the rows by date",
    ),
    "no such day": (
        "Date,Close\n2019-02-30,1\n",
        ", row 2: the date is '2019-02-30'; write it as YYYY-MM-DD",
    ),
    "month and day the other way round": (
        "Date,Close\n01/22/2019,1\n01/23/2019,1\n24/01/2019,1\n",
        ", row 4: the date is '24/01/2019'; the others are MM/DD/YYYY",
    ),
    "no day": ("Date,Close\n,1\n", ", row 2: the date is ''; write it as YYYY-MM-DD"),
    "a fault after an empty line and a quoted line break": (
        '\nDate,Note,Close\n\n2019-01-02,"a\nb",1\n2019-01-03,c,x\n',
        f", row 6: the close is 'x', which is not a number{REMEDY}",
    ),
}

BINARY = {
    "a spreadsheet": b"PK\x03\x04\x14\x00\x06\x00",
    "a picture": b"\x89PNG\r\n\x1a\n",
    "half of a gzip file": gzip.compress(b"Date,Close\n2019-01-02,1\n")[:-12],
    "a damaged gzip file": gzip.compress(b"Date,Close\n2019-01-02,1\n")[:10] + b"\xff" * 20,
}


def written(folder, content, name="prices.csv"):
    file = folder / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
def test_every_common_form_of_csv_gives_the_same_closes(tmp_path, text):
    prices = read_prices(written(tmp_path, text))
    assert prices.dates.tolist() == DATES
    assert prices.close.tolist() == CLOSES
    assert (prices.dates.dtype, prices.close.dtype, prices.source) == ("datetime64[D]", np.float64, "prices.csv")


@pytest.mark.parametrize(
    "column",
    [
        pl.Series("Date", DATES),
        pl.Series("date", DATES).cast(pl.Datetime("ns")),
        pl.Series("DATE", DATES).cast(pl.Datetime("us")).dt.replace_time_zone("America/New_York"),
        pl.Series("Date", ["2019-01-02", "2019-01-03"]),
        pl.Series("Date", ["01/02/2019", "01/03/2019"]),
    ],
    ids=["date", "datetime", "datetime in New York", "text", "American text"],
)
@pytest.mark.parametrize("kind", [pl.Float64, pl.String])
def test_every_form_of_parquet_gives_the_same_closes(tmp_path, column, kind):
    file = tmp_path / "prices.parquet"
    pl.DataFrame([column, pl.Series("Close", CLOSES).cast(kind)]).write_parquet(file)
    prices = read_prices(file)
    assert prices.dates.tolist() == DATES
    assert prices.close.tolist() == CLOSES


def test_a_gzipped_csv_file_is_read_as_it_is(tmp_path):
    file = written(tmp_path, gzip.compress(FORMS["Yahoo"].encode()), "prices.csv.gz")
    assert read_prices(file).close.tolist() == CLOSES


@pytest.mark.parametrize(("text", "message"), CSV_FAULTS.values(), ids=CSV_FAULTS)
def test_each_fault_of_a_csv_file_is_named_with_row_value_and_remedy(tmp_path, text, message):
    file = written(tmp_path, text)
    with pytest.raises(InputError) as refusal:
        read_prices(file)
    assert str(refusal.value) == f"{file}{message}"


@pytest.mark.parametrize("content", BINARY.values(), ids=BINARY)
def test_a_file_that_is_not_a_table_is_refused(tmp_path, content):
    file = written(tmp_path, content)
    with pytest.raises(InputError) as refusal:
        read_prices(file)
    assert str(refusal.value) == f"{file} is not a CSV, Parquet or Excel file; save the table as one of these"


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"date": DATES, "open": CLOSES, "x": CLOSES}, " has no column named 'close' among 'date', 'open', 'x'"),
        ({"date": DATES, "close": [1.0, None]}, ", row 2: the close is empty"),
        ({"date": DATES, "close": [1.0, float("nan")]}, ", row 2: the close is 'NaN' on 2019-01-03"),
        ({"date": DATES, "close": [1, 0]}, ", row 2: the close is 0; give"),
        ({"date": [1, 2], "close": CLOSES}, ", row 1: the date is '1'; write it as"),
        ({"date": [DATES[0], None], "close": CLOSES}, ", row 2: the date is ''; write it as"),
        (
            {"date": pl.Series([2**62] * 2).cast(pl.Datetime("ms")), "close": CLOSES},
            ", row 1: the date is ''; write it",
        ),
        ({"date": pl.Series([2**31 - 5] * 2).cast(pl.Int32).cast(pl.Date), "close": CLOSES}, ", row 1: the date is ''"),
        (
            {"date": [[1], [2]], "close": CLOSES},
            ": the column 'date' is of type List(Int64); it must hold dates, numbers or text",
        ),
        (
            {"date": DATES, "close": [[1.0], [2.0]]},
            ": the column 'close' is of type List(Float64); it must hold dates, numbers or text",
        ),
        (
            {"date": DATES, "close": [b"\xff", b"1"]},
            ": the column 'close' is of type Binary; it must hold dates, numbers",
        ),
        ({"date": [datetime.timedelta(1)], "close": [1.0]}, ": the column 'date' is of type Duration"),
        ({"date": [], "close": []}, EMPTY),
    ],
)
def test_each_fault_of_a_parquet_file_is_named_with_its_row(tmp_path, table, message):
    file = tmp_path / "prices.parquet"
    pl.DataFrame(table).write_parquet(file)
    with pytest.raises(InputError) as refusal:
        read_prices(file)
    assert str(refusal.value).startswith(f"{file}{message}")


@pytest.mark.parametrize("length", [4, 12, 100, 300])
def test_a_cut_off_parquet_file_is_refused(tmp_path, length):
    file = tmp_path / "prices.parquet"
    pl.DataFrame({"date": DATES, "close": CLOSES}).write_parquet(file)
    file.write_bytes(file.read_bytes()[:length])
    with pytest.raises(InputError, match="is a damaged Parquet file; write it again"):
        read_prices(file)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(
        InputError, match=r"nowhere\.csv: no such file; name a CSV, Parquet or Excel file of daily closes"
    ):
        read_prices(tmp_path / "nowhere.csv")
    with pytest.raises(InputError, match="no such file"):
        read_prices(tmp_path)


def closes_or_message(file):
    try:
        return read_prices(file)
    except InputError as refusal:
        return str(refusal)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(content=st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
def test_no_file_ever_gives_anything_but_prices_or_one_sentence(tmp_path, content):
    for start in (b"", b"Date,Close\n", b"Date,Close\n2019-01-02,1\n", b"PAR1", b"\x1f\x8b"):
        file = written(tmp_path, start + content)
        outcome = closes_or_message(file)
        if isinstance(outcome, Prices):
            assert np.all(outcome.close > 0.0)
            assert np.all(np.diff(outcome.dates).astype(int) > 0)
        else:
            assert outcome.startswith(str(file))


def test_the_digest_depends_on_the_content_and_not_on_the_file(tmp_path):
    yahoo = read_prices(written(tmp_path, FORMS["Yahoo"], "yahoo.csv"))
    cboe = read_prices(written(tmp_path, FORMS["Cboe"], "cboe.csv"))
    other = Prices(yahoo.dates, yahoo.close + 0.01, yahoo.source)
    assert yahoo.digest == cboe.digest
    assert len(yahoo.digest) == 64
    assert other.digest != yahoo.digest


def test_the_shipped_index_has_every_session_of_1999_to_2018():
    prices = default_prices()
    # 252 sessions in 1999 and 4,779 from 2000 to 2018; first and last close as published.
    history = prices.require_history("2018-12-31", 5031, "everything")
    assert (history.dates[0], len(prices)) == (np.datetime64("1999-01-04"), 5031)
    assert (prices.close[0], prices.close[-1]) == (1228.099976, 2506.850098)
    assert prices.source == "arch.data.sp500"


def test_the_shipped_index_is_read_without_importing_arch_pandas_or_polars():
    code = (
        "import sys; from flowsim.data.prices import default_prices; default_prices();"
        "print({'arch', 'pandas', 'polars'} & set(sys.modules))"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed == "set()\n"


def test_a_missing_arch_package_is_named(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    default_prices.cache_clear()
    with pytest.raises(InputError, match="install the package arch or name a file of prices"):
        default_prices()


def test_the_real_index_has_every_session_since_1970():
    folder = Path(os.environ.get("FLOWSIM_SHARED", Path(__file__).parents[2] / "shared"))
    file = folder / "data" / "spx_daily.csv"
    if not file.is_file():
        pytest.skip(f"needs real data in {folder}; set FLOWSIM_SHARED")
    prices = read_prices(file)
    n_sessions = int((prices.dates >= FIRST_DATE).sum())
    history = prices.require_history(prices.dates[-1], n_sessions, "everything")
    assert history.dates[0] == FIRST_DATE
    both = default_prices()
    same_days = np.isin(prices.dates, both.dates)
    assert np.allclose(prices.close[same_days], both.close, rtol=1e-4)


def test_columns_of_other_names_are_read_where_they_are_named(tmp_path):
    (tmp_path / "own.csv").write_text("Day,Px,Close\n2024-01-02,4742.83,1\n2024-01-03,4704.81,2\n")
    prices = read_prices(tmp_path / "own.csv", {"date": "Day", "close": "Px"})
    assert prices.close.tolist() == [4742.83, 4704.81]


def test_a_named_column_that_is_not_there_is_refused(tmp_path):
    (tmp_path / "own.csv").write_text("Date,Close\n2024-01-02,4742.83\n")
    with pytest.raises(InputError, match=r"no columns named 'Px' among 'Date', 'Close'"):
        read_prices(tmp_path / "own.csv", {"close": "Px"})
