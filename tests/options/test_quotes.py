"""The quotes of the simulated market, and its five indices against two other computations from the same quotes."""

import datetime as dt
import math
from typing import NamedTuple

import polars as pl
import pytest
from helpers.compiled import machine_code
from helpers.markets import market_config, population, step_block
from hypothesis import given
from hypothesis import strategies as st
from twin.plain_expiries import MINUTES_IN_YEAR, TENOR_DAYS, Expiry, close_of, minutes_to, terms_of
from twin.plain_quotes import Quote, index_of, quotes_of, strike_step, variance_of
from twin.plain_surface import Slice

from flowsim import vix
from flowsim.clock import listed_expiries
from flowsim.engine.prepare import prepare
from flowsim.options.arrays import INDICES
from flowsim.options.quotes import next_strike, quote
from flowsim.options.rolling import listed_strike
from flowsim.options.rolling import strike_step as engine_strike_step

PRICES = st.floats(50.0, 60_000.0)


@machine_code("UniTuple(float64, 2)(float64, float64, float64)")
def quoted(premium, step, half_spread):
    return quote(premium, step, 1.0 / step, half_spread)


@machine_code("UniTuple(float64, 4)(float64, float64, float64, float64)")
def strikes(price, wish, steps, spacing):
    below, above = next_strike(steps, spacing, 0.0), next_strike(steps, spacing, 1.0)
    return engine_strike_step(price), listed_strike(wish, price), below, above


def test_a_quote_is_the_premium_less_and_plus_half_the_spread_rounded_outward_to_the_tick() -> None:
    # 2.52 -+ 1 % = 2.4948 and 2.5452, in ticks of 0.05; 40.04 -+ 1 % = 39.6396 and 40.4404, in ticks of 0.10
    assert quoted(2.52, 5.0, 0.01) == pytest.approx((2.45, 2.55))
    assert quoted(40.04, 5.0, 0.01) == pytest.approx((39.6, 40.5))
    # An index of twice the level has twice the tick.
    assert quoted(5.04, 10.0, 0.01) == pytest.approx((4.9, 5.1))


def test_what_is_worth_less_than_a_tick_has_no_bid() -> None:
    assert quoted(0.0501, 5.0, 0.01) == (0.0, pytest.approx(0.10))
    assert quoted(0.0506, 5.0, 0.01) == pytest.approx((0.05, 0.10))
    assert quoted(0.0, 5.0, 0.01) == (0.0, 0.05)


@given(PRICES, st.floats(0.0, 0.3), st.floats(0.0, 0.5))
def test_the_premium_is_between_bid_and_ask_which_are_whole_ticks(
    price: float, part: float, half_spread: float
) -> None:
    premium, step = part * price, strikes(price, price, 0.0, 1.0)[0]
    bid, ask = quoted(premium, step, half_spread)
    tick = 0.05 * step / 5.0
    assert 0.0 <= bid <= premium * (1.0 - half_spread) + 1e-9 * tick
    assert premium * (1.0 + half_spread) - 1e-9 * tick <= ask
    assert ask - bid <= 2.0 * half_spread * premium + 4.0 * tick * (1.0 + 1e-9)
    for side in (bid, ask):
        assert side / tick == pytest.approx(round(side / tick), abs=1e-6)


@given(PRICES, st.floats(0.5, 1.5))
def test_a_strike_is_the_nearest_whole_step_and_a_step_a_tenth_to_a_fifth_of_a_percent(
    price: float, ratio: float
) -> None:
    step, strike, _, _ = strikes(price, ratio * price, 0.0, 1.0)
    assert 0.001 <= step / price <= 0.002
    assert math.log2(step / 5.0) == round(math.log2(step / 5.0))
    assert strike % step == 0.0
    assert abs(strike - ratio * price) <= 0.5 * step * (1.0 + 1e-12)


@given(st.integers(-5000, 5000), st.sampled_from([1, 2, 5, 10, 25, 50]))
def test_the_next_strike_outward_is_the_next_multiple_of_the_spacing(steps: int, spacing: int) -> None:
    _, _, below, above = strikes(4000.0, 4000.0, float(steps), float(spacing))
    multiples = range(steps - spacing, steps + spacing + 1)
    assert below == max(n for n in multiples if n % spacing == 0 and n < steps)
    assert above == min(n for n in multiples if n % spacing == 0 and n > steps)


class Quoted(NamedTuple):
    """One path at a close: the level, the slice of each expiry that an index uses, and the five indices."""

    date: dt.date
    price: float
    slices: dict[Expiry, Slice]
    points: list[float]
    half_spread: float


