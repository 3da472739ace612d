"""What the rules of a market did along real closes: exposures and flows of each population, day by day.

The rules, the day and the kernels are those of the simulation. The price is given and no flow moves it; what trades at
random is silent, since real prices contain it. Option programmes roll on their dates at the model's own surface, and
dealers hedge once a session.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from flowsim.clock import FIRST_DATE, DateLike, as_day, session_calendar
from flowsim.clock.blackout import share_in_blackout
from flowsim.config import Config
from flowsim.config.asset import LEAD
from flowsim.config.display import display_name
from flowsim.config.load import config_of
from flowsim.config.overrides import Overrides
from flowsim.data.prices import Prices, PricesLike, prices_of
from flowsim.data.volatility_file import VolatilityLike, volatility_of
from flowsim.engine.histories_beside import kind_of, on_sessions
from flowsim.engine.prepare import configured_prices, required_history
from flowsim.engine.replay import Followed, PathReplayer, WarmMarket, follow, warm_market
from flowsim.ensemble.executor import Executor
from flowsim.errors import InputError
from flowsim.files.html import card
from flowsim.history.attribution import Attribution, attribute
from flowsim.history.impact import MULTIPLIERS, ImpactLaw, law_of, movers, thinness_of
from flowsim.history.levels import levels_after
from flowsim.history.option_tables import dealer_table, programme_table
from flowsim.history.path_dependent import INDICES, explained, path_dependent
from flowsim.history.speeds import by_speed, part_of
from flowsim.kernel.array_functions import log
from flowsim.kernel.memory import copied_bundle

MOST_LEVELS = 250
"""Dates on which turning levels are looked for; a longer period has them every few sessions."""


@dataclass(frozen=True, eq=False)
class Replay:
    """A replay, as tables with a column ``date``; amounts in USD bn at the sizes of the config throughout.

    `families` has what each population's strategy declares itself to be, `systematic` names those that trade stock by a
    systematic rule and move the price, `known_before` those of them whose trades of a session are decided at the close
    before it, `thinness` is the impact of each one's trades at their time of day over that of a flow with the volume,
    and `law` is the market's law of impact.
    `market`: close, log_return, rv_21 and rv_63 (annualized), impact_bp of a small flow. `flows`: population,
    flow_bn (traded in the session) and exposure_bn (what the rules wished to hold at its close, null for those without
    a position); of an option programme both are the delta of options, dealt at the close and held after it, and dealers
    wish to hold the sum of the latter.
    `options`: programme and greeks, see `programme_table`. `dealers`: their greeks and hedge, see `dealer_table`.
    `levels`: population, speed, level (the close of the next session at which it turns). `blackout`: population, share
    (of issuers). `volatility`: index, path_dependent and real, in points. `fits`: index, r_squared, days.
    """

    label: str
    description: str
    families: dict[str, str]
    systematic: list[str]
    known_before: list[str]
    thinness: dict[str, float]
    law: ImpactLaw
    market: pl.DataFrame
    flows: pl.DataFrame
    options: pl.DataFrame
    dealers: pl.DataFrame
    levels: pl.DataFrame
    blackout: pl.DataFrame
    volatility: pl.DataFrame
    fits: pl.DataFrame

    @property
    def tables(self) -> dict[str, pl.DataFrame]:
        """The tables by name."""
        names = ("market", "flows", "options", "dealers", "levels", "blackout", "volatility", "fits")
        return {name: getattr(self, name) for name in names}

    @property
    def populations(self) -> list[str]:
        """Names of the populations that trade."""
        return self.flows["population"].unique(maintain_order=True).to_list()

    @property
    def summary(self) -> pl.DataFrame:
        """Return for each population its exposure and its flows of the last day, 5 days and 21 days of the period.

        A sum is null where the period has fewer days than it names.
        """
        flow = pl.col("flow_bn")
        return self.flows.group_by("population", maintain_order=True).agg(
            pl.col("exposure_bn").last(),
            last_day_bn=flow.last(),
            last_5_days_bn=_last(flow, 5),
            last_21_days_bn=_last(flow, 21),
            largest_day_bn=flow.sort_by(flow.abs()).last(),
        )

    def attribute(
        self,
        *,
        multipliers: Sequence[float] = MULTIPLIERS,
        episodes: Sequence[Sequence[DateLike]] = (),
        seed: int = 1,
    ) -> Attribution:
        """Say what the flows of this replay did to its real closes; see `flowsim.history.attribution.attribute`."""
        return attribute(self, multipliers=multipliers, episodes=episodes, seed=seed)

    def __repr__(self) -> str:
        return f"Replay({self.label}; {self.market.height:,} sessions, {len(self.populations)} populations)"

    def _repr_html_(self) -> str:
        rows = [[display_name(name), *numbers] for name, *numbers in self.summary.iter_rows()]
        columns = [name.replace("_bn", ", bn").replace("_", " ") for name in self.summary.columns]
        return card(self.label, [self.description, f"{self.market.height:,} sessions"], columns, rows)


def _last(flow: pl.Expr, days: int) -> pl.Expr:
    """Return the sum over so many last days, null where there are fewer."""
    return pl.when(flow.len() >= days).then(flow.tail(days).sum())


def replay(
    config: Config | str | Path,
    prices: PricesLike | None = None,
    *,
    volatility: VolatilityLike | None = None,
    first: DateLike | None = None,
    last: DateLike | None = None,
    overrides: Overrides = (),
    trust_data: bool = False,
    asset: str = LEAD,
) -> Replay:
    """Let the rules of a config live along real closes and return what they did.

    Parameters
    ----------
    config : Config, or the name or path of one
    prices : Prices, path or table, optional
        Instead of those that the config names: anything that `read_prices` takes.
    volatility : Volatility, path or table, or several, optional
        Real closes of VIX9D, VIX, VIX3M and VIX6M to set beside the path-dependent ones.
    first, last : date, optional
        Period to report; all that the history and the calendar, from 1970, allow by default.
    overrides : iterable of str, or mapping
        Settings applied to the config, as in `flowsim.simulate`.
    trust_data : bool
        Take data that are not likely; see `flowsim.data.weigh`.
    asset : str
        Which of the config's markets the closes are of: its populations live along them, on New York's sessions.

    Raises
    ------
    ConfigError, InputError, StrategyError
        If the config, the dates or the history is not as it must be, or there is no such market.
    RunError
        If a rule breaks.
    """
    config = config_of(config, overrides).of_market(asset)
    prices, volatility = (
        prices_of(prices, trust_data=trust_data) or configured_prices(config),
        volatility_of(volatility, trust_data=trust_data),
    )
    prices = prices if asset == LEAD else on_sessions(prices)
    before, end = _period(config, prices, first, last)
    known = Prices(prices.dates[: end + 1], prices.close[: end + 1], prices.source, prices.rows, trusted=prices.trusted)
    known.require_history(known.dates[-1], end + 1 - before, "the period", name="`last`", kind=kind_of(config))
    warm = warm_market(config, known, known.dates[before], name="`first`", options_ahead=end - before)
    returns = np.diff(log(known.close[before:]))
    with Executor(1) as beside:
        # The engine works without the interpreter's lock.
        levels = beside.submit(_levels, config, known, before, returns)
        followed = follow(warm, returns)
    real = {} if volatility is None else volatility.on(followed.dates)
    vix = _volatility(config, known, followed.dates, real)
    # The VIX family is of the S&P 500, and its loadings say nothing of another market.
    vix = vix if asset == LEAD else vix.clear()
    return Replay(
        label="; ".join(
            filter(
                None, (f"{config.name} along {prices.source}, {followed.dates[0]} to {known.dates[-1]}", config.sized)
            )
        ),
        description=config.about,
        families={one.name: one.strategy.family for one in warm.spec.populations},
        systematic=movers(warm.spec),
        known_before=movers(warm.spec, clock="day"),
        thinness=thinness_of(warm.spec),
        law=law_of(warm.spec),
        market=_market(known, followed),
        flows=_flows(warm, followed),
        options=programme_table(followed.dates, followed.options),
        dealers=dealer_table(followed.dates, followed.options),
        levels=beside.result(levels),
        blackout=_blackout(warm, followed.dates),
        volatility=vix,
        fits=_fits(vix),
    )


def _period(config: Config, prices: Prices, first: DateLike | None, last: DateLike | None) -> tuple[int, int]:
    """Return the positions of the close before the first day and of the last day."""
    needed, _ = required_history(config.spec())
    end = len(prices) - 1 if last is None else int(np.searchsorted(prices.dates, as_day(last, "`last`"), "right")) - 1
    in_calendar = int(np.searchsorted(prices.dates, FIRST_DATE))
    begin = min(in_calendar + needed, end)
    if first is not None:
        begin = int(np.searchsorted(prices.dates, as_day(first, "`first`")))
    if not 0 < begin <= end:
        raise InputError(
            f"{prices.source} has prices from {prices.dates[0]} to {prices.dates[-1]}, of which none lie in the period"
            f" from {first or 'the first'} to {last or 'the last'} with one before it; choose another `first` or `last`"
        )
    return begin - 1, end


def _market(known: Prices, followed: Followed) -> pl.DataFrame:
    n = len(followed.dates)
    close = known.close[-n:]
    returns = np.diff(log(known.close[-n - 1 :]))
    columns = {"close": close, "log_return": returns, "rv_21": followed.rv_21[:, 0], "rv_63": followed.rv_63[:, 0]}
    return pl.DataFrame({"date": followed.dates, **columns, "impact_bp": 1e4 * followed.impact[:, 0]})


def _flows(warm: WarmMarket, followed: Followed) -> pl.DataFrame:
    names = warm.populations
    n_days = len(followed.dates)
    return pl.DataFrame(
        {
            "date": np.tile(followed.dates, len(names)),
            "population": np.repeat(names, n_days),
            "flow_bn": followed.flow[:, :, 0].T.ravel(),
            "exposure_bn": followed.wanted[:, :, 0].T.ravel(),
        }
    ).with_columns(pl.col("exposure_bn").fill_nan(None))


def _levels(config: Config, known: Prices, before: int, returns: np.ndarray) -> pl.DataFrame:
    """Follow the parts by speed, and stop every few sessions to ask where they turn."""
    parts = by_speed(config)
    columns: dict[str, list[object]] = {"date": [], "population": [], "speed": [], "level": []}
    if parts.population:
        # They are weighed already, as what they are of.
        warm = warm_market(parts, replace(known, trusted=True), known.dates[before], name="`first`")
        replayer, state = PathReplayer(warm, len(returns) + 1), copied_bundle(warm.state)
        step = -(-len(returns) // MOST_LEVELS)
        done = 0
        for stop in sorted(range(len(returns), 0, -step)):
            replayer.move(state, done, returns[done:stop])
            done = stop
            found = levels_after(replayer, state, stop, float(known.close[before + stop]))
            for name, level in zip(warm.populations, found, strict=True):
                population, speed = part_of(name)
                for key, value in zip(columns, (replayer.dates[stop - 1], population, speed, level), strict=True):
                    columns[key].append(value)
    return pl.DataFrame(
        {**columns, "date": np.array(columns["date"], "datetime64[D]")},
        schema={"date": pl.Date, "population": pl.String, "speed": pl.String, "level": pl.Float64},
    )


def _blackout(warm: WarmMarket, dates: np.ndarray) -> pl.DataFrame:
    """Return the share of issuers in blackout, for each population whose agents report."""
    calendar, found = session_calendar(dates), []
    for population in warm.spec.populations:
        if {"report_lag_days", "quiet_days"} <= set(population.strategy.parameter_names):
            share = share_in_blackout(
                calendar.days_since_quarter_end,
                calendar.days_to_quarter_end,
                population.parameter("report_lag_days"),
                float(population.parameter("quiet_days").mean()),
            )
            found.append(pl.DataFrame({"date": dates, "population": [population.name] * len(dates), "share": share}))
    return (
        pl.concat(found) if found else pl.DataFrame(schema={"date": pl.Date, "population": pl.String, "share": float})
    )


def _volatility(config: Config, known: Prices, dates: np.ndarray, real: dict[str, np.ndarray]) -> pl.DataFrame:
    levels = path_dependent(config, known.close)
    n, unknown = len(dates), np.full(len(dates), np.nan)
    return pl.DataFrame(
        {
            "date": np.tile(dates, len(INDICES)),
            "index": np.repeat(INDICES, n),
            "path_dependent": np.concatenate([levels[name][-n:] for name in INDICES]),
            "real": np.concatenate([real.get(name, unknown) for name in INDICES]),
        }
    ).with_columns(pl.col("path_dependent", "real").fill_nan(None))


def _fits(volatility: pl.DataFrame) -> pl.DataFrame:
    rows = []
    for name in INDICES:
        one = volatility.filter(index=name)
        r_squared, days = explained(one["real"].to_numpy(), one["path_dependent"].to_numpy())
        if days:
            rows.append({"index": name, "r_squared": r_squared, "days": days})
    return pl.DataFrame(rows, schema={"index": pl.String, "r_squared": pl.Float64, "days": pl.Int64})
