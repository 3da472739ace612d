"""Pension funds and balanced mandates: back to the strategic weight at the end of the month or quarter.

Between rebalances the equity weight drifts with the market; before the period ends the fund trades a part of the
drift away.

Feedback: sells after a rally and buys after a fall, on dates that everybody knows.

Source: Harvey, Mazzoleni and Melone (2025), "The Unintended Consequences of Rebalancing".
"""

import math

from flowsim.strategy import Annotated, Field, Law, NamedTuple, View, strategy


class Fund(NamedTuple):
    """One fund."""

    capital_bn: Annotated[float, Field("assets under management", "USD bn", 0.0)]
    equity_weight: Annotated[float, Field("strategic weight of equities", "", 0.0, 1.0)]
    share: Annotated[float, Field("part of the drift that a rebalance takes away", "", 0.0, 1.0)]
    sessions_ahead: Annotated[
        float, Field("sessions before the period's end when trading starts", "sessions", 0.0, 15.0, tuple(range(16)))
    ]
    quarterly: Annotated[float, Field("1 to trade at quarter ends only, 0 at every month's end", "", 0.0, 1.0, (0, 1))]


class Held(NamedTuple):
    """Current weight of equities."""

    weight: float


def start(view: View, fund: Fund) -> Held:
    """Start at the strategic weight."""
    return Held(fund.equity_weight)


@strategy(
    clock="day",
    source='Harvey, Mazzoleni and Melone (2025), "The Unintended Consequences of Rebalancing"',
    lookback_days=126,
    start=start,
    laws=(
        Law("decreasing_in", {"fields": ("day_return",)}),
        Law(
            "acts_on",
            {"fields": ("day_return", "sessions_to_month_end", "sessions_to_quarter_end"), "alone": True},
        ),
        Law(
            "sized_to_its_capital",
            {"turnover_a_year": (0.01, 0.5), "largest_order": 0.2, "largest_position": (0.005, 0.5)},
        ),
    ),
    examples=(
        Fund(8000.0, equity_weight=0.6, share=0.3, sessions_ahead=3.0, quarterly=0.0),
        Fund(8000.0, equity_weight=0.6, share=1.0, sessions_ahead=5.0, quarterly=1.0),
    ),
)
def pension_rebalance(view: View, fund: Fund, held: Held, noise: float) -> tuple[Held, float]:
    """Let the weight drift with the day; when the period is about to end, trade back toward the strategic weight."""
    grown = held.weight * math.exp(view.day_return)
    weight = grown / (grown + 1.0 - held.weight)
    to_end = view.sessions_to_quarter_end if fund.quarterly == 1.0 else view.sessions_to_month_end
    traded = fund.share * (fund.equity_weight - weight) if to_end == fund.sessions_ahead else 0.0
    return Held(weight + traded), traded * fund.capital_bn
