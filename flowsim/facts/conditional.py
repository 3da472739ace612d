"""What follows what: after shocks, what is known at the close, how the VIX moves, the hours of a day."""

from __future__ import annotations

from flowsim.facts import after_shocks, efficiency, intraday, vix_dynamics
from flowsim.facts.facts import Fact

CONDITIONAL: tuple[Fact, ...] = (*after_shocks.facts(), *efficiency.facts(), *vix_dynamics.facts(), *intraday.facts())
"""Every conditional fact, in the order of a printed table."""