# A small index near its low; the week before a third Friday that is Good Friday; a storm; a half day.
CLOSES = (
    ("2003-03-11", "2003-03-12"),
    ("2008-02-15", "2008-02-19"),
    ("2008-10-14", "2008-10-15"),
    ("2015-08-24", "2015-08-25"),
    ("2018-11-21", "2018-11-23"),
)
WEEKLYS = dt.date(2014, 10, 6)
"""Since then a VIX takes options that expire on any Friday; a simulated one always does."""


@pytest.fixture(scope="module", params=CLOSES, ids=[date for _, date in CLOSES])
def closes(request: pytest.FixtureRequest) -> list[Quoted]:
    """Two paths at the close of a date, after one simulated day."""
    start, date = request.param[0], dt.date.fromisoformat(request.param[1])
    market = prepare(market_config({"writers": population("overwriting")}, time={"start": start, "days": 1}))
    block = step_block(market)
    book, listing, found = block.options.book, block.options.listing, []
    for lane in (0, 40):
        slices = {}
        for pair, columns in zip(terms_of(date), listing.index_expiry[1].tolist(), strict=True):
            for term, column in zip(pair, columns, strict=True):
                theta, phi = float(book.variance[column, lane]), float(book.phi[column, lane])
                slices[term] = Slice(theta, phi, market.config.options.skew_correlation)
        half_spread = market.config.options.half_spread_pct / 100.0
        points = book.points[:, lane].tolist()
        found.append(Quoted(date, float(block.prices[0, lane]), slices, points, half_spread))
    assert market.dates[0].item() == date
    return found


def quotes_at(close: Quoted, tenor: int) -> list[tuple[float, list[Quote]]]:
    """Return forward and quotes of the near and the next term of an index."""
    terms = terms_of(close.date)[tenor]
    return [quotes_of(close.price, close.slices[term], close.half_spread, tenor) for term in terms]


def test_indices_are_those_of_the_plain_method_on_explicit_quotes(closes: list[Quoted]) -> None:
    for close in closes:
        for tenor, terms in enumerate(terms_of(close.date)):
            near, next_ = (minutes_to(close.date, term) for term in terms)
            pairs = zip(quotes_at(close, tenor), (near, next_), strict=True)
            first, second = (variance_of(*quotes, minutes / MINUTES_IN_YEAR) for quotes, minutes in pairs)
            index = index_of((first, second), (near, next_), TENOR_DAYS[tenor])
            assert close.points[tenor] == pytest.approx(index, rel=1e-9)


def test_indices_are_those_of_flowsim_vix_on_the_same_quotes_as_a_chain(closes: list[Quoted]) -> None:
    """The chain lists every expiry of the day, most of them with quotes that no index may look at."""
    for close in closes:
        if close.date < WEEKLYS:
            pytest.skip("flowsim vix goes by the rule of that day, without weeklys")
        for tenor, index in enumerate(INDICES):
            found = vix(chain_of(close, tenor), index.upper(), as_of=close_of(close.date))
            assert close.points[tenor] == pytest.approx(found.value, rel=1e-9)


def chain_of(close: Quoted, tenor: int) -> pl.DataFrame:
    """Return the quotes of one index among those of every expiry that is listed at the close."""
    listed, rows = listed_expiries(close.date), []
    terms = dict(zip(terms_of(close.date)[tenor], quotes_at(close, tenor), strict=True))
    wild = quotes_of(close.price, Slice(1.0, 0.5, -0.5), 0.0, tenor)[1][::10]
    for date, morning in zip(listed.dates.tolist(), listed.am_settled.tolist(), strict=True):
        for one in terms.pop(Expiry(date, not morning), (0.0, wild))[1]:
            contract = ("SPX" if morning else "SPXW", date, one.strike)
            rows += [(*contract, "C", one.call_bid, one.call_ask), (*contract, "P", one.put_bid, one.put_ask)]
    assert not terms, "the index looks at what is listed"
    return pl.DataFrame(rows, ["root", "expiry", "strike", "cp", "bid", "ask"], orient="row")


def test_far_strikes_have_zero_bids_and_no_strip_breaks_off_before_them(closes: list[Quoted]) -> None:
    for close in closes:
        for tenor in range(len(INDICES)):
            for forward, quotes in quotes_at(close, tenor):
                puts = [one.put_bid for one in quotes if one.strike < forward]
                calls = [one.call_bid for one in quotes if one.strike > forward]
                assert puts[0] == 0.0 or quotes[0].strike <= 50.0 * strike_step(close.price), "or there is none below"
                assert calls[-2:] == [0.0, 0.0]
                assert all(one.call_ask > 0.0 and one.put_ask > 0.0 for one in quotes)
