"""System liquidity as a flow: reserve purchases, Treasury account and reverse repo, as far as they reach equities.

The state of system liquidity is exogenous (section [liquidity] of the config); this population turns it into buying.
No credible elasticity of equity prices to it is published, so its size is a scenario and labelled as one.

Feedback: none; it moves with the state alone.
"""

from flowsim.strategy import Annotated, Field, Law, NamedTuple, View, strategy


class Programme(NamedTuple):
    """One programme."""

    capital_bn: Annotated[float, Field("purchases a month at liquidity state 1", "USD bn", 0.0)]
    pass_through: Annotated[float, Field("part that reaches equities", "", 0.0, 1.0)]


class Bought(NamedTuple):
    """Purchases since the run began, over capital."""

    so_far: float = 0.0


@strategy(
    clock="day",
    systematic=False,
    source="A scenario; balance-sheet sizes from the Federal Reserve's H.4.1 release",
    laws=(
        Law("increasing_in", {"fields": ("liquidity",)}),
        Law("acts_on", {"fields": ("liquidity",), "alone": True}),
        Law("long_short_symmetric"),
    ),
    examples=(Programme(40.0, pass_through=0.2),),
)
def liquidity_flow(view: View, programme: Programme, bought: Bought, noise: float) -> tuple[Bought, float]:
    """Buy a session's part of the month's purchases that reach equities."""
    today = programme.pass_through * view.liquidity / 21.0
    return Bought(bought.so_far + today), today * programme.capital_bn
