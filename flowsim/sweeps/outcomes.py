"""What a sweep measures: numbers of a path by name, and of an arm what the worst of its paths lose."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple, Protocol

import numpy as np

from flowsim.engine.blocks import Block, Chunk
from flowsim.engine.prepare import Market
from flowsim.ensemble.sample import sample_of
from flowsim.errors import InputError
from flowsim.facts.facts import RETURN_FACTS
from flowsim.files.arrays import Floats
from flowsim.files.nearest import nearest
from flowsim.options.arrays import INDICES

MEAN, VAR, ES = "mean", "VaR", "ES"
FLOWS, VOLATILITY = "flows", "volatility"


class Days(Protocol):
    """What is measured: days of paths, of a block that was just stepped or of a run on disk."""

    @property
    def contribution(self) -> Floats:
        """What each source moved, in log returns, (paths, days, sources)."""
        ...

    @property
    def flow(self) -> Floats:
        """What each source bought, in USD bn, (paths, days, sources)."""
        ...

    @property
    def returns(self) -> Floats:
        """Daily log returns, (paths, days)."""
        ...

    def of(self, values: Floats, source: str) -> Floats:
        """Return what belongs to one source, (paths, days); zero where there is no such source."""
        ...

    def column(self, name: str) -> Floats:
        """Return the closes of a volatility index, (paths, days)."""
        ...


class Measured(NamedTuple):
    """A number of each path: name, unit, meaning, the table that it is computed from, and how, (paths,)."""

    name: str
    unit: str
    meaning: str
    table: str
    compute: Callable[[Days], Floats]


class Outcome(NamedTuple):
    """A number of an arm: the mean over paths of what is measured, or its value at risk or expected shortfall.

    `tail` is the part of the paths in the tail of VaR and ES, 0 for a mean.
    """

    name: str
    unit: str
    meaning: str
    measured: str
    statistic: str = MEAN
    tail: float = 0.0


@dataclass(frozen=True, eq=False)
class BlockOutcomes:
    """What was measured in a block, (outcomes, paths), and the SHA-256 of what the engine recorded of it."""

    values: Floats
    record: str


def return_pct(sample: Days, days: int) -> Floats:
    """Return the change of the index over the first days, in percent."""
    return 100.0 * np.expm1(sample.returns[:, :days].sum(axis=1))


def worst_day_pct(sample: Days) -> Floats:
    """Return the return of the worst day, in percent."""
    return 100.0 * np.expm1(sample.returns.min(axis=1))


def best_day_pct(sample: Days) -> Floats:
    """Return the return of the best day, in percent."""
    return 100.0 * np.expm1(sample.returns.max(axis=1))


def fact(sample: Days, name: str) -> Floats:
    """Return a fact of an ablation table by path."""
    return RETURN_FACTS[name](sample.returns)


def index_mean(sample: Days, index: str) -> Floats:
    """Return the mean close of a volatility index."""
    return sample.column(index).mean(axis=1)


def vix_high(sample: Days) -> Floats:
    """Return the highest close of the VIX."""
    return sample.column("vix").max(axis=1)


def inverted_pct(sample: Days) -> Floats:
    """Return the share of days on which VIX closes above VIX3M, in percent."""
    return 100.0 * (sample.column("vix") > sample.column("vix3m")).mean(axis=1)


def flow_bn(sample: Days, source: str) -> Floats:
    """Return what a source bought less what it sold, over the path."""
    return sample.of(sample.flow, source).sum(axis=1)


def traded_bn(sample: Days, source: str) -> Floats:
    """Return the size of a source's mean daily flow, bought or sold."""
    return np.abs(sample.of(sample.flow, source)).mean(axis=1)


