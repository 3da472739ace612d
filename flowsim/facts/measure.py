"""All facts of a simulated run or of a real market, each with its interval, or with the reason why it is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from flowsim.clock.year import YEAR
from flowsim.engine.blocks import Block, Chunk
from flowsim.engine.prepare import Market
from flowsim.facts.bootstrap import resampled
from flowsim.facts.closes import HALF_HOURS_PCT, HALF_HOURS_VOLUME, NIGHT_PCT, VOLUME, Closes
from flowsim.facts.facts import FACTS, Fact
from flowsim.facts.histories import closes_of_block
from flowsim.facts.joint import moments_of
from flowsim.facts.market_facts import SAMPLES, Interval
from flowsim.files.arrays import Floats

RESAMPLES = 2000
SEED = 1
WITHIN = {
    NIGHT_PCT: 'of a run with record.grain = "bar"',
    HALF_HOURS_PCT: 'of a run with record.grain = "bar" and time.bars_per_day a multiple of 13',
    VOLUME: "of a run that recorded the table flows",
    HALF_HOURS_VOLUME: "of such a run that recorded the table flows too",
}
"""Where what happens within sessions is known."""
SLACK_DAYS = np.timedelta64(7, "D")
"""How many calendar days of a sample a file may lack at each end and still be said to cover it."""


@dataclass(frozen=True, eq=False)
class Measured:
    """The facts of one series, or of the paths of a run: `facts` by name, and `left_out` with the reason by name."""

    name: str
    facts: dict[str, Interval]
    left_out: dict[str, str]

    def only(self, facts: Sequence[Fact]) -> Measured:
        """Return some of the facts, in the order in which they are named."""
        names = [fact.name for fact in facts]
        found = {name: self.facts[name] for name in names if name in self.facts}
        return Measured(self.name, found, {name: self.left_out[name] for name in names if name in self.left_out})


@dataclass(frozen=True, eq=False)
class PathFacts:
    """The facts of a block of paths: `values` (paths,) by name, and `left_out` with the reason by name.

    `moments` are those that are counted together (`flowsim.facts.joint`), (paths,) by name.
    """

    values: dict[str, Floats]
    left_out: dict[str, str]
    moments: dict[str, Floats] = field(default_factory=dict)


def measure_paths(blocks: Iterable[Closes], name: str, remedy: str = "", facts: Sequence[Fact] = FACTS) -> Measured:
    """Return the median of each fact over paths, and the middle 95 % of the paths; no interval for a single path.

    Parameters
    ----------
    blocks : iterable of Closes
        Paths of the same dates, series of shape (paths, days).
    name : str
        What the paths are, for tables.
    remedy : str
        How to come by volatility indices, for the reason where there are none.
    facts : sequence of Fact
        What is measured.
    """
    return over_paths((path_facts(closes, remedy, facts) for closes in blocks), name, facts)


def path_facts(closes: Closes, remedy: str = "", facts: Sequence[Fact] = FACTS) -> PathFacts:
    """Return the facts of some paths, path by path."""
    left_out = _missing(closes, remedy, facts)
    values = {fact.name: fact.compute(closes) for fact in facts if fact.name not in left_out}
    return PathFacts(values, left_out, moments_of(closes) if closes.n_days >= YEAR else {})


def facts_of_block(market: Market, block: Block, chunks: Iterator[Chunk]) -> PathFacts:
    """Return the facts of one block of paths of a market that records as `histories.RECORD` has it."""
    return path_facts(closes_of_block(market, block, chunks))


def over_paths(blocks: Iterable[PathFacts], name: str, facts: Sequence[Fact] = FACTS) -> Measured:
    """Return the median of each fact over the paths of all blocks, and their middle 95 %."""
    blocks = list(blocks)
    left_out = {fact: reason for block in blocks for fact, reason in block.left_out.items()}
    found = {}
    for fact in (fact.name for fact in facts):
        there = fact not in left_out
        known = _known(np.concatenate([block.values[fact] for block in blocks])) if there else np.zeros(0)
        if len(known):
            found[fact] = Interval(float(np.median(known)), *_middle(known))
        else:
            left_out.setdefault(fact, "undefined on every path")
    return Measured(name, found, left_out)


def measure_history(
    closes: Closes, name: str, *, remedy: str = "", resamples: int = RESAMPLES, seed: int = SEED,
    progress: Callable[[int], None] | None = None, facts: Sequence[Fact] = FACTS,
) -> Measured:  # fmt: skip
    """Return each fact of one real history, with its stationary-bootstrap interval.

    Parameters
    ----------
    closes : Closes
        Series of shape (days,).
    name, remedy : str
        As in `measure_paths`.
    resamples, seed, progress
        As in `resampled`.
    facts : sequence of Fact
        What is measured.
    """
    left_out = _missing(closes, remedy, facts)
    there = [fact for fact in facts if fact.name not in left_out]
    drawn = resampled(closes, [fact for fact in there if fact.by_day], resamples, seed, progress)
    found = {}
    for fact in there:
        value = float(fact.compute(closes))
        if np.isfinite(value):
            found[fact.name] = Interval(value, *_middle(_known(drawn.get(fact.name, np.zeros(0)))))
        else:
            left_out[fact.name] = "undefined on this series"
    return Measured(name, found, left_out)


def samples_of(closes: Closes) -> dict[str, Closes]:
    """Return the samples of the shipped table that a history covers, or the whole of it if it covers none."""
    covered = {
        name: closes.between(first, last)
        for name, (first, last) in SAMPLES.items()
        if closes.dates[0] <= first + SLACK_DAYS and closes.dates[-1] >= last - SLACK_DAYS
    }
    years = closes.dates[[0, -1]].astype("datetime64[Y]")
    return covered or {f"{years[0]}-{years[1]}": closes}


def _missing(closes: Closes, remedy: str, facts: Sequence[Fact]) -> dict[str, str]:
    """Return why facts cannot be had: no such index, or not a year of days of which all is known."""
    reasons = {fact.name: _reason(fact, closes, remedy) for fact in facts}
    return {fact: reason for fact, reason in reasons.items() if reason}


def _reason(fact: Fact, closes: Closes, remedy: str) -> str:
    for part in fact.needs:
        if part not in closes.within:
            return f"no {part}; {WITHIN[part]}"
    known = np.ones(closes.n_days, bool)
    for index in fact.indices:
        if index not in closes.indices:
            return f"no closes of {index}" + (f"; {remedy}" if remedy else "")
        known &= np.isfinite(closes.indices[index]).reshape(-1, closes.n_days).all(axis=0)
    needed, there = YEAR + fact.reach_days, int(known.sum())
    of = f" of {' and '.join(fact.indices)}" if fact.indices else ""
    return f"needs {needed} closes{of}, and there are {there}" if there < needed else ""


def _known(values: Floats) -> Floats:
    return values[np.isfinite(values)]


def _middle(values: Floats) -> tuple[float, float]:
    """Return the ends of the middle 95 % of at least two values."""
    if len(values) < 2:
        return float("nan"), float("nan")
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)
