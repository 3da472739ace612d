"""For authors of strategies: markets to try a rule on, one agent's life on them, and the laws a rule declares.

The one place of the package that imports hypothesis.
"""

from flowsim.testing.agents import Decision, Life, live, lives, parameters
from flowsim.testing.laws import GENERAL_LAWS, LAWS, check_law, laws_of
from flowsim.testing.markets import Market, markets, view_of, view_with, views_along

__all__ = [
    "GENERAL_LAWS",
    "LAWS",
    "Decision",
    "Life",
    "Market",
    "check_law",
    "laws_of",
    "live",
    "lives",
    "markets",
    "parameters",
    "view_of",
    "view_with",
    "views_along",
]
