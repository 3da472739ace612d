"""What real closes say of a claim, computed by the rules of its own market: attribution and regressions on a replay."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import polars as pl

from flowsim.config import Config
from flowsim.data.prices import Prices
from flowsim.data.ranges import Ranges
from flowsim.data.volatility_file import Volatility
from flowsim.econometrics.evidence import GAMMA, RETURN, TOGETHER, Evidence, evidence_of
from flowsim.errors import InputError
from flowsim.experiments.findings import Finding, Table
from flowsim.experiments.states import TITLE
from flowsim.history.attribution import TOGETHER as SYSTEMATIC
from flowsim.history.attribution import Attribution
from flowsim.history.replay import replay
from flowsim.history.window_shares import ALL

CLAIMS = ("1a", "2", "3", "5")
WITH_FUNDS = "all with such funds"


class RealData(NamedTuple):
    """What was computed on real closes, or why it could not be; `families` says what kind of trader each one is."""

    source: str
    families: dict[str, str]
    attribution: Attribution | None
    evidence: Evidence | None
    missing: str = ""


def real_data(
    config: Config, prices: Prices | None, ranges: Ranges | None = None, volatility: Volatility | None = None
) -> RealData:
    """Replay a market along its prices, attribute the moves, and regress the next days on what is known."""
    try:
        replayed = replay(config, prices, volatility=volatility)
        attribution = replayed.attribute()
    except InputError as error:
        return RealData("", {}, None, None, str(error))
    try:
        found = evidence_of(replayed, ranges)
    except InputError:
        found = None
    return RealData(replayed.label, replayed.families, attribution, found)


def with_real_data(finding: Finding, real: RealData) -> Finding:
    """Return a finding with what real closes say of it before what others found, and beside its table by state."""
    if finding.label not in CLAIMS:
        return finding
    if real.attribution is None:
        line = (f"On these closes nothing can be computed: {real.missing}", "own computation, a replay")
        return finding.model_copy(update={"real": [*finding.real, line]})
    lines = [(said, f"own computation on {real.source}") for said in SAYS[finding.label](real)]
    tables = [_beside(one, real.attribution) if one.name == TITLE else one for one in finding.tables]
    return finding.model_copy(update={"real": [*lines, *finding.real], "tables": tables})


def _beside(table: Table, real: Attribution) -> Table:
    """Return the table of the model by state with columns of the real market beside each horizon."""
    whole = real.shares.filter(
        pl.col("sample") == real.shares["sample"][0], pl.col("source") == SYSTEMATIC,
        pl.col("multiplier") == real.multiplier,
    )  # fmt: skip
    shares = {
        (state, f"{days} d"): (value, None if low is None else (high - low) / 2.0)
        for state, days, value, low, high in whole.select(
            "state", "horizon_days", "share_pct", "low_pct", "high_pct"
        ).iter_rows()
    }
    horizons = table.columns[1::2]
    columns = [table.columns[0]]
    for days in horizons:
        columns += [f"model {days}", f"± model {days}", f"real {days}", f"± real {days}"]
    rows: list[list[str | float | None]] = []
    for row in table.rows:
        cells: list[str | float | None] = [row[0]]
        for place, days in enumerate(horizons):
            cells += [*row[1 + 2 * place : 3 + 2 * place], *shares.get((str(row[0]), days), (None, None))]
        rows.append(cells)
    return Table(name=f"{TITLE[: -len(', %')]}, model and real, %", columns=columns, rows=rows)


def _shares(real: RealData, source: str, multiplier: float | None = None) -> str:
    assert real.attribution is not None
    found, sample = real.attribution, real.attribution.shares["sample"][0]
    at = found.multiplier if multiplier is None else multiplier
    rows = found.shares.filter(
        pl.col("sample") == sample, pl.col("state") == ALL, pl.col("source") == source, pl.col("multiplier") == at
    )
    return ", ".join(
        _share(*one) for one in rows.select("horizon_days", "share_pct", "low_pct", "high_pct").iter_rows()
    )


def _share(days: int, value: float, low: float | None, high: float | None) -> str:
    ends = "" if low is None else f" [{low:.1f}, {high:.1f}]"
    return f"{value:.1f}{ends} % over {days} d"


def _coefficient(real: RealData, regressor: str, *, of_return: bool) -> str:
    """Say what a regressor does to the next day in the years with such funds; empty where nothing is known."""
    if real.evidence is None:
        return ""
    is_return = pl.col("target") == RETURN
    rows = real.evidence.table.filter(
        pl.col("regressor") == regressor, pl.col("era") == WITH_FUNDS, is_return if of_return else ~is_return
    )
    if rows.is_empty():
        return ""
    one = rows.row(0, named=True)
    law = "" if one["law"] is None else f", where the law of impact says {one['law']:+.2f}"
    unit = "bp" if of_return else "%"
    return (
        f"{one['coefficient']:+.2f} [{one['low']:+.2f}, {one['high']:+.2f}] {unit} per bn since {one['first']:%Y}{law};"
        f" {100.0 * one['placebo_share']:.1f} % of placebos are as large"
    )


def _of_all(real: RealData) -> list[str]:
    assert real.attribution is not None
    low, high = real.attribution.multipliers[0], real.attribution.multipliers[-1]
    said = [
        f"Systematic flows carry {_shares(real, SYSTEMATIC)} of the variance of real returns at"
        f" M = {real.attribution.multiplier:g}; at M = {low:g} {_shares(real, SYSTEMATIC, low)}, at M = {high:g}"
        f" {_shares(real, SYSTEMATIC, high)}"
    ]
    moved = _coefficient(real, TOGETHER, of_return=True)
    return said + ([f"Flows known the evening before and the next day's return: {moved}"] if moved else [])


def _of_family(family: str, name: str) -> Callable[[RealData], list[str]]:
    def says(real: RealData) -> list[str]:
        assert real.attribution is not None
        members = [one for one in real.attribution.sources if real.families.get(one) == family]
        said = [f"{name} carry {_shares(real, one)} of the variance of real returns" for one in members]
        moved = [(one, _coefficient(real, one, of_return=True)) for one in members]
        return said + [
            f"Their flow known the evening before and the next day's return: {one}" for _, one in moved if one
        ]

    return says


def _of_dealers(real: RealData) -> list[str]:
    said = _coefficient(real, GAMMA, of_return=False)
    return [f"Dealers' gamma at the close and the size of the next day: {said}"] if said else []


SAYS: dict[str, Callable[[RealData], Sequence[str]]] = {
    "1a": _of_all,
    "2": _of_family("vol_target", "Volatility targets"),
    "3": _of_family("cta", "Trend followers"),
    "5": _of_dealers,
}
