"""Whose move was it: what each replayed flow did to the real closes, by the model's own law of impact.

Real closes already hold what the flows of their day did. The law says how much that was: the flow times the impact of a
small flow, which thins and deepens with past returns, less what decays of earlier flows. What no replayed flow explains
is named for what it is. No noise, no news and no value enter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import polars as pl

from flowsim.clock import DateLike
from flowsim.errors import InputError
from flowsim.history.dealer_parts import PARTS, dealer_parts
from flowsim.history.episodes import stretches
from flowsim.history.impact import MULTIPLIERS, ImpactLaw, contributions
from flowsim.history.window_shares import ALL, BLOCK_DAYS, FEWEST_BLOCKS, HORIZONS, shares, states_of, window_sums

REST = "news, discretionary and everything unmodelled"
TOGETHER = "systematic flows"
DEALERS = "option_dealer"
"""Family of the rule that hedges options."""
LARGEST_MULTIPLIER = 100.0


class Replayed(Protocol):
    """What is attributed: see `flowsim.history.replay.Replay`, whose tables `market` and `flows` it takes."""

    @property
    def label(self) -> str:
        """What it is called."""
        ...

    @property
    def systematic(self) -> list[str]:
        """Who trades stock by a systematic rule and moves the price."""
        ...

    @property
    def thinness(self) -> dict[str, float]:
        """Impact of the trades of each of them, at their time of day, over that of a flow with the volume."""
        ...

    @property
    def law(self) -> ImpactLaw:
        """The market's law of impact."""
        ...

    @property
    def market(self) -> pl.DataFrame:
        """Date, log_return, impact_bp."""
        ...

    @property
    def flows(self) -> pl.DataFrame:
        """Date, population, flow_bn."""
        ...

    @property
    def families(self) -> dict[str, str]:
        """What kind of trader each population is."""
        ...

    @property
    def options(self) -> pl.DataFrame:
        """Date, programme and greeks; empty without options."""
        ...

    @property
    def dealers(self) -> pl.DataFrame:
        """Date, gamma_1pct_bn, hedge_bn; empty without options."""
        ...


@dataclass(frozen=True, eq=False)
class Attribution:
    """What replayed flows did to real closes, as tables; see `flowsim.history.columns.ATTRIBUTION_TABLES`.

    `contributions`: date, source, contribution at the multiplier of the config; the sources, `REST` among them, add up
    to the log return. `shares`: sample, state, horizon_days, source, multiplier, share_pct with low_pct and high_pct,
    windows; of `TOGETHER` and, at the multiplier of the config, of each source. `episodes`: episode, first, last,
    index_pct, source, multiplier, contribution_pct. `dealer_parts`: horizon_days, part, share_pct with low_pct and
    high_pct, of what dealers trade; empty without options.
    """

    label: str
    multiplier: float
    multipliers: tuple[float, ...]
    contributions: pl.DataFrame
    shares: pl.DataFrame
    episodes: pl.DataFrame
    dealer_parts: pl.DataFrame

    @property
    def tables(self) -> dict[str, pl.DataFrame]:
        """The tables by name."""
        return {name: getattr(self, name) for name in ("contributions", "shares", "episodes", "dealer_parts")}

    @property
    def sources(self) -> list[str]:
        """Names of the systematic sources."""
        return [name for name in self.contributions["source"].unique(maintain_order=True) if name != REST]

    @property
    def summary(self) -> pl.DataFrame:
        """Return the share of systematic flows by sample, multiplier and horizon, in percent with its interval."""
        one = self.shares.filter(pl.col("state") == ALL, pl.col("source") == TOGETHER)
        return _wide(one, ["sample", "multiplier"])

    @property
    def by_state(self) -> pl.DataFrame:
        """Return the share of systematic flows by state of the market and horizon, over the whole period."""
        whole = self.shares["sample"][0] if self.shares.height else ""
        at = pl.col("multiplier") == self.multiplier
        return _wide(self.shares.filter(at, pl.col("source") == TOGETHER, pl.col("sample") == whole), ["state"])

    @property
    def by_episode(self) -> pl.DataFrame:
        """Return what systematic flows and everything else contributed to each episode, in percent, by multiplier."""
        one = self.episodes.filter(pl.col("source") == TOGETHER).with_columns(
            at=pl.format("systematic at M = {}, %", pl.col("multiplier").round(1))
        )
        return one.pivot(on="at", index=["episode", "first", "last", "index_pct"], values="contribution_pct")

    @property
    def by_source(self) -> pl.DataFrame:
        """Return the share of each source by horizon over the whole period, at the multiplier of the config."""
        whole = self.shares["sample"][0] if self.shares.height else ""
        at = (pl.col("multiplier") == self.multiplier) & (pl.col("state") == ALL) & (pl.col("sample") == whole)
        return _wide(self.shares.filter(at), ["source"])

    @property
    def told(self) -> dict[str, pl.DataFrame]:
        """What a desk reads first, by title."""
        left = f"the rest is {REST}"
        dealers = {}
        if self.dealer_parts.height:
            dealers[f"What dealers carry, in three parts, at M = {self.multiplier:g}"] = _wide(
                self.dealer_parts, ["part"]
            )
        return {
            f"Share of systematic flows in the variance of real returns ({left})": self.summary,
            f"The same by source, at M = {self.multiplier:g}": self.by_source,
            f"The same by state of the market, at M = {self.multiplier:g}": self.by_state,
            **dealers,
            f"Whose move it was, % of log return ({left})": self.by_episode,
        }

    def __repr__(self) -> str:
        return f"Attribution({self.label}; {len(self.sources)} systematic sources)"


