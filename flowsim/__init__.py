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
    from flowsim.analysis.outlook import Outlook, outlook
    from flowsim.analysis.outside_models import reproduce
    from flowsim.analysis.replay import Replay, replay
    from flowsim.analysis.score import score
    from flowsim.analysis.volatility_file import read_volatility
    from flowsim.calibration.calibrate import calibrate
    from flowsim.config import Config, load
    from flowsim.options.open_interest import dealer_gamma
    from flowsim.options.vix import vix
    from flowsim.prices import Prices, default_prices, read_prices
    from flowsim.run.run import Run
    from flowsim.simulation import simulate

__all__ = [
    "Config",
    "ConfigError",
    "FlowsimError",
    "InputError",
    "Outlook",
    "Prices",
    "Replay",
    "Run",
    "RunError",
    "StrategyError",
    "ablate",
    "calibrate",
    "claims",
    "dealer_gamma",
    "default_prices",
    "facts_of_prices",
    "facts_of_run",
    "load",
    "outlook",
    "plot",
    "read_prices",
    "read_volatility",
    "replay",
    "reproduce",
    "score",
    "simulate",
    "variance_shares",
    "vix",
]

_HOME = {
    "Config": "flowsim.config",
    "Outlook": "flowsim.analysis.outlook",
    "Prices": "flowsim.prices",
    "Replay": "flowsim.analysis.replay",
    "Run": "flowsim.run.run",
    "ablate": "flowsim.analysis.ablation",
    "calibrate": "flowsim.calibration.calibrate",
    "claims": "flowsim.analysis.claims.runner",
    "dealer_gamma": "flowsim.options.open_interest",
    "default_prices": "flowsim.prices",
    "facts_of_prices": "flowsim.analysis.fact_table",
    "facts_of_run": "flowsim.analysis.fact_table",
    "load": "flowsim.config",
    "outlook": "flowsim.analysis.outlook",
    "read_prices": "flowsim.prices",
    "read_volatility": "flowsim.analysis.volatility_file",
    "replay": "flowsim.analysis.replay",
    "reproduce": "flowsim.analysis.outside_models",
    "score": "flowsim.analysis.score",
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
