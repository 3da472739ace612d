"""What a part of a market declares of itself, so that the day calls it in its phases and need not know what it is.

A subsystem is one kernel on one bundle of arrays, called by address: a market without it never compiles it, and a new
one compiles no line of the day again. It names what it adds to the market: sources of a price move, rows that rules may
see and tables keep, accounts of the ledger. docs/subsystems.md says how to add one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple

import numpy as np

from flowsim.config.spec import MarketSpec
from flowsim.files.columns import Column
from flowsim.market.arrays import MarketState, Rules, Scratch, Timetable
from flowsim.market.model import Model
from flowsim.market.registry import Registry


class Room(NamedTuple):
    """How much a chunk of days leaves behind, for a subsystem that keeps a record of its own."""

    closes: int  # recorded closes
    chains: int  # closes whose chain is kept
    tables: tuple[str, ...]  # tables that the run writes


class Host(NamedTuple):
    """The market that a subsystem is part of, as one block of paths has it."""

    spec: MarketSpec
    registry: Registry
    timetable: Timetable
    rules: Rules
    model: Model
    state: MarketState
    scratch: Scratch
    bundles: Mapping[str, Any] = MappingProxyType({})
    """Of the subsystems before it, by name: one may work on what another has."""


class Subsystem:
    """A part of a market that is called in phases. What it does not need it leaves as it is here.

    `work` is a marked function ``work(bundle, phase, day, step, path0, live)``. It returns 0, or
    ``1 + what * 64 + lane`` where it cannot go on: `fault` says what that means.
    """

    name: ClassVar[str]
    phases: ClassVar[tuple[int, ...]]
    work: ClassVar[Callable[..., int]]
    sources: ClassVar[tuple[str, ...]] = ()
    published: ClassVar[tuple[Column, ...]] = ()
    """Rows that it writes for others, "float64": fields of the view, and the columns of a table of its name."""
    accounts: ClassVar[tuple[str, ...]] = ()
    why_before: ClassVar[str] = ""
    """What needs the history that it lives through before the start."""

    @property
    def text_digest(self) -> str:
        """SHA-256 of the file of its kernel, in hexadecimal."""
        return hashlib.sha256(Path(self.work.__code__.co_filename).read_bytes()).hexdigest()

    def takes_part(self, spec: MarketSpec) -> bool:
        """Return whether a market has it at all: one that has it not has no rows and no table of it."""
        return True

    def sessions_before(self, spec: MarketSpec) -> int:
        """Return how many sessions of real history it lives through before the start, at most."""
        return 0

    def known(self, spec: MarketSpec, dates: np.ndarray) -> Any:
        """Return what is known beforehand of the sessions `dates`, of which the first is before the first day."""
        return ()

    def days_of(self, known: Any, first: int, last: int) -> Any:
        """Return what is known of the days from one up to another."""
        return known

    def as_replayed(self, spec: MarketSpec, known: Any, *, shown_at_last: bool) -> Any:
        """Return what is known without what makes no difference along given prices, or only at the last close."""
        return known

    def new_state(self, spec: MarketSpec, known: Any, log_close: np.ndarray) -> Any:
        """Return what moves, for one block, after past log closes (n,): a NamedTuple of float64 arrays by lane."""
        return ()

    def bundle(self, host: Host, known: Any, state: Any) -> Any:
        """Return everything that its kernel works on, for one block: a NamedTuple of arrays, numbers and such tuples.

        It keeps no record.
        """
        raise NotImplementedError

    def with_record(self, bundle: Any, spec: MarketSpec, room: Room) -> Any:
        """Return the bundle with room for what it keeps of the next chunk of days."""
        return bundle

    def in_force(self, bundle: Any, days: int) -> np.ndarray:
        """Return on which days it is called, int64 (days + 1,); the close and what comes after it are of the next."""
        return np.ones(days + 1, np.int64)

    def fault(self, spec: MarketSpec, what: int, where: str) -> str:
        """Return the sentence of an error: what is wrong on which path and day, and what to do about it."""
        return f"{self.name} cannot go on, on {where}"
