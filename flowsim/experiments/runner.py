"""Run the experiments: say how long it will take, conduct one after the other, keep what is finished."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

from pydantic import ValidationError

from flowsim.clock.year import SESSIONS_PER_YEAR
from flowsim.config import Config
from flowsim.config.load import config_of
from flowsim.config.overrides import Overrides
from flowsim.data.prices import Prices, PricesLike, prices_of
from flowsim.data.ranges import read_ranges
from flowsim.data.volatility_file import VolatilityLike, volatility_of
from flowsim.engine.blocks import blocks_of, run_block
from flowsim.engine.prepare import configured_prices, prepare
from flowsim.ensemble.engines import engine_of
from flowsim.ensemble.executor import Counter, Progress
from flowsim.ensemble.kept_results import KeptResults
from flowsim.ensemble.laboratory import Laboratory, Work
from flowsim.ensemble.progress import shown
from flowsim.errors import InputError
from flowsim.experiments import (
    buybacks,
    buyer_taken_away,
    communication,
    growth_pillar,
    income_shift,
    inversion,
    like_2008,
    liquidity_wave,
    order_flow,
    power_or_chips,
    price_discovery,
    treasury_liquidity,
    trend_following,
    vol_targeting,
)
from flowsim.experiments.arms import without_options
from flowsim.experiments.experiment import Experiment, planned
from flowsim.experiments.findings import Finding, Findings
from flowsim.experiments.layer import LayerLaboratory
from flowsim.experiments.real_data import CLAIMS, real_data, with_real_data
from flowsim.kernel.marks import LANES
from flowsim.run.manifest import write_json
from flowsim.version import __version__

EXPERIMENTS: dict[str, Experiment] = {
    module.EXPERIMENT.label: module.EXPERIMENT
    for module in (
        price_discovery,
        order_flow,
        vol_targeting,
        trend_following,
        buybacks,
        inversion,
        communication,
        liquidity_wave,
    )
}
MACRO_EXPERIMENTS: dict[str, Experiment] = {
    one.label: one
    for one in (
        growth_pillar.EXPERIMENT,
        *buyer_taken_away.EXPERIMENTS,
        income_shift.EXPERIMENT,
        *like_2008.EXPERIMENTS,
        power_or_chips.EXPERIMENT,
        *treasury_liquidity.EXPERIMENTS,
    )
}
"""Those about the macro layer, which are tried where the config has one."""
PATHS = 192
TRIAL_DAYS = 63
MEASURED = "measured"
"""Folder of what is measured in each block of paths, until all claims are tried; a run that goes on takes it."""
MEASURING = 1.2
"""What a run takes beyond preparing and stepping markets, as a multiple; measured over a whole run."""


@dataclass(frozen=True)
class Speed:
    """Seconds on one thread: to prepare a market, and for each day of a block of it; with options, and without."""

    listed_market: float
    listed_block_day: float
    plain_market: float
    plain_block_day: float

    def seconds(self, work: Work, threads: int) -> float:
        """Return how long some work takes."""
        alone = (
            work.listed_markets * self.listed_market
            + work.listed_block_days * self.listed_block_day
            + work.plain_markets * self.plain_market
            + work.plain_block_days * self.plain_block_day
        )
        return MEASURING * alone / threads


def claims(
    config: Config | str | Path = "us_equity",
    n_paths: int = PATHS,
    *,
    only: Sequence[int | str] = (),
    seed: int | None = None,
    prices: PricesLike | None = None,
    volatility: VolatilityLike | None = None,
    out: str | Path | None = None,
    threads: int | None = None,
    workers: int | None = None,
    cluster: str | None = None,
    executor: Executor | None = None,
    resume: bool = False,
    progress: bool | Progress | None = None,
    overrides: Overrides = (),
    announce: Callable[[str], None] | None = None,
    trust_data: bool = False,
) -> Findings:
    """Put the claims of an essay (arndxt, on AI as the only engine of growth, late 2025) to the test.

    Parameters
    ----------
    config : Config, or the name or path of one
    n_paths : int
        Paths of each experiment with options; those without take several times as many. At least 12, in three thirds.
    only : sequence of int or str
        Numbers of the claims to try, such as 1 or, for a part of it, "1a"; all by default. Claims 8 to 13 are about the
        macro layer, and tried where the config has a table `macro`.
    seed, prices, threads, overrides
        As in `flowsim.simulate`. On the prices, claims 1a, 2, 3 and 5 are held against real closes too.
    workers, cluster, executor : optional
        What does the work instead of threads, as in `flowsim.sweep`. Never changes a result.
    volatility : Volatility, path or table, or several, optional
        Real closes of the VIX, which the regressions on real closes look beyond.
    out : path, optional
        Folder that keeps each finding as soon as it is there.
    resume : bool
        Go on with the unfinished experiments in `out`.
    progress : bool or callable, optional
        True shows how far it is; a function is called with finished and total path-days.
    announce : callable, optional
        Called once before the start with a sentence on how long it will take.
    trust_data : bool
        Take data that are not likely; see `flowsim.data.weigh`.

    Returns
    -------
    Findings

    Raises
    ------
    FlowsimError
        As `flowsim.simulate` does; InputError if the config has not what a claim is about.
    """
    config = config_of(config, overrides, seed=seed)
    ranges = read_ranges(prices)
    chosen, prices = _chosen(only, config), prices_of(prices, trust_data=trust_data)
    volatility = volatility_of(volatility, trust_data=trust_data)
    if n_paths < 12:
        raise InputError(f"`n_paths={n_paths}`: a verdict takes 12 at least, four in each third")
    with engine_of(threads=threads, workers=workers, cluster=cluster, executor=executor) as engine:
        head = _head(config, n_paths, prices)
        done = _kept(Path(out), head, resume=resume) if out is not None else {}
        waiting = {number: one for number, one in chosen.items() if number not in done}
        told = Counter(0, None)
        measured = None if out is None else KeptResults(Path(out) / MEASURED)
        groups = [
            _planned(
                group,
                config,
                LayerLaboratory(n_paths, config.seed)
                if _of_layer(group)
                else Laboratory(n_paths, prices=prices, threads=threads, counter=told, results=measured, engine=engine),
            )
            for group in _together(waiting, config)
        ]
        work = reduce(Work.plus, (laboratory.work for laboratory, _ in groups), Work())
        told.total = work.path_days
        if announce is not None and waiting:
            announce(_announcement(config, prices, work, engine.workers, len(waiting), n_paths))
        real = real_data(config, prices, ranges, volatility) if set(waiting) & set(CLAIMS) else None
        with shown(progress, "trying claims") as told.progress:
            for number, find in [planned for _, plans in groups for planned in plans.items()]:
                done[number] = find() if real is None else with_real_data(find(), real)
                if out is not None:
                    write_json(_file(Path(out), number), head.model_copy(update={"findings": [done[number]]}).as_dict())
        if out is not None:
            shutil.rmtree(Path(out) / MEASURED, ignore_errors=True)
        return head.model_copy(update={"findings": [done[number] for number in chosen]})


def measure_speed(config: Config, prices: Prices | None = None) -> Speed:
    """Time one market with options and one without, for a few days, when everything is compiled."""
    found = []
    for arm in (config, without_options(config)):
        short = arm.override(f"time.days={TRIAL_DAYS}", 'record={tables=["flows"]}')
        prepare(short, prices)
        began = time.perf_counter()
        market = prepare(short, prices)
        prepared = time.perf_counter()
        for _ in run_block(market, blocks_of(LANES)[0]):
            pass
        found += [prepared - began, (time.perf_counter() - prepared) / TRIAL_DAYS]
    return Speed(*found)


def _chosen(only: Sequence[int | str], config: Config) -> dict[str, Experiment]:
    wanted = [str(one).strip().lower() for one in only]
    there = EXPERIMENTS if config.macro is None else EXPERIMENTS | MACRO_EXPERIMENTS
    for one in wanted:
        if not any(one in (label, str(experiment.number)) for label, experiment in there.items()):
            if any(one in (label, str(experiment.number)) for label, experiment in MACRO_EXPERIMENTS.items()):
                raise InputError(
                    f"claim {one} is about the macro layer, and {config.name} has no table macro; try it on us_macro"
                )
            most = max(experiment.number for experiment in there.values())
            raise InputError(f"no claim has the number {one}; choose from 1 to {most}, or a part of one such as 1a")
    return {
        label: experiment
        for label, experiment in there.items()
        if not wanted or label in wanted or str(experiment.number) in wanted
    }


def _announcement(config: Config, prices: Prices | None, work: Work, threads: int, n_claims: int, n_paths: int) -> str:
    minutes = measure_speed(config, prices).seconds(work, threads) / 60.0
    takes = f"{minutes:.0f} minutes" if minutes >= 1.5 else f"{60.0 * minutes:.0f} seconds"
    path_years = work.path_days / SESSIONS_PER_YEAR
    return (
        f"{n_claims} claim{'s' * (n_claims > 1)}, {n_paths} paths, {path_years:,.0f} path-years:"
        f" about {takes} on {threads} thread{'s' * (threads > 1)}"
    )


def _head(config: Config, n_paths: int, prices: Prices | None) -> Findings:
    history = prices or configured_prices(config)
    return Findings(
        config=config.name,
        config_sha256=config.digest,
        history=f"{history.source}, sha256 {history.digest}",
        seed=config.seed,
        paths=n_paths,
        version=__version__,
        findings=[],
    )


def _file(folder: Path, label: str) -> Path:
    return folder / f"claim-{label}.json"


def _kept(folder: Path, head: Findings, *, resume: bool) -> dict[str, Finding]:
    """Return the finished findings of a folder; refuse one that holds something else."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        used = any(folder.iterdir())
    except OSError as error:
        raise InputError(f"{folder}: cannot be used as a folder ({error.strerror}); choose another `out`") from None
    if used and not resume:
        raise InputError(f"{folder}: the folder is not empty; choose another `out`, or go on with `resume=True`")
    kept = {}
    for number in (*EXPERIMENTS, *MACRO_EXPERIMENTS):
        if _file(folder, number).is_file():
            earlier = _read(_file(folder, number))
            _require_same(folder, earlier, head)
            kept[number] = earlier.findings[0]
    return kept


