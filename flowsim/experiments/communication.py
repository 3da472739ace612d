"""Claim 6: data lag prices, and what the Fed says is the main catalyst of volatility."""

from __future__ import annotations

import numpy as np

from flowsim.clock.events import cpi_days, fomc_minutes_days, fomc_statement_days, gdp_days, payroll_days
from flowsim.config import Config, load
from flowsim.ensemble.intervals import Flags, Floats, PerPath, interval
from flowsim.ensemble.laboratory import Laboratory
from flowsim.ensemble.sample import Arms, PerPathByName, Sample, Samples
from flowsim.experiments.arms import strategy_of, without_options
from flowsim.experiments.experiment import Effects, Experiment, FindFurther, FurtherFindings, NullPlan, ScanPlan
from flowsim.experiments.findings import Table
from flowsim.experiments.statistics import slope_and_power, sums
from flowsim.experiments.verdicts import RATIO, Criterion, Scale

DAYS = 2520
QUARTER = 63
EPISODE = "autumn_2025"
LOW_DATE = np.datetime64("2025-11-20")
"""The close by which the real index had fallen by 5.1 % from that of 28 October."""
FALL_PCT = 5.1
REFLEXIVE = 0.05
"""Part of a quarter's return that loads on a surprise where data are made to follow prices; a round figure."""

LAG = "surprise per percent of the quarter's return before it, bp"
LAG_ON = f"the same with reflexivity {REFLEXIVE:g}, bp"
LEAD = "return of the quarter after per bp of surprise, beyond the day, bp"
TONE_LAG = "easing of the odds per percent of the week's return before it, points of probability"
FED_TO_DATA = "squared return on statement and minutes days over that on data days"
SPEECH_TO_DATA = "squared return on other days on which the odds move over that on data days"
FED_TO_REST = "squared return on statement and minutes days over that on days without either"
TONE_SHARE = "policy and tone traders, share of return variance, %"
ODDS = "index to 20 November under the odds of autumn 2025, fundamentals frozen, less odds unchanged, %"

CRITERIA = (
    Criterion(
        LAG,
        "prices lead data: a surprise follows the return of the quarter before it",
        "above",
        0.0,
        1.0,
        assumed="fundamental.reflexivity, which lets data follow prices or not",
    ),
    Criterion(
        FED_TO_DATA,
        "Fed days are more volatile than data days",
        "above",
        1.0,
        0.05,
        assumed="policy.statement_bp against fundamental.cpi_bp and payrolls_bp",
        scale=RATIO,
    ),
    Criterion(
        ODDS,
        "the odds alone give more than half of the real fall of 5.1 %",
        "below",
        -FALL_PCT / 2.0,
        assumed="what a basis point of policy moves the index by, times the 16 bp of those odds",
        scale=Scale(0.0, 100.0 / FALL_PCT),
    ),
)
REAL = (
    (
        "Odds went about 95 -> 30 -> 87 %; triggers were the chair, minutes, a cancelled release, one governor",
        "CME FedWatch as the press quoted it, October and November 2025",
    ),
    (
        "95 to 30 % is 16 bp, -0.65 % by Bernanke & Kuttner, against -5.1 % realized 10-28 to 11-20",
        "Bernanke & Kuttner 2005; S&P 500 closes",
    ),
    ("Chair speeches matter more than announcements; that data lag is not tested", "Swanson 2023"),
)


def prepared(config: Config) -> Config:
    """Return ten years of the market without options."""
    return without_options(config).override(f"time.days={DAYS}", 'record={tables=["flows", "market"]}')


def arms(config: Config) -> Arms:
    """Return the market as configured, with data that follow prices, and the autumn of 2025 with and without odds."""
    return {"as configured": config, "reflexive": reflexive(config, REFLEXIVE), **episode(config)}


def reflexive(config: Config, part: float) -> Config:
    """Return the market in which surprises load on past returns."""
    return config.override(f"fundamental.reflexivity={part}")


