"""Claim 9: the financing of capital spending takes the largest buyer away."""

from __future__ import annotations

import numpy as np

from flowsim.config import Config
from flowsim.ensemble.intervals import PerPath
from flowsim.ensemble.sample import Arms, PerPathByName, Samples
from flowsim.experiments.experiment import Effects, Experiment, NullPlan, ScanPlan
from flowsim.experiments.layer import LayerArms, LayerSample, number_of, with_layer, with_settings
from flowsim.experiments.layer_in_market import index_apart_pct, market_with_layer, multiplier_scan
from flowsim.experiments.verdicts import PERCENT, RATIO, Criterion
from flowsim.macro.numbers import COMPANIES

HELD = "buybacks_of_2024"
SESSIONS = 336
"""A year after the first report, which comes in the fourth month."""
PAYOUT = "buybacks of builders over those at the parts of cash flow of 2024, x"
INDEX = "index after a year of reports, with buybacks crowded out less at the part of 2024, %"
FLOWS = "a pause of spending: what it does by flows less what it does by news, both without sign, %"

PAYOUT_CRITERION = Criterion(
    PAYOUT, "builders buy back less than half of what they would at the parts of 2024", "below", 0.5, 0.086, scale=RATIO
)
INDEX_CRITERIA = (
    Criterion(INDEX, "the missing buyer costs the index more than 1 %", "below", -1.0, 0.1, scale=PERCENT),
    Criterion(FLOWS, "capital spending moves the index by flows more than by news", "above", 0.0, 0.1),
)
REAL = (
    (
        "Buybacks of four of the five lowest since 2019; two of them 0 in 2026Q1 after 28 bn a year before",
        "the press, 2026-05",
    ),
    ("Buybacks 20 % of uses of cash, against 34 % in 2017-22", "the press, 2026-02"),
    (
        "S&P 500 buybacks 1,020 bn in the year to 2025Q3, a record; index +11 % in the eight months to August 2026",
        "S&P Dow Jones Indices 2025-12; S&P 500 closes",
    ),
)


def payout_arms(config: Config) -> LayerArms:
    """Return the layer as it is, and builders that buy back what they did in 2024."""
    return {"with": with_settings(config), "without": with_settings(config, HELD)}


def payout(samples: dict[str, LayerSample]) -> PerPathByName:
    """Measure buybacks in the second to the fifth quarter."""
    bought = [samples[name]["buybacks_bn"][:, 1:5].sum(axis=1) for name in ("with", "without")]
    return {PAYOUT: PerPath(*bought)}


def uncrowded(config: Config) -> LayerArms:
    """Return builders that buy back what they did in 2024, twice."""
    return dict.fromkeys(("with", "without"), with_settings(config, HELD))


def crowding_arms(config: Config, factor: float) -> LayerArms:
    """Return the arms with crowding out times a factor."""
    keys = [f"builders.{company}.crowding" for company in COMPANIES]
    crowded = with_settings(config, numbers={key: factor * number_of(config, key) for key in keys})
    return {"with": crowded, "without": with_settings(config, HELD)}


def prepared(config: Config) -> Config:
    """Return the market without options until a year after the first report."""
    return market_with_layer(config, SESSIONS)


def index_arms(config: Config) -> Arms:
    """Return buybacks as the layer has them and as in 2024, and a pause with its news and without."""

    def arm(scenario: str, *held: str) -> Config:
        return config.override({"macro.scenario": scenario, "macro.hold": list(held)})

    return {
        "with": arm("baseline"),
        "without": arm(HELD),
        "pause": arm("capex_pause"),
        "quiet pause": arm("capex_pause", "news"),
        "quiet": arm("baseline", "news"),
    }


def index(samples: Samples) -> PerPathByName:
    """Measure what the missing buyer costs, and a pause by flows against news."""
    ends = {name: 100.0 * sample.returns.sum(axis=1) for name, sample in samples.items()}
    whole, flows = ends["pause"] - ends["with"], ends["quiet pause"] - ends["quiet"]
    return {
        INDEX: index_apart_pct(samples),
        FLOWS: PerPath.mean(np.abs(flows) - np.abs(whole - flows)),
    }


def null_index_arms(config: Config) -> Arms:
    """Return the layer as it is in all arms, one of them on other news."""
    return dict.fromkeys(index_arms(config), index_arms(config)["with"])


def tell_payout(effects: Effects) -> list[str]:
    """Say what is bought back."""
    return [
        f"Builders buy back {100.0 * effects[PAYOUT].value:.0f} % of what they would at the parts of cash flow of 2024."
        " The rule was set on 2023 to 2026Q1, and misses 2019 to 2022 by a third to a half: see flowsim macro history."
    ]


def tell_index(effects: Effects) -> list[str]:
    """Say what the missing buyer costs, and what weighs more."""
    more = "flows" if effects[FLOWS].value > 0.0 else "news"
    return [
        "With buybacks as they are instead of at the part of 2024 the index is"
        f" {effects[INDEX].value:+.2f} % away a year after the first report. A pause of spending reaches it by {more}"
        f" more, by {abs(effects[FLOWS].value):.1f} %."
    ]


PART_A = Experiment(
    number=9,
    part="a",
    title="Builders' buybacks",
    claim="Capital spending and its financing take the largest buyer of stocks away.",
    experiment="The macro layer over five quarters; crowding out of buybacks from none to 1.6 times the fitted one.",
    criterion="Buybacks against half of those at the parts of cash flow of 2024.",
    real=REAL,
    criteria=(PAYOUT_CRITERION,),
    prepared=with_layer,
    arms=payout_arms,
    measure=payout,
    scan=ScanPlan(
        "crowding out, times the fitted one",
        (0.0, 0.5, 0.75, 1.0, 1.25, 1.6),
        crowding_arms,
        lambda config: 1.0,
        (0.75, 1.25),
    ),
    null=NullPlan(
        "builders that buy back what they did in 2024, on different shocks",
        uncrowded,
        ("without",),
        {PAYOUT: 1.0},
    ),
    tell=tell_payout,
    paths_times=5,
    of_layer=True,
)
PART_B = Experiment(
    number=9,
    part="b",
    title="What the missing buyer costs the index",
    claim="Capital spending and its financing take the largest buyer of stocks away.",
    experiment="The market with builders' buybacks as in the layer and at the part of cash flow of 2024, on the same"
    " news; a pause of spending with its news and without; M from 3 to 8.",
    criterion="Index a year after the first report, and flows against news.",
    real=REAL,
    criteria=INDEX_CRITERIA,
    prepared=prepared,
    arms=index_arms,
    measure=index,
    scan=multiplier_scan(index_arms),
    null=NullPlan("buybacks as they are in all arms, on different news", null_index_arms, ("without",), {INDEX: 0.0}),
    tell=tell_index,
)
EXPERIMENTS = (PART_A, PART_B)
