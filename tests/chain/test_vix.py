"""The VIX family: Cboe's worked examples and closes, which expiries are taken, and what bad quotes say."""

from __future__ import annotations

import math
from datetime import date, datetime

import polars as pl
import pytest
from helpers.made_chains import AS_OF, LISTED, contracts, terms, written
from hypothesis import given, settings
from hypothesis import strategies as st

import flowsim as fs
from flowsim.chain.vix import vix

WHITE_PAPER = "cboe_whitepaper_2014_chain.csv"


def test_the_white_papers_example_of_2014(shared_folder):
    result = fs.vix(shared_folder / "data" / WHITE_PAPER, rate_pct=(0.0305, 0.0286), minutes=(35924, 46394))
    assert result.value == pytest.approx(13.685821, abs=5e-7)
    assert (result.near.variance, result.next.variance) == pytest.approx((0.01846292, 0.01882101), abs=5e-9)


def test_the_example_of_the_current_method(shared_folder):
    result = fs.vix(shared_folder / "data" / WHITE_PAPER, rate_pct=(0.031664, 0.028797), minutes=(34484, 44954))
    assert result.value == pytest.approx(13.927842, abs=5e-7)
    assert (result.near.variance, result.next.variance) == pytest.approx((0.019233906, 0.019423884), abs=1e-9)
    assert (result.near.strip_sum, result.next.strip_sum) == pytest.approx((0.0006320516, 0.0008314016), abs=1e-10)
    assert (result.near.k0, result.next.k0) == (1960.0, 1960.0)
    assert [note.split(",")[0] for note in result.notes] == ["near: the strip of calls ends at 2225"]


# File of the chain, when it was taken, rate in %; the closes themselves stand in the table of published closes.
REAL = {
    "2022-02-04": ("spx_chain_20220205_luca", 0.23),
    "2023-02-07": ("spx_chain_20230207_abasuray", 4.71),
    "2023-08-18": ("spx_chain_20230820_aryaman", 5.55),
}
WITHIN_POINTS = {"VIX9D": 0.05, "VIX": 0.05, "VIX3M": 0.15, "VIX6M": 0.05}


@pytest.mark.parametrize("index", WITHIN_POINTS)
@pytest.mark.parametrize("day", REAL)
def test_a_real_chain_gives_the_published_close(shared_folder, day, index):
    name, rate_pct = REAL[day]
    closes = pl.read_csv(shared_folder / "data" / "cboe_indices_close.csv", infer_schema_length=None)
    published = float(closes.filter(pl.col("date") == day)[index].item())
    result = vix(shared_folder / "data" / "chains" / f"{name}.parquet", index, f"{day} 16:15", rate_pct)
    print(f"{day} {index}: {result.value:.3f}, published {published:.2f}, {result.near.label}, {result.next.label}")
    assert result.value == pytest.approx(published, abs=WITHIN_POINTS[index])


EXPIRIES = {
    # 9 days ahead lies 2024-02-15, 30 days 2024-03-07, 93 days 2024-05-09, 184 days 2024-08-08, 366 days 2025-02-06.
    "VIX9D": ("SPXW 2024-02-09", "SPX 2024-02-16"),
    "VIX": ("SPXW 2024-03-01", "SPXW 2024-03-08"),
    "VIX3M": ("SPX 2024-04-19", "SPX 2024-05-17"),
    "VIX6M": ("SPX 2024-07-19", "SPX 2024-08-16"),
    "VIX1Y": ("SPX 2024-12-20", "SPX 2025-03-21"),
}


@pytest.fixture(scope="module")
def flat_chain():
    return contracts(LISTED, AS_OF, volatility=0.2, rate_pct=4.0)


@pytest.mark.parametrize("index", EXPIRIES)
def test_a_flat_surface_gives_its_volatility_from_the_right_expiries(flat_chain, index):
    result = vix(flat_chain, index, AS_OF, rate_pct=4.0)
    assert (result.near.label, result.next.label) == EXPIRIES[index]
    # Strikes every 5 points: too high by (5 / 4000)^2 / (12 * 0.2^2 * T), at 3 days 4e-4 of 20 points.
    assert result.value == pytest.approx(20.0, abs=0.01)
    assert result.value > 20.0
    years = result.near.minutes / 525_600
    assert result.near.forward == pytest.approx(4000 * math.exp(0.04 * years), rel=1e-12)


def test_minutes_run_to_the_open_for_spx_and_to_the_close_for_spxw(flat_chain):
    # From Tuesday 16:15: to Friday 16:00 three days less 15 minutes; to 09:30 of the Friday after, 10 days less 6 h 45.
    result = vix(flat_chain, "VIX9D", AS_OF)
    assert (result.near.minutes, result.next.minutes) == (3 * 1440 - 15, 10 * 1440 - 405)
    # Summer time begins on 10 March 2024; clocks count as if it did not.
    result = vix(flat_chain, "VIX3M", AS_OF)
    assert result.near.minutes == 73 * 1440 - 405


def test_spxw_of_a_half_day_settles_at_its_close_of_13_00():
    # From Wednesday 16:15: to Friday 2024-11-29, a half day, nine days less 3 h 15; to the week after, 16 less 15 min.
    as_of = datetime(2024, 11, 20, 16, 15)
    result = vix(contracts([("SPXW", date(2024, 11, 29)), ("SPXW", date(2024, 12, 6))], as_of, 0.2), "VIX9D", as_of)
    assert (result.near.minutes, result.next.minutes) == (9 * 1440 - 195, 16 * 1440 - 15)


