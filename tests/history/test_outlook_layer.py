"""What an outlook says of the macro layer: nothing without one, with one its coming quarters and today's budgets."""

import datetime as dt
import re

import numpy as np
import polars as pl
import pytest
from helpers.economies import economy_config
from helpers.made_outlook import made_outlook
from helpers.markets import market_config, population

import flowsim as fs
from flowsim.data.prices import default_prices
from flowsim.history.outlook_layer import OUTLOOK_LAYER, QUARTERS, at_todays_budgets, layer_ahead, layer_words
from flowsim.macro.alone import macro_run
from flowsim.plot.macro_page import LEFT_OUT
from flowsim.report.outlook import outlook_page


def config(start="2026-06-30", **macro):
    buyers = {"ai": population("buyback"), "new": population("share_sales", capital_bn=1), "trend": population("cta")}
    linked = {"ai": "ai_payout", "new": "share_supply_bn"}
    return economy_config(buyers, days=30, budgets=linked, **macro).override(f"time.start={start}")


def test_without_the_layer_an_outlook_has_nothing_of_it():
    plain = market_config({"trend": population("cta")})
    assert layer_ahead(plain).height == 0
    assert at_todays_budgets(plain, "2018-12-31") == plain
    assert layer_words(pl.DataFrame()) == []
    assert "layer" not in made_outlook().tables


def test_quarters_ahead_are_those_of_the_layer_alone():
    ahead = layer_ahead(config("2027-02-26"))
    assert ahead.columns == [column.name for column in OUTLOOK_LAYER]
    assert ahead["quarter"].to_list() == ["2027Q1", "2027Q2", "2027Q3", "2027Q4", "2028Q1"]
    assert ahead["reported"][0] == dt.date(2027, 4, 29)
    alone = macro_run("baseline", 1, quarters=3, shocks=False).tables["macro"]
    assert ahead["capex_bn"][0] == pytest.approx(alone["capex_bn"][2], rel=0.05)
    assert len(ahead) == QUARTERS


def test_budgets_at_the_close_are_those_of_its_quarter():
    today = at_todays_budgets(config("2026-06-30"), "2026-06-30").population
    later = at_todays_budgets(config("2026-06-30"), "2027-02-26").population
    bought = macro_run("baseline", 1, quarters=3, shocks=False).tables["macro"]["buybacks_bn"]
    capital = config().population["ai"].capital_bn
    assert today["ai"].capital_bn == pytest.approx(capital)
    assert later["ai"].capital_bn == pytest.approx(capital * bought[2] / bought[0], rel=1e-9)
    assert later["trend"].capital_bn == config().population["trend"].capital_bn


def test_words_name_who_builds_what_is_due_and_the_way_buybacks_go():
    ahead = layer_ahead(config(scenario="debt_refinancing_stress"))
    first, second = layer_words(ahead)
    assert f"builders spend {ahead['capex_bn'][0]:.0f} bn" in first
    assert "known on 2026-10-29" in first
    assert f"{ahead['due_bn'][:4].sum():.0f} bn of vehicles' loans fall due" in second
    rising = ahead.with_columns(pl.Series("buybacks_bn", np.arange(1.0, 6.0)))
    assert "Buybacks of builders rise to 5.0 bn" in layer_words(rising)[1]
    assert "Buybacks of builders fall to 1.0 bn" in layer_words(rising.with_columns(pl.col("buybacks_bn").reverse()))[1]


def test_an_outlook_with_the_layer_says_so_on_its_page_with_what_the_layer_leaves_out():
    prices = default_prices().moved(dt.date(2013, 7, 3), np.datetime64("2026-06-30"))
    found = fs.outlook(config(), prices, horizons=(5,), n_paths=4, threads=1)
    assert found.tables["layer"].height == QUARTERS
    assert any("builders spend" in said for said in found.words)
    text = re.sub(r"\s+", " ", outlook_page(found))
    assert "Who builds, who pays, what falls due" in text
    assert LEFT_OUT.split(",")[0] in text
    companies = found.scenarios.filter(population="ai", scenario="flat")["flow_bn"]
    assert (companies > 0.0).all()
