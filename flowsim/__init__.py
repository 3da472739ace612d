"""flowsim: an open market simulator driven by systematic flows.

>>> import flowsim as fs
>>> config = fs.load("us_equity")
>>> run = fs.simulate(config, n_paths=64)
>>> run.to_polars("flows")

Names below are imported when they are first used, so that ``import flowsim`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from flowsim.errors import ConfigError, FlowsimError, InputError, RunError, StrategyError
from flowsim.version import __version__

if TYPE_CHECKING:
    from flowsim import plot, report
    from flowsim.calibration.calibrate import calibrate
    from flowsim.calibration.loadings import fit_loadings
    from flowsim.chain.open_interest import dealer_gamma
    from flowsim.chain.vix import vix
    from flowsim.config import Config, load
    from flowsim.data.prices import Prices, default_prices, read_prices
    from flowsim.data.volatility_file import read_volatility
    from flowsim.econometrics.evidence import evidence
    from flowsim.ensemble.simulation import simulate
    from flowsim.experiments.macro_channels import MacroChannels, macro_channels
    from flowsim.experiments.runner import claims
    from flowsim.facts.ablation import ablate
    from flowsim.facts.fact_table import facts_of_prices, facts_of_run
    from flowsim.facts.futures_table import facts_of_futures
    from flowsim.facts.outside_models import reproduce
    from flowsim.facts.score import score
    from flowsim.forecasts.backtest import Backtest, backtest
    from flowsim.futures.of_chain import futures_of_chain
    from flowsim.history.outlook import Outlook, outlook
    from flowsim.history.replay import Replay, replay
    from flowsim.macro.alone import MacroRun, macro_run
    from flowsim.run.attribution import variance_shares
    from flowsim.run.run import Run
    from flowsim.sweeps.compare import compare
    from flowsim.sweeps.found import Sweep
    from flowsim.sweeps.status import status
    from flowsim.sweeps.sweep import sweep

__all__ = [
    "Backtest",
    "Config",
    "ConfigError",
    "FlowsimError",
    "InputError",
    "MacroChannels",
    "MacroRun",
    "Outlook",
    "Prices",
    "Replay",
    "Run",
    "RunError",
    "StrategyError",
    "Sweep",
    "__version__",
    "ablate",
    "backtest",
    "calibrate",
    "claims",
    "compare",
    "dealer_gamma",
    "default_prices",
    "evidence",
    "facts_of_futures",
    "facts_of_prices",
    "facts_of_run",
    "fit_loadings",
    "futures_of_chain",
    "load",
    "macro_channels",
    "macro_run",
    "outlook",
    "plot",
    "read_prices",
    "read_volatility",
    "replay",
    "report",
    "reproduce",
    "score",
    "simulate",
    "status",
    "sweep",
    "variance_shares",
    "vix",
]

_HOME = {
    "Backtest": "flowsim.forecasts.backtest",
    "Config": "flowsim.config",
    "MacroChannels": "flowsim.experiments.macro_channels",
    "MacroRun": "flowsim.macro.alone",
    "Outlook": "flowsim.history.outlook",
    "Prices": "flowsim.data.prices",
    "Replay": "flowsim.history.replay",
    "Run": "flowsim.run.run",
    "Sweep": "flowsim.sweeps.found",
    "ablate": "flowsim.facts.ablation",
    "backtest": "flowsim.forecasts.backtest",
    "calibrate": "flowsim.calibration.calibrate",
    "claims": "flowsim.experiments.runner",
    "compare": "flowsim.sweeps.compare",
    "dealer_gamma": "flowsim.chain.open_interest",
    "default_prices": "flowsim.data.prices",
    "evidence": "flowsim.econometrics.evidence",
    "facts_of_futures": "flowsim.facts.futures_table",
    "facts_of_prices": "flowsim.facts.fact_table",
    "facts_of_run": "flowsim.facts.fact_table",
    "fit_loadings": "flowsim.calibration.loadings",
    "futures_of_chain": "flowsim.futures.of_chain",
    "load": "flowsim.config",
    "macro_channels": "flowsim.experiments.macro_channels",
    "macro_run": "flowsim.macro.alone",
    "outlook": "flowsim.history.outlook",
    "read_prices": "flowsim.data.prices",
    "read_volatility": "flowsim.data.volatility_file",
    "replay": "flowsim.history.replay",
    "reproduce": "flowsim.facts.outside_models",
    "score": "flowsim.facts.score",
    "simulate": "flowsim.ensemble.simulation",
    "status": "flowsim.sweeps.status",
    "sweep": "flowsim.sweeps.sweep",
    "variance_shares": "flowsim.run.attribution",
    "vix": "flowsim.chain.vix",
}


def __getattr__(name: str) -> object:
    if name in ("plot", "report"):
        return import_module(f"flowsim.{name}")
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'flowsim' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, *(name for name in globals() if name.startswith("__") and name not in __all__)]
