"""Companies buying back their own stock, issuer by issuer, around their earnings reports.

An issuer's open window closes two weeks before the quarter ends and opens the day after its report; inside the
blackout only its 10b5-1 plan goes on, so the blackout is a dimmer and not a switch. It buys more after a fall, and
stops when the quarter's authorization is spent. Rule 10b-18 (no opening trade, nothing in the last ten minutes, at
most a quarter of volume) is its execution: profile "safe_harbor", participation_cap 0.25.

Feedback: a steady buyer that leans against falls while its window is open, and less of it in earnings season.

Sources: SEC Rule 10b-18; S&P Dow Jones Indices quarterly buyback releases; Goldman Sachs buyback desk on windows and
on the pace in blackout, quoted in the press 2018-2025.
"""

from flowsim.strategy import Annotated, Field, Law, NamedTuple, View, strategy


class Issuer(NamedTuple):
    """One issuer, or a group that reports together."""

    capital_bn: Annotated[float, Field("authorized purchases a year", "USD bn", 0.0)]
    report_lag_days: Annotated[float, Field("earnings report after the quarter's end", "calendar days", 1.0, 90.0)]
    quiet_days: Annotated[float, Field("window closes before the quarter's end", "calendar days", 0.0, 60.0)]
    open_pace: Annotated[float, Field("daily purchases in the open window over capital / 252", "", 0.0, 5.0)]
    plan_share: Annotated[float, Field("part of that pace that a 10b5-1 plan keeps in blackout", "", 0.0, 1.0)]
    dip_response: Annotated[float, Field("extra pace per 1 % fall over five days", "per percent", 0.0, 5.0)]
    quarter_limit: Annotated[float, Field("purchases of a quarter at most, over capital / 4", "", 0.0, 4.0)]


class Spent(NamedTuple):
    """Purchases since the quarter began, over capital, and the calendar day of the quarter."""

    this_quarter: float = 0.0
    day_of_quarter: float = 0.0


@strategy(
    clock="day",
    source="SEC Rule 10b-18; S&P Dow Jones Indices, quarterly S&P 500 buybacks",
    lookback_days=63,
    laws=(
        Law("never_sells"),
        Law("spends_at_most", {"part": ("quarter_limit", 0.25), "per": "quarter"}),
        Law("decreasing_in", {"fields": ("return_5d",)}),
        Law("acts_on", {"fields": ("return_5d", "days_to_quarter_end", "days_since_quarter_end"), "alone": True}),
        Law(
            "slow_in_blackout",
            {"quiet_days": "quiet_days", "report_lag_days": "report_lag_days", "pace": ("open_pace", "plan_share")},
        ),
    ),
    examples=(
        Issuer(1020.0, 32.0, 14.0, open_pace=1.3, plan_share=0.6, dip_response=0.1, quarter_limit=1.2),
        Issuer(1020.0, 14.95, 14.0, open_pace=3.0, plan_share=0.0, dip_response=0.0, quarter_limit=0.4),
    ),
)
def buyback(view: View, issuer: Issuer, spent: Spent, noise: float) -> tuple[Spent, float]:
    """Buy at the pace of the window, more after a fall, until the quarter's authorization is spent."""
    new_quarter = view.days_since_quarter_end < spent.day_of_quarter
    so_far = 0.0 if new_quarter else spent.this_quarter
    blackout = (
        view.days_to_quarter_end <= issuer.quiet_days or view.days_since_quarter_end <= issuer.report_lag_days + 1.0
    )
    fall_pct = max(-100.0 * view.return_5d, 0.0)
    eager = 1.0 + issuer.dip_response * fall_pct
    pace = issuer.open_pace / 252.0 * (issuer.plan_share if blackout else eager)
    bought = max(min(pace, issuer.quarter_limit / 4.0 - so_far), 0.0)
    return Spent(so_far + bought, view.days_since_quarter_end), bought * issuer.capital_bn
