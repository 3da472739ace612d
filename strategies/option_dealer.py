"""Option dealers: hold the other side of every option that customers hold, and keep it delta-hedged.

A dealer looks at the stock that it lacks to be hedged and trades it: all of it, or only what leaves a band, or only at
certain bars. While a bar runs it hedges a part of the move itself, which the market solves for exactly.

Feedback: a dealer who is long gamma (customers sold the options) sells rises and buys falls, and calms the market; one
who is short gamma drives it further. At expiry the hedge of what has expired is unwound.

Sources: Frey and Stremme (1997), "Market Volatility and Feedback Effects from Dynamic Hedging"; Barbon and Buraschi
(2021), "Gamma Fragility".
"""

from flowsim.strategy import Annotated, Field, Law, NamedTuple, View, strategy


class Desk(NamedTuple):
    """All dealers together."""

    capital_bn: Annotated[float, Field("balance sheet, of which the band is a part", "USD bn", 0.0)]
    band: Annotated[float, Field("gap to a full hedge that is left alone", "x capital", 0.0, 1.0)]
    bars_between: Annotated[float, Field("bars between hedges, the last bar always being one", "bars", 1.0, 400.0)]
    within_bar: Annotated[float, Field("part of a bar's own move hedged while it runs", "", 0.0, 1.0)]


class Hedged(NamedTuple):
    """Stock traded so far to hedge, in USD bn, without what was traded within the bars."""

    so_far_bn: float = 0.0


@strategy(
    clock="bar",
    hedges_options=True,
    source='Frey and Stremme (1997), "Market Volatility and Feedback Effects from Dynamic Hedging"',
    laws=(
        Law("silent_inside_band"),
        Law("increasing_in", {"fields": ("hedge_gap_bn",)}),
        Law("long_short_symmetric"),
        Law("acts_on", {"fields": ("hedge_gap_bn", "bar", "bars_left"), "alone": True}),
        Law("sized_to_its_capital", {"largest_position": (0.5, 50.0)}),
    ),
    waives={"no_order_without_capital": "what it must hedge is what customers hold, and not its balance sheet"},
    examples=(
        Desk(100.0, band=0.02, bars_between=2.0, within_bar=1.0),
        Desk(100.0, band=0.0, bars_between=3.0, within_bar=0.0),
    ),
)
def option_dealer(view: View, desk: Desk, hedged: Hedged, noise: float) -> tuple[Hedged, float]:
    """Trade what is lacking to a full hedge, if it is time and the gap is outside the band."""
    due = view.bar % desk.bars_between == 0.0 or view.bars_left <= 1.0
    order_bn = view.hedge_gap_bn if due and abs(view.hedge_gap_bn) > desk.band * desk.capital_bn else 0.0
    return Hedged(hedged.so_far_bn + order_bn), order_bn
