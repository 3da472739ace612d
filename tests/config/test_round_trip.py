import datetime as dt
import json
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowsim.config import from_dict, load
from flowsim.config.toml_text import document, value_text

KEYS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
SCALARS = (
    st.text(st.characters(exclude_categories=["Cs"]))
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.booleans()
    | st.dates()
)
DOCUMENTS = st.dictionaries(
    KEYS,
    st.recursive(
        SCALARS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
        max_leaves=12,
    ),
    max_size=5,
)


@given(DOCUMENTS)
def test_what_is_written_as_toml_reads_back_as_it_was(table: dict) -> None:
    assert tomllib.loads(document(table)) == table


def test_tables_get_headers_and_what_lies_deeper_is_inline() -> None:
    table = {"seed": 1, "population": {"cta": {"execution": {"days": 2}, "capital_bn": 80.0}}}
    assert document(table) == ("seed = 1\n\n[population.cta]\nexecution = { days = 2 }\ncapital_bn = 80.0\n")


def test_a_value_that_toml_lacks_is_refused() -> None:
    with pytest.raises(TypeError, match="NoneType"):
        value_text(None)


def test_a_resolved_config_loads_again_to_an_equal_one(folder: Path) -> None:
    script = "[{date = 2019-01-04, cut_probability = 0.5}]"
    config = load("market.toml", [f"policy.script={script}", "history.prices=spx.csv"])
    through_json = from_dict(json.loads(json.dumps(config.resolved())))
    through_toml = from_dict(tomllib.loads(config.to_toml()))
    assert through_json == config == through_toml
    assert through_json.digest == config.digest == through_toml.digest
    assert through_json.policy.script[0].date == dt.date(2019, 1, 4)


def test_a_resolved_config_holds_the_defaults_and_does_not_lean_on_another(folder: Path) -> None:
    resolved = load("market.toml").resolved()
    assert "extends" not in resolved
    assert resolved["population"]["follower"]["lookback"] == 21.0
    assert resolved["record"]["every"] == 1


def test_a_written_config_loads_from_any_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = load("market.toml")
    (folder / "elsewhere").mkdir()
    (folder / "elsewhere" / "copy.toml").write_text(config.to_toml())
    monkeypatch.chdir("/")
    assert load(folder / "elsewhere" / "copy.toml") == config


def test_the_digest_does_not_depend_on_how_a_value_is_written(folder: Path) -> None:
    first = load("market.toml", ["market.adv_bn=450", "population.follower.lookback=21"])
    second = load("market.toml", ["market.adv_bn=4.5e2"])
    assert first == second
    assert first.digest == second.digest
    assert hash(first) == hash(second)


def test_the_digest_changes_with_any_value(folder: Path) -> None:
    config = load("market.toml")
    settings = ["seed=2", "market.adv_bn=451", "record.every=2", "population.follower.span_days.sigma=0.31"]
    digests = {config.digest, *(config.override(setting).digest for setting in settings)}
    assert len(digests) == 1 + len(settings)


def test_the_order_of_populations_makes_another_config() -> None:
    config = load("us_equity")
    turned = config.model_copy(update={"population": dict(reversed(config.population.items()))})
    assert turned.resolved() == config.resolved()
    assert turned.digest != config.digest
    assert turned != config


def test_the_digest_is_the_sha256_of_sorted_compact_json_and_the_order_of_populations() -> None:
    import hashlib

    config = load("plain")
    values = config.resolved()
    del values["strategy_folders"]
    content = [values, list(config.population)]
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert config.digest == hashlib.sha256(text.encode()).hexdigest()


def test_a_config_differs_from_things_that_are_no_config() -> None:
    config = load("plain")
    assert config != config.resolved()
    assert config != config.override("seed=2")