def _read(file: Path) -> Findings:
    try:
        return Findings.model_validate_json(file.read_text())
    except ValidationError:
        raise InputError(f"{file}: not a finding of this version; remove it, or choose another `out`") from None


def _require_same(folder: Path, earlier: Findings, head: Findings) -> None:
    for key in ("config_sha256", "history", "seed", "paths", "version"):
        before, now = getattr(earlier, key), getattr(head, key)
        if before != now:
            raise InputError(
                f"{folder}: the findings there have another {key} ({before}, now {now}); resume with the same config,"
                " paths, seed and prices"
            )


def _together(experiments: dict[str, Experiment], config: Config) -> list[dict[str, Experiment]]:
    """Return groups of experiments that run together: those with options share their longest arms, the rest is alone.

    What runs together is finished together, and is then kept for a resumed run.
    """
    listed = {
        number: one for number, one in experiments.items() if not one.of_layer and one.prepared(config).options.listed
    }
    alone = [{number: one} for number, one in experiments.items() if number not in listed]
    return [listed, *alone] if listed else alone


def _planned(
    group: dict[str, Experiment], config: Config, laboratory: Laboratory | LayerLaboratory
) -> tuple[Laboratory | LayerLaboratory, dict[str, Callable[[], Finding]]]:
    return laboratory, {number: planned(one, laboratory, config) for number, one in group.items()}


def _of_layer(group: dict[str, Experiment]) -> bool:
    return all(one.of_layer for one in group.values())
