"""How far simulated facts are from the real market's: the loss of a calibration, fact by fact.

    z = (value - middle) / half width          of the real 95 % interval
    loss of a fact = z^2 + 4 max(|z| - 1, 0)^2     so that what lies outside weighs more than what is off the middle

A fact is inside where |z| <= 1, by the rule of `flowsim facts`: the interval of 1990-2026, or what those of 2010-2019
and 2020-2026 have in common, whichever is nearer. The value is the median over paths, as that command prints it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from flowsim.config import Config
from flowsim.data.prices import Prices
from flowsim.engine.blocks import Block, Chunk, blocks_of
from flowsim.engine.prepare import Market
from flowsim.ensemble.engine import Engine
from flowsim.ensemble.engines import engine_of
from flowsim.ensemble.results import results
from flowsim.ensemble.worker import Histories
from flowsim.errors import InputError, RunError
from flowsim.facts.fact_table import EVERY
from flowsim.facts.histories import RECORD, closes_of_block
from flowsim.facts.market_facts import LONG, RECENT, conditional_facts, market_facts
from flowsim.facts.measure import PathFacts, over_paths, path_facts

Floats = NDArray[np.float64]

OUTSIDE = 4.0
"""Weight of the squared distance beyond an interval's end, beside that from its middle."""
APART = 10.0
"""Distance given to every fact where a market diverges."""

REAL = {
    sample: facts | conditional_facts()[sample] for sample, facts in market_facts().items() if sample in (LONG, *RECENT)
}
"""By sample, the real facts that a market can be fitted to."""
TARGETS = tuple(fact for fact in EVERY if fact.name in REAL[LONG] and REAL[LONG][fact.name].has_ends)
GROUPS = tuple(dict.fromkeys(fact.group for fact in TARGETS))
SCORED = tuple(fact.name for fact in TARGETS)


def target_facts(names: Iterable[str]) -> list[str]:
    """Return the facts that some names mean: of facts, of groups of facts, or "all".

    Raises
    ------
    InputError
        If a name means no fact with an interval in the real market.
    """
    group_of = {fact.name: fact.group for fact in TARGETS}
    wanted: set[str] = set()
    for name in names:
        meant = {fact for fact in SCORED if name in ("all", fact, group_of[fact])}
        if not meant:
            raise InputError(f"no fact or group of facts is named {name!r}; groups are {', '.join(GROUPS)}, and all")
        wanted |= meant
    return [fact for fact in SCORED if fact in wanted]


@dataclass(frozen=True, eq=False)
class Yardstick:
    """What some facts are measured by: middles and half widths of their admissible real intervals, (facts, 2).

    Where the later samples have nothing in common, the long one stands twice.
    """

    middles: Floats
    half_widths: Floats

    @classmethod
    def of(cls, facts: Iterable[str]) -> Yardstick:
        """Return the yardstick of some facts."""
        ends = np.array([_ends(fact) for fact in facts])
        return cls(ends.mean(axis=2), 0.5 * (ends[:, :, 1] - ends[:, :, 0]))

    def z(self, values: Floats) -> Floats:
        """Return the distances of values (facts,) from the middle of the nearest interval, in its half widths."""
        both = np.clip((values[:, None] - self.middles) / self.half_widths, -APART, APART)
        return both[np.arange(len(values)), np.abs(both).argmin(axis=1)]


def _ends(fact: str) -> list[tuple[float, float]]:
    long, later = REAL[LONG][fact], [REAL[sample][fact] for sample in RECENT]
    common = max(one.low for one in later), min(one.high for one in later)
    return [(long.low, long.high), common if common[0] < common[1] else (long.low, long.high)]


def loss_of(z: float) -> float:
    """Return the loss of one fact at a distance."""
    return z * z + OUTSIDE * max(abs(z) - 1.0, 0.0) ** 2


def measure(
    config: Config, facts: list[str], n_paths: int, *, prices: Prices | None = None, threads: int | None = None
) -> list[float] | None:
    """Simulate a market and return its facts, medians over paths; None where the market diverges.

    Raises
    ------
    InputError
        If the market does not have one of the facts: too short, or no options.
    """
    with engine_of(threads=threads) as engine:
        return next(measure_all([config], facts, n_paths, engine, prices=prices))


def measure_all(
    configs: Iterable[Config], facts: list[str], n_paths: int, engine: Engine, *, prices: Prices | None = None
) -> Iterator[list[float] | None]:
    """Simulate markets beside one another, and yield what `measure` returns of each, in their order."""
    histories, configs = Histories(prices), list(configs)
    jobs = [histories.job(one.override(RECORD), blocks_of(n_paths), target_facts_of_block) for one in configs]
    for config, blocks in zip(configs, results(engine, jobs, histories), strict=True):
        if isinstance(blocks, RunError):
            yield None
            continue
        measured = over_paths(blocks, config.source, TARGETS)
        for fact in facts:
            if fact not in measured.facts:
                reason = measured.left_out[fact]
                raise InputError(f"{config.source} has no fact {fact!r} ({reason}); leave it out of `targets`")
        yield [float(measured.facts[fact].value) for fact in facts]


def target_facts_of_block(market: Market, block: Block, chunks: Iterator[Chunk]) -> PathFacts:
    """Return every fact that a market can be fitted to, of one block of paths."""
    return path_facts(closes_of_block(market, block, chunks), facts=TARGETS)


def distances(values: list[float] | None, facts: list[str]) -> dict[str, float]:
    """Return the distance z of each fact from its values; `APART` for all where the market diverged."""
    z = np.full(len(facts), APART) if values is None else Yardstick.of(facts).z(np.array(values))
    return dict(zip(facts, z.tolist(), strict=True))


def total(z: Iterable[float]) -> float:
    """Return the mean loss over facts: 1 where each lies at the end of its interval."""
    return float(np.mean([loss_of(one) for one in z]))


def residuals(z: Floats) -> Floats:
    """Return the numbers whose squares are the losses of facts, with the signs of their distances, (facts,)."""
    return np.copysign(np.sqrt(z * z + OUTSIDE * np.maximum(np.abs(z) - 1.0, 0.0) ** 2), z)
