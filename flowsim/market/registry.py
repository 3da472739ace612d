"""Which row of the market's arrays belongs to whom: sources of a price move, accounts of the ledger, what rules see."""

from __future__ import annotations

from typing import NamedTuple

from flowsim.authoring.view import View

MARKET_MAKER, HOLDERS = "market_maker", "holders"
"""Accounts that every market has: of those who take the other side where no population does, and of all others."""


class Registry(NamedTuple):
    """Names in the order of the rows."""

    populations: tuple[str, ...]
    shocks: tuple[str, ...] = ("news", "policy")  # sources from outside, that come before any order
    published: tuple[str, ...] = ()  # rows of the view after those that every market has
    own_accounts: tuple[str, ...] = ()  # of subsystems

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
        """Accounts of the ledger: populations, subsystems, then those that every market has."""
        return (*self.populations, *self.own_accounts, MARKET_MAKER, HOLDERS)

    @property
    def view(self) -> tuple[str, ...]:
        """What rules may see: the view of every market, then what subsystems publish."""
        return (*View._fields, *self.published)

    def extended(self, *, sources: tuple[str, ...], published: tuple[str, ...], accounts: tuple[str, ...]) -> Registry:
        """Return a registry with rows for one more subsystem.

        Raises
        ------
        ValueError
            If one of its names is taken.
        """
        for kind, own, taken in (
            ("source", sources, (*self.sources, *self.accounts)),
            ("row", published, self.view),
            ("account", accounts, (*self.sources, *self.accounts)),
        ):
            for name in own:
                if name in taken:
                    raise ValueError(
                        f"the {kind} {name!r} of a subsystem has the name of another; choose one of its own"
                    )
        return self._replace(
            shocks=(*self.shocks, *sources),
            published=(*self.published, *published),
            own_accounts=(*self.own_accounts, *accounts),
        )
