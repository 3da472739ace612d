"""The facts that no number of a market was fitted to: after shocks, efficiency, how the VIX moves, the hours."""

from __future__ import annotations

from flowsim.facts import after_shocks, efficiency, intraday, vix_dynamics
from flowsim.facts.facts import Fact

HELD_OUT: tuple[Fact, ...] = (*after_shocks.facts(), *efficiency.facts(), *vix_dynamics.facts(), *intraday.facts())
"""Every held-out fact, in the order of a printed table."""
