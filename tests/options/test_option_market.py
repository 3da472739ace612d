"""The option market in the engine: dealers' gamma moves the price as theory says, nobody gains without a loser."""

import datetime as dt
import re
from pathlib import Path

import numpy as np
import pytest
from helpers.command import flowsim
from helpers.markets import PROGRAMMES, Block, market_config, population, step_block
from twin.plain_market import PlainMarket

from flowsim.engine.prepare import Market, prepare
from flowsim.engine.run_days import run_days
from flowsim.market.arrays import Record
from flowsim.market.calls import BAD_SUBSYSTEM, FINE
from flowsim.market.records import new_record
from flowsim.options.phases import NO_PRICE, SMALLEST_RESISTANCE
from flowsim.run.columns import TABLES

LANES = 64
SHORT_GAMMA = """
description = "Customers buy puts at the money for far more than the market can hedge"
extends = "plain"
time = { start = 2018-11-29, days = 2 }
options = { listed = true }
[population.hedgers]
strategy = "month_end_hedging"
agents = 1
capital_bn = 12000
strike = 1.0
[population.dealer]
strategy = "option_dealer"
agents = 1
capital_bn = 100
band = 0.0
bars_between = 1
within_bar = 1.0
"""
# A rule of the longest memory lets the option market live through enough history to hold something at the start.
MEMORY = {"trend": population("cta", capital_bn=1e-9)}
HEDGERS = {"hedgers": population("put_hedging", agents=1, strike=0.97, months_ahead=2)}
RULES = '''
"""Two programmes that deal in synthetic forwards, a call less a put of one strike, one on each side."""

from flowsim.strategy import Annotated, Field, Leg, NamedTuple, Structure, View, strategy


class Client(NamedTuple):
    capital_bn: Annotated[float, Field("notional", "USD bn", 0.0)]
    strike: Annotated[float, Field("strike over the index", "", 0.5, 2.0)]


class Nothing(NamedTuple):
    dealt: float = 0.0


def structure(sign: float) -> Structure:
    return Structure("monthly_expiry", "third_friday", (Leg("call", "strike", sign), Leg("put", "strike", -sign)))


@strategy(clock="roll", source="a test", structure=structure(1.0))
def buying(view: View, client: Client, held: Nothing, noise: float) -> tuple[Nothing, float]:
    return held, client.capital_bn


@strategy(clock="roll", source="a test", structure=structure(-1.0))
def selling(view: View, client: Client, held: Nothing, noise: float) -> tuple[Nothing, float]:
    return held, client.capital_bn
'''


@pytest.fixture
def rules(tmp_path: Path) -> list[str]:
    """Return the folder of the two programmes."""
    (tmp_path / "rules.py").write_text(RULES)
    return [str(tmp_path)]


def synthetic(strategy: str) -> dict[str, object]:
    """Return the table of a programme of synthetic forwards."""
    return {"strategy": strategy, "agents": 1, "capital_bn": 50, "strike": 0.97}


def dealers(within_bar: float) -> dict[str, object]:
    """Return the table of dealers who hedge such a part of a bar's move."""
    return {"dealer": population("option_dealer", band=0.0, within_bar=within_bar)}


def puts_and(within_bar: float) -> Market:
    """Return a market of one day whose customers hold puts."""
    return prepare(market_config(HEDGERS | MEMORY | dealers(within_bar), time={"start": "2018-11-26", "days": 1}))


def step_scaled(market: Market, scale: np.ndarray) -> tuple[int, np.ndarray, Record]:
    """Step a day with each path's book scaled; return status, where it broke, and the record by bar.

    Dealers begin with the hedge of the scaled book, so that the first bar does not begin with a large order.
    """
    state, scratch, bundles = market.new_block()
    bundles["option_market"].book.quantity[:] *= scale
    state.shares[market.populations.index("dealer")] *= scale
    record = new_record(int(market.timetable.bars[0]) + 1, market.registry, TABLES, by_step=True, every=1)
    arrays = (market.timetable, market.rules, market.model, state, scratch, record)
    return run_days(*arrays, market.calls(bundles), 0, 1, 0, LANES), scratch.fault, record


