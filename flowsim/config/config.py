"""A whole configuration, validated and frozen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, cast

from pydantic import Field, PrivateAttr, ValidationError

from flowsim.authoring.declaration import Strategy
from flowsim.authoring.rule_texts import Texts, texts_of, written
from flowsim.clock import DateLike, as_day
from flowsim.config.asset import LEAD, Asset
from flowsim.config.changes import Change, changes_between, named
from flowsim.config.described import Table, described, list_length
from flowsim.config.display import display_name
from flowsim.config.layers import Layer, merged, place
from flowsim.config.macro import Macro, macro_problems
from flowsim.config.markets import Tables, asset_problems, market_beside, members
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
    VixFutures,
    VixProducts,
)
from flowsim.config.schema_node import SchemaNode
from flowsim.config.sentences import problems_in
from flowsim.config.spec import Beside, MarketSpec, population_specs
from flowsim.config.strategies import available, population_problems, strategy_of, with_defaults
from flowsim.config.toml_text import document
from flowsim.config.wording import Problem
from flowsim.errors import ConfigError
from flowsim.files.html import card


class Config(Table):
    """A market to simulate. Two are equal when they resolve to the same values and use the same rules."""

    description: str = described("what this market is, and where its numbers come from")
    sizes: str | None = described("when the sizes of its populations were measured, for pictures", default=None)
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
    vix_futures: VixFutures | None = described(
        "VIX futures; none without this table, and no other result is changed by it", default=None
    )
    vix_products: VixProducts | None = described(
        "notes and funds on VIX futures; none without this table, and no other result is changed by it", default=None
    )
    population: dict[str, Population] = described(
        "the populations; a table's name is the source's name in every result", default={}
    )
    macro: Macro | None = described("the macro layer beside the market; absent without this table", default=None)
    record: Record = Record()
    asset: dict[str, Asset] = described("markets beside the first, on the same clock", default={})

    _source: str = PrivateAttr(default="")
    _strategies: dict[str, Strategy] = PrivateAttr(default_factory=dict)
    _start_is_chosen: bool = PrivateAttr(default=True)
    _original: Mapping[str, Any] | None = PrivateAttr(default=None)
    """Resolved values of the source alone, where settings were laid over it; or of what it extends, see `_extended`."""
    _extended: str = PrivateAttr(default="")
    """What a source without a description of its own extends."""
    _beside: Beside | None = PrivateAttr(default=None)
    """What it has of other markets, where it is one of those beside the first."""

    @property
    def source(self) -> str:
        """Built-in name or path that the configuration was loaded from; empty if it came from a mapping."""
        return self._source

    @property
    def changes(self) -> tuple[Change, ...]:
        """In what it differs from its source, apart from seed, days and what is recorded."""
        return () if self._original is None else changes_between(self._original, self.resolved())

    @property
    def name(self) -> str:
        """What pictures and pages call it: the name of its source, and what was changed in it."""
        name = Path(self._source).stem or "config"
        name += "" if self._beside is None else f", market {self._beside.name}"
        return f"{name}: {named(self._extended, self.changes)}" if self._extended else named(name, self.changes)

    @property
    def about(self) -> str:
        """The description, as long as it describes this: empty where values were changed and it was not."""
        told_anew = self._original is not None and self._original["description"] != self.description
        return self.description if told_anew or not self.changes else ""

    @property
    def sized(self) -> str:
        """When its sizes were measured, for pictures; empty where any value of it was changed."""
        return "" if self.changes or not self.sizes else f"sizes {self.sizes}"

    @property
    def start_is_chosen(self) -> bool:
        """Whether somebody wrote the start: false where it is the one of `plain`, the last shipped close."""
        return self._start_is_chosen

    def starting(self, day: DateLike) -> Config:
        """Return the config from another close, where nobody chose one: that is no change of the market."""
        moved = self.override(f"time.start={as_day(day, 'start')}")
        if self._original is not None:
            moved._original = {**self._original, "time": self._original["time"] | {"start": str(as_day(day, "start"))}}
        else:
            moved._original = moved.resolved()
        moved._start_is_chosen = False
        return moved

    @property
    def strategies(self) -> dict[str, Strategy]:
        """The strategies that populations use, by name."""
        return dict(self._strategies)

    def resolved(self) -> dict[str, Any]:
        """Return every value as plain data for JSON or TOML, which loads again to an equal configuration."""
        return self.model_dump(mode="json", exclude_none=True, exclude=self._unsaid)

    def to_toml(self) -> str:
        """Return the resolved configuration as TOML."""
        plain = self.model_dump(mode="python", exclude_none=True, exclude=self._unsaid)
        plain["strategy_folders"] = [str(folder) for folder in self.strategy_folders]
        return document(plain)

    @property
    def digest(self) -> str:
        """SHA-256, in hexadecimal, of all settings, wherever rules and prices lie.

        It is that of the resolved configuration as JSON with sorted keys, followed by the order of its populations:
        orders are added up in it, and tables written. Folders are left out, and a file of prices goes by its name.
        """
        values = self.resolved()
        for words in ("sizes", "strategy_folders"):
            values.pop(words, None)
        values["history"]["prices"] = Path(self.history.prices).name
        for name, asset in self.asset.items():
            if asset.prices is not None:
                values["asset"][name]["prices"] = Path(asset.prices).name
        content = [values, list(self.population), *([list(self.asset)] if self.asset else [])]
        canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(canonical.encode()).hexdigest()

    @property
    def _unsaid(self) -> set[str]:
        """What a resolved configuration leaves out: a market without others is what it was before there could be."""
        return {"extends"} if self.asset else {"extends", "asset"}

    def of_market(self, name: str) -> Config:
        """Return the configuration of one of the markets alone, with its populations.

        Raises
        ------
        InputError
            If there is no market of that name.
        """
        populations = members(self.population, name)
        if name == LEAD and not self.asset:
            return self
        if name == LEAD:
            return self.model_copy(update={"asset": {}, "population": populations})
        lead = Tables(*(getattr(self, table) for table in Tables._fields))
        alone, beside = market_beside(lead, self.asset, name)
        told = {"vix_futures": None, "vix_products": None, "macro": None, "asset": {}, "population": populations}
        config = self.model_copy(update={**alone._asdict(), **told})
        config._beside, config._original = beside, None
        return config

    @property
    def spec_beside(self) -> Beside | None:
        """What it has of other markets, where it is one beside the first (`of_market`)."""
        return self._beside

    def active(self) -> Config:
        """Return the configuration without the populations that have no capital, which are switched off."""
        trading = {name: population for name, population in self.population.items() if population.capital_bn > 0.0}
        return self.model_copy(update={"population": trading})

    def spec(self) -> MarketSpec:
        """Return what the first market is made of: the settings, and the populations with capital with their agents."""
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
            macro=self.macro,
            record=self.record,
            populations=population_specs(members(self.population, LEAD), self._strategies),
            beside=self._beside,
            vix_futures=self.vix_futures,
            vix_products=self.vix_products,
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
        values = self.resolved()
        base = Layer("", values | self.model_dump(include={"extends"}))
        original = values if self._original is None else self._original
        config = validated([base, *layers], source=self._source, problems=problems, original=original)
        config._extended, config._beside = self._extended, self._beside
        config._start_is_chosen = self._start_is_chosen or any(layer.holds(("time", "start")) for layer in layers)
        return config

    def __repr__(self) -> str:
        return f"Config({self.name}; {self._in_short()})"

    __str__ = __repr__

    def _repr_html_(self) -> str:
        rows = [[display_name(name), one.strategy, one.agents, one.capital_bn] for name, one in self.population.items()]
        known = [self.about, f"{self._in_short()}, multiplier {self.market.multiplier:g}", *map(str, self.changes)]
        return card(self.name, known, ("population", "strategy", "agents", "capital, USD bn"), rows)

    def _in_short(self) -> str:
        n_populations = len(self.active().population)
        return f"{n_populations} populations, {self.time.days} days from {self.time.start}, seed {self.seed}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Config) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self.digest)

    def __reduce__(self) -> tuple[object, ...]:
        """Travel to another process as values and the texts of the user's rules, not as functions."""
        names = ("_source", "_original", "_extended", "_start_is_chosen", "_beside")
        known = {name: getattr(self, name) for name in names}
        return _unpacked, (self.resolved(), texts_of(self._strategies.values()), known)

    @property
    def _identity(self) -> tuple[str, History, dict[str, str]]:
        return self.digest, self.history, {name: rule.text_digest for name, rule in self._strategies.items()}


