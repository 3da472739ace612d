"""Claim 12: power, not compute, is the bottleneck."""

from __future__ import annotations

import numpy as np

from flowsim.config import Config
from flowsim.ensemble.intervals import Floats, PerPath
from flowsim.ensemble.sample import PerPathByName
from flowsim.experiments.experiment import Effects, Experiment, NullPlan, ScanPlan
from flowsim.experiments.layer import BINDING, LayerArm, LayerArms, LayerSample, number_of, with_layer, with_settings
from flowsim.experiments.verdicts import Criterion
from flowsim.macro.numbers import COMPANIES

MORE = 1.2
LAST = 8
CHIP_GROWTH, ADDITIONS = "capex.chip_growth", "power.additions_scale"
BOUND = "company-quarters that power holds back most, % of all"
CHIPS = "AI revenue of eight quarters, gained by 20 % more power less by 20 % more chips, %"
FINANCE = "AI revenue of eight quarters, gained by 20 % more power less by 20 % more finance, %"
CRITERIA = (
    Criterion(BOUND, "power holds builders back more often than all else", "above", 50.0, 5.0),
    Criterion(CHIPS, "more power is worth more than more chips", "above", 0.0, 2.0),
    Criterion(FINANCE, "more power is worth more than more finance", "above", 0.0, 2.0),
)
REAL = (
    ("5 of 12 GW announced for 2026 under construction", "Sightline Climate by the press, 2026-06"),
    ("Queues for a connection of 4 to 10 years", "LBNL and the press, 2025"),
    ("Yet guided spending rose from about 600 to 755 bn within the year", "companies by the press, 2026"),
)
NOWHERE = 10.0


def scan_arms(config: Config, additions: float) -> LayerArms:
    """Return the layer with so much of the power expected, and a fifth more of power, chips and finance."""
    keys = [f"builders.{one}.leverage_cap" for one in COMPANIES]
    caps = {key: MORE * number_of(config, key) for key in keys}
    chips = (1.0 + number_of(config, CHIP_GROWTH)) * MORE - 1.0

    def arm(more_power: float = 1.0, more: dict[str, float] | None = None) -> LayerArm:
        return with_settings(config, numbers={ADDITIONS: additions * more_power} | (more or {}))

    return {
        "base": arm(),
        "power": arm(MORE),
        "chips": arm(more={CHIP_GROWTH: chips}),
        "finance": arm(more=caps),
    }


def arms(config: Config) -> LayerArms:
    """Return the layer with the power expected."""
    return scan_arms(config, number_of(config, ADDITIONS))


def null_arms(config: Config) -> LayerArms:
    """Return power that is nowhere scarce."""
    return scan_arms(config, NOWHERE)


def measure(samples: dict[str, LayerSample]) -> PerPathByName:
    """Measure what holds back, and what more of each is worth."""

    def gained(name: str) -> Floats:
        sold = [samples[one]["revenue_bn"][:, 1 : LAST + 1].sum(axis=1) for one in (name, "base")]
        return 100.0 * np.log(sold[0] / sold[1])

    return {
        BOUND: PerPath.mean(100.0 * samples["base"][BINDING][:, 1:].mean(axis=1)),
        CHIPS: PerPath.mean(gained("power") - gained("chips")),
        FINANCE: PerPath.mean(gained("power") - gained("finance")),
    }


def tell(effects: Effects) -> list[str]:
    """Say what binds, and what more of it brings."""
    return [
        f"Power holds back {effects[BOUND].value:.0f} % of company-quarters. A fifth more of it brings"
        f" {effects[CHIPS].value:+.1f} % of AI revenue beyond what a fifth more chips do, and"
        f" {effects[FINANCE].value:+.1f} % beyond finance. That revenue follows capacity is an equation of the layer."
    ]


EXPERIMENT = Experiment(
    number=12,
    title="Power as the bottleneck",
    claim="Power, not compute, is the bottleneck.",
    experiment="The macro layer as it is, with a fifth more of power, of chips, and of room to borrow, on the same"
    " shocks; additions of power from half to three times those expected.",
    criterion="What holds companies back most, and what more of each is worth.",
    real=REAL,
    criteria=CRITERIA,
    prepared=with_layer,
    arms=arms,
    measure=measure,
    scan=ScanPlan(
        "additions of power over those expected",
        (0.5, 0.75, 1.0, 1.5, 3.0),
        scan_arms,
        lambda config: number_of(config, ADDITIONS),
        (0.5, 1.5),
    ),
    null=NullPlan("ten times the power expected, on different shocks", null_arms, ("power",), {BOUND: 0.0}),
    tell=tell,
    paths_times=5,
    of_layer=True,
)