def attribute(
    replay: Replayed,
    *,
    multipliers: Sequence[float] = MULTIPLIERS,
    episodes: Sequence[Sequence[DateLike]] = (),
    seed: int = 1,
) -> Attribution:
    """Say what the systematic flows of a replay did to its real closes, and leave the rest under its own name.

    Parameters
    ----------
    replay : Replayed
        A replay.
    multipliers : sequence of float
        Multipliers of the market to give shares and episodes at, beside that of the config.
    episodes : sequence of pairs of dates, optional
        The close before each episode and its last; by default those of `flowsim.history.episodes.EPISODES` that lie in
        the replay, or the whole period.
    seed : int
        Of the bootstrap.

    Raises
    ------
    InputError
        If the law of impact is not linear, no flow is systematic, a multiplier is none, or an episode is not there.
    """
    band = _band(multipliers, replay.law.multiplier)
    if not replay.systematic:
        raise InputError(
            f"{replay.label}: no population trades stock by a systematic rule, so there is no move to name"
        )
    market = replay.market
    dates, returns = market["date"].to_numpy(), market["log_return"].to_numpy()
    impact = 1e-4 * market["impact_bp"].to_numpy()
    own = contributions(_flows(replay), impact, replay.law)
    places = stretches(dates, episodes)
    return Attribution(
        label=replay.label,
        multiplier=replay.law.multiplier,
        multipliers=band,
        contributions=_contributions(replay.systematic, dates, own, returns),
        shares=_shares(replay, dates, own, returns, impact, band, seed),
        episodes=_episodes(replay, places, own, returns, band),
        dealer_parts=_dealer_parts(replay, returns, impact, seed),
    )


def _band(multipliers: Sequence[float], own: float) -> tuple[float, ...]:
    for one in multipliers:
        if not 0.0 < one <= LARGEST_MULTIPLIER:
            raise InputError(f"`multipliers`: {one:g} is not between 0 and {LARGEST_MULTIPLIER:g}; choose others")
    return tuple(sorted({float(one) for one in (*multipliers, own)}))


def _flows(replay: Replayed) -> np.ndarray:
    """Return the flows of the systematic populations by what they weigh at their time of day, (days, populations)."""
    by_name = {name: part["flow_bn"].to_numpy() for (name,), part in replay.flows.group_by("population")}
    return np.stack([replay.thinness[name] * by_name[name] for name in replay.systematic], axis=1)


def _contributions(names: list[str], dates: np.ndarray, own: np.ndarray, returns: np.ndarray) -> pl.DataFrame:
    columns = np.concatenate([own, (returns - own.sum(axis=1))[:, None]], axis=1)
    return pl.DataFrame(
        {
            "date": np.tile(dates, len(names) + 1),
            "source": np.repeat([*names, REST], len(dates)),
            "contribution": columns.T.ravel(),
        }
    )


