"""The tables of a configuration other than the populations: every key with its meaning, unit, bounds and source.

A calibrated number has no default here; it stands in ``configs/``, with its origin beside it.
"""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from flowsim.clock.bars import BAR_COUNTS, bars_in_session
from flowsim.config.described import ASCENDING, ASCENDING_DATES, Session, Table, described, fault, list_length
from flowsim.errors import InputError

ANNUALIZED = "annualized, as a fraction"
SHARE = "as a fraction of 1"
SHORTEST, LONGEST = 0.01, 25_200.0
"""Half-lives in sessions: from a few minutes to a century. A shorter one ends in numbers too small to tell from 0."""
HalfLife = Annotated[float, Field(ge=SHORTEST, le=LONGEST)]

GABAIX_KOIJEN = (
    "Gabaix & Koijen 2021, In Search of the Origins of Financial Fluctuations: The Inelastic Markets Hypothesis"
)
BERNANKE_KUTTNER = "Bernanke & Kuttner 2005, What Explains the Stock Market's Reaction to Federal Reserve Policy?"
BOUCHAUD = (
    "Bouchaud, Gefen, Potters & Wyart 2004, Fluctuations and Response in Financial Markets: The Subtle Nature of"
    " 'Random' Price Changes"
)
TOTH = "Toth et al. 2011, Anomalous Price Impact and the Critical Nature of Liquidity in Financial Markets"
MULLER = "Muller et al. 1997, Volatilities of Different Time Resolutions: Analyzing the Dynamics of Market Components"
SWANSON = "Swanson 2023, The Importance of Fed Chair Speeches as a Monetary Policy Tool"
ROSA = "Rosa 2013, Fedspeak: Who Moves U.S. Asset Prices?"
MERTON = "Merton 1976, Option Pricing When Underlying Stock Returns Are Discontinuous"
GUYON_LEKEUFACK = "Guyon & Lekeufack 2023, Volatility Is (Mostly) Path-Dependent"
CLARK = "Clark 1973, A Subordinated Stochastic Process Model with Finite Variance for Speculative Prices"
DEUSKAR_JOHNSON = "Deuskar & Johnson 2011, Market Liquidity and Flow-driven Risk"
GARLEANU = "Garleanu, Pedersen & Poteshman 2009, Demand-Based Option Pricing"
GATHERAL = "Gatheral & Jacquier 2014, Arbitrage-Free SVI Volatility Surfaces"
SOROS = "Soros 1987, The Alchemy of Finance"
CHENG_MADHAVAN = "Cheng & Madhavan 2009, The Dynamics of Leveraged and Inverse Exchange-Traded Funds"
CARR_WU = "Carr & Wu 2006, A Tale of Two Indices"


def _sums_to_one(weights: tuple[float, ...]) -> tuple[float, ...]:
    total = math.fsum(weights)
    if abs(total - 1.0) > 1e-9:
        raise fault(f"the weights sum to {total:.12g}, not 1; scale them so that they do")
    return weights


def _cuts_a_session(bars_per_day: int) -> int:
    try:
        bars_in_session(bars_per_day, half_day=False)
    except InputError as error:
        raise fault(str(error).removeprefix("bars_per_day = ")) from None
    return bars_per_day


class Time(Table):
    """Which sessions are simulated, and in how many steps."""

    start: Session = described("last real session before the first simulated one; an NYSE session", "date")
    days: int = described("sessions to simulate", "sessions", low=1, high=25_200)
    bars_per_day: Annotated[int, AfterValidator(_cuts_a_session)] = described(
        "equal bars of a full regular session, after its overnight step", "bars", choices=BAR_COUNTS
    )


class History(Table):
    """The real prices from which the market's first state is computed."""

    prices: Annotated[str, Field(min_length=1)] = described(
        'daily closes before the start: "sp500" for the series shipped in the arch package, else a file'
        " relative to the config"
    )
    stand_in: Session | None = described(
        "session of that series whose close stands for the one at time.start, and those before it for those before;"
        " acts where the series ends before time.start, and never on a file given for the run",
        "date",
        default=None,
    )