def share_pct(sample: Days, source: str) -> Floats:
    """Return a source's share of the variance of daily returns on the path, in percent."""
    moved, total = sample.of(sample.contribution, source), sample.returns
    apart = total - total.mean(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        return 100.0 * (moved * apart).sum(axis=1) / (total * apart).sum(axis=1)


OF_RETURNS: dict[str, tuple[str, str, Callable[[Days], Floats]]] = {
    "vol_pct": ("% a year", "volatility of daily returns", partial(fact, name="volatility, % a year")),
    "worst_day_pct": ("%", "return of the worst day", worst_day_pct),
    "best_day_pct": ("%", "return of the best day", best_day_pct),
    "drawdown_pct": ("%", "largest fall from a high, positive", partial(fact, name="max drawdown, %")),
    "skew": ("", "skewness of daily returns", partial(fact, name="skew")),
    "excess_kurtosis": ("", "excess kurtosis of daily returns", partial(fact, name="excess kurtosis")),
    "tail_losses": ("", "tail exponent of losses (top 5 %)", partial(fact, name="tail exponent, losses")),
    "tail_gains": ("", "tail exponent of gains (top 5 %)", partial(fact, name="tail exponent, gains")),
    "acf_1": ("", "autocorrelation of returns, lag 1", partial(fact, name="ACF of r, lag 1")),
    "acf_abs_1": ("", "autocorrelation of absolute returns, lag 1", partial(fact, name="ACF of abs(r), lag 1")),
    "acf_abs_20": ("", "autocorrelation of absolute returns, lag 20", partial(fact, name="ACF of abs(r), lag 20")),
    "leverage": ("", "correlation with the next absolute return", partial(fact, name="leverage, r with next abs(r)")),
    "variance_ratio": ("", "variance ratio of 5 days", partial(fact, name="variance ratio, 5 days")),
}
"""Unit, meaning and function of what daily returns alone tell, by name."""

OF_VOLATILITY: dict[str, tuple[str, str, Callable[[Days], Floats]]] = {
    **{
        f"{index}_mean": ("vol points", f"mean close of {index.upper()}", partial(index_mean, index=index))
        for index in INDICES
    },
    "vix_high": ("vol points", "highest close of the VIX", vix_high),
    "inverted_pct": ("%", "days on which VIX closes above VIX3M", inverted_pct),
}
"""The same of the VIX family; only where options are listed."""

OF_SOURCES: dict[str, tuple[str, str, Callable[..., Floats]]] = {
    "flow_{}_bn": ("USD bn", "bought less sold over the path by {}", flow_bn),
    "traded_{}_bn": ("USD bn", "mean size of the daily flow of {}", traded_bn),
    "share_{}_pct": ("%", "share of the variance of daily returns of {}", share_pct),
}
"""The same of one source, whose name stands for the braces."""

TAILS = {"var95": (VAR, 0.05), "var99": (VAR, 0.01), "es95": (ES, 0.05), "es99": (ES, 0.01)}
WORDS = {VAR: "loss that {:g} % of the paths exceed", ES: "mean loss of the worst {:g} % of the paths"}
OVER_A_HORIZON = ("return_pct", *(f"{name}_pct" for name in TAILS))
"""Outcomes that there is one of for each horizon."""
DEFAULT = ("return_pct", "vol_pct", "worst_day_pct", "drawdown_pct", "var95_pct", "es95_pct")


def measured_of(name: str) -> Measured:
    """Return what is measured on a path under a name, such as ``return_21d_pct`` or ``share_cta_pct``.

    Raises
    ------
    KeyError
        If nothing is.
    """
    if days := horizon_of(name):
        return Measured(name, "%", f"return over {days} days", FLOWS, partial(return_pct, days=days))
    for table, known in ((FLOWS, OF_RETURNS), (VOLATILITY, OF_VOLATILITY)):
        if name in known:
            unit, meaning, compute = known[name]
            return Measured(name, unit, meaning, table, compute)
    for form, (unit, meaning, compute) in OF_SOURCES.items():
        source = source_in(name, form)
        if source:
            return Measured(name, unit, meaning.format(source), FLOWS, partial(compute, source=source))
    raise KeyError(name)


def horizon_of(name: str) -> int:
    """Return the sessions of a name such as ``return_21d_pct``; 0 where it is none of these."""
    begin, _, days = name.removesuffix("d_pct").rpartition("_")
    return int(days) if begin == "return" and days.isdigit() else 0


def source_in(name: str, form: str) -> str:
    """Return the source that a name has where a form has braces; "" where the name is not of the form."""
    begin, _, end = form.partition("{}")
    fits = name.startswith(begin) and name.endswith(end) and len(name) > len(begin) + len(end)
    return name[len(begin) : len(name) - len(end)] if fits else ""


def outcomes_of(names: Iterable[str], horizons: Sequence[int], sources: Sequence[str]) -> list[Outcome]:
    """Return the outcomes that some names mean, those over a horizon once for each.

    Raises
    ------
    InputError
        If a name means none.
    """
    found: dict[str, Outcome] = {}
    for name in names:
        of_name = [_over(name, days) for days in horizons] if name in OVER_A_HORIZON else [_plain(name, sources)]
        found |= {one.name: one for one in of_name}
    return list(found.values())


def _over(name: str, days: int) -> Outcome:
    begin = name.removesuffix("_pct")
    measured = f"return_{days}d_pct"
    if begin not in TAILS:
        return Outcome(measured, "%", measured_of(measured).meaning, measured)
    statistic, tail = TAILS[begin]
    meaning = f"{WORDS[statistic].format(100.0 * tail)}, over {days} days"
    return Outcome(f"{begin}_{days}d_pct", "%", meaning, measured, statistic, tail)


def _plain(name: str, sources: Sequence[str]) -> Outcome:
    try:
        one = measured_of(name)
    except KeyError:
        raise InputError(f"no outcome is called {name!r}; {nearest(name, described_names())}") from None
    source = next(filter(None, (source_in(name, form) for form in OF_SOURCES)), "")
    if source and source not in sources:
        raise InputError(f"{name}: no source is called {source!r}; {nearest(source, sources, 'sources')}")
    return Outcome(name, one.unit, one.meaning, name)


def described_names() -> dict[str, tuple[str, str]]:
    """Return unit and meaning of every outcome by the name that a file of a sweep gives it."""
    tails = {
        f"{name}_pct": ("%", f"{WORDS[statistic].format(100.0 * tail)}, over each horizon")
        for name, (statistic, tail) in TAILS.items()
    }
    known = {
        name: (unit, meaning) for table in (OF_RETURNS, OF_VOLATILITY) for name, (unit, meaning, _) in table.items()
    }
    of_sources = {
        form.format("SOURCE"): (unit, meaning.format("a source")) for form, (unit, meaning, _) in OF_SOURCES.items()
    }
    return {"return_pct": ("%", "return over each horizon")} | tails | known | of_sources


def tables_of(measured: Iterable[str]) -> list[str]:
    """Return the tables that a market must record at every close for what is measured."""
    return sorted({FLOWS, *(measured_of(name).table for name in measured)})


def outcomes_of_block(market: Market, block: Block, chunks: Iterator[Chunk], *, names: Sequence[str]) -> BlockOutcomes:
    """Return what is measured under some names in one block of paths."""
    sample = sample_of(market, block, chunks)
    digest = hashlib.sha256()
    for array in (sample.contribution, sample.flow, sample.volatility):
        digest.update(np.ascontiguousarray(array).tobytes())
    values = [measured_of(name).compute(sample) for name in names]
    return BlockOutcomes(np.array(values, float), digest.hexdigest())
