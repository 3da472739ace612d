"""A forward test on closes that are made: what a forecast may know, what is kept, and which way each verdict points."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from helpers.declared import differs

import flowsim as fs
from flowsim.clock import sessions
from flowsim.data.prices import Prices
from flowsim.data.volatility_file import Volatility
from flowsim.errors import InputError, RunError
from flowsim.forecasts import backtest as testing
from flowsim.forecasts.backtest import MARKET, Backtest, Forecaster
from flowsim.forecasts.columns import BACKTEST_TABLES
from flowsim.forecasts.paths import RETURN, Paths
from flowsim.forecasts.rivals import AUTOREGRESSION, FILTERED, GARCH

SMALL = fs.load("plain", ["population={noise={strategy='noise_trading',agents=1,capital_bn=90}}"])
LISTED = SMALL.override("options.listed=true")
GIVEN = {"every": 40, "n_paths": 128, "horizons": (1, 5), "threads": 1}


@pytest.fixture(scope="module")
def closes() -> Prices:
    """Closes of 2,400 sessions with a volatility that comes and goes, about 16 % a year."""
    noise = np.random.default_rng(11)
    heat = np.zeros(2400)
    for day in range(1, 2400):
        heat[day] = 0.97 * heat[day - 1] + 0.1 * noise.normal()
    returns = 0.01 * np.exp(heat) * noise.standard_normal(2400)
    dates = sessions("2008-01-02", "2020-12-31").dates[:2400]
    return Prices(dates, 1000.0 * np.exp(np.cumsum(returns)), "made closes")


@pytest.fixture(scope="module")
def index(closes: Prices) -> Volatility:
    level = 18.0 * np.exp(np.random.default_rng(3).normal(0.0, 0.05, len(closes)))
    return Volatility(closes.dates, {"VIX": level}, "made VIX")


@pytest.fixture(scope="module")
def found(closes: Prices, index: Volatility) -> Backtest:
    return fs.backtest(SMALL, closes, volatility=index, first="2016-06-01", **GIVEN)


def test_every_table_is_as_it_is_declared(found: Backtest) -> None:
    for table in BACKTEST_TABLES:
        assert differs(found.tables[table.name], table) == []


def test_every_model_forecasts_each_horizon_from_each_date(found: Backtest, closes: Prices) -> None:
    begin = int(np.searchsorted(closes.dates, np.datetime64("2016-06-01")))
    dates = closes.dates[begin : len(closes) - 5 : 40]
    assert found.n_dates == len(dates) > 5
    counts = found.forecasts.group_by("model", "quantity").len().sort("model", "quantity").rows()
    of_returns = [(model, what, 2 * len(dates)) for model in (GARCH, FILTERED, MARKET) for what in
                  ("realized volatility", RETURN)]  # fmt: skip
    assert sorted(counts) == sorted(of_returns)


def test_what_came_is_what_the_closes_did(found: Backtest, closes: Prices) -> None:
    row = found.forecasts.filter(model=GARCH, quantity=RETURN, horizon_days=5).row(0, named=True)
    place = int(np.searchsorted(closes.dates, np.datetime64(row["date"])))
    assert row["came"] == pytest.approx(100.0 * np.log(closes.close[place + 5] / closes.close[place]))


def test_closes_after_a_date_change_no_forecast_of_that_date(closes: Prices, index: Volatility) -> None:
    place = 2200
    later = np.arange(len(closes)) > place
    moved = replace(closes, close=np.where(later, closes.close * 1.5, closes.close))
    other = Volatility(index.dates, {"VIX": np.where(later, 40.0, index.indices["VIX"])}, "made VIX")
    before, after = (
        Forecaster(LISTED, prices, volatility, (1, 5), 128).at(place)
        for prices, volatility in ((closes, index), (moved, other))
    )
    assert isinstance(before, dict)
    assert isinstance(after, dict)
    assert set(before) == {MARKET, GARCH, FILTERED, AUTOREGRESSION}
    for model, paths in before.items():
        np.testing.assert_array_equal(paths.returns, after[model].returns)
        for name, level in paths.indices.items():
            np.testing.assert_array_equal(level, after[model].indices[name])


def test_a_close_before_a_date_changes_the_forecast_of_everybody(closes: Prices) -> None:
    shocked = closes.close.copy()
    shocked[2198:] *= 0.93
    before, after = (
        Forecaster(SMALL, prices, None, (5,), 128).at(2200) for prices in (closes, replace(closes, close=shocked))
    )
    assert isinstance(before, dict)
    assert isinstance(after, dict)
    for model, paths in before.items():
        assert after[model].returns.std() > 1.2 * paths.returns.std()


def test_forecasts_are_the_same_on_any_threads_and_by_any_dates_beside_them(found: Backtest, closes, index) -> None:
    again = fs.backtest(SMALL, closes, volatility=index, first="2016-06-01", **GIVEN | {"threads": 3})
    assert again.forecasts.equals(found.forecasts)
    fewer = fs.backtest(SMALL, closes, volatility=index, first="2016-06-01", **GIVEN | {"every": 80})
    assert fewer.forecasts.equals(found.forecasts.filter(pl.col("date").is_in(fewer.forecasts["date"].implode())))


def test_a_test_that_was_stopped_goes_on_where_it_was(closes, index, found, tmp_path, monkeypatch) -> None:
    def stop(done: int, total: int) -> None:
        if done == 4:
            raise KeyboardInterrupt

    known = {"volatility": index, "first": "2016-06-01", "results": tmp_path / "kept"} | GIVEN
    with pytest.raises(KeyboardInterrupt):
        fs.backtest(SMALL, closes, progress=stop, **known)
    kept = len(list((tmp_path / "kept").glob("*.npz")))
    assert 4 <= kept < found.n_dates
    made, rivals = [], testing.garch_rivals
    monkeypatch.setattr(testing, "garch_rivals", lambda *given: made.append(given) or rivals(*given))
    assert fs.backtest(SMALL, closes, **known).forecasts.equals(found.forecasts)
    assert len(made) == found.n_dates - kept


def test_a_date_from_which_the_market_diverges_is_named_and_left_out(closes, monkeypatch) -> None:
    whole = Forecaster._made
    broken = iter([RunError("no price clears on 2016-06-02"), None, None, None, None, None, None, None, None, None])
    monkeypatch.setattr(Forecaster, "_made", lambda self, blocks, place: next(broken) or whole(self, blocks, place))
    some = fs.backtest(SMALL, closes, first="2016-06-01", **GIVEN)
    assert some.left_out == {"2016-06-01": "no price clears on 2016-06-02"}
    assert some.words[-1] == (
        "1 date is left out, as the market diverges from it: 2016-06-01, no price clears on 2016-06-02."
    )
    monkeypatch.setattr(Forecaster, "_made", lambda *given: RunError("no price clears"))
    with pytest.raises(RunError, match="diverges from every date, first no price clears"):
        fs.backtest(SMALL, closes, first="2016-06-01", **GIVEN)


def judged(spread: float, rival: float = 1.0) -> Backtest:
    """Return a test of a market whose forecasts are so much too wide, beside a rival's, of normal returns."""
    noise, n = np.random.default_rng(8), 200
    rows = []
    for day in range(n):
        came = Paths(noise.normal(0.0, 0.01, (1, 1)), {})
        said = {name: Paths(noise.normal(0.0, 0.01 * width, (200, 1)), {}) for name, width in
                ((MARKET, spread), (GARCH, rival))}  # fmt: skip
        rows += testing.scored_rows(np.datetime64("2000-01-03") + day, said, came, (1,))
    table = pl.DataFrame(rows)
    parts = testing.coverage_table(table), testing.shortfall_table(table), testing.score_table(table, MARKET, {1: 0})
    return Backtest("made", 21, 200, (1,), table, *parts, {})


