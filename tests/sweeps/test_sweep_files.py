"""The file of a sweep is read as strictly as a config, and every fault is one sentence with its line."""

from pathlib import Path

import pytest
from helpers.small_sweep import small

import flowsim as fs
from flowsim.errors import ConfigError, InputError
from flowsim.sweeps.file import examples, read_sweep
from flowsim.sweeps.plan import planned

FILE = """
config = "plain"
paths = 64
[design.values]
"market.multiplier" = [2, 5]
"""


def said(text: str, folder: Path) -> list[str]:
    (folder / "s.toml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        planned(folder / "s.toml")
    return [problem.replace(f"{folder}/", "") for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (FILE.replace("paths", "path"), "s.toml:3: path: unknown key; did you mean 'paths'? known keys: description,"),
        (FILE.replace("64", "1"), "s.toml:3: paths: 1 is below 2; give a number from 2 to 10000000"),
        (FILE.replace("64", '"64"'), 's.toml:3: paths: "64" is text; write the number without quotes'),
        (FILE.replace('config = "plain"', ""), "config: missing; set it"),
        (FILE.replace('"plain"', '"plane"'), "plane: no such file or built-in config; did you mean 'plain'?"),
        (FILE + "seeds = [1]", "arm 'market.multiplier=2, seeds=1': seeds: unknown key; did you mean 'seed'?"),
        (f"seeds = [1, 1]{FILE}", "s.toml:1: seeds: a seed is there twice, and would count its paths twice"),
        (FILE.replace('"plain"', "plain"), "s.toml: not TOML: invalid value (at line 2, column 10); correct the line"),
        (FILE.replace("[design.values]", '[design]\nkind = "sobel"\n[design.values]'), "did you mean 'sobol'?"),
        (FILE.replace("[design.values]", '[design]\nkind = "sobol"\n[design.values]'), 'kind = "sobol" takes ranges'),
        (FILE.replace("[2, 5]", "[]"), 's.toml:5: design.values."market.multiplier": has 0 elements'),
        (FILE.replace("multiplier", "multiplyer"), "arm 'market.multiplyer=2': market.multiplyer: unknown key"),
        (FILE.replace("[2, 5]", "[2, -5]"), "arm 'market.multiplier=-5': market.multiplier: -5 is "),
        (f'{FILE}[[arm]]\nname = "base"\nset = []', "'base' is always there, without settings; choose another name"),
        (f'{FILE}[[arm]]\nname = "a"\nset = ["seed=3"]', "arm 'a': seed is of the sweep and not of an arm; list"),
        (f'{FILE}[outcomes]\nhorizons = [300]', "arm 'base': time.days = 252 is shorter than the horizon of 300"),
        (f'{FILE}[outcomes]\nnames = ["vix_mean"]', "arm 'base': options.listed = false leaves no vix_mean"),
    ],
)  # fmt: skip
def test_a_fault_is_one_sentence_with_its_place(text: str, sentence: str, tmp_path: Path) -> None:
    problems = said(text, tmp_path)
    assert any(sentence in problem for problem in problems), problems
    assert not any("\n" in problem for problem in problems)


@pytest.mark.parametrize(
    ("design", "sentence"),
    [
        ({"kind": "sobol", "arms": 100, "ranges": {"market.multiplier": {"low": 1.0, "high": 2.0}}}, "set 64 or 128"),
        (
            {"kind": "latin", "ranges": {"market.multiplier": {"low": 1.0, "high": 2.0}}},
            "design arms: missing; say how",
        ),
        ({"kind": "latin", "arms": 3}, "there is none; write [design.ranges]"),
        ({"kind": "latin", "arms": 3, "ranges": {"a.b": {"low": 2.0, "high": 1.0}}}, "high = 1 is not above low = 2"),
        ({"kind": "latin", "arms": 3, "ranges": {"a.b": {"low": 0.0, "high": 1.0, "scale": "log"}}}, "no logarithm"),
        ({"ranges": {"a.b": {"low": 1.0, "high": 2.0}}}, "a grid takes values"),
        ({"arms": 4, "values": {"a.b": [1]}}, "a grid has as many arms as it has combinations"),
    ],
)
def test_the_parts_of_a_design_go_together(design: dict, sentence: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_sweep(small(design=design))
    assert sentence in str(caught.value).replace("design.arms", "design arms")


def test_faults_of_arms_are_told_together_the_first_twenty(tmp_path: Path) -> None:
    values = ", ".join(f"{-number}" for number in range(1, 31))
    problems = said(FILE.replace("[2, 5]", f"[{values}]"), tmp_path)
    assert len(problems) == 21
    assert problems[-1] == "and 10 more"


@pytest.mark.parametrize(
    ("outcomes", "sentence"),
    [
        ({"names": ["vol_pc"]}, "no outcome is called 'vol_pc'; did you mean 'vol_pct'?"),
        ({"names": ["share_new_pct"]}, "share_new_pct: no source is called 'new'; did you mean 'news'?"),
        ({"against": "bass"}, "outcomes.against: no arm is called 'bass'; did you mean 'base'?"),
    ],
)
def test_an_outcome_or_arm_that_is_not_there_is_named_with_the_nearest(outcomes: dict, sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        planned(small(outcomes=outcomes))
    assert sentence in str(caught.value)


def test_a_file_that_is_not_there_is_named_with_the_nearest_sweep() -> None:
    with pytest.raises(ConfigError, match="thin_dept: no such file or sweep; did you mean 'thin_depth'"):
        read_sweep("thin_dept")


def test_a_config_is_found_beside_the_file_and_settings_go_on_top(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "mine.toml").write_text('extends = "plain"\ntime.days = 30\n')
    (tmp_path / "there" / "s.toml").write_text('config = "mine.toml"\npaths = 64\nset = ["market.multiplier=3"]')
    monkeypatch.chdir(tmp_path)
    plan = planned("there/s.toml", overrides=["market.multiplier=4"], n_paths=70, seeds=[5])
    assert (plan.base.time.days, plan.base.market.multiplier, plan.n_paths, plan.seeds) == (30, 4.0, 70, (5,))


def test_antithetic_paths_are_whole_pairs() -> None:
    with pytest.raises(ConfigError, match="paths = 101 is odd, and with antithetic = true paths are pairs; set 102"):
        planned(small(set=["antithetic=true"], paths=101))


@pytest.mark.parametrize("name", examples())
def test_a_sweep_that_comes_along_can_be_planned_and_says_what_it_asks(name: str) -> None:
    plan = planned(name)
    assert len(plan.file.description) > 30
    assert len(plan.arms) == 11
    assert "dealers" in str(plan.arms[-1])


def test_a_shard_is_a_part_of_all() -> None:
    for text in ("0/4", "5/4", "4", "a/b"):
        with pytest.raises(InputError, match="write the number of the part and of all, such as 3/16"):
            fs.sweep(small(), shard=text, out="nowhere")
