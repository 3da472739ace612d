"""Claim 1, second part: order flow of any kind, noise included, outweighs news."""

from __future__ import annotations

from flowsim.config import Config
from flowsim.ensemble.sample import Arms, PerPathByName, Samples
from flowsim.experiments.arms import active, noise_traders, scaled, without_options
from flowsim.experiments.experiment import Effects, Experiment, NullPlan, ScanPlan
from flowsim.experiments.price_discovery import HORIZONS, all_share, days_of, prepared
from flowsim.experiments.statistics import sums, variance_share
from flowsim.experiments.verdicts import PERCENT, Criterion

INPUT = "an input, how large noise trading is against news: daily closes fit markets of 36 to 86 % at a month"
TOLD = HORIZONS[:3]

CRITERIA = tuple(
    Criterion(
        all_share(days),
        f"all flows, noise included, carry > 50 % of variance at {days_of(days)}",
        "above",
        50.0,
        assumed=INPUT,
        scale=PERCENT,
    )
    for days in TOLD
)
REAL = (
    (
        "Order flow explains about half of the variance of S&P futures, and lagged flow nothing",
        "Deuskar & Johnson 2011",
    ),
    ("Flows explain more than a third of market fluctuations; no consensus above that", "Gabaix & Koijen 2021"),
    ("News explains at most a third to a half of monthly index variance", "Cutler, Poterba & Summers 1989"),
)


def arms(config: Config) -> Arms:
    """Return the market alone."""
    return {"with": config}


def measure(samples: Samples) -> PerPathByName:
    """Measure what all flows together carry by horizon."""
    whole = samples["with"]
    part = whole.total(whole.contribution, whole.sources[2:])
    return {all_share(days): variance_share(sums(part, days), sums(whole.returns, days)) for days in HORIZONS}


def null_arms(config: Config) -> Arms:
    """Return the market in which no flow moves the price."""
    config = without_options(config)
    return {"with": config.override(*(f"population.{name}.moves_price=false" for name in active(config)))}


def scan_arms(config: Config, factor: float) -> Arms:
    """Return the market without options, noise trading multiplied."""
    config = without_options(config)
    return {"with": scaled(config, noise_traders(config), factor)}


def tell(effects: Effects) -> list[str]:
    """Say what flows of any kind carry."""
    shares = ", ".join(f"{effects[all_share(days)].value:.0f} % at {days_of(days)}" for days in TOLD)
    return [
        f"Flows of any kind carry {shares}. That is the split between noise trading and news that the config assumes,"
        " and not a finding: signed order flow by half-hour and the variance of the night would identify it, and closes"
        " do not."
    ]


EXPERIMENT = Experiment(
    number=1,
    part="b",
    title="All order flow against news in price discovery",
    claim="Prices have decoupled from fundamentals; systematic flows outweigh economic views.",
    experiment="Exact attribution of return variance to all flows, noise included, at 1 to 252 days; the size of noise"
    " trading scanned.",
    criterion="Flows of any kind carry more than half of the variance at 1 to 21 days; an input decides that, so that"
    " none counts.",
    real=REAL,
    criteria=CRITERIA,
    prepared=prepared,
    arms=arms,
    measure=measure,
    scan=ScanPlan("noise trading, × config", (0.0, 0.25, 0.5, 0.75, 1.0), scan_arms, lambda config: 1.0),
    null=NullPlan(
        "the market without options in which no flow moves the price",
        null_arms,
        (),
        {all_share(1): 0.0, all_share(21): 0.0},
    ),
    tell=tell,
)
