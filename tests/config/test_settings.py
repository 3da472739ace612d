from collections.abc import Callable
from pathlib import Path

import pytest

from flowsim.config import load
from flowsim.errors import ConfigError

BAD = {
    "garbage": "not a setting; write it as table.key=value",
    "=5": "not a setting; write it as table.key=value",
    "seed=": "not a setting; write it as table.key=value",
    "seed=1\ndays=2": "not a setting; write it as table.key=value",
    "extends=plain": "a setting cannot change what a config extends; load the other config instead",
    "time.start=31-12-2018": (
        "not a value of TOML; put text in quotes, as in 'time.start=\"31-12-2018\"', write dates as 2018-12-31,"
        " and a digit before every decimal point"
    ),
    "market.adv_bn=.5": (
        "not a value of TOML; put text in quotes, as in 'market.adv_bn=\".5\"', write dates as 2018-12-31,"
        " and a digit before every decimal point"
    ),
}


@pytest.mark.parametrize("setting", BAD)
def test_a_setting_that_cannot_be_read_is_refused(setting: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load("plain", [setting])
    assert caught.value.problems == [f"`overrides` {setting}: {BAD[setting]}"]


def test_the_last_setting_of_a_key_wins() -> None:
    assert load("plain", ["seed=2", "seed=3"]).seed == 3


def test_a_bare_word_is_text_and_so_is_a_path(folder: Path) -> None:
    config = load("plain", ["market.impact=square_root", "history.prices=data/spx-daily.csv"])
    assert config.market.impact == "square_root"
    assert config.history.prices == str(folder / "data" / "spx-daily.csv")


def test_a_bare_true_is_a_truth_value() -> None:
    assert load("plain", ["antithetic=true"]).antithetic is True


def test_a_number_in_scientific_form_is_a_number() -> None:
    assert load("plain", ["market.market_cap_bn=3e4"]).market.market_cap_bn == 30_000.0


def test_overriding_returns_a_new_config_and_keeps_the_old(folder: Path) -> None:
    config = load("market.toml")
    changed = config.override("population.follower.capital_bn = 0", "seed = 5")
    assert (changed.population["follower"].capital_bn, changed.seed) == (0.0, 5)
    assert (config.population["follower"].capital_bn, config.seed) == (80.0, 1)
    assert (changed.source, changed.extends) == ("market.toml", "plain")


def test_overriding_equals_loading_with_the_setting(folder: Path) -> None:
    setting = "population.follower.span_days=100"
    assert load("market.toml").override(setting) == load("market.toml", [setting])


def test_an_override_that_does_not_fit_is_refused_by_its_key(folder: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load("market.toml").override("market.adv_bn=0", "population.follower.agents=1")
    assert caught.value.problems == [
        "override market.adv_bn: 0 is below 0.0001 (USD bn); give a number from 0.0001 to 1000000",
        "population.follower.target_vol: the list has 2 elements for agents = 1; shorten it, or set agents = 2",
    ]


def test_a_key_missing_from_a_merged_table_is_reported_in_the_file(
    folder: Path, problems_with: Callable[..., list[str]]
) -> None:
    (folder / "mine.toml").write_text(load("plain").to_toml().replace("adv_bn = 450.0\n", ""))
    (problem,) = problems_with("market.multiplier=2", source="mine.toml")
    assert problem.startswith("mine.toml:")
