"""Option customers: programmes that buy or sell index options on real dates, roll after roll.

Each rule says only how much notional is traded at a roll; its structure says which contracts that buys and when.
Dealers take the other side, hedge it, and mark implied volatility up where customers' vega piles up.

Feedback: bought puts leave dealers short gamma and steepen the term structure and the skew; sold calls and strangles
leave them long gamma, which calms the market; what is bought just before an event or for a day lifts the front of the
curve most.

Sources: Garleanu, Pedersen and Poteshman (2009), "Demand-Based Option Pricing", for who is on which side; the fact
sheets of hedged-equity funds for the collar; Cboe, "BuyWrite" and "PutWrite" index methodologies, for overwriting.
"""

import math

from flowsim.strategy import ZERO_COST, Annotated, Field, Law, Leg, NamedTuple, Structure, View, strategy

LAWS = (Law("never_sells"), Law("spends_at_most", {"part": 1.0, "per": "session"}))
# The vol at which sellers of volatility deal their normal size: the S&P 500's since 1950.
USUAL_VOL = 0.158


class Traded(NamedTuple):
    """Notional traded so far, in units of capital."""

    so_far: float = 0.0


class PutBuyer(NamedTuple):
    """Investors who always own puts."""

    capital_bn: Annotated[float, Field("assets under protection", "USD bn", 0.0)]
    strike: Annotated[float, Field("strike over the index when bought", "", 0.5, 1.1)]
    months_ahead: Annotated[float, Field("months to expiry when bought", "months", 1.0, 12.0)]


@strategy(
    clock="roll",
    structure=Structure("monthly_expiry", "third_friday", (Leg("put", "strike"),), ahead="months_ahead"),
    source='Garleanu, Pedersen and Poteshman (2009), "Demand-Based Option Pricing"',
    laws=LAWS,
    examples=(PutBuyer(85.0, strike=0.95, months_ahead=3.0),),
)
def put_hedging(view: View, client: PutBuyer, traded: Traded, noise: float) -> tuple[Traded, float]:
    """At each monthly expiry, replace the part of the protection that has run out."""
    part = 1.0 / client.months_ahead
    return Traded(traded.so_far + part), part * client.capital_bn


class CallSeller(NamedTuple):
    """Holders of stock who sell calls on it."""

    capital_bn: Annotated[float, Field("stock that is overwritten", "USD bn", 0.0)]
    strike: Annotated[float, Field("strike over the index when sold", "", 0.9, 1.5)]
    weeks_ahead: Annotated[float, Field("weeks to expiry when sold", "weeks", 1.0, 7.0)]


@strategy(
    clock="roll",
    structure=Structure("weekly", "friday", (Leg("call", "strike", -1.0),), ahead="weeks_ahead"),
    source='Cboe, "S&P 500 BuyWrite Index Methodology"',
    laws=LAWS,
    examples=(CallSeller(70.0, strike=1.03, weeks_ahead=4.0),),
)
def overwriting(view: View, client: CallSeller, traded: Traded, noise: float) -> tuple[Traded, float]:
    """At the end of each week, sell calls on the part of the holding whose calls have run out."""
    part = 1.0 / client.weeks_ahead
    return Traded(traded.so_far + part), part * client.capital_bn


class CollarFund(NamedTuple):
    """A hedged-equity fund."""

    capital_bn: Annotated[float, Field("assets of the fund", "USD bn", 0.0)]
    upper_strike: Annotated[float, Field("strike of the put bought, over the index", "", 0.7, 1.05)]
    lower_strike: Annotated[float, Field("strike of the put sold, over the index", "", 0.4, 1.0)]
    month_offset: Annotated[float, Field("months after the quarter end at which it resets", "months", 0.0, 2.0)]


@strategy(
    clock="roll",
    structure=Structure(
        "quarter_end",
        "quarter_end",
        (Leg("put", "upper_strike"), Leg("put", "lower_strike", -1.0), Leg("call", ZERO_COST, -1.0)),
        offset="month_offset",
    ),
    source="Prospectuses of hedged-equity funds: a 95/80 put spread paid for by a call, reset each quarter",
    laws=LAWS,
    examples=[
        CollarFund(30.0, upper_strike=0.95, lower_strike=0.80, month_offset=offset) for offset in (0.0, 1.0, 2.0)
    ],
)
def collar(view: View, fund: CollarFund, traded: Traded, noise: float) -> tuple[Traded, float]:
    """At each quarter end, buy the put spread on all assets and sell the call that pays for it."""
    return Traded(traded.so_far + 1.0), fund.capital_bn


