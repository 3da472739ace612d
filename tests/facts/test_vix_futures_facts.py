"""Facts of VIX futures: on made closes whose answer is known, on a run, and on real files as published."""

import json

import numpy as np
import polars as pl
import pytest
from helpers.markets import market_config, population, with_company

from flowsim.cli import app
from flowsim.clock import sessions
from flowsim.clock.vix_settlements import days_to_settlement, index_roll
from flowsim.data.futures_file import Futures, read_futures
from flowsim.data.prices import default_prices
from flowsim.ensemble.simulation import simulate
from flowsim.errors import InputError
from flowsim.facts import vix_futures as measured
from flowsim.facts.closes import Closes
from flowsim.facts.fact_table import facts_of_run
from flowsim.facts.futures_table import facts_of_futures
from flowsim.facts.market_facts import futures_facts
from flowsim.facts.vix_futures import VIX_FUTURES_FACTS
from flowsim.futures.index import first_changes, index_returns

DATES = sessions("2015-01-02", "2017-12-29").dates


def made_closes(seed: int = 1) -> Closes:
    """A VIX that answers to returns, and two contracts of which each moves by half of what it does."""
    random = np.random.default_rng(seed)
    returns = random.normal(0.0, 1.0, len(DATES) - 1)
    vix = 20.0 - np.cumsum(np.append(0.0, returns))
    vix = 20.0 + 8.0 * np.tanh((vix - 20.0) / 8.0)
    first = 10.0 + 0.5 * vix
    indices = {"VIX": vix[1:], "M1": first[1:], "M2": 1.05 * first[1:]}
    return Closes.dated(DATES, returns, indices)


def test_february_2018_has_the_published_return_of_the_index():
    dates = sessions("2018-02-02", "2018-02-05").dates
    returns = index_returns(dates, np.array([15.625, 33.225]), np.array([14.975, 27.975]))
    assert round(float(returns[1]), 4) == 0.9610
    assert np.isnan(returns[0])


def test_over_a_settlement_the_index_follows_what_it_holds():
    """At the close before, all is in the second contract, which is the first one a day later."""
    dates = sessions("2018-02-12", "2018-02-15").dates
    first, second = np.array([25.0, 24.0, 20.0, 19.0]), np.array([21.0, 22.0, 21.0, 20.0])
    returns = index_returns(dates, first, second)
    np.testing.assert_allclose(returns[1], (0.05 * 24.0 + 0.95 * 22.0) / (0.05 * 25.0 + 0.95 * 21.0) - 1.0)
    np.testing.assert_allclose(returns[2], 20.0 / 22.0 - 1.0)
    earlier, now = first_changes(dates, first, second)
    assert (earlier[2], now[2]) == (22.0, 20.0)


def test_over_a_missing_session_nothing_is_known():
    dates = np.delete(sessions("2018-02-05", "2018-02-09").dates, 2)
    known = np.isfinite(index_returns(dates, np.full(4, 20.0), np.full(4, 21.0)))
    assert known.tolist() == [False, True, False, True]


def test_planted_levels_slopes_and_steepness_are_found():
    closes = made_closes()
    found = {fact.name: float(fact.compute(closes)) for fact in VIX_FUTURES_FACTS}
    assert found["M1 < M2 fraction"] == 1.0
    assert found["M2/M1 - 1 mean (%)"] == pytest.approx(5.0)
    assert found["M1/VIX - 1 mean (%)"] == pytest.approx(
        100 * np.mean(closes.indices["M1"] / closes.indices["VIX"] - 1)
    )
    # At 28 and 35 days the change is from what was the second contract, which stood 5 % above.
    for low, high in measured.SPANS[:3]:
        assert found[f"dM1 on dVIX, {low}-{high} days"] == pytest.approx(0.5)
        assert found[f"dM1 on r, {low}-{high} days (%/%)"] < 0.0


def test_what_a_roll_costs_is_the_share_rolled_times_the_steepness():
    closes = made_closes()
    roll = index_roll(closes.dates)
    # A share of 1/D of the contracts at a steepness of 5 % of the first, over a price between the two.
    share = -np.diff(roll.weight)[np.diff(roll.weight) < 0.0]
    cost = float(measured.roll_cost_pct(closes))
    assert 100 * np.median(share) * 0.05 / 1.05 < cost < 100 * np.median(share) * 0.05


