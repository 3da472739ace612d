"""Claim 4: buybacks are the largest net buyer, and lift the index in their window."""

from __future__ import annotations

import numpy as np

from flowsim.clock.year import SESSIONS_PER_YEAR
from flowsim.config import Config
from flowsim.ensemble.intervals import Flags, Floats, PerPath, interval
from flowsim.ensemble.laboratory import Laboratory
from flowsim.ensemble.sample import Arms, PerPathByName, Sample, Samples
from flowsim.experiments.arms import members, scaled, strategy_of, traders, without, without_options
from flowsim.experiments.experiment import Effects, Experiment, FindFurther, FurtherFindings, NullPlan, ScanPlan
from flowsim.experiments.findings import Table
from flowsim.experiments.verdicts import Criterion, Scale
from flowsim.facts.closes import in_blackout

DAYS = 2520
FAMILY = "buyback"

LEAD = "net purchases of buybacks less those of the largest other buyer, USD bn a year"
OPEN, CLOSED = "purchases in the open window, USD bn a day", "purchases in blackout, USD bn a day"
RAW = "index, open window less blackout, bp a day"
DUE = "of that due to buybacks, bp a day"
VISIBLE = "ten-year paths whose own gap is clear of zero at 95 % and positive, % of all"

OF_A_DAY = Scale(0.0, 1.0)
"""A basis point a day is one percent of the standard deviation of a day, about 100 bp."""

CRITERIA = (
    Criterion(
        LEAD,
        "buybacks are the largest net buyer of the ledger",
        "above",
        0.0,
        10.0,
        assumed="the sizes in the config: what companies buy a year is an input, and so is what households do",
    ),
    Criterion(RAW, "the index drifts up in the window against the blackout, clear of zero", "above", 0.0, 1.0),
    Criterion(DUE, "buybacks cause a drift gap", "above", 0.0, 0.2, scale=OF_A_DAY),
    Criterion(VISIBLE, "ten years of one index are enough to see it, more often than not", "above", 50.0),
)
REAL = (
    (
        "Corporates the largest net buyer in most years: +675 bn forecast for 2025 (2020-21: households)",
        "Goldman Sachs from the Fed's Z.1, March 2025",
    ),
    ("16 to 24 bn a week: 4.7 bn a day open, 3.2 in blackout", "Goldman Sachs desk, September 2023"),
    (
        "No seasonality in index returns: 2010-2026 open less blackout -3.8 bp a day, t = -1.1; 1990-2026 +0.4",
        "S&P 500 closes",
    ),
    (
        "Implied size about 1 bp a day; more than 8 is unrealistic, 0 to 4 the realistic region",
        "own arithmetic: M = 5 of Gabaix & Koijen 2021",
    ),
)


def prepared(config: Config) -> Config:
    """Return ten years of the market without options."""
    return without_options(config).override(f"time.days={DAYS}", 'record={tables=["flows"]}')


def arms(config: Config) -> Arms:
    """Return the market with and without buybacks."""
    return {"with": config, "without": without(config, traders(config, FAMILY))}


def measure(samples: Samples) -> PerPathByName:
    """Measure the ledger and the drift gap in the arm `with`, and its difference from the arm `without`."""
    one, other = samples["with"], samples["without"]
    closed = in_blackout(one.dates)
    yearly = {name: SESSIONS_PER_YEAR * one.of(one.flow, name).mean(axis=1) for name in _sectors(one)}
    own: Floats = np.zeros(len(one.flow)) + sum(yearly[name] for name in members(one.config, FAMILY))
    nobody = np.zeros(len(one.flow))
    others = [nobody, *(values for name, values in yearly.items() if name not in members(one.config, FAMILY))]
    largest: Floats = np.stack(others)[np.argmax([values.mean() for values in others])]
    bought = one.total(one.flow, members(one.config, FAMILY))
    gap, gap_without = _gap_bp(one.returns, closed), _gap_bp(other.returns, closed)
    return {
        LEAD: PerPath.mean(own - largest),
        OPEN: PerPath.mean(bought[:, ~closed].mean(axis=1)),
        CLOSED: PerPath.mean(bought[:, closed].mean(axis=1)),
        RAW: PerPath.mean(gap),
        DUE: PerPath.mean(gap - gap_without),
        VISIBLE: PerPath.mean(np.where(gap > 1.96 * _gap_error_bp(one.returns, closed), 100.0, 0.0)),
    }


def _sectors(sample: Sample) -> list[str]:
    """Return who counts in the ranking: everybody but those who take the other side of it."""
    return [name for name in sample.sources[2:] if not strategy_of(sample.config, name).provides_liquidity]


def _gap_bp(returns: Floats, closed: Flags) -> Floats:
    return 1e4 * (returns[:, ~closed].mean(axis=1) - returns[:, closed].mean(axis=1))


