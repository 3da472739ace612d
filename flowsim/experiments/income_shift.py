"""Claim 10: income shifts to capital, the real economy shrinks, the gap widens."""

from __future__ import annotations

from flowsim.config import Config
from flowsim.ensemble.intervals import PerPath
from flowsim.ensemble.sample import PerPathByName
from flowsim.experiments.experiment import Effects, Experiment, NullPlan, ScanPlan
from flowsim.experiments.layer import LayerArms, LayerSample, number_of, real_growth_pct, with_layer, with_settings
from flowsim.experiments.verdicts import Criterion

LAST = 8
SAVED = "firms.zeta"
LABOR = "labor share, change in eight quarters with displacement less without, pp"
OTHERS = "real value added of all other firms, % a year"
TOP = "share of the top tenth in wealth, change in eight quarters with displacement less without, pp"
CRITERIA = (
    Criterion(LABOR, "wages lose more than a point of output to what AI displaces", "below", -1.0, 0.1),
    Criterion(OTHERS, "the economy beside AI shrinks", "below", 0.0, 0.2),
    Criterion(TOP, "the top tenth gains half a point of wealth by it", "above", 0.5, 0.1),
)
REAL = (
    ("Labor share 53.8 % in 2025Q3, lowest since 1947; mean of the decade 55.6", "BLS by the press, 2026-01"),
    (
        "Young workers in exposed occupations -3.8 % a year, all ages -.2 %; other studies find nothing",
        "Stanford/ADP, 2025",
    ),
    ("AI revenue of the layer explains at most .3 of these 1.8 points", "own arithmetic, 2026"),
)


def arms(config: Config) -> LayerArms:
    """Return the layer with displacement and without."""
    return scan_arms(config, number_of(config, SAVED))


def measure(samples: dict[str, LayerSample]) -> PerPathByName:
    """Measure shares of labor and wealth against the arm without, and growth of other firms."""
    one, other = samples["with"], samples["without"]

    def moved(name: str) -> PerPath:
        return PerPath.mean((one[name][:, LAST] - one[name][:, 0]) - (other[name][:, LAST] - other[name][:, 0]))

    return {
        LABOR: moved("labor_share_pct"),
        OTHERS: PerPath.mean(real_growth_pct(one, "firm_value_added_bn", 0, LAST)),
        TOP: moved("top_wealth_pct"),
    }


def scan_arms(config: Config, zeta: float) -> LayerArms:
    """Return the layer in which a dollar of AI services saves so much of wages, and the one in which it saves none."""
    return {name: with_settings(config, numbers={SAVED: saved}) for name, saved in (("with", zeta), ("without", 0.0))}


def null_arms(config: Config) -> LayerArms:
    """Return the layer without displacement twice."""
    return scan_arms(config, 0.0)


def tell(effects: Effects) -> list[str]:
    """Say what moves, and by how little."""
    return [
        f"What AI displaces moves the labor share by {effects[LABOR].value:+.2f} points in eight quarters and the top"
        f" tenth's share of wealth by {effects[TOP].value:+.2f}; all other firms grow by"
        f" {effects[OTHERS].value:+.1f} % a year in real terms."
    ]


EXPERIMENT = Experiment(
    number=10,
    title="Income moves to capital",
    claim="Income shifts to capital, the real economy shrinks, the gap widens.",
    experiment="The macro layer with wages that AI displaces and without, on the same shocks; what a dollar of AI"
    " services saves from .5 to 2 dollars of wages.",
    criterion="Labor share, growth of other firms, the top tenth's share of wealth, after eight quarters.",
    real=REAL,
    criteria=CRITERIA,
    prepared=with_layer,
    arms=arms,
    measure=measure,
    scan=ScanPlan(
        "wages that a dollar of AI services saves",
        (0.5, 1.0, 1.15, 1.5, 2.0),
        scan_arms,
        lambda config: number_of(config, SAVED),
        (1.0, 1.5),
    ),
    null=NullPlan("no displacement in both arms, on different shocks", null_arms, ("without",), {LABOR: 0.0, TOP: 0.0}),
    tell=tell,
    paths_times=5,
    of_layer=True,
)
