"""Scenarios: dated changes of the layer's numbers, which the start knows nothing of."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

from flowsim.errors import InputError
from flowsim.files.nearest import nearest
from flowsim.macro.numbers import Change
from flowsim.macro.quarters import quarter_number

BASELINE = "baseline"
KNOWN = {"description", "extends", "from"}


class Scenario(NamedTuple):
    """A name, what it says it is, and its changes in the order in which they are made."""

    name: str
    description: str
    changes: tuple[Change, ...]


def built_in() -> dict[str, str]:
    """Return the text of every scenario that ships, by name."""
    folder = files("flowsim.macro").joinpath("scenarios")
    found = {file.name.removesuffix(".toml"): file.read_text(encoding="utf-8") for file in folder.iterdir()}
    return dict(sorted(found.items()))


def load_scenario(source: str | Path) -> Scenario:
    """Return a scenario by its built-in name or from a TOML file.

    Raises
    ------
    InputError
        If there is no such scenario, or its file is no scenario; the message names the place and the remedy.
    """
    known, name = built_in(), str(source)
    if name in known:
        return _scenario(name, known[name])
    file = Path(source)
    if not file.is_file():
        raise InputError(f"{name}: no such file or scenario; {nearest(name, known)}")
    try:
        return _scenario(name, file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{name}: cannot be read ({error}); save it as UTF-8 text") from None


def _scenario(name: str, text: str) -> Scenario:
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{name}: not TOML: {error}; correct the line") from None
    if unknown := sorted(table.keys() - KNOWN):
        raise InputError(f"{name}: {unknown[0]}: unknown key; {nearest(unknown[0], sorted(KNOWN))}")
    if not isinstance(table.get("description"), str):
        raise InputError(f'{name}: description is missing; say in "quotes" what the scenario is')
    base = load_scenario(table["extends"]).changes if "extends" in table else ()
    entries = table.get("from", [])
    if not isinstance(entries, list):
        raise InputError(f"{name}: from is no list; write [[from]] above each quarter with its changes")
    changes = [change for place, entry in enumerate(entries) for change in _changes(f"{name}: from[{place}]", entry)]
    return Scenario(name, " ".join(table["description"].split()), (*base, *changes))


def _changes(where: str, entry: Mapping[str, Any]) -> Iterator[Change]:
    if not isinstance(entry.get("quarter"), str):
        raise InputError(f'{where}: quarter is missing; write quarter = "2027Q1"')
    start = quarter_number(entry["quarter"], f"{where}: quarter")
    for key, value in _flat({name: value for name, value in entry.items() if name != "quarter"}):
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise InputError(f"{where}: {key} = {value!r} is no number; write one without quotes")
        yield Change(key, start, float(value))


def _flat(table: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


def settings_of(overrides: Iterable[str] | Mapping[str, float]) -> list[Change]:
    """Return settings such as ``["revenue.margin=0.6"]`` or ``{"revenue.margin": 0.6}``; the start knows them.

    Raises
    ------
    InputError
        If one is not written so.
    """
    if isinstance(overrides, Mapping):
        return [Change(key, None, float(value)) for key, value in overrides.items()]
    found = []
    for setting in overrides:
        key, equals, value = setting.partition("=")
        try:
            found.append(Change(key.strip(), None, float(value)))
        except ValueError:
            given = f"{value.strip()!r} is no number" if equals else "has no value"
            raise InputError(f"`overrides` {setting}: {given}; write revenue.margin=0.6") from None
    return found
