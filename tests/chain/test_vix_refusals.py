"""What the VIX family says of a chain or an argument that does not serve: one sentence, with place and remedy."""

from __future__ import annotations

import math
from datetime import date, datetime

import polars as pl
import pytest
from helpers.made_chains import AS_OF, LISTED, contracts, terms

from flowsim.chain.vix import vix
from flowsim.errors import InputError


@pytest.fixture(scope="module")
def flat_chain():
    return contracts(LISTED, AS_OF, volatility=0.2, rate_pct=4.0)


def without(chain, root, day):
    return chain.filter(~((pl.col("root") == root) & (pl.col("expiry") == day)))


def test_a_missing_expiry_is_named_with_the_dates_that_would_do(flat_chain):
    chain = without(flat_chain, "SPXW", date(2024, 3, 1))
    # 2024-02-23 lies 17 days ahead, nearer than 22.
    with pytest.raises(InputError) as refusal:
        vix(chain, as_of=AS_OF)
    assert str(refusal.value) == (
        "the chain: VIX needs an expiry from 2024-02-28 to 2024-03-07 among the Fridays (SPXW, settled at the close,"
        " but on the third SPX, settled at 09:30), and there is none; add its quotes, or check as_of = 2024-02-06 16:15"
    )
    with pytest.raises(InputError, match="VIX9D needs an expiry from 2024-02-16 to 2024-02-23 among the Fridays"):
        vix(without(without(flat_chain, "SPX", date(2024, 2, 16)), "SPXW", date(2024, 2, 23)), "VIX9D", AS_OF)
    with pytest.raises(
        InputError, match=r"VIX1Y needs .* among the quarterly third Fridays \(SPX, settled at 09:30\), and"
    ):
        vix(chain.filter(pl.col("expiry") < date(2025, 1, 1)), "VIX1Y", AS_OF)


def test_the_spxw_of_a_third_friday_does_not_stand_in_for_its_spx(flat_chain):
    chain = without(flat_chain, "SPX", date(2024, 2, 16))
    assert ("SPXW", date(2024, 2, 16)) in LISTED
    assert vix(chain, "VIX9D", datetime(2024, 2, 8, 16)).next.label == "SPXW 2024-02-23"


CALLS = {
    "an unknown index": (
        {"index": "VIX2"},
        "index = VIX2 is not known; choose one of VIX1D, VIX9D, VIX, VIX3M, VIX6M, VIX1Y",
    ),
    "no time": (
        {"as_of": None},
        "the chain does not say when its quotes were taken; give `as_of` as 'YYYY-MM-DD HH:MM', New York time",
    ),
    "a date alone": (
        {"as_of": "2024-02-06"},
        "as_of = 2024-02-06 is not a time; write it as 'YYYY-MM-DD HH:MM', New York time",
    ),
    "after everything": (
        {"as_of": "2026-02-06 16:15"},
        "the chain: as_of = 2026-02-06 16:15 is past the last expiry, 2025-03-21; give the time at which the quotes"
        " were taken",
    ),
    "minutes beside dates": (
        {"minutes": (1.0, 2.0)},
        "the chain has dates of expiry, which give the minutes; leave out `minutes`",
    ),
    "three rates": (
        {"rate_pct": (1.0, 2.0, 3.0)},
        "rate_pct = (1.0, 2.0, 3.0) is not one number or two; give near and next",
    ),
    "a rate that is none": ({"rate_pct": math.nan}, "rate_pct = nan is outside -100 to 100; give near and next"),
    "a rate beyond belief": ({"rate_pct": 500}, "rate_pct = 500.0 is outside -100 to 100; give near and next"),
}


@pytest.mark.parametrize("case", CALLS)
def test_arguments_that_do_not_serve_are_refused(flat_chain, case):
    arguments, message = CALLS[case]
    with pytest.raises(InputError) as refusal:
        vix(flat_chain, **{"as_of": AS_OF, **arguments})
    assert str(refusal.value) == message


WANTS_MINUTES = "the chain has terms and no dates of expiry; give `minutes` for near and next, and no `as_of`"
BY_TERM_CALLS = {
    "no minutes": ({}, WANTS_MINUTES),
    "a time": ({"as_of": AS_OF, "minutes": (30_000, 50_000)}, WANTS_MINUTES),
    "the wrong way round": (
        {"minutes": (50_000, 30_000)},
        "minutes = 50000,30000 do not lie on either side of the 43200 that VIX looks ahead; give those of the near and"
        " the next term",
    ),
    "both before": (
        {"minutes": (20_000, 30_000)},
        "minutes = 20000,30000 do not lie on either side of the 43200 that VIX looks ahead; give those of the near and"
        " the next term",
    ),
    "below zero": ({"minutes": (-1, 50_000)}, "minutes = -1.0 is outside 0 to inf; give near and next"),
}


