"""Liquidity providers: take the other side of every trade, and lay it off.

They end each step with the opposite of everybody's flow, and pass a part of it on to long-term holders at a speed that
their risk capacity sets; beyond that capacity they pass on everything at once.

Feedback: none of its own. Laying off moves no price here, because the decay of transient impact *is* the price of
laying off, and is booked to whoever traded first.

Source: Grossman and Miller (1988), "Liquidity and Market Structure".
"""

import math

from flowsim.strategy import Annotated, Field, Law, NamedTuple, View, strategy


class Desk(NamedTuple):
    """All providers together."""

    capital_bn: Annotated[float, Field("largest inventory either way", "USD bn", 0.0)]
    half_life_days: Annotated[float, Field("half-life of the inventory", "sessions", 0.01, 1000.0)]


class LaidOff(NamedTuple):
    """Inventory laid off since the run began, in USD bn."""

    so_far_bn: float = 0.0


@strategy(
    clock="bar",
    systematic=False,
    source='Grossman and Miller (1988), "Liquidity and Market Structure"',
    provides_liquidity=True,
    laws=(
        Law("decreasing_in", {"fields": ("inventory_bn",)}),
        Law("long_short_symmetric"),
        Law("acts_on", {"fields": ("inventory_bn", "day_fraction"), "alone": True}),
    ),
    waives={"no_order_without_capital": "without capacity it passes on all that it is left with"},
    examples=(Desk(100.0, half_life_days=2.0),),
)
def liquidity_provider(view: View, desk: Desk, laid_off: LaidOff, noise: float) -> tuple[LaidOff, float]:
    """Let inventory decay with its half-life, and hold no more than capacity."""
    kept = view.inventory_bn * math.exp(-math.log(2.0) * view.day_fraction / desk.half_life_days)
    wanted = min(max(kept, -desk.capital_bn), desk.capital_bn)
    order_bn = wanted - view.inventory_bn
    return LaidOff(laid_off.so_far_bn + order_bn), order_bn