class MonthEndBuyer(NamedTuple):
    """Systematic hedgers who roll at month end."""

    capital_bn: Annotated[float, Field("notional hedged", "USD bn", 0.0)]
    strike: Annotated[float, Field("strike over the index when bought", "", 0.5, 1.1)]


@strategy(
    clock="roll",
    structure=Structure("month_end", "month_end", (Leg("put", "strike"),)),
    source='Garleanu, Pedersen and Poteshman (2009), "Demand-Based Option Pricing"',
    laws=LAWS,
    examples=(MonthEndBuyer(20.0, strike=0.95),),
)
def month_end_hedging(view: View, client: MonthEndBuyer, traded: Traded, noise: float) -> tuple[Traded, float]:
    """At each month end, buy puts that run to the next."""
    return Traded(traded.so_far + 1.0), client.capital_bn


class EventBuyer(NamedTuple):
    """Hedgers of a scheduled event."""

    capital_bn: Annotated[float, Field("notional hedged for each event", "USD bn", 0.0)]
    strike: Annotated[float, Field("strike over the index when bought", "", 0.5, 1.1)]
    days_before: Annotated[float, Field("sessions before the event", "sessions", 1.0, 20.0)]


@strategy(
    clock="roll",
    structure=Structure("before_meeting", "after_event", (Leg("put", "strike"),), sessions_ahead="days_before"),
    source='Lucca and Moench (2015), "The Pre-FOMC Announcement Drift", for the calendar',
    laws=LAWS,
    examples=(EventBuyer(10.0, strike=0.98, days_before=2.0),),
)
def meeting_hedging(view: View, client: EventBuyer, traded: Traded, noise: float) -> tuple[Traded, float]:
    """Some sessions before each FOMC statement, buy puts that outlive it by as little as is listed."""
    return Traded(traded.so_far + 1.0), client.capital_bn


@strategy(
    clock="roll",
    structure=Structure("before_release", "after_event", (Leg("put", "strike"),), sessions_ahead="days_before"),
    source='Savor and Wilson (2013), "How Much Do Investors Care About Macroeconomic Risk?", for the calendar',
    laws=LAWS,
    examples=(EventBuyer(10.0, strike=0.98, days_before=1.0),),
)
def release_hedging(view: View, client: EventBuyer, traded: Traded, noise: float) -> tuple[Traded, float]:
    """Some sessions before payrolls and consumer prices, buy puts that outlive them by as little as is listed."""
    return Traded(traded.so_far + 1.0), client.capital_bn


class WeeklyBuyer(NamedTuple):
    """Buyers of options that live for a week, more of them in a panic."""

    capital_bn: Annotated[float, Field("median notional at a roll", "USD bn", 0.0)]
    put_strike: Annotated[float, Field("strike of the puts over the index", "", 0.8, 1.1)]
    call_strike: Annotated[float, Field("strike of the calls over the index", "", 0.9, 1.2)]
    spread: Annotated[float, Field("standard deviation of the log of what is traded at a roll", "", 0.0, 2.0)]
    fear: Annotated[float, Field("more notional for each unit of panic", "x normal size", 0.0, 10.0)]


@strategy(
    clock="roll",
    noise=True,
    structure=Structure("weekly", "friday", (Leg("put", "put_strike"), Leg("call", "call_strike", 0.5))),
    source='Dim, Eraker and Vilkov (2024), "0DTEs: Trading, Gamma Risk and Volatility Propagation"',
    laws=(
        Law("never_sells"),
        Law("increasing_in", {"fields": ("sentiment",)}),
        Law("acts_on", {"fields": ("sentiment",), "alone": True}),
    ),
    examples=(WeeklyBuyer(8.0, put_strike=0.98, call_strike=1.01, spread=0.4, fear=0.1),),
)
def weekly_buying(view: View, client: WeeklyBuyer, traded: Traded, noise: float) -> tuple[Traded, float]:
    """At the end of each week, buy options that run to the end of the next: two puts to a call."""
    size = math.exp(client.spread * noise) * (1.0 + client.fear * view.sentiment)
    return Traded(traded.so_far + size), size * client.capital_bn


