from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowsim.config import from_dict, load
from flowsim.config.layers import Layer, merged
from flowsim.config.load import built_in
from flowsim.errors import ConfigError

PLAIN_DATA = st.recursive(
    st.integers() | st.text(max_size=3) | st.lists(st.integers(), max_size=2),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
TABLES = st.dictionaries(st.sampled_from("abcd"), PLAIN_DATA, max_size=4)


def merge(*tables: dict) -> dict:
    return merged([Layer("", table) for table in tables])


@pytest.mark.parametrize("source", built_in())
def test_every_built_in_config_loads_by_name_by_file_name_and_by_path(source: str) -> None:
    config = load(source)
    assert config == load(f"{source}.toml") == load(built_in()[source])
    assert config.source == source
    assert len(config.description) > 40


def test_a_file_extends_a_built_in_config_and_keeps_what_it_does_not_name(folder: Path) -> None:
    plain, mine = load("plain"), load("market.toml", ["market.adv_bn=99"])
    assert mine.market == plain.market.model_copy(update={"adv_bn": 99.0})
    assert mine.fundamental == plain.fundamental
    assert mine.extends == "plain"


def test_a_base_is_looked_for_beside_the_file_that_names_it(folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "base.toml").write_text('extends = "../market.toml"\nseed = 7\n')
    (folder / "sub" / "top.toml").write_text('extends = "base.toml"\ndescription = "top"\n')
    config = load("sub/top.toml")
    assert (config.seed, config.description, list(config.population)) == (7, "top", ["follower", "hedger"])


def test_a_file_beside_the_user_wins_over_a_built_in_file_name_but_not_over_the_name(folder: Path) -> None:
    (folder / "plain.toml").write_text(load("plain").to_toml().replace("seed = 1", "seed = 42", 1))
    assert load("plain.toml").seed == 42
    assert load("plain").seed == 1


def test_paths_in_a_file_are_relative_to_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (folder / "market.toml").read_text()
    (folder / "market.toml").write_text(text + '[history]\nprices = "data/spx.csv"\n')
    monkeypatch.chdir("/")
    config = load(folder / "market.toml")
    assert config.strategy_folders == (folder / "rules",)
    assert config.history.prices == str(folder / "data" / "spx.csv")


def test_a_population_knows_its_strategy_and_gets_its_defaults(folder: Path) -> None:
    config = load("market.toml")
    assert set(config.strategies) == {"toy_follower", "toy_hedger"}
    assert config.population["follower"].parameters["lookback"] == 21.0
    execution = config.population["follower"].execution
    assert execution is not None
    assert execution.model_dump() == {"lag_days": 1, "days": 1, "profile": "vwap", "participation_cap": 1.0}
    assert config.population["hedger"].execution is None


def test_populations_keep_the_order_of_the_file(folder: Path) -> None:
    (folder / "top.toml").write_text(
        'extends = "market.toml"\n[population.early]\nstrategy = "toy_hedger"\nagents = 1\ncapital_bn = 1\n'
        "[population.follower]\ncapital_bn = 5\n"
    )
    assert list(load("top.toml").population) == ["follower", "hedger", "early"]


def test_a_distribution_replaces_a_value_whole_and_without_dist_alters_it(folder: Path) -> None:
    replaced = load("market.toml", ["population.follower.span_days={dist = 'uniform', low = 10, high = 20}"])
    altered = load("market.toml", ["population.follower.span_days.median=60"])
    assert replaced.resolved()["population"]["follower"]["span_days"] == {
        "dist": "uniform",
        "low": 10.0,
        "high": 20.0,
    }
    assert altered.population["follower"].parameters["span_days"].median == 60.0
    assert altered.population["follower"].parameters["span_days"].sigma == 0.3


def test_a_mapping_may_extend_a_config_too() -> None:
    assert from_dict({"extends": "plain", "seed": 3}) == load("plain", ["seed=3"])


def test_a_fault_in_a_mapping_is_named_by_its_key_alone() -> None:
    with pytest.raises(ConfigError) as caught:
        from_dict({"extends": "plain", "seed": None, "market": {"adv_bn": 0}})
    assert caught.value.problems == [
        "seed: None is a NoneType; give a whole number",
        "market.adv_bn: 0 is below 0.0001 (USD bn); give a number from 0.0001 to 1000000",
    ]


def test_a_config_is_frozen() -> None:
    config = load("plain")
    with pytest.raises(ValueError, match="frozen"):
        config.seed = 5
    with pytest.raises(ValueError, match="frozen"):
        config.market.adv_bn = 5.0


def test_the_plain_config_stands_alone_and_has_no_population() -> None:
    config = load("plain")
    assert config.population == {}
    assert config.extends is None
    market = config.market
    # Five times USD 1 bn over 60,000 bn is 5 / 60,000 = 0.83 bp a bn.
    assert market.multiplier / market.market_cap_bn * 1e4 == pytest.approx(0.8333, abs=1e-4)


@given(TABLES)
def test_merging_with_nothing_changes_nothing(table: dict) -> None:
    assert merge(table, {}) == table == merge({}, table)


@given(TABLES)
def test_merging_a_table_with_itself_changes_nothing(table: dict) -> None:
    assert merge(table, table) == table


@given(TABLES, TABLES, TABLES)
def test_merging_is_associative_while_tables_stay_tables(a: dict, b: dict, c: dict) -> None:
    a, b, c = ({"t": table} for table in (a, b, c))
    assert merge(a, b, c) == merge(merge(a, b), c)


@given(TABLES, TABLES)
def test_every_value_of_the_upper_layer_is_in_the_result(under: dict, over: dict) -> None:
    result = merge(under, over)
    assert set(result) == set(under) | set(over)
    assert all(result[key] == value for key, value in over.items() if not isinstance(value, dict))
    assert all(result[key] == under[key] for key in set(under) - set(over))


def test_merging_leaves_its_inputs_alone() -> None:
    under, over = {"t": {"a": 1}}, {"t": {"b": 2}}
    merge(under, over)["t"]["c"] = 3
    assert (under, over) == ({"t": {"a": 1}}, {"t": {"b": 2}})
