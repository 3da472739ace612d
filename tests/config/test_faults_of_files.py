from collections.abc import Callable
from pathlib import Path

import pytest

from flowsim.config import load
from flowsim.errors import ConfigError


def refusal(source: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load(source)
    return str(caught.value)


def test_a_message_names_file_and_line_of_the_key(folder: Path) -> None:
    (folder / "mine.toml").write_text('extends = "plain"\n\n[market]\n# thin\nadv_bn = 0\n')
    assert refusal("mine.toml").startswith("mine.toml:5: market.adv_bn: 0 is below 0.0001")


def test_a_value_from_an_extended_file_is_reported_in_that_file(folder: Path) -> None:
    (folder / "base.toml").write_text('extends = "plain"\nmarket.adv_bn = 0\n')
    (folder / "top.toml").write_text('extends = "base.toml"\nmarket.multiplier = 2\n')
    assert refusal("top.toml").startswith("base.toml:2: market.adv_bn")


def test_a_value_that_the_top_file_replaces_is_not_reported(folder: Path) -> None:
    (folder / "base.toml").write_text('extends = "plain"\nmarket.adv_bn = 0\n')
    (folder / "top.toml").write_text('extends = "base.toml"\nmarket.adv_bn = 2\n')
    assert load("top.toml").market.adv_bn == 2.0


def test_a_missing_key_is_reported_at_the_table_that_lacks_it(folder: Path) -> None:
    complete = load("plain").to_toml()
    (folder / "mine.toml").write_text(complete.replace("multiplier = 5.0\n", ""))
    line = complete.split("\n").index("[market]") + 1
    assert refusal("mine.toml") == (
        f"mine.toml:{line}: market.multiplier: missing; set it, or let the config extend 'plain'"
    )


def test_a_missing_table_is_one_problem(folder: Path) -> None:
    complete = load("plain").to_toml()
    start, end = complete.index("[history]"), complete.index("[market]")
    (folder / "mine.toml").write_text(complete[:start] + complete[end:])
    assert refusal("mine.toml") == "mine.toml: history: missing; add the table, or let the config extend 'plain'"


SYNTAX = {
    "a = 1\nb = \n": (2, "b ="),
    "[market\nmultiplier = 5\n": (1, "[market"),
    "a = 1\na = 2\n": (2, "a = 2"),
    "seed = 01\n": (1, "seed = 01"),
    'description = """never closed\n': (2, ""),
}


@pytest.mark.parametrize("text", SYNTAX)
def test_text_that_is_not_toml_is_refused_with_file_line_and_what_stands_there(folder: Path, text: str) -> None:
    (folder / "mine.toml").write_text(text)
    line, written = SYNTAX[text]
    message = refusal("mine.toml")
    assert message.startswith(f"mine.toml:{line}: not TOML: ")
    assert message.endswith(f'in "{written}"; correct the line') or 'text needs "quotes"' in message
    assert "\n" not in message


def test_a_bare_word_in_a_file_is_told_to_take_quotes(folder: Path) -> None:
    (folder / "mine.toml").write_text("[market]\nimpact = linear\n")
    assert refusal("mine.toml") == (
        'mine.toml:2: not TOML: invalid value in "impact = linear"; correct it; text needs "quotes"'
    )


@pytest.mark.parametrize("text", ["a = " + "[" * 5000, "a = " + "9" * 5000])
def test_hostile_toml_is_refused_without_a_traceback(folder: Path, text: str) -> None:
    (folder / "mine.toml").write_text(text)
    assert refusal("mine.toml").startswith("mine.toml:")


def test_a_file_that_is_not_utf8_is_refused(folder: Path) -> None:
    (folder / "mine.toml").write_bytes(b'description = "\xff"\n')
    assert refusal("mine.toml") == "mine.toml: byte 15 is not UTF-8; save the file as UTF-8 text"


def test_a_byte_order_mark_and_windows_line_ends_are_accepted(folder: Path) -> None:
    (folder / "mine.toml").write_bytes(b'\xef\xbb\xbfextends = "plain"\r\nseed = 9\r\n')
    assert load("mine.toml").seed == 9


def test_an_unknown_name_gets_the_nearest_built_in_one(folder: Path) -> None:
    assert refusal("plane").startswith(
        "plane: no such file or built-in config; did you mean 'plain'? built-in configs: "
    )


def test_a_folder_is_no_config(folder: Path) -> None:
    assert refusal("rules").startswith("rules: is a folder; built-in configs: ")


def test_an_unknown_base_is_reported_at_the_key(folder: Path) -> None:
    (folder / "mine.toml").write_text('seed = 1\nextends = "plane.toml"\n')
    assert refusal("mine.toml").startswith(
        "mine.toml:2: extends: plane.toml: no such file or built-in config; did you mean 'plain'?"
    )


def test_configs_that_extend_each_other_are_refused(folder: Path) -> None:
    (folder / "a.toml").write_text('extends = "b.toml"\n')
    (folder / "b.toml").write_text('seed = 1\nextends = "a.toml"\n')
    assert refusal("a.toml") == (
        "b.toml:2: extends: the configs extend each other in a loop (a.toml -> b.toml -> a.toml); let one stand alone"
    )


def test_a_config_that_extends_itself_is_refused(folder: Path) -> None:
    (folder / "a.toml").write_text('extends = "./a.toml"\n')
    assert "in a loop (a.toml -> a.toml)" in refusal("a.toml")


def test_extends_must_be_text(folder: Path) -> None:
    (folder / "mine.toml").write_text(load("plain").to_toml().replace("seed = 1", "seed = 1\nextends = 5", 1))
    assert refusal("mine.toml") == 'mine.toml:3: extends: 5 is a number; write text in "quotes"'


def test_a_strategy_folder_that_is_not_there_is_reported_at_the_key(
    folder: Path, problems_with: Callable[..., list[str]]
) -> None:
    (folder / "mine.toml").write_text('extends = "plain"\nstrategy_folders = ["ruels"]\n')
    assert problems_with(source="mine.toml") == [
        f"mine.toml:2: strategy_folders[0]: no such folder as {folder / 'ruels'}; name one that holds strategy files"
    ]