class SameDayTrader(NamedTuple):
    """Traders of options that live for a day, on both sides."""

    capital_bn: Annotated[float, Field("notional that the numbers below are parts of", "USD bn", 0.0)]
    put_strike: Annotated[float, Field("strike of the puts over the index", "", 0.8, 1.1)]
    call_strike: Annotated[float, Field("strike of the calls over the index", "", 0.9, 1.2)]
    lean: Annotated[float, Field("what they buy on average, negative if they sell", "x capital", -5.0, 5.0)]
    spread: Annotated[float, Field("standard deviation of what they buy on a day", "x capital", 0.0, 5.0)]
    fear: Annotated[float, Field("more bought for each unit of panic", "x capital", 0.0, 5.0)]


@strategy(
    clock="roll",
    noise=True,
    structure=Structure("daily", "next_session", (Leg("put", "put_strike"), Leg("call", "call_strike"))),
    source='Dim, Eraker and Vilkov (2024), "0DTEs: Trading, Gamma Risk and Volatility Propagation"',
    laws=(
        Law("increasing_in", {"fields": ("sentiment",)}),
        Law("acts_on", {"fields": ("sentiment",), "alone": True}),
    ),
    examples=(SameDayTrader(3.0, put_strike=0.995, call_strike=1.005, lean=-0.2, spread=1.0, fear=0.1),),
)
def zero_day_trading(view: View, client: SameDayTrader, traded: Traded, noise: float) -> tuple[Traded, float]:
    """At each close, buy or sell a put and a call that expire at the next; on balance dealers end up long."""
    size = client.lean + client.spread * noise + client.fear * view.sentiment
    return Traded(traded.so_far + size), size * client.capital_bn


class Crowd(NamedTuple):
    """Everybody else, who buys and sells index options for reasons of their own."""

    capital_bn: Annotated[float, Field("standard deviation of a day's net notional", "USD bn a day", 0.0)]
    strike: Annotated[float, Field("strike of the puts over the index", "", 0.8, 1.1)]
    weeks_ahead: Annotated[float, Field("weeks to expiry", "weeks", 1.0, 7.0)]


@strategy(
    clock="roll",
    systematic=False,
    noise=True,
    structure=Structure("daily", "friday", (Leg("put", "strike"),), ahead="weeks_ahead"),
    source='Bollen and Whaley (2004), "Does Net Buying Pressure Affect the Shape of Implied Volatility Functions?"',
    laws=(Law("long_short_symmetric"),),
    examples=(Crowd(9.0, strike=0.98, weeks_ahead=5.0),),
)
def option_noise_trading(view: View, crowd: Crowd, traded: Traded, noise: float) -> tuple[Traded, float]:
    """At each close, buy or sell puts at random: the part of implied volatility that no programme explains."""
    return Traded(traded.so_far + noise), noise * crowd.capital_bn


class VolSeller(NamedTuple):
    """Sellers of strangles."""

    capital_bn: Annotated[float, Field("notional at the usual volatility", "USD bn", 0.0)]
    put_strike: Annotated[float, Field("strike of the puts sold, over the index", "", 0.5, 1.0)]
    call_strike: Annotated[float, Field("strike of the calls sold, over the index", "", 1.0, 1.5)]
    weeks_ahead: Annotated[float, Field("weeks to expiry when sold", "weeks", 1.0, 8.0)]


@strategy(
    clock="roll",
    structure=Structure(
        "weekly", "friday", (Leg("put", "put_strike", -1.0), Leg("call", "call_strike", -1.0)), ahead="weeks_ahead"
    ),
    source='Cboe, "S&P 500 PutWrite Index Methodology"',
    laws=(
        Law("never_sells"),
        Law("decreasing_in", {"fields": ("rv_21",)}),
        Law("acts_on", {"fields": ("rv_21",), "alone": True}),
    ),
    examples=(VolSeller(40.0, put_strike=0.95, call_strike=1.03, weeks_ahead=4.0),),
)
def vol_selling(view: View, client: VolSeller, traded: Traded, noise: float) -> tuple[Traded, float]:
    """At the end of each week, sell strangles on a part of the capital, less of them when volatility is high."""
    part = min(1.0, USUAL_VOL / max(view.rv_21, 0.01)) / client.weeks_ahead
    return Traded(traded.so_far + part), part * client.capital_bn
