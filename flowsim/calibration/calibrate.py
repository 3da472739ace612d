"""Calibrate a config: search, say how well each number is known, and write what was found."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from flowsim.calibration.loss import distances, loss_of, target_facts, total
from flowsim.calibration.search import STEP, Floats, Search, Tell, open_folder
from flowsim.calibration.space import read_space, settings_of, start_of
from flowsim.config import Config, load
from flowsim.config.toml_text import document
from flowsim.errors import ConfigError, InputError
from flowsim.prices import Prices

CONFIG_FILE, RESULT_FILE = "fitted.toml", "result.json"
OTHER_SEEDS = 2
"""Fresh seeds on which the fitted config is tried, for the noise of its loss."""

UNKNOWN = 1e-4
"""What is known of a number before any fact: its half width is then a hundred ranges, not infinite."""


@dataclass(frozen=True)
class Fitted:
    """One number: where it began and ended, its 95 % half width by the facts, and the fact that pins it most.

    `leaves` says towards which end of its range the facts still pull it, "" where they do not.
    """

    key: str
    low: float
    high: float
    before: float
    after: float
    half_width: float
    pinned_by: str
    leaves: str
    source: str

    @property
    def identified(self) -> bool:
        """Whether the facts say more than the range does."""
        return 2.0 * self.half_width < self.high - self.low


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
    parameters: list[Fitted]
    file: str

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
                     "fresh_seeds": self.fresh_losses},
            "facts": by_fact, "misses": self.misses,
            "parameters": [asdict(one) | {"identified": one.identified} for one in self.parameters],
            "fitted": self.file,
        }  # fmt: skip

    def as_markdown(self) -> str:
        """Return the numbers, the loss by fact, and what to know."""
        lines = ["| parameter | before | fitted | 95 % | range | pinned by |", "|---|---:|---:|---|---|---|"]
        for one in self.parameters:
            known = f"± {one.half_width:.2g}" if one.identified else "not identified"
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
            *(f"{one.key} wants to leave its range at the {one.leaves} end ({one.source})."
              for one in self.parameters if one.leaves),
            f"Fitted config: {self.file}",
        ]  # fmt: skip
        return "\n".join(lines)


def calibrate(
    config: Config | str = "us_equity",
    *,
    out: str | Path,
    targets: Iterable[str] = ("all",),
    ranges: str | Path = "us_equity",
    trials: int = 60,
    steps: int = 4,
    n_paths: int = 64,
    start: int | None = None,
    prices: Prices | None = None,
    threads: int | None = None,
    resume: bool = False,
    tell: Tell | None = None,
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
        Places that CMA-ES tries, and steps of least squares after it.
    n_paths : int
        Paths at each place, the same random numbers everywhere.
    start : int, optional
        Begin at a random place, drawn with this seed; at the config's own numbers by default.
    prices, threads
        As in `flowsim.simulate`.
    resume : bool
        Go on with the search in `out`.
    tell : callable, optional
        Is told places tried, places planned and the smallest loss so far.

    Raises
    ------
    FlowsimError
        If the config, targets, ranges or folder do not fit, or cmaes is not installed.
    """
    config = config if isinstance(config, Config) else load(config)
    parameters, facts = read_space(ranges, config), target_facts(targets)
    if trials < 0 or steps < 0:
        raise InputError(f"trials = {trials} and steps = {steps}; neither can be negative")
    begin = start_of(parameters, config)
    if start is not None:
        begin = np.random.default_rng(start).uniform(STEP, 1.0 - STEP, len(parameters))
    folder = Path(out)
    planned = 1 + trials + (steps + 1) * (len(parameters) + 1)
    search = Search(folder, config, parameters, facts, n_paths, prices, threads, tell, planned)
    open_folder(folder, search, begin, resume=resume)
    found = search.descend(search.evolve(begin, trials), steps)
    fitted = search.at(found)
    (folder / CONFIG_FILE).write_text(_config_text(config, fitted, settings_of(parameters, found)), encoding="utf-8")
    result = Calibration(
        config=config.source,
        n_paths=n_paths,
        days=config.time.days,
        tried=len(search.known),
        z_before=search.z(begin),
        z_after=search.z(found),
        fresh_losses=_fresh_losses(search, found),
        parameters=_how_well_known(search, begin, found),
        file=str(folder / CONFIG_FILE),
    )
    (folder / RESULT_FILE).write_text(json.dumps(result.as_dict(), indent=2) + "\n", encoding="utf-8")
    return result


def _fresh_losses(search: Search, parts: Floats) -> list[float]:
    losses = []
    for seed in range(1, OTHER_SEEDS + 1):
        config = search.at(parts).override(f"seed={search.config.seed + seed}")
        z = distances(config, search.facts, search.n_paths, prices=search.prices, threads=search.threads)
        losses.append(total(z.values()))
    return losses


def _how_well_known(search: Search, begin: Floats, parts: Floats) -> list[Fitted]:
    """Profile each parameter in the linear approximation.

    z counts half widths of 95 % intervals, so the sum of z^2 rises by 1 at the end of a parameter's 95 % interval, with
    all others fitted anew: half width = sqrt of the diagonal of (J'J)^-1, J the slopes of z along each range.
    """
    slopes = search.slopes(parts)
    here = search.residuals(parts)
    spread = np.sqrt(np.diag(np.linalg.inv(slopes.T @ slopes + UNKNOWN * np.eye(len(parts)))))
    found = []
    for number, one in enumerate(search.parameters):
        downhill = -float(here @ slopes[:, number])
        part = parts[number]
        leaves = (
            "lower" if part <= STEP and downhill < 0.0 else "upper" if part >= 1.0 - STEP and downhill > 0.0 else ""
        )
        found.append(
            Fitted(
                key=one.key,
                low=one.low,
                high=one.high,
                before=float(one.value(begin[number])),
                after=float(one.value(part)),
                half_width=float(spread[number]) * (one.high - one.low),
                pinned_by=search.facts[int(np.abs(slopes[:, number]).argmax())],
                leaves=leaves,
                source=one.source,
            )
        )
    return found


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
