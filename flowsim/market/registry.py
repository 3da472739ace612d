"""Which row of the market's arrays belongs to whom: sources of a price move, and accounts of the ledger, by name."""

from __future__ import annotations

from typing import NamedTuple

MARKET_MAKER, HOLDERS = "market_maker", "holders"
"""Accounts that every market has: of those who take the other side where no population does, and of all others."""


class Registry(NamedTuple):
    """Names in the order of the rows."""

    populations: tuple[str, ...]
    shocks: tuple[str, ...] = ("news", "policy")  # sources from outside, that come before any order

    @property
    def sources(self) -> tuple[str, ...]:
        """Sources of a price move: shocks, then the populations."""
        return (*self.shocks, *self.populations)

    @property
    def first_population(self) -> int:
        """Row of the first population among the sources."""
        return len(self.shocks)

    @property
    def accounts(self) -> tuple[str, ...]:
        """Accounts of the ledger: populations, then those that every market has."""
        return (*self.populations, MARKET_MAKER, HOLDERS)
