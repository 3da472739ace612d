"""Models of others on this engine, held against what their authors and later replications published.

The engine earns its keep only if it is general: what a paper does with an engine of its own must come out here from a
rule in ``strategies/`` and a file in ``configs/``, with the published numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from flowsim.config import Config, load
from flowsim.errors import InputError
from flowsim.facts import facts, moments
from flowsim.facts.closes import Closes
from flowsim.facts.histories import closes_of_market
from flowsim.files.arrays import Floats

FRANKE_WESTERHOFF, LEVERAGE_CYCLE = "franke_westerhoff", "leverage_cycle"
LEVERAGES = (1.0, 2.0, 4.0, 7.0, 10.0)
COVERAGE_BAND_PCT = (8.0, 12.5)
"""Where the share of runs with all nine moments inside must lie: 10.1 % as published, 9.9 to 10.4 % in replications."""
STANDARD_ERRORS = 2.0
GROUPS = 8
"""Groups of paths whose tail exponents give the standard error of the pooled one."""
LARGEST_LOSSES = 0.01
"""Share of the losses below value from which the tail exponent is read."""

Moment = Callable[[Closes], Floats]


@dataclass(frozen=True)
class Check:
    """One figure beside the published one. `error` is its standard error; `verdict` is None where nothing is gated."""

    what: str
    value: float
    error: float | None
    published: str
    verdict: bool | None

    def cells(self) -> list[str]:
        """Return the row of a printed table."""
        value = f"{self.value:.3g}" + (f" ± {self.error:.1g}" if self.error is not None else "")
        return [self.what, value, self.published, {None: "", True: "yes", False: "NO"}[self.verdict]]


@dataclass(frozen=True)
class Reproduction:
    """What came out for one model; it holds if every gated figure does."""

    model: str
    source: str
    n_paths: int
    days: int
    seed: int
    checks: list[Check]
    remarks: list[str]

    @property
    def holds(self) -> bool:
        """Whether every figure with a verdict agrees."""
        return all(check.verdict is not False for check in self.checks)

    def as_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        figures = [
            {"what": c.what, "value": c.value, "error": c.error, "published": c.published, "agrees": c.verdict}
            for c in self.checks
        ]
        known = {"model": self.model, "source": self.source, "paths": self.n_paths, "days": self.days}
        return known | {"seed": self.seed, "holds": self.holds, "figures": figures, "remarks": self.remarks}

    def as_markdown(self) -> str:
        """Return a table of all figures, then what to know about them."""
        rows = [["figure", "here ± standard error", "published", "agrees"], *(check.cells() for check in self.checks)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ["| " + " | ".join(map(str.ljust, row, widths)) + " |" for row in rows]
        lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
        verdict = "every gated figure agrees" if self.holds else "a gated figure does not agree"
        run = f"{self.n_paths} paths of {self.days} days, seed {self.seed}: {verdict}."
        return "\n".join([self.source, "", *lines, "", run, *self.remarks])


def reproduce(
    model: str, n_paths: int | None = None, *, seed: int | None = None, threads: int | None = None
) -> Reproduction:
    """Simulate a model of others with its published parameters, and hold it against what is published.

    Parameters
    ----------
    model : {"franke_westerhoff", "leverage_cycle"}
    n_paths : int, optional
        By default the number that the published figures were made with, or enough for the pattern to be plain.
    seed, threads
        As in `flowsim.simulate`.

    Raises
    ------
    InputError
        If there is no such model, or there are not enough paths for its statistics.
    """
    if model not in MODELS:
        raise InputError(f"no outside model is named {model!r}; choose one of {', '.join(MODELS)}")
    usual, least, run = MODELS[model]
    n_paths = n_paths or usual
    if n_paths < least:
        raise InputError(f"`n_paths={n_paths}`: the statistics of {model} need {least} at least")
    return run(load(model, [] if seed is None else [f"seed={seed}"]), n_paths, threads)


def published_moments() -> dict[str, tuple[Moment, float, float, float]]:
    """Return, by name, the nine moments of Franke and Westerhoff: how to compute each, its 95 % interval, its coverage.

    The interval is that of the S&P 500 of 1980-2007; the coverage, in percent of runs, is the paper's for DCA-HPM.
    """
    lags = {
        1: (0.106, 0.280, 98.5), 5: (0.142, 0.231, 65.5), 10: (0.118, 0.200, 73.7),
        25: (0.095, 0.162, 59.5), 50: (0.074, 0.148, 39.4), 100: (0.041, 0.105, 32.4),
    }  # fmt: skip
    return {
        "ACF of r, lag 1": (partial(facts.acf, lag=1), -0.042, 0.027, 98.1),
        "1 / tail exponent of abs(r)": (lambda closes: 1.0 / tail_of_moves(closes), 0.269, 0.334, 79.5),
        "mean abs(r), %": (lambda closes: moments.mean(closes, np.abs(closes.returns_pct)), 0.672, 0.754, 75.8),
        **{f"ACF of abs(r), lag {lag}": (partial(smoothed_acf, lag=lag), *rest) for lag, rest in lags.items()},
    }


def smoothed_acf(closes: Closes, lag: int) -> Floats:
    """Return the autocorrelation of absolute returns, averaged over the lag and its neighbors; lag 1 with lag 2."""
    around = [k for k in (lag - 1, lag, lag + 1) if k > 0]
    return np.mean([facts.acf(closes, k, np.abs) for k in around], axis=0)


def tail_of_moves(closes: Closes) -> Floats:
    """Return the tail exponent of the largest 5 % of absolute returns."""
    return moments.tail_exponent(closes, np.abs(closes.returns_pct))


def chartist_share(closes: Closes, config: Config) -> Floats:
    """Return the mean share of chartists on each path, which follows from the path of prices.

    Value stands still at the first price, so the price's log distance from it is the sum of returns so far.
    """
    market = config.population["camps"].parameters
    gap = np.cumsum(closes.returns_pct, axis=-1) / 100.0
    attraction, total = np.zeros(len(gap)), np.zeros(len(gap))
    for day in range(closes.n_days):
        share = 1.0 / (1.0 + np.exp(market["intensity"] * attraction))
        total += share
        pull = market["misalignment"] * gap[:, day] ** 2
        attraction = market["herding"] * (1.0 - 2.0 * share) + market["predisposition"] + pull
    return total / closes.n_days


def _franke_westerhoff(config: Config, n_paths: int, threads: int | None) -> Reproduction:
    wanted = published_moments()
    found: dict[str, list[Floats]] = {name: [] for name in (*wanted, "share", "kurtosis", "tail")}
    for closes in closes_of_market(config, n_paths, threads=threads):
        for name, (compute, *_) in wanted.items():
            found[name].append(compute(closes))
        found["share"].append(chartist_share(closes, config))
        found["kurtosis"].append(facts.excess_kurtosis(closes))
        found["tail"].append(tail_of_moves(closes))
    values = {name: np.concatenate(parts) for name, parts in found.items()}
    covered = {name: (values[name] >= low) & (values[name] <= high) for name, (_, low, high, _) in wanted.items()}
    joint = np.logical_and.reduce(list(covered.values()))
    low, high = COVERAGE_BAND_PCT
    joint_pct = 100.0 * float(joint.mean())
    checks = [
        Check("all nine moments inside, % of runs", joint_pct, _percent_error(joint), f"10.1; gate {low:g} to {high:g}",
              low <= joint_pct <= high),
        _mean_check("share of chartists", values["share"], 0.295),
        _mean_check("excess kurtosis", values["kurtosis"], 1.78),
        _mean_check("tail exponent of abs(r)", values["tail"], 3.90),
        *(Check(f"{name}: inside, % of runs", 100.0 * float(covered[name].mean()), _percent_error(covered[name]),
                f"{coverage:g}", None) for name, (*_, coverage) in wanted.items()),
    ]  # fmt: skip
    remarks = [
        "Share, kurtosis and tail exponent are those of replications; they agree within two standard errors.",
        "The coverage of single moments is shown and not gated: no independent replication has found the paper's own.",
    ]
    source = (
        "Franke and Westerhoff (2012), DCA-HPM, Table 1; moments of the S&P 500 of 1980-2007, Table A1; coverage of"
        " 5,000 runs"
    )
    return Reproduction(FRANKE_WESTERHOFF, source, n_paths, config.time.days, config.seed, checks, remarks)


def _leverage_cycle(config: Config, n_paths: int, threads: int | None) -> Reproduction:
    exponents, checks = [], []
    for leverage in LEVERAGES:
        arm = config.override(f"population.funds.max_leverage={leverage}")
        blocks = list(closes_of_market(arm, n_paths, threads=threads))
        returns = np.concatenate([closes.returns_pct for closes in blocks])
        exponent, error = tail_below_value(returns)
        exponents.append(exponent)
        published = "close to normal" if leverage == LEVERAGES[0] else "2.6" if leverage == LEVERAGES[-1] else ""
        checks += [
            Check(f"tail exponent of losses below value, maximum leverage {leverage:g}", exponent, error, published,
                  None if len(exponents) == 1 else exponent < exponents[-2]),
            Check("  excess kurtosis of all returns", _pooled_kurtosis(returns), None, "", None),
        ]  # fmt: skip
    remarks = [
        "Gated is the pattern: each exponent is below the one before. The paper's own numbers were not verified.",
        "Funds find the clearing price bar by bar, to first order in what they hold: docs/outside-models.md.",
    ]
    source = "Thurner, Farmer and Geanakoplos (2012): leverage makes tails fat"
    return Reproduction(LEVERAGE_CYCLE, source, n_paths, config.time.days, config.seed, checks, remarks)


def tail_below_value(returns_pct: Floats) -> tuple[float, float]:
    """Return the tail exponent of the largest losses on days that begin below value, and its standard error.

    Parameters
    ----------
    returns_pct : (paths, days)
        Of a market whose value stands still at the first price; at least `GROUPS` paths.
    """
    below = np.cumsum(returns_pct, axis=-1)[:, :-1] < 0.0
    losses = np.where(below, -returns_pct[:, 1:], np.nan)
    groups = [_tail(group) for group in np.array_split(losses, GROUPS)]
    return _tail(losses), float(np.std(groups, ddof=1) / np.sqrt(GROUPS))


def _tail(losses: Floats) -> float:
    """Return the tail exponent (Hill 1975) of the largest hundredth of all losses together; nan of fewer than 100."""
    known = np.sort(losses[np.isfinite(losses)])[::-1]
    n_tail = int(LARGEST_LOSSES * len(known))
    return float("nan") if n_tail == 0 else float(1.0 / np.log(known[:n_tail] / known[n_tail]).mean())


def _pooled_kurtosis(returns_pct: Floats) -> float:
    return float(facts.excess_kurtosis(Closes.undated(returns_pct.ravel())))


def _mean_check(what: str, values: Floats, published: float) -> Check:
    mean, error = float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values)))
    return Check(what, mean, error, f"{published:g}", abs(mean - published) <= STANDARD_ERRORS * error)


def _percent_error(inside: Sequence[bool] | np.ndarray) -> float:
    share = float(np.mean(inside))
    return 100.0 * float(np.sqrt(share * (1.0 - share) / len(inside)))


MODELS: dict[str, tuple[int, int, Callable[[Config, int, int | None], Reproduction]]] = {
    FRANKE_WESTERHOFF: (1000, 2, _franke_westerhoff),
    LEVERAGE_CYCLE: (64, GROUPS, _leverage_cycle),
}
"""Outside models by name: the usual number of paths, the least, and what to do."""
