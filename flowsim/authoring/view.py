"""The market as one agent sees it: everything up to the last completed step, and nothing later."""

from typing import NamedTuple


class View(NamedTuple):
    """Observables of one path at one step.

    Returns are log returns and volatilities are annualized (252 days, zero mean), as fractions, not percent.
    For a rule on the day clock the calendar fields describe the next session, the first in which an order can trade;
    for a rule on a bar clock, the session that is running.
    """

    # the price path
    price: float  # index level
    log_price: float
    step_return: float  # of the last completed step
    day_return: float  # since the last close; at the close, of the whole day
    return_5d: float
    return_21d: float
    return_63d: float
    return_126d: float
    return_252d: float
    high_21d: float  # log price, highest close, today's included
    low_21d: float
    high_63d: float
    low_63d: float
    high_126d: float
    low_126d: float
    high_252d: float
    low_252d: float
    # risk and liquidity
    rv_5: float  # realized volatility over the last 5 closes
    rv_10: float
    rv_20: float
    rv_21: float
    rv_40: float
    rv_63: float
    rv_126: float
    market_vol: float  # the mix of horizons that liquidity providers look at
    impact: float  # log return per USD bn of net flow
    adv_bn: float  # average daily volume
    inventory_bn: float  # liquidity providers' holding
    # value and exogenous states
    fundamental_gap: float  # log of fundamental value over price
    cut_probability: float  # of a cut at the next scheduled meeting
    easing_bp: float  # easing priced in since the rule was last asked: the last bar and a night, or the day
    liquidity: float  # state of system liquidity, 0 = normal
    sentiment: float  # panic, 0 = calm
    # options; all zero in a market that lists none
    vix9d: float  # at the last close, in points, as are the other tenors
    vix: float
    vix3m: float
    vix6m: float
    vix1y: float
    hedge_gap_bn: float  # stock that dealers lack to be hedged; + = they must buy
    gamma_1pct_bn: float  # stock that dealers must sell for a rise of 1 %; + = long gamma, they sell rallies
    # the session, and the bar that is coming
    day_fraction: float  # the bar's part of a session's trading time; the bars of a usual session add up to 1
    bars_left: float  # this bar included
    bar: float  # 0 = first
    weekday: float  # 0 = Monday
    days_since_quarter_end: float  # calendar days
    days_to_quarter_end: float
    sessions_since_month_end: float  # 1 = first session of the month
    sessions_to_month_end: float  # 0 = last session of the month
    sessions_to_quarter_end: float
    sessions_to_meeting: float  # 0 = day of an FOMC statement
    sessions_to_expiry: float  # 0 = day of the monthly (third Friday) expiry
