"""Claim 8: without AI capital spending growth would be clearly weak; it is the only pillar."""

from __future__ import annotations

from flowsim.config import Config
from flowsim.ensemble.intervals import PerPath
from flowsim.experiments.experiment import Effects, Experiment, NullPlan, ScanPlan
from flowsim.experiments.layer import LayerArms, LayerSample, number_of, real_growth_pct, with_layer, with_settings
from flowsim.experiments.verdicts import Criterion

BEFORE, AFTER = 0, 4
LOST = "real growth over four quarters that goes without AI spending, % of it"
GROWTH = "real growth without AI spending, % a year"
NET = "AI spending net of imports less consumption, contribution to growth, pp a year"
CRITERIA = (
    Criterion(LOST, "more than half of growth goes with AI spending", "above", 50.0, 5.0),
    Criterion(GROWTH, "what is left is clearly weak: below 1 % a year", "below", 1.0, 0.1),
    Criterion(NET, "AI spending, net of what is imported for it, adds more than consumption", "above", 0.0, 0.1),
)
REAL = (
    ("Gross of imports 92 % of growth in 2025H1 is AI investment", "Furman, 2025-09"),
    ("Gross of imports .97 pp or 39 % in the first three quarters of 2025", "St. Louis Fed, 2026-01"),
    ("2.1 % with and 1.5 % without, by BEA categories; .5 pp", "Barron's and Pantheon by the press, 2025-11"),
    (
        "Net of imports .2 pp to basically zero; as little as zero",
        "Goldman Sachs 2025-12; Morgan Stanley, JPMorgan 2026",
    ),
)


def arms(config: Config) -> LayerArms:
    """Return the layer with its spending, and with that of 2022."""
    return {"with": with_settings(config), "without": with_settings(config, "no_ai_capex")}


def measure(samples: dict[str, LayerSample]) -> dict[str, PerPath]:
    """Measure growth with and without, and what spending and consumption add to it."""
    one, other = samples["with"], samples["without"]
    whole, left = (real_growth_pct(sample, "output_bn", BEFORE, AFTER) for sample in (one, other))
    added = [one[name][:, AFTER] - one[name][:, BEFORE] for name in ("ai_home_bn", "consumption_bn")]
    return {
        LOST: PerPath(100.0 * (whole - left), whole),
        GROWTH: PerPath.mean(left),
        NET: PerPath.mean(100.0 * (added[0] - added[1]) / one["output_bn"][:, BEFORE]),
    }


def null_arms(config: Config) -> LayerArms:
    """Return spending that is imported whole, on other shocks."""
    imported = {"capex.hard_import": 1.0, "capex.building_import": 1.0, "vehicles.imported": 1.0}
    bare = with_settings(config, numbers=imported | {"firms.supplier_margin": 0.0})
    return {"with": bare, "without": bare}


def scan_arms(config: Config, part: float) -> LayerArms:
    """Return the arms with so much of computers imported."""
    names = {"with": "baseline", "without": "no_ai_capex"}
    return {name: with_settings(config, scenario, {"capex.hard_import": part}) for name, scenario in names.items()}


def tell(effects: Effects) -> list[str]:
    """Say what growth is without, and how much of it goes."""
    return [
        f"With AI spending back at its share of 2022, real growth over four quarters is {effects[GROWTH].value:.1f} % a"
        f" year: {effects[LOST].value:.0f} % of it goes. Net of imports AI spending adds {effects[NET].value:+.2f} pp a"
        " year beyond consumption. Growth is nominal less .6 % a quarter, which is a choice."
    ]


EXPERIMENT = Experiment(
    number=8,
    title="AI spending as the only pillar of growth",
    claim="Without AI capital spending growth would be clearly weak; it is the only pillar.",
    experiment="The macro layer with guided spending and with spending at its share of output in 2022, on the same"
    " shocks; imports of computers from .3 to .95.",
    criterion="Share of real growth lost, growth that is left, and AI net of imports against consumption.",
    real=REAL,
    criteria=CRITERIA,
    prepared=with_layer,
    arms=arms,
    measure=measure,
    scan=ScanPlan(
        "imported part of computers",
        (0.3, 0.5, 0.75, 0.9, 0.95),
        scan_arms,
        lambda config: number_of(config, "capex.hard_import"),
        (0.5, 0.9),
    ),
    null=NullPlan(
        "spending that is imported whole and earns suppliers nothing, on different shocks",
        null_arms,
        ("without",),
        {LOST: 0.0},
    ),
    tell=tell,
    paths_times=5,
    of_layer=True,
)
