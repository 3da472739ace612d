"""A forward test: on each of many real closes a market and its rivals say what comes, and what came judges them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl

from flowsim.clock import DateLike, as_day
from flowsim.clock.year import YEAR
from flowsim.config import Config
from flowsim.config.load import config_of
from flowsim.config.overrides import Overrides
from flowsim.data.prices import Prices, PricesLike, prices_of
from flowsim.data.volatility_file import Volatility, VolatilityLike, volatility_of
from flowsim.engine.prepare import configured_prices, required_history
from flowsim.ensemble.executor import Counter, Executor, Progress
from flowsim.ensemble.job import digest_of
from flowsim.ensemble.kept_results import KeptResults
from flowsim.ensemble.progress import shown
from flowsim.ensemble.worker import Histories, Worker
from flowsim.errors import InputError, RunError
from flowsim.files.arrays import Floats
from flowsim.files.html import bullets, card
from flowsim.forecasts.market import forecast_job, known_at
from flowsim.forecasts.paths import INDEX, Paths, joined
from flowsim.forecasts.rivals import FEWEST, garch_rivals, index_rival
from flowsim.forecasts.verdicts import coverage_table, score_table, scored_rows, shortfall_table
from flowsim.forecasts.words import markdown, sentences
from flowsim.history.path_dependent import INDICES
from flowsim.version import __version__

FEWEST_PATHS = 100
"""Of fewer, a level of one percent is beyond the lowest path."""
LONGEST_DAYS = YEAR
MARKET = "market"
FORECASTS = "forecasts"


@dataclass(frozen=True, eq=False)
class Backtest:
    """Forecasts of a market and of its rivals from real closes, held against what came.

    `forecasts`: a row for each date, model, quantity and horizon; `coverage`, `shortfall` and `scores` what follows of
    them, see `flowsim.forecasts.columns`. `left_out` says at which closes the market diverges.
    """

    label: str
    every: int
    n_paths: int
    horizons: tuple[int, ...]
    forecasts: pl.DataFrame
    coverage: pl.DataFrame
    shortfall: pl.DataFrame
    scores: pl.DataFrame
    left_out: dict[str, str]

    @property
    def tables(self) -> dict[str, pl.DataFrame]:
        """The tables by their names."""
        return {name: getattr(self, name) for name in (FORECASTS, "coverage", "shortfall", "scores")}

    @property
    def n_dates(self) -> int:
        """Closes from which something was forecast."""
        return self.forecasts["date"].n_unique()

    @property
    def words(self) -> list[str]:
        """What the tables say of the market, in sentences."""
        return sentences(self.tables, self.left_out)

    def __repr__(self) -> str:
        return f"Backtest({self.label}; {self.n_dates} dates, every {self.every} sessions, {self.n_paths} paths)"

    def _repr_html_(self) -> str:
        about = f"{self.n_dates} dates, every {self.every} sessions, {self.n_paths} paths of each."
        return card(self.label, [about]) + bullets(self.words)

    def _repr_markdown_(self) -> str:
        return self.as_markdown()

    def as_markdown(self) -> str:
        """Return coverage, expected shortfall and scores as tables, and what they say."""
        return markdown(self.tables, self.left_out)


def backtest(
    config: Config | str | Path = "us_equity",
    prices: PricesLike | None = None,
    *,
    volatility: VolatilityLike | None = None,
    every: int = 21,
    first: DateLike | None = None,
    last: DateLike | None = None,
    horizons: Sequence[int] = (1, 5, 21),
    n_paths: int = 256,
    seed: int | None = None,
    threads: int | None = None,
    progress: bool | Progress | None = None,
    overrides: Overrides = (),
    results: str | Path | None = None,
    trust_data: bool = False,
) -> Backtest:
    """Forecast returns, realized volatility and the VIX from real closes, and hold that against what came.

    On each date the market starts from the closes up to it, and so do the rivals: GJR-GARCH with t innovations and
    filtered historical simulation, refitted, for returns; an autoregression, refitted, for the VIX.

    Parameters
    ----------
    config : Config, or the name or path of one
    prices : Prices, path or table, optional
        Instead of those that the config names: anything that `read_prices` takes.
    volatility : Volatility, path or table, or several, optional
        Real closes of the VIX family. Without them the VIX is not judged.
    every : int
        Sessions from one date to the next. Where that is less than a horizon, forecasts overlap: the intervals of
        differences allow for it, and the bounds of coverage do not.
    first, last : date, optional
        The first date, by default the first from which all is known; and the last session that is looked at.
    horizons : sequence of int
        Sessions ahead.
    n_paths : int
        Paths of each forecast.
    seed, threads, progress, overrides
        As in `simulate`. Each date has random numbers of its own.
    results : path, optional
        Folder in which the forecasts of each date are kept by the digest of all that they depend on; what is there is
        not simulated again.
    trust_data : bool
        Take data that are not likely; see `flowsim.data.weigh`.

    Raises
    ------
    FlowsimError
        As `simulate` does; InputError if there are too few paths, or no date has a horizon after it. A date from which
        the market diverges is named in `left_out`; RunError if that is every date.
    """
    config = config_of(config, overrides, seed=seed)
    prices = prices_of(prices, trust_data=trust_data) or configured_prices(config)
    real = volatility_of(volatility, trust_data=trust_data)
    days = _checked(horizons, every, n_paths)
    places = _places(config, prices, days[-1], every, first, last)
    forecaster = Forecaster(config, prices, real, days, n_paths, None if results is None else KeptResults(results))
    rows: list[dict[str, object]] = []
    left_out: dict[str, str] = {}
    with shown(progress, "forecasting") as told, Executor(threads) as executor:
        counter = Counter(len(places), told)
        for place, found in zip(places, executor.map(partial(forecaster.at, counter=counter), places), strict=True):
            if isinstance(found, RunError):
                left_out[str(prices.dates[place])] = str(found)
            else:
                rows += scored_rows(prices.dates[place], found, forecaster.came(place), days)
    if not rows:
        raise RunError(f"the market diverges from every date, first {next(iter(left_out.items()))[1]}")
    table = pl.DataFrame(rows)
    overlapping = {one: -(-one // every) - 1 for one in days}
    label = "; ".join(filter(None, (f"{config.name} on {prices.source}", config.sized)))
    return Backtest(
        label=label,
        every=every,
        n_paths=n_paths,
        horizons=days,
        forecasts=table,
        coverage=coverage_table(table),
        shortfall=shortfall_table(table),
        scores=score_table(table, MARKET, overlapping),
        left_out=left_out,
    )


class Forecaster:
    """Makes the forecasts of one date after the other; each depends on what was known at that close alone."""

    def __init__(
        self,
        config: Config,
        prices: Prices,
        volatility: Volatility | None,
        horizons: tuple[int, ...],
        n_paths: int,
        kept: KeptResults | None = None,
    ) -> None:
        self.config, self.prices, self.horizons, self.n_paths = config, prices, horizons, n_paths
        self.kept = kept
        known = {} if volatility is None else volatility.on(prices.dates)
        self.indices = np.stack([known.get(name, np.full(len(prices), np.nan)) for name in INDICES])
        self.index = self.indices[INDICES.index(INDEX)]

    def at(self, place: int, counter: Counter | None = None) -> dict[str, Paths] | RunError:
        """Return the paths of each model after one close, or how the market diverges."""
        known, days = known_at(self.prices, place), self.horizons[-1]
        config = self.config.override(f"seed={self._seed(place)}")
        job = forecast_job(config, known, self.indices[:, place].tolist(), days, self.n_paths)
        digest = digest_of([job.digest, self.n_paths, digest_of_closes(self.index[: place + 1]), __version__])
        found = None if self.kept is None else self.kept.get(digest)
        if found is None:
            histories = Histories(known)
            histories.add(known)
            found = self._made(Worker(histories).attempt(job), place)
            if self.kept is not None:
                self.kept.put(digest, found)
        if counter is not None:
            counter.add(1)
        return found

    def came(self, place: int) -> Paths:
        """Return what came after a close, as a single path; a VIX of which a close is missing is left out."""
        after = slice(place + 1, place + 1 + self.horizons[-1])
        returns = np.diff(np.log(self.prices.close[place : after.stop]))
        index = self.index[after]
        there = np.isfinite(index[[horizon - 1 for horizon in self.horizons]]).all()
        return Paths(returns[None], {INDEX: index[None]} if there else {})

    def _made(self, blocks: Sequence[Paths] | RunError, place: int) -> dict[str, Paths] | RunError:
        if isinstance(blocks, RunError):
            return blocks
        given = self.horizons[-1], self.n_paths, self._seed(place)
        market = joined(blocks)
        rivals = garch_rivals(self.prices.close[: place + 1], *given)
        if market.indices:
            rivals |= index_rival(self.index[: place + 1], *given)
        return {MARKET: market} | rivals

    def _seed(self, place: int) -> int:
        """Return a seed that belongs to the date, so that more dates or fewer change none."""
        day = int(self.prices.dates[place].astype("datetime64[D]").astype(int))
        return (self.config.seed * 1_000_003 + day) % 2**31


def digest_of_closes(closes: Floats) -> str:
    """Return the SHA-256 of closes, of which some are nan."""
    return digest_of([np.ascontiguousarray(closes, "<f8").tobytes().hex()])


def _checked(horizons: Sequence[int], every: int, n_paths: int) -> tuple[int, ...]:
    days = tuple(sorted(set(horizons)))
    if not days or days[0] < 1 or days[-1] > LONGEST_DAYS:
        said = ",".join(map(str, horizons)) or "none"
        raise InputError(f"horizons = {said}; give numbers of sessions from 1 to {LONGEST_DAYS}")
    if every < 1:
        raise InputError(f"`every={every}`: dates are one session apart at least")
    if n_paths < FEWEST_PATHS:
        raise InputError(f"`n_paths={n_paths}`: a level of one percent needs {FEWEST_PATHS} paths at least")
    return days


def _places(
    config: Config, prices: Prices, longest: int, every: int, first: DateLike | None, last: DateLike | None
) -> list[int]:
    """Return the places of the dates among the closes; every one has its history before and its horizon after it."""
    needed, why = required_history(config.active().spec())
    begin = max(needed, FEWEST + 1) - 1
    if first is not None:
        begin = max(begin, int(np.searchsorted(prices.dates, as_day(first, "`first`"))))
    end = len(prices) if last is None else int(np.searchsorted(prices.dates, as_day(last, "`last`"), side="right"))
    places = list(range(begin, end - longest, every))
    if not places:
        raise InputError(
            f"{prices.source}: no close from {prices.dates[min(begin, len(prices) - 1)]} on has {longest} sessions"
            f" after it, and {why} needs {needed} before it; choose another `first` or `last`, or a longer file"
        )
    return places
