"""Whether replayed flows and dealers' gamma say anything of the next real day, beyond what closes and the VIX say.

Flows that are decided at a close and traded in the next session are known before it; so is dealers' gamma at the close.
Each is tried alone, on the next day's return and on its range, beyond `flowsim.econometrics.known.controls`. In eras in
which there were no such funds the same rules say what the same past would have made them do: whatever is found there is
not their doing.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl

from flowsim.clock import DateLike
from flowsim.config import Config
from flowsim.config.overrides import Overrides
from flowsim.data.prices import PricesLike
from flowsim.data.ranges import Ranges, read_ranges
from flowsim.data.volatility_file import VolatilityLike
from flowsim.econometrics.known import controls
from flowsim.econometrics.regression import NORMAL_95, Controlled, placebo_share, shifts_for
from flowsim.errors import InputError
from flowsim.files.arrays import Floats
from flowsim.history.replay import Replay, replay

TOGETHER, GAMMA = "all known flows", "dealers' gamma"
RETURN, RANGE, SIZE = "next day's return, bp", "next day's range, %", "next day's size, %"
PLACEBOS = 199
FEWEST_DAYS = 504
INDEX = "VIX"


class Era(NamedTuple):
    """Years of which the evidence is told apart, and whether there were such funds in them."""

    name: str
    first: int
    last: int
    had_funds: bool


ERAS = (
    Era("1970-1983", 1970, 1983, False),
    Era("1984-1999", 1984, 1999, False),
    Era("2000-2009", 2000, 2009, True),
    Era("2010-2019", 2010, 2019, True),
    Era("2020-", 2020, 2100, True),
)
"""Volatility targeting and hedging on today's scale are of this century; index options begin in 1983. A choice."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """What the regressions found, as a table; see `flowsim.econometrics.columns.EVIDENCE_TABLES`.

    `table`: target, regressor, era, first, last, had_funds, coefficient per USD bn with low and high, t, placebo_share,
    partial_r_squared_pct, days, and what the market's law of impact says of the coefficient.
    """

    label: str
    has_range: bool
    table: pl.DataFrame

    @property
    def tables(self) -> dict[str, pl.DataFrame]:
        """The table by its name."""
        return {"evidence": self.table}

    @property
    def summary(self) -> pl.DataFrame:
        """Return the table in short: each coefficient with its interval, t and share of placebos."""
        number = pl.format(
            "{} [{}, {}]", *(pl.col(name).round(2).cast(pl.String) for name in ("coefficient", "low", "high"))
        )
        return self.table.select(
            "target", "regressor", "era", "had_funds", number.alias("per USD bn"), "t", "placebo_share", "law", "days"
        )

    def __repr__(self) -> str:
        return f"Evidence({self.label}; {self.table.height} regressions)"


def evidence(
    config: Config | str | Path,
    prices: PricesLike | None = None,
    *,
    volatility: VolatilityLike | None = None,
    first: DateLike | None = None,
    last: DateLike | None = None,
    overrides: Overrides = (),
    placebos: int = PLACEBOS,
    seed: int = 1,
    trust_data: bool = False,
) -> Evidence:
    """Regress the next real day on replayed flows that are known before it and on dealers' gamma at the close.

    Parameters
    ----------
    config, prices, volatility, first, last, overrides, trust_data
        As in `flowsim.replay`. Where the prices have columns high and low, the size of a day is its log range, else its
        absolute return; where no VIX is given, what past returns make of it stands in.
    placebos : int
        Circular shifts of each regressor.
    seed : int
        Of the shifts.

    Raises
    ------
    FlowsimError
        As `flowsim.replay` does; InputError if the period has fewer than `FEWEST_DAYS` days.
    """
    replayed = replay(
        config, prices, volatility=volatility, first=first, last=last, overrides=overrides, trust_data=trust_data
    )
    return evidence_of(replayed, read_ranges(prices), placebos=placebos, seed=seed)


def evidence_of(replayed: Replay, ranges: Ranges | None = None, *, placebos: int = PLACEBOS, seed: int = 1) -> Evidence:
    """Do the regressions on a replay that is there, with the ranges of its days where they are known."""
    days = _days(replayed, ranges)
    rows = [
        row
        for era in _eras(days.dates)
        for target, name in ((days.next_return, RETURN), (days.next_size, RANGE if days.has_range else SIZE))
        for row in _rows(days, era, target, name, placebos, seed)
    ]
    if not rows:
        raise InputError(
            f"{replayed.label}: {len(days.dates)} days are too few; regressions take {FEWEST_DAYS} with all that is"
            " known before them, so choose an earlier `first` or a longer file"
        )
    return Evidence(replayed.label, days.has_range, pl.DataFrame(rows).with_columns(pl.col("law").fill_nan(None)))


class _Days(NamedTuple):
    """By session: what is known at its close, what would be regressed on it, and what the next one brings."""

    dates: np.ndarray
    known: Floats
    regressors: dict[str, Floats]
    next_return: Floats
    next_size: Floats
    impact_bp: Floats
    has_range: bool


def _days(replayed: Replay, ranges: Ranges | None) -> _Days:
    market = replayed.market
    dates, returns = market["date"].to_numpy().astype("datetime64[D]"), market["log_return"].to_numpy()
    size, has_range = _size(dates, returns, ranges)
    flows = {
        name: replayed.flows.filter(pl.col("population") == name)["flow_bn"].to_numpy()
        for name in replayed.known_before
    }
    tomorrow = {name: _next(flow) for name, flow in flows.items() if flow.any()}
    if tomorrow:
        tomorrow[TOGETHER] = np.sum(list(tomorrow.values()), axis=0)
    if replayed.dealers.height:
        tomorrow[GAMMA] = replayed.dealers["gamma_1pct_bn"].to_numpy()
    return _Days(
        dates=dates,
        known=controls(market["close"].to_numpy(), returns, size, _vix(replayed)),
        regressors=tomorrow,
        next_return=1e4 * _next(returns),
        next_size=100.0 * _next(size),
        impact_bp=market["impact_bp"].to_numpy(),
        has_range=has_range,
    )


def _next(values: Floats) -> Floats:
    return np.append(values[1:], np.nan)


def _size(dates: np.ndarray, returns: Floats, ranges: Ranges | None) -> tuple[Floats, bool]:
    """Return how large each day was: its log of log range, or its absolute return over the mean of all."""
    if ranges is not None:
        with np.errstate(divide="ignore", invalid="ignore"):
            found = np.log(ranges.on(dates))
        if np.isfinite(found).sum() >= FEWEST_DAYS:
            return found, True
    return np.abs(returns) / np.abs(returns).mean(), False


def _vix(replayed: Replay) -> Floats:
    one = replayed.volatility.filter(pl.col("index") == INDEX)
    return one.select(pl.coalesce("real", "path_dependent")).to_series().cast(pl.Float64).fill_null(np.nan).to_numpy()


def _eras(dates: np.ndarray) -> list[tuple[Era, np.ndarray]]:
    """Return each era with its days, and after them all those that had such funds."""
    years = dates.astype("datetime64[Y]").astype(int) + 1970
    found = [(era, (years >= era.first) & (years <= era.last)) for era in ERAS]
    with_funds = np.any([inside for era, inside in found if era.had_funds], axis=0)
    return [*found, (Era("all with such funds", 2000, 2100, True), with_funds)]


def _rows(
    days: _Days, era: tuple[Era, np.ndarray], target: Floats, name: str, placebos: int, seed: int
) -> list[dict[str, object]]:
    (label, _, _, had_funds), inside = era
    known = inside & np.isfinite(days.known).all(axis=1) & np.isfinite(target)
    rows = []
    for regressor, values in days.regressors.items():
        at = np.flatnonzero(known & np.isfinite(values))
        if len(at) < FEWEST_DAYS:
            continue
        controlled = Controlled(target[at], days.known[at])
        fit = controlled.fit(values[at])
        if not np.isfinite(fit.t):
            continue
        share = placebo_share(controlled, values[at], fit.t, shifts_for(len(at), placebos, seed))
        rows.append({
            "target": name, "regressor": regressor, "era": label, "first": days.dates[at[0]].item(),
            "last": days.dates[at[-1]].item(), "had_funds": had_funds, "coefficient": fit.coefficient,
            "low": fit.coefficient - NORMAL_95 * fit.error, "high": fit.coefficient + NORMAL_95 * fit.error, "t": fit.t,
            "placebo_share": share, "partial_r_squared_pct": 100.0 * fit.partial_r_squared,
            "law": _law(name, regressor, float(days.impact_bp[at].mean())), "days": len(at),
        })  # fmt: skip
    return rows


def _law(target: str, regressor: str, impact_bp: float) -> float:
    """Return what the law of impact says: bp per bn of flow, and for gamma the damping 1 / (1 + impact x gamma).

    Gamma of 1 bn for 1 % is traded against a move of 1 %, so that it takes away as many percent of the move as the
    impact of a billion has basis points.
    """
    if target == RETURN:
        return impact_bp if regressor != GAMMA else float("nan")
    return -impact_bp if regressor == GAMMA else float("nan")
