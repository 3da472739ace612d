"""Claim 13: liquidity led by the Treasury takes over from purchases of the central bank."""

from __future__ import annotations

from flowsim.clock.year import YEAR
from flowsim.config import Config
from flowsim.ensemble.intervals import PerPath
from flowsim.ensemble.sample import Arms, PerPathByName, Samples
from flowsim.experiments.experiment import Effects, Experiment, NullPlan, ScanPlan
from flowsim.experiments.layer import LayerArms, LayerSample, with_layer, with_settings
from flowsim.experiments.layer_in_market import index_apart_pct, market_with_layer
from flowsim.experiments.verdicts import PERCENT, Criterion

PUBLISHED, FLAT = "treasury_liquidity_2026", "treasury_account_flat"
PART = "part of the growth of reserves over four quarters that the Treasury account makes, %"
INDEX = "index after a year, the account as published less flat, %"
PART_CRITERIA = (
    Criterion(PART, "the Treasury makes more than half of it", "above", 50.0, 5.0,
              assumed="the scripts: purchases and the account are both inputs"),
)  # fmt: skip
INDEX_CRITERIA = (
    Criterion(INDEX, "the account moves the index by more than half a percent", "above", 0.5, 0.05, scale=PERCENT),
)
REAL = (
    ("Fed assets +206 bn from December 2025 to August 2026", "Federal Reserve, H.4.1, 2026-08"),
    (
        "Treasury account about 850 to 900, expected near 1,000 bn in July: the Treasury drained",
        "refunding statement, May 2026",
    ),
    ("Support of AI: orders, permits, a loan guarantee of 1 bn; no backstop of its debt", "the press, 2026"),
    (
        "Whether policy must support AI is a scenario (policy_support) and no claim that this layer can test",
        "own layer, 2026",
    ),
)
WORDS = "Liquidity led by the Treasury replaces quantitative easing; policy must support AI."


def part_arms(config: Config) -> LayerArms:
    """Return the published scripts."""
    return {"with": with_settings(config, PUBLISHED)}


def null_part_arms(config: Config) -> LayerArms:
    """Return the published purchases with an account that stays."""
    return {"with": with_settings(config, FLAT)}


def part(samples: dict[str, LayerSample]) -> PerPathByName:
    """Measure what the account adds to reserves, over what they grow by."""
    one = samples["with"]
    account, others = -one["account_growth_bn"][:, :4].sum(axis=1), one["reserve_purchases_bn"][:, :4].sum(axis=1)
    grown = account + others - one["reverse_repo_growth_bn"][:, :4].sum(axis=1)
    return {PART: PerPath(100.0 * account, grown)}


def part_scan_arms(config: Config, scenario: float) -> LayerArms:
    """Return the layer with a flat account (0) or as published (1)."""
    return part_arms(config) if scenario else null_part_arms(config)


def prepared(config: Config) -> Config:
    """Return a year of the market without options."""
    return market_with_layer(config, YEAR)


def index_arms(config: Config) -> Arms:
    """Return the market with the account as published, and flat."""
    return {
        "with": config.override(f"macro.scenario={PUBLISHED}"),
        "without": config.override(f"macro.scenario={FLAT}"),
    }


def null_index_arms(config: Config) -> Arms:
    """Return the market with a flat account twice."""
    flat = index_arms(config)["without"]
    return {"with": flat, "without": flat}


def index(samples: Samples) -> PerPathByName:
    """Measure what the account does to the index."""
    return {INDEX: index_apart_pct(samples)}


def pass_through_arms(config: Config, reach: float) -> Arms:
    """Return the arms with so much of liquidity reaching equities."""
    return index_arms(config.override(f"population.liquidity.pass_through={reach}"))


def tell_part(effects: Effects) -> list[str]:
    """Say who makes reserves grow."""
    return [
        f"Over four quarters of the published path the Treasury account makes {effects[PART].value:.0f} % of the growth"
        " of reserves; the rest is purchases of the central bank."
    ]


def tell_index(effects: Effects) -> list[str]:
    """Say what it is worth."""
    return [
        f"The account's way up to 1,000 bn and back to 850 moves the index by {effects[INDEX].value:+.2f} % in a year,"
        " where a fifth of liquidity reaches equities: a scenario, as nobody has measured it."
    ]


PART_A = Experiment(
    number=13,
    part="a",
    title="Who makes reserves grow",
    claim=WORDS,
    experiment="The macro layer with the published purchases and Treasury account.",
    criterion="Part of the growth of reserves that the account makes.",
    real=REAL,
    criteria=PART_CRITERIA,
    prepared=with_layer,
    arms=part_arms,
    measure=part,
    scan=ScanPlan("account flat (0) or as published (1)", (0.0, 1.0), part_scan_arms, lambda config: 1.0),
    null=NullPlan("an account that stays at 900 bn", null_part_arms, (), {PART: 0.0}),
    tell=tell_part,
    of_layer=True,
)
PART_B = Experiment(
    number=13,
    part="b",
    title="What the Treasury account does to the index",
    claim=WORDS,
    experiment="The market with the account as published and flat, on the same news; a pass-through from 0 to 1.",
    criterion="Index after a year.",
    real=REAL,
    criteria=INDEX_CRITERIA,
    prepared=prepared,
    arms=index_arms,
    measure=index,
    scan=ScanPlan(
        "pass-through to equities",
        (0.0, 0.2, 0.5, 1.0),
        pass_through_arms,
        lambda config: config.population["liquidity"].parameters["pass_through"],
        (0.0, 1.0),
    ),
    null=NullPlan("a flat account in both arms, on different news", null_index_arms, ("without",), {INDEX: 0.0}),
    tell=tell_index,
)
EXPERIMENTS = (PART_A, PART_B)
