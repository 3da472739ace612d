"""The VIX futures of a chain: those of the run that quoted it, and what products trade on them."""

import json
import sys

import polars as pl
import pytest
from helpers.markets import market_config, population, with_company

from flowsim import cli
from flowsim.config import load
from flowsim.ensemble.simulation import simulate
from flowsim.errors import InputError
from flowsim.futures.of_chain import DOLLARS_A_POINT, MOVES_PCT, futures_of_chain

POPULATIONS = with_company({"hedgers": population("put_hedging")})
PRODUCTS = load("vix_products").vix_products


@pytest.fixture(scope="module")
def run():
    config = market_config(
        POPULATIONS,
        time={"days": 4},
        vix_futures={"convexity": 0.09, "convexity_horizon": 60.0},
        record={"chain_dates": ["2018-11-20"]},
    )
    return simulate(config, 2, threads=1)


@pytest.fixture(scope="module")
def curve(run):
    return futures_of_chain(run.folder / "chain", path=1, products=PRODUCTS)


def test_a_chain_implies_the_futures_of_the_run_that_quoted_it(run, curve):
    row = run.to_polars("vix_futures").filter(path=1).filter(pl.col("date") == pl.date(2018, 11, 20))
    assert [one.month for one in curve.futures] == [f"M{month}" for month in range(1, 9)]
    for month, one in enumerate(curve.futures, 1):
        assert one.price == pytest.approx(row[f"vix_m{month}"][0], abs=0.02)
    assert curve.futures[0].days == row["vix_m1_days"][0]


def test_the_index_is_told_what_it_holds_rolls_and_earns(curve):
    # 20 November 2018 is the eve of a settlement: all is in the second contract, and 21 sessions later in the third.
    assert (curve.first, curve.near_share) == (1, 1.0)
    sessions = 100.0 / curve.rolled_pct
    assert sessions == pytest.approx(round(sessions))
    near, next_ = curve.futures[1].price, curve.futures[2].price
    assert curve.roll_return_pct == pytest.approx(curve.rolled_pct * (near - next_) / near)


def test_products_buy_what_their_leverage_asks_for(curve):
    up = MOVES_PCT.index(10.0)
    for one in curve.trades:
        leverage, assets = PRODUCTS.product[one.product].leverage, PRODUCTS.product[one.product].assets_bn
        price = curve.futures[1].price
        held, wanted = leverage * assets / price, leverage * assets * (1.0 + 0.1 * leverage) / (1.1 * price)
        assert one.bought[up] == pytest.approx(1e9 / DOLLARS_A_POINT * (wanted - held), abs=1e-6)
        assert one.rolled == pytest.approx(1e9 / DOLLARS_A_POINT * held * curve.rolled_pct / 100.0)


@pytest.fixture
def command(monkeypatch, capsys):
    """Run `flowsim vix` in this process; return exit status, standard output and standard error."""

    def run_it(*arguments):
        monkeypatch.setattr(sys, "argv", ["flowsim", "vix", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return ended.value.code, *capsys.readouterr()

    return run_it


def test_the_command_prints_each_future_and_the_trades_of_products(run, command):
    status, printed, _ = command(run.folder / "chain", "--path", 1, "--futures", "--products", "vix_products")
    lines = printed.splitlines()
    assert status == 0
    assert lines[0].startswith("VIX futures of 2018-11-20 from VIX9D ")
    assert [line.split()[0] for line in lines[3:11]] == [f"M{month}" for month in range(1, 9)]
    assert "30-day index: 100 % M2, the rest M3; a session rolls" in printed
    assert lines[-1].startswith("all ")
    status, printed, _ = command(run.folder / "chain", "--path", 1, "--futures", "--json")
    assert len(json.loads(printed)["futures"]) == 8


def test_products_without_futures_and_configs_without_products_are_refused(run, command):
    status, _, said = command(run.folder / "chain", "--path", 1, "--products", "vix_products")
    assert (status, "give --futures too" in said, said.count("\n")) == (2, True, 1)
    status, _, said = command(run.folder / "chain", "--path", 1, "--futures", "--products", "us_equity")
    assert (status, "has no table vix_products" in said) == (2, True)


def test_a_chain_of_one_month_gives_no_future(run):
    chain = pl.read_parquet(run.folder / "chain").filter(pl.col("path") == 1, pl.col("expiry") < pl.date(2019, 1, 15))
    with pytest.raises(InputError, match="VIX futures need the VIX and two more indices, and the chain gives too few"):
        futures_of_chain(chain.drop("path"))
