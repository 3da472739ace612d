"""The ledger in plain Python: every fill has two sides."""

from __future__ import annotations

from dataclasses import dataclass

from twin.plain_traders import Trader


@dataclass
class Ledger:
    """Stock and cash of the populations, of the market maker, and of long-term holders."""

    traders: list[Trader]
    market_maker_shares: float
    holder_shares: float
    market_maker_cash: float = 0.0
    holder_cash: float = 0.0

    @property
    def provider(self) -> Trader | None:
        """The population that provides liquidity, if there is one."""
        return next((trader for trader in self.traders if trader.strategy.provides_liquidity), None)

    @property
    def inventory(self) -> float:
        """What liquidity providers hold."""
        return self.provider.shares if self.provider else self.market_maker_shares

    @property
    def shares(self) -> list[float]:
        """Stock of every account, USD bn at the start price."""
        return [*(trader.shares for trader in self.traders), self.market_maker_shares, self.holder_shares]

    def cash(self, dealers: float = 0.0) -> list[float]:
        """Return the cash of every account; `dealers` is theirs from options, or the market maker's."""
        hedges = [trader.strategy.hedges_options for trader in self.traders]
        own = [trader.cash + dealers * hedging for trader, hedging in zip(self.traders, hedges, strict=True)]
        return [*own, self.market_maker_cash + dealers * (not any(hedges)), self.holder_cash]

    def book(self, flows: list[float], relative: float) -> None:
        """Book every fill against whoever provides liquidity; what that one lays off goes to long-term holders.

        Cash is paid at `relative`, the price over the start price.
        """
        provider = self.provider
        for trader, flow in zip(self.traders, flows, strict=True):
            trader.shares += flow
            trader.cash -= flow * relative
            if trader is provider:
                self.holder_shares -= flow
                self.holder_cash += flow * relative
            elif provider:
                provider.shares -= flow
                provider.cash += flow * relative
            else:
                self.market_maker_shares -= flow
                self.market_maker_cash += flow * relative
