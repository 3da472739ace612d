"""An outlook: what is asked of the rules, what is said of it, and the page that can be mailed."""

import re
import shutil
import subprocess

import numpy as np
import polars as pl
import pytest
from helpers.declared import differs

from flowsim.config import load
from flowsim.data.prices import default_prices
from flowsim.engine.replay import follow, warm_market
from flowsim.ensemble.simulation import simulate
from flowsim.errors import InputError
from flowsim.history.columns import OUTLOOK_TABLES
from flowsim.history.forward import without_feedback
from flowsim.history.outlook import outlook
from flowsim.history.outlook_words import words
from flowsim.history.path_dependent import path_dependent
from flowsim.history.scenarios import daily_vol, move, swings
from flowsim.history.triggers import roll_off
from flowsim.report.outlook import write_outlook

AS_OF = "2018-08-31"


def small_config():
    config = load("us_equity")
    stock = {name: p for name, p in config.population.items() if not config.strategies[p.strategy].trades_options}
    options = config.options.model_copy(update={"listed": False})
    return config.model_copy(update={"population": stock, "options": options})


@pytest.fixture(scope="module")
def found():
    return outlook(small_config(), default_prices(), as_of=AS_OF, n_paths=16)


@pytest.fixture(scope="module")
def warm():
    return warm_market(small_config(), default_prices(), AS_OF)


def test_the_tables_of_an_outlook_have_the_columns_that_are_declared(found):
    declared = {table.name: table for table in OUTLOOK_TABLES}
    # Its config lists no options, and it was given no chain.
    assert set(declared) - set(found.tables) == {"forward_volatility", "gamma", "layer"}
    assert [name for name, frame in found.tables.items() if differs(frame, declared[name])] == []


def test_an_outlook_begins_at_the_last_close_and_with_what_past_returns_make_of_volatility_there(found):
    prices = default_prices()
    past = prices.close[prices.dates <= np.datetime64(AS_OF)]
    assert found.close == past[-1]
    explained = {name: level[-1] for name, level in path_dependent(small_config(), past).items()}
    assert dict(found.volatility.select("index", "path_dependent").iter_rows()) == pytest.approx(explained)


@pytest.mark.parametrize("days", [1, 2, 5, 21])
def test_a_move_adds_up_and_keeps_the_volatility(days):
    path = move(-0.03, days, 0.012)
    assert path.sum() == pytest.approx(-0.03)
    if days > 5:
        assert np.sqrt(np.mean(path**2)) == pytest.approx(0.012)


def test_a_flat_market_stands_still_and_swings():
    assert swings(5).sum() == pytest.approx(0.0)
    assert np.mean(swings(5) ** 2) == pytest.approx(1.0)


def test_a_scenario_is_what_the_rules_do_along_its_path(found, warm):
    vol = daily_vol(warm)
    flows = follow(warm, move(-2.0 * vol * np.sqrt(5), 5, vol)).flow[:, :, 0].sum(axis=0)
    asked = found.scenarios.filter(scenario="-2 sigma", horizon_days=5)
    np.testing.assert_allclose(asked["flow_bn"].to_numpy(), flows, rtol=1e-9, atol=1e-12)


def test_dealers_hedge_in_scenarios_as_they_do_along_the_path_and_programmes_are_in_no_total():
    asked = outlook("us_equity", default_prices(), as_of=AS_OF, n_paths=2, horizons=[5])
    traded = warm_market(load("us_equity"), default_prices(), AS_OF, options_ahead=5)
    vol, dealer = daily_vol(traded), traded.populations.index("dealer")
    flow = follow(traded, move(-2.0 * vol * np.sqrt(5), 5, vol)).flow[:, dealer, 0].sum()
    fall = asked.scenarios.filter(scenario="-2 sigma")
    assert fall.filter(population="dealer")["flow_bn"].item() == pytest.approx(flow, rel=1e-9)
    assert {"vol_control", "dealer"} <= set(asked.systematic)
    assert not {"collar", "overwrite", "zero_day"} & set(asked.systematic)
    assert not {"dealer", "collar"} & set(asked.reactions["population"])
    assert "Of that, over 5 sessions, dealers who hedge" in " ".join(words(asked))


def test_what_leaves_a_window_was_in_it(warm):
    table = roll_off(warm, 63)
    closes = warm.history.close
    assert table["leaves_21d_pct"][0] == pytest.approx(100.0 * (closes[-21] / closes[-22] - 1.0))
    assert table["leaves_63d_date"][0] == warm.history.dates[-63].item()
    returns = np.diff(np.log(closes))
    first = swings(63)[0] * daily_vol(warm)
    expected = np.sqrt(252.0 * np.mean(np.append(returns[-20:], first) ** 2))
    assert table["rv_21"][0] == pytest.approx(expected)


def test_without_feedback_the_price_feels_no_systematic_flow_and_news_are_the_same():
    config = small_config().override(f"time.start={AS_OF}", "time.days=5", "fundamental.vol_elasticity=0")
    arms = [simulate(arm, 8, prices=default_prices()).to_polars("flows") for arm in (config, without_feedback(config))]
    systematic = {name for name, p in config.population.items() if config.strategies[p.strategy].kind == "systematic"}
    silent = arms[1].filter(pl.col("source").cast(pl.String).is_in(systematic))
    assert (silent["contribution"] == 0.0).all()
    assert silent["flow_bn"].abs().max() > 1.0
    for arm in arms:
        assert arm.filter(source="news").equals(arms[0].filter(source="news"))


def test_every_level_near_the_index_is_said_with_its_amount(found):
    said = " ".join(words(found))
    for row in found.turning.filter(pl.col("distance_pct").abs() < 15).iter_rows(named=True):
        assert f"At {row['level']:,.0f}" in said
        assert f"{row['speed']}-speed CTAs turn" in said
    assert "standard deviation" in said


def test_the_page_is_whole_and_asks_nothing_of_the_network(found, tmp_path):
    write_outlook(found, tmp_path)
    text = (tmp_path / "outlook.html").read_text()
    assert not re.search(r'(src|href)\s*=\s*"(https?:)?//', text)
    assert "<script" not in text
    for said in words(found):
        assert said.split(";")[0].replace("'", "&#x27;") in text
    assert (tmp_path / "levels.png").stat().st_size > 10_000


def test_a_browser_without_a_network_shows_the_page(found, tmp_path):
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("needs chromium; apt-get install chromium")
    write_outlook(found, tmp_path)
    command = [
        browser,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--dump-dom",
        f"--user-data-dir={tmp_path}/profile",
    ]
    shown = subprocess.run(
        [*command, (tmp_path / "outlook.html").as_uri()], capture_output=True, text=True, timeout=300, check=True
    )
    assert "Systematic flows after 2018-08-31" in shown.stdout
    assert shown.stdout.count("<svg") == 3


@pytest.mark.parametrize(
    ("arguments", "words_in_it"),
    [
        ({"as_of": "2018-09-03"}, ["as_of", "2018-09-03", "session"]),
        ({"as_of": "2020-01-03"}, ["`as_of` = 2020-01-03 is outside"]),
        ({"as_of": "2001-01-03"}, ["population.cta", "later `as_of`"]),
        ({"as_of": AS_OF, "horizons": []}, ["horizons = none"]),
        ({"as_of": AS_OF, "horizons": [0]}, ["horizons = 0"]),
    ],
)
def test_a_wrong_date_or_horizon_is_refused(arguments, words_in_it):
    with pytest.raises(InputError) as error:
        outlook(small_config(), default_prices(), n_paths=2, **arguments)
    for word in words_in_it:
        assert word in str(error.value)