def test_a_forecast_too_narrow_is_said_to_be_broken_too_often_and_too_deep_and_to_lose() -> None:
    said = judged(0.5).words
    assert any(one.startswith("Return at 1 day is below the level of 5 % more often than chance") for one in said)
    assert any(one.startswith("Return at 1 day is below the level of 95 % less often than chance") for one in said)
    assert any("beyond the level of 5 % at 1 day are larger than the market expects" in one for one in said)
    assert f"Return at 1 day: the market is worse than {GARCH}" in " ".join(said)


def test_a_forecast_that_is_right_is_within_the_bounds_and_beats_one_that_is_too_wide() -> None:
    said = judged(1.0, rival=2.5).words
    assert (
        said[0] == "Coverage of the market is within the bounds of chance at 8 of 8 levels and horizons, all of them."
    )
    assert f"Return at 1 day: the market is better than {GARCH}" in " ".join(said)
    assert "| return | 1 | market |" in judged(1.0).as_markdown()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"n_paths": 99}, "`n_paths=99`: a level of one percent needs 100 paths at least"),
        ({"every": 0}, "`every=0`: dates are one session apart at least"),
        ({"horizons": (0, 5)}, "horizons = 0,5; give numbers of sessions from 1 to 252"),
        ({"first": "2017-07-10"}, "made closes: no close from 2017-07-10 on has 5 sessions after it"),
        ({"last": "2008-06-02"}, "choose another `first` or `last`, or a longer file"),
    ],
)
def test_what_cannot_be_tested_is_refused(closes: Prices, given: dict, said: str) -> None:
    with pytest.raises(InputError) as caught:
        fs.backtest(SMALL, closes, **GIVEN | given)
    assert said in str(caught.value)


def test_from_real_closes_the_market_is_judged_beside_its_rivals(shared_folder) -> None:
    data = shared_folder / "data"
    found = fs.backtest(
        "us_equity", data / "spx_daily.csv", volatility=data / "cboe_indices_close.csv", first="2019-01-02",
        last="2020-06-30", every=126, n_paths=128, threads=1,
    )  # fmt: skip
    assert found.n_dates == 3
    assert set(found.scores["model"]) == {MARKET, GARCH, FILTERED, AUTOREGRESSION}
    vix = found.forecasts.filter(quantity="VIX", horizon_days=21, model=MARKET)
    dates = sessions("2019-01-02", "2020-06-30").dates
    came = fs.read_volatility(data / "cboe_indices_close.csv").on(dates[[21, 147, 273]])["VIX"]
    assert vix["came"].to_list() == came.tolist()
