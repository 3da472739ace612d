"""Rules that somebody could have written, each with one mistake: the name says which."""

import math

from flowsim.strategy import Annotated, Field, Law, NamedTuple, View, strategy

LOWEST_VOL = 0.001


class Fund(NamedTuple):
    """A fund that aims at a volatility."""

    capital_bn: Annotated[float, Field("assets", "USD bn", 0.0)]
    target_vol: Annotated[float, Field("volatility it aims at", "annualized, as a fraction", 0.01, 1.0)]
    cap: Annotated[float, Field("largest exposure", "x capital", 0.0, 10.0)]


class Buffered(NamedTuple):
    """A fund that leaves small gaps alone."""

    capital_bn: Annotated[float, Field("assets", "USD bn", 0.0)]
    target_vol: Annotated[float, Field("volatility it aims at", "annualized, as a fraction", 0.01, 1.0)]
    buffer: Annotated[float, Field("gap left alone", "x capital", 0.0, 1.0)]


class Plain(NamedTuple):
    """An agent with nothing but capital."""

    capital_bn: Annotated[float, Field("assets", "USD bn", 0.0)]


class Held(NamedTuple):
    """What an agent holds."""

    exposure: float = 0.0


class Two(NamedTuple):
    """What an agent holds, and one number that it remembers."""

    exposure: float = 0.0
    kept: float = 0.0


class Kept(NamedTuple):
    """One number that an agent remembers."""

    kept: float = 0.0


FUND = (Fund(100.0, target_vol=0.10, cap=1.5),)
BUFFERED = (Buffered(100.0, target_vol=0.10, buffer=0.05),)
TARGET = Law("decreasing_in", {"fields": ("rv_21",)})
RISK = Law("risk_at_most", {"vol": "rv_21", "most": "target_vol"})
BUDGET = (Law("never_sells"), Law("spends_at_most", {"part": 0.25, "per": "quarter"}))


# Signs.


@strategy(clock="day", source="broken", examples=FUND, laws=(TARGET,))
def buys_what_has_become_wild(view: View, fund: Fund, held: Held, noise: float) -> tuple[Held, float]:
    wanted = min(fund.cap, view.rv_21 / fund.target_vol)
    return Held(wanted), (wanted - held.exposure) * fund.capital_bn


@strategy(clock="day", source="broken", examples=FUND, laws=(TARGET,))
def orders_the_opposite(view: View, fund: Fund, held: Held, noise: float) -> tuple[Held, float]:
    wanted = min(fund.cap, fund.target_vol / max(view.rv_21, LOWEST_VOL))
    return Held(wanted), (held.exposure - wanted) * fund.capital_bn


@strategy(clock="day", source="broken", laws=(Law("increasing_in", {"fields": ("return_21d",)}),))
def follows_a_trend_backwards(view: View, fund: Plain, held: Held, noise: float) -> tuple[Held, float]:
    wanted = -math.tanh(5.0 * view.return_21d)
    return Held(wanted), (wanted - held.exposure) * fund.capital_bn


@strategy(clock="day", source="broken", laws=(Law("long_short_symmetric"),))
def takes_rises_and_falls_for_the_same(view: View, fund: Plain, held: Held, noise: float) -> tuple[Held, float]:
    wanted = math.tanh(5.0 * abs(view.return_21d))
    return Held(wanted), (wanted - held.exposure) * fund.capital_bn


@strategy(clock="day", source="broken", examples=FUND, laws=(Law("exposure_within", {"low": 0.0, "high": "cap"}),))
def goes_short_though_it_may_not(view: View, fund: Fund, held: Held, noise: float) -> tuple[Held, float]:
    wanted = min(fund.cap, max(-fund.cap, 5.0 * view.return_21d))
    return Held(wanted), (wanted - held.exposure) * fund.capital_bn


# Units.


@strategy(clock="day", source="broken", examples=(Fund(100.0, target_vol=0.10, cap=10.0),))
def reads_percent_where_a_fraction_is(view: View, fund: Fund, held: Held, noise: float) -> tuple[Held, float]:
    wanted = min(fund.cap, 100.0 * fund.target_vol / max(view.rv_21, LOWEST_VOL))
    return Held(wanted), (wanted - held.exposure) * fund.capital_bn


@strategy(clock="day", source="broken", examples=FUND)
def reads_a_fraction_where_percent_is(view: View, fund: Fund, held: Held, noise: float) -> tuple[Held, float]:
    wanted = min(fund.cap, 0.01 * fund.target_vol / max(view.rv_21, LOWEST_VOL))
    return Held(wanted), (wanted - held.exposure) * fund.capital_bn


