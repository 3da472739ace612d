"""A changed config says what was changed, and no longer what its description says of the unchanged one."""

import pickle
from pathlib import Path

import pytest

from flowsim.config import load
from flowsim.config.load import config_of
from flowsim.errors import FlowsimError


def test_an_unchanged_config_is_called_by_its_name() -> None:
    config = load("us_equity")
    assert (config.changes, config.name, config.about) == ((), "us_equity", config.description)


def test_changes_are_named_with_the_value_before_and_after() -> None:
    config = load("us_equity", ["population.cta.capital_bn=400", "market.multiplier=8"])
    assert config.name == "us_equity + 2 changes: market.multiplier 5 -> 8, cta.capital_bn 40 -> 400"
    assert "published" not in config.about


@pytest.mark.parametrize("make", [
    lambda: load("us_equity").override("population.cta.capital_bn=400"),
    lambda: load("us_equity", {"population.cta.capital_bn": 400}),
    lambda: load("us_equity", ["market.multiplier=8"]).override("market.multiplier=5", "population.cta.capital_bn=400"),
    lambda: config_of("us_equity", {"population.cta.capital_bn": 400}, seed=7, days=30),
])  # fmt: skip
def test_it_does_not_matter_how_a_change_was_made_or_taken_back(make) -> None:
    assert make().name == "us_equity + 1 change: cta.capital_bn 40 -> 400"


def test_seed_days_and_what_is_recorded_are_no_changes_of_the_market() -> None:
    config = load("us_equity", ["seed=4", "time.days=30", 'record.tables=["market"]'])
    assert (config.name, config.about) == ("us_equity", config.description)


def test_a_population_more_a_distribution_and_a_start_are_changes() -> None:
    settings = [
        'population.mine={strategy = "passive_inflow", agents = 1, capital_bn = 1, turn_share = 0.3}',
        "population.vol_control.buffer=0.5",
        "time.start=2018-08-31",
    ]
    said = [str(one) for one in load("us_equity", settings).changes]
    assert said == [
        "time.start 2018-12-31 -> 2018-08-31",
        'vol_control.buffer { dist = "uniform", low = 0.0, high = 0.01 } -> 0.5',
        "mine added",
    ]


def test_more_changes_than_fit_are_counted() -> None:
    settings = [f"policy.{who}_speeches_per_year=1" for who in ("chair", "governor", "president")]
    config = load("plain", [*settings, "market.multiplier=8", "market.adv_bn=9", "policy.minutes_bp=0"])
    assert config.name.startswith("plain + 6 changes: market.multiplier 5 -> 8, market.adv_bn 450 -> 9, ")
    assert config.name.endswith(", 2 more")


def test_a_file_is_its_own_source_and_a_description_of_ones_own_stays(folder: Path) -> None:
    (folder / "mine.toml").write_text('extends = "us_equity"\ndescription = "Mine"\n[market]\nmultiplier = 8\n')
    assert (load("mine.toml").name, load("mine.toml").about) == ("mine", "Mine")
    changed = load("mine.toml", ["market.multiplier=9", 'description="Mine with nine"'])
    assert (changed.name, changed.about) == ("mine + 1 change: market.multiplier 8 -> 9", "Mine with nine")


def test_a_file_that_describes_nothing_is_called_by_what_it_changes(folder: Path) -> None:
    """Else its pictures would carry the description of what it extends, and say that its sizes are published."""
    (folder / "mine.toml").write_text('extends = "us_equity"\n[population.cta]\ncapital_bn = 400\n')
    mine = load("mine.toml")
    assert mine.name == "mine: us_equity + 1 change: cta.capital_bn 40 -> 400"
    assert (mine.about, mine.sized) == ("", "")
    changed = mine.override("seed=7", "population.cta.capital_bn=40")
    assert (changed.name, changed.sized) == ("mine: us_equity", load("us_equity").sized)


def test_a_name_that_goes_with_the_config_costs_no_digest() -> None:
    config = load("us_equity")
    assert config.override('sizes="of another day"').digest == config.digest


def test_a_config_that_travels_to_another_process_keeps_its_changes() -> None:
    config = pickle.loads(pickle.dumps(load("us_equity", {"population.cta.capital_bn": 400})))
    assert config.name == "us_equity + 1 change: cta.capital_bn 40 -> 400"


def test_a_file_that_is_no_config_without_settings_is_called_by_its_name(folder: Path) -> None:
    (folder / "part.toml").write_text(
        'extends = "plain"\ndescription = "A part"\n'
        '[population.mine]\nstrategy = "passive_inflow"\nagents = 1\nturn_share = 0.3\n'
    )
    assert load("part.toml", ["population.mine.capital_bn=1"]).name == "part"


def test_a_change_that_does_not_fit_is_refused_as_ever() -> None:
    with pytest.raises(FlowsimError):
        load("us_equity", {"market.multiplier": -1})
