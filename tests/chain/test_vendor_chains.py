"""Chains as vendors write them, read as they come; docs/data.md lists the forms."""

from __future__ import annotations

import datetime
from types import SimpleNamespace

import numpy as np
import pandas as pd
import polars as pl
import pytest
from helpers.vendor_chains import AS_OF, CHAIN_FILES

from flowsim.chain.chain import read_chain
from flowsim.chain.moment import moment_of
from flowsim.chain.open_interest import dealer_gamma
from flowsim.chain.vix import vix
from flowsim.errors import InputError


def written(folder, text, name="chain.csv"):
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return read_chain(written(tmp_path_factory.mktemp("chain"), CHAIN_FILES["plain"]))


@pytest.mark.parametrize("form", CHAIN_FILES)
def test_every_vendors_chain_gives_the_same_quotes(tmp_path, plain, form):
    chain = read_chain(written(tmp_path, CHAIN_FILES[form]))
    assert [series.label for series in chain.series] == ["SPX 2025-09-19", "SPXW 2025-09-26"]
    for one, other in zip(chain.series, plain.series, strict=True):
        for name in ("strike", "call_bid", "call_ask", "put_bid", "put_ask"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    assert chain.as_of in (None, AS_OF)


@pytest.mark.parametrize("form", [form for form in CHAIN_FILES if form.startswith(("Cboe", "OptionMetrics", "ORATS"))])
def test_a_vendors_chain_says_when_it_was_quoted(tmp_path, form):
    assert read_chain(written(tmp_path, CHAIN_FILES[form])).as_of == AS_OF


@pytest.mark.parametrize("form", ["Cboe quotedata", "ORATS", "yfinance option_chain"])
def test_open_interest_is_read_under_its_vendors_name(tmp_path, form):
    chain = read_chain(written(tmp_path, CHAIN_FILES[form]))
    assert chain.has_interest
    assert set(chain.series[0].call_interest) == {10.0}
    assert np.isfinite(dealer_gamma(written(tmp_path, CHAIN_FILES[form]), as_of=AS_OF).at_spot)


def test_what_was_read_as_what_is_said(tmp_path, caplog):
    caplog.set_level("INFO", "flowsim")
    file = written(tmp_path, CHAIN_FILES["OptionMetrics"])
    read_chain(file)
    assert caplog.messages[-1] == (
        f"{file}: 100 contracts, bid in 'best_bid', ask in 'best_offer'; strikes divided by 1,000, as put-call parity"
        " says; quotes of a date alone taken at 16:15, New York"
    )
    read_chain(written(tmp_path, CHAIN_FILES["ORATS"]))
    assert "calls and puts side by side in 50 rows" in caplog.messages[-1]
    assert "third Fridays taken for SPX, settled in the morning, and other days for SPXW" in caplog.messages[-1]


def test_tables_in_memory_and_what_yfinance_returns_are_chains(tmp_path, plain):
    file = written(tmp_path, CHAIN_FILES["yfinance option_chain"])
    frame = pd.read_csv(file)
    calls = frame["contractSymbol"].str.contains("C0")
    returned = SimpleNamespace(calls=frame[calls], puts=frame[~calls], underlying={})
    for given in (frame, pl.read_csv(file), pl.read_csv(file).to_arrow(), returned):
        assert vix(given, as_of=AS_OF).value == vix(plain).value
    with pytest.raises(InputError, match="the chain is of type int; give a path, or a table"):
        read_chain(7)


def test_columns_that_nobody_calls_so_are_named(tmp_path, plain):
    text = CHAIN_FILES["plain"].replace("bid,ask", "best buyer,best seller")
    with pytest.raises(InputError, match="has no column 'bid', 'ask'; give root"):
        read_chain(written(tmp_path, text))
    found = vix(written(tmp_path, text), columns={"bid": "best buyer", "ask": "best seller"})
    assert found.value == vix(plain).value
    with pytest.raises(InputError, match="columns names 'volume', which is not read here; name root"):
        read_chain(tmp_path / "chain.csv", columns={"volume": "x"})


def test_a_saturday_of_old_is_the_session_on_whose_opening_it_settled(tmp_path):
    text = CHAIN_FILES["plain"].replace("2025-08-21 16:15", "2013-12-20 16:15")
    text = text.replace("2025-09-19", "2014-01-18").replace("2025-09-26", "2014-04-19")
    chain = read_chain(written(tmp_path, text))
    # The 18th of April 2014 was Good Friday.
    assert [series.label for series in chain.series] == ["SPX 2014-01-17", "SPXW 2014-04-17"]


def test_a_contract_given_twice_is_told_that_one_may_settle_at_the_close(tmp_path):
    text = CHAIN_FILES["plain"].replace("SPXW,2025-09-26", "SPX,2025-09-19")
    with pytest.raises(
        InputError, match=r"row 52: .* there twice, first in row 2; keep one of the two, or name SPXW as"
    ):
        read_chain(written(tmp_path, text))


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2025-08-21", AS_OF),
        ("2025-11-28", datetime.datetime(2025, 11, 28, 13, 15)),
        ("20250821", AS_OF),
        ("2025-08-21T20:15:00Z", AS_OF),
        ("2025-08-21 20:15:00+00:00", AS_OF),
        ("1755807300", AS_OF),
        ("8/21/2025 4:15 PM", AS_OF),
        ("August 21, 2025 at 3:15 PM CDT", AS_OF),
        ("21 August 2025 at 21:15 BST", AS_OF),
        ("2025年8月22日 5:15 JST", AS_OF),
        ("2025-08-21 25:15", None),
        ("SPX", None),
        ("", None),
    ],
)
def test_a_moment_is_new_york_time_whatever_zone_it_is_written_in(text, time):
    assert moment_of(text) == time