def feedback(market: Market) -> np.ndarray:
    """Return 100 lambda gamma of each path before its first bar, by the plain book and Black's formula."""
    plain, (_, _, record) = PlainMarket(market, 0), step_scaled(market, np.zeros(LANES))
    assert plain.options
    night = market.config.market.overnight_share
    gammas = [-plain.options.sums(price, night).gamma for price in record.market[0, 0].tolist()]
    return 100.0 * plain.observables["impact"] * np.array(gammas)


def test_a_move_is_the_shock_over_one_plus_a_hundred_lambda_gamma() -> None:
    """Frey and Stremme's oracle; the shock is the move of the same market whose dealers do not hedge within the bar."""
    hedged = puts_and(within_bar=1.0)
    wanted = np.linspace(-0.9, 3.0, LANES)  # of 100 lambda gamma: dealers short, flat, long
    scale = wanted / feedback(hedged)
    assert (scale[wanted < 0.0] > 0.0).all(), "who is short puts is short gamma"
    shock, move = (step_scaled(market, scale)[2].market[1, 1] for market in (puts_and(within_bar=0.0), hedged))
    np.testing.assert_allclose(move, shock / (1.0 + wanted), rtol=0.0, atol=1e-12)
    assert (np.abs(move[wanted < 0.0]) > np.abs(shock[wanted < 0.0])).all()
    assert (np.abs(move[wanted > 0.0]) < np.abs(shock[wanted > 0.0])).all()


def test_no_price_clears_beyond_the_singular_point() -> None:
    market = puts_and(within_bar=1.0)
    unit = feedback(market)
    for beyond in (SMALLEST_RESISTANCE - 0.001, 0.0, -5.0):
        scale = np.zeros(LANES)
        scale[37] = (beyond - 1.0) / unit[37]
        status, fault, _ = step_scaled(market, scale)
        assert (status, *fault[2:4], fault[5]) == (BAD_SUBSYSTEM, 37, 1, NO_PRICE)
    scale[37] = (SMALLEST_RESISTANCE + 0.001 - 1.0) / unit[37]
    assert step_scaled(market, scale)[0] == FINE


def test_a_run_beyond_the_singular_point_stops_with_path_and_date_and_writes_no_number(tmp_path: Path) -> None:
    file, folder = tmp_path / "short_gamma.toml", tmp_path / "run"
    file.write_text(SHORT_GAMMA)
    ended = flowsim("run", file, "--paths", 3, "--out", folder)
    assert ended.returncode == 3
    assert ended.stdout == ""
    assert re.search(r"no price clears on path 0, 2018-1\d-\d\d, step \d+: hedging by population dealer", ended.stderr)
    assert not list(folder.glob("*/*.parquet"))


@pytest.fixture(scope="module")
def everybody() -> tuple[Market, Block]:
    """A market in which every programme deals for a month, and its first 64 paths."""
    customers = {name: population(name) for name in PROGRAMMES}
    market = prepare(market_config(customers | MEMORY | dealers(1.0), time={"days": 22}))
    return market, step_block(market, by_bar=True)


def test_cash_and_stock_of_all_accounts_add_up_to_zero(everybody: tuple[Market, Block]) -> None:
    market, block = everybody
    cash, stock = block.state.cash, block.state.shares
    customers = [market.accounts.index(name) for name in market.programmes]
    assert (np.abs(cash[customers]).mean(axis=1) > 1e-3).all(), "every programme has paid or been paid"
    np.testing.assert_allclose(cash.sum(axis=0), 0.0, atol=1e-9)
    np.testing.assert_allclose(stock.sum(axis=0), 0.0, atol=1e-9)
    assert (stock[customers] == 0.0).all(), "programmes trade options only"


def test_without_hedgers_the_market_maker_is_paid_what_customers_pay() -> None:
    """Puts of 110 % pay at each expiry: one settles on the first morning, and the next is dealt at its close."""
    buyers = {"buyers": population("put_hedging", agents=1, strike=1.1, months_ahead=1)}
    market = prepare(market_config(buyers | MEMORY, time={"days": 2}))
    block = step_block(market, days=1)
    buyers_cash, makers_cash = (block.state.cash[market.accounts.index(name)] for name in ("buyers", "market_maker"))
    assert (np.abs(buyers_cash) > 1e-3).all()
    np.testing.assert_allclose(makers_cash, -buyers_cash, rtol=0.0, atol=1e-6)  # trend followers trade a billionth