def _gap_error_bp(returns: Floats, closed: Flags) -> Floats:
    """Return the standard error of the gap that one path alone gives."""
    variances = [returns[:, days].var(axis=1, ddof=1) / days.sum() for days in (~closed, closed)]
    return 1e4 * np.sqrt(variances[0] + variances[1])


def null_arms(config: Config) -> Arms:
    """Return buybacks too small to move a price, and none on other news."""
    names = traders(config, FAMILY)
    return {"with": scaled(config, names, 1e-6), "without": without(config, names)}


def scan_arms(config: Config, anticipated: float) -> Arms:
    """Return the market in which providers trade ahead of a part of buybacks, and the one without buybacks."""
    names = traders(config, FAMILY)
    foreseen = config.override(*(f"population.{name}.anticipated={anticipated}" for name in names))
    return {"with": foreseen, "without": without(config, names)}


def configured(config: Config) -> float:
    """Return the part of buybacks that the config has providers trade ahead of."""
    return float(config.population[traders(config, FAMILY)[0]].anticipated)


def tell(effects: Effects) -> list[str]:
    """Say who buys most, how large the drift gap is, and how long one would have to look for it."""
    due, raw = effects[DUE], effects[RAW]
    buys = f"{5.0 * effects[OPEN].value:.0f} bn a week open and {5.0 * effects[CLOSED].value:.0f} in blackout"
    inside = "inside" if 0.0 <= due.value <= 4.0 else "outside"
    seen = "is clear of zero" if raw.low > 0.0 or raw.high < 0.0 else "is not clear of zero"
    alone = f"{effects[VISIBLE].value:.0f} % of single ten-year histories show it"
    return [
        f"Companies buy {buys}, {effects[LEAD].value:+.0f} bn a year more than the largest other buyer.",
        f"On the same news they raise open windows over blackouts by {due.value:+.2f} bp a day, {inside} the realistic"
        f" 0 to 4. Over all simulated years the gap in index returns is {raw.value:+.2f} bp a day and {seen}; {alone}.",
    ]


def further(laboratory: Laboratory, config: Config) -> FindFurther:
    """Rank who buys, and say how many years of one index it takes to see the gap."""
    observed = laboratory.plan(arms(config), ledger, laboratory.n_paths, whatever_breaks=True)
    return lambda: _ranked(observed.parts)


def ledger(samples: Samples) -> PerPathByName:
    """Measure what each sector buys a year, what open windows are due to companies, and daily volatility."""
    sample = samples["with"]
    return {
        name: PerPath.mean(SESSIONS_PER_YEAR * sample.of(sample.flow, name).mean(axis=1)) for name in _sectors(sample)
    } | {
        DUE: measure(samples)[DUE],
        "daily volatility, bp": PerPath.mean(1e4 * sample.returns.std(axis=1)),
    }


def _ranked(parts: PerPathByName) -> FurtherFindings:
    found = {name: interval(part) for name, part in parts.items()}
    due, vol = found.pop(DUE), found.pop("daily volatility, bp")
    ranked = sorted(found.items(), key=lambda item: -item[1].value)
    rows: list[list[str | float | None]] = [[name, net.value, (net.high - net.low) / 2.0] for name, net in ranked]
    table = Table(name="Net purchases, USD bn a year", columns=["who", "net", "±"], rows=rows)
    if due.value <= 0.0:
        return FurtherFindings([], [table])
    # The standard error of the difference of two means over n days of which half are open is 2 vol / sqrt(n).
    years = (2.0 * 1.96 * vol.value / due.value) ** 2 / SESSIONS_PER_YEAR
    return FurtherFindings(
        [f"To see {due.value:.2f} bp a day in one index at 95 % takes about {years:,.0f} years."], [table]
    )


EXPERIMENT = Experiment(
    number=4,
    title="Buybacks as the largest buyer, and their window",
    claim="Buybacks are the largest net buyer; drift up in the window, weakness in blackout.",
    experiment="Ledger of net purchases; mean return in open windows against blackouts, with and without buybacks on"
    " the same news, and with `anticipated` from 0 to 1.",
    criterion="Ranking by the ledger; the drift gap with its interval; the realistic region is 0 to 4 bp a day.",
    real=REAL,
    criteria=CRITERIA,
    prepared=prepared,
    arms=arms,
    measure=measure,
    scan=ScanPlan("part of buybacks that providers trade ahead of", (0.0, 0.25, 0.5, 0.75, 1.0), scan_arms, configured),
    null=NullPlan(
        "buybacks a millionth as large against none, on different news",
        null_arms,
        ("without",),
        {DUE: 0.0},
    ),
    tell=tell,
    paths_times=4,
    further=further,
)
