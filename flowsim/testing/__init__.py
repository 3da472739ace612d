"""For authors of rules: markets to try a rule on, one agent's life on them, the laws it declares, and its tapes.

May import `options`, `kernel`, `config`, `authoring`, `data`, `clock`, `files` and `errors`. Names below are imported
when they are first used, so that the pytest plugin costs nothing in a test run that does not use it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowsim.testing.agents import Decision, Life, live, lives, parameters
    from flowsim.testing.canonical import CANONICAL, canonical_market
    from flowsim.testing.checking import BrokenLawError, broken_laws, check_law
    from flowsim.testing.laws import GENERAL_LAWS, LAWS, laws_of
    from flowsim.testing.market_configs import configs
    from flowsim.testing.replay import verify
    from flowsim.testing.tape_files import record
    from flowsim.testing.tapes import tape_of
    from flowsim.testing.views import Market, markets, view_of, view_with, views_along

_HOME = {
    "agents": ("Decision", "Life", "live", "lives", "parameters"),
    "canonical": ("CANONICAL", "canonical_market"),
    "checking": ("BrokenLawError", "broken_laws", "check_law"),
    "market_configs": ("configs",),
    "laws": ("GENERAL_LAWS", "LAWS", "laws_of"),
    "views": ("Market", "markets", "view_of", "view_with", "views_along"),
    "tape_files": ("record",),
    "tapes": ("tape_of",),
    "replay": ("verify",),
}

__all__ = [
    "CANONICAL",
    "GENERAL_LAWS",
    "LAWS",
    "BrokenLawError",
    "Decision",
    "Life",
    "Market",
    "broken_laws",
    "canonical_market",
    "check_law",
    "configs",
    "laws_of",
    "live",
    "lives",
    "markets",
    "parameters",
    "record",
    "tape_of",
    "verify",
    "view_of",
    "view_with",
    "views_along",
]


def __getattr__(name: str) -> object:
    for home, names in _HOME.items():
        if name in names:
            return getattr(import_module(f"flowsim.testing.{home}"), name)
    raise AttributeError(f"module 'flowsim.testing' has no attribute {name!r}")
