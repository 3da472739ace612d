"""The file of a sweep, read as strictly as a config: unknown keys with the nearest, all faults at once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, cast

from pydantic import Field, ValidationError

from flowsim.config.described import Table, described, list_length
from flowsim.config.layers import Layer, place, require_shallow
from flowsim.config.schema_node import SchemaNode
from flowsim.config.sentences import problems_in
from flowsim.config.wording import Problem
from flowsim.errors import ConfigError
from flowsim.files.nearest import nearest
from flowsim.sweeps.outcomes import DEFAULT

GRID, SOBOL, LATIN = "grid", "sobol", "latin"
BASE = "base"
"""The arm without changes, which is always there."""
Values = Annotated[tuple[Any, ...], list_length(at_least=1)]
Texts = Annotated[tuple[str, ...], list_length()]


class Range(Table):
    """Where the values of a key are drawn."""

    low: float = described("lowest value")
    high: float = described("highest value")
    scale: Literal["linear", "log"] = described(
        "whether values or their logarithms are spread evenly", default="linear"
    )


class Design(Table):
    """Arms that are made and not named: all combinations of values, or points spread over ranges."""

    kind: Literal["grid", "sobol", "latin"] = described(
        "all combinations of values; points of a Sobol sequence; a Latin hypercube", default=GRID
    )
    values: dict[str, Values] = described("with a grid: the values of each key", default={})
    ranges: dict[str, Range] = described("otherwise: the range of each key", default={})
    arms: int | None = described("otherwise: how many points", default=None, low=1, high=1_000_000)
    seed: int = described("otherwise: key of the points", default=1, low=0, high=2**32 - 1)


class NamedArm(Table):
    """An arm with a name of its own."""

    name: Annotated[str, Field(min_length=1)] = described("what tables and pictures call it")
    set: Texts = described("its settings, each written key=value")


class Outcomes(Table):
    """What is measured, over which horizons, and which arm the others are held against."""

    names: Texts = described("outcomes by name", default=DEFAULT)
    horizons: Annotated[tuple[Annotated[int, Field(ge=1, le=100_000)], ...], list_length()] = described(
        "for returns, VaR and ES: after how many sessions; all of them by default", "sessions", default=()
    )
    against: str = described("the arm that others are held against", default=BASE)


class SweepFile(Table):
    """A sweep as it is written."""

    description: str = described("what it asks", default="")
    config: str = described("built-in name or path of the market, relative to the file")
    set: Texts = described("settings of every arm, each written key=value", default=())
    paths: int = described("paths of each arm and seed", default=256, low=2, high=10_000_000)
    seeds: Annotated[tuple[Annotated[int, Field(ge=0, lt=2**63)], ...], list_length(at_least=1)] = described(
        "keys of the random streams; every arm sees the same", default=(1,)
    )
    design: Design = described("arms that are made", default=Design())
    arm: Annotated[tuple[NamedArm, ...], list_length()] = described("arms with names", default=())
    outcomes: Outcomes = described("what is measured", default=Outcomes())


def read_sweep(source: str | Path | Mapping[str, object]) -> tuple[SweepFile, Path]:
    """Return a sweep from a file or a mapping, and the folder that paths in it are relative to.

    Raises
    ------
    ConfigError
        If anything is wrong with the file or its values; one sentence for each fault, with its line.
    """
    if isinstance(source, Mapping):
        return _validated(Layer("", dict(source))), Path.cwd()
    file = _file(source)
    try:
        text = file.read_text(encoding="utf-8-sig")
        table = tomllib.loads(text)
    except OSError as error:
        raise ConfigError([f"{file}: cannot be read ({error.strerror}); name the TOML file of a sweep"]) from None
    except UnicodeDecodeError as error:
        raise ConfigError([f"{file}: byte {error.start} is not UTF-8; save the file as UTF-8 text"]) from None
    except (ValueError, RecursionError) as error:
        said = str(error)
        raise ConfigError([f"{file}: not TOML: {said[:1].lower()}{said[1:]}; correct the line"]) from None
    return _validated(Layer(str(file), table, text or "\n")), file.resolve().parent


def examples() -> dict[str, Path]:
    """Return the file of every sweep that comes with flowsim, by name."""
    return {file.stem: file for file in sorted((Path(__file__).parent / "examples").glob("*.toml"))}


def _file(source: str | Path) -> Path:
    """Return the file of a path, or of the name of a sweep that comes with flowsim."""
    known = examples()
    if str(source) in known:
        return known[str(source)]
    if not Path(source).exists():
        remedy = nearest(Path(source).stem, known, "sweeps")
        raise ConfigError([f"{source}: no such file or sweep; {remedy}"])
    return Path(source)


def _validated(layer: Layer) -> SweepFile:
    try:
        require_shallow(layer.table)
    except ValueError as error:
        raise ConfigError([f"{layer.label or 'the sweep'}: {error}"]) from None
    table = dict(layer.table)
    design = table.get("design")
    if isinstance(design, Mapping):
        table["design"] = {**design, **{part: _flat(design[part]) for part in ("values", "ranges") if part in design}}
    try:
        found = SweepFile.model_validate(table)
    except ValidationError as error:
        problems = problems_in(error, table, cast(SchemaNode, SweepFile.model_json_schema()))
        problems = [_of_a_sweep(problem) for problem in problems]
    else:
        problems = list(_design_problems(found.design)) + list(_arm_problems(found))
        if not problems:
            return found
    raise ConfigError([place([layer], problem) for problem in problems])


def _of_a_sweep(problem: Problem) -> Problem:
    return problem._replace(sentence=problem.sentence.replace(", or let the config extend 'plain'", ""))


def _flat(node: object, above: str = "") -> object:
    """Return a table of keys with dots in them, whether they were written with dots or as tables in one another."""
    if not isinstance(node, Mapping) or {"low", "high"} & set(node):
        return node
    found: dict[str, object] = {}
    for key, value in node.items():
        inner = _flat(value, f"{above}{key}.")
        nested = isinstance(inner, dict) and inner is not value
        found |= inner if nested and isinstance(inner, dict) else {f"{above}{key}": value}
    return found


def _design_problems(design: Design) -> list[Problem]:
    """Return what is wrong between the parts of a design."""

    def fault(key: str, sentence: str) -> Problem:
        return Problem(("design", key), sentence)

    if design.kind == GRID:
        if design.ranges:
            return [fault("ranges", 'a grid takes values; write [design.values], or kind = "sobol" or "latin"')]
        return [fault("arms", "a grid has as many arms as it has combinations; remove it")] if design.arms else []
    found = []
    if design.values:
        found.append(fault("values", f'kind = "{design.kind}" takes ranges; write [design.ranges], or kind = "grid"'))
    elif not design.ranges:
        found.append(fault("ranges", "there is none; write [design.ranges] with a key = { low = , high = }"))
    if design.arms is None:
        found.append(fault("arms", "missing; say how many points there are to be"))
    elif design.kind == SOBOL and design.arms & (design.arms - 1):
        below = 1 << (design.arms.bit_length() - 1)
        found.append(
            fault("arms", f"{design.arms} points of a Sobol sequence are not balanced; set {below} or {2 * below}")
        )
    for key, one in design.ranges.items():
        if one.high <= one.low:
            found.append(fault("ranges", f"{key}: high = {one.high:g} is not above low = {one.low:g}; turn them round"))
        elif one.scale == "log" and one.low <= 0.0:
            found.append(fault("ranges", f"{key}: low = {one.low:g} has no logarithm; set it above 0"))
    return found


def _arm_problems(sweep: SweepFile) -> list[Problem]:
    found, names = [], {BASE}
    for number, arm in enumerate(sweep.arm):
        if arm.name in names:
            said = "is always there, without settings" if arm.name == BASE else "is the name of another arm"
            found.append(Problem(("arm", number, "name"), f"{arm.name!r} {said}; choose another name"))
        names.add(arm.name)
    if len(set(sweep.seeds)) < len(sweep.seeds):
        found.append(Problem(("seeds",), "a seed is there twice, and would count its paths twice; list each once"))
    return found