@pytest.mark.parametrize("case", BY_TERM_CALLS)
def test_a_chain_by_term_wants_minutes_around_the_target(case):
    arguments, message = BY_TERM_CALLS[case]
    with pytest.raises(InputError) as refusal:
        vix(terms((30_000, 50_000), 0.2, step=50), **arguments)
    assert str(refusal.value) == message


def test_a_chain_without_one_of_its_terms_is_refused():
    with pytest.raises(InputError, match="the chain has no rows of the term next; add its quotes"):
        vix(terms((30_000, 50_000), 0.2, step=50).filter(term="near"), minutes=(30_000, 50_000))


STRIKE, NEAR = pl.col("strike"), pl.col("expiry") == date(2024, 3, 1)
PUT, CALL = pl.col("cp") == "P", pl.col("cp") == "C"
SPOILT = {
    "no pair": (
        NEAR & (((STRIKE < 4000) & CALL) | ((STRIKE >= 4000) & PUT)),
        (None, None),
        "no strike has quotes of both its call and its put; put-call parity needs one",
    ),
    "no bids below": (
        NEAR & PUT & (STRIKE < 4010),
        (0.0, 0.05),
        "puts below K0 = 4010 that have a bid, before two in a row have none, number 0; the strip needs two on"
        " each side",
    ),
    "one bid above": (
        NEAR & CALL & (STRIKE > 4015),
        (0.0, 0.05),
        "calls above K0 = 4010 that have a bid, before two in a row have none, number 1; the strip needs two on"
        " each side",
    ),
    "nothing asked": (
        NEAR,
        (0.0, 0.0),
        "no strike has quotes of both its call and its put; put-call parity needs one",
    ),
    "K0 without its put": (
        NEAR & PUT & (STRIKE == 4010),
        (None, None),
        "call or put of K0 = 4010 has no quote; the method needs both",
    ),
}


@pytest.mark.parametrize("case", SPOILT)
def test_quotes_that_do_not_give_a_variance_say_why_and_where(flat_chain, case):
    rows, (bid, ask), sentence = SPOILT[case]
    chain = flat_chain.with_columns(
        bid=pl.when(rows).then(pl.lit(bid, pl.Float64)).otherwise("bid"),
        ask=pl.when(rows).then(pl.lit(ask, pl.Float64)).otherwise("ask"),
    )
    with pytest.raises(InputError) as refusal:
        vix(chain, as_of=AS_OF)
    assert str(refusal.value) == f"the chain, SPXW 2024-03-01: {sentence}"


def test_strikes_all_above_the_forward_leave_no_k0(flat_chain):
    chain = flat_chain.filter(~NEAR | (STRIKE > 4100))
    with pytest.raises(
        InputError, match=r"SPXW 2024-03-01: no strike is at or below the forward of 4010\.\d\d; add lower"
    ):
        vix(chain, as_of=AS_OF)


def test_prices_that_leave_no_variance_are_refused():
    # Every call is 300 points dearer than its put, so the forward is 90 + 300 (of equals the lowest strike), and K0 the
    # strike below, 110: (390 / 110 - 1)^2 = 6.48 is more than twice the strip, nearly all K0: 197.5 * 151 / 110^2.
    quotes = [(strike, 301.0, 301.0, 1.0, 1.0) for strike in (90, 95, 100, 105, 110)]
    quotes += [(strike, 0.1, 0.1, None, None) for strike in (500, 510)]
    rows = [(term, *row) for term in ("near", "next") for row in quotes]
    chain = pl.DataFrame(rows, ["term", "strike", "call_bid", "call_ask", "put_bid", "put_ask"], orient="row")
    with pytest.raises(
        InputError, match=r"the chain, near: the quotes give a variance of -27\.\d; check them and the rate"
    ):
        vix(chain, minutes=(30_000, 50_000))


def test_an_index_below_zero_is_refused():
    # On a roll day, a minute apart and beyond the target, the next term weighs -1439 and the near one 1440.
    minutes = (44_639.0, 44_640.0)
    calm, wild = (terms(minutes, volatility, step=50) for volatility in (0.1, 0.4))
    with pytest.raises(
        InputError, match=r"the chain: the variance of VIX is below zero between near 0.01.* and next 0.16"
    ):
        vix(pl.concat([calm.filter(term="near"), wild.filter(term="next")]), minutes=minutes)


def test_a_crossed_quote_in_one_of_the_two_expiries_is_named(flat_chain):
    rows = NEAR & PUT & (STRIKE == 3900)
    chain = flat_chain.with_columns(bid=pl.when(rows).then(pl.col("ask") + 1).otherwise("bid"))
    with pytest.raises(
        InputError, match=r"the SPXW 2024-03-01 put of strike 3900.0 has its bid of .* above its ask of"
    ):
        vix(chain, as_of=AS_OF)
    assert vix(chain, "VIX3M", as_of=AS_OF).value > 0
