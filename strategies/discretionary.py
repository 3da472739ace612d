"""Discretionary traders: noise, value, buying the dip, trading the Fed's tone, and panic.

They close the variance budget: what no rule-bound population does. Noise trades at random; value leans toward the
fundamental at a pace, with no limit on the position that this adds up to; dip buyers enter after a fall and leave
slowly; tone traders follow what the Fed says and give it back; the panicked sell while panic lasts.

Feedback: value and dip buyers calm the market, tone traders and panic amplify it for a while.

Sources: Kyle (1985), "Continuous Auctions and Insider Trading", for noise; Beja and Goldman (1980), "On the Dynamic
Behavior of Prices in Disequilibrium", for value.
"""

import math

from flowsim.strategy import Annotated, Field, Law, NamedTuple, View, strategy


class Crowd(NamedTuple):
    """Noise traders who move together."""

    capital_bn: Annotated[float, Field("standard deviation of a day's net flow", "USD bn a day", 0.0)]


class Traded(NamedTuple):
    """Net purchases since the run began, over capital."""

    so_far: float = 0.0


@strategy(
    clock="bar",
    systematic=False,
    noise=True,
    trades_overnight=True,
    source='Kyle (1985), "Continuous Auctions and Insider Trading"',
    laws=(
        Law("long_short_symmetric"),
        Law("sized_to_its_capital", {"turnover_a_year": (20.0, 2000.0), "largest_position": (2.0, 200.0)}),
        Law("bounded_in_calm_and_storm", {"largest_position": 200.0}),
        Law("acts_on", {"fields": ("day_fraction",), "alone": True}),
    ),
    examples=(Crowd(80.0),),
)
def noise_trading(view: View, crowd: Crowd, traded: Traded, noise: float) -> tuple[Traded, float]:
    """Trade a normal draw, larger in longer bars by the square root of business time."""
    order = math.sqrt(view.day_fraction) * noise
    return Traded(traded.so_far + order), order * crowd.capital_bn


class Investor(NamedTuple):
    """Value investors."""

    capital_bn: Annotated[float, Field("capital that watches value", "USD bn", 0.0)]
    aggressiveness: Annotated[float, Field("daily purchases per unit of log mispricing", "x capital a day", 0.0, 1.0)]
    largest_gap: Annotated[float, Field("mispricing beyond which they trade no faster", "log", 0.0, 2.0)]


@strategy(
    clock="bar",
    systematic=False,
    source='Beja and Goldman (1980), "On the Dynamic Behavior of Prices in Disequilibrium"',
    laws=(
        Law("increasing_in", {"fields": ("fundamental_gap",)}),
        Law("acts_on", {"fields": ("fundamental_gap", "day_fraction"), "alone": True}),
        Law("spends_at_most", {"part": ("aggressiveness", "largest_gap"), "per": "session"}),
        Law("sized_to_its_capital", {"turnover_a_year": (0.005, 0.5), "largest_position": (0.005, 0.5)}),
        Law("long_short_symmetric"),
    ),
    examples=(Investor(6000.0, aggressiveness=0.005, largest_gap=0.05),),
)
def value_investing(view: View, investor: Investor, traded: Traded, noise: float) -> tuple[Traded, float]:
    """Buy below value and sell above it, in proportion to the gap."""
    gap = min(max(view.fundamental_gap, -investor.largest_gap), investor.largest_gap)
    order = investor.aggressiveness * gap * view.day_fraction
    return Traded(traded.so_far + order), order * investor.capital_bn


class DipBuyer(NamedTuple):
    """One group of dip buyers."""

    capital_bn: Annotated[float, Field("cash kept for dips", "USD bn", 0.0)]
    threshold: Annotated[float, Field("fall from the month's high that is no dip yet", "log", 0.0, 1.0)]
    full_at: Annotated[float, Field("further fall at which all the cash is in", "log", 0.001, 2.0)]
    exit_half_life_days: Annotated[
        float, Field("half-life of the position once the dip is over", "sessions", 1.0, 1000.0)
    ]


class Position(NamedTuple):
    """Exposure in units of capital."""

    exposure: float = 0.0


@strategy(
    clock="day",
    systematic=False,
    source="Vanda Research and JPMorgan notes on retail dip buying, 2020-2025",
    lookback_days=63,
    laws=(
        Law("exposure_within", {"low": 0.0, "high": 1.0}),
        Law("decreasing_in", {"fields": ("log_price",)}),
        Law("acts_on", {"fields": ("log_price", "high_21d"), "alone": True}),
    ),
    examples=(DipBuyer(200.0, threshold=0.03, full_at=0.1, exit_half_life_days=20.0),),
)
def dip_buying(view: View, buyer: DipBuyer, held: Position, noise: float) -> tuple[Position, float]:
    """Hold what the dip calls for, or what is left of an earlier one, whichever is more."""
    fall = view.high_21d - view.log_price
    wanted = min(max(fall - buyer.threshold, 0.0) / buyer.full_at, 1.0)
    fading = held.exposure * math.exp(-math.log(2.0) / buyer.exit_half_life_days)
    exposure = max(wanted, fading)
    return Position(exposure), (exposure - held.exposure) * buyer.capital_bn


class ToneTrader(NamedTuple):
    """One group that trades what the Fed says."""

    capital_bn: Annotated[float, Field("capital that trades policy", "USD bn", 0.0)]
    response: Annotated[float, Field("exposure taken per 25 bp of easing priced in", "x capital", 0.0, 10.0)]
    half_life_days: Annotated[float, Field("half-life of the position", "sessions", 0.1, 1000.0)]


@strategy(
    family="tone",
    clock="bar",
    systematic=False,
    source='Bernanke and Kuttner (2005), "What Explains the Stock Market\'s Reaction to Federal Reserve Policy?"',
    laws=(
        Law("increasing_in", {"fields": ("easing_bp",)}),
        Law("acts_on", {"fields": ("easing_bp", "day_fraction"), "alone": True}),
        Law("long_short_symmetric"),
    ),
    examples=(ToneTrader(50.0, response=0.4, half_life_days=2.5),),
)
def tone_trading(view: View, trader: ToneTrader, held: Position, noise: float) -> tuple[Position, float]:
    """Add to the position on easing, cut it on tightening, and let it fade."""
    fading = held.exposure * math.exp(-math.log(2.0) * view.day_fraction / trader.half_life_days)
    exposure = fading + trader.response * view.easing_bp / 25.0
    return Position(exposure), (exposure - held.exposure) * trader.capital_bn


class Holder(NamedTuple):
    """Holders who can panic."""

    capital_bn: Annotated[float, Field("what panic can sell", "USD bn", 0.0)]
    full_at: Annotated[float, Field("panic at which all of it is sold", "sentiment", 0.01, 100.0)]


@strategy(
    clock="day",
    systematic=False,
    source='Baker and Wurgler (2007), "Investor Sentiment in the Stock Market"',
    laws=(
        Law("exposure_within", {"low": -1.0, "high": 0.0}),
        Law("decreasing_in", {"fields": ("sentiment",)}),
        Law("acts_on", {"fields": ("sentiment",), "alone": True}),
        Law("forgets_where_it_came_from"),
        Law("reaches_its_target"),
    ),
    examples=(Holder(780.0, full_at=3.0),),
)
def panic_selling(view: View, holder: Holder, held: Position, noise: float) -> tuple[Position, float]:
    """Sell in proportion to panic, and buy back as it fades."""
    exposure = -min(view.sentiment / holder.full_at, 1.0)
    return Position(exposure), (exposure - held.exposure) * holder.capital_bn
