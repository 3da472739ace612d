"""By which channel a scenario of the macro layer reaches the index: on the same paths, with one channel held.

A channel's effect is what the scenario does to the index less what it does where that channel stays as at the start.
What all of them do together is not their sum: what is left is told as its own row.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from flowsim.clock.year import YEAR
from flowsim.config import Config
from flowsim.config.load import config_of
from flowsim.config.macro import FEAR, LIQUIDITY, NEWS
from flowsim.config.overrides import Overrides
from flowsim.data.prices import PricesLike, prices_of
from flowsim.ensemble.executor import Counter, Progress
from flowsim.ensemble.intervals import PerPath, interval
from flowsim.ensemble.laboratory import Laboratory
from flowsim.ensemble.progress import shown
from flowsim.ensemble.sample import Arms, PerPathByName, Samples
from flowsim.errors import InputError
from flowsim.experiments.arms import without_options
from flowsim.files.columns import Column, Table
from flowsim.files.html import card
from flowsim.macro.scenario import BASELINE, load_scenario

CHANNELS = {
    "news": (NEWS,),
    "buybacks of builders": ("ai_payout",),
    "buybacks of others": ("other_payout",),
    "saving": ("saving_top", "saving_middle", "saving_bottom"),
    "share sales": ("share_supply_bn",),
    "liquidity": (LIQUIDITY,),
    "fear": (FEAR,),
}
"""What is held to tell a channel."""
ALL, TOGETHER = "all", "together"
SESSIONS = (YEAR, 2 * YEAR)
"""After how many the index is looked at: a year and two."""
SCENARIO, CALM = "scenario", "calm"

CHANNELS_TABLE = Table(
    "macro_channels",
    "channel and horizon",
    (
        Column("channel", "name", "", f"{ALL}, a channel, or {TOGETHER}: what is left of all of them"),
        Column("sessions", "int32", "sessions", "since the start of the run"),
        Column(
            "effect_pct", "float64", "%", "log change of the index, scenario less baseline, mean over paths", "higher"
        ),
        Column("low_pct", "float64", "%", "lower end of its 95 % interval"),
        Column("high_pct", "float64", "%", "upper end of its 95 % interval"),
        Column("noise_pct", "float64", "%", "standard deviation of the index over that time without the scenario"),
    ),
)


@dataclass(frozen=True, eq=False)
class MacroChannels:
    """What a scenario does to the index by channel; `table` is a polars frame, see docs/data-dictionary.md."""

    scenario: str
    description: str
    config: str
    n_paths: int
    table: pl.DataFrame

    @property
    def label(self) -> str:
        """Scenario, config and paths."""
        return f"{self.scenario} in {self.config}, {self.n_paths} paths"

    def _repr_html_(self) -> str:
        rows = [
            [row["channel"], row["sessions"], f"{row['effect_pct']:+.2f}"] for row in self.table.iter_rows(named=True)
        ]
        return card(self.label, [self.description], ("channel", "sessions", "effect, %"), rows)


def macro_channels(
    scenario: str | Path,
    n_paths: int = 256,
    *,
    config: Config | str | Path = "us_macro",
    days: int = SESSIONS[-1],
    seed: int | None = None,
    prices: PricesLike | None = None,
    threads: int | None = None,
    overrides: Overrides = (),
    progress: bool | Progress | None = None,
    trust_data: bool = False,
) -> MacroChannels:
    """Tell by which channel a scenario of the macro layer reaches the index, without options.

    Parameters
    ----------
    scenario : str or Path
        A built-in name (`flowsim macro list`) or a TOML file; not the baseline, which it is held against.
    n_paths : int
        Paths; all arms have the same news and noise.
    config : Config, or the name or path of one with a table `macro`
    days : int
        Sessions of each run; effects are told after 252 and 504, or at the end of a shorter run.
    seed, prices, threads, overrides, progress, trust_data
        As in `flowsim.simulate`.

    Raises
    ------
    FlowsimError
        As `flowsim.simulate` does; InputError if the config has no table `macro`, or the scenario is the baseline.
    """
    loaded = config_of(config, overrides, seed=seed, days=days)
    if loaded.macro is None:
        raise InputError(
            f"{loaded.name}: has no table macro, so no scenario reaches its index; give it one, or us_macro"
        )
    chosen = load_scenario(scenario)
    if str(scenario) == BASELINE:
        raise InputError("`scenario` baseline: effects are told against it; choose another (flowsim macro list)")
    if n_paths < 2:
        raise InputError(f"`n_paths={n_paths}`: an interval takes 2 at least")
    counter = Counter(0, None)
    known = prices_of(prices, trust_data=trust_data)
    laboratory = Laboratory(n_paths, prices=known, threads=threads, counter=counter)
    observed = laboratory.plan(channel_arms(without_options(loaded), str(scenario)), measure, n_paths)
    counter.total = laboratory.work.path_days
    with shown(progress, "telling channels") as counter.progress:
        parts = observed.parts
    return MacroChannels(chosen.name, chosen.description, loaded.name, n_paths, _table(parts, loaded.time.days))


def channel_arms(config: Config, scenario: str) -> Arms:
    """Return scenario and baseline, whole and with each channel held."""
    arms = {}
    for channel, held in {ALL: (), **CHANNELS}.items():
        for name, one in ((SCENARIO, scenario), (CALM, BASELINE)):
            settings = {"macro.scenario": one, "macro.hold": list(held), "record.tables": ["flows"]}
            arms[f"{name}: {channel}"] = config.override(settings)
    return arms


def measure(samples: Samples) -> PerPathByName:
    """Measure what the scenario does to the index at each horizon, in all and by channel, and the noise beside it."""
    days = next(iter(samples.values())).returns.shape[1]
    found: PerPathByName = {}
    for horizon in horizons(days):
        whole = _effect(samples, ALL, horizon)
        alone = {channel: whole - _effect(samples, channel, horizon) for channel in CHANNELS}
        calm = 100.0 * samples[f"{CALM}: {ALL}"].returns[:, :horizon].sum(axis=1)
        effects = {ALL: whole, **alone, TOGETHER: whole - sum(alone.values())}
        found |= {f"{name} {horizon}": PerPath.mean(values) for name, values in effects.items()}
        found[f"noise {horizon}"] = PerPath.mean((calm - calm.mean()) ** 2)
    return found


def horizons(days: int) -> tuple[int, ...]:
    """Return after how many sessions a run of so many days is looked at."""
    return (*(one for one in SESSIONS if one < days), min(days, SESSIONS[-1]))


def _effect(samples: Samples, channel: str, horizon: int) -> np.ndarray:
    one, other = (samples[f"{name}: {channel}"].returns[:, :horizon].sum(axis=1) for name in (SCENARIO, CALM))
    return 100.0 * (one - other)


def _table(parts: PerPathByName, days: int) -> pl.DataFrame:
    return pl.DataFrame(list(_rows(parts, days)), schema=CHANNELS_TABLE.names, orient="row").with_columns(
        pl.col("sessions").cast(pl.Int32)
    )


def _rows(parts: PerPathByName, days: int) -> Iterator[tuple[object, ...]]:
    for horizon in horizons(days):
        noise = float(np.sqrt(interval(parts[f"noise {horizon}"]).value))
        for name in (ALL, *CHANNELS, TOGETHER):
            yield name, horizon, *interval(parts[f"{name} {horizon}"]), noise