def episode(config: Config) -> dict[str, Config]:
    """Return the frozen autumn of 2025 in this market, with its odds and with odds that stay where they began."""
    autumn = load(EPISODE)
    frozen = config.override(
        f"time.start={autumn.time.start}",
        f"time.days={autumn.time.days}",
        f"history.stand_in={autumn.history.stand_in}",
        *(f"fundamental.{key}=0" for key in ("drift_pct_per_year", "daily_news_vol", "jumps_per_year")),
        *(f"fundamental.{key}_bp=0" for key in ("payrolls", "cpi", "gdp")),
        f"policy.initial_cut_probability={autumn.policy.initial_cut_probability}",
    )
    script = [f"{{ date = {entry.date}, cut_probability = {entry.cut_probability} }}" for entry in autumn.policy.script]
    first, last = autumn.policy.script[0].date, autumn.policy.script[-1].date
    start = autumn.policy.initial_cut_probability
    flat = [f"{{ date = {date}, cut_probability = {start} }}" for date in (first, last)]
    return {
        "odds": frozen.override(f"policy.script=[{', '.join(script)}]"),
        "odds unchanged": frozen.override(f"policy.script=[{', '.join(flat)}]"),
    }


def measure(samples: Samples) -> PerPathByName:
    """Measure leads and lags, the variance of kinds of days, and what the odds of autumn 2025 do."""
    one = samples["as configured"]
    return {
        LAG: _lag(one, samples.get("prices", one)),
        LAG_ON: _lag(samples["reflexive"], samples.get("prices", samples["reflexive"])),
        LEAD: _lead(one),
        TONE_LAG: _tone_lag(one, samples.get("prices", one)),
        **_kinds_of_days(one),
        TONE_SHARE: _tone_share(one),
        ODDS: _effect_of_odds(samples["odds"], samples["odds unchanged"]),
    }


def _on(sample: Sample, *calendars: object) -> Flags:
    """Return the days of the sample on which one of the calendars has an event, (days,); a closed day moves on."""
    found = np.zeros(len(sample.dates), bool)
    for calendar in calendars:
        days = calendar(sample.dates[0], sample.dates[-1])  # type: ignore[operator]
        found[np.searchsorted(sample.dates, days[days <= sample.dates[-1]])] = True
    return found


def _releases(sample: Sample) -> Flags:
    return _on(sample, payroll_days, cpi_days, gdp_days)


def _surprises(sample: Sample) -> Floats:
    """Return the change of value by day, bp; on a release day it holds the surprise and the day's own news."""
    value = np.log(sample.column("fundamental"))
    return 1e4 * np.diff(value, axis=1, prepend=value[:, :1])


def _lag(released: Sample, priced: Sample) -> PerPath:
    """Return the slope of surprises on the return of the quarter before, as an econometrician would regress them."""
    before = 100.0 * sums(priced.returns, QUARTER)[:, :-1]
    days = _releases(released)[QUARTER:]
    counts = np.broadcast_to(days, before.shape)
    return slope_and_power(before, _surprises(released)[:, QUARTER:], counts)


def _lead(sample: Sample) -> PerPath:
    """Return the slope of the quarter's return after a release on the surprise of its day."""
    after = 1e4 * sums(sample.returns, QUARTER)[:, 1:]
    days = _releases(sample)[: after.shape[1]]
    return slope_and_power(_surprises(sample)[:, : after.shape[1]], after, np.broadcast_to(days, after.shape))


def _tone_lag(said: Sample, priced: Sample) -> PerPath:
    """Return the slope of the day's change of the odds, meetings apart, on the return of the week before."""
    odds = said.column("cut_probability")
    change = 100.0 * np.diff(odds, axis=1)[:, 5:]
    before = 100.0 * sums(priced.returns, 5)[:, 1:]
    quiet = ~_on(said, fomc_statement_days)
    counts = quiet[6:] & quiet[5:-1]
    return slope_and_power(before[:, : change.shape[1]], change, np.broadcast_to(counts, change.shape))


