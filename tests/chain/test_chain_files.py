"""Chains from files: both forms, what is passed over, and one sentence for each fault."""

from __future__ import annotations

import gzip
import math
from datetime import date, datetime

import polars as pl
import pytest
from helpers.made_chains import contracts, terms, written
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowsim.chain.chain import Chain, Choice, new_york_time, read_chain
from flowsim.errors import InputError

HEADER = "root,expiry,strike,cp,bid,ask\n"
CALL, PUT = "SPXW,2024-03-01,5000,C,50.0,50.2\n", "SPXW,2024-03-01,5000,P,45.0,45.2\n"
TERM_HEADER = "term,strike,call_bid,call_ask,put_bid,put_ask\n"
TERMS = "near,5000,50.0,50.2,45.0,45.2\nnext,5000,60.0,60.2,55.0,55.2\n"
QUOTES = (5000.0, 50.0, 50.2, 45.0, 45.2)


def chain_in(folder, content, name="chain.csv"):
    file = folder / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_chain(file)


def quotes_of(series):
    names = ("strike", "call_bid", "call_ask", "put_bid", "put_ask")
    return list(zip(*(getattr(series, name).tolist() for name in names), strict=True))


FORMS = {
    "plain": HEADER + CALL + PUT,
    "in any order of rows": HEADER + PUT + CALL,
    "capitals, other columns, blanks": "Root,EXPIRY, Strike,CP,last,Bid,ASK\n"
    " spxw,2024-03-01,5000.0,call,1,50.0 ,50.2\nSPXW,03/01/2024,5e3,p,,45,45.2\n",
    "times of day": HEADER + (CALL + PUT).replace("2024-03-01", "2024-03-01 00:00:00"),
    "byte order mark, Windows line ends, empty lines": "\ufeff" + (HEADER + CALL + "\n" + PUT).replace("\n", "\r\n"),
    "other roots": HEADER + CALL + "VIX,2024-03-20,15,C,oops,1\n" + PUT,
    "gzipped": gzip.compress((HEADER + CALL + PUT).encode()),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_chain(tmp_path, form):
    chain = chain_in(tmp_path, FORMS[form])
    assert [series.label for series in chain.series] == ["SPXW 2024-03-01"]
    assert chain.series[0].settlement == datetime(2024, 3, 1, 16, 0)
    assert quotes_of(chain.series[0]) == [QUOTES]
    assert (chain.by_term, chain.as_of) == (False, None)


@pytest.mark.parametrize(
    "kinds",
    [
        {"expiry": pl.Datetime("us"), "strike": pl.Float32, "bid": pl.Float32, "ask": pl.Float32},
        {"expiry": pl.Date, "strike": pl.Int64, "root": pl.Categorical, "bid": pl.Decimal(10, 2)},
    ],
    ids=["single precision", "categories, integers, decimals"],
)
def test_parquet_gives_what_csv_gives_to_the_last_bit(tmp_path, kinds):
    table = contracts([("SPX", date(2024, 3, 15)), ("SPXW", date(2024, 3, 8))], datetime(2024, 2, 9, 16), 0.2, step=50)
    table = table.with_columns(pl.col("bid").round(2), pl.col("ask").round(2)).with_row_index("extra")
    from_csv = read_chain(written(tmp_path, table))
    typed = table.with_columns(pl.col(name).cast(kind) for name, kind in kinds.items())
    from_parquet = read_chain(written(tmp_path, typed, "chain.parquet"))
    assert [series.label for series in from_parquet.series] == ["SPXW 2024-03-08", "SPX 2024-03-15"]
    for one, other in zip(from_csv.series, from_parquet.series, strict=True):
        assert quotes_of(one) == quotes_of(other)
        assert one.settlement == other.settlement
    assert [quotes_of(series) for series in read_chain(table).series] == [quotes_of(s) for s in from_csv.series]


def test_spx_settles_in_the_morning_and_spxw_in_the_afternoon_of_the_same_date(tmp_path):
    both = CALL + PUT + (CALL + PUT).replace("SPXW", "SPX")
    chain = chain_in(tmp_path, HEADER + both)
    assert [(s.label, s.settlement) for s in chain.series] == [
        ("SPX 2024-03-01", datetime(2024, 3, 1, 9, 30)),
        ("SPXW 2024-03-01", datetime(2024, 3, 1, 16, 0)),
    ]


def test_a_chain_by_term_is_near_and_next_with_strikes_ascending(tmp_path):
    rows = "next,5000,60.0,60.2,55.0,55.2\nNear,5010,45,45.2,50,50.2\nnear,5000,50.0,50.2,45.0,45.2\n"
    chain = chain_in(tmp_path, TERM_HEADER.upper() + rows)
    assert chain.by_term
    assert [series.label for series in chain.series] == ["near", "next"]
    assert quotes_of(chain.series[0]) == [QUOTES, (5010.0, 45.0, 45.2, 50.0, 50.2)]


@pytest.mark.parametrize(
    ("put", "quote"),
    [
        ("", (math.nan, math.nan)),
        ("SPXW,2024-03-01,5000,P,,\n", (math.nan, math.nan)),
        ("SPXW,2024-03-01,5000,P,0,\n", (math.nan, math.nan)),
        ("SPXW,2024-03-01,5000,P,0,0\n", (0.0, 0.0)),
        ("SPXW,2024-03-01,5000,P,0,0.05\n", (0.0, 0.05)),
        ("SPXW,2024-03-01,5000,P,0.05,0.05\n", (0.05, 0.05)),
    ],
    ids=["not listed", "empty", "zero and empty", "zeros", "no bid", "locked"],
)
def test_a_missing_quote_is_none_and_a_zero_is_a_quote(tmp_path, put, quote):
    (series,) = chain_in(tmp_path, HEADER + CALL + put).series
    assert quotes_of(series)[0] == pytest.approx((*QUOTES[:3], *quote), nan_ok=True)
    assert series.fault is None
    noted = [
        "SPXW 2024-03-01: 1 of 1 strikes have no put quote, and are passed over on that side and for put-call parity"
    ]
    assert series.notes() == (noted if math.isnan(quote[0]) else [])


NUMBERS = "; mend it, or leave bid and ask empty where there is no quote"
FILE_FAULTS = {
    "no bid column": (
        "root,expiry,strike,cp,ask\nSPX,2024-03-15,1,C,1\n",
        " has no column 'bid'; give root, expiry, strike, cp, bid, ask for each contract, or term, strike, call_bid,"
        " call_ask, put_bid, put_ask for each strike",
    ),
    "no put columns by term": (
        "term,strike,call_bid,call_ask\nnear,1,1,1\n",
        " has no column 'put_bid', 'put_ask'; give root, expiry, strike, cp, bid, ask for each contract, or term,"
        " strike, call_bid, call_ask, put_bid, put_ask for each strike",
    ),
    "two bids": (
        HEADER.replace("ask", "ask,BID") + "SPX,2024-03-15,1,C,1,1,1\n",
        " has 2 columns named 'bid'; keep one of them",
    ),
    "nothing": ("", " is empty; it needs a header line and one line for each row of the table"),
    "a header": (HEADER, " is empty; it needs one row for each option"),
    "a short line": (
        HEADER + CALL + "SPXW,2024-03-01\n",
        ", row 3: 2 fields where the header has 6; write one value for each column, numbers with thousands"
        " separators in quotes",
    ),
    "not a table": (b"\x00\x01\x02", " is not a CSV, Parquet or Excel file; save the table as one of these"),
    "half a Parquet file": (b"PAR1abc", " is a damaged Parquet file; write it again"),
    "other underlyings": (
        HEADER + CALL.replace("SPXW", "SPY") + PUT.replace("SPXW", "QQQ"),
        " has options on 'QQQ', 'SPY'; the index needs the roots SPX and SPXW",
    ),
    "no date": (
        HEADER + CALL + PUT.replace("2024-03-01", "March"),
        ", row 3: the expiry is 'March'; write it as YYYY-MM-DD or MM/DD/YYYY",
    ),
    "no such day": (
        HEADER + CALL.replace("2024-03-01", "2024-02-30"),
        ", row 2: the expiry is '2024-02-30'; write it as YYYY-MM-DD or MM/DD/YYYY",
    ),
    "unknown side": (HEADER + CALL.replace(",C,", ",X,"), ", row 2: the cp is 'X'; write C for a call or P for a put"),
    "strike is text": (
        HEADER + CALL.replace("5000", "five"),
        ", row 2: the strike is 'five', which is not a number; give it in index points",
    ),
    "strike is empty": (
        HEADER + CALL.replace("5000", ""),
        ", row 2: the strike is '', which is not a number; give it in index points",
    ),
    "strike of zero": (
        HEADER + CALL + PUT.replace("5000", "0"),
        ", row 3: the strike is 0; give a positive number of index points",
    ),
    "strike below zero": (
        HEADER + CALL.replace("5000", "-5"),
        ", row 2: the strike is -5; give a positive number of index points",
    ),
    "bid is text": (
        HEADER + CALL.replace("50.0", "high"),
        f", row 2: the bid is 'high', which is not a number{NUMBERS}",
    ),
    "ask is text": (
        HEADER + PUT.replace("45.2", "4 5 x"),
        f", row 2: the ask is '4 5 x', which is not a number{NUMBERS}",
    ),
    "twice": (
        HEADER + CALL + PUT + CALL.replace("50.0", "50.1"),
        ", row 4: the SPXW 2024-03-01 call of strike 5000.0 is there twice, first in row 2; keep one of the two",
    ),
    "twice by term": (
        TERM_HEADER + TERMS + "near,5000,1,2,3,4\n",
        ", row 4: the near call of strike 5000.0 is there twice, first in row 2; keep one of the two",
    ),
    "unknown term": (TERM_HEADER + TERMS.replace("next", "third"), ", row 3: the term is 'third'; write near or next"),
    "two times": (
        HEADER.replace("root", "as_of,root") + "2024-02-01 10:00," + CALL + "2024-02-01 11:00," + PUT,
        " has quotes of 2 times as_of, such as 2024-02-01 10:00 and 2024-02-01 11:00; choose one by `as_of`",
    ),
    "a day for a time": (
        HEADER.replace("root", "as_of,root") + "noon," + CALL,
        ": as_of = noon is not a time; write it as 'YYYY-MM-DD HH:MM', New York time",
    ),
}


@pytest.mark.parametrize("case", FILE_FAULTS)
def test_a_file_that_cannot_be_understood_is_refused_with_place_value_and_remedy(tmp_path, case):
    content, message = FILE_FAULTS[case]
    with pytest.raises(InputError) as refusal:
        chain_in(tmp_path, content)
    assert str(refusal.value) == f"{tmp_path / 'chain.csv'}{message}"


QUOTE_FAULTS = {
    "crossed": (
        "50.3,50.2",
        f"the SPXW 2024-03-01 call of strike 5000.0 has its bid of 50.3 above its ask of 50.2{NUMBERS}",
    ),
    "negative bid": (
        "-1,50.2",
        f"the bid of the SPXW 2024-03-01 call of strike 5000.0 is -1.0, which is no price{NUMBERS}",
    ),
    "negative ask": (
        "0,-1",
        f"the ask of the SPXW 2024-03-01 call of strike 5000.0 is -1.0, which is no price{NUMBERS}",
    ),
    "NaN ask": ("50.0,nan", f"the SPXW 2024-03-01 call of strike 5000.0 has a bid of 50.0 and no ask{NUMBERS}"),
    "endless": ("50,inf", f"the ask of the SPXW 2024-03-01 call of strike 5000.0 is inf, which is no price{NUMBERS}"),
    "no ask": ("50.0,", f"the SPXW 2024-03-01 call of strike 5000.0 has a bid of 50.0 and no ask{NUMBERS}"),
    "zero ask": ("50.0,0", f"the SPXW 2024-03-01 call of strike 5000.0 has a bid of 50.0 and no ask{NUMBERS}"),
    "no bid": (
        ",50.2",
        "the SPXW 2024-03-01 call of strike 5000.0 has an ask of 50.2 and no bid; write a bid of 0 where nobody bids",
    ),
}


@pytest.mark.parametrize("case", QUOTE_FAULTS)
def test_a_quote_that_cannot_be_true_is_the_fault_of_its_expiry_alone(tmp_path, case):
    prices, sentence = QUOTE_FAULTS[case]
    sound = (CALL + PUT).replace("2024-03-01", "2024-03-08")
    chain = chain_in(tmp_path, HEADER + sound + PUT + CALL.replace("50.0,50.2", prices))
    assert chain.series[0].fault == f"{tmp_path / 'chain.csv'}, row 5: {sentence}"
    assert chain.series[1].fault is None


def test_a_quote_that_cannot_be_true_is_found_by_term_too(tmp_path):
    chain = chain_in(tmp_path, TERM_HEADER + TERMS.replace("55.2", "54.9"))
    assert chain.series[0].fault is None
    assert chain.series[1].fault is not None
    assert "row 3: the next put of strike 5000.0 has its bid of 55.0 above its ask of 54.9" in chain.series[1].fault


def test_a_file_may_say_when_its_quotes_were_taken(tmp_path):
    rows = "2024-02-01 10:00," + CALL + "2024-02-01 10:00," + PUT
    assert chain_in(tmp_path, HEADER.replace("root", "As_Of,root") + rows).as_of == datetime(2024, 2, 1, 10)
    table = pl.read_csv(tmp_path / "chain.csv", try_parse_dates=True)
    assert read_chain(table).as_of == datetime(2024, 2, 1, 10)


def test_a_time_with_a_zone_becomes_new_york_time():
    # New York is five hours behind in winter and four in summer.
    assert new_york_time("2024-02-01T21:15:00+00:00", "as_of") == datetime(2024, 2, 1, 16, 15)
    assert new_york_time("2024-07-01T21:15:00+00:00", "as_of") == datetime(2024, 7, 1, 17, 15)
    assert new_york_time("2024-02-01 16:15", "as_of") == datetime(2024, 2, 1, 16, 15)


def test_a_missing_file_and_an_empty_folder_are_named(tmp_path):
    with pytest.raises(
        InputError, match=r"nowhere\.csv: no such file; name a CSV, Parquet or Excel file of option quotes"
    ):
        read_chain(tmp_path / "nowhere.csv")
    with pytest.raises(InputError, match=f"{tmp_path}: no Parquet file in this folder; name the chain of a run"):
        read_chain(tmp_path)


def test_of_a_table_with_several_paths_and_times_one_is_chosen(tmp_path):
    header = HEADER.replace("root", "path,as_of,root")
    rows = [f"{path},2024-02-0{day} 16:00,{CALL}" for path in (0, 3) for day in (1, 2)]
    file = tmp_path / "chain.csv"
    file.write_text(header + "".join(rows))
    chosen = read_chain(file, Choice(3, datetime(2024, 2, 2, 16)))
    assert (chosen.as_of, [len(series.strike) for series in chosen.series]) == (datetime(2024, 2, 2, 16), [1])
    for choice, said in (
        (Choice(), r"has quotes of 2 paths; choose one by `path`, such as 0"),
        (Choice(7), "is empty of path 7; it needs one row for each option"),
        (
            Choice(3),
            r"has quotes of 2 times as_of, such as 2024-02-01 16:00 and 2024-02-02 16:00; choose one by `as_of`",
        ),
        (Choice(3, datetime(2024, 2, 5, 16)), "has quotes of 2 times as_of"),
    ):
        with pytest.raises(InputError, match=said):
            read_chain(file, choice)
    (tmp_path / "one.csv").write_text(HEADER + CALL)
    with pytest.raises(InputError, match=r"has no column 'path'; leave out `path`"):
        read_chain(tmp_path / "one.csv", Choice(3))


def test_a_column_of_bytes_is_refused():
    table = pl.DataFrame({name: ["1"] for name in TERM_HEADER.strip().split(",")})
    with pytest.raises(
        InputError, match="the chain: the column 'strike' is of type Binary; it must hold dates, numbers"
    ):
        read_chain(table.with_columns(strike=b"\xff"))


def test_a_date_far_outside_the_calendar_is_refused_in_a_sentence(tmp_path):
    # Nanoseconds read as microseconds, as some writers have left them.
    table = pl.DataFrame({"root": "SPX", "expiry": [10**18], "strike": 1.0, "cp": "C", "bid": 1.0, "ask": 1.0})
    for kind in (pl.Datetime("us"), pl.Datetime("ms")):
        file = written(tmp_path, table.with_columns(pl.col("expiry").cast(kind)), "chain.parquet")
        with pytest.raises(InputError, match="row 1: the expiry is ''; write it as YYYY-MM-DD"):
            read_chain(file)


def chain_or_message(folder, content):
    try:
        return chain_in(folder, content)
    except InputError as error:
        return str(error)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(content=st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
def test_no_file_ever_gives_anything_but_a_chain_or_one_sentence(tmp_path, content):
    for start in (b"", HEADER.encode(), (HEADER + CALL).encode(), (TERM_HEADER + TERMS).encode(), b"PAR1", b"\x1f\x8b"):
        outcome = chain_or_message(tmp_path, start + content)
        assert outcome.series if isinstance(outcome, Chain) else outcome.startswith(str(tmp_path))


@settings(deadline=None)  # the first example loads the table of sessions
@given(st.permutations(range(24)))
def test_the_order_of_the_rows_does_not_matter(order):
    table = terms((20_000.0, 50_000.0), 0.1, step=50)
    table = pl.concat([table.filter(term=term).head(12) for term in ("near", "next")])
    shuffled = read_chain(table[list(order)])
    for one, other in zip(read_chain(table).series, shuffled.series, strict=True):
        assert quotes_of(one) == quotes_of(other)


def test_real_chains_are_read_whole_with_the_faults_of_far_expiries_left_alone(shared_folder):
    for file in sorted((shared_folder / "data" / "chains").glob("*.parquet")):
        chain = read_chain(file)
        assert sum(2 * len(series.strike) for series in chain.series) >= pl.read_parquet(file).height
        near = [series for series in chain.series if series.settlement.year < 2024]
        assert len(near) > 30
        assert {series.fault for series in near} == {None}
