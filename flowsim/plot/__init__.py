"""The pictures: one function each for a run, a dict of them for a replay or an outlook; `save` writes one to a file.

May import what lies below it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from flowsim.plot.attribution import attribution
from flowsim.plot.backtest import backtest_picture
from flowsim.plot.compare import comparison_picture
from flowsim.plot.episode import episode
from flowsim.plot.evidence import evidence_picture
from flowsim.plot.facts import facts
from flowsim.plot.flows import flows
from flowsim.plot.futures import futures
from flowsim.plot.gamma import gamma
from flowsim.plot.hedging import hedging
from flowsim.plot.inversion import inversion
from flowsim.plot.macro import macro_pictures
from flowsim.plot.moves import attribution_pictures
from flowsim.plot.outlook import outlook_pictures
from flowsim.plot.overview import overview
from flowsim.plot.paths import paths
from flowsim.plot.positions import positions
from flowsim.plot.replay import replay_pictures
from flowsim.plot.saving import save
from flowsim.plot.sweep import sweep_bars, sweep_lines, sweep_map, sweep_picture
from flowsim.plot.volatility import term_structure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "PICTURES",
    "attribution",
    "attribution_pictures",
    "backtest_picture",
    "comparison_picture",
    "episode",
    "evidence_picture",
    "facts",
    "flows",
    "futures",
    "gamma",
    "hedging",
    "inversion",
    "macro_pictures",
    "outlook_pictures",
    "overview",
    "paths",
    "positions",
    "replay_pictures",
    "save",
    "sweep_bars",
    "sweep_lines",
    "sweep_map",
    "sweep_picture",
    "term_structure",
]

PICTURES: dict[str, Callable[..., Figure]] = {
    "overview": overview,
    "episode": episode,
    "paths": paths,
    "flows": flows,
    "attribution": attribution,
    "positions": positions,
    "term-structure": term_structure,
    "inversion": inversion,
    "futures": futures,
    "gamma": gamma,
    "hedging": hedging,
    "facts": facts,
}
