"""Claim 11: AI debt ends as 2008 did."""

from __future__ import annotations

import numpy as np

from flowsim.config import Config
from flowsim.ensemble.intervals import PerPath
from flowsim.ensemble.sample import Arms, PerPathByName, Samples
from flowsim.experiments.experiment import Effects, Experiment, NullPlan, ScanPlan
from flowsim.experiments.layer import LayerArms, LayerSample, number_of, with_layer, with_settings
from flowsim.experiments.layer_in_market import index_apart_pct, market_with_layer, multiplier_scan
from flowsim.experiments.verdicts import PERCENT, Criterion

STRESS = "stress_without_guarantee"
DAYS = 504
LAST = 8
INDEX = "index after eight quarters, stress less none, %"
LOSSES = "lenders' losses over eight quarters on their capital, stress less none, %"
BUYBACKS = "buybacks of builders and firms over eight quarters, stress less none, %"
INDEX_CRITERIA = (Criterion(INDEX, "the index falls by more than a tenth", "below", -10.0, 1.0, scale=PERCENT),)
LAYER_CRITERIA = (
    Criterion(LOSSES, "lenders lose more than a twentieth of their capital", "above", 5.0, 0.5),
    Criterion(BUYBACKS, "buybacks fall by more than a tenth", "below", -10.0, 1.0),
)
REAL = (
    ("Private loans to AI over 200 bn; leases signed 969 bn, of which 662 not begun", "the press, 2026-07"),
    ("Spreads +10 to +48 bp in autumn 2025, one refused syndication; no default of size", "Bank of America 2025-11"),
    (
        "Lenders are one sector here: no runs, margin calls or contagion, so that a crisis is understated",
        "own layer, 2026",
    ),
)


def prepared(config: Config) -> Config:
    """Return two years of the market without options."""
    return market_with_layer(config, DAYS)


def index_arms(config: Config) -> Arms:
    """Return the market under stress and without."""
    return {"with": config.override(f"macro.scenario={STRESS}"), "without": config.override("macro.scenario=baseline")}


def index(samples: Samples) -> PerPathByName:
    """Measure what stress does to the index."""
    return {INDEX: index_apart_pct(samples)}


def null_index_arms(config: Config) -> Arms:
    """Return the market without stress twice."""
    calm = index_arms(config)["without"]
    return {"with": calm, "without": calm}


def layer_arms(config: Config) -> LayerArms:
    """Return the layer under stress and without."""
    return {"with": with_settings(config, STRESS), "without": with_settings(config)}


def losses(samples: dict[str, LayerSample]) -> PerPathByName:
    """Measure losses of lenders and all buybacks against the arm without stress."""
    one, other = samples["with"], samples["without"]
    lost = [sample["lenders_loss_bn"][:, : LAST + 1].sum(axis=1) for sample in (one, other)]
    bought = [
        sum(sample[name][:, : LAST + 1].sum(axis=1) for name in ("buybacks_bn", "firm_buybacks_bn"))
        for sample in (one, other)
    ]
    return {
        LOSSES: PerPath(100.0 * (lost[0] - lost[1]), one["lender_capital_bn"][:, 0]),
        BUYBACKS: PerPath.mean(100.0 * np.log(np.asarray(bought[0]) / np.asarray(bought[1]))),
    }


def null_layer_arms(config: Config) -> LayerArms:
    """Return the layer without stress twice."""
    return {"with": with_settings(config), "without": with_settings(config)}


def debt_arms(config: Config, part: float) -> LayerArms:
    """Return the arms with so much of campuses on debt."""
    return {
        "with": with_settings(config, STRESS, {"vehicles.ltv": part}),
        "without": with_settings(config, numbers={"vehicles.ltv": part}),
    }


def tell_index(effects: Effects) -> list[str]:
    """Say how far the index is moved."""
    return [
        f"With lenders that roll nothing, campuses at 40 % of their value and no guarantee the index is"
        f" {effects[INDEX].value:+.2f} % away after eight quarters. Whoever else would sell in fear is not in it."
    ]


def tell_layer(effects: Effects) -> list[str]:
    """Say who loses how much."""
    return [
        f"Lenders lose {effects[LOSSES].value:.1f} % of their capital in eight quarters, and buybacks change by"
        f" {effects[BUYBACKS].value:+.1f} %."
    ]


WORDS = "AI debt ends as 2008 did."
PART_A = Experiment(
    number=11,
    part="a",
    title="The index when AI debt is not rolled",
    claim=WORDS,
    experiment="The market with the refinancing stress without guarantee and without stress, on the same news; M from 3"
    " to 8.",
    criterion="Index after eight quarters.",
    real=REAL,
    criteria=INDEX_CRITERIA,
    prepared=prepared,
    arms=index_arms,
    measure=index,
    scan=multiplier_scan(index_arms),
    null=NullPlan("no stress in both arms, on different news", null_index_arms, ("without",), {INDEX: 0.0}),
    tell=tell_index,
)
PART_B = Experiment(
    number=11,
    part="b",
    title="Lenders and buyers when AI debt is not rolled",
    claim=WORDS,
    experiment="The macro layer with the refinancing stress without guarantee and without stress, on the same shocks;"
    " debt on campuses from .5 to .95 of their price.",
    criterion="Losses of lenders over their capital, and all buybacks, over eight quarters.",
    real=REAL,
    criteria=LAYER_CRITERIA,
    prepared=with_layer,
    arms=layer_arms,
    measure=losses,
    scan=ScanPlan(
        "debt over the price of a campus",
        (0.5, 0.8, 0.91, 0.95),
        debt_arms,
        lambda config: number_of(config, "vehicles.ltv"),
        (0.8, 0.95),
    ),
    null=NullPlan(
        "no stress in both arms, on different shocks", null_layer_arms, ("without",), {LOSSES: 0.0, BUYBACKS: 0.0}
    ),
    tell=tell_layer,
    paths_times=5,
    of_layer=True,
)
EXPERIMENTS = (PART_A, PART_B)
