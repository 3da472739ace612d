"""Calibrate a config: search, say how well each number is known, and write what was found."""

from __future__ import annotations

import json
from collections.abc import Iterable
from concurrent.futures import Executor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from flowsim.calibration.loss import loss_of, target_facts, total
from flowsim.calibration.profile import RISE, known_interval, noise_of_sum, profile_of, try_profiles
from flowsim.calibration.search import ABOUT, Floats, Search, Tell, evolution_strategy, open_folder
from flowsim.calibration.space import read_space, settings_of, start_of
from flowsim.config import Config, load
from flowsim.config.load import config_of
from flowsim.config.overrides import Overrides
from flowsim.config.toml_text import document
from flowsim.data.prices import PricesLike, prices_of
from flowsim.ensemble.engines import engine_of
from flowsim.ensemble.progress import Shown, shown
from flowsim.errors import ConfigError, InputError
from flowsim.plot.profiles import Curve, draw_profiles
from flowsim.plot.saving import save

CONFIG_FILE, RESULT_FILE, PICTURE_FILE = "fitted.toml", "result.json", "profiles.png"
OTHER_SEEDS = 3
"""Fresh seeds on which the fitted config is tried, for the noise of its loss."""
AT_THE_END = 1e-3
"""Part of a range within which a number stands at its end."""


@dataclass(frozen=True)
class Fitted:
    """One number: where it began and ended, its 95 % interval by the facts, and the fact that pins it most.

    `profile` holds values along its range and how much the sum of losses rises there, all others fitted anew; see
    `flowsim.calibration.profile`. `leaves` says towards which end of the range the facts still pull it, "" where they
    do not.
    """

    key: str
    low: float
    high: float
    before: float
    after: float
    interval: tuple[float, float]
    profile: list[tuple[float, float]]
    pinned_by: str
    leaves: str
    source: str

    @property
    def identified(self) -> bool:
        """Whether the facts exclude a part of the range."""
        return self.interval[0] > self.low or self.interval[1] < self.high


