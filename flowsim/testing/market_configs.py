"""Configs drawn at random: small markets of any strategies, which load and run."""

from __future__ import annotations

from hypothesis import strategies as st

from flowsim.authoring.declaration import Strategy
from flowsim.authoring.discovery import discover
from flowsim.config import Config, from_dict
from flowsim.testing.tapes import examples_of

PROFILES = ("close", "open", "vwap", "twap", "safe_harbor")
SIZES = (0.0, 0.1, 1.0)
"""Parts of the capital of an example: with ten times of it a market may well diverge."""


@st.composite
def configs(draw: st.DrawFn, *required: Strategy, days: int = 5) -> Config:
    """Draw a config of a few days with up to three populations and those of the required strategies.

    A required strategy that is not built in is loaded from the folder of its file. With options a day has 13 bars: in
    one, dealers could not hedge what settles at the next close.
    """
    known = discover() | {strategy.name: strategy for strategy in required}
    names = {strategy.name for strategy in required} | set(draw(st.lists(st.sampled_from(sorted(known)), max_size=3)))
    deals_in_options = any(known[name].structure for name in names)
    if deals_in_options:
        names |= {name for name, strategy in known.items() if strategy.hedges_options}
    folders = {str(strategy.file.parent) for strategy in required if strategy.name not in discover()}
    return from_dict(
        {
            "extends": "plain",
            "seed": draw(st.integers(0, 2**40)),
            "strategy_folders": sorted(folders),
            "time": {"days": days, "bars_per_day": 13 if deals_in_options else draw(st.sampled_from([1, 13]))},
            "market": {"impact": draw(st.sampled_from(["linear", "propagator"]))},
            "options": {"listed": any(known[name].trades_options for name in names)},
            "population": {name: draw(_populations(known[name])) for name in sorted(names)},
        }
    )


@st.composite
def _populations(draw: st.DrawFn, strategy: Strategy) -> dict[str, object]:
    """Draw a population of a strategy: some of its examples, at a part of their capital."""
    agents = [draw(st.sampled_from(examples_of(strategy)))]
    if not (strategy.provides_liquidity or strategy.hedges_options):
        agents += draw(st.lists(st.sampled_from(examples_of(strategy)), max_size=2))
    size = draw(st.sampled_from(SIZES))
    table: dict[str, object] = {"strategy": strategy.name, "agents": len(agents)}
    table |= {name: [getattr(agent, name) for agent in agents] for name in strategy.parameter_names}
    table["capital_bn"] = size * sum(agent.capital_bn for agent in agents)
    if strategy.clock == "day":
        table["execution"] = {"days": draw(st.integers(1, 4)), "profile": draw(st.sampled_from(PROFILES))}
    return table
