"""Populations checked against the strategies that they name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter, ValidationError

from flowsim.authoring.declaration import Field, Strategy
from flowsim.authoring.discovery import discover
from flowsim.config.asset import LEAD
from flowsim.config.draws import quantiles
from flowsim.config.population import MOST_AGENTS, MOST_CAPITAL_BN, OWN_KEYS, Distribution, Parameter
from flowsim.config.structures import structure_problems
from flowsim.config.wording import Problem, nearest, out_of_bounds, shown

RESERVED_NAMES = ("news", "policy", "market_maker", "holders")
_NAME = re.compile("[a-z][a-z0-9_]*")
_PARAMETER: TypeAdapter[Distribution | tuple[float, ...] | float] = TypeAdapter(
    Parameter, config={"strict": True, "allow_inf_nan": False}
)


def available(folders: object) -> tuple[dict[str, Strategy], list[Problem]]:
    """Return every strategy by name, built in or in `folders`, and a problem for each folder that is not there.

    Raises
    ------
    StrategyError
        If a strategy file has a fault of its own.
    """
    given = folders if isinstance(folders, list | tuple) else ()
    paths = [(position, Path(folder)) for position, folder in enumerate(given) if isinstance(folder, str | Path)]
    problems = [
        Problem(("strategy_folders", position), f"no such folder as {path}; name one that holds strategy files")
        for position, path in paths
        if not path.is_dir()
    ]
    return discover(path for _, path in paths if path.is_dir()), problems


def with_defaults(table: object, strategies: Mapping[str, Strategy]) -> object:
    """Return the table of one population with the defaults of its strategy written out."""
    strategy = strategy_of(table, strategies)
    if strategy is None or not isinstance(table, Mapping):
        return table
    execution = {"execution": {}} if strategy.clock == "day" else {}
    return execution | {name: value for name, value in strategy.defaults.items() if name != "capital_bn"} | dict(table)


def strategy_of(table: object, strategies: Mapping[str, Strategy]) -> Strategy | None:
    """Return the strategy that a population names, if there is one of that name."""
    name = table.get("strategy") if isinstance(table, Mapping) else None
    return strategies.get(name) if isinstance(name, str) else None


def population_problems(
    populations: object, strategies: Mapping[str, Strategy], *, listed: bool, bars_per_day: object = None
) -> list[Problem]:
    """Return what is wrong with populations that only the names and strategies can tell.

    `listed` says whether the market lists options.
    """
    if not isinstance(populations, Mapping):
        return []
    problems = []
    for name, table in populations.items():
        found = [*_name_problems(name), *_strategy_problems(table, strategies)]
        problems += [Problem(("population", name, *problem.path), problem.sentence) for problem in found]
    named = {name: strategy for name, table in populations.items() if (strategy := strategy_of(table, strategies))}
    hedged = any(strategy.hedges_options and _trades(populations[name]) for name, strategy in named.items())
    for name, strategy in named.items():
        once_a_day = listed and hedged and bars_per_day == 1 and _trades(populations[name])
        found = _package_problems(populations[name], strategy, once_a_day=once_a_day)
        problems += [Problem(("population", name, *problem.path), problem.sentence) for problem in found]
    for role, has_it in (
        ("provides liquidity", [name for name, strategy in named.items() if strategy.provides_liquidity]),
        ("hedges the options", [name for name, strategy in named.items() if strategy.hedges_options]),
    ):
        problems += [
            Problem(
                ("population", name, "strategy"),
                f"'{earlier}' already {role}, and one population may; remove one of them",
            )
            for place, name in enumerate(has_it)
            for earlier in has_it[:place][:1]
            if markets_of(populations[earlier]) & markets_of(populations[name])
        ]
    problems += [
        Problem(
            ("population", name, "strategy"),
            f"'{strategy.name}' trades options, and none are listed; set options.listed = true, or capital_bn = 0",
        )
        for name, strategy in named.items()
        if strategy.trades_options and not listed and _trades(populations[name])
    ]
    return problems


def markets_of(table: Mapping[str, object]) -> set[object]:
    """Return the names of the markets that a population trades in."""
    legs = table.get("legs")
    return {table.get("asset", LEAD), *(legs if isinstance(legs, Mapping) else ())}


def _trades(table: Mapping[str, object]) -> bool:
    return table.get("capital_bn") != 0


def _package_problems(table: Mapping[str, object], strategy: Strategy, *, once_a_day: bool) -> Iterator[Problem]:
    agents = _count(table.get("agents"))
    if strategy.structure is None or agents is None or any(_parameter_problems(table, strategy)):
        return
    try:
        parameters = {name: _PARAMETER.validate_python(table[name]) for name in strategy.fields if name in table}
    except ValidationError:
        return  # already a problem of the population's own schema
    yield from structure_problems(
        {**strategy.defaults, **parameters}, agents, strategy.structure, once_a_day=once_a_day
    )


def _name_problems(name: object) -> Iterator[Problem]:
    if name in RESERVED_NAMES:
        reserved = ", ".join(RESERVED_NAMES)
        yield Problem((), f"the name is kept for the market's own accounts ({reserved}); choose another")
    elif not _NAME.fullmatch(str(name)):
        yield Problem((), "the name must be lower-case letters, digits and _, and begin with a letter; rename it")


def _strategy_problems(table: object, strategies: Mapping[str, Strategy]) -> Iterator[Problem]:
    if not isinstance(table, Mapping) or not isinstance(table.get("strategy"), str):
        return
    strategy = strategies.get(table["strategy"])
    if strategy is None:
        remedy = nearest(table["strategy"], sorted(strategies), "strategies")
        yield Problem(("strategy",), f"no strategy is called {shown(table['strategy'])}; {remedy}")
        return
    if "execution" in table and strategy.clock != "day":
        yield Problem(
            ("execution",),
            f"strategy '{strategy.name}' trades at once, in the bar that it decides for (clock {strategy.clock});"
            " remove the key",
        )
    if (strategy.provides_liquidity or strategy.hedges_options) and table.get("agents", 1) != 1:
        yield Problem(
            ("agents",), f"{shown(table['agents'])} agents would share the one inventory of '{strategy.name}'; set 1"
        )
    clashes = [name for name in OWN_KEYS if name != "capital_bn" and name in strategy.fields]
    for name in clashes:
        yield Problem(
            ("strategy",),
            f"the rule '{strategy.name}' has a parameter '{name}', a key of every population; rename it in"
            f" {strategy.file}:{strategy.line}",
        )
    yield from _parameter_problems(table, strategy)


def _parameter_problems(table: Mapping[str, object], strategy: Strategy) -> Iterator[Problem]:
    parameters = {name: field for name, field in strategy.fields.items() if name not in OWN_KEYS}
    for key in table:
        if key not in OWN_KEYS and key not in parameters:
            yield Problem((key,), f"unknown key; {nearest(str(key), [*OWN_KEYS, *parameters], 'keys')}")
    for name, field in parameters.items():
        if name in table:
            yield from _value_problems(name, table[name], field, _count(table.get("agents")))
        elif name not in strategy.defaults:
            unit = f", {field.unit}" if field.unit else ""
            yield Problem((name,), f"missing; strategy '{strategy.name}' needs it ({field.meaning}{unit})")
    yield from _capital_problems(table, strategy.fields["capital_bn"])


def _value_problems(name: str, raw: object, field: Field, agents: int | None) -> Iterator[Problem]:
    try:
        value = _PARAMETER.validate_python(raw)
    except ValidationError:
        return  # already a problem of the population's own schema
    if isinstance(value, Distribution):
        drawn = quantiles(value, agents or 1)
        ends = (_unfit(drawn[0], field), _unfit(drawn[-1], field))
        if said := ends[0] or ends[1]:
            yield Problem((name,), f"agents draw from {shown(drawn[0])} to {shown(drawn[-1])}: {said}")
    elif isinstance(value, tuple):
        if agents and len(value) > agents:
            remedy = f"shorten it, or set agents = {len(value)}"
            yield Problem((name,), f"the list has {len(value)} elements for agents = {agents}; {remedy}")
        for position, element in enumerate(value):
            if said := _unfit(element, field):
                yield Problem((name, position), said)
    elif said := _unfit(value, field):
        yield Problem((name,), said)


def _capital_problems(table: Mapping[str, object], field: Field) -> Iterator[Problem]:
    capital, agents = table.get("capital_bn"), _count(table.get("agents"))
    if (
        agents is None
        or isinstance(capital, bool)
        or not isinstance(capital, int | float)
        or not 0 < capital <= MOST_CAPITAL_BN
    ):
        return
    if said := _unfit(capital / agents, field):
        yield Problem(("capital_bn",), f"each of {agents} agents gets {shown(capital / agents)}: {said}")


def _count(agents: object) -> int | None:
    """Return the number of agents if it is one that the schema accepts."""
    return agents if type(agents) is int and 1 <= agents <= MOST_AGENTS else None


def _unfit(value: float, field: Field) -> str | None:
    if field.choices and value not in field.choices:
        listed = ", ".join(map(shown, field.choices))
        return f"{shown(value)} is not one of {listed}{field.unit and f' ({field.unit})'}; choose one of these"
    low = None if np.isinf(field.low) else field.low
    high = None if np.isinf(field.high) else field.high
    return out_of_bounds(value, field.unit, low, high)