@strategy(clock="day", source="broken", examples=FUND, laws=(RISK,))
def takes_a_daily_volatility_for_a_yearly_one(view: View, fund: Fund, held: Held, noise: float) -> tuple[Held, float]:
    wanted = min(10.0 * fund.cap, fund.target_vol / max(view.rv_21 / math.sqrt(252.0), LOWEST_VOL))
    return Held(wanted), (wanted - held.exposure) * fund.capital_bn


@strategy(clock="day", source="broken", examples=FUND)
def orders_exposure_for_dollars(view: View, fund: Fund, held: Held, noise: float) -> tuple[Held, float]:
    wanted = min(fund.cap, fund.target_vol / max(view.rv_21, LOWEST_VOL))
    return Held(wanted), wanted - held.exposure


@strategy(clock="day", source="broken")
def counts_capital_twice(view: View, fund: Plain, held: Kept, noise: float) -> tuple[Kept, float]:
    return held, math.tanh(view.day_return) * fund.capital_bn * fund.capital_bn


@strategy(clock="day", source="broken")
def counts_capital_in_millions(view: View, fund: Plain, held: Kept, noise: float) -> tuple[Kept, float]:
    return held, math.tanh(view.day_return) * fund.capital_bn * 1000.0


@strategy(clock="day", source="broken")
def waits_for_a_fall_of_five_hundred_percent(view: View, fund: Plain, held: Held, noise: float) -> tuple[Held, float]:
    wanted = 1.0 if view.return_5d < -5.0 else min(1.0, 0.1 / max(view.rv_21, LOWEST_VOL))
    return Held(wanted), (wanted - held.exposure) * fund.capital_bn


@strategy(clock="day", source="broken", examples=BUFFERED)
def holds_its_buffer_against_dollars(view: View, fund: Buffered, held: Held, noise: float) -> tuple[Held, float]:
    gap_bn = (min(1.0, fund.target_vol / max(view.rv_21, LOWEST_VOL)) - held.exposure) * fund.capital_bn
    traded_bn = gap_bn if abs(gap_bn) > fund.buffer else 0.0
    return Held(held.exposure + traded_bn / max(fund.capital_bn, 0.1)), traded_bn


# A day late.


@strategy(clock="day", source="broken", lookback_days=22, examples=FUND)
def uses_the_volatility_of_yesterday(view: View, fund: Fund, held: Two, noise: float) -> tuple[Two, float]:
    wanted = min(fund.cap, fund.target_vol / max(held.kept, LOWEST_VOL))
    return Two(wanted, view.rv_21), (wanted - held.exposure) * fund.capital_bn


@strategy(clock="day", source="broken", lookback_days=22)
def orders_what_it_wanted_yesterday(view: View, fund: Plain, held: Two, noise: float) -> tuple[Two, float]:
    wanted = min(1.0, 0.1 / max(view.rv_21, LOWEST_VOL))
    return Two(held.exposure + held.kept, wanted - held.exposure - held.kept), held.kept * fund.capital_bn


@strategy(clock="day", source="broken", laws=(Law("acts_on", {"fields": ("rv_21",), "alone": True}),))
def reads_the_window_next_to_its_own(view: View, fund: Plain, held: Held, noise: float) -> tuple[Held, float]:
    wanted = min(1.0, 0.1 / max(view.rv_20, LOWEST_VOL))
    return Held(wanted), (wanted - held.exposure) * fund.capital_bn


@strategy(clock="day", source="broken", lookback_days=5)
def says_that_it_looks_back_a_week(view: View, fund: Plain, held: Two, noise: float) -> tuple[Two, float]:
    average = held.kept + (view.return_21d - held.kept) / 250.0
    wanted = math.tanh(100.0 * average)
    return Two(wanted, average), (wanted - held.exposure) * fund.capital_bn


# An input that it does not use.


@strategy(clock="day", source="broken", examples=FUND)
def has_a_cap_that_never_binds(view: View, fund: Fund, held: Held, noise: float) -> tuple[Held, float]:
    wanted = min(1.5, fund.target_vol / max(view.rv_21, LOWEST_VOL))
    return Held(wanted), (wanted - held.exposure) * fund.capital_bn


