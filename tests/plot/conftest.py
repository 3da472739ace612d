"""A run made of generated tables, shaped like a recorded one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from helpers.option_run import PROGRAMMES, option_tables

from flowsim.config.asset import LEAD
from flowsim.errors import InputError

# Daily flow's scale in USD bn, its mean, and its reaction to the day before (per unit of return).
POPULATIONS = {
    "vol_control": (2.0, 0.0, 350.0),
    "risk_parity": (1.5, 0.0, 90.0),
    "cta": (2.5, 0.0, 250.0),
    "buyback": (0.5, 4.0, -40.0),
    "leveraged_etf": (0.1, 0.0, 50.0),
    "noise": (45.0, 0.0, 0.0),
    "value": (3.0, 0.0, -300.0),
    "dip_buyers": (2.0, 0.3, -250.0),
    "passive": (1.0, 1.0, 0.0),
    "pension": (1.0, 0.0, -80.0),
    "liquidity": (1.5, 0.0, 0.0),
    "dealer": (4.0, 0.0, 0.0),
}
IMPACT_PER_BN = 0.8e-4


@dataclass(frozen=True)
class FakeRun:
    market: pl.LazyFrame
    flows: pl.LazyFrame
    positions: pl.LazyFrame
    history: pl.DataFrame
    sources: list[str]
    populations: list[str]
    n_paths: int
    options: dict[str, pl.LazyFrame] = field(default_factory=dict)
    programmes: Sequence[str] = PROGRAMMES
    start: date = date(2018, 12, 31)
    label: str = "us_equity, generated paths, seed 7"
    description: str = "US equity index with systematic flows, sizes of autumn 2018"
    sized: str = ""
    asset: str = LEAD

    @property
    def afterwards(self) -> pl.DataFrame:
        return self.history.clear()

    @property
    def hedger(self) -> str | None:
        return "dealer" if "dealer" in self.populations else None

    @property
    def info(self) -> dict:
        """The keys of a manifest that pictures read."""
        config = {
            "options": {"listed": bool(self.options)},
            "policy": {"script": []},
            "liquidity": {"script": []},
        }
        return {
            "config": config,
            "history": {"source": "generated closes"},
            "tables": dict.fromkeys(("market", "flows", "positions", *self.options)),
        }

    def table(self, name: str) -> pl.LazyFrame:
        if name in ("market", "flows", "positions"):
            return getattr(self, name)
        if name not in self.options:
            raise InputError(f"this run has no table {name!r}; record it with record.tables")
        return self.options[name]

    def populations_of(self, kind: str) -> list[str]:
        kinds = dict.fromkeys(("noise", "value", "dip_buyers", "tone", "panic"), "discretionary")
        kinds["liquidity_provider"] = "intermediary"
        return [name for name in self.populations if kinds.get(name, "systematic") == kind]

    def replace(self, **changes: object) -> "FakeRun":
        return replace(self, **changes)  # type: ignore[arg-type]


def business_days(after: date, n: int) -> list[date]:
    days, day = [], after
    while len(days) < n:
        day += timedelta(days=1)
        if day.weekday() < 5:
            days.append(day)
    return days


def generated_run(
    n_paths: int = 3,
    n_days: int = 30,
    populations: Sequence[str] = tuple(POPULATIONS),
    n_bars: int = 1,
    grain: str = "day",
    seed: int = 1,
) -> FakeRun:
    """Draw flows that react to the day before, and the price they make; `grain = "bar"` records every bar."""
    random = np.random.default_rng(seed)
    sources = ["news", "policy", *populations]
    n_steps = n_days * n_bars
    flow = np.zeros((n_paths, n_steps, len(sources)))
    part = np.zeros_like(flow)
    before = np.zeros(n_paths)
    for step in range(n_steps):
        part[:, step, 0] = random.normal(0.0002, 0.006, n_paths) / n_bars**0.5
        part[:, step, 1] = (random.random(n_paths) < 0.05) * random.normal(0, 0.004, n_paths)
        for k, name in enumerate(populations, start=2):
            scale, mean, reaction = POPULATIONS.get(name, (1.0, 0.0, 20.0))
            flow[:, step, k] = mean / n_bars + reaction * before + random.normal(0, scale, n_paths) / n_bars**0.5
        part[:, step, 2:] = IMPACT_PER_BN * flow[:, step, 2:]
        before = part[:, step].sum(axis=1)
    return recorded(part, flow, sources, n_bars, grain)


def recorded(part: np.ndarray, flow: np.ndarray, sources: list[str], n_bars: int, grain: str) -> FakeRun:
    """Put contributions and flows (paths, steps, sources) into the tables of a run."""
    n_paths, n_steps, n_sources = part.shape
    days = business_days(FakeRun.start, n_steps // n_bars)
    if grain == "day":
        part = part.reshape(n_paths, -1, n_bars, n_sources).sum(axis=2)
        flow = flow.reshape(n_paths, -1, n_bars, n_sources).sum(axis=2)
        n_bars = 1
    n_steps = part.shape[1]
    returns = part.sum(axis=2)
    padded = np.concatenate([np.full((n_paths, 21 * n_bars - 1), 0.01 / n_bars**0.5), returns], axis=1)
    windows = np.lib.stride_tricks.sliding_window_view(padded**2, 21 * n_bars, axis=1)[:, :n_steps]
    path = np.repeat(np.arange(n_paths, dtype=np.int32), n_steps)
    when = pl.Series("date", [day for day in days for _ in range(n_bars)], dtype=pl.Date)
    by_step = pl.DataFrame({"path": path, "date": pl.concat([when] * n_paths)})
    if grain == "bar":
        by_step = by_step.with_columns(bar=pl.Series(np.tile(np.arange(n_bars, dtype=np.int16), n_paths * len(days))))
    market = by_step.with_columns(
        price=pl.Series(2500 * np.exp(returns.cumsum(axis=1)).ravel()),
        log_return=pl.Series(returns.ravel()),
        realized_vol=pl.Series(np.sqrt(252 * windows.mean(axis=2) * n_bars).ravel()),
    )
    repeated = by_step.select(pl.all().repeat_by(n_sources).explode())
    flows = repeated.with_columns(
        source=pl.concat([pl.Series(sources, dtype=pl.Categorical)] * by_step.height),
        flow_bn=pl.Series(flow.ravel()),
        contribution=pl.Series(part.ravel()),
    )
    options = option_tables(market)
    gamma = options["options"].group_by("path", "date").agg(net_gamma_1pct_bn=-pl.col("gamma_1pct_bn").sum())
    market = market.join(gamma, on=["path", "date"], how="left", maintain_order="left")
    return FakeRun(
        market=market.lazy(),
        flows=flows.lazy(),
        positions=positions_of(by_step, flow, sources[2:]).lazy(),
        history=history(),
        sources=sources,
        populations=sources[2:],
        n_paths=n_paths,
        options={name: table.lazy() for name, table in options.items()},
    )


def positions_of(by_step: pl.DataFrame, flow: np.ndarray, populations: list[str]) -> pl.DataFrame:
    """Add up the flows to exposures; noise counts no agents, the accounts hold the other side."""
    parts = []
    for k, name in enumerate([*populations, "market_maker", "holders"], start=2):
        own = flow[:, :, k] if k < flow.shape[2] else -flow[:, :, 2:].sum(axis=2) / 2
        exposure = own.cumsum(axis=1).ravel()
        share = np.clip(0.5 + exposure / (4 * np.abs(exposure).max() + 1e-9), 0, 1)
        long = pl.Series(np.round(24 * share), dtype=pl.Int32) if name != "noise" and k < flow.shape[2] else None
        short = None if long is None else 24 - long
        parts.append(
            by_step.with_columns(
                population=pl.lit(name),
                exposure_bn=pl.Series(exposure),
                agents_long=pl.lit(long, dtype=pl.Int32),
                agents_short=pl.lit(short, dtype=pl.Int32),
            )
        )
    return pl.concat(parts)


def history(n_days: int = 252) -> pl.DataFrame:
    random = np.random.default_rng(3)
    days = [FakeRun.start - timedelta(days=k) for k in range(int(n_days * 1.5))]
    days = sorted(day for day in days if day.weekday() < 5)[-n_days:]
    log_price = np.log(2500) + np.cumsum(random.normal(0, 0.009, n_days)[::-1])
    return pl.DataFrame({"date": days, "close": np.exp(log_price - log_price[-1] + np.log(2500))})


@pytest.fixture
def make_run() -> Callable[..., FakeRun]:
    return generated_run
