"""Facts of a market beside the first: by the same code, beside closes of its own, and never beside the S&P 500."""

import numpy as np
import polars as pl
import pytest
from helpers.beside import BTC, several
from helpers.command import flowsim

from flowsim.ensemble.simulation import simulate
from flowsim.errors import InputError
from flowsim.facts.fact_table import facts_of_market, facts_of_run
from flowsim.plot.facts import facts

VOL = "return annualized vol (%)"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return simulate(several({"btc": BTC}, {}, time={"days": 260}), 2, out=tmp_path_factory.mktemp("facts") / "run")


@pytest.fixture(scope="module")
def closes(tmp_path_factory):
    """Closes of every day of the week, of half a percent a day."""
    dates = np.arange(np.datetime64("2010-01-04"), np.datetime64("2018-12-31"))
    moves = 0.005 * np.where(np.arange(len(dates)) % 3 == 0, 1.0, -0.5)
    file = tmp_path_factory.mktemp("closes") / "btc.csv"
    pl.DataFrame({"date": dates, "close": 1000.0 * np.exp(np.cumsum(moves))}).write_csv(file)
    return file


def test_a_market_has_its_own_facts_and_no_interval_of_another(run):
    (series,) = facts_of_market(run.of_market("btc")).series
    daily = run.of_market("btc").market.select("log_return").collect().to_series().to_numpy()
    assert series.measured.facts[VOL].value == pytest.approx(100.0 * daily.std() * np.sqrt(252), rel=0.05)
    assert series.scored == []
    assert facts_of_run(run).series[0].measured.facts[VOL].value < 20.0


def test_a_market_is_held_against_closes_of_its_own_on_new_yorks_sessions(run, closes):
    table = facts_of_market(run.of_market("btc"), closes, resamples=100)
    (series,) = table.series
    assert list(series.market) == ["btc.csv"]
    assert VOL in series.misses  # 32 % a year are not half a percent a day
    assert f"of {len(series.scored)} facts lie inside the interval of btc.csv." in table.as_markdown()


def test_commands_take_a_market_by_its_name(run, closes):
    printed = flowsim("facts", run.folder, "--asset", "btc", "--prices", closes, "--resamples", "100").stdout
    assert "btc.csv" in printed
    assert "1990-2026" not in printed
    assert flowsim("plot", run.folder, "paths", "--asset", "btc").stdout.strip().endswith("paths-btc.png")
    refused = flowsim("facts", run.folder, "--asset", "bct")
    assert "no market is called 'bct'; did you mean 'btc'?" in refused.stderr


def test_the_picture_of_facts_is_of_an_equity_index(run):
    with pytest.raises(InputError, match="holds an equity index against the S&P 500, and btc is none"):
        facts(run.of_market("btc"))
