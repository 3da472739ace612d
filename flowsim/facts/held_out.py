"""The facts that no number of a market was fitted to: what follows shocks, and what is known at the close."""

from __future__ import annotations

from flowsim.facts import after_shocks, efficiency
from flowsim.facts.facts import Fact

HELD_OUT: tuple[Fact, ...] = (*after_shocks.facts(), *efficiency.facts())
"""Every held-out fact, in the order of a printed table."""
