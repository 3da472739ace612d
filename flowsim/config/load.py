"""Configurations from files, by name or path, with what they extend."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from flowsim.config.config import Config, validated
from flowsim.config.layers import Layer, place, require_shallow
from flowsim.config.overrides import NoPlaceError, Overrides, anchored, override_layers
from flowsim.config.wording import Problem, shortened, shown
from flowsim.errors import ConfigError
from flowsim.files.places import place_of


class _File(NamedTuple):
    label: str
    path: Path


def load(source: str | Path, overrides: Overrides = ()) -> Config:
    """Return the configuration of a built-in name or a file.

    Parameters
    ----------
    source : str or Path
        A built-in name such as ``us_equity``, or the path of a TOML file.
    overrides : iterable of str, or mapping
        Settings applied last: ``["population.cta.capital_bn=0"]`` or ``{"population.cta.capital_bn": 0}``.

    Raises
    ------
    ConfigError
        If anything is wrong with the files or the values; holds one sentence for each fault.
    StrategyError
        If a strategy file has a fault of its own.
    """
    try:
        file = _find(str(source), Path.cwd())
    except ValueError as error:
        raise ConfigError([str(error)]) from None
    settings, problems = override_layers(overrides, label="`overrides`")
    layers = _chain(file, ())
    extended = _extended(layers)
    original = _values_of(layers[:-1] if extended else layers) if settings or extended else None
    config = validated([*layers, *settings], source=str(source), problems=problems, original=original)
    config._extended = extended
    begins_as_plain = layers[0].text == built_in()["plain"].read_text(encoding="utf-8-sig")
    chosen = any(layer.holds(("time", "start")) for layer in [*layers[1:], *settings])
    config._start_is_chosen = chosen or not begins_as_plain
    return config


def _extended(layers: list[Layer]) -> str:
    """Return what a file extends without a description of its own: it is called by that, and by what it changes."""
    own = layers[-1].table
    return Path(str(own["extends"])).stem if len(layers) > 1 and "description" not in own else ""


def _values_of(layers: list[Layer]) -> dict[str, object] | None:
    """Return the resolved values of a source alone, or None if it only becomes a config by what is laid over it."""
    try:
        return validated(layers, source="").resolved()
    except ConfigError:
        return None


def config_of(
    config: Config | str | Path, overrides: Overrides = (), *, seed: int | None = None, days: int | None = None
) -> Config:
    """Return a config, or the one of a name or path, with settings applied; `seed` and `days` are the last of them.

    Raises
    ------
    ConfigError, StrategyError
        As `load` does.
    """
    last = {key: value for key, value in {"seed": seed, "time.days": days}.items() if value is not None}
    if not isinstance(config, Config):
        config = load(config, overrides)
    elif overrides:
        config = config.override(overrides)
    return config.override(last) if last else config


def from_dict(mapping: Mapping[str, object]) -> Config:
    """Return the configuration of a mapping such as ``tomllib.load`` or ``Config.resolved`` give.

    Paths in it, and in its `extends`, are relative to the working directory.

    Raises
    ------
    ConfigError
        If anything is wrong with the values; holds one sentence for each fault.
    """
    try:
        require_shallow(mapping)
    except ValueError as error:
        raise ConfigError([str(error)]) from None
    layer = _anchored(Layer("", dict(mapping)), Path.cwd())
    return validated([*_bases(layer, Path.cwd(), ()), layer], source="")


def built_in() -> dict[str, Path]:
    """Return the file of every built-in configuration, by name."""
    folder = Path(next(iter(import_module("flowsim.configs").__path__)))
    return {file.stem: file for file in sorted(folder.glob("*.toml"))}


def _chain(file: _File, above: tuple[_File, ...]) -> list[Layer]:
    """Return the layers of a file: those that it extends, then its own."""
    layer = _read(file)
    return [*_bases(layer, file.path.parent, (*above, file)), layer]


def _bases(layer: Layer, folder: Path, files: tuple[_File, ...]) -> list[Layer]:
    name = layer.table.get("extends")
    if not isinstance(name, str):
        return []
    try:
        base = _find(name, folder)
    except ValueError as error:
        raise ConfigError([place([layer], Problem(("extends",), str(error)))]) from None
    if base.path in [file.path for file in files]:
        loop = " -> ".join([*(file.label for file in files), base.label])
        problem = Problem(("extends",), f"the configs extend each other in a loop ({loop}); let one stand alone")
        raise ConfigError([place([layer], problem)])
    return _chain(base, files)


def _find(name: str, folder: Path) -> _File:
    """Return the file of a built-in name, or of a path relative to `folder`; a file wins over ``name.toml``."""
    known = built_in()
    if name in known:
        return _File(f"{name}.toml", known[name].resolve())
    try:
        path = place_of(name, folder)
    except ValueError as error:
        raise ValueError(f"{shortened(name)}: {error}") from None
    if path.is_file():
        return _File(_label(path), path)
    if name.removesuffix(".toml") in known:
        return _File(name, known[name.removesuffix(".toml")].resolve())
    close = difflib.get_close_matches(Path(name).stem, known, n=1)
    guess = f"did you mean '{close[0]}'? " if close else ""
    what = "is a folder" if path.is_dir() else "no such file or built-in config"
    raise ValueError(f"{name}: {what}; {guess}built-in configs: {', '.join(known)}")


def _label(path: Path) -> str:
    """Return a path as messages show it: relative to the working directory where it lies below that."""
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def _read(file: _File) -> Layer:
    try:
        text = file.path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigError([f"{file.label}: cannot be read ({error.strerror}); check the file"]) from None
    except UnicodeDecodeError as error:
        raise ConfigError([f"{file.label}: byte {error.start} is not UTF-8; save the file as UTF-8 text"]) from None
    try:
        table = tomllib.loads(text)
    except RecursionError:
        raise ConfigError([f"{file.label}: tables or lists lie too deep in one another; write fewer levels"]) from None
    except ValueError as error:
        raise ConfigError([_syntax_sentence(file.label, str(error), text)]) from None
    try:
        require_shallow(table)
    except ValueError as error:
        raise ConfigError([f"{file.label}: {error}"]) from None
    return _anchored(Layer(file.label, table, text or "\n"), file.path.parent)


def _anchored(layer: Layer, folder: Path) -> Layer:
    try:
        return replace(layer, table=anchored(dict(layer.table), folder))
    except NoPlaceError as error:
        raise ConfigError([place([layer], error.problem)]) from None


def _syntax_sentence(label: str, message: str, text: str) -> str:
    found = re.search(r" \(at line (\d+), column \d+\)$", message)
    line = int(found.group(1)) if found else max(1, len(text.split("\n")))
    what = message[: found.start()] if found else message.removesuffix(" (at end of document)")
    written = text.split("\n")[line - 1].strip() if text.strip() else ""
    remedy = 'correct it; text needs "quotes"' if what.startswith("Invalid value") else "correct the line"
    return f"{label}:{line}: not TOML: {what[:1].lower()}{what[1:]} in {shown(written)}; {remedy}"
