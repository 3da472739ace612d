"""Settings as mappings: nested or dotted keys, values of Python, numpy and pandas, and the same faults as text has."""

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from flowsim.config import load
from flowsim.config.load import config_of
from flowsim.errors import ConfigError


@pytest.mark.parametrize(
    ("mapping", "settings"),
    [
        ({"population.cta.capital_bn": 0}, ["population.cta.capital_bn=0"]),
        ({"population": {"cta": {"capital_bn": 0}}}, ["population.cta.capital_bn=0"]),
        ({"population": {"cta.capital_bn": 0}, "seed": 7}, ["population.cta.capital_bn=0", "seed=7"]),
        ({"time.start": dt.date(2018, 8, 31)}, ["time.start=2018-08-31"]),
        ({"time.start": pd.Timestamp("2018-08-31")}, ["time.start=2018-08-31"]),
        ({"time.start": np.datetime64("2018-08-31")}, ["time.start=2018-08-31"]),
        ({"market.multiplier": np.float64(4.0)}, ["market.multiplier=4.0"]),
        ({"population.vol_selling.weeks_ahead": np.array([2, 3])}, ["population.vol_selling.weeks_ahead=[2, 3]"]),
        ({"population.vol_selling.weeks_ahead": (2, 3)}, ["population.vol_selling.weeks_ahead=[2, 3]"]),
    ],
)
def test_a_mapping_says_what_its_text_says(mapping, settings) -> None:
    assert load("us_equity", mapping) == load("us_equity", settings)
    assert load("us_equity").override(mapping) == load("us_equity").override(*settings)


def test_a_path_is_a_value() -> None:
    here = Path("prices.csv")
    assert load("plain", {"history.prices": here}).history.prices == str(here.resolve())


@pytest.mark.parametrize(
    ("mapping", "problem"),
    [
        (
            {"population.cta.capital": 1},
            "`overrides` population.cta.capital: unknown key; did you mean 'capital_bn'?",
        ),
        ({"market.multiplier": None}, "`overrides` market.multiplier: None is no value of a config; give a number"),
        ({"market..multiplier": 1}, "`overrides` market..multiplier: not the name of a key; write it as table.key"),
        ({3: 1, "seed=2": 4}, "`overrides` seed=2: not the name of a key; write it as table.key"),
    ],
)
def test_a_mapping_that_does_not_fit_is_one_sentence_with_its_key(mapping, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load("us_equity", mapping)
    assert any(one.startswith(problem) for one in caught.value.problems), caught.value.problems


def test_seed_and_days_are_the_last_word_and_one_setting_need_not_be_in_a_list() -> None:
    config = config_of("plain", "seed=2", days=30, seed=3)
    assert (config.seed, config.time.days) == (3, 30)
    assert config_of(load("plain"), {"time.days": 20}).time.days == 20