def test_the_shipped_facts_are_those_that_are_measured_each_inside_its_own_interval():
    [facts] = futures_facts().values()
    assert list(facts) == [fact.name for fact in VIX_FUTURES_FACTS]
    assert all(one.holds(one.value) for one in facts.values())


def test_facts_of_a_run_with_futures_stand_beside_the_shipped_ones(tmp_path):
    populations = with_company({"hedgers": population("put_hedging"), "noise": population("noise_trading")})
    listed = {"convexity": 0.09, "convexity_horizon": 60.0}
    config = market_config(populations, time={"days": 270}, vix_futures=listed)
    run = simulate(config.override("record.tables=['market', 'volatility']"), 2, threads=1)
    table = facts_of_run(run)
    [series] = table.futures
    futures = run.to_polars("vix_futures")
    mean = 100 * futures.group_by("path").agg((pl.col("vix_m2") / pl.col("vix_m1") - 1).mean())["vix_m2"].median()
    assert series.measured.facts["M2/M1 - 1 mean (%)"].value == pytest.approx(mean)
    assert "VIX futures:" in table.as_markdown()
    assert table.as_dict()["futures"]["series"][0]["score"]["of"] == len(series.scored) > 10
    without = simulate(market_config(populations, time={"days": 253}), 1, threads=1)
    assert facts_of_run(without).futures == []


def made_file(folder):
    """Futures on the shipped closes of 2016 and 2017, steep at all times."""
    known = default_prices()
    dates = known.dates[(known.dates >= DATES[252]) & (known.dates <= DATES[-1])]
    days = days_to_settlement(dates, 2)
    prices = 15.0 + 0.02 * days + np.sin(np.arange(len(dates)))[:, None]
    file = folder / "futures.csv"
    pl.DataFrame({"date": dates, "M1": prices[:, 0], "M2": prices[:, 1]}).write_csv(file)
    return file


def test_the_command_prints_facts_of_a_file_and_what_is_left_out(tmp_path, capsys):
    file = str(made_file(tmp_path))
    app(["facts", "--futures", file, "--resamples", "100"], standalone_mode=False)
    printed = capsys.readouterr().out
    assert "| M1 < M2 fraction" in printed
    assert "left out, no closes of VIX; give them by --vol: M1/VIX - 1 mean (%), dM1 on dVIX, 1-7 days," in printed
    app(["facts", "--futures", file, "--resamples", "100", "--json"], standalone_mode=False)
    assert json.loads(capsys.readouterr().out)["futures"]["facts"]["M1 < M2 fraction"]["value"] == 1.0


def test_futures_of_other_days_than_the_prices_are_refused_in_one_sentence():
    other = Futures(DATES[:3] + 20000, np.full((3, 8), 20.0), "mine.csv")
    with pytest.raises(InputError, match=r"^mine\.csv has futures from .*; name files of the same days$"):
        facts_of_futures(other)


def test_a_run_and_a_file_at_once_are_refused(tmp_path):
    with pytest.raises(InputError, match="leave out the folder of a run"):
        app(["facts", str(tmp_path), "--futures", "mine.csv"], standalone_mode=False)


PUBLISHED = {
    "M1/VIX - 1 mean (%)": 4.6,
    "M1 < M2 fraction": 0.82,
    "M2/M1 - 1 mean (%)": 5.7,
    "dM1 on dVIX, 1-7 days": 0.74,
    "dM1 on r, 1-7 days (%/%)": -3.4,
    "dM1 on r, 22-35 days (%/%)": -2.6,
}


def test_facts_of_the_real_file_and_its_futures_beside_the_formula(shared_folder):
    folder = shared_folder / "data"
    futures = read_futures(folder / "vix_futures_settle_2006_2017.csv")
    found = facts_of_futures(futures, folder / "cboe_indices_close.csv", folder / "spx_daily.csv", resamples=100)
    for name, value in PUBLISHED.items():
        assert found.series.measured.facts[name].value == pytest.approx(value, rel=0.02), name
    assert [round(one.over_formula, 2) for one in found.formula] == [1.02, 1.01, 1.0, 1.0, 1.01, 1.0]
    assert all(one.correlation > 0.98 for one in found.formula)
    # The two numbers of the config are near the least error of the scan, and no convexity is far from it.
    assert found.scan[0.09, 60.0] < min(found.scan.values()) + 0.01 < found.scan[0.0, 60.0] - 0.5
