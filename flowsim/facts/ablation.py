"""What the market loses when a part of it is switched off.

Every arm sees the same news and noise, path by path (common random numbers), so a difference between two arms is the
part that was switched off and nothing else. Intervals are over paths, and
over pairs of them where one mirrors the draws of the other.
"""

from __future__ import annotations

import concurrent.futures
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from flowsim.config import Config
from flowsim.config.load import config_of
from flowsim.config.overrides import Overrides
from flowsim.data.prices import PricesLike, prices_of
from flowsim.engine.blocks import Block, Chunk, blocks_of
from flowsim.engine.prepare import Market, configured_prices
from flowsim.ensemble.engines import engine_of
from flowsim.ensemble.executor import Progress
from flowsim.ensemble.intervals import PerPath, independent
from flowsim.ensemble.kept_results import KeptResults
from flowsim.ensemble.progress import shown
from flowsim.ensemble.results import side_by_side
from flowsim.ensemble.worker import Histories
from flowsim.errors import InputError
from flowsim.facts.facts import RETURN_FACTS, Floats

EVERYTHING = "everything on"
NO_SYSTEMATIC = "no systematic population"
NO_OPTIONS = "no options"
NO_FEEDBACK = "no liquidity feedback"
RECORD = 'record={tables=["flows"], grain="day", every=1}'
GROUPS = ("news", "policy", "systematic", "other flows")
CONFIDENCE = 1.96
"""Half width of a 95 % interval, in standard errors of the mean over paths."""


SHOWN = (
    "volatility, % a year",
    "skew",
    "excess kurtosis",
    "tail exponent, losses",
    "tail exponent, gains",
    "ACF of abs(r), lag 1",
    "ACF of abs(r), lag 20",
    "leverage, r with next abs(r)",
)
"""Facts of the printed table; the JSON document has all of RETURN_FACTS."""

Interval = tuple[float, float, float]
"""Mean over paths, and the ends of its 95 % interval."""


@dataclass(frozen=True)
class Ablation:
    """Facts and variance shares by arm, with intervals over paths, and paired differences to the whole market."""

    arms: list[str]
    n_paths: int
    days: int
    seed: int
    source: str
    facts: dict[str, dict[str, Interval]]
    differences: dict[str, dict[str, Interval]]
    group_shares_pct: dict[str, dict[str, Interval]]
    source_shares_pct: dict[str, Interval]
    real_name: str
    real_facts: dict[str, float]
    broken: dict[str, str]

    def as_dict(self) -> dict[str, object]:
        """Return everything as plain numbers: (mean, low, high) for each fact and arm."""
        return {
            "config": self.source,
            "paths": self.n_paths,
            "days": self.days,
            "seed": self.seed,
            "facts": self.facts,
            "differences": self.differences,
            "variance_share_pct": self.group_shares_pct,
            "variance_share_by_source_pct": self.source_shares_pct,
            "real": {"series": self.real_name, "facts": self.real_facts},
            "broken": self.broken,
        }

    def _repr_markdown_(self) -> str:
        return self.as_markdown()

    def as_markdown(self) -> str:
        """Return two tables: a row for each arm and the real series, then each source with everything on."""
        groups = [f"variance from {group}, %" for group in GROUPS]
        lines = _header(["arm", *SHOWN, *groups])
        for arm in self.arms:
            cells = [_cell(self.facts[arm][name], moved=_clear_of_zero(self.differences[arm][name])) for name in SHOWN]
            cells += [_cell(self.group_shares_pct[arm][group]) for group in GROUPS]
            lines.append(f"| {arm} | " + " | ".join(cells) + " |")
        real = [_number(self.real_facts[name]) for name in SHOWN]
        lines.append(f"| *{self.real_name}* | " + " | ".join([*real, *([""] * len(GROUPS))]) + " |")
        lines += [
            "",
            f"{self.source}: {self.n_paths} paths of {self.days} days, seed {self.seed}, common random numbers. "
            "Mean over paths ± half its 95 % interval; * = differs from the first row, path by path, at 95 %. "
            "Last row: the real series that the run starts from, by the same code.",
            *(f"{arm.capitalize()}: {message}." for arm, message in self.broken.items()),
            "",
            *_header(["source", "share of return variance, %"]),
        ]
        by_size = sorted(self.source_shares_pct.items(), key=lambda item: -item[1][0])
        return "\n".join([*lines, *(f"| {source} | {_cell(share)} |" for source, share in by_size)])