@dataclass(frozen=True)
class Calibration:
    """What a calibration found: the loss before and after, by fact and on fresh seeds, and each number."""

    config: str
    n_paths: int
    days: int
    tried: int
    z_before: dict[str, float]
    z_after: dict[str, float]
    fresh_losses: list[float]
    rise: float
    parameters: list[Fitted]
    file: str

    @property
    def label(self) -> str:
        """Say what was fitted, and with how much."""
        name = Path(self.config).stem or "a config"
        return f"{name}, {len(self.z_after)} facts, {self.n_paths} paths of {self.days} days, {self.tried} places tried"

    @property
    def misses(self) -> list[str]:
        """The facts that are outside with the fitted numbers."""
        return [fact for fact, z in self.z_after.items() if abs(z) > 1.0]

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain values."""
        by_fact = {
            fact: {"z_before": z, "z_after": self.z_after[fact], "loss_before": loss_of(z),
                   "loss_after": loss_of(self.z_after[fact])} for fact, z in self.z_before.items()
        }  # fmt: skip
        return {
            "config": self.config, "paths": self.n_paths, "days": self.days, "tried": self.tried,
            "loss": {"before": total(self.z_before.values()), "after": total(self.z_after.values()),
                     "fresh_seeds": self.fresh_losses, "rise_at_interval_ends": self.rise},
            "facts": by_fact, "misses": self.misses,
            "parameters": [asdict(one) | {"identified": one.identified} for one in self.parameters],
            "fitted": self.file,
        }  # fmt: skip

    def _repr_markdown_(self) -> str:
        return self.as_markdown()

    def as_markdown(self) -> str:
        """Return the numbers, the loss by fact, and what to know."""
        lines = ["| parameter | before | fitted | 95 % | range | pinned by |", "|---|---:|---:|---|---|---|"]
        for one in self.parameters:
            known = f"{one.interval[0]:.3g} to {one.interval[1]:.3g}" if one.identified else "not identified"
            span = f"{one.low:g} to {one.high:g}"
            lines.append(f"| {one.key} | {one.before:.4g} | {one.after:.4g} | {known} | {span} | {one.pinned_by} |")
        lines += ["", "| fact | z before | z after | loss after |", "|---|---:|---:|---:|"]
        for fact, z in sorted(self.z_after.items(), key=lambda item: -abs(item[1])):
            lines.append(f"| {fact} | {self.z_before[fact]:.2f} | {z:.2f} | {loss_of(z):.2f} |")
        inside = len(self.z_after) - len(self.misses)
        fresh = ", ".join(f"{loss:.3f}" for loss in self.fresh_losses)
        lines += [
            "",
            f"{inside} of {len(self.z_after)} facts inside (z is the distance from the middle of the real interval, in"
            " half widths).",
            f"Loss {total(self.z_before.values()):.3f} before, {total(self.z_after.values()):.3f} after; on fresh seeds"
            f" {fresh}. {self.tried} places tried, {self.n_paths} paths of {self.days} days each.",
            f"Intervals end where the sum of losses has risen by {self.rise:.2f}: by 1, and by two standard deviations"
            " of the sum between seeds.",
            *(f"{one.key} wants to leave its range at the {one.leaves} end ({one.source})."
              for one in self.parameters if one.leaves),
            f"Fitted config: {self.file}",
        ]  # fmt: skip
        return "\n".join(lines)


def calibrate(
    config: Config | str | Path = "us_equity",
    *,
    out: str | Path,
    targets: Iterable[str] = ("all",),
    ranges: str | Path = "us_equity",
    trials: int = 60,
    steps: int = 16,
    profiles: int = 1,
    n_paths: int = 64,
    start: int | None = None,
    prices: PricesLike | None = None,
    threads: int | None = None,
    workers: int | None = None,
    cluster: str | None = None,
    executor: Executor | None = None,
    resume: bool = False,
    progress: bool | Tell | None = None,
    overrides: Overrides = (),
    days: int | None = None,
    trust_data: bool = False,
) -> Calibration:
    """Search for the numbers that bring a market's facts nearest to the real ones.

    Parameters
    ----------
    config : Config, or the name or path of one
    out : path
        Folder for the journal, the fitted config and the result.
    targets : iterable of str
        Facts, groups of facts, or "all".
    ranges : path
        TOML file of what may move and how far; "us_equity" for the ranges that ship.
    trials, steps : int
        Places that CMA-ES tries, and at most so many steps along a surface through all places tried.
    profiles : int
        Rounds of trying the market where the 95 % intervals of the numbers seem to end.
    n_paths : int
        Paths at each place, the same random numbers everywhere.
    start : int, optional
        Begin at a random place, drawn with this seed; at the config's own numbers by default.
    prices, threads
        As in `flowsim.simulate`. Places that are asked for together are simulated beside one another.
    workers, cluster, executor : optional
        What does the work instead of threads, as in `flowsim.sweep`. Never changes a result.
    resume : bool
        Go on with the search in `out`.
    progress : bool or callable, optional
        True shows how far it is; a function is called with places tried, places planned and the smallest loss so far.
    overrides, days
        As in `flowsim.simulate`.
    trust_data : bool
        Take data that are not likely; see `flowsim.data.weigh`.

    Raises
    ------
    FlowsimError
        If the config, targets, ranges or folder do not fit, or cmaes is not installed.
    """
    config = config_of(config, overrides, days=days)
    parameters, facts = read_space(ranges, config), target_facts(targets)
    if min(trials, steps, profiles) < 0:
        raise InputError(f"`trials={trials}`, `steps={steps}`, `profiles={profiles}`: none of them can be negative")
    begin = start_of(parameters, config)
    if start is not None:
        begin = np.random.default_rng(start).uniform(0.0, 1.0, len(parameters))
    folder = Path(out)
    planned = trials + steps * (1 + ABOUT) + 2 * (1 + profiles) * len(parameters) + 2 * OTHER_SEEDS + 3
    search = Search(
        folder, config, parameters, facts, n_paths, prices_of(prices, trust_data=trust_data), planned=planned
    )
    if trials:
        evolution_strategy()
    open_folder(folder, search, begin, resume=resume)
    seeds = [config.seed + 1 + number for number in range(OTHER_SEEDS)]
    with (
        engine_of(threads=threads, workers=workers, cluster=cluster, executor=executor) as search.engine,
        shown(progress, "searching") as bar,
    ):
        search.tell = _telling(bar) if progress is True else bar
        found, rise = _searched(search, begin, trials, steps, profiles, seeds)
    search.engine = None
    fitted = search.at(found)
    (folder / CONFIG_FILE).write_text(_config_text(config, fitted, settings_of(parameters, found)), encoding="utf-8")
    result = Calibration(
        config=config.name,
        n_paths=n_paths,
        days=config.time.days,
        tried=len(search.asked),
        z_before=search.z(begin),
        z_after=search.z(found),
        fresh_losses=[total(search.z(found, seed).values()) for seed in seeds],
        rise=rise,
        parameters=_how_well_known(search, begin, found, rise),
        file=str(folder / CONFIG_FILE),
    )
    (folder / RESULT_FILE).write_text(json.dumps(result.as_dict(), indent=2) + "\n", encoding="utf-8")
    save(draw_profiles([_curve(one) for one in result.parameters], rise, result.label), folder / PICTURE_FILE)
    return result


def _searched(
    search: Search, begin: Floats, trials: int, steps: int, profiles: int, seeds: list[int]
) -> tuple[Floats, float]:
    """Search, and return the best place and how much the loss rises to the ends of the intervals."""
    search.evolve(begin, trials)
    search.walk(steps)
    stays = trials == steps == 0
    found = begin if stays else min(search.lowest(), *search.best(1), key=search.loss)
    rise = RISE + 2.0 * noise_of_sum(search, found, seeds)
    try_profiles(search, found, profiles, rise)
    return begin if stays else min(search.lowest(), *search.best(1), key=search.loss), rise


def _telling(bar: Shown | None) -> Tell | None:
    if bar is None:
        return None
    return lambda tried, planned, smallest: bar(tried, max(planned, tried), f"smallest loss {smallest:.3f}")


def _curve(one: Fitted) -> Curve:
    values, rise = zip(*one.profile, strict=True)
    return Curve(one.key, values, rise, one.after, one.interval)


def _how_well_known(search: Search, begin: Floats, found: Floats, rise: float) -> list[Fitted]:
    surface = search.surface()
    slopes = surface.slopes(found)
    uphill = surface.residuals(found) @ slopes
    fitted = []
    for number, one in enumerate(search.parameters):
        profile = profile_of(surface, found, number)
        low, high = known_interval(search, profile, number, found, rise)
        part = found[number]
        leaves = ""
        if min(part, 1.0 - part) < AT_THE_END:
            towards = "lower" if part < 0.5 else "upper"
            leaves = towards if (uphill[number] > 0.0) == (towards == "lower") else ""
        fitted.append(
            Fitted(
                key=one.key,
                low=one.low,
                high=one.high,
                before=float(one.value(begin[number])),
                after=float(one.value(part)),
                interval=(one.value(low), one.value(high)),
                profile=[(one.value(x), float(y)) for x, y in zip(profile.parts, profile.rise, strict=True)],
                pinned_by=search.facts[int(np.abs(slopes[:, number]).argmax())],
                leaves=leaves,
                source=one.source,
            )
        )
    return fitted


def _config_text(config: Config, fitted: Config, settings: list[str]) -> str:
    """Return the fitted config as TOML: the numbers alone where the config is a file or built in, else all of it."""
    description = f"{config.source or 'a config'} with the numbers that flowsim calibrate fitted"
    try:
        as_stored = bool(config.source) and load(config.source).override(f"time.days={config.time.days}") == config
    except ConfigError:
        as_stored = False
    if not as_stored:
        return fitted.override(f'description="{description}"').to_toml()
    extends = str(Path(config.source).resolve()) if Path(config.source).is_file() else config.source
    table: dict[str, Any] = {"description": description, "extends": extends}
    for setting in settings:
        key, _, value = setting.partition("=")
        inner: Any = table
        *tables, last = key.split(".")
        for name in tables:
            inner = inner.setdefault(name, {})
        inner[last] = float(value)
    return document(table)