class Market(Table):
    """How orders move the price."""

    impact: Literal["linear", "square_root", "propagator"] = described(
        "law that turns net flow into price", source=f"{GABAIX_KOIJEN}; {TOTH}; {BOUCHAUD}"
    )
    multiplier: float = described(
        "price response at reference_vol",
        "log return per unit of flow over market cap",
        low=0,
        high=100,
        source=GABAIX_KOIJEN,
    )
    market_cap_bn: float = described("value of the whole market", "USD bn", low=0.01, high=1e6)
    adv_bn: float = described("average daily volume", "USD bn", low=1e-4, high=1e6)
    depth_elasticity: float = described(
        "elasticity (eta) of impact to the volatility that liquidity providers look at", low=0, high=4
    )
    week_return_loading: float = described(
        "taken off the volatility that liquidity providers look at per log return of the last 5 days: falls thin depth",
        "annualized, as a fraction",
        low=0,
        high=10,
        source=DEUSKAR_JOHNSON,
    )
    month_return_loading: float = described(
        "the same of the last 21 days", "annualized, as a fraction", low=0, high=10, source=DEUSKAR_JOHNSON
    )
    thinnest_depth: float = described(
        "depth that is left in the worst market, over the usual one; bounds the two feedbacks on linear impact",
        "x",
        low=0.001,
        high=1,
    )
    depth_half_lives_days: Annotated[tuple[HalfLife, ...], list_length(exactly=4)] = described(
        "half-lives of the variances that liquidity providers mix", "sessions", source=MULLER
    )
    depth_weights: Annotated[
        tuple[Annotated[float, Field(ge=0, le=1)], ...], list_length(exactly=4), AfterValidator(_sums_to_one)
    ] = described("weights of these variances; they sum to 1", SHARE, source=MULLER)
    reference_vol: float = described("market volatility at which the multiplier holds", ANNUALIZED, low=0.01, high=2)
    transient_share: float = described("part of the impact that decays", SHARE, low=0, high=1, source=BOUCHAUD)
    transient_decay_per_day: float = described(
        "decay rate of the transient impact", "per day", low=0, high=50, source=BOUCHAUD
    )
    square_root_prefactor: float = described(
        "prefactor of the square-root law, in daily volatilities for one day's volume",
        low=0,
        high=10,
        source=TOTH,
    )
    propagator_exponent: float = described(
        "exponent of the power law by which impact decays", low=0.05, high=1, source=BOUCHAUD
    )
    propagator_cutoff_days: float = described(
        "age below which the propagator is flat", "sessions", low=0.01, high=10, source=BOUCHAUD
    )
    overnight_share: float = described(
        "part of a day's variance and business time that passes before the open", SHARE, low=0, high=0.9
    )
    overnight_volume: float = described(
        "what trades before the open, over a session's volume; 0 = nobody trades then", low=0, high=1
    )
    auction_variance_share: float = described(
        "part of a session's variance that comes in the closing auction", SHARE, low=0, high=0.5
    )
    edge_to_midday_variance: float = described(
        "variance at the open and close over that of midday, before the closing auction", "x", low=0.1, high=10
    )
    activity_vol: float = described(
        "standard deviation of the log of a bar's trading time over its usual one; 0 = activity follows its profile",
        low=0,
        high=2,
        source=CLARK,
    )
    activity_half_life_sessions: float = described(
        "half-life of a burst of activity", "sessions", low=SHORTEST, high=LONGEST, source=CLARK
    )
    circuit_breakers: bool = described(
        "halt the day's remaining bars at falls of 7, 13 and 20 percent, as NYSE Rule 7.12 does"
    )
    anticipation_days: int = described(
        "how far ahead liquidity providers trade a flow that they foresee", "sessions", low=1, high=126
    )


class Fundamental(Table):
    """News, and the value that it is about."""

    drift_pct_per_year: float = described("drift of the value", "percent per year", low=-50, high=50)
    daily_news_vol: float = described(
        "standard deviation of a day's news", "daily log return, as a fraction", low=0, high=0.2
    )
    vol_elasticity: float = described(
        "elasticity of news and jumps to the volatility that liquidity providers look at, over reference_vol",
        low=0,
        high=4,
    )
    pass_through: float = described("part of the news that enters the price at once", SHARE, low=0, high=2)
    payrolls_bp: float = described("standard deviation of a payrolls surprise", "bp of value", low=0, high=500)
    cpi_bp: float = described("standard deviation of a CPI surprise", "bp of value", low=0, high=500)
    gdp_bp: float = described("standard deviation of a GDP surprise", "bp of value", low=0, high=500)
    jumps_per_year: float = described("intensity of jumps in the value", "per year", low=0, high=100, source=MERTON)
    jump_mean_bp: float = described("mean jump", "bp of value", low=-3000, high=3000, source=MERTON)
    jump_vol_bp: float = described("standard deviation of a jump", "bp of value", low=0, high=3000, source=MERTON)
    reflexivity: float = described(
        "part of the last 63 days' log return that loads on the next release's surprise; 0 = data lead prices",
        SHARE,
        low=-1,
        high=1,
        source=SOROS,
    )
    initial_gap_pct: float = described("value over price at the start", "percent", low=-90, high=300)


