"""Leveraged and inverse ETFs: restore the day's leverage before the close.

A fund of leverage L must trade L (L - 1) times its assets times the move since it last traded, in the direction of
the move, whether L is positive or negative. It does so in the last bar; what moves after that is settled next day.

Feedback: the last half hour goes further in the day's direction.

Source: Cheng and Madhavan (2009), "The Dynamics of Leveraged and Inverse Exchange-Traded Funds".
"""

import math

from flowsim.strategy import Annotated, Field, Law, NamedTuple, View, strategy

# Those of listed funds. A multiple between 0 and 1 is none of them: such a fund would sell what rises.
MULTIPLES = (-5, -4, -3, -2, -1.5, -1, -0.5, 1.25, 1.5, 2, 3, 4, 5)


class Fund(NamedTuple):
    """One fund."""

    capital_bn: Annotated[float, Field("assets under management", "USD bn", 0.0)]
    leverage: Annotated[
        float, Field("daily multiple of the index, negative for an inverse fund", "", -5.0, 5.0, MULTIPLES)
    ]


class Rebalanced(NamedTuple):
    """Log price at which the fund last restored its leverage."""

    log_price: float


def start(view: View, fund: Fund) -> Rebalanced:
    """Start balanced at the price."""
    return Rebalanced(view.log_price)


@strategy(
    clock="last_bar",
    source='Cheng and Madhavan (2009), "The Dynamics of Leveraged and Inverse Exchange-Traded Funds"',
    start=start,
    laws=(
        Law("increasing_in", {"fields": ("log_price",)}),
        Law("reaches_its_target"),
        Law("acts_on", {"fields": ("log_price",), "alone": True}),
    ),
    examples=(Fund(25.0, leverage=3.0), Fund(10.0, leverage=-1.0)),
)
def leveraged_etf(view: View, fund: Fund, last: Rebalanced, noise: float) -> tuple[Rebalanced, float]:
    """Trade L (L - 1) times assets times the move since the last rebalance."""
    move = math.expm1(view.log_price - last.log_price)
    order_bn = fund.leverage * (fund.leverage - 1.0) * fund.capital_bn * move
    return Rebalanced(view.log_price), order_bn