@strategy(clock="day", source="broken", laws=(Law("acts_on", {"fields": ("rv_21", "sentiment")}),))
def leaves_panic_out(view: View, fund: Plain, held: Held, noise: float) -> tuple[Held, float]:
    wanted = min(1.0, 0.1 / max(view.rv_21, LOWEST_VOL))
    return Held(wanted), (wanted - held.exposure) * fund.capital_bn


@strategy(clock="day", source="broken")
def takes_the_smaller_for_the_larger(view: View, fund: Plain, held: Held, noise: float) -> tuple[Held, float]:
    wanted = max(1.0, min(0.5, 0.1 / max(view.rv_21, LOWEST_VOL))) - view.sentiment
    return Held(wanted), (wanted - held.exposure) * fund.capital_bn


@strategy(clock="day", source="broken", noise=True)
def asks_for_noise_and_draws_none(view: View, fund: Plain, held: Held, noise: float) -> tuple[Held, float]:
    wanted = min(1.0, 0.1 / max(view.rv_21, LOWEST_VOL)) + 0.0 * noise
    return Held(wanted), (wanted - held.exposure) * fund.capital_bn


@strategy(clock="day", source="broken")
def sizes_itself_by_volume_alone(view: View, fund: Plain, held: Kept, noise: float) -> tuple[Kept, float]:
    return held, math.tanh(view.day_return) * view.adv_bn


# A state that sticks.


@strategy(clock="day", source="broken", examples=FUND)
def never_writes_down_what_it_holds(view: View, fund: Fund, held: Kept, noise: float) -> tuple[Kept, float]:
    wanted = min(fund.cap, fund.target_vol / max(view.rv_21, LOWEST_VOL))
    return held, (wanted - held.kept) * fund.capital_bn


@strategy(clock="day", source="broken")
def buys_once(view: View, fund: Plain, held: Held, noise: float) -> tuple[Held, float]:
    wanted = 1.0 if held.exposure > 0.0 or view.day_return < 0.0 else 0.0
    return Held(wanted), (wanted - held.exposure) * fund.capital_bn


@strategy(clock="day", source="broken")
def stays_out_once_it_is_out(view: View, fund: Plain, held: Two, noise: float) -> tuple[Two, float]:
    out = 1.0 if view.day_return < -0.02 else held.kept
    wanted = 0.0 if out > 0.0 else min(1.0, 0.1 / max(view.rv_21, LOWEST_VOL))
    return Two(wanted, out), (wanted - held.exposure) * fund.capital_bn


@strategy(clock="day", source="broken", lookback_days=63)
def keeps_an_average_that_never_moves(view: View, fund: Plain, held: Two, noise: float) -> tuple[Two, float]:
    wanted = math.tanh(20.0 * (view.return_21d - held.kept))
    return Two(wanted, held.kept), (wanted - held.exposure) * fund.capital_bn


@strategy(clock="day", source="broken", laws=BUDGET)
def never_starts_a_new_budget(view: View, fund: Plain, held: Kept, noise: float) -> tuple[Kept, float]:
    bought = min(0.004 + max(-view.day_return, 0.0), 0.25 - held.kept)
    return Kept(held.kept + bought), bought * fund.capital_bn


@strategy(clock="day", source="broken", laws=BUDGET)
def starts_a_new_budget_every_month(view: View, fund: Plain, held: Kept, noise: float) -> tuple[Kept, float]:
    spent = 0.0 if view.sessions_since_month_end == 1.0 else held.kept
    bought = min(max(0.02 - 0.1 * view.day_return, 0.0), 0.25 - spent)
    return Kept(spent + bought), bought * fund.capital_bn


# The path, and not where it has led.


@strategy(clock="day", source="broken", laws=(Law("forgets_where_it_came_from"),))
def goes_half_of_the_way(view: View, fund: Plain, held: Held, noise: float) -> tuple[Held, float]:
    traded = 0.5 * (min(1.0, 0.1 / max(view.rv_21, LOWEST_VOL)) - held.exposure)
    return Held(held.exposure + traded), traded * fund.capital_bn


@strategy(clock="day", source="broken")
def adds_up_its_signals(view: View, fund: Plain, held: Held, noise: float) -> tuple[Held, float]:
    traded = 0.2 if view.day_return > 0.0 else -0.19
    return Held(held.exposure + traded), traded * fund.capital_bn


@strategy(clock="day", source="broken")
def alternates(view: View, fund: Plain, held: Two, noise: float) -> tuple[Two, float]:
    wanted = min(1.0, 0.1 / max(view.rv_21, LOWEST_VOL)) + 0.1 * held.kept
    return Two(wanted, 1.0 - held.kept), (wanted - held.exposure) * fund.capital_bn