class ScriptedProbability(Table):
    """The market's odds of a cut, imposed on one session."""

    date: Session = described("the session", "date")
    cut_probability: float = described("odds of a cut at the next meeting", "as a probability", low=0, high=1)


class Policy(Table):
    """Central-bank tone: how the expected rate moves, and what that does to the price."""

    price_effect_pct: float = described(
        "price effect of 25 bp of easing priced in", "percent", low=0, high=10, source=BERNANKE_KUTTNER
    )
    amplification: float = described("multiple of that effect through discretionary positioning", low=0, high=20)
    statement_bp: float = described("at an FOMC statement", "bp of expected rate", low=0, high=100)
    minutes_bp: float = described("at the minutes", "bp of expected rate", low=0, high=100)
    chair_bp: float = described("at a speech of the chair", "bp of expected rate", low=0, high=100, source=SWANSON)
    governor_bp: float = described("at a speech of a governor", "bp of expected rate", low=0, high=100, source=ROSA)
    president_bp: float = described("at a speech of a regional president", "bp of expected rate", low=0, high=100)
    chair_speeches_per_year: float = described("speeches of the chair", "per year", low=0, high=365)
    governor_speeches_per_year: float = described("speeches of governors", "per year", low=0, high=365)
    president_speeches_per_year: float = described("speeches of regional presidents", "per year", low=0, high=365)
    initial_cut_probability: float = described("odds of a cut at the first meeting", "as a probability", low=0, high=1)
    script: Annotated[tuple[ScriptedProbability, ...], list_length(), ASCENDING] = described(
        "odds imposed on given sessions, in ascending order", default=()
    )


class ScriptedLevel(Table):
    """System liquidity, imposed on one session."""

    date: Session = described("the session", "date")
    level: float = described("level of the state", "standard deviations", low=-10, high=10)


class Liquidity(Table):
    """The slow exogenous state of system liquidity: a scenario, since no elasticity of equities to it is published."""

    half_life_days: float = described("half-life of the state", "sessions", low=SHORTEST, high=LONGEST)
    vol: float = described("standard deviation of the stationary state", "units of the state", low=0, high=10)
    depth_loading: float = described("log depth per unit of the state", low=-5, high=5)
    initial_vol: float = described(
        "standard deviation over paths of the state at the start, which nobody sees; 0 starts all of them at its mean",
        "units of the state",
        low=0,
        high=10,
        default=0.0,
    )
    script: Annotated[tuple[ScriptedLevel, ...], list_length(), ASCENDING] = described(
        "levels imposed on given sessions, in ascending order", default=()
    )


class Sentiment(Table):
    """Panic, an explicit state, so that one can set it to zero and see what remains."""

    half_life_days: float = described("half-life of panic", "sessions", low=SHORTEST, high=LONGEST)
    response: float = described("panic added per daily sigma of loss beyond the threshold", low=0, high=10)
    threshold: float = described("loss at which panic begins", "daily sigmas", low=0, high=10)
    shock_vol: float = described("standard deviation of a day's exogenous shock", low=0, high=10)


Base = Annotated[tuple[Annotated[float, Field(ge=-1000, le=1000)], ...], list_length(exactly=8)]


def _four_with_vix(points: tuple[float, ...]) -> tuple[float, ...]:
    if points and (len(points) != 4 or not points[1] > 0.0):
        raise fault("give VIX9D, VIX, VIX3M and VIX6M, with 0 for one that is not known; VIX has to be")
    return points


Points = Annotated[tuple[Annotated[float, Field(ge=0, le=1000)], ...], list_length(), AfterValidator(_four_with_vix)]


