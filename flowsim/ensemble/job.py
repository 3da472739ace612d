"""Jobs: blocks of paths of one market and what is to be kept of each, as a value that travels as text.

A block of 64 paths depends on the market, the seed and its own number only, so a job gives the same wherever and in
however many pieces it is done. Its digest is that of all that its result depends on, and of nothing else: where prices
and rules are found, and what a config is called, make no other job.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial, reduce
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from flowsim.config import Config
from flowsim.config.config import validated
from flowsim.config.layers import Layer
from flowsim.config.toml_text import document
from flowsim.engine.blocks import Block
from flowsim.errors import InputError
from flowsim.version import __version__

NO_PART = ("description", "sizes", "strategy_folders", "history")
"""Keys of a config on which no result depends: words, and where rules and prices are found."""

Keep = Callable[..., object]
"""Makes of a prepared market, a block and the iterator of its chunks what is kept of the block."""


class Digested(Protocol):
    """Prices, or what else knows their digest."""

    @property
    def digest(self) -> str:
        """SHA-256 of dates and closes."""
        ...


@dataclass(frozen=True)
class Job:
    """Blocks of paths of one market, and what is kept of each.

    `config` is the market as TOML, without populations that are switched off; `history` the SHA-256 of the dates and
    closes that it starts from, and `beside` those of markets beside it by name; `rules` the name of each strategy in it
    with the SHA-256 of its file; `keep` names the function that makes of each block what is kept (see `name_of`).
    `source` is what the config is called in messages.
    """

    config: str
    history: str
    rules: tuple[tuple[str, str], ...]
    blocks: tuple[Block, ...]
    keep: str
    source: str = field(default="", compare=False)
    beside: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(
        cls,
        config: Config,
        history: Digested,
        blocks: Sequence[Block],
        keep: Keep,
        beside: Mapping[str, Digested] | None = None,
    ) -> Job:
        """Return the job of some blocks of the market of a config, from a real history, with those beside it."""
        market = config.active()
        used = sorted({population.strategy for population in market.population.values()})
        rules = tuple((name, market.strategies[name].text_digest) for name in used)
        others = tuple((name, prices.digest) for name, prices in (beside or {}).items())
        job = cls(market.to_toml(), history.digest, rules, tuple(blocks), name_of(keep), market.source, others)
        return job._known(market)

    @cached_property
    def market(self) -> Config:
        """The config of the market.

        Raises
        ------
        ConfigError
            If the text is not that of a config.
        InputError
            If a rule has another text here than where the job was made.
        """
        config = validated([Layer("", tomllib.loads(self.config))], source=self.source)
        for name, digest in self.rules:
            if config.strategies[name].text_digest != digest:
                raise InputError(
                    f"{self.source or 'a job'}: the file of rule {name!r} is not the one that the job was made with"
                    f" (SHA-256 {digest[:12]}); use the same rules, or make the job anew"
                )
        return config

    @cached_property
    def steps_digest(self) -> str:
        """SHA-256 of what is stepped, however many days of it and whatever is recorded: a run has the same beginning.

        It is that of config, history and rules, and of the version of flowsim.
        """
        values = {key: value for key, value in self.market.resolved().items() if key not in (*NO_PART, "record")}
        del values["time"]["days"]
        for asset in values.get("asset", {}).values():
            asset.pop("prices", None)
        # Orders are added up in the order of the populations, so it makes another market.
        order = [[list(self.market.asset), self.beside]] if self.market.asset else []
        return digest_of([__version__, values, list(self.market.population), self.history, self.rules, *order])

    @cached_property
    def market_digest(self) -> str:
        """SHA-256 of the market alone: of what is stepped, for how many days, and what is recorded."""
        return digest_of([self.steps_digest, self.market.time.days, self.market.record.model_dump(mode="json")])

    @property
    def digest(self) -> str:
        """SHA-256, in hexadecimal, of all that the result depends on."""
        return job_digest(self.market_digest, self.blocks, self.keep)

    @property
    def path_days(self) -> int:
        """Days to step, over all paths that count."""
        return self.market.time.days * sum(block.live for block in self.blocks)

    def by_block(self) -> list[Job]:
        """Return a job for each block, which together give what this one gives."""
        return [self.with_blocks(block) for block in self.blocks]

    def with_blocks(self, *blocks: Block) -> Job:
        """Return the job of other blocks of the same market; it has the digests of the market, where they are known."""
        return self._as_known(replace(self, blocks=blocks))

    def recording(self, days: int, tables: Sequence[str]) -> Job:
        """Return the job of the same market over so many days, which records these tables at every close."""
        named = ",".join(f'"{name}"' for name in tables)
        market = self.market.override(f"time.days={days}", f"record={{tables=[{named}]}}")
        return replace(self, config=market.to_toml())._known(market)

    def without_places(self) -> Job:
        """Return the same job without the folders of rules and the path of prices, for a machine that has neither."""
        history = self.market.history.model_copy(update={"prices": "sp500"})
        market = self.market.model_copy(update={"strategy_folders": (), "history": history})
        return self._as_known(replace(self, config=market.to_toml()))

    def with_rules(self, folders: Sequence[Path]) -> Job:
        """Return the same job with its rules in other folders."""
        if not folders:
            return self
        table = tomllib.loads(self.config) | {"strategy_folders": [str(folder) for folder in folders]}
        return replace(self, config=document(table))

    def to_text(self) -> str:
        """Return the job as JSON."""
        blocks = [[block.number, block.live] for block in self.blocks]
        named = {"rules": dict(self.rules), "beside": dict(self.beside)}
        return json.dumps({**_fields(self), **named, "blocks": blocks}, ensure_ascii=False)

    @classmethod
    def from_text(cls, text: str) -> Job:
        """Return the job of a text that `to_text` gave."""
        values = json.loads(text)
        blocks = tuple(Block(number, live) for number, live in values.pop("blocks"))
        named = {key: tuple(values[key].items()) for key in ("rules", "beside")}
        return cls(**{**values, **named, "blocks": blocks})

    def _known(self, market: Config) -> Job:
        """Spare this process reading the config that it has just written."""
        self.__dict__["market"] = market
        return self

    def _as_known(self, other: Job) -> Job:
        """Give a job of the same market its config and digests, where they are known."""
        known = ("market", "steps_digest", "market_digest")
        other.__dict__.update({name: self.__dict__[name] for name in known if name in self.__dict__})
        return other

    def __getstate__(self) -> dict[str, object]:
        """Leave the config behind when a job travels: its text goes along."""
        return _fields(self)


def name_of(function: Callable[..., object]) -> str:
    """Return the name under which another process finds a function, as ``"flowsim.facts.measure:facts_of_block"``.

    A `functools.partial` of one with plain values by keyword has them behind it as JSON.

    Raises
    ------
    TypeError
        If the function is made inside another one, has no name of its own, or is given what is no plain value.
    """
    if isinstance(function, partial):
        if function.args or isinstance(function.func, partial):
            raise TypeError(f"{function}: give what it is called with by keyword, all at once")
        return f"{name_of(function.func)} {json.dumps(function.keywords, ensure_ascii=False)}"
    module, name = getattr(function, "__module__", ""), getattr(function, "__qualname__", "<")
    if "<" in name:
        raise TypeError(f"{function} cannot be found from another process; define it with a name in a module")
    return f"{module}:{name}"


def function_of(name: str) -> Callable[..., object]:
    """Return the function of a name that `name_of` gave."""
    place, _, given = name.partition(" ")
    module, _, inner = place.partition(":")
    found: Any = reduce(getattr, inner.split("."), import_module(module))
    return partial(found, **json.loads(given)) if given else found


def job_digest(market_digest: str, blocks: Sequence[Block], keep: str) -> str:
    """Return the digest of the job of some blocks of a market of which only the digest is at hand."""
    return digest_of([market_digest, [[block.number, block.live] for block in blocks], keep])


def digest_of(content: list[object]) -> str:
    """Return the SHA-256, in hexadecimal, of plain values as JSON with sorted keys."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _fields(job: Job) -> dict[str, object]:
    return {name: getattr(job, name) for name in Job.__dataclass_fields__}
