"""Which populations trade in which market, and what is wrong with markets beside the first."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple, TypeVar

from flowsim.authoring.declaration import Strategy
from flowsim.config.asset import LEAD, MADE, OF_THE_LEAD, Asset
from flowsim.config.described import Table
from flowsim.config.population import Population
from flowsim.config.schema import Fundamental, History, Liquidity, Market, Options, Policy, Record, Sentiment
from flowsim.config.spec import Beside, Loading
from flowsim.config.wording import Problem, nearest, shown
from flowsim.errors import InputError

_NAME = re.compile("[a-z][a-z0-9_]*")
OF_SESSIONS = ("overnight_share", "overnight_volume")
"""Keys of a market whose night is one step."""


class Tables(NamedTuple):
    """The tables of a market."""

    market: Market
    fundamental: Fundamental
    policy: Policy
    liquidity: Liquidity
    sentiment: Sentiment
    options: Options
    record: Record
    history: History


def members(populations: Mapping[str, Population], market: str) -> dict[str, Population]:
    """Return the populations that trade in a market, by name: with their capital there, and without legs."""
    found = {}
    for name, one in populations.items():
        legs = {} if one.legs is None or one.capital_bn == 0.0 else one.legs
        alone = {"asset": None, "legs": None}
        if (one.asset or LEAD) == market:
            found[name] = one if one.asset is None and one.legs is None else one.model_copy(update=alone)
        elif market in legs:
            found[name] = one.model_copy(update={**alone, "capital_bn": legs[market]})
    return found


def market_beside(lead: Tables, assets: Mapping[str, Asset], name: str) -> tuple[Tables, Beside]:
    """Return the tables of a market beside the first, and what it has of the others.

    Raises
    ------
    InputError
        If there is no market of that name.
    """
    if name not in assets:
        raise InputError(f"no market is called {shown(name)}; {nearest(name, [LEAD, *assets], 'markets')}")
    asset = assets[name]
    once: dict[str, object] = dict.fromkeys(OF_THE_LEAD, 0.0)
    halts = {} if asset.market.model_fields_set & {"circuit_breakers"} else {"circuit_breakers": False}
    effect = {"price_effect_pct": asset.policy_effect_pct, "amplification": 1.0}
    tables = Tables(
        market=_changed(lead.market, asset.market, halts),
        fundamental=_changed(lead.fundamental, asset.fundamental, once),
        policy=lead.policy.model_copy(update=effect),
        liquidity=lead.liquidity.model_copy(update={"depth_loading": asset.depth_loading}),
        sentiment=_changed(lead.sentiment, asset.sentiment),
        options=lead.options.model_copy(update={"listed": False}),
        record=lead.record.model_copy(update={"chain_dates": ()}),
        history=lead.history.model_copy(update={"prices": asset.prices or MADE, "stand_in": None}),
    )
    beside = Beside(
        name=name,
        hours=asset.hours,
        loadings=_loadings(assets, asset),
        release_loading=asset.release_loading,
        jump_loading=asset.jump_loading,
        lead=lead.fundamental,
        lead_hours=lead.market,
    )
    return tables, beside


_Table = TypeVar("_Table", bound=Table)


def _changed(table: _Table, changes: Table, more: Mapping[str, object] | None = None) -> _Table:
    return table.model_copy(update=changes.model_dump(exclude_none=True) | dict(more or {}))


def _loadings(assets: Mapping[str, Asset], asset: Asset) -> tuple[Loading, ...]:
    """Return the loadings in the order of the markets, whatever that of the table is."""
    closes = {LEAD: "session"} | {name: one.clock for name, one in assets.items()}
    return tuple(Loading(name, asset.news[name], closes[name] == "always") for name in closes if name in asset.news)


def asset_problems(table: Mapping[str, object], strategies: Mapping[str, Strategy]) -> list[Problem]:
    """Return what is wrong with the markets beside the first, and with who trades in them, beyond a key's own value."""
    given = table.get("asset")
    assets = given if isinstance(given, Mapping) else {}
    found: list[Problem] = []
    earlier: dict[str, object] = {LEAD: "session"}
    for name, one in assets.items():
        asset = one if isinstance(one, Mapping) else {}
        problems = [*_of_name(name), *_of_clock(asset), *_of_news(name, asset, earlier, assets)]
        found += [Problem(("asset", name, *problem.path), problem.sentence) for problem in problems]
        earlier[name] = asset.get("clock", "session")
    populations = table.get("population")
    for name, one in populations.items() if isinstance(populations, Mapping) else ():
        if isinstance(one, Mapping):
            problems = _of_population(one, strategies, [LEAD, *assets])
            found += [Problem(("population", name, *problem.path), problem.sentence) for problem in problems]
    return found


