"""Configs and errors go to another process and come back as what they are."""

import inspect
import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import flowsim
from flowsim import errors
from flowsim.authoring.rule_texts import texts_of, written
from flowsim.config import Config, load
from flowsim.errors import ConfigError, FlowsimError, StrategyError

ANOTHER_PROCESS = """
import pickle, sys
arrived = pickle.load(sys.stdin.buffer)
sys.stdout.buffer.write(pickle.dumps((arrived, getattr(arrived, "digest", None))))
"""
ERRORS = [one for _, one in inspect.getmembers(errors, inspect.isclass) if issubclass(one, FlowsimError)]


def there_and_back(value: object, cache: Path) -> tuple[object, str | None]:
    """Return what comes back from a fresh process that knows flowsim and nothing else."""
    done = subprocess.run(
        [sys.executable, "-c", ANOTHER_PROCESS],
        input=pickle.dumps(value),
        capture_output=True,
        check=True,
        cwd=Path(flowsim.__file__).parents[1],
        env=os.environ | {"FLOWSIM_CACHE_DIR": str(cache)},
    )
    return pickle.loads(done.stdout)


def test_every_error_arrives_as_it_was_raised(tmp_path: Path) -> None:
    raised = [one(["a: first.", "b: second."] if one is ConfigError else "a sentence") for one in ERRORS]
    arrived, _ = there_and_back(raised, tmp_path)
    assert [(type(one), str(one)) for one in arrived] == [(type(one), str(one)) for one in raised]
    (config_error,) = (one for one in arrived if isinstance(one, ConfigError))
    assert config_error.problems == ["a: first.", "b: second."]


def test_a_config_travels_with_the_rules_of_its_user(folder: Path, tmp_path: Path) -> None:
    config = load("market.toml")
    sent = pickle.dumps(config)
    shutil.rmtree(config.strategy_folders[0])
    arrived, digest = there_and_back(pickle.loads(sent), tmp_path / "cache")
    assert digest == config.digest
    assert arrived == config
    assert arrived.source == "market.toml"
    assert list(arrived.population) == list(config.population)
    assert arrived.override("seed=5") != config
    # Its lambdas and functions are those of the text: the rule can be asked.
    assert arrived.strategies.keys() == config.strategies.keys()
    for name, strategy in arrived.strategies.items():
        assert strategy.text_digest == config.strategies[name].text_digest
        assert strategy.parameter_names == config.strategies[name].parameter_names


@pytest.mark.parametrize("name", ["us_equity", "plain"])
def test_a_config_with_built_in_rules_only_travels_as_values(name: str) -> None:
    config = load(name)
    assert texts_of(config.strategies.values()) == {}
    assert pickle.loads(pickle.dumps(config)) == config


def test_the_same_rule_in_another_folder_makes_the_same_config_and_another_text_does_not(folder: Path) -> None:
    config = load("market.toml")
    (rules,) = config.strategy_folders
    text = (rules / "toy.py").read_text()
    found: list[Config] = []
    for name, changed in (("a", text), ("b", text + "\n# another\n")):
        (folder / name).mkdir()
        (folder / name / "toy.py").write_text(changed)
        found.append(config.override(f'strategy_folders=["{folder / name}"]'))
    assert found[0] == config
    assert hash(found[0]) == hash(config)
    assert found[1] != config
    assert {one.digest for one in found} == {config.digest}


def test_a_rule_that_changed_since_it_was_read_does_not_travel(folder: Path) -> None:
    config = load("market.toml")
    (config.strategy_folders[0] / "toy.py").write_text("# nothing left\n")
    with pytest.raises(StrategyError, match=r"toy\.py: the file has changed since rule .* load the config anew"):
        pickle.dumps(config)


def test_texts_that_are_no_strategy_files_are_refused(folder: Path) -> None:
    ((digest, (_, text)),) = texts_of(load("market.toml").strategies.values()).items()
    for name in ("../toy.py", "/tmp/toy.py", "toy.so", "_toy.py", "conftest.py"):
        with pytest.raises(StrategyError, match="is not the name of a strategy file"):
            written({digest: (name, text)})
    with pytest.raises(StrategyError, match="this text is not the one with SHA-256"):
        written({digest: ("toy.py", text + b"import os")})


def test_a_digest_knows_no_folder(tmp_path: Path) -> None:
    config = load("plain")
    there, here = (config.override(f'history.prices="{tmp_path / name}/closes.csv"') for name in "ab")
    assert there.digest == here.digest != config.digest
    assert there != here
