"""Claim 1, first part: systematic flows outweigh fundamentals in price discovery."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from flowsim.clock.year import YEAR
from flowsim.config import Config
from flowsim.ensemble.intervals import Interval, PerPath, interval
from flowsim.ensemble.laboratory import Laboratory
from flowsim.ensemble.sample import Arms, PerPathByName, Samples
from flowsim.errors import RunError
from flowsim.experiments.arms import active, programmes, scaled, strategy_of, systematic, without, without_options
from flowsim.experiments.experiment import Effects, Experiment, FindFurther, FurtherFindings, NullPlan, ScanPlan
from flowsim.experiments.findings import Table
from flowsim.experiments.informativeness import informativeness, informativeness_table, tell_informativeness
from flowsim.experiments.phase_map import plan_map
from flowsim.experiments.shapley import Subset, shapley_shares, subsets
from flowsim.experiments.states import state_shares, state_table
from flowsim.experiments.statistics import sums, variance_share
from flowsim.experiments.verdicts import PERCENT, Criterion
from flowsim.facts.facts import RETURN_FACTS
from flowsim.kernel.marks import LANES

HORIZONS = (1, 5, 21, 63, YEAR)
DAYS = 1260
SHAPLEY_DAYS = YEAR
MONTH = 21
SCANNED_SIZES = (0.25, 0.5, 1.0, 1.5, 2.0, 3.0)
EXOGENOUS = ("news", "policy")
SYSTEMATIC, NOBODY = "systematic flows", "nobody"
FACTS = {
    "volatility, % a year": 0.1,
    "excess kurtosis": 0.5,
    "ACF of abs(r), lag 1": 0.005,
    "ACF of abs(r), lag 20": 0.005,
}
"""What ablation is said to lower, with the smallest change of each that would count."""


def days_of(count: int) -> str:
    """Write a number of days."""
    return f"{count} day" if count == 1 else f"{count} days"


def at_horizon(name: str, days: int) -> str:
    """Name the share of a source or of several at a horizon."""
    return f"{name}, share of variance at {days_of(days)}, %"


def systematic_share(days: int) -> str:
    """Name the share of the systematic flows at a horizon."""
    return at_horizon(SYSTEMATIC, days)


def all_share(days: int) -> str:
    """Name the share of all flows at a horizon."""
    return at_horizon("all flows", days)


def added(fact: str) -> str:
    """Name what systematic flows add to a fact."""
    return f"added by systematic flows: {fact}"


CRITERIA = (
    *(
        Criterion(
            systematic_share(days),
            f"systematic flows carry > 50 % of variance at {days_of(days)}",
            "above",
            50.0,
            scale=PERCENT,
        )
        for days in HORIZONS[:3]
    ),
    *(
        Criterion(added(fact), f"without systematic flows less: {fact}", "above", 0.0, counts)
        for fact, counts in FACTS.items()
    ),
)
REAL = (
    ("News explains at most a third to a half of monthly index variance", "Cutler, Poterba & Summers 1989"),
    ("Flows explain more than a third of market fluctuations; no consensus above that", "Gabaix & Koijen 2021"),
)


def prepared(config: Config) -> Config:
    """Return five years of the market whole, with its options."""
    return config.override(f"time.days={DAYS}", 'record={tables=["flows", "market"]}')


def arms(config: Config) -> Arms:
    """Return the market with and without its systematic populations."""
    return {"with": config, "without": bare(config)}


def bare(config: Config) -> Config:
    """Return the market without its systematic populations, and so without options."""
    return without_options(without(config, systematic(config)))


def measure(samples: Samples) -> PerPathByName:
    """Measure shares by horizon in the whole market, and what systematic flows add to the facts of returns."""
    whole, rest = samples["with"], samples["without"]
    groups = {SYSTEMATIC: systematic(whole.config), "all flows": whole.sources[2:]}
    found = {}
    for days in HORIZONS:
        returns = sums(whole.returns, days)
        for name, members in groups.items():
            part = sums(whole.total(whole.contribution, members), days)
            found[at_horizon(name, days)] = variance_share(part, returns)
    for fact in FACTS:
        compute = RETURN_FACTS[fact]
        found[added(fact)] = PerPath.mean(compute(whole.returns) - compute(rest.returns))
    return found


def null_arms(config: Config) -> Arms:
    """Return the market without systematic populations twice."""
    return {"with": bare(config), "without": bare(config)}


def scan_arms(config: Config, factor: float) -> Arms:
    """Return the market without options, all systematic sizes multiplied, and without them."""
    config = without_options(config)
    return {"with": scaled(config, systematic(config), factor), "without": bare(config)}


def tell(effects: Effects) -> list[str]:
    """Say who moves the index, and at what horizon fundamentals take over."""
    told = [1, MONTH, YEAR]
    shares = [f"{effects[systematic_share(days)].value:.1f} %" for days in told]
    exogenous = {days: 100.0 - effects[all_share(days)].value for days in HORIZONS}
    over = [days for days, share in exogenous.items() if share > 50.0]
    takes_over = f"take over at a horizon of {days_of(over[0])}" if over else "do not take over within a year"
    at = "over a day, a month and a year"
    return [
        f"Systematic flows carry {', '.join(shares)} of the variance {at}; news and policy carry"
        f" {', '.join(f'{exogenous[days]:.0f} %' for days in told)}, so fundamentals {takes_over}."
        " The rest is noise trading and other discretionary flow.",
        f"Systematic flows change volatility by {effects[added('volatility, % a year')].value:+.2f} points and excess"
        f" kurtosis by {effects[added('excess kurtosis')].value:+.2f}.",
    ]


def groups_of(config: Config) -> dict[str, list[str]]:
    """Return groups of populations for the Shapley shares; liquidity providers, who are always there, are in none."""
    families = {"vol_target": "volatility targets", "risk_parity": "volatility targets", "cta": "trend followers"}
    groups: dict[str, list[str]] = {}
    for name in active(config):
        strategy = strategy_of(config, name)
        if strategy.provides_liquidity:
            continue
        kind = "buybacks and other steady flows" if strategy.systematic else "discretionary"
        group = "options" if strategy.trades_options else families.get(strategy.family, kind)
        group = "leveraged ETFs" if strategy.family == "leveraged_etf" else group
        groups.setdefault(group, []).append(name)
    return groups


def further(laboratory: Laboratory, config: Config) -> FindFurther:
    """Split the variance by source and horizon, and by Shapley value; say what value explains; draw the map."""
    whole = laboratory.plan({"whole": config}, _source_shares, laboratory.n_paths, whatever_breaks=True)
    of_value = partial(informativeness, horizons=HORIZONS)
    stated = laboratory.plan({"whole": config}, state_shares, laboratory.n_paths, whatever_breaks=True)
    traced = laboratory.plan({"whole": config}, of_value, laboratory.n_paths, whatever_breaks=True)
    shapley = _plan_shapley(laboratory, config)
    draw_map = plan_map(laboratory, config)

    def find() -> FurtherFindings:
        tables, about = shapley()
        return FurtherFindings(
            [tell_informativeness(traced.parts, HORIZONS), *about],
            [_by_horizon(whole.parts), state_table(stated.parts), *tables, informativeness_table(traced.parts)],
            draw_map(),
        )

    return find


def _source_shares(samples: Samples) -> PerPathByName:
    whole, found = samples["whole"], {}
    for days in HORIZONS:
        returns = sums(whole.returns, days)
        for row, name in enumerate(whole.sources):
            found[at_horizon(name, days)] = variance_share(sums(whole.contribution[..., row], days), returns)
    return found


def _by_horizon(parts: PerPathByName) -> Table:
    names = [name.removesuffix(at_horizon("", 1)) for name in parts if name.endswith(at_horizon("", 1))]
    rows: list[list[str | float | None]] = []
    for name in names:
        cells = [interval(parts[at_horizon(name, days)]) for days in HORIZONS]
        rows.append([name, *(number for cell in cells for number in (cell.value, (cell.high - cell.low) / 2.0))])
    rows.sort(key=lambda row: -float(row[1] or 0.0))
    columns = ["source", *(name for days in HORIZONS for name in (f"{days} d", f"± {days} d"))]
    return Table(name="Share of return variance by source and horizon, %", columns=columns, rows=rows)


def _shapley_arms(config: Config) -> dict[Subset, Config]:
    groups = groups_of(config)
    found = {}
    for subset in subsets(list(groups)):
        off = [name for group, names in groups.items() if group not in subset for name in names]
        arm = without(config, off).override(f"time.days={SHAPLEY_DAYS}", 'record={tables=["flows"]}')
        found[subset] = arm if programmes(arm) else without_options(arm)
    return found


def _plan_shapley(laboratory: Laboratory, config: Config) -> Callable[[], tuple[list[Table], list[str]]]:
    groups, made = groups_of(config), _shapley_arms(config)
    worths = {subset: laboratory.plan({"arm": arm}, _monthly_variance, LANES) for subset, arm in made.items()}
    members = {**groups, NOBODY: list(EXOGENOUS)}
    owns = laboratory.plan({"arm": made[frozenset(groups)]}, partial(_monthly_shares, members=members), LANES)

    def find() -> tuple[list[Table], list[str]]:
        try:
            worth = {subset: one.parts["variance"].numerator for subset, one in worths.items()}
        except RunError as error:
            return [], [f"Shapley shares cannot be had: with part of the populations off, the market breaks ({error})."]
        shares = {name: interval(part) for name, part in shapley_shares(worth, list(groups)).items()}
        exact = {name: interval(part) for name, part in owns.parts.items()}
        return [_shapley_table(shares, exact)], [_tell_shapley(shares, exact)]

    return find


def _monthly_variance(samples: Samples) -> PerPathByName:
    returns = sums(samples["arm"].returns, MONTH)
    return {"variance": PerPath.mean(((returns - returns.mean(axis=0)) ** 2).mean(axis=1))}


def _monthly_shares(samples: Samples, *, members: Mapping[str, list[str]]) -> PerPathByName:
    sample = samples["arm"]
    returns = sums(sample.returns, MONTH)
    return {
        name: variance_share(sums(sample.total(sample.contribution, names), MONTH), returns)
        for name, names in members.items()
    }


def _shapley_table(shares: Mapping[str, Interval], exact: Mapping[str, Interval]) -> Table:
    rows: list[list[str | float | None]] = []
    for name, share in sorted(shares.items(), key=lambda item: -item[1].value):
        own = exact[name]
        label = "nobody: news and policy" if name == NOBODY else name
        rows.append([label, share.value, (share.high - share.low) / 2.0, own.value, (own.high - own.low) / 2.0])
    columns = ["group", "Shapley", "± Shapley", "attribution", "± attribution"]
    return Table(name="Share of one-month variance: ablation against attribution, %", columns=columns, rows=rows)


def _tell_shapley(shares: Mapping[str, Interval], exact: Mapping[str, Interval]) -> str:
    apart = {name: shares[name].value - exact[name].value for name in shares}
    name = max(apart, key=lambda one: abs(apart[one]))
    label = "news and policy" if name == NOBODY else name
    return (
        f"Ablation and attribution differ most for {label}: a Shapley share of {shares[name].value:.0f} % of one-month"
        f" variance against {exact[name].value:.0f} % of its own; the difference is what it makes others do."
    )


EXPERIMENT = Experiment(
    number=1,
    part="a",
    title="Systematic flows against fundamentals in price discovery",
    claim="Prices have decoupled from fundamentals; systematic flows outweigh economic views.",
    experiment="Exact attribution of return variance to news, policy and every population at 1 to 252 days; ablation of"
    " all systematic populations on the same news; Shapley shares; price informativeness.",
    criterion="Systematic flows carry more than half of the variance at 1 to 21 days; without them volatility, kurtosis"
    " and clustering are lower.",
    real=REAL,
    criteria=CRITERIA,
    prepared=prepared,
    arms=arms,
    measure=measure,
    scan=ScanPlan(
        "size of systematic populations, × config, options not listed", SCANNED_SIZES, scan_arms, lambda config: 1.0
    ),
    null=NullPlan(
        "two markets without systematic populations, on different news",
        null_arms,
        ("without",),
        {added(fact): 0.0 for fact in FACTS} | {systematic_share(days): 0.0 for days in HORIZONS},
    ),
    tell=tell,
    further=further,
)
