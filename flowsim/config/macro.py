"""The config's table of the macro layer: its scenario, and what of it reaches the market."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, get_args

from pydantic import Field

from flowsim.authoring.declaration import Strategy
from flowsim.config.described import Table, described, list_length
from flowsim.config.wording import Problem, nearest, shown

Budget = Literal["ai_payout", "other_payout", "saving_top", "saving_middle", "saving_bottom", "share_supply_bn"]
BUDGETS: tuple[str, ...] = get_args(Budget)
"""Rows of the layer that a population's orders may follow."""
SOURCES = ("capex", "power", "credit", "growth", "support")
"""Sources of news, in the order in which a quarter's is taken apart."""
NEWS, LIQUIDITY, FEAR = "news", "liquidity", "fear"
Held = Literal[
    "news",
    "liquidity",
    "fear",
    "ai_payout",
    "other_payout",
    "saving_top",
    "saving_middle",
    "saving_bottom",
    "share_supply_bn",
]


class Macro(Table):
    """The macro layer beside the market: who builds AI capacity, who pays, who owes; absent without this table."""

    scenario: Annotated[str, Field(min_length=1)] = described(
        "built-in scenario of the layer (flowsim macro list), or path of a TOML file"
    )
    numbers: Annotated[tuple[str, ...], list_length()] = described(
        'numbers of the layer that its start knows, such as "revenue.margin=0.6" (flowsim macro sources)', default=()
    )
    given: Annotated[str, Field(min_length=1)] | None = described(
        "folder of filings to live through up to the start; needed for a start before 2026-06-30", default=None
    )
    budgets: dict[str, Budget] = described(
        "populations whose orders follow a row of the layer, each with the row", default={}
    )
    feedback: bool = described("whether the index moves the layer's wealth and equity; without, both grow on trend")
    foreseen: float = described(
        "part of a scenario's change that is expected before the quarter in which it begins",
        "as a fraction of 1",
        low=0,
        high=1,
    )
    liquidity: float = described(
        "added to the state of system liquidity where reserves grow by 40 bn a month; 0 leaves it alone",
        "units of the state",
        low=0,
        high=10,
    )
    stress_response: float = described(
        "panic added where the spread of vehicles rises by 200 bp in a quarter; 0 leaves it alone", low=0, high=10
    )
    hold: Annotated[tuple[Held, ...], list_length()] = described(
        "what is kept as at the start, or untold: a budget, news, liquidity, fear; to tell one channel from another",
        default=(),
    )


def macro_problems(table: Mapping[str, object], strategies: Mapping[str, Strategy]) -> Iterator[Problem]:
    """Yield what is wrong with the populations that follow the layer."""
    macro, populations = table.get("macro"), table.get("population")
    if not isinstance(macro, Mapping) or not isinstance(populations, Mapping):
        return
    for name in SOURCES:
        if name in populations:
            sentence = f"{shown(name)} is a source of news of the macro layer; give the population another name"
            yield Problem(("population", name), sentence)
    budgets = macro.get("budgets")
    if not isinstance(budgets, Mapping):
        return
    for name in budgets:
        path = ("macro", "budgets", str(name))
        if name not in populations:
            yield Problem(path, f"no population is called {shown(name)}; {nearest(str(name), populations)}")
            continue
        one = populations[name]
        rule = strategies.get(str(one.get("strategy"))) if isinstance(one, Mapping) else None
        if rule is not None and (rule.clock != "day" or "exposure" in rule.state_names or rule.trades_options):
            sentence = f"strategy {rule.name} decides what it holds and not what it buys, which no budget scales"
            yield Problem(path, f"{sentence}; link a population of buyback, passive_inflow or share_sales")
