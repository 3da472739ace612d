"""Single settings such as ``market.multiplier=3``, from the command line or from Python."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from flowsim.config.layers import Layer
from flowsim.config.toml_text import value_text

# Words that are no TOML value, and mean nothing else: names of rules and modes, and paths of files.
_BARE_WORD = re.compile(r"(?:[A-Za-z_~/]|\.{1,2}/)[\w./~+-]*")


def override_layers(settings: Iterable[str], label: str) -> tuple[list[Layer], list[str]]:
    """Return one layer for each setting that can be read, and one message for each that cannot.

    A setting is one line of TOML. Its value may be a bare word, which is taken as text.
    """
    layers, problems = [], []
    for setting in settings:
        try:
            layers.append(Layer(label, anchored(_read(setting), Path.cwd())))
        except ValueError as error:
            problems.append(f"{label} {setting}: {error}")
    return layers, problems


def anchored(table: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Return `table` with the paths in it made absolute; relative ones are relative to `folder`."""
    result = dict(table)
    folders, history = table.get("strategy_folders"), table.get("history")
    if isinstance(folders, list):
        result["strategy_folders"] = [_absolute(one, folder) for one in folders]
    if isinstance(history, dict) and history.get("prices") not in (None, "", "sp500"):
        result["history"] = history | {"prices": _absolute(history["prices"], folder)}
    return result


def _absolute(path: Any, folder: Path) -> Any:
    return str((folder / Path(path).expanduser()).resolve()) if isinstance(path, str) else path


def _read(setting: str) -> dict[str, Any]:
    key, equals, value = (part.strip() for part in setting.partition("="))
    if not equals or not key or not value or "\n" in setting:
        raise ValueError("not a setting; write it as table.key=value")
    if _BARE_WORD.fullmatch(value) and value not in ("true", "false", "inf", "nan"):
        value = value_text(value)
    try:
        table = tomllib.loads(f"{key} = {value}")
    except (ValueError, RecursionError):
        raise ValueError(
            f"not a value of TOML; put text in quotes, as in '{key}=\"{value}\"', write dates as 2018-12-31,"
            " and a digit before every decimal point"
        ) from None
    if "extends" in table:
        raise ValueError("a setting cannot change what a config extends; load the other config instead")
    return table
