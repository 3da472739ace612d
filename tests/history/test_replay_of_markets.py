"""A replay of a market beside the first: its own populations along closes of its own, on New York's sessions."""

import numpy as np
import polars as pl
import pytest
from helpers.beside import TRADERS, several
from helpers.command import flowsim

from flowsim.data.prices import default_prices
from flowsim.errors import InputError
from flowsim.history.replay import replay


@pytest.fixture(scope="module")
def closes():
    """Closes of every day of the week up to 2018: the third power of the index, which moves by up to 30 % in a day."""
    known = default_prices()
    every = np.arange(known.dates[0], known.dates[-1] + 1)
    at = np.searchsorted(known.dates, every, side="right") - 1
    return pl.DataFrame({"date": every, "close": (known.close[at] / 1000.0) ** 3 + 1e-4 * np.arange(len(every))})


@pytest.fixture(scope="module")
def config():
    # The trend followers and value have capital of their own there.
    return several(populations=TRADERS | {"trend": TRADERS["trend"] | {"legs": {"btc": 4.0}}})


def test_the_populations_of_the_market_live_along_its_closes(config, closes):
    found = replay(config, closes, asset="btc", first="2018-11-01", last="2018-12-28")
    assert found.populations == ["trend", "coins", "savers"]
    assert "market btc along prices" in found.label
    assert found.volatility.height == 0
    assert found.market["date"].dt.weekday().max() == 5


def test_a_leg_holds_what_the_same_rule_with_its_capital_holds_along_these_closes(config, closes):
    period = {"first": "2018-11-01", "last": "2018-12-28"}
    leg = replay(config, closes, asset="btc", **period).flows.filter(population="trend")
    alone = config.of_market("equity").override({"population.trend.capital_bn": 4.0})
    on_sessions = closes.filter(pl.col("date").is_in(pl.Series(default_prices().dates)))
    index = replay(alone, on_sessions, trust_data=True, **period)
    own = index.flows.filter(population="trend")
    np.testing.assert_allclose(leg["exposure_bn"].to_numpy(), own["exposure_bn"].to_numpy(), rtol=1e-12)
    assert np.abs(leg["exposure_bn"].to_numpy()).max() > 0.5


def test_a_market_without_closes_says_so_and_an_unknown_one_names_the_nearest(config):
    with pytest.raises(InputError, match="market btc names no closes of its own; give them by `prices`"):
        replay(config, asset="btc")
    with pytest.raises(InputError, match=r"no market is called \"bct\"; did you mean 'btc'\?"):
        replay(config, asset="bct")


def test_the_command_takes_a_market_by_its_name(closes, tmp_path):
    closes.write_csv(tmp_path / "btc.csv")
    told = flowsim("replay", "four_markets", "--asset", "btc", "--prices", tmp_path / "btc.csv", "--from", "2018-12-03")
    assert "four_markets, market btc along btc.csv" in told.stdout
    assert "cta" in told.stdout
    assert "put_hedge" not in told.stdout
