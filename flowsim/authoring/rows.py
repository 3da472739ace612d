"""Names for the rows of the arrays that the engine steps: compile-time constants, written once."""

from flowsim.authoring.view import View

N_VIEW = len(View._fields)

PRICE = View._fields.index("price")
LOG_PRICE = View._fields.index("log_price")
STEP_RETURN = View._fields.index("step_return")
DAY_RETURN = View._fields.index("day_return")
RETURN_5D = View._fields.index("return_5d")
RETURN_21D = View._fields.index("return_21d")
RETURN_63D = View._fields.index("return_63d")
RETURN_126D = View._fields.index("return_126d")
RETURN_252D = View._fields.index("return_252d")
HIGH_21D = View._fields.index("high_21d")
HIGH_63D = View._fields.index("high_63d")
HIGH_126D = View._fields.index("high_126d")
HIGH_252D = View._fields.index("high_252d")
RV_5 = View._fields.index("rv_5")
RV_10 = View._fields.index("rv_10")
RV_20 = View._fields.index("rv_20")
RV_21 = View._fields.index("rv_21")
RV_40 = View._fields.index("rv_40")
RV_63 = View._fields.index("rv_63")
RV_126 = View._fields.index("rv_126")
MARKET_VOL = View._fields.index("market_vol")
IMPACT = View._fields.index("impact")
ADV_BN = View._fields.index("adv_bn")
INVENTORY_BN = View._fields.index("inventory_bn")
FUNDAMENTAL_GAP = View._fields.index("fundamental_gap")
CUT_PROBABILITY = View._fields.index("cut_probability")
EASING_BP = View._fields.index("easing_bp")
LIQUIDITY = View._fields.index("liquidity")
SENTIMENT = View._fields.index("sentiment")
VIX9D = View._fields.index("vix9d")
"""The longer tenors stand in the rows after it."""
HEDGE_GAP_BN = View._fields.index("hedge_gap_bn")
GAMMA_1PCT_BN = View._fields.index("gamma_1pct_bn")
DAY_FRACTION = View._fields.index("day_fraction")
BARS_LEFT = View._fields.index("bars_left")
BAR = View._fields.index("bar")

CALENDAR_FIELDS = View._fields[BAR + 1 :]
"""View fields that come from the calendar, in order; the rest of the view before them comes from the market."""
FIRST_CALENDAR = BAR + 1

CLOCK_DAY, CLOCK_BAR, CLOCK_LAST_BAR, CLOCK_ROLL = 0, 1, 2, 3

RING = 256
"""Closes kept per path: a power of two above the longest window of the view (252 days)."""
