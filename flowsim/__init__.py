"""flowsim: an open market simulator driven by systematic flows.

>>> import flowsim as fs
>>> config = fs.load("us_equity")
>>> run = fs.simulate(config, n_paths=64)
>>> run.to_polars("flows")

Names below are imported when they are first used, so that ``import flowsim`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from flowsim.errors import ConfigError, FlowsimError, InputError, RunError, StrategyError

if TYPE_CHECKING:
    from flowsim import plot
    from flowsim.analysis.ablation import ablate
    from flowsim.analysis.attribution import variance_shares
    from flowsim.analysis.claims.runner import claims
    from flowsim.analysis.fact_table import facts_of_prices, facts_of_run
    from flowsim.config import Config, load
    from flowsim.options.vix import vix
    from flowsim.prices import Prices, default_prices, read_prices
    from flowsim.run.run import Run
    from flowsim.simulation import simulate

__all__ = [
    "Config",
    "ConfigError",
    "FlowsimError",
    "InputError",
    "Prices",
    "Run",
    "RunError",
    "StrategyError",
    "ablate",
    "claims",
    "default_prices",
    "facts_of_prices",
    "facts_of_run",
    "load",
    "plot",
    "read_prices",
    "simulate",
    "variance_shares",
    "vix",
]

_HOME = {
    "Config": "flowsim.config",
    "Prices": "flowsim.prices",
    "Run": "flowsim.run.run",
    "ablate": "flowsim.analysis.ablation",
    "claims": "flowsim.analysis.claims.runner",
    "default_prices": "flowsim.prices",
    "facts_of_prices": "flowsim.analysis.fact_table",
    "facts_of_run": "flowsim.analysis.fact_table",
    "load": "flowsim.config",
    "read_prices": "flowsim.prices",
    "simulate": "flowsim.simulation",
    "variance_shares": "flowsim.analysis.attribution",
    "vix": "flowsim.options.vix",
}


def __getattr__(name: str) -> Any:
    if name == "plot":
        return import_module("flowsim.plot")
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'flowsim' has no attribute {name!r}")
