"""How many facts of the real market each of several markets has: the whole one, ablations, and rival models."""

from __future__ import annotations

import concurrent.futures
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from flowsim.clock.year import YEAR
from flowsim.config import Config
from flowsim.config.load import config_of
from flowsim.config.overrides import Overrides
from flowsim.engine.blocks import blocks_of
from flowsim.ensemble.engines import engine_of
from flowsim.ensemble.executor import Executor, Progress
from flowsim.ensemble.kept_results import KeptResults
from flowsim.ensemble.progress import shown
from flowsim.ensemble.results import side_by_side
from flowsim.ensemble.worker import Histories
from flowsim.errors import InputError
from flowsim.facts.ablation import EVERYTHING, NO_FEEDBACK, NO_SYSTEMATIC, arms_of
from flowsim.facts.closes import Closes
from flowsim.facts.fact_table import RULE, Series
from flowsim.facts.facts import FACTS
from flowsim.facts.histories import RECORD
from flowsim.facts.joint import Joint, joint_of
from flowsim.facts.market_facts import LONG
from flowsim.facts.measure import PathFacts, facts_of_block, over_paths, path_facts
from flowsim.facts.rivals import GARCH, HESTON, PATH_DEPENDENT, garch_closes, heston_closes, path_dependent_closes

NO_SLOW_DEPTH = "no slow state of depth"
NO_DEALER = "no dealer"
RIVALS = {GARCH: garch_closes, HESTON: heston_closes, PATH_DEPENDENT: path_dependent_closes}
GROUPS = tuple(dict.fromkeys(fact.group for fact in FACTS))


@dataclass(frozen=True, eq=False)
class Score:
    """Facts of several markets by the same code, held against the real one; `broken` names what diverged.

    `joint` says by market how often nine moments are inside on one path.
    """

    config: str
    n_paths: int
    days: int
    seed: int
    markets: dict[str, Series]
    broken: dict[str, str]
    joint: dict[str, Joint] = field(default_factory=dict)

    def counts(self, market: str) -> dict[str, tuple[int, int]]:
        """Return (inside, scored) for all facts and for each group; a fact without a value is not scored."""
        series = self.markets[market]
        group_of = {fact.name: fact.group for fact in FACTS}
        found = {}
        for group in ("all", *GROUPS):
            scored = [fact for fact in series.scored if group in ("all", group_of[fact])]
            found[group] = sum(series.is_inside(fact) for fact in scored), len(scored)
        return found

    def as_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        known = {"config": self.config, "paths": self.n_paths, "days": self.days, "seed": self.seed}
        markets = {
            name: {"counts": self.counts(name), "by_sample": series.by_sample, "joint": self.joint[name].as_dict()}
            | series.as_dict()
            for name, series in self.markets.items()
        }
        return known | {"markets": markets, "broken": self.broken}

    def _repr_markdown_(self) -> str:
        return self.as_markdown()

    def as_markdown(self) -> str:
        """Return a row for each market, then what misses in each."""
        samples = list(self.markets[EVERYTHING].by_sample)
        columns = ["market", "facts inside", *GROUPS, *(f"{sample} alone" for sample in samples), "nine moments, %"]
        lines = [f"| {' | '.join(columns)} |", "|---|" + "---:|" * (len(columns) - 1)]
        for name, series in self.markets.items():
            cells = [f"{inside} of {scored}" if scored else "" for inside, scored in self.counts(name).values()]
            cells += [*(str(series.by_sample[sample]) for sample in samples), f"{self.joint[name].joint_pct:.1f}"]
            lines.append(f"| {name} | " + " | ".join(cells) + " |")
        lines += [
            "",
            f"{self.config}: {self.n_paths} paths of {self.days} days, seed {self.seed}. A fact is inside if its median"
            f" over paths is {RULE}.",
            f"Nine moments: paths on which all those of Franke and Westerhoff are inside the intervals of {LONG};"
            f" of real returns resampled to as many days {self.joint[EVERYTHING].real_pct:.1f} %.",
            "",
            *(f"- {name} misses {', '.join(series.misses) or 'nothing'}." for name, series in self.markets.items()),
            *(f"- {name}: {message}." for name, message in self.broken.items()),
        ]
        return "\n".join(lines)


def score(
    config: Config | str | Path = "us_equity",
    n_paths: int = 100,
    *,
    seed: int | None = None,
    threads: int | None = None,
    workers: int | None = None,
    cluster: str | None = None,
    executor: concurrent.futures.Executor | None = None,
    progress: bool | Progress | None = None,
    overrides: Overrides = (),
    days: int | None = None,
    results: str | Path | None = None,
) -> Score:
    """Count the facts inside for a market, for it without its parts, and for three models without flows.

    Parameters
    ----------
    config : Config, or the name or path of one
    n_paths : int
        Paths of every market.
    seed, threads, progress, overrides, days
        As in `flowsim.simulate`.
    workers, cluster, executor : optional
        What does the work instead of threads, as in `flowsim.sweep`. Never changes a result.
    results : path, optional
        Folder in which the result of each block is kept by the digest of its job; what is there is not simulated again.

    Raises
    ------
    FlowsimError
        As `flowsim.simulate` does; InputError if paths are shorter than a year. An ablation that diverges is named
        in `broken`; only the whole market must hold.
    """
    config = config_of(config, overrides, seed=seed, days=days)
    if config.time.days < YEAR:
        raise InputError(f"time.days = {config.time.days}; a score needs paths of {YEAR} days at least")
    histories, folder = Histories(), None if results is None else KeptResults(results)
    jobs = {
        name: histories.job(arm.override(RECORD), blocks_of(n_paths), facts_of_block)
        for name, arm in _markets(config).items()
    }
    with (
        engine_of(threads=threads, workers=workers, cluster=cluster, executor=executor) as engine,
        shown(progress, "simulating markets") as told,
        Executor(threads) as here,
    ):
        rivals = {name: here.submit(_measured, closes, config, n_paths) for name, closes in RIVALS.items()}
        kept, broken = side_by_side(engine, jobs, EVERYTHING, histories, told, folder)
        found = kept | {name: [here.result(facts)] for name, facts in rivals.items()}
    markets = {name: Series(over_paths(blocks, name)) for name, blocks in found.items()}
    days = config.time.days
    joint = {name: joint_of((block.moments for block in blocks), name, days) for name, blocks in found.items()}
    return Score(config.name, n_paths, days, config.seed, markets, broken, joint)


def _markets(config: Config) -> dict[str, Config]:
    arms = dict(arms_of(config))
    if config.liquidity.depth_loading > 0.0:
        arms[NO_SLOW_DEPTH] = config.override("liquidity.depth_loading=0")
    shown = (EVERYTHING, NO_SYSTEMATIC, NO_DEALER, NO_FEEDBACK, NO_SLOW_DEPTH)
    return {name: arms[name] for name in shown if name in arms}


def _measured(closes: Callable[[Config, int], Closes], config: Config, n_paths: int) -> PathFacts:
    return path_facts(closes(config, n_paths))