def test_what_one_programme_buys_of_another_dealers_need_not_hedge(rules: list[str]) -> None:
    """Customers' sum is zero in every contract, so dealers hold none: no stock hedges them, no cash is theirs."""
    populations = {"buyers": synthetic("buying"), "sellers": synthetic("selling")} | MEMORY | dealers(1.0)
    market = prepare(market_config(populations, strategy_folders=rules, options={"listed": True}))
    block = step_block(market, by_bar=True)
    assert (np.abs(block.options.book.quantity) > 1.0).any()
    np.testing.assert_allclose(block.record.flow[:, market.sources.index("dealer")], 0.0, atol=1e-12)
    buyers, sellers, dealer = (
        block.state.cash[market.accounts.index(name)] for name in ("buyers", "sellers", "dealer")
    )
    np.testing.assert_array_equal(buyers, -sellers)
    np.testing.assert_allclose(dealer, 0.0, atol=1e-12)


def test_a_call_less_a_put_is_a_forward_to_the_last_digits(rules: list[str]) -> None:
    """Call - put = 1 - K / F for each model price: delta 1, no gamma, vega, vanna or charm, and a payoff of S - K."""
    populations = {"buyers": synthetic("buying")} | MEMORY | dealers(1.0)
    time = {"start": "2018-12-17", "days": 4}  # to the third Friday, when one structure settles and the next is dealt
    market = prepare(market_config(populations, strategy_folders=rules, time=time, options={"listed": True}))
    block = step_block(market, by_bar=True)
    delta, *none, value = np.moveaxis(block.options.record.sums[:, 0], 1, 0)
    np.testing.assert_allclose(delta, 50.0, rtol=1e-15)
    assert (np.array(none) == 0.0).all()
    settled, dealt = np.exp(market.book.log_strike[0]), np.exp(block.options.book.log_strike[0])
    opened, closed = block.prices[-1 - market.timetable.bars[3]], block.prices[-1]
    np.testing.assert_allclose(value[-1], 50.0 * (1.0 - dealt / closed), rtol=0.0, atol=1e-13)
    cash = 50.0 * ((opened - settled) - (closed - dealt)) / float(market.history.close[-1])
    np.testing.assert_allclose(block.state.cash[market.accounts.index("buyers")], cash, rtol=0.0, atol=1e-12)


def test_dealers_hold_no_hedge_of_what_has_expired() -> None:
    """Puts settle on the opening of the third Friday, and the next are dealt at its close: no hedge till then."""
    puts = {"hedgers": population("put_hedging", agents=1, strike=1.0, months_ahead=1)}
    market = prepare(market_config(puts | MEMORY | dealers(1.0), time={"start": "2018-12-18", "days": 5}))
    held = stock_of_dealers(market)
    friday = market.dates.tolist().index(dt.date(2018, 12, 21))
    assert (np.abs(held[friday - 1]) > 1.0).all()
    assert (np.abs(held[friday][0]) > 1.0).all(), "the night passes before they can trade"
    np.testing.assert_allclose(held[friday][1:], 0.0, atol=1e-12)
    assert (np.abs(held[friday + 1][1:]) > 1.0).all()


def test_the_hedge_of_what_settles_at_the_close_is_gone_after_the_last_bar() -> None:
    """Friday is the last bar of the week's options; the next week's are dealt at the mark after it."""
    weekly = {"weekly": population("weekly_buying", agents=1, put_strike=1.0, call_strike=1.1, fear=0.0)}
    market = prepare(market_config(weekly | MEMORY | dealers(1.0), time={"start": "2018-11-28", "days": 9}))
    held = stock_of_dealers(market)
    fridays = [day for day, date in enumerate(market.dates.tolist()) if date.weekday() == 4]
    friday = fridays[1]  # on the first they deal, on the second it settles
    assert np.abs(held[friday][-2]).mean() > 1.0
    np.testing.assert_allclose(held[friday][-1], 0.0, atol=1e-12)
    np.testing.assert_allclose(held[friday + 1][0], 0.0, atol=1e-12)
    assert np.abs(held[friday + 1][1]).mean() > 1.0


def stock_of_dealers(market: Market) -> list[np.ndarray]:
    """Return for each day what dealers hold after each step, (steps, paths)."""
    record = step_block(market, by_bar=True).record
    held, days = record.exposure[:, market.accounts.index("dealer")], np.cumsum(market.timetable.bars + 1)
    return np.split(held, days[:-1])
