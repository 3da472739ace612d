"""A whole configuration, validated and frozen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, PrivateAttr, ValidationError

from flowsim.authoring.declaration import Strategy
from flowsim.authoring.rule_texts import Texts, texts_of, written
from flowsim.config.described import Table, described, list_length
from flowsim.config.layers import Layer, merged, place
from flowsim.config.overrides import Overrides, override_layers
from flowsim.config.population import Population
from flowsim.config.schema import (
    Fundamental,
    History,
    Liquidity,
    Market,
    Options,
    Policy,
    Record,
    Sentiment,
    Time,
)
from flowsim.config.sentences import problems_in
from flowsim.config.spec import MarketSpec, population_specs
from flowsim.config.strategies import available, population_problems, strategy_of, with_defaults
from flowsim.config.toml_text import document
from flowsim.config.wording import Problem
from flowsim.errors import ConfigError


class Config(Table):
    """A market to simulate. Two are equal when they resolve to the same values and use the same rules."""

    description: str = described("what this market is, and where its numbers come from")
    extends: str | None = described("built-in name or path of the config that this one alters", default=None)
    seed: int = described("key of every random stream", low=0, high=2**63 - 1)
    antithetic: bool = described("odd paths mirror the normal draws of the even path before them", default=False)
    strategy_folders: Annotated[tuple[Annotated[Path, Field(strict=False)], ...], list_length()] = described(
        "folders with strategies of your own, relative to the config file", default=()
    )
    time: Time
    history: History
    market: Market
    fundamental: Fundamental
    policy: Policy
    liquidity: Liquidity
    sentiment: Sentiment
    options: Options
    population: dict[str, Population] = described(
        "the populations; a table's name is the source's name in every result", default={}
    )
    record: Record = Record()

    _source: str = PrivateAttr(default="")
    _strategies: dict[str, Strategy] = PrivateAttr(default_factory=dict)

    @property
    def source(self) -> str:
        """Built-in name or path that the configuration was loaded from; empty if it came from a mapping."""
        return self._source

    @property
    def strategies(self) -> dict[str, Strategy]:
        """The strategies that populations use, by name."""
        return dict(self._strategies)

    def resolved(self) -> dict[str, Any]:
        """Return every value as plain data for JSON or TOML, which loads again to an equal configuration."""
        return self.model_dump(mode="json", exclude_none=True, exclude={"extends"})

    def to_toml(self) -> str:
        """Return the resolved configuration as TOML."""
        plain = self.model_dump(mode="python", exclude_none=True, exclude={"extends"})
        plain["strategy_folders"] = [str(folder) for folder in self.strategy_folders]
        return document(plain)

    @property
    def digest(self) -> str:
        """SHA-256, in hexadecimal, of all settings, wherever rules and prices lie.

        It is that of the resolved configuration as JSON with sorted keys, followed by the order of its populations:
        orders are added up in it, and tables written. Folders are left out, and a file of prices goes by its name.
        """
        values = self.resolved()
        del values["strategy_folders"]
        values["history"]["prices"] = Path(self.history.prices).name
        content = [values, list(self.population)]
        canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(canonical.encode()).hexdigest()

    def active(self) -> Config:
        """Return the configuration without the populations that have no capital, which are switched off."""
        trading = {name: population for name, population in self.population.items() if population.capital_bn > 0.0}
        return self.model_copy(update={"population": trading})

    def spec(self) -> MarketSpec:
        """Return what the market is made of: the settings, and the populations with capital with their agents."""
        return MarketSpec(
            seed=self.seed,
            antithetic=self.antithetic,
            strategy_folders=self.strategy_folders,
            time=self.time,
            market=self.market,
            fundamental=self.fundamental,
            policy=self.policy,
            liquidity=self.liquidity,
            sentiment=self.sentiment,
            options=self.options,
            record=self.record,
            populations=population_specs(self.population, self._strategies),
        )

    def override(self, *settings: str | Overrides) -> Config:
        """Return a new configuration with settings applied in turn.

        A setting is text, ``"population.cta.capital_bn = 0"``, or a mapping, ``{"population.cta.capital_bn": 0}``, in
        which tables may be mappings too.

        Raises
        ------
        ConfigError
            If a setting cannot be read or its value does not fit.
        """
        layers, problems = [], []
        for one in settings:
            found, faults = override_layers(one, label="override")
            layers, problems = [*layers, *found], [*problems, *faults]
        base = Layer("", self.resolved() | self.model_dump(include={"extends"}))
        return validated([base, *layers], source=self._source, problems=problems)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Config) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self.digest)

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel to another process as values and the texts of the user's rules, not as functions."""
        return _unpacked, (self.resolved(), texts_of(self._strategies.values()), self._source)

    @property
    def _identity(self) -> tuple[str, History, dict[str, str]]:
        return self.digest, self.history, {name: rule.text_digest for name, rule in self._strategies.items()}


def validated(layers: Sequence[Layer], source: str, problems: Sequence[str] = ()) -> Config:
    """Return the configuration that `layers` merge to.

    `problems` are faults already found in reading the layers; they are reported with the others.

    Raises
    ------
    ConfigError
        If there is any fault; one sentence for each, with the place of the key.
    StrategyError
        If a strategy file has a fault of its own.
    """
    table = merged(layers)
    strategies, found = available(table.get("strategy_folders"))
    populations = table.get("population")
    options = table.get("options")
    listed = isinstance(options, Mapping) and options.get("listed") is True
    time = table.get("time")
    bars_per_day = time.get("bars_per_day") if isinstance(time, Mapping) else None
    found += population_problems(populations, strategies, listed=listed, bars_per_day=bars_per_day)
    if isinstance(populations, Mapping):
        table["population"] = {name: with_defaults(one, strategies) for name, one in populations.items()}
    try:
        config = Config.model_validate(table)
    except ValidationError as error:
        found = problems_in(error, table, Config.model_json_schema()) + found
    else:
        if not found and not problems:
            used = (strategy_of(one, strategies) for one in table.get("population", {}).values())
            config._strategies = {strategy.name: strategy for strategy in used if strategy}
            config._source = source
            return config
    raise ConfigError([*problems, *(place(layers, problem) for problem in sorted(found, key=_position))])


def _unpacked(values: dict[str, Any], texts: Texts, source: str) -> Config:
    folders = {"strategy_folders": [str(folder) for folder in written(texts)]}
    return validated([Layer("", values | folders)], source=source)


def _position(problem: Problem) -> tuple[int, str]:
    """Sort problems by table, and those of one population together."""
    table = problem.path[0]
    known = [*Config.model_fields]
    name = str(problem.path[1]) if table == "population" and len(problem.path) > 1 else ""
    return known.index(table) if table in known else -1, name