def ablate(
    config: Config | str | Path = "us_equity",
    n_paths: int = 64,
    *,
    seed: int | None = None,
    prices: PricesLike | None = None,
    threads: int | None = None,
    workers: int | None = None,
    cluster: str | None = None,
    executor: concurrent.futures.Executor | None = None,
    progress: bool | Progress | None = None,
    overrides: Overrides = (),
    days: int | None = None,
    results: str | Path | None = None,
    trust_data: bool = False,
) -> Ablation:
    """Simulate a market whole, without each systematic population, without all, and without liquidity feedback.

    Parameters
    ----------
    config : Config, or the name or path of one
    n_paths : int
        Paths of every arm; at least 2, for the intervals.
    seed, prices, threads, progress, overrides, days
        As in `flowsim.simulate`.
    workers, cluster, executor : optional
        What does the work instead of threads, as in `flowsim.sweep`. Never changes a result.
    results : path, optional
        Folder in which the result of each block is kept by the digest of its job; what is there is not simulated again.
    trust_data : bool
        Take data that are not likely; see `flowsim.data.weigh`.

    Returns
    -------
    Ablation

    Raises
    ------
    FlowsimError
        As `flowsim.simulate` does; InputError if a path is shorter than 63 days. An arm whose market diverges is
        named in `broken`; only the whole market must hold.
    """
    config = config_of(config, overrides, seed=seed, days=days)
    if n_paths < 2 or config.time.days < 63:
        raise InputError(
            f"`n_paths={n_paths}` and {config.time.days} days: an ablation needs 2 paths and 63 days at least"
        )
    arms, prices = dict(arms_of(config)), prices_of(prices, trust_data=trust_data)
    histories = Histories(prices)
    blocks, folder = blocks_of(n_paths), None if results is None else KeptResults(results)
    jobs = {name: histories.job(arm.override(RECORD), blocks, returns_and_shares) for name, arm in arms.items()}
    with (
        engine_of(threads=threads, workers=workers, cluster=cluster, executor=executor) as engine,
        shown(progress, "simulating arms") as told,
    ):
        kept, broken = side_by_side(engine, jobs, EVERYTHING, histories, told, folder)
    simulated = {name: _joined(blocks) for name, blocks in kept.items()}
    by_path = {
        name: {fact: compute(returns) for fact, compute in RETURN_FACTS.items()}
        for name, (returns, _) in simulated.items()
    }
    of = partial(_interval, antithetic=config.antithetic)
    facts = {name: {fact: of(values) for fact, values in one.items()} for name, one in by_path.items()}
    groups = {name: _group_intervals(arms[name], shares) for name, (_, shares) in simulated.items()}
    by_source = {source: of(values) for source, values in simulated[EVERYTHING][1].items()}
    whole = by_path[EVERYTHING]
    real = prices or configured_prices(config)
    real_returns = np.diff(np.log(real.close))
    return Ablation(
        arms=list(facts),
        n_paths=n_paths,
        days=config.time.days,
        seed=config.seed,
        source=config.name,
        facts=facts,
        differences={
            name: {fact: of(values[fact] - whole[fact]) for fact in RETURN_FACTS} for name, values in by_path.items()
        },
        group_shares_pct=groups,
        source_shares_pct=by_source,
        real_name=f"{real.source}, {str(real.dates[0])[:4]}-{str(real.dates[-1])[:4]}",
        real_facts={fact: float(compute(real_returns)) for fact, compute in RETURN_FACTS.items()},
        broken=broken,
    )


def arms_of(config: Config) -> Iterator[tuple[str, Config]]:
    """Yield the name and config of every arm."""
    on = [name for name, p in config.population.items() if p.capital_bn > 0.0 and systematic(config, name)]
    yield EVERYTHING, config
    yield NO_SYSTEMATIC, config.override(*(f"population.{name}.capital_bn=0" for name in on))
    traders = [name for name in config.population if config.strategies[config.population[name].strategy].trades_options]
    if traders:
        yield NO_OPTIONS, config.override(*(f"population.{name}.capital_bn=0" for name in traders))
    for name in on:
        yield f"no {name}", config.override(f"population.{name}.capital_bn=0")
    yield NO_FEEDBACK, config.override("market.depth_elasticity=0")


def systematic(config: Config, population: str) -> bool:
    """Tell whether a population follows a systematic rule."""
    return config.strategies[config.population[population].strategy].systematic


def returns_and_shares(market: Market, block: Block, chunks: Iterator[Chunk]) -> tuple[Floats, dict[str, Floats]]:
    """Return daily returns (paths, days), and each source's share of their variance by path, in percent."""
    contribution = np.concatenate(
        [kept.record.contribution[: len(rows.dates), :, : block.live] for kept, rows in chunks]
    )
    total = contribution.sum(axis=1)
    apart = total - total.mean(axis=0)
    covariance = np.einsum("dsl,dl->sl", contribution - contribution.mean(axis=0), apart)
    shares = 100.0 * covariance / (apart**2).sum(axis=0)
    return total.T, {market.sources[row]: shares[row] for row in market.source_rows}


def _joined(blocks: list[tuple[Floats, dict[str, Floats]]]) -> tuple[Floats, dict[str, Floats]]:
    """Put the paths of several blocks one after the other."""
    returns = np.concatenate([returns for returns, _ in blocks])
    return returns, {source: np.concatenate([shares[source] for _, shares in blocks]) for source in blocks[0][1]}


def _group_intervals(config: Config, shares: dict[str, Floats]) -> dict[str, Interval]:
    totals = {group: np.zeros_like(shares["news"]) for group in GROUPS}
    for source, share in shares.items():
        exogenous = source in ("news", "policy")
        totals[source if exogenous else "systematic" if systematic(config, source) else "other flows"] += share
    return {group: _interval(total, antithetic=config.antithetic) for group, total in totals.items()}


def _interval(values: Floats, *, antithetic: bool) -> Interval:
    """Return the mean of values by path, and its interval over what is independent."""
    parts = independent(PerPath.mean(values), antithetic=antithetic)
    known = parts.numerator[parts.denominator > 0.0] / parts.denominator[parts.denominator > 0.0]
    if len(known) < 2:
        return float("nan"), float("nan"), float("nan")
    mean = float(known.mean())
    half = CONFIDENCE * float(known.std(ddof=1)) / np.sqrt(len(known))
    return mean, mean - half, mean + half


def _header(names: list[str]) -> list[str]:
    return ["| " + " | ".join(names) + " |", "|---|" + "---:|" * (len(names) - 1)]


def _cell(interval: Interval, *, moved: bool = False) -> str:
    mean, low, high = interval
    digits = 1 if abs(mean) >= 10.0 else 2
    return f"{_number(mean)} ± {(high - low) / 2.0:.{digits}f}" + ("*" if moved else "")


def _number(value: float) -> str:
    digits = 1 if abs(value) >= 10.0 else 2
    return f"{round(value, digits) + 0.0:.{digits}f}"


def _clear_of_zero(interval: Interval) -> bool:
    return interval[1] > 0.0 or interval[2] < 0.0
