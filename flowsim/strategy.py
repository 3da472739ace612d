"""What a strategy file imports, and all that it may import beside ``math``."""

from typing import Annotated, NamedTuple

from flowsim.authoring.declaration import Field, Law, strategy
from flowsim.authoring.structure import ZERO_COST, Leg, Structure
from flowsim.authoring.view import View

__all__ = [
    "ZERO_COST",
    "Annotated",
    "Field",
    "Law",
    "Leg",
    "NamedTuple",
    "Structure",
    "View",
    "strategy",
]
