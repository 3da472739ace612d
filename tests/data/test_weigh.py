"""Data that can be read and are hardly true: one sentence with file, row, both values and remedy, or `trust_data`."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

from flowsim.clock import sessions
from flowsim.data.prices import read_prices
from flowsim.data.volatility_file import read_volatility
from flowsim.data.weigh import CRYPTO, weigh_closes, weigh_forwards, weigh_rates, weigh_session
from flowsim.errors import InputError

DATES = sessions("2024-01-02", "2024-03-28").dates
CLOSE = 5000.0 + 10.0 * np.arange(len(DATES)) + np.where(np.arange(len(DATES)) % 2, 7.3, 0.0)
AT = 30
"""Row 32 of the file, on 2024-02-14."""


def written(folder, close, dates=DATES):
    file = folder / "closes.csv"
    file.write_text("date,close\n" + "".join(f"{day},{value}\n" for day, value in zip(dates, close, strict=True)))
    return file


def changed(place, value):
    close = CLOSE.copy()
    close[place] = value
    return close


UNLIKELY = {
    "units change": (
        np.where(np.arange(len(DATES)) < AT, CLOSE, 100.0 * CLOSE),
        r"closes.csv, row 32: the close rises by 9,9\d\d.\d % in a day, from 5,297.3 to 530,000 on 2024-02-14, and an"
        r" equity index not by more than 20 %; bring the rows to one unit, or insist with `trust_data=True`",
    ),
    "a split": (
        np.where(np.arange(len(DATES)) < AT, CLOSE, 0.5 * CLOSE),
        "row 32: the close falls by 50.0 % in a day, from 5,297.3 to 2,650 .* adjust what is before a split",
    ),
    "a digit too few": (changed(AT, 530.0), r"row 32: the close falls by 90.0 % in a day, from 5,297.3 to 530 "),
    "a fall of 26 %": (changed(AT, 3920.0), "row 32: the close falls by 26.0 % .* not by more than 25 %; mend the row"),
    "a stale column": (
        changed(slice(AT, AT + 6), 5300.0),
        "row 32: the close is 5,300 on 6 days from 2024-02-14 to 2024-02-22, and an equity index is not the same 6",
    ),
    "volume": (
        1e5 * CLOSE,
        r"half of its 61 closes are above 5.3\d*e\+08, as in row 2, 500,000,000; an equity index lies",
    ),
    "other units": (1e-6 * CLOSE, "an equity index lies between 0.5 and 10,000,000; name the column of closes"),
}


@pytest.mark.parametrize("case", UNLIKELY)
def test_unlikely_closes_are_refused_with_row_values_and_remedy_unless_they_are_trusted(tmp_path, case):
    close, sentence = UNLIKELY[case]
    file = written(tmp_path, close)
    with pytest.raises(InputError, match=sentence):
        read_prices(file).weighed()
    with pytest.raises(InputError, match=sentence):
        read_prices(file).require_history(DATES[-1], len(DATES), "the test")
    assert read_prices(file, trust_data=True).weighed().close.tolist() == close.tolist()
    assert read_prices(read_prices(file), trust_data=True).weighed().trusted


@pytest.mark.parametrize("value", [4000.0, 6300.0], ids=["a fall of 24 %", "a rise of 19 %"])
def test_what_has_happened_is_likely(tmp_path, value):
    close = np.where(np.arange(len(DATES)) < AT, CLOSE, value + np.arange(len(DATES)))
    assert len(read_prices(written(tmp_path, close)).weighed()) == len(DATES)


def test_only_the_span_that_is_used_is_weighed(tmp_path):
    prices = read_prices(written(tmp_path, changed(3, 50.0)))
    assert len(prices.require_history(DATES[-1], 40, "the test")) == 40
    with pytest.raises(InputError, match="row 5: the close falls"):
        prices.require_history(DATES[-1], len(DATES), "the test")


def test_a_close_on_a_weekend_is_refused_by_its_day(tmp_path):
    dates = [*DATES[:4].tolist(), datetime.date(2024, 1, 6), *DATES[4:].tolist()]
    file = written(tmp_path, np.linspace(5000.0, 5600.0, len(dates)), dates)
    with pytest.raises(
        InputError, match="row 6: 2024-01-06 is a Saturday, and an equity index does not trade on weekends"
    ):
        read_prices(file).weighed()


def test_bounds_belong_to_the_kind_of_market():
    dates = np.arange("2020-03-09", "2020-03-16", dtype="datetime64[D]")
    close = np.array([7900.0, 7910.0, 7950.0, 4300.0, 5300.0, 5200.0, 5350.0])
    weigh_closes(dates, close, range(7), "btc.csv", CRYPTO)
    with pytest.raises(InputError, match=r"btc.csv, row 5: 2020-03-14 is a Saturday"):
        weigh_closes(dates, close, range(7), "btc.csv")


@pytest.mark.parametrize(("value", "shown"), [(0.193, "0.193"), (4500.0, "4500")])
def test_a_volatility_index_lies_between_2_and_200_points(tmp_path, value, shown):
    file = tmp_path / "VIX.csv"
    file.write_text(f"date,VIX\n2024-01-02,13.2\n2024-01-03,{value}\n")
    with pytest.raises(
        InputError, match=f"row 3: VIX is {shown} on 2024-01-03, and lies between 2 and 200 points; give"
    ):
        read_volatility(file)
    assert read_volatility(file, trust_data=True).indices["VIX"].tolist() == [13.2, value]


def test_rates_days_and_forwards_have_bounds_too():
    weigh_rates(4.0, 5.0)
    with pytest.raises(InputError, match=r"rate_pct = 4, 40: .* differ by 36 points, and hardly by more"):
        weigh_rates(4.0, 40.0)
    weigh_session(datetime.datetime(2024, 3, 28, 16), "as_of", "chain.csv")
    with pytest.raises(
        InputError, match=r"as_of = 2024-03-29 16:00 is a Friday on which NYSE is closed; .* 2024-03-28 16"
    ):
        weigh_session(datetime.datetime(2024, 3, 29, 16), "as_of", "chain.csv")
    weigh_forwards(("near", 5000.0), ("next", 5090.0), 0.0, "chain.csv")
    weigh_forwards(("near", 5000.0), ("next", 5290.0), 1.0, "chain.csv")
    with pytest.raises(
        InputError, match=r"chain.csv: near is 5,000.00, and next is 5,290.00, 5.5 % apart, and not within"
    ):
        weigh_forwards(("near", 5000.0), ("next", 5290.0), 0.1, "chain.csv")


IMPOSSIBLE = {
    "other units from a day on": (
        np.where(np.arange(len(DATES)) < AT, 1e-6 * CLOSE, CLOSE),
        r"closes.csv, row 32: the close goes from 0.0052973 to 5,300 in a day, on 2024-02-14, and no market here moves"
        r" by more than 2.7 times; mend the row",
    ),
    "a close of almost nothing": (changed(AT, 1e-12), "row 32: the close is 1e-12 on 2024-02-14, and no index lies"),
    "a close beyond all money": (changed(0, 1e30), r"row 2: the close is 1e\+30 on 2024-01-02, and no index lies"),
}


@pytest.mark.parametrize("case", IMPOSSIBLE)
def test_closes_that_no_market_can_follow_are_refused_though_they_are_trusted(tmp_path, case):
    close, sentence = IMPOSSIBLE[case]
    prices = read_prices(written(tmp_path, close), trust_data=True)
    with pytest.raises(InputError, match=sentence):
        prices.require_history(DATES[-1], len(DATES), "the test")