@strategy(clock="day", source="broken", laws=(Law("reaches_its_target"),))
def orders_again_what_it_has(view: View, fund: Plain, held: Two, noise: float) -> tuple[Two, float]:
    wanted = min(1.0, 0.1 / max(view.rv_21, LOWEST_VOL))
    traded = wanted - held.kept
    return Two(held.exposure + traded, 0.5 * wanted), traded * fund.capital_bn


# Leverage without a bound.


@strategy(clock="day", source="broken", examples=FUND)
def levers_without_a_bound(view: View, fund: Fund, held: Held, noise: float) -> tuple[Held, float]:
    wanted = fund.target_vol / max(view.rv_21, 1e-6) * min(fund.cap, 1.0)
    return Held(wanted), (wanted - held.exposure) * fund.capital_bn


@strategy(clock="day", source="broken", lookback_days=252)
def doubles_when_it_loses(view: View, fund: Plain, held: Two, noise: float) -> tuple[Two, float]:
    stake = 2.0 * held.kept if view.day_return < 0.0 and held.kept > 0.0 else 0.01
    return Two(stake, stake), (stake - held.exposure) * fund.capital_bn


@strategy(clock="day", source="broken")
def divides_by_nothing_on_a_flat_market(view: View, fund: Plain, held: Held, noise: float) -> tuple[Held, float]:
    wanted = min(1.0, 0.1 / view.rv_21)
    return Held(wanted), (wanted - held.exposure) * fund.capital_bn


# The level of the price.


@strategy(clock="day", source="broken")
def believes_in_a_price(view: View, fund: Plain, held: Held, noise: float) -> tuple[Held, float]:
    wanted = 1.0 if view.price < 1000.0 else 0.5
    return Held(wanted), (wanted - held.exposure) * fund.capital_bn


@strategy(clock="day", source="broken")
def measures_a_fall_in_points(view: View, fund: Plain, held: Held, noise: float) -> tuple[Held, float]:
    fallen = math.exp(view.high_63d) - view.price
    wanted = min(max(1.0 - fallen / 200.0, 0.0), 1.0)
    return Held(wanted), (wanted - held.exposure) * fund.capital_bn


@strategy(clock="day", source="broken")
def trades_shares(view: View, fund: Plain, held: Kept, noise: float) -> tuple[Kept, float]:
    return held, view.day_return * fund.capital_bn * view.price / 1000.0


# One side only.


@strategy(clock="day", source="broken", examples=FUND)
def only_buys(view: View, fund: Fund, held: Held, noise: float) -> tuple[Held, float]:
    traded = max(min(fund.cap, fund.target_vol / max(view.rv_21, LOWEST_VOL)) - held.exposure, 0.0)
    return Held(held.exposure + traded), traded * fund.capital_bn


@strategy(clock="day", source="broken")
def only_sells(view: View, fund: Plain, held: Kept, noise: float) -> tuple[Kept, float]:
    return held, min(view.day_return, 0.0) * fund.capital_bn


# Other slips.


@strategy(clock="bar", source="broken", laws=(Law("participates_at_most", {"share": 0.05}),))
def is_half_of_the_volume(view: View, fund: Plain, held: Kept, noise: float) -> tuple[Kept, float]:
    limit_bn = 5.0 * view.adv_bn
    return held, min(max(view.day_return * fund.capital_bn, -limit_bn), limit_bn)


@strategy(clock="day", source="broken", examples=BUFFERED, laws=(Law("silent_inside_buffer", {"buffer": "buffer"}),))
def trades_inside_its_buffer(view: View, fund: Buffered, held: Held, noise: float) -> tuple[Held, float]:
    gap = min(1.0, fund.target_vol / max(view.rv_21, LOWEST_VOL)) - held.exposure
    traded = gap if abs(gap) < fund.buffer or abs(gap) > 0.3 else 0.0
    return Held(held.exposure + traded), traded * fund.capital_bn


@strategy(clock="day", source="broken")
def keeps_a_minimum_ticket(view: View, fund: Plain, held: Kept, noise: float) -> tuple[Kept, float]:
    return held, math.copysign(max(abs(view.day_return) * fund.capital_bn, 0.05), view.day_return)


@strategy(clock="day", source="broken")
def lets_an_average_grow(view: View, fund: Plain, held: Kept, noise: float) -> tuple[Kept, float]:
    average = 1.06 * held.kept + view.day_return
    return Kept(average), math.tanh(average) * fund.capital_bn * 0.01