def _samples(dates: np.ndarray) -> dict[str, slice]:
    """Return the whole period and, where it is longer than one of them, the decades that are long enough in it."""
    years = dates.astype("datetime64[Y]").astype(int) + 1970
    found = {_years(years): slice(0, len(dates))}
    for decade in np.unique(years // 10):
        at = np.flatnonzero(years // 10 == decade)
        if len(at) >= FEWEST_BLOCKS * BLOCK_DAYS and len(at) < len(dates):
            found[_years(years[at])] = slice(int(at[0]), int(at[-1]) + 1)
    return found


def _years(years: np.ndarray) -> str:
    return f"{years[0]}-{years[-1]}" if years[0] < years[-1] else str(years[0])


def _shares(
    replay: Replayed,
    dates: np.ndarray,
    own: np.ndarray,
    returns: np.ndarray,
    impact: np.ndarray,
    band: tuple[float, ...],
    seed: int,
) -> pl.DataFrame:
    names, whole = [TOGETHER, *replay.systematic], True
    columns = np.concatenate([own.sum(axis=1)[:, None], own], axis=1)
    rows = []
    for sample, days in _samples(dates).items():
        for horizon in (one for one in HORIZONS if one < days.stop - days.start):
            parts, total = window_sums(columns[days], horizon), window_sums(returns[days], horizon)
            states = states_of(total, impact[days]) if whole else {ALL: np.ones(len(total), bool)}
            for state, found in shares(parts, total, states, seed).items():
                for place, name in enumerate(names):
                    for multiplier in band if name == TOGETHER else (replay.law.multiplier,):
                        # Every contribution is in proportion to the multiplier, and so is every share.
                        times = multiplier / replay.law.multiplier
                        numbers = [times * float(one[place]) for one in found[:3]]
                        rows.append((sample, state, horizon, name, multiplier, *numbers, found.windows))
        whole = False
    columns_of = ("sample", "state", "horizon_days", "source", "multiplier", "share_pct", "low_pct", "high_pct")
    table = pl.DataFrame(rows, schema=[*columns_of, "windows"], orient="row")
    return table.with_columns(pl.col("share_pct", "low_pct", "high_pct").fill_nan(None))


def _dealer_parts(replay: Replayed, returns: np.ndarray, impact: np.ndarray, seed: int) -> pl.DataFrame:
    """Return the shares of the three parts of what dealers trade, at the multiplier of the config."""
    rows = []
    hedgers = [name for name in replay.systematic if replay.families[name] == DEALERS]
    if hedgers and replay.options.height:
        flows = dealer_parts(replay.flows, replay.options, replay.dealers, replay.market)
        own = contributions(replay.thinness[hedgers[0]] * flows, impact, replay.law)
        for horizon in (one for one in HORIZONS if one < len(returns)):
            total = window_sums(returns, horizon)
            whole = {ALL: np.ones(len(total), bool)}
            found = dict(shares(window_sums(own, horizon), total, whole, seed))[ALL]
            rows += [(horizon, part, *(float(one[place]) for one in found[:3])) for place, part in enumerate(PARTS)]
    schema = {"horizon_days": pl.Int64, "part": pl.String} | dict.fromkeys(
        ("share_pct", "low_pct", "high_pct"), pl.Float64
    )
    table = pl.DataFrame(rows, schema=schema, orient="row")
    return table.with_columns(pl.col("share_pct", "low_pct", "high_pct").fill_nan(None))


def _episodes(
    replay: Replayed, places: list, own: np.ndarray, returns: np.ndarray, band: tuple[float, ...]
) -> pl.DataFrame:
    rows = []
    for (name, first, last), begin, end in places:
        moved, index = 100.0 * own[begin:end].sum(axis=0), 100.0 * float(returns[begin:end].sum())
        for multiplier in band:
            parts = multiplier / replay.law.multiplier * moved
            named = {TOGETHER: parts.sum(), **dict(zip(replay.systematic, parts, strict=True))}
            named[REST] = index - parts.sum()
            rows += [(name, first, last, index, source, multiplier, float(part)) for source, part in named.items()]
    schema = ["episode", "first", "last", "index_pct", "source", "multiplier", "contribution_pct"]
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(pl.col("first", "last").str.to_date())


def _wide(shares: pl.DataFrame, rows: list[str]) -> pl.DataFrame:
    """Return one column for each horizon, its cells as text: 6.9 [3.8, 10.7]."""
    cell = pl.when(pl.col("low_pct").is_null()).then(pl.format("{}", _one("share_pct")))
    cell = cell.otherwise(pl.format("{} [{}, {}]", _one("share_pct"), _one("low_pct"), _one("high_pct")))
    named = shares.select(*rows, horizon=pl.format("{} d, %", "horizon_days"), cell=cell)
    return named.pivot(on="horizon", index=rows, values="cell")


def _one(name: str) -> pl.Expr:
    """Return a number as text with one decimal, and no minus before zero."""
    return (pl.col(name).round(1) + 0.0).cast(pl.String)