class Options(Table):
    """Index options: the implied volatility that their dealers mark, and the quotes that they show."""

    listed: bool = described("whether options are listed; programmes and dealers need them")
    vix9d: Base = described(
        "loadings of the 9-day level: a constant, realized volatility in percent with half-lives of 2, 10 and 60"
        " sessions, the day's fall and return in percent, mean returns in percent with half-lives of 3 and 15 sessions",
        "vol points",
        source=GUYON_LEKEUFACK,
    )
    vix: Base = described("the same of the 30-day level", "vol points", source=GUYON_LEKEUFACK)
    vix3m: Base = described("the same of the 93-day level", "vol points", source=GUYON_LEKEUFACK)
    vix6m: Base = described(
        "the same of the 184-day level; the 366-day level follows from this and the 93-day one, in a straight line"
        " of log time",
        "vol points",
        source=GUYON_LEKEUFACK,
    )
    vega_depth_bn: float = described(
        "customers' one-month vega beyond the usual that raises one-month volatility by a point",
        "USD bn for a vol point",
        low=1e-6,
        high=1e3,
        source=GARLEANU,
    )
    vega_depth_elasticity: float = described(
        "elasticity of that rise to the level that past returns give, over 20 points: dealers take less in turmoil",
        low=0,
        high=2,
        source=GARLEANU,
    )
    demand_reach: float = described(
        "log distance in time to expiry at which the effect of a vega has fallen by the factor e",
        low=0.01,
        high=100,
        source=GARLEANU,
    )
    demand_half_life_days: float = described(
        "half-life of what dealers take as the usual demand", "sessions", low=SHORTEST, high=LONGEST
    )
    skew_correlation: float = described("correlation rho of the surface", low=-0.95, high=-0.05, source=GATHERAL)
    curvature: float = described(
        "curvature eta of the surface; at most 2 / (1 + |rho|)", low=0.001, high=2, source=GATHERAL
    )
    curvature_exponent: float = described(
        "exponent by which the skew falls with time to expiry", low=0.1, high=0.5, source=GATHERAL
    )
    skew_response: float = described(
        "relative rise of the curvature for a point of volatility's worth of low strikes bought beyond the usual",
        low=0,
        high=1,
    )
    sentiment_points: float = described("one-month volatility for a unit of panic", "vol points", low=0, high=50)
    initial_points: Points = described(
        "closes of VIX9D, VIX, VIX3M and VIX6M at the start, 0 for one that is not known; without them the indices"
        " start where past returns and programmes put them",
        "vol points",
        default=(),
    )
    meeting_move_pct: float = described("move that options price for an FOMC statement", "percent", low=0, high=5)
    release_move_pct: float = described("move that they price for payrolls and for CPI", "percent", low=0, high=5)
    half_spread_pct: float = described("half the quoted spread", "percent of the premium", low=0, high=50)

    @model_validator(mode="after")
    def _free_of_arbitrage(self) -> Options:
        most = 2.0 / (1.0 + abs(self.skew_correlation))
        if self.curvature > most:
            raise fault(
                f"curvature = {self.curvature:g} lets butterflies pay for nothing; with skew_correlation ="
                f" {self.skew_correlation:g} it is at most {most:.4g}"
            )
        return self


class VixFutures(Table):
    """VIX futures M1 to M8, priced at each close from the indices of that close."""

    convexity: float = described(
        "how far a future of a distant day lies below the forward volatility, in logs", low=0, high=1, source=CARR_WU
    )
    convexity_horizon: float = described(
        "days to settlement by which it has that up to the factor 1 - 1/e", "calendar days", low=0.1, high=1000
    )


class VixProduct(Table):
    """A note or fund on the 30-day index of VIX futures."""

    leverage: float = described(
        "multiple of the index's return on each day; below 0 it is short",
        low=-4,
        high=4,
        source=CHENG_MADHAVAN,
    )
    assets_bn: float = described("what it is worth at the start", "USD bn", low=0, high=1000)
    closes_at_loss_pct: float | None = described(
        "loss in a day at which it buys back, or sells, all that it holds, and ends; none if left out",
        "percent of its worth",
        low=1,
        high=100,
        default=None,
    )
    assets_half_life_days: HalfLife | None = described(
        "half-life by which creations and redemptions bring it back to assets_bn; none if left out",
        "sessions",
        default=None,
    )


class VixProducts(Table):
    """Notes and funds on VIX futures, which trade after each close: their leverage, and their roll."""

    delta_share: float = described(
        "part of their vega against which those who sell it to them sell stock in the next session",
        SHARE,
        low=0,
        high=2,
    )
    product: dict[str, VixProduct] = described("the products, by name")


def _each_once(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if names.count(name) > 1:
            raise fault(f'"{name}" is listed twice; list each table once')
    return names


class Record(Table):
    """What a run keeps; recording never changes a result."""

    grain: Literal["day", "bar"] = described("one row for each day or for each bar", default="day")
    tables: Annotated[
        tuple[Literal["market", "flows", "positions", "volatility", "vix_sources", "options", "gamma"], ...],
        list_length(),
        AfterValidator(_each_once),
    ] = described(
        "tables to write; the last four only where options are listed",
        default=("market", "flows", "positions", "volatility", "vix_sources", "options", "gamma"),
    )
    every: int = described("keep every n-th day", "sessions", low=1, high=252, default=1)
    chain_dates: Annotated[tuple[Session, ...], list_length(), ASCENDING_DATES] = described(
        "sessions whose quoted option chain at the close is kept, in ascending order; any writes the table chain",
        default=(),
    )

    @model_validator(mode="after")
    def _whole_days(self) -> Record:
        if self.grain == "bar" and self.every != 1:
            raise fault(f'every = {self.every} skips days, and grain = "bar" keeps each bar; set every = 1')
        return self
