"""Which numbers of a config may move, and how far: a TOML file with a range and its source for each."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowsim.config import Config
from flowsim.errors import InputError

KEYS = {"low", "high", "source"}
ONE_LINE = 'write it as [parameter."table.key"] with low, high and source'


@dataclass(frozen=True)
class Parameter:
    """One number of a config by its key, the range in which it may move, and where the range comes from."""

    key: str
    low: float
    high: float
    source: str

    def part(self, value: float) -> float:
        """Return where a value lies in the range, from 0 to 1."""
        return (value - self.low) / (self.high - self.low)

    def value(self, part: float) -> float:
        """Return the value at a part of the range, which stays inside it."""
        inside = min(max(part, 0.0), 1.0)
        return (1.0 - inside) * self.low + inside * self.high


def read_space(file: str | Path, config: Config) -> list[Parameter]:
    """Return the parameters of a search from a TOML file, checked against the config.

    Parameters
    ----------
    file : str or Path
        A path, or "us_equity" for the ranges that ship with the package.
    config : Config
        The config that is calibrated; its own values must lie inside the ranges.

    Raises
    ------
    InputError
        If the file cannot be read, or a key, a range or the config's value does not fit.
    """
    label, text = _text(file)
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{label}: not TOML: {error}; {ONE_LINE}") from None
    entries = table.get("parameter", {})
    if set(table) != {"parameter"} or not isinstance(entries, Mapping) or not entries:
        raise InputError(f"{label}: a file of ranges holds tables of parameters and nothing else; {ONE_LINE}")
    return [_parameter(label, key, entry, config) for key, entry in entries.items()]


def start_of(parameters: list[Parameter], config: Config) -> NDArray[np.float64]:
    """Return where the config's own values lie in the ranges, shape (parameters,), each from 0 to 1."""
    return np.array([parameter.part(_value(config, parameter.key)) for parameter in parameters])


def settings_of(parameters: list[Parameter], parts: NDArray[np.float64]) -> list[str]:
    """Return the overrides that put a config at a place in the ranges; six digits are enough for any of them."""
    pairs = zip(parameters, parts, strict=True)
    return [f"{parameter.key}={float(f'{parameter.value(part):.6g}')!r}" for parameter, part in pairs]


def _text(file: str | Path) -> tuple[str, str]:
    built_in = files("flowsim.calibration").joinpath(f"{file}.toml")
    if built_in.is_file():
        return f"{file}.toml", built_in.read_text(encoding="utf-8")
    try:
        return str(file), Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise InputError(f"{file}: ranges cannot be read ({reason}); name a TOML file by `ranges`") from None


def _parameter(label: str, key: str, entry: Any, config: Config) -> Parameter:
    where = f'{label}: parameter "{key}"'
    if not isinstance(entry, Mapping) or set(entry) != KEYS:
        raise InputError(f"{where} must have exactly the keys low, high and source; {ONE_LINE}")
    low, high = entry["low"], entry["high"]
    if not all(isinstance(end, int | float) and not isinstance(end, bool) for end in (low, high)) or not low < high:
        raise InputError(f"{where} has low = {low!r} and high = {high!r}; give two numbers, the lower first")
    value = _value(config, key)
    if value is None:
        raise InputError(f"{where} names no single number of {config.source}; see flowsim config resolve")
    if not low <= value <= high:
        raise InputError(f"{where}: {config.source} has {value:g}, outside {low:g} to {high:g}; widen the range")
    return Parameter(key, float(low), float(high), str(entry["source"]))


def _value(config: Config, key: str) -> Any:
    """Return the number behind a dotted key of a config; None where there is none."""
    found: Any = config.resolved()
    for name in key.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return float(found) if isinstance(found, int | float) and not isinstance(found, bool) else None
