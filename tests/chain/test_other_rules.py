"""VIX1D on its clock of sessions, VIX by the rule of before October 2014, and the whole family from one chain."""

from __future__ import annotations

import math
from datetime import date, datetime, time

import polars as pl
import pytest
from helpers.made_chains import AS_OF, LISTED, black, contracts, strikes_around, written
from typer.testing import CliRunner

from flowsim.chain.indices import INDICES, bracket
from flowsim.chain.vix import term_structure, vix
from flowsim.cli import app
from flowsim.errors import InputError
from flowsim.pricing.strip import interpolated_index

SPX, SPXW = time(9, 30), time(16, 0)
ONE = INDICES["VIX1D"]


def close(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), SPXW)


WEEK = [close(day) for day in ("2023-08-17", "2023-08-18", "2023-08-21", "2023-08-22", "2023-08-23")]


@pytest.mark.parametrize(
    ("as_of", "near", "next_", "minutes"),
    [
        # In the morning today's is near; at its end, and after, tomorrow's, over a weekend Monday's.
        ("2023-08-17 10:00", "2023-08-17", "2023-08-18", (360, 1800)),
        ("2023-08-17 15:59", "2023-08-17", "2023-08-18", (1, 1441)),
        ("2023-08-17 16:15", "2023-08-18", "2023-08-21", (1425, 2865)),
        ("2023-08-18 16:15", "2023-08-21", "2023-08-22", (1425, 2865)),
    ],
)
def test_vix1d_is_made_of_the_closes_of_the_coming_sessions(as_of, near, next_, minutes):
    when = datetime.fromisoformat(as_of)
    pair = bracket(WEEK, when, ONE)
    assert pair == (close(near), close(next_))
    assert tuple(ONE.minutes_to(end, when) for end in pair) == minutes


def test_vix1d_takes_no_option_that_settles_in_the_morning_and_says_which_is_missing():
    when = datetime.fromisoformat("2023-08-17 16:15")
    friday = datetime.combine(date(2023, 8, 18), SPX)
    assert bracket([*WEEK, friday], when, ONE) == (close("2023-08-18"), close("2023-08-21"))
    with pytest.raises(InputError) as caught:
        bracket([friday, *WEEK[2:]], when, ONE, "chain.csv")
    assert str(caught.value) == (
        "chain.csv: VIX1D needs an expiry from 2023-08-17 to 2023-08-18 among the sessions (SPXW, settled at the"
        " close), and there is none; add its quotes, or check as_of = 2023-08-17 16:15"
    )


def test_a_flat_volatility_of_a_year_of_sessions_comes_back_on_any_weekday(tmp_path):
    for as_of, days in (
        ("2023-08-17 16:15", WEEK[1:3]),
        ("2023-08-18 16:15", WEEK[2:4]),
        ("2023-08-18 12:00", WEEK[1:3]),
    ):
        when, rows = datetime.fromisoformat(as_of), []
        for end in days:
            years = ONE.minutes_to(end, when) / (252 * 1440)
            for strike in strikes_around(0.2, years, step=1.0).tolist():
                for cp, price in zip("CP", black(4000.0, strike, 0.2, years), strict=True):
                    rows.append(("SPXW", end.date(), strike, cp, price, price))
        table = pl.DataFrame(rows, ["root", "expiry", "strike", "cp", "bid", "ask"], orient="row")
        assert vix(table, "VIX1D", as_of).value == pytest.approx(20.0, abs=0.05)


def test_the_real_chain_of_a_friday_gives_the_published_vix1d_to_2_percent(shared_folder):
    chain = shared_folder / "data" / "chains" / "spx_chain_20230820_aryaman.parquet"
    closes = pl.read_csv(shared_folder / "data" / "cboe_indices_close.csv", infer_schema_length=None)
    published = float(closes.filter(pl.col("date") == "2023-08-18")["VIX1D"].item())
    assert vix(chain, "VIX1D", "2023-08-18 16:15", 5.55).value == pytest.approx(published, rel=0.02)


MONTHS = [
    datetime.combine(date.fromisoformat(day), SPX) for day in ("2012-06-15", "2012-07-20", "2012-08-17", "2012-09-21")
]


@pytest.mark.parametrize(
    ("as_of", "near"),
    # On the second Friday of June its month is still near, on the Monday after July is, more than 30 days ahead.
    [("2012-06-08 16:15", 0), ("2012-06-11 09:30", 1), ("2012-06-18 16:15", 1), ("2012-07-13 12:00", 1)],
)
def test_before_october_2014_vix_is_made_of_the_first_two_months_that_are_a_week_ahead(as_of, near):
    weeklys = [close("2012-07-06"), close("2012-07-13"), close("2012-07-27")]
    when = datetime.fromisoformat(as_of)
    assert bracket([*MONTHS, *weeklys], when, INDICES["VIX"]) == (MONTHS[near], MONTHS[near + 1])


def test_the_rule_changed_on_a_monday_in_october_2014():
    listed = [datetime.combine(date(2014, 10, 17), SPX), close("2014-10-31"), close("2014-11-07")]
    listed += [datetime.combine(date(2014, 11, 21), SPX)]
    assert bracket(listed, close("2014-10-03"), INDICES["VIX"]) == (listed[0], listed[3])
    assert bracket(listed, close("2014-10-06"), INDICES["VIX"]) == (listed[1], listed[2])


def test_a_chain_of_old_without_weeklys_gives_its_volatility_and_says_by_which_rule(tmp_path):
    expiries = [("SPX", end.date()) for end in MONTHS[1:]]
    quotes = contracts(expiries, datetime(2012, 6, 18, 16, 15), 0.2)
    file = written(tmp_path, quotes)
    result = vix(file, as_of="2012-06-18 16:15")
    assert result.value == pytest.approx(20.0, abs=0.05)
    assert result.near.minutes > 30 * 1440  # drawn on to 30 days
    assert result.notes[0].startswith("before 2014-10-06 VIX was made of the first two third Fridays")
    with pytest.raises(
        InputError, match="VIX needs two expiries from 2012-06-25 to 2012-08-27 among the third Fridays"
    ):
        vix(
            written(tmp_path, quotes.filter(pl.col("expiry") != date(2012, 8, 17)), "few.csv"), as_of="2012-06-18 16:15"
        )


def test_the_paper_of_2009_is_61_point_22():
    # Its near term has 9 days and 0.4727679 of variance, its next 37 and 0.3668180.
    assert interpolated_index(0.4727679, 12_960.0, 0.3668180, 53_280.0, 43_200.0) == pytest.approx(61.22, abs=0.005)


def test_the_family_is_a_table_and_what_is_missing_is_said(tmp_path):
    file = written(tmp_path, contracts(LISTED, AS_OF, 0.2))
    found = term_structure(file, "2024-02-06 16:15")
    assert list(found) == list(INDICES)
    values = [one.value for name, one in found.items() if name != "VIX1D" and not isinstance(one, str)]
    assert values == pytest.approx([20.0] * 5, abs=0.05)
    assert "VIX1D needs an expiry" in str(found["VIX1D"])
    result = CliRunner().invoke(app, ["vix", str(file), "--as-of", "2024-02-06 16:15", "--index", "all"])
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.stdout.splitlines()] == ["index", *list(INDICES)[1:]]
    assert "VIX1D needs an expiry" in result.stderr
    assert not math.isnan(float(result.stdout.splitlines()[1].split()[1]))