def _of_name(name: str) -> Iterator[Problem]:
    if name == LEAD:
        yield Problem((), f"the first market is called {LEAD}, and its tables have no name; choose another name")
    elif not _NAME.fullmatch(name):
        yield Problem((), "the name must be lower-case letters, digits and _, and begin with a letter; rename it")


def _of_clock(asset: Mapping[str, object]) -> Iterator[Problem]:
    always, market = asset.get("clock") == "always", asset.get("market")
    own = market if isinstance(market, Mapping) else {}
    if not always and "hours" in asset:
        yield Problem(("hours",), 'its night is one step; set clock = "always", or remove the table')
    if always and "hours" not in asset:
        yield Problem(
            ("hours",),
            'missing; with clock = "always" everybody trades at night, so say how much:'
            " { night_variance = 0.4, weekend_variance = 0.25, night_volume = 0.4, weekend_volume = 0.25 }",
        )
    for key in OF_SESSIONS if always else ():
        if key in own:
            yield Problem(
                ("market", key), "is that of a market whose night is one step; say it in hours, and remove it"
            )
    if always and own.get("circuit_breakers") is True:
        yield Problem(("market", "circuit_breakers"), "halt a session, and this market has none; remove the key")


def _of_news(
    name: str, asset: Mapping[str, object], earlier: Mapping[str, object], assets: Mapping[str, object]
) -> Iterator[Problem]:
    news = asset.get("news")
    loadings = news if isinstance(news, Mapping) else {}
    for other in loadings:
        if other == name:
            yield Problem(("news", other), "a market has no loading on itself; what is left is its own news")
        elif other not in earlier and other in assets:
            yield Problem(
                ("news", other), f"comes after {name}; list [asset.{other}] before it, so that news run one way"
            )
        elif other not in earlier:
            yield Problem(
                ("news", other), f"no market is called {shown(other)}; {nearest(str(other), earlier, 'markets')}"
            )
        elif earlier[other] == "always" and asset.get("clock", "session") != "always":
            yield Problem(
                ("news", other),
                f"{other} never closes, and {name} does; list {name} first, and let {other} load on it",
            )
    numbers = [float(one) for one in loadings.values() if isinstance(one, int | float) and abs(one) <= 1]
    squares = math.fsum(one * one for one in numbers)
    if squares > 1.0 + 1e-12:
        yield Problem(("news",), f"the squares sum to {squares:.6g}, more than all of its news; lower the correlations")


def _of_population(
    table: Mapping[str, object], strategies: Mapping[str, Strategy], known: list[str]
) -> Iterator[Problem]:
    given = table.get("legs")
    home, legs = table.get("asset", LEAD), given if isinstance(given, Mapping) else {}
    named = [(("asset",), home), *((("legs", name), name) for name in legs)]
    for path, market in named:
        if isinstance(market, str) and market not in known:
            yield Problem(path, f"no market is called {shown(market)}; {nearest(market, known, 'markets')}")
    if home in legs:
        yield Problem(("legs", str(home)), "it trades there with capital_bn already; remove the leg")
    strategy = strategies.get(str(table.get("strategy")))
    away = [path for path, market in named if market != LEAD]
    if strategy is not None and strategy.trades_options and away:
        yield Problem(
            away[0], f"'{strategy.name}' trades options, and those are listed on {LEAD} alone; remove the key"
        )
