"""Single settings such as ``market.multiplier=3``, from the command line or from Python."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

import numpy as np

from flowsim.config.layers import Layer, merged, require_shallow
from flowsim.config.toml_text import value_text
from flowsim.config.wording import Problem, shortened
from flowsim.files.places import place_of

Overrides: TypeAlias = Iterable[str] | Mapping[str, object]
"""Settings as text, ``["population.cta.capital_bn=0"]``, or as a mapping, ``{"population.cta.capital_bn": 0}``, in
which tables may be mappings too."""

# Words that are no TOML value, and mean nothing else: names of rules and modes, and paths of files.
_BARE_WORD = re.compile(r"(?:[A-Za-z_~/]|\.{1,2}/)[\w./~+-]*")


def override_layers(settings: Overrides, label: str) -> tuple[list[Layer], list[str]]:
    """Return one layer for each setting that can be read, and one message for each that cannot.

    A setting of text is one line of TOML. Its value may be a bare word, which is taken as text.
    """
    layers, problems = [], []
    for setting, table in _readings(settings):
        try:
            layers.append(Layer(label, anchored(_allowed(table()), Path.cwd())))
        except ValueError as error:
            problems.append(f"{label} {shortened(setting)}: {error}")
    return layers, problems


class NoPlaceError(ValueError):
    """Say of a key that no file can have the path in it."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.sentence)


def anchored(table: dict[str, object], folder: Path) -> dict[str, object]:
    """Return `table` with the paths in it made absolute; relative ones are relative to `folder`.

    Raises
    ------
    NoPlaceError
        If no file can have a path in it.
    """
    result = dict(table)
    folders, history = table.get("strategy_folders"), table.get("history")
    if isinstance(folders, list):
        result["strategy_folders"] = [
            _absolute(one, folder, ("strategy_folders", place)) for place, one in enumerate(folders)
        ]
    if isinstance(history, dict) and history.get("prices") not in (None, "", "sp500"):
        result["history"] = history | {"prices": _absolute(history["prices"], folder, ("history", "prices"))}
    assets = table.get("asset")
    if isinstance(assets, dict):
        result["asset"] = {name: _asset_anchored(name, one, folder) for name, one in assets.items()}
    return result


def _asset_anchored(name: str, asset: object, folder: Path) -> object:
    if not isinstance(asset, dict) or "prices" not in asset:
        return asset
    return asset | {"prices": _absolute(asset["prices"], folder, ("asset", name, "prices"))}


def _absolute(path: object, folder: Path, key: tuple[str | int, ...]) -> object:
    try:
        return str(place_of(path, folder)) if isinstance(path, str) else path
    except ValueError as error:
        raise NoPlaceError(Problem(key, str(error))) from None


def _readings(settings: Overrides) -> Iterator[tuple[str, Callable[[], dict[str, object]]]]:
    """Yield each setting as messages show it, and what reads it into a table."""
    if isinstance(settings, Mapping):
        for key, value in settings.items():
            yield str(key), lambda key=key, value=value: _nested(key, _plain_of(value))
    else:
        for setting in [settings] if isinstance(settings, str) else settings:
            yield setting, lambda setting=setting: _read(setting)


def _allowed(table: dict[str, object]) -> dict[str, object]:
    require_shallow(table)
    if "extends" in table:
        raise ValueError("a setting cannot change what a config extends; load the other config instead")
    return table


def _read(setting: str) -> dict[str, object]:
    key, equals, value = (part.strip() for part in setting.partition("="))
    if not equals or not key or not value or "\n" in setting:
        raise ValueError("not a setting; write it as table.key=value")
    if _BARE_WORD.fullmatch(value) and value not in ("true", "false", "inf", "nan"):
        value = value_text(value)
    try:
        return tomllib.loads(f"{key} = {value}")
    except (ValueError, RecursionError):
        raise ValueError(
            f"not a value of TOML; put text in quotes, as in '{key}=\"{value}\"', write dates as 2018-12-31,"
            " and a digit before every decimal point"
        ) from None


def _nested(key: object, value: object) -> dict[str, object]:
    """Return the table of a key with dots in it."""
    try:
        table = tomllib.loads(f"{key} = 0") if "\n" not in str(key) else {}
    except (ValueError, RecursionError):
        table = {}
    if not table:
        raise ValueError("not the name of a key; write it as table.key")
    inner = table
    while (name := next(iter(inner))) and isinstance(inner[name], dict):
        inner = inner[name]
    inner[name] = value
    return table


def _plain_of(value: object) -> object:
    require_shallow(value)
    return _plain(value)


def _plain(value: object) -> object:
    """Return a value of Python, numpy or pandas as TOML has it.

    Raises
    ------
    ValueError
        If it is nothing that TOML has a form for.
    """
    if isinstance(value, Mapping):
        return merged([Layer("", _nested(key, _plain(one))) for key, one in value.items()])
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, np.ndarray | np.generic):
        return _plain(value.tolist())
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, dt.datetime):
        return value.date()
    try:
        value_text(value)
    except TypeError:
        raise ValueError(
            f"{value!r} is no value of a config; give a number, a text, a date, a list or a table"
        ) from None
    return value
