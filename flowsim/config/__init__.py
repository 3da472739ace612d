"""Configurations: what a market is made of, checked to the last key before anything runs.

May import `authoring`, `clock`, `files`, `kernel` and `errors`.
"""

from flowsim.config.config import Config
from flowsim.config.draws import agent_parameters
from flowsim.config.load import from_dict, load
from flowsim.config.population import Population
from flowsim.config.reference import json_schema, reference
from flowsim.config.spec import MarketSpec, PopulationSpec

__all__ = [
    "Config",
    "MarketSpec",
    "Population",
    "PopulationSpec",
    "agent_parameters",
    "from_dict",
    "json_schema",
    "load",
    "reference",
]
