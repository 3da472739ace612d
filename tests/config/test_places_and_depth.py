"""Paths that no file can have, and tables that lie too deep in one another, are one sentence each."""

from pathlib import Path

import pytest

from flowsim.config import from_dict, load
from flowsim.errors import ConfigError

NOWHERE = {
    "~nobody-of-that-name/x.csv": "~nobody-of-that-name has no home folder here; write the path in full",
    "x" * 5000: "a path of 5,000 letters is longer than files have",
    "a/" * 3000: "a path of 6,000 letters is longer than files have",
    "/" + "x" * 300: "a path of 301 letters is longer than files have",
    "zero\0byte": "a path with a zero byte in it is none; leave it out",
}


def sentence(make) -> str:
    with pytest.raises(ConfigError) as caught:
        make()
    (problem,) = caught.value.problems
    assert "\n" not in problem
    assert len(problem) < 300
    return problem


@pytest.mark.parametrize("path", NOWHERE)
def test_a_path_that_no_file_can_have_names_its_key(path: str, folder: Path) -> None:
    said = NOWHERE[path]
    assert said in sentence(lambda: load("plain", {"history.prices": path}))
    assert said in sentence(lambda: load("plain", {"strategy_folders": [path]}))
    assert said in sentence(lambda: load(path))
    assert sentence(lambda: from_dict({"extends": "plain", "history": {"prices": path}})).startswith("history.prices: ")
    if "\0" not in path:
        (folder / "mine.toml").write_text(f'extends = "plain"\nstrategy_folders = ["{path}"]\n')
        problem = sentence(lambda: load("mine.toml"))
        assert problem.startswith("mine.toml:2: strategy_folders[0]: ")
        (folder / "mine.toml").write_text(f'extends = "{path}"\n')
        assert sentence(lambda: load("mine.toml")).startswith("mine.toml:1: extends: ")


@pytest.mark.parametrize("depth", [90, 900, 9000])
@pytest.mark.parametrize("form", ["lists", "tables", "dotted", "header"])
def test_a_file_nested_too_deep_is_one_sentence_with_its_name(depth: int, form: str, folder: Path) -> None:
    line = {
        "lists": "a = " + "[" * depth + "]" * depth,
        "tables": "a = " + "{a = " * depth + "1" + "}" * depth,
        "dotted": ".".join("a" * depth) + " = 1",
        "header": "[" + ".".join("a" * depth) + "]\nx = 1",
    }[form]
    (folder / "deep.toml").write_text(f'extends = "plain"\n{line}\n')
    problem = sentence(lambda: load("deep.toml"))
    assert problem.startswith("deep.toml: tables ")
    assert "deep in one another" in problem
    assert "recursion" not in problem


def test_a_mapping_nested_too_deep_is_refused_with_its_key() -> None:
    table: object = 1
    for _ in range(90_000):
        table = {"a": table}
    assert sentence(lambda: load("plain", {"market": table})).startswith("`overrides` market: tables and lists lie")
    assert sentence(lambda: from_dict({"market": table})).startswith("tables and lists lie")
    while isinstance(table, dict):  # the interpreter would take it apart by recursion
        table = table.pop("a")
