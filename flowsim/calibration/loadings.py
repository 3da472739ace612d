"""Fit what past returns alone give the VIX family, so that the indices of a market answer to returns as the real do.

Two steps. The real indices are regressed on past returns, with residuals that follow an AR(1) (Cochrane and Orcutt
1949, "Application of Least Squares Regression to Relationships Containing Auto-Correlated Error Terms"): residuals of
least squares have an autocorrelation of .8 to .98, and then least squares on levels tells the level well and the
day's answer badly. In a market, option demand answers to returns too. So the loadings of its base are moved until the
same regression on its own indices, base and demand together, gives the real loadings (indirect inference; Gourieroux,
Monfort and Renault 1993, "Indirect Inference").
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from flowsim.config import Config
from flowsim.config.load import config_of
from flowsim.config.overrides import Overrides
from flowsim.data.prices import Prices, PricesLike, prices_of
from flowsim.data.volatility_file import Volatility, VolatilityLike, volatility_of
from flowsim.ensemble.executor import Progress
from flowsim.ensemble.progress import shown
from flowsim.errors import InputError
from flowsim.facts.closes import Closes
from flowsim.facts.histories import closes_of_market
from flowsim.files.arrays import Floats
from flowsim.history.path_dependent import BURN_IN, INDICES, regressors
from flowsim.kernel.array_functions import log

FIRST = np.datetime64("2011-01-03")
"""From the first year in which all four indices are published."""
TRANSFORMS = 200
"""At most, until persistence and loadings agree."""


@dataclass(frozen=True)
class Regression:
    """One index on past returns: eight loadings, persistence of the residual a day, R squared of the level."""

    loadings: Floats
    persistence: float
    r_squared: float


@dataclass(frozen=True)
class Loadings:
    """By index: the real regression, that of the market in the last round, and the loadings of its base."""

    config: str
    real: dict[str, Regression]
    simulated: dict[str, Floats]
    base: dict[str, Floats]

    def as_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        return {
            "config": self.config,
            "indices": {
                name: {
                    "real": real.loadings.tolist(),
                    "persistence": real.persistence,
                    "r_squared": real.r_squared,
                    "simulated": self.simulated[name].tolist() if name in self.simulated else None,
                    "base": self.base[name].tolist(),
                }
                for name, real in self.real.items()
            },
            "settings": self.settings,
        }

    @property
    def settings(self) -> list[str]:
        """Overrides that give a config these loadings."""
        return [f"options.{name.lower()}={[round(float(b), 4) for b in self.base[name]]}" for name in self.base]

    def _repr_markdown_(self) -> str:
        return self.as_markdown()

    def as_markdown(self) -> str:
        """Return the loadings as a table, and as lines of a config."""
        columns = "constant | vol 2 | vol 10 | vol 60 | fall | return | mean 3 | mean 15"
        lines = [f"| index | | {columns} | persistence | R2 |", "|---|---|" + "---:|" * 10]
        for name, real in self.real.items():
            tail = f"{real.persistence:.3f} | {real.r_squared:.3f} |"
            lines.append(f"| {name} | real | {_cells(real.loadings)} | {tail}")
            if name in self.simulated:
                lines.append(f"| | {self.config} | {_cells(self.simulated[name])} | | |")
                lines.append(f"| | its base | {_cells(self.base[name])} | | |")
        return "\n".join([*lines, "", *(setting.replace("=", " = ", 1) for setting in self.settings)])


def fit_loadings(
    config: Config | str = "us_equity",
    *,
    prices: PricesLike,
    volatility: VolatilityLike,
    rounds: int = 3,
    n_paths: int = 64,
    days: int | None = 2520,
    threads: int | None = None,
    progress: bool | Progress | None = None,
    overrides: Overrides = (),
    trust_data: bool = False,
) -> Loadings:
    """Return the loadings with which a market's indices answer to its returns as the real ones do.

    Parameters
    ----------
    config : Config, or the name or path of one that lists options
    prices, volatility
        The real market; closes of VIX9D, VIX, VIX3M and VIX6M on the dates of the prices.
    rounds : int
        How often the market is simulated and its base moved by what it still answers too much; 0 gives the real
        loadings as they are.
    n_paths, days, threads, progress, overrides
        As in `flowsim.simulate`.
    trust_data : bool
        Take data that are not likely; see `flowsim.data.weigh`.

    Raises
    ------
    InputError
        If the config lists no options, or an index has not two years of closes since 2011.
    """
    config = config_of(config, overrides, days=days)
    if not config.options.listed:
        raise InputError(f"{config.name} lists no options, so nothing prices a VIX; set options.listed = true")
    if config.time.days <= 2 * BURN_IN:
        raise InputError(
            f"time.days = {config.time.days}; the first {BURN_IN} are set aside, give {3 * BURN_IN} or more"
        )
    real = real_regressions(prices_of(prices, trust_data=trust_data), volatility_of(volatility, trust_data=trust_data))
    found = Loadings(config.name, real, {}, {name: regression.loadings for name, regression in real.items()})
    with shown(progress, "simulating rounds") as told:
        for done in range(1, rounds + 1):
            found = _moved(found, list(closes_of_market(config.override(*found.settings), n_paths, threads=threads)))
            if told is not None:
                told(done, rounds)
    return found


def _moved(found: Loadings, closes: list[Closes]) -> Loadings:
    """Return the loadings with the base less what a market that has it answers too much."""
    simulated = {}
    for name, regression in found.real.items():
        x = np.concatenate([regressors(0.01 * some.returns_pct)[:, BURN_IN:] for some in closes])
        y = np.concatenate([some.indices[name][:, BURN_IN:] for some in closes])
        simulated[name] = transformed_fit(x, y, regression.persistence)
    base = {name: found.base[name] - (simulated[name] - found.real[name].loadings) for name in found.real}
    return replace(found, simulated=simulated, base=base)


def real_regressions(history: Prices | None, volatility: Volatility | None) -> dict[str, Regression]:
    """Return the regression of each real index on past closes, from 2011 on."""
    if history is None or volatility is None:
        raise InputError("loadings are fitted to real closes; give `prices` and `volatility`")
    dates, x = history.dates[1:], regressors(np.diff(log(history.close)))
    levels, later = volatility.on(dates), (dates >= FIRST) & (np.arange(len(dates)) >= BURN_IN)
    found = {}
    for name in INDICES:
        level = levels.get(name, np.full(len(dates), np.nan))
        known = later & np.isfinite(level)
        if known.sum() < 2 * BURN_IN:
            raise InputError(
                f"{volatility.source}: {int(known.sum())} closes of {name} since {FIRST} on dates of the prices; its"
                f" loadings take {2 * BURN_IN}, name a file that has them by `volatility`"
            )
        found[name] = regress(x[known], level[known])
    return found


def regress(x: Floats, y: Floats) -> Regression:
    """Regress one series (days,) on columns (days, 8) with residuals that follow an AR(1)."""
    loadings, persistence = transformed_fit(x, y, 0.0), 0.0
    for _ in range(TRANSFORMS):
        left = y - x @ loadings
        before, persistence = persistence, float(left[1:] @ left[:-1] / (left[:-1] @ left[:-1]))
        loadings = transformed_fit(x, y, persistence)
        if abs(persistence - before) < 1e-9:
            break
    return Regression(loadings, persistence, 1.0 - float(np.var(y - x @ loadings) / np.var(y)))


def transformed_fit(x: Floats, y: Floats, persistence: float) -> Floats:
    """Return the least-squares loadings of quasi-differences, of series (..., days) on columns (..., days, 8)."""
    columns = x[..., 1:, :] - persistence * x[..., :-1, :]
    values = y[..., 1:] - persistence * y[..., :-1]
    return np.asarray(np.linalg.lstsq(columns.reshape(-1, x.shape[-1]), values.ravel(), rcond=None)[0], float)


def _cells(loadings: Floats) -> str:
    return " | ".join(f"{loading:.3f}" for loading in loadings)
