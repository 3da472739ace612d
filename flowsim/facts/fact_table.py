"""Facts beside those of the real market: which lie inside its intervals, which miss, and the score."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from flowsim.clock.year import YEAR
from flowsim.data.prices import PricesLike, read_prices
from flowsim.data.volatility_file import VolatilityLike, volatility_of
from flowsim.data.weigh import CRYPTO, TRADED
from flowsim.engine.histories_beside import on_sessions
from flowsim.ensemble.executor import Counter, Progress
from flowsim.ensemble.progress import shown
from flowsim.errors import InputError
from flowsim.facts.conditional import CONDITIONAL
from flowsim.facts.facts import FACTS
from flowsim.facts.histories import closes_of_prices, closes_of_run
from flowsim.facts.joint import Joint, JointOfHistory, joint_of, joint_of_history
from flowsim.facts.market_facts import LONG, RECENT, Interval, conditional_facts, futures_facts, market_facts
from flowsim.facts.measure import (
    RESAMPLES,
    SEED,
    Measured,
    PathFacts,
    measure_history,
    over_paths,
    path_facts,
    samples_of,
)
from flowsim.facts.vix_futures import VIX_FUTURES_FACTS
from flowsim.futures.subsystem import VIX_FUTURES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowsim.facts.facts import Fact
    from flowsim.run.run import Run

RULE = f"in the interval of {LONG}, or in both those of {' and '.join(RECENT)}"
EVERY = (*FACTS, *CONDITIONAL)


@dataclass(frozen=True, eq=False)
class Series:
    """The facts of one series, held against the shipped facts of the real market.

    A series that is itself a sample of the real market is held against that sample, any other against all. `real` holds
    the intervals of the real market by sample and fact; a sample need not have each fact.
    """

    measured: Measured
    real: dict[str, dict[str, Interval]] = field(default_factory=market_facts)

    @property
    def name(self) -> str:
        """What the series is."""
        return self.measured.name

    @property
    def market(self) -> dict[str, dict[str, Interval]]:
        """The real samples that the series is held against."""
        return {self.name: self.real[self.name]} if self.name in self.real else self.real

    def intervals(self, fact: str) -> dict[str, Interval]:
        """Return the real intervals of a fact by sample, of those that have one."""
        found = {sample: facts[fact] for sample, facts in self.market.items() if fact in facts}
        return {sample: interval for sample, interval in found.items() if interval.has_ends}

    @property
    def scored(self) -> list[str]:
        """The facts that have a value here and an interval in the real market."""
        return [fact for fact in self.measured.facts if self.intervals(fact)]

    def samples(self, fact: str) -> list[str]:
        """Return the real samples in whose interval a fact lies."""
        value = self.measured.facts[fact].value
        return [sample for sample, interval in self.intervals(fact).items() if interval.holds(value)]

    def is_inside(self, fact: str) -> bool:
        """Return whether a fact counts as the market's: inside 1990-2026, or inside both later samples.

        A fact that is known of other samples alone counts where it is inside them all.
        """
        around, known = self.samples(fact), list(self.intervals(fact))
        return bool(around) and (around == known or LONG in around or set(RECENT) <= set(around))

    def verdict(self, fact: str) -> str:
        """Say in which real samples a fact lies, or that it misses; empty where it cannot be scored."""
        if fact not in self.scored:
            return ""
        around = ", ".join(self.samples(fact))
        return around if self.is_inside(fact) else f"misses (but in {around})" if around else "misses"

    @property
    def misses(self) -> list[str]:
        """The scored facts that are not inside."""
        return [fact for fact in self.scored if not self.is_inside(fact)]

    @property
    def by_sample(self) -> dict[str, int]:
        """How many of the scored facts lie inside each real sample alone."""
        return {sample: sum(sample in self.samples(fact) for fact in self.scored) for sample in self.market}

    @property
    def score(self) -> str:
        """How many facts lie inside, in a sentence."""
        of = f"{len(self.scored) - len(self.misses)} of {len(self.scored)} facts lie inside"
        if self.name in self.market:
            return f"{self.name}: {of} the shipped interval of that sample."
        if len(self.market) == 1:
            return f"{self.name}: {of} the interval of {next(iter(self.market))}."
        counts = [f"{sample}: {inside}" for sample, inside in self.by_sample.items()]
        return f"{self.name}: {of} ({RULE}). By sample: {', '.join(counts)}."

    def as_dict(self) -> dict[str, object]:
        """Return facts, reasons and score as plain values, None for what is not known."""
        scored = self.scored
        return {
            "series": self.name,
            "facts": {
                fact: _plain(interval)
                | {
                    "samples": self.samples(fact),
                    "inside": self.is_inside(fact) if fact in scored else None,
                    "verdict": self.verdict(fact),
                }
                for fact, interval in self.measured.facts.items()
            },
            "left_out": self.measured.left_out,
            "score": {"inside": len(scored) - len(self.misses), "of": len(scored), "misses": self.misses},
            "verdict": self.score,
        }


@dataclass(frozen=True, eq=False)
class FactTable:
    """Facts of a run, or of the samples of a real series, beside those of the real market.

    `conditional` are facts of the same series on what follows what, `futures` those of the VIX futures of a run that
    lists them; both have a score of their own. `joint` says how often nine moments are inside on one path of a run, or
    what their intervals are in a real series.
    """

    source: str
    series: list[Series]
    conditional: list[Series] = field(default_factory=list)
    futures: list[Series] = field(default_factory=list)
    joint: Sequence[Joint | JointOfHistory] = ()

    def as_dict(self) -> dict[str, object]:
        """Return everything as plain values that JSON can hold."""
        found = {"source": self.source, "series": [series.as_dict() for series in self.series]}
        found["market"] = _plain_market(market_facts())
        if self.conditional:
            series = [series.as_dict() for series in self.conditional]
            found["conditional"] = {"series": series, "market": _plain_market(conditional_facts())}
        if self.futures:
            series = [series.as_dict() for series in self.futures]
            found["futures"] = {"series": series, "market": _plain_market(futures_facts())}
        if self.joint:
            found["joint"] = [one.as_dict() for one in self.joint]
        return found

    def _repr_markdown_(self) -> str:
        return self.as_markdown()

    def as_markdown(self) -> str:
        """Return a row for each fact, conditional ones below; then what was left out and why, and last the scores."""
        lines = [*rows_of(self.series), ""]
        if self.conditional:
            lines += ["Conditional facts:", "", *rows_of(self.conditional), ""]
        if self.futures:
            lines += ["VIX futures:", "", *rows_of(self.futures), ""]
        for series in (*self.series, *self.conditional, *self.futures):
            for reason in dict.fromkeys(series.measured.left_out.values()):
                facts = [fact for fact, why in series.measured.left_out.items() if why == reason]
                lines.append(f"{series.name}: left out, {reason}: {', '.join(facts)}.")
        conditional = [f"Conditional, {series.score}" for series in self.conditional if series.scored]
        conditional += [f"VIX futures, {series.score}" for series in self.futures if series.scored]
        joint = [one.sentence for one in self.joint]
        return "\n".join([*lines, *joint, *conditional, *(series.score for series in self.series if series.scored)])


def facts_of_run(run: Run) -> FactTable:
    """Return the facts of a run, with intervals over its paths, beside those of the real market.

    Raises
    ------
    InputError
        If the run recorded no market, or not every close, or is too short for any fact.
    """
    require_days(run.info["days"], run.folder, "run it again for more days")
    listed = VIX_FUTURES_FACTS if VIX_FUTURES.name in run.info["tables"] else ()
    facts, name = (*EVERY, *listed), f"{run.n_paths} paths"
    blocks = _blocks_of_run(run, None, facts)
    measured = over_paths(blocks, name, facts)
    joint = joint_of((one.moments for one in blocks), name, run.info["days"])
    return FactTable(
        run.label,
        [Series(measured.only(FACTS))],
        [Series(measured.only(CONDITIONAL), conditional_facts())],
        [Series(measured.only(listed), futures_facts())] if listed else [],
        [joint],
    )


def facts_of_market(
    run: Run,
    prices: PricesLike | None = None,
    *,
    resamples: int = RESAMPLES,
    seed: int = SEED,
    progress: bool | Progress | None = None,
    trust_data: bool = False,
) -> FactTable:
    """Return the facts of a run of a market that is no equity index, beside those of real closes of it, if given.

    The closes are taken on the sessions of New York, as the run has them; their intervals are those of a stationary
    bootstrap.

    Raises
    ------
    InputError
        If the run or the file is too short for any fact, or the closes are not likely.
    """
    require_days(run.info["days"], run.folder, "run it again for more days")
    # It has no options, and nobody misses the indices that others have of them.
    measured, real = replace(series_of_run(run).measured, left_out={}), {}
    if prices is not None:
        never_closes = run.info["config"].get("asset", {}).get(run.asset, {}).get("clock") == "always"
        known = read_prices(prices, trust_data=trust_data)
        known = on_sessions(known.weighed(CRYPTO if never_closes else TRADED))
        require_days(len(known) - 1, known.source, "give a longer file")
        with shown(progress, "resampling") as told:
            counter = Counter(resamples, told)
            found = measure_history(
                closes_of_prices(known, None),
                known.source,
                remedy="a market beside the first has none",
                resamples=resamples,
                seed=seed,
                progress=counter.add,
                facts=FACTS,
            )
        real = {known.source: found.facts}
    return FactTable(run.label, [Series(measured.only(FACTS), real)])


def series_of_run(run: Run, path: int | None = None) -> Series:
    """Return the facts of a run over its paths, or of one of them; none, if it is too short for any.

    Raises
    ------
    InputError
        If the run recorded no market, or not every close, or has no such path.
    """
    name = f"{run.n_paths} paths" if path is None else f"path {path}"
    return Series(over_paths(_blocks_of_run(run, path, FACTS), name))


def _blocks_of_run(run: Run, path: int | None, facts: Sequence[Fact]) -> list[PathFacts]:
    listed = run.info["config"].get("options", {}).get("listed", False)
    remedy = "record the table volatility" if listed else "run it with options.listed = true"
    hours = any(fact.needs for fact in facts)
    return [path_facts(closes, remedy, facts) for closes in closes_of_run(run, path, hours=hours)]


def facts_of_prices(
    prices: PricesLike,
    volatility: VolatilityLike | None = None,
    *,
    resamples: int = RESAMPLES,
    seed: int = SEED,
    progress: bool | Progress | None = None,
    trust_data: bool = False,
) -> FactTable:
    """Return the facts of a real series, with stationary-bootstrap intervals, by sample.

    Parameters
    ----------
    prices : Prices, path or table
        Anything that `read_prices` takes.
    volatility : Volatility, path or table, optional
        Closes of volatility indices; without them, the facts that need one are left out.
    resamples : int
        Bootstrap resamples.
    seed : int
        Key of the bootstrap.
    progress : bool or callable, optional
        True shows how far it is; a function is told resamples done and in all.
    trust_data : bool
        Take data that are not likely; see `flowsim.data.weigh`.

    Raises
    ------
    InputError
        If the series is too short for any fact, or has no date in common with the volatility indices.
    """
    prices = read_prices(prices, trust_data=trust_data).weighed()
    volatility = volatility_of(volatility, trust_data=trust_data)
    require_days(len(prices) - 1, prices.source, "give a longer file")
    closes = closes_of_prices(prices, volatility)
    remedy = f"{volatility.source} does not hold them" if volatility else "give them by `volatility`"
    samples = samples_of(closes)
    with shown(progress, "resampling") as told:
        together = [name for name in samples if name == LONG or len(samples) == 1]
        counter = Counter(resamples * (len(samples) + len(together)), told)
        measured = [
            measure_history(
                sample, name, remedy=remedy, resamples=resamples, seed=seed, progress=counter.add, facts=EVERY
            )
            for name, sample in samples.items()
        ]
        joint = [joint_of_history(samples[name], name, resamples, seed, counter.add) for name in together]
    conditional = [Series(one.only(CONDITIONAL), conditional_facts()) for one in measured]
    return FactTable(prices.source, [Series(one.only(FACTS)) for one in measured], conditional, joint=joint)


def rows_of(every: list[Series], facts: Sequence[Fact] = EVERY) -> list[str]:
    """Return the lines of a table with a row for each of the facts that a series has."""
    return aligned(_against_market(*every) if len(every) == 1 else _side_by_side(every, facts))


def _against_market(series: Series) -> list[list[str]]:
    rows = [["fact", "value", "95 %", *series.market, "inside"]]
    for fact, interval in series.measured.facts.items():
        real = [_ends(facts[fact]) if fact in facts else "" for facts in series.market.values()]
        rows.append([fact, _number(interval.value), _ends(interval), *real, series.verdict(fact)])
    return rows


def _side_by_side(every: list[Series], facts: Sequence[Fact]) -> list[list[str]]:
    rows = [["fact", *(series.name for series in every)]]
    for fact in facts:
        found = [series.measured.facts.get(fact.name) for series in every]
        if any(found):
            rows.append([fact.name, *(f"{_number(one.value)} {_ends(one)}" if one else "" for one in found)])
    return rows


def require_days(days: int, source: object, remedy: str) -> None:
    """Refuse what is shorter than a year.

    Raises
    ------
    InputError
        If it is.
    """
    if days < YEAR:
        raise InputError(f"{source} has {days} daily returns, and facts need {YEAR} at least; {remedy}")


def _plain_market(real: dict[str, dict[str, Interval]]) -> dict[str, object]:
    return {sample: {fact: _plain(one) for fact, one in facts.items()} for sample, facts in real.items()}


def _plain(interval: Interval) -> dict[str, object]:
    return {name: number if np.isfinite(number) else None for name, number in interval._asdict().items()}


def _number(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100.0 else f"{value:.3g}"


def _ends(interval: Interval) -> str:
    return f"[{_number(interval.low)}, {_number(interval.high)}]" if interval.has_ends else ""


def aligned(rows: list[list[str]]) -> list[str]:
    """Return the rows as a Markdown table whose columns line up as plain text too."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["| " + " | ".join(map(str.ljust, row, widths)) + " |" for row in rows]
    return [lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]]
