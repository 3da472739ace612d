"""Real VIX futures beside the shipped facts of 2006-2017, and beside what the formula makes of the indices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from flowsim.clock.vix_settlements import days_to_settlement
from flowsim.data.futures_file import Futures, FuturesLike, read_futures
from flowsim.data.prices import PricesLike, default_prices, read_prices
from flowsim.data.volatility_file import Volatility, VolatilityLike, volatility_of
from flowsim.ensemble.executor import Counter, Progress
from flowsim.ensemble.progress import shown
from flowsim.errors import InputError
from flowsim.facts.closes import Closes
from flowsim.facts.fact_table import RESAMPLES, SEED, Series, aligned, require_days, rows_of
from flowsim.facts.market_facts import futures_facts
from flowsim.facts.measure import measure_history
from flowsim.facts.vix_futures import VIX_FUTURES_FACTS
from flowsim.files.arrays import Days, Floats
from flowsim.futures.curve import futures_on

CONVEXITY, CONVEXITY_HORIZON = 0.09, 60.0
"""Those of `configs/vix_futures.toml`."""
SPANS = ((0, 7), (7, 20), (20, 35), (35, 63), (63, 100), (100, 154))
"""Calendar days to settlement, above and up to; beyond, no real index looks far enough ahead."""
SCANNED = tuple((size, horizon) for size in (0.0, 0.06, 0.09, 0.12) for horizon in (30.0, 60.0, 90.0))
INDEX_DAYS = {"VIX9D": 9.0, "VIX": 30.0, "VIX3M": 93.0, "VIX6M": 184.0}


@dataclass(frozen=True, eq=False)
class Beside:
    """Real futures beside the formula, so many days from settlement: medians of ratios, and of errors in points."""

    above: int
    until: int
    prices: int
    over_forward: float
    over_formula: float
    correlation: float
    error: float


@dataclass(frozen=True, eq=False)
class FuturesTable:
    """The facts of real futures; `formula` is empty where a volatility index is not known."""

    source: str
    series: Series
    formula: list[Beside]
    scan: dict[tuple[float, float], float]

    def as_dict(self) -> dict[str, object]:
        """Return everything as plain values that JSON can hold."""
        scan = [{"convexity": size, "horizon": horizon, "error": error} for (size, horizon), error in self.scan.items()]
        formula = [vars(one) for one in self.formula]
        return {"source": self.source, "futures": self.series.as_dict(), "formula": formula, "scan": scan}

    def _repr_markdown_(self) -> str:
        return self.as_markdown()

    def as_markdown(self) -> str:
        """Return a row for each fact, then the futures beside the formula, then the scan of its two numbers."""
        lines = [*rows_of([self.series], VIX_FUTURES_FACTS), ""]
        left_out = self.series.measured.left_out
        named = {reason: [fact for fact, why in left_out.items() if why == reason] for reason in left_out.values()}
        lines += [f"left out, {reason}: {', '.join(facts)}." for reason, facts in named.items()]
        if not self.formula:
            return "\n".join([*lines, self.series.score])
        rows = [["days to settlement", "prices", "over forward", "over formula", "correlation", "error (points)"]]
        for one in self.formula:
            ratios = (
                f"{one.over_forward:.3f}",
                f"{one.over_formula:.3f}",
                f"{one.correlation:.3f}",
                f"{one.error:.2f}",
            )
            rows.append([f"{one.above + 1}-{one.until}", f"{one.prices}", *ratios])
        lines += [f"Futures beside the formula, convexity {CONVEXITY:g} and {CONVEXITY_HORIZON:g} days, medians:", ""]
        lines += [*aligned(rows), "", "Median error in points by convexity (down) and its days (across):", ""]
        horizons = sorted({horizon for _, horizon in self.scan})
        by_size = [
            [f"{size:g}", *(f"{self.scan[size, horizon]:.3f}" for horizon in horizons)]
            for size in sorted({size for size, _ in self.scan})
        ]
        lines += [*aligned([["convexity", *(f"{horizon:g}" for horizon in horizons)], *by_size]), ""]
        return "\n".join([*lines, self.series.score])


def facts_of_futures(
    futures: FuturesLike,
    volatility: VolatilityLike | None = None,
    prices: PricesLike | None = None,
    *,
    resamples: int = RESAMPLES,
    seed: int = SEED,
    progress: bool | Progress | None = None,
    trust_data: bool = False,
) -> FuturesTable:
    """Return the facts of real VIX futures, with stationary-bootstrap intervals, and how well the formula prices them.

    Parameters
    ----------
    futures : Futures, path or table
        Anything that `read_futures` takes.
    volatility : Volatility, path or table, optional
        Closes of VIX9D to VIX6M; without them, what needs one is left out.
    prices : Prices, path or table, optional
        Closes of the S&P 500; by default those that ship with a dependency.
    resamples, seed, progress, trust_data
        As in `facts_of_prices`.

    Raises
    ------
    InputError
        If a file is not as it must be, or the futures have less than a year of dates in common with the prices.
    """
    known = default_prices() if prices is None else read_prices(prices, trust_data=trust_data)
    real, indices = read_futures(futures, trust_data=trust_data), volatility_of(volatility, trust_data=trust_data)
    closes = _closes(real, known.dates, known.close, indices)
    require_days(closes.n_days, real.source, "give a longer file, or prices of the same days")
    years = closes.dates[[0, -1]].astype("datetime64[Y]")
    name = f"{years[0]}-{years[1]}"
    remedy = f"{indices.source} does not hold them" if indices else "give them by `volatility`"
    with shown(progress, "resampling") as told:
        counter = Counter(resamples, told)
        measured = measure_history(
            closes, name, remedy=remedy, resamples=resamples, seed=seed, progress=counter.add, facts=VIX_FUTURES_FACTS
        )
    formula, scan = _beside_formula(real, indices) if indices else ([], {})
    return FuturesTable(real.source, Series(measured, futures_facts()), formula, scan)


def _closes(futures: Futures, dates: Days, close: Floats, volatility: Volatility | None) -> Closes:
    """Return the closes between the first and the last day of the futures, with M1 and M2 among the indices."""
    returns = 100.0 * np.diff(np.log(close))
    kept = (dates[1:] >= futures.dates[0]) & (dates[1:] <= futures.dates[-1])
    if not kept.any():
        raise InputError(
            f"{futures.source} has futures from {futures.dates[0]} to {futures.dates[-1]}, and the prices go from"
            f" {dates[0]} to {dates[-1]}; name files of the same days"
        )
    days = dates[1:][kept]
    indices = {} if volatility is None else volatility.on(days)
    indices |= {f"M{month + 1}": _on(days, futures.dates, futures.prices[:, month]) for month in (0, 1)}
    first = int(np.flatnonzero(kept)[0])
    return Closes.dated(dates[first : first + len(days) + 1], returns[kept], indices)


def _on(days: Days, dates: Days, values: Floats) -> Floats:
    place = np.searchsorted(dates, days).clip(max=len(dates) - 1)
    return np.where(dates[place] == days, values[place], np.nan)


def _beside_formula(futures: Futures, volatility: Volatility) -> tuple[list[Beside], dict[tuple[float, float], float]]:
    """Return the real futures beside the formula, on closes on which all four indices are known."""
    if not set(INDEX_DAYS) <= set(volatility.indices):
        return [], {}
    points = np.stack([_on(futures.dates, volatility.dates, volatility.indices[name]) for name in INDEX_DAYS], axis=1)
    known = np.isfinite(points).all(axis=1)
    dates, points, real = futures.dates[known], points[known], futures.prices[known]
    if not len(dates):
        return [], {}

    def formula(convexity: float, horizon: float) -> Floats:
        return futures_on(dates, points, tuple(INDEX_DAYS.values()), convexity, horizon)

    forward, priced = formula(0.0, 1.0), formula(CONVEXITY, CONVEXITY_HORIZON)
    days, there = days_to_settlement(dates, real.shape[1]), np.isfinite(real) & np.isfinite(priced)
    found = []
    for above, until in SPANS:
        inside = there & (days > above) & (days <= until)
        if inside.sum() > 1:
            of, f, p = real[inside], forward[inside], priced[inside]
            numbers = np.median(of / f), np.median(of / p), np.corrcoef(of, p)[0, 1], np.median(np.abs(of - p))
            found.append(Beside(above, until, int(inside.sum()), *map(float, numbers)))
    scan = {one: float(np.median(np.abs(real - formula(*one))[there])) for one in SCANNED}
    return found, scan
