"""Price files as vendors write them, read as they come; docs/data.md lists the forms."""

from __future__ import annotations

import datetime

import numpy as np
import openpyxl
import pandas as pd
import polars as pl
import pytest
from helpers.vendor_files import CLOSED, CLOSES, DATES, PRICE_FILES, encoded

from flowsim.data.prices import read_prices
from flowsim.errors import InputError


def written(folder, content, name="closes.csv"):
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder / name


@pytest.mark.parametrize("form", PRICE_FILES)
def test_every_vendors_file_gives_the_same_closes_oldest_first(tmp_path, form):
    prices = read_prices(written(tmp_path, PRICE_FILES[form]))
    assert prices.dates.tolist() == DATES
    assert prices.close.tolist() == CLOSES


@pytest.mark.parametrize("way", encoded("é"))
def test_every_encoding_and_wrapping_gives_the_same_closes(tmp_path, way):
    prices = read_prices(written(tmp_path, encoded(PRICE_FILES["French Excel"].replace("\u202f", " "))[way]))
    assert prices.close.tolist() == CLOSES


def test_rows_are_lines_of_the_file_also_where_the_newest_day_is_first(tmp_path):
    turned = read_prices(written(tmp_path, PRICE_FILES["investing.com"]))
    assert turned.rows is not None
    assert turned.rows.tolist() == list(range(8, 1, -1))
    deep = read_prices(written(tmp_path, PRICE_FILES["Bloomberg"]))
    assert deep.rows is not None
    assert deep.rows.tolist() == list(range(6, 13))


def test_what_was_read_as_what_is_said_in_one_line(tmp_path):
    file = written(tmp_path, PRICE_FILES["European Excel with thousands"])
    assert read_prices(file).read_as == (
        f"{file}: 7 closes from 2025-08-22 to 2025-09-02 in 'Kurs'; dates in 'Datum' as DD/MM/YYYY; decimal commas"
    )
    file = written(tmp_path, PRICE_FILES["FRED"])
    assert read_prices(file).read_as == (
        f"{file}: 7 closes from 2025-08-22 to 2025-09-02 in 'SP500'; dates in 'observation_date' as YYYY-MM-DD;"
        " 1 closed day without a value passed over"
    )
    file = written(tmp_path, PRICE_FILES["Alpha Vantage"])
    assert "newest first and turned round" in read_prices(file).read_as


def workbook(folder, rows, *, notes=False, name="closes.xlsx"):
    book = openpyxl.Workbook()
    sheet = book.active
    if notes:
        sheet.append(["FRED, Federal Reserve Economic Data"])
        sheet = book.create_sheet("Daily")
        sheet.append([])
        sheet.append(["Frequency: daily"])
    for row in rows:
        sheet.append(row)
    book.save(folder / name)
    return folder / name


@pytest.mark.parametrize("notes", [False, True])
def test_a_workbook_is_read_from_the_first_sheet_with_a_table_and_rows_are_those_of_the_sheet(tmp_path, notes):
    file = workbook(tmp_path, [["Datum", "Schluss"], *zip(DATES, CLOSES, strict=True)], notes=notes)
    prices = read_prices(file)
    assert (prices.dates.tolist(), prices.close.tolist()) == (DATES, CLOSES)
    assert prices.rows is not None
    assert prices.rows[0] == (4 if notes else 2)


def test_a_workbook_of_text_and_times_is_read_too(tmp_path):
    times = [datetime.datetime.combine(day, datetime.time(16)) for day in DATES]
    assert read_prices(workbook(tmp_path, [["Date", "Last"], *zip(times, CLOSES, strict=True)])).dates.tolist() == DATES
    texts = [(f"{day:%d.%m.%Y}", f"{close:.2f}".replace(".", ",")) for day, close in zip(DATES, CLOSES, strict=True)]
    assert read_prices(workbook(tmp_path, [["Date", "Last"], *texts])).close.tolist() == CLOSES


def test_a_workbook_without_what_reads_it_is_refused_with_the_extra(tmp_path, monkeypatch):
    file = workbook(tmp_path, [["Date", "Close"]])
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(
        InputError, match=r"is an Excel file, which needs the extra excel; install flowsim-market\[excel\]"
    ):
        read_prices(file)


def test_a_damaged_workbook_is_refused(tmp_path):
    content = workbook(tmp_path, [["Date", "Close"], [DATES[0], 1.0]]).read_bytes()
    for damaged in (content[:500], content[:-100], b"PK\x03\x04" + bytes(200), b"\xd0\xcf\x11\xe0" + bytes(200)):
        with pytest.raises(InputError, match=r"damaged Excel file|is not a CSV, Parquet or Excel file"):
            read_prices(written(tmp_path, damaged))