def test_a_chain_by_term_by_hand():
    # Both terms: strikes 90 to 110, call = put = 2 at 100, so forward = K0 = 100 and nothing is off center.
    # Sum: 5 * (0.5 / 90^2 + 1 / 95^2 + 2 / 100^2 + 1 / 105^2 + 0.5 / 110^2), no interest, variance 2 / T * sum.
    # Near at 20 days, next at 40: each has T * variance = 2 * sum, and so has half way at 30 days.
    quotes = [(90, 11.0, 0.5), (95, 6.0, 1.0), (100, 2.0, 2.0), (105, 1.0, 6.0), (110, 0.5, 11.0)]
    rows = [(term, strike, call, call, put, put) for term in ("near", "next") for strike, call, put in quotes]
    chain = pl.DataFrame(rows, ["term", "strike", "call_bid", "call_ask", "put_bid", "put_ask"], orient="row")
    total = 5 * (0.5 / 8100 + 1 / 9025 + 2 / 10000 + 1 / 11025 + 0.5 / 12100)
    result = vix(chain, minutes=(20 * 1440, 40 * 1440))
    assert result.near.strip_sum == pytest.approx(total, rel=1e-14)
    assert result.near.variance == pytest.approx(2 * total * 365 / 20, rel=1e-14)
    assert result.value == pytest.approx(100 * math.sqrt(2 * total * 365 / 30), rel=1e-14)
    assert result.as_dict() == {
        "index": "VIX",
        "value": result.value,
        "near": {"variance": result.near.variance, "forward": 100, "k0": 100, "strip_sum": total, "minutes": 28800},
        "next": {"variance": result.next.variance, "forward": 100, "k0": 100, "strip_sum": total, "minutes": 57600},
    }


@pytest.mark.parametrize("name", ["chain.csv", "chain.parquet"])
def test_both_forms_of_the_same_quotes_give_the_same_index(tmp_path, flat_chain, name):
    listed = vix(flat_chain, as_of=AS_OF, rate_pct=4.0)
    sides = [
        flat_chain.filter((pl.col("root") == "SPXW") & (pl.col("expiry") == day), cp=cp).select(
            pl.lit(term).alias("term"), "strike", pl.col("bid", "ask").name.prefix(f"{side}_")
        )
        for term, day in (("near", date(2024, 3, 1)), ("next", date(2024, 3, 8)))
        for cp, side in (("C", "call"), ("P", "put"))
    ]
    on = ["term", "strike"]
    table = pl.concat([sides[0].join(sides[1], on=on), sides[2].join(sides[3], on=on)])
    by_term = vix(
        written(tmp_path, table, name), rate_pct=(4.0, 4.0), minutes=(listed.near.minutes, listed.next.minutes)
    )
    assert by_term.as_dict() == listed.as_dict()


def test_the_time_in_the_file_serves_where_none_is_given(flat_chain):
    chain = flat_chain.filter(pl.col("expiry") < date(2024, 4, 1)).with_columns(as_of=pl.lit(AS_OF))
    assert vix(chain).as_dict() == vix(chain, as_of="2024-02-06 16:15").as_dict()
    assert vix(chain, as_of="2024-02-06 10:15").near.minutes == vix(chain).near.minutes + 360


def test_an_expiry_that_is_not_used_does_not_matter_however_wrong(flat_chain):
    crossed = pl.DataFrame(
        {"root": "SPXW", "expiry": date(2024, 3, 22), "strike": 4.0, "cp": "C", "bid": 9.0, "ask": 1.0}
    )
    assert vix(pl.concat([flat_chain, crossed]), as_of=AS_OF).value == vix(flat_chain, as_of=AS_OF).value


@settings(max_examples=20, deadline=None)
@given(st.floats(0.1, 0.4), st.integers(20, 30), st.integers(31, 45))
def test_a_flat_surface_by_term_gives_its_volatility_at_any_pair_of_expiries(volatility, near, next_):
    result = vix(terms((near * 1440, next_ * 1440), volatility, step=10), minutes=(near * 1440, next_ * 1440))
    highest = 100 * volatility * (1 + (10 / 4000) ** 2 / (12 * volatility**2 * near / 365) * 1.01)
    assert 100 * volatility < result.value < highest


def test_on_a_roll_day_the_near_term_may_lie_some_hours_beyond_the_target():
    # Wednesday 09:30 to the Friday of 30 days ahead at 16:00, and to the third Friday in 37 days at 09:30.
    minutes = (30 * 1440 + 390, 37 * 1440)
    assert vix(terms(minutes, 0.2, step=10), minutes=minutes).value == pytest.approx(20.0, abs=0.05)


def test_a_strike_without_its_partner_is_passed_over_and_said(flat_chain):
    whole = vix(flat_chain, as_of=AS_OF)
    far_calls = (pl.col("expiry") == date(2024, 3, 1)) & (pl.col("cp") == "C") & (pl.col("strike") < 3900)
    result = vix(flat_chain.filter(~far_calls), as_of=AS_OF)
    assert result.value == whole.value
    strikes = flat_chain.filter(expiry=date(2024, 3, 1), cp="C").height
    assert result.notes == (
        f"SPXW 2024-03-01: {flat_chain.filter(far_calls).height} of {strikes} strikes have no call quote, and are"
        " passed over on that side and for put-call parity",
    )
    assert whole.notes == ()


def test_the_text_shows_value_and_both_terms(flat_chain):
    lines = vix(flat_chain, as_of=AS_OF, rate_pct=4.0).as_text().splitlines()
    assert lines[0] == "VIX 20.00"
    assert [line.split()[:2] for line in lines[2:]] == [["SPXW", "2024-03-01"], ["SPXW", "2024-03-08"]]
