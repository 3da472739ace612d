"""A market that several observations look at: prepared once, and each block of its paths stepped once for all.

A run of fewer days is the beginning of a longer one, bit for bit, and recording changes nothing; so observations that
differ in days or tables look at the same steps.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from flowsim.config import Config
from flowsim.engine.blocks import Block, run_block
from flowsim.engine.prepare import Market
from flowsim.ensemble.sample import Sample, sample_of
from flowsim.errors import RunError


def same_market(config: Config) -> str:
    """Return a text that is the same for configs of one market, whatever days they have and tables they record."""
    values = config.active().resolved()
    values.pop("record")
    values["time"].pop("days")
    return json.dumps(values, sort_keys=True)


@dataclass(frozen=True)
class Look:
    """One block of a market, as far as an observation looks at it."""

    block: int
    paths: int
    days: int


class SharedMarket:
    """A market, the looks at it that are still to come, and the blocks that are kept for them.

    `prepare` brings a config to its start; `stop` ends the steps of every market when it is set; `done` is told of
    path-days stepped.
    """

    def __init__(
        self, config: Config, prepare: Callable[[Config], Market], stop: threading.Event, done: Callable[[int], None]
    ) -> None:
        self.config = config
        self.days = 0
        self._prepare, self._stop, self._done = prepare, stop, done
        self._tables: set[str] = set()
        self._paths: Counter[int] = Counter()
        self._waiting: Counter[int] = Counter()
        self._kept: dict[int, Sample | RunError] = {}
        self._market: Market | None = None
        self._preparing = threading.Lock()
        self._stepping: dict[int, threading.Lock] = {}

    def expect(self, config: Config, look: Look) -> None:
        """Take note of a look that is to come, at a config of this market."""
        self.days = max(self.days, look.days)
        self._tables |= set(config.record.tables)
        self._paths[look.block] = max(self._paths[look.block], look.paths)
        self._waiting[look.block] += 1
        self._stepping.setdefault(look.block, threading.Lock())

    @property
    def block_days(self) -> int:
        """Days to step, over all blocks."""
        return self.days * len(self._paths)

    @property
    def path_days(self) -> int:
        """Days to step, over all paths that count."""
        return self.days * self._paths.total()

    def step(self, block: int) -> None:
        """Step a block as far as any look at it goes, unless that is done or nobody waits for it any more."""
        with self._stepping[block]:
            if block not in self._kept and self._waiting[block]:
                self._kept[block] = self._stepped(Block(block, self._paths[block]))

    def sample(self, look: Look) -> Sample:
        """Return the sample of a look; the last one lets go of what was kept.

        Raises
        ------
        RunError
            If the market diverges within the days of the look.
        """
        self.step(look.block)
        found = self._kept[look.block]
        if isinstance(found, RunError) and look.days < self.days:
            found = _steps(self._prepare(self._config(look.days)), Block(look.block, look.paths), self._stop)
        with self._stepping[look.block]:
            self._waiting[look.block] -= 1
            if not self._waiting[look.block]:
                del self._kept[look.block]
            if not +self._waiting:
                self._market = None
        if isinstance(found, RunError):
            raise found
        return found.first(look.paths, look.days)

    def _stepped(self, block: Block) -> Sample | RunError:
        with self._preparing:
            self._market = self._market or self._prepare(self._config(self.days))
            market = self._market
        found = _steps(market, block, self._stop)
        self._done(self.days * block.live)
        return found

    def _config(self, days: int) -> Config:
        tables = ",".join(f'"{name}"' for name in sorted(self._tables))
        return self.config.override(f"time.days={days}", f"record={{tables=[{tables}]}}")


def _steps(market: Market, block: Block, stop: threading.Event) -> Sample | RunError:
    try:
        kept = [chunk for chunk, _ in run_block(market, block, stop=stop)]
    except RunError as error:
        return error
    return sample_of(market, kept, block.live)