FRAME = pd.DataFrame({"Close": CLOSES, "Volume": 5}, index=pd.DatetimeIndex(DATES, name="Date"))
TWO_LEVELS = FRAME.set_axis(pd.MultiIndex.from_tuples([("Close", "^GSPC"), ("Volume", "^GSPC")]), axis=1)
TABLES = {
    "pandas with dates in the index": FRAME,
    "pandas with a time zone": FRAME.tz_localize("America/New_York"),
    "pandas with columns of two levels": TWO_LEVELS,
    "pandas with an index of no name": FRAME.rename_axis(None),
    "pandas with plain columns": FRAME.reset_index(),
    "a pandas series": FRAME["Close"],
    "pandas of text": FRAME.reset_index().astype(str),
    "pandas of objects": FRAME.reset_index().astype(object),
    "polars": pl.DataFrame({"date": DATES, "close": CLOSES}),
    "polars, lazy": pl.DataFrame({"date": DATES, "close": CLOSES}).lazy(),
    "polars, newest first": pl.DataFrame({"date": DATES[::-1], "close": CLOSES[::-1]}),
    "arrow": pl.DataFrame({"date": DATES, "close": CLOSES}).to_arrow(),
}


@pytest.mark.parametrize("kind", TABLES)
def test_every_table_in_memory_gives_the_same_closes(kind):
    prices = read_prices(TABLES[kind])
    assert prices.dates.tolist() == DATES
    assert prices.close.tolist() == CLOSES
    assert prices.source == "prices"


def test_prices_are_returned_as_they_are():
    prices = read_prices(TABLES["polars"])
    assert read_prices(prices) is prices


@pytest.mark.parametrize("given", [7, [1.0, 2.0], np.ones(3), b"closes.csv"])
def test_what_is_neither_a_path_nor_a_table_is_refused_by_its_type(given):
    with pytest.raises(InputError, match=f"prices is of type {type(given).__name__}; give a path, or a table"):
        read_prices(given)


def test_a_fault_of_a_table_in_memory_is_named_with_its_row():
    table = pl.DataFrame({"date": DATES, "close": [*CLOSES[:-1], None]})
    with pytest.raises(InputError, match=r"prices, row 7: the close is empty on 2025-09-02, on which NYSE traded"):
        read_prices(table)


def test_columns_may_be_named_by_number_where_there_is_no_header(tmp_path):
    text = PRICE_FILES["Cboe"].split("\n", 1)[1]
    with pytest.raises(InputError, match=r"no column named 'close' among 'column 1', .*'column 5'"):
        read_prices(written(tmp_path, text))
    assert read_prices(tmp_path / "closes.csv", {"close": "5"}).close.tolist() == CLOSES


def test_a_name_that_no_column_is_read_as_is_refused(tmp_path):
    with pytest.raises(InputError, match="columns names 'open', which is not read here; name date, close"):
        read_prices(written(tmp_path, PRICE_FILES["Cboe"]), {"open": "OPEN"})


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("~nobody-of-this-name/closes.csv", "no user is called 'nobody-of-this-name'; write the path without ~"),
        ("x" * 5000, r"x\.\.\. \(5,000 letters\): no file has this name"),
        ("closes\0.csv", "no such file"),
    ],
)
def test_a_path_that_no_file_can_have_is_refused(name, said):
    with pytest.raises(InputError, match=said):
        read_prices(name)


def test_an_archive_of_several_files_and_a_web_page_are_refused(tmp_path):
    import zipfile

    with zipfile.ZipFile(tmp_path / "closes.zip", "w") as packed:
        packed.writestr("a.csv", "x")
        packed.writestr("b.csv", "x")
    with pytest.raises(InputError, match="is an archive of 2 files; unpack it, and name one of them"):
        read_prices(tmp_path / "closes.zip")
    with pytest.raises(InputError, match="is a web page and not a table"):
        read_prices(written(tmp_path, "<!DOCTYPE html>\n<html><table><tr><td>2025-01-02"))


def test_a_name_of_several_lines_is_one_name_and_a_quotation_mark_that_is_not_closed_is_named(tmp_path):
    file = tmp_path / "closes.csv"
    text = 'Date,"Close\nprice"\n' + "".join(f"2025-08-{day},16{day}1.5\n" for day in (21, 22, 25, 26, 27, 28, 29))
    file.write_text(text)
    assert len(read_prices(file)) == 7
    file.write_text(text.replace("2025-08-22,", '2025-08-22,"'))
    with pytest.raises(InputError) as caught:
        read_prices(file)
    assert str(caught.value) == (
        f"{file}, row 4: a quotation mark opens a field that goes on for 7 lines; close it, or remove it"
    )


def test_json_is_refused_as_such(tmp_path):
    file = tmp_path / "closes.csv"
    for text in ('[{"date": "2025-08-21", "close": 1651.5}]', '{"Meta Data": {}}', "[[1755734400000, 1651.5]]"):
        file.write_text(text)
        with pytest.raises(InputError, match=r"is JSON and not a table; save it as CSV"):
            read_prices(file)


def test_a_closed_day_with_a_close_is_kept_for_the_calendar_to_name(tmp_path):
    text = PRICE_FILES["FRED"].replace(f"{CLOSED},", f"{CLOSED},16684.2")
    assert len(read_prices(written(tmp_path, text))) == 8
