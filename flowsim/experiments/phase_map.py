"""The map of claim 1: what systematic flows carry over their size and the multiplier, with volatility held.

Larger flows at a larger multiplier make a more volatile market, and a share of a market that swings by 130 % a year
says nothing of ours. So noise trading is refitted in every cell, by bisection, until volatility is that of the config.
Where the variance ratio over a week or the kurtosis then leave the real interval, no such market is ours: it is marked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from flowsim.clock.year import YEAR
from flowsim.config import Config
from flowsim.ensemble.intervals import PerPath, interval
from flowsim.ensemble.laboratory import Laboratory, Observation, Work
from flowsim.ensemble.sample import PerPathByName, Samples
from flowsim.errors import RunError
from flowsim.experiments.arms import noise_traders, scaled, systematic, without_options
from flowsim.experiments.findings import Grid
from flowsim.experiments.statistics import sums, variance_ratio, variance_share
from flowsim.facts.market_facts import LONG, market_facts
from flowsim.kernel.marks import LANES

SIZES = (0.5, 1.0, 1.5, 2.0, 3.0)
MULTIPLIERS = (3.0, 4.0, 5.0, 6.5, 8.0)
SEARCH_DAYS, DAYS, MONTH, WEEK = YEAR, 5 * YEAR, 21, 5
ROUNDS, MOST_NOISE = 8, 3.0
NEAR = 0.1
"""How far volatility may be from that of the config, as a part of it, before a cell has no market."""
VOLATILITY, SHARE, RATIO, FOURTH, SQUARE = "volatility", "share, %", "VR(5)", "fourth", "square"


class Cell(NamedTuple):
    """A multiplier and a size of the systematic populations, × config."""

    multiplier: float
    size: float


def plan_map(laboratory: Laboratory, config: Config) -> Callable[[], list[Grid]]:
    """Plan the volatility that is held; return the function that refits the cells and draws the map.

    A market without noise trading has no map: nothing is there to refit.
    """
    config = without_options(config)
    if not noise_traders(config):
        return list
    n_cells, days_of_cell = len(SIZES) * len(MULTIPLIERS), ROUNDS * SEARCH_DAYS + DAYS
    laboratory.foresee(
        Work(
            plain_markets=n_cells * (ROUNDS + 1),
            plain_block_days=n_cells * days_of_cell,
            path_days=n_cells * days_of_cell * LANES,
        )
    )
    own = laboratory.plan({"arm": _arm(config, Cell(config.market.multiplier, 1.0), 1.0, SEARCH_DAYS)}, _vol, LANES)
    return lambda: [_map(laboratory, config, _median(own))]


def _arm(config: Config, cell: Cell, noise: float, days: int) -> Config:
    sized = scaled(scaled(config, systematic(config), cell.size), noise_traders(config), noise)
    return sized.override(f"market.multiplier={cell.multiplier}", f"time.days={days}", 'record={tables=["flows"]}')


def _vol(samples: Samples) -> PerPathByName:
    return {VOLATILITY: PerPath.mean(samples["arm"].returns.std(axis=1))}


def _median(observed: Observation[PerPathByName]) -> float:
    """Return the volatility of the middle path; infinite where the market diverges."""
    try:
        return float(np.median(observed.parts[VOLATILITY].numerator))
    except RunError:
        return float("inf")


def _map(laboratory: Laboratory, config: Config, target: float) -> Grid:
    cells = [Cell(multiplier, size) for multiplier in MULTIPLIERS for size in SIZES]
    low, high = dict.fromkeys(cells, 0.0), dict.fromkeys(cells, MOST_NOISE)
    for _ in range(ROUNDS):
        middle = {cell: (low[cell] + high[cell]) / 2.0 for cell in cells}
        # All cells of a round are planned before the first is asked for, so that they run together.
        arms = {cell: _arm(config, cell, middle[cell], SEARCH_DAYS) for cell in cells}
        tried = {cell: laboratory.plan({"arm": arm}, _vol, LANES) for cell, arm in arms.items()}
        for cell, one in tried.items():
            side = low if _median(one) < target else high
            side[cell] = middle[cell]
    whole = {
        cell: laboratory.plan({"arm": _arm(config, cell, (low[cell] + high[cell]) / 2.0, DAYS)}, _measured, LANES)
        for cell in cells
    }
    found = {cell: _found(one, target) for cell, one in whole.items()}
    rows = [[found[Cell(multiplier, size)] for size in SIZES] for multiplier in MULTIPLIERS]
    return Grid(
        name="Share of one-month variance due to systematic flows, volatility held, options not listed",
        unit="%",
        x_name="size of systematic populations, × config",
        y_name="multiplier M, log return per flow over market cap",
        x=list(SIZES),
        y=list(MULTIPLIERS),
        values=[[share for share, _ in row] for row in rows],
        x0=1.0,
        y0=config.market.multiplier,
        outside=[[outside for _, outside in row] for row in rows],
    )


def _measured(samples: Samples) -> PerPathByName:
    sample = samples["arm"]
    returns = sample.returns
    part = sample.total(sample.contribution, systematic(sample.config))
    apart = returns - returns.mean(axis=1, keepdims=True)
    days = np.full(len(returns), float(returns.shape[1]))
    return {
        **_vol(samples),
        SHARE: variance_share(sums(part, MONTH), sums(returns, MONTH)),
        RATIO: PerPath.mean(variance_ratio(returns, WEEK)),
        FOURTH: PerPath((apart**4).sum(axis=1), days),
        SQUARE: PerPath((apart**2).sum(axis=1), days),
    }


def _found(observed: Observation[PerPathByName], target: float) -> tuple[float | None, bool]:
    """Return the share of a cell, None without a market of that volatility, and whether it is unlike the real one."""
    if not abs(_median(observed) / target - 1.0) <= NEAR:
        return None, False
    share, ratio, fourth, square = (interval(observed.parts[name]).value for name in (SHARE, RATIO, FOURTH, SQUARE))
    real = market_facts()[LONG]
    kurtosis = fourth / square**2 - 3.0
    alike = real["variance ratio VR(5)"].holds(ratio) and real["return excess kurtosis"].holds(kurtosis)
    return share, not alike
