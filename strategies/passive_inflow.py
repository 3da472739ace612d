"""Passive inflows: retirement savings and index funds that buy whatever the price.

Savings arrive every session, and a larger part of a month's on the turn of the month, when pay and contributions are
invested.

Feedback: none by price; a steady buyer with a calendar.

Sources: Etula, Rinne, Suominen and Vaittinen (2020), "Dash for Cash: Monthly Market Impact of Institutional Liquidity
Needs", for a month's cycle of payments; McConnell and Xu (2008), "Equity Returns at the Turn of the Month", for the
turn as the last and the first three sessions; Federal Reserve, Financial Accounts, for the size.
"""

from flowsim.strategy import Annotated, Field, Law, NamedTuple, View, strategy


class Savers(NamedTuple):
    """One group of savers."""

    capital_bn: Annotated[float, Field("net inflow a year", "USD bn", 0.0)]
    turn_share: Annotated[float, Field("part of a month's inflow on its last and first three sessions", "", 0.0, 1.0)]


class Saved(NamedTuple):
    """Inflow since the run began, over capital."""

    so_far: float = 0.0


@strategy(
    clock="day",
    source='Etula, Rinne, Suominen and Vaittinen (2020), "Dash for Cash"',
    laws=(
        Law("never_sells"),
        Law("spends_at_most", {"part": 1.1, "per": "year"}),
        Law("acts_on", {"fields": ("sessions_to_month_end", "sessions_since_month_end"), "alone": True}),
    ),
    examples=(Savers(400.0, turn_share=0.3),),
)
def passive_inflow(view: View, savers: Savers, saved: Saved, noise: float) -> tuple[Saved, float]:
    """Invest the day's savings: a month has 21 sessions, four of them at its turn."""
    turn = view.sessions_to_month_end == 0.0 or view.sessions_since_month_end <= 3.0
    share = savers.turn_share / 4.0 if turn else (1.0 - savers.turn_share) / 17.0
    invested = share / 12.0
    return Saved(saved.so_far + invested), invested * savers.capital_bn
