"""Claim 7: a wave of liquidity in 2026 that is not yet priced."""

from __future__ import annotations

import numpy as np

from flowsim.config import Config, load
from flowsim.ensemble.intervals import Interval, PerPath
from flowsim.ensemble.laboratory import Laboratory, Observation, value_of
from flowsim.ensemble.sample import Arms, PerPathByName, Samples
from flowsim.experiments.arms import members, traders, without, without_options
from flowsim.experiments.experiment import Effects, Experiment, FindFurther, FurtherFindings, NullPlan, ScanPlan
from flowsim.experiments.findings import Grid
from flowsim.experiments.verdicts import Criterion, Scale
from flowsim.kernel.marks import LANES

EPISODE = "liquidity_2026"
FAMILY = "liquidity"
RISE_PCT = 11.4
"""What the S&P 500 did from 10 December 2025 to 21 August 2026, in percent."""
MULTIPLIERS = (3.0, 4.0, 5.0, 6.5, 8.0)
PASS_THROUGHS = (0.0, 0.1, 0.2, 0.5, 1.0)

EFFECT = "index at the end of the wave, with its purchases less without, %"
PER_BN = "the same per USD bn that reaches equities, bp"
BOUGHT = "purchases that reach equities, USD bn"
DEPTH = "index at the end, with the depth that the wave brings less without, %"
NOISE = "index over the same time without the wave, standard deviation, %"

CRITERIA = (
    Criterion(
        EFFECT, "the wave lifts the index", "above", 0.0, 0.05, assumed="the law of impact: any purchase lifts it"
    ),
    Criterion(
        EFFECT,
        "by more than half of the rise of 11.4 % that came with it",
        "above",
        RISE_PCT / 2.0,
        scale=Scale(0.0, 100.0 / RISE_PCT),
    ),
)
REAL = (
    (
        "Fed balance sheet +206 bn from December 2025 to August 2026; S&P 500 +11.4 % over it",
        "FRED, series WALCL; S&P 500 closes",
    ),
    (
        "No published elasticity; 206 bn at a pass-through of 0.2 and M = 5 is 0.3 % at most: scenario only",
        "own arithmetic: M = 5 of Gabaix & Koijen 2021",
    ),
)


def prepared(config: Config) -> Config:
    """Return the market without options over the months of the wave."""
    wave = load(EPISODE)
    return without_options(config).override(
        f"time.start={wave.time.start}",
        f"time.days={wave.time.days}",
        f"history.stand_in={wave.history.stand_in}",
        'record={tables=["flows"]}',
    )


def arms(config: Config) -> Arms:
    """Return the market with the wave, with its depth and without its purchases, and with neither.

    Liquidity may deepen a market too. What the first two share leaves the purchases alone as their difference.
    """
    script = [f"{{ date = {entry.date}, level = {entry.level} }}" for entry in load(EPISODE).liquidity.script]
    wave = config.override(f"liquidity.script=[{', '.join(script)}]")
    names = traders(config, FAMILY)
    return {
        "with": wave,
        "without": without(wave, names),
        "still": without(config.override("liquidity.script=[]"), names),
    }


def measure(samples: Samples) -> PerPathByName:
    """Measure what the wave adds to the index by its end, in all and for each USD bn."""
    one, other, still = samples["with"], samples["without"], samples["still"]
    bought = one.total(one.flow, members(one.config, FAMILY)).sum(axis=1)
    added = 100.0 * (one.returns - other.returns).sum(axis=1)
    apart = 100.0 * (other.returns - other.returns.mean(axis=0)).sum(axis=1)
    return {
        EFFECT: PerPath.mean(added),
        PER_BN: PerPath(100.0 * added, bought),
        BOUGHT: PerPath.mean(bought),
        DEPTH: PerPath.mean(100.0 * (other.returns - still.returns).sum(axis=1)),
        NOISE: PerPath.mean(np.abs(apart) * np.sqrt(np.pi / 2.0)),
    }


def null_arms(config: Config) -> Arms:
    """Return the market without purchases twice."""
    bare = arms(config)["without"]
    return {"with": bare, "without": bare, "still": bare}


def scan_arms(config: Config, part: float) -> Arms:
    """Return the arms with so much of the wave reaching equities."""
    return arms(config.override(*(f"population.{name}.pass_through={part}" for name in traders(config, FAMILY))))


def configured(config: Config) -> float:
    """Return the pass-through of the config."""
    return float(config.population[traders(config, FAMILY)[0]].model_dump()["pass_through"])


def tell(effects: Effects) -> list[str]:
    """Say what the wave is worth, beside the noise it comes in."""
    added, noise = effects[EFFECT].value, effects[NOISE].value
    return [
        f"{effects[BOUGHT].value:.0f} bn that reach equities lift the index by {added:+.2f} %,"
        f" {effects[PER_BN].value:.2f} bp per bn: {100.0 * added / RISE_PCT:.0f} % of the rise that came with the real"
        f" one, where the index moves by {noise:.0f} % (one standard deviation) in that time for other reasons. Depth"
        f" that comes with it moves the index by {_signed(effects[DEPTH])}.",
        "The size is a scenario: no elasticity of equities to system liquidity is published. The wave enters as it"
        " comes; were it foreseen, the same effect would come earlier and not be larger.",
    ]


def _signed(effect: Interval) -> str:
    clear = effect.low > 0.0 or effect.high < 0.0
    return f"{effect.value:+.2f} %" + ("" if clear else ", an interval that holds zero")


def further(laboratory: Laboratory, config: Config) -> FindFurther:
    """Draw the effect over the multiplier and the pass-through."""
    cells = [[_cell(laboratory, config, multiplier, part) for part in PASS_THROUGHS] for multiplier in MULTIPLIERS]

    def grid() -> Grid:
        return Grid(
            name="What the liquidity wave adds to the index by its end",
            unit="%",
            x_name="pass-through to equities",
            y_name="multiplier M, log return per flow over market cap",
            x=list(PASS_THROUGHS),
            y=list(MULTIPLIERS),
            values=[[value_of(cell, EFFECT) for cell in row] for row in cells],
            x0=configured(config),
            y0=config.market.multiplier,
        )

    return lambda: FurtherFindings(grids=[grid()])


def _cell(laboratory: Laboratory, config: Config, multiplier: float, part: float) -> Observation[PerPathByName]:
    return laboratory.plan(scan_arms(config.override(f"market.multiplier={multiplier}"), part), measure, LANES)


EXPERIMENT = Experiment(
    number=7,
    title="A liquidity wave in 2026",
    claim="A liquidity wave in 2026, not yet priced.",
    experiment="The liquidity scenario with and without its purchases on the same news and in the same depth, at M from"
    " 3 to 8 and a pass-through from 0 to 1.",
    criterion="Cumulative price effect with its interval, in all and per USD bn; to matter it must be more than half of"
    " the rise that came with the real one.",
    real=REAL,
    criteria=CRITERIA,
    prepared=prepared,
    arms=arms,
    measure=measure,
    scan=ScanPlan("pass-through to equities", (0.0, 0.1, 0.2, 0.5, 1.0), scan_arms, configured),
    null=NullPlan("two markets without its purchases, on different news", null_arms, ("without",), {EFFECT: 0.0}),
    tell=tell,
    paths_times=4,
    further=further,
)