def _kinds_of_days(sample: Sample) -> PerPathByName:
    square = (sample.returns - sample.returns.mean(axis=0)) ** 2
    fed, data = _on(sample, fomc_statement_days, fomc_minutes_days), _releases(sample)
    speech = (np.abs(sample.of(sample.contribution, "policy")) > 0.0) & ~fed & ~data
    only_data, neither = np.broadcast_to(data & ~fed, speech.shape), np.broadcast_to(~(data | fed), speech.shape)
    on_fed = np.broadcast_to(fed, speech.shape)
    means = {name: _mean_on(square, days) for name, days in
             (("fed", on_fed), ("data", only_data), ("speech", speech), ("neither", neither))}  # fmt: skip
    return {
        FED_TO_DATA: PerPath(means["fed"], means["data"]),
        SPEECH_TO_DATA: PerPath(means["speech"], means["data"]),
        FED_TO_REST: PerPath(means["fed"], means["neither"]),
    }


def _mean_on(values: Floats, days: Flags) -> Floats:
    """Return the mean over such days of each path; the same days count for all paths but those of speeches."""
    return (values * days).sum(axis=1) / np.maximum(days.sum(axis=1), 1)


def _tone_share(sample: Sample) -> PerPath:
    names = ["policy", *(name for name in sample.sources[2:] if _trades_tone(sample.config, name))]
    apart = sample.returns - sample.returns.mean(axis=0)
    part = sample.total(sample.contribution, names)
    return PerPath(100.0 * ((part - part.mean(axis=0)) * apart).sum(axis=1), (apart**2).sum(axis=1))


def _trades_tone(config: Config, name: str) -> bool:
    return strategy_of(config, name).family == "tone"


def _effect_of_odds(scripted: Sample, flat: Sample) -> PerPath:
    """Return the difference of the index at the low of the real one, in percent."""
    until = scripted.dates <= LOW_DATE
    return PerPath.mean(100.0 * np.expm1((scripted.returns - flat.returns)[:, until].sum(axis=1)))


def null_arms(config: Config) -> Arms:
    """Return data that follow no price, against the prices of a market on other news; and the same odds twice."""
    off, unchanged = reflexive(config, 0.0), episode(config)["odds unchanged"]
    return {"as configured": off, "reflexive": off, "prices": off, "odds": unchanged, "odds unchanged": unchanged}


def scan_arms(config: Config, part: float) -> Arms:
    """Return the arms with data that follow prices as far as that."""
    return arms(reflexive(config, part))


def tell(effects: Effects) -> list[str]:
    """Say whether data lag, which days move the index, and what the odds of autumn 2025 do."""
    lag, on, ratio, odds = effects[LAG], effects[LAG_ON], effects[FED_TO_DATA], effects[ODDS]
    clear = "data lag prices" if lag.low > 0.0 else "nothing shows that data lag prices"
    switched = "is seen" if on.low > 0.0 else "is not seen"
    return [
        f"As configured {clear}: a percent of return in the quarter before goes with {lag.value:+.2f} bp of surprise"
        f" ({lag.low:+.2f} to {lag.high:+.2f}). Switched on at {REFLEXIVE:g} the lag {switched}: {on.value:+.2f} bp.",
        f"Statement and minutes days have {ratio.value:.2f} times the variance of data days, and policy with those who"
        f" trade it carries {effects[TONE_SHARE].value:.1f} % of all variance.",
        f"With fundamentals frozen the odds of autumn 2025 move the index by {odds.value:+.2f} % to 20 November,"
        f" {100.0 * -odds.value / FALL_PCT:.0f} % of the real fall of {FALL_PCT} %.",
    ]


def further(laboratory: Laboratory, config: Config) -> FindFurther:
    """Test Granger causality in each path: how often each direction is found, off and on."""
    made = {"off": reflexive(config, 0.0), "on": reflexive(config, REFLEXIVE)}
    observed = laboratory.plan(made, rates, laboratory.n_paths, whatever_breaks=True)
    return lambda: FurtherFindings([], [_granger_table(observed.parts)])


