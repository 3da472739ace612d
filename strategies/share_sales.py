"""New shares that companies sell: evenly, whatever the price, as an at-the-market programme does.

How much is sold is up to the budget: in a market with the macro layer it is what builders cannot borrow
(`share_supply_bn`).

Feedback: none by price; a steady seller for as long as there is something to sell.

Source: Billett, Floros and Garfinkel (2019), "At-the-Market Offerings": shares dribbled out into the market for months.
"""

from flowsim.strategy import Annotated, Field, Law, NamedTuple, View, strategy


class Issuance(NamedTuple):
    """One programme."""

    capital_bn: Annotated[float, Field("new shares sold a year", "USD bn", 0.0)]


class Sold(NamedTuple):
    """Sales since the run began, over capital."""

    so_far: float = 0.0


@strategy(
    clock="day",
    source='Billett, Floros and Garfinkel (2019), "At-the-Market Offerings"',
    laws=(Law("never_buys"), Law("acts_on", {"fields": (), "alone": True})),
    examples=(Issuance(50.0),),
)
def share_sales(view: View, issuance: Issuance, sold: Sold, noise: float) -> tuple[Sold, float]:
    """Sell the session's part of a year's shares."""
    today = 1.0 / 252.0
    return Sold(sold.so_far + today), -today * issuance.capital_bn
