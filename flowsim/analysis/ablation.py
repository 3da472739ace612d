"""What the market loses when a part of it is switched off.

Every arm sees the same news and noise, path by path (common random numbers), so a difference between two arms is the
part that was switched off and nothing else. Intervals are over paths.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from flowsim.analysis.facts import RETURN_FACTS
from flowsim.config import Config, load
from flowsim.errors import InputError
from flowsim.market.prepare import prepare
from flowsim.prices import Prices
from flowsim.simulate import Progress, block_returns, blocks_of

EVERYTHING = "everything on"
NO_SYSTEMATIC = "no systematic population"
NO_FEEDBACK = "no liquidity feedback"
GROUPS = ("news", "policy", "systematic", "other flows")
CONFIDENCE = 1.96
"""Half width of a 95 % interval, in standard errors of the mean over paths."""


@dataclass(frozen=True)
class Ablation:
    """Facts by arm: estimates with intervals, and paired differences to the arm with everything on."""

    arms: list[str]
    n_paths: int
    days: int
    seed: int
    source: str
    facts: dict[str, dict[str, tuple[float, float, float]]]
    shares: dict[str, dict[str, float]]
    differences: dict[str, dict[str, tuple[float, float, float]]]

    def as_dict(self) -> dict[str, object]:
        """Return everything as plain numbers: (mean, low, high) for each fact and arm."""
        return {
            "config": self.source,
            "paths": self.n_paths,
            "days": self.days,
            "seed": self.seed,
            "facts": self.facts,
            "differences": self.differences,
            "variance_share_pct": self.shares,
        }

    def as_markdown(self) -> str:
        """Return the table: one row an arm, the mean over paths with half its 95 % interval."""
        names = [*RETURN_FACTS, *(f"variance from {group}, %" for group in GROUPS)]
        lines = ["| arm | " + " | ".join(names) + " |", "|---|" + "---:|" * len(names)]
        for arm in self.arms:
            cells = [_cell(*self.facts[arm][name], self._moved(arm, name)) for name in RETURN_FACTS]
            cells += [f"{self.shares[arm][group]:.1f}" for group in GROUPS]
            lines.append(f"| {arm} | " + " | ".join(cells) + " |")
        lines += [
            "",
            f"{self.source}: {self.n_paths} paths of {self.days} days, seed {self.seed}, common random numbers. "
            "Mean over paths, ± half the 95 % interval. * = differs from the first row, path by path, at 95 %.",
        ]
        return "\n".join(lines)

    def _moved(self, arm: str, fact: str) -> bool:
        _, low, high = self.differences[arm][fact]
        return low > 0.0 or high < 0.0


def ablate(
    config: Config | str = "us_equity",
    n_paths: int = 64,
    *,
    seed: int | None = None,
    prices: Prices | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Ablation:
    """Simulate a market whole, without each systematic population, without all, and without liquidity feedback.

    Parameters
    ----------
    config : Config, or the name or path of one
    n_paths : int
        Paths of every arm; at least 2, for the intervals.
    seed, prices, threads, progress
        As in `flowsim.simulate`.

    Returns
    -------
    Ablation

    Raises
    ------
    FlowsimError
        As `flowsim.simulate` does; InputError if a path is shorter than 63 days.
    """
    config = config if isinstance(config, Config) else load(config)
    config = config if seed is None else config.override(f"seed={seed}")
    if n_paths < 2 or config.time.days < 63:
        raise InputError(f"{n_paths} paths of {config.time.days} days; an ablation needs 2 paths and 63 days at least")
    arms = dict(arms_of(config))
    facts, shares, by_path = {}, {}, {}
    for number, (name, arm) in enumerate(arms.items()):
        returns, by_source, sources = _returns(arm, n_paths, prices, threads, _part(progress, number, len(arms)))
        by_path[name] = {fact: compute(returns) for fact, compute in RETURN_FACTS.items()}
        facts[name] = {fact: _interval(values) for fact, values in by_path[name].items()}
        shares[name] = _group_shares(by_source, sources, arm)
    whole = by_path[EVERYTHING]
    differences = {
        name: {fact: _interval(values[fact] - whole[fact]) for fact in RETURN_FACTS} for name, values in by_path.items()
    }
    return Ablation(list(arms), n_paths, config.time.days, config.seed, config.source, facts, shares, differences)


def arms_of(config: Config) -> Iterator[tuple[str, Config]]:
    """Yield the name and config of every arm."""
    on = [name for name, p in config.population.items() if p.capital_bn > 0.0 and systematic(config, name)]
    yield EVERYTHING, config
    yield NO_SYSTEMATIC, config.override(*(f"population.{name}.capital_bn=0" for name in on))
    for name in on:
        yield f"no {name}", config.override(f"population.{name}.capital_bn=0")
    yield NO_FEEDBACK, config.override("market.depth_elasticity=0")


def systematic(config: Config, population: str) -> bool:
    """Tell whether a population follows a systematic rule."""
    return config.strategies[config.population[population].strategy].systematic


def _returns(
    config: Config, n_paths: int, prices: Prices | None, threads: int | None, progress: Progress | None
) -> tuple[NDArray[np.float64], NDArray[np.float64], list[str]]:
    """Return daily returns (paths, days), the covariance of each source with them (sources,), and the sources."""
    market = prepare(config.override('record={tables=["market", "flows"], grain="day", every=1}'), prices)
    returns, covariance = [], np.zeros(len(market.sources))
    for contribution in block_returns(market, blocks_of(n_paths), threads, progress):
        total = contribution.sum(axis=1)
        returns.append(total.T)
        centered = total - total.mean(axis=0)
        covariance += np.einsum("dsl,dl->s", contribution - contribution.mean(axis=0), centered)
    return np.concatenate(returns), covariance, market.sources


def _group_shares(covariance: NDArray[np.float64], sources: list[str], config: Config) -> dict[str, float]:
    shares = dict.fromkeys(GROUPS, 0.0)
    for source, part in zip(sources, 100.0 * covariance / covariance.sum(), strict=True):
        if source in ("news", "policy"):
            shares[source] += float(part)
        else:
            shares["systematic" if systematic(config, source) else "other flows"] += float(part)
    return shares


def _interval(values: NDArray[np.float64]) -> tuple[float, float, float]:
    known = values[np.isfinite(values)]
    if len(known) < 2:
        return float("nan"), float("nan"), float("nan")
    mean = float(known.mean())
    half = CONFIDENCE * float(known.std(ddof=1)) / np.sqrt(len(known))
    return mean, mean - half, mean + half


def _cell(mean: float, low: float, high: float, moved: bool) -> str:
    digits = 1 if abs(mean) >= 10.0 else 2
    return f"{mean:.{digits}f} ± {(high - low) / 2.0:.{digits}f}" + ("*" if moved else "")


def _part(progress: Progress | None, number: int, parts: int) -> Callable[[int, int], None] | None:
    if progress is None:
        return None
    return lambda done, total: progress(number * total + done, parts * total)