def rates(samples: Samples) -> PerPathByName:
    """Measure in each path and arm whether one is found to follow the other, in percent."""
    return {
        f"{direction}, reflexivity {name}": PerPath.mean(100.0 * granger(cause, effect))
        for name, sample in samples.items()
        for direction, (cause, effect) in _directions(sample).items()
    }


def _granger_table(parts: PerPathByName) -> Table:
    rows: list[list[str | float | None]] = []
    for name, part in parts.items():
        share = interval(part)
        rows.append([name, share.value, (share.high - share.low) / 2.0])
    name = f"Granger tests at 5 %, share of ten-year paths that reject, % (on: {REFLEXIVE:g})"
    return Table(name=name, columns=["direction", "rejected", "±"], rows=rows)


def _directions(sample: Sample) -> dict[str, tuple[Floats, Floats]]:
    """Return cause and effect, one value from each release to the next, (paths, releases)."""
    at = np.flatnonzero(_releases(sample))
    at = at[at >= QUARTER]
    level = np.cumsum(sample.returns, axis=1)
    price = level[:, at - 1] - level[:, at - QUARTER]
    surprise = _surprises(sample)[:, at]
    tone = sample.column("cut_probability")
    change = tone[:, at - 1] - tone[:, at - 2]
    return {
        "prices before data": (price, surprise),
        "data before prices": (surprise[:, :-1], np.diff(level[:, at], axis=1)),
        "tone before data": (change, surprise),
    }


def granger(cause: Floats, effect: Floats) -> Floats:
    """Tell for each path whether a cause helps to predict an effect beyond the effect's own last value, at 5 %.

    The F test of one restriction (Granger 1969, "Investigating Causal Relations by Econometric Models"):
    effect_t = a + b effect_(t-1) + c cause_t, c = 0, where cause_t is known before effect_t.
    """
    from scipy.stats import f

    own, y, x = effect[:, :-1], effect[:, 1:], cause[:, 1:]
    whole = _residual(y, np.stack([np.ones_like(y), own, x], axis=-1))
    rest = _residual(y, np.stack([np.ones_like(y), own], axis=-1))
    degrees = y.shape[1] - 3
    return (f.sf((rest - whole) / (whole / degrees), 1, degrees) < 0.05).astype(float)


def _residual(y: Floats, x: Floats) -> Floats:
    """Return the sum of squared residuals of each path's regression."""
    solved = np.linalg.solve(np.einsum("pdi,pdj->pij", x, x), np.einsum("pdi,pd->pi", x, y)[..., np.newaxis])
    return ((y - (x @ solved)[..., 0]) ** 2).sum(axis=1)


EXPERIMENT = Experiment(
    number=6,
    title="Data, prices and the Fed's words",
    claim="Data lag prices; Fed communication is the main volatility catalyst; odds of a cut 80 -> 30 -> 80 %.",
    experiment="Lead and lag between price, data surprises and tone with reflexivity off and on; variance on statement,"
    " speech and data days; the odds of autumn 2025 with fundamentals frozen.",
    criterion="Sign and size of the lead; variance ratio of Fed days to data days; fall of the index with frozen"
    " fundamentals, which must be more than half of the real one.",
    real=REAL,
    criteria=CRITERIA,
    prepared=prepared,
    arms=arms,
    measure=measure,
    scan=ScanPlan(
        "reflexivity: part of a quarter's return that loads on a surprise",
        (0.0, 0.01, 0.02, 0.05, 0.1),
        scan_arms,
        lambda config: config.fundamental.reflexivity,
    ),
    null=NullPlan(
        "data that follow no price against prices made by different news, and the same odds twice on different news",
        null_arms,
        ("prices", "odds unchanged"),
        {LAG: 0.0, LAG_ON: 0.0, TONE_LAG: 0.0, ODDS: 0.0},
    ),
    tell=tell,
    paths_times=8,
    further=further,
)