def validated(
    layers: Sequence[Layer], source: str, problems: Sequence[str] = (), original: Mapping[str, Any] | None = None
) -> Config:
    """Return the configuration that `layers` merge to.

    `problems` are faults already found in reading the layers; they are reported with the others. `original` are
    the resolved values of the source, where there are layers over it.

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
    found += _night_problems(table.get("market"), listed=listed)
    found += _futures_problems(table, listed=listed)
    found += macro_problems(table, strategies)
    found += asset_problems(table, strategies)
    if isinstance(populations, Mapping):
        table["population"] = {name: with_defaults(one, strategies) for name, one in populations.items()}
    try:
        config = Config.model_validate(table)
    except ValidationError as error:
        found = problems_in(error, table, cast(SchemaNode, Config.model_json_schema())) + found
    else:
        if not found and not problems:
            named = populations.values() if isinstance(populations, Mapping) else ()
            used = (strategy_of(one, strategies) for one in named)
            config._strategies = {strategy.name: strategy for strategy in used if strategy}
            config._source, config._original = source, original
            return config
    raise ConfigError([*problems, *(place(layers, problem) for problem in sorted(found, key=_position))])


def _night_problems(market: object, *, listed: bool) -> list[Problem]:
    if not listed or not isinstance(market, Mapping) or market.get("overnight_share") != 0:
        return []
    sentence = "options that settle on the opening print live through one more night, and 0 leaves it no variance"
    remedy = "set at least 0.001, or options.listed = false"
    return [Problem(("market", "overnight_share"), f"{sentence}; {remedy}")]


def _futures_problems(table: Mapping[str, object], *, listed: bool) -> list[Problem]:
    found = []
    if not listed and table.get("vix_futures") is not None:
        sentence = "futures are priced from the volatility indices, and without options there are none"
        found.append(Problem(("vix_futures",), f"{sentence}; set options.listed = true, or leave the table out"))
    if table.get("vix_futures") is None and table.get("vix_products") is not None:
        sentence = "products trade VIX futures, and without the table vix_futures there are none"
        found.append(Problem(("vix_products",), f"{sentence}; add it, as the config vix_futures has it"))
    return found


def _unpacked(values: dict[str, object], texts: Texts, known: dict[str, object]) -> Config:
    folders = {"strategy_folders": [str(folder) for folder in written(texts)]}
    config = validated([Layer("", values | folders)], source="")
    for name, value in known.items():
        setattr(config, name, value)
    return config


def _position(problem: Problem) -> tuple[int, str]:
    """Sort problems by table, and those of one population together."""
    table = problem.path[0]
    known = [*Config.model_fields]
    name = str(problem.path[1]) if table == "population" and len(problem.path) > 1 else ""
    return known.index(table) if table in known else -1, name
