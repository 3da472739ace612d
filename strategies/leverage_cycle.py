"""Value funds that borrow: the market of Thurner, Farmer and Geanakoplos (2012).

Noise traders' demand wanders around its mean. Funds buy what is below value, in proportion to the mispricing, up to a
maximum leverage. Where they are at that limit, a fall makes them sell into it: losses cut their wealth, and with it
what they may hold.

Feedback: while leverage is below its limit funds calm the market; at the limit they turn small falls into crashes, so
tails grow fatter as the limit rises.

Source: Thurner, Farmer and Geanakoplos (2012), "Leverage Causes Fat Tails and Clustered Volatility". Their price clears
the market in every step; docs/outside-models.md says how orders come to the same price here, and to what order.
"""

import math

from flowsim.strategy import Annotated, Field, Law, NamedTuple, View, strategy

# Part of the stock that funds never get, so that its price stays finite.
LEAST_LEFT = 0.01


class Traders(NamedTuple):
    """Noise traders, who hold the market but for what funds hold."""

    capital_bn: Annotated[float, Field("value of their demand where price equals value", "USD bn", 0.0)]
    persistence: Annotated[float, Field("what is left of a log demand after a session, rho", "", 0.0, 1.0)]
    daily_noise: Annotated[float, Field("standard deviation of a session's change of log demand, sigma", "", 0.0, 1.0)]


class Demand(NamedTuple):
    """Log of their demand over its mean, and what they ordered since the run began, over capital."""

    log_demand: float = 0.0
    ordered: float = 0.0


@strategy(
    clock="bar",
    systematic=False,
    noise=True,
    source='Thurner, Farmer and Geanakoplos (2012), "Leverage Causes Fat Tails and Clustered Volatility"',
    laws=(Law("sized_to_its_capital", {"turnover_a_year": (5.0, 500.0)}),),
    waives={"forgets_its_start": "it begins at the mean of its demand, and a hundred sessions pass before that fades"},
    examples=(Traders(1000.0, persistence=0.99, daily_noise=0.035),),
)
def wandering_demand(view: View, traders: Traders, held: Demand, noise: float) -> tuple[Demand, float]:
    """Change the demand before the first bar, and part with stock at the price that its scarcity commands.

    They spend a given sum on the part of the stock that funds leave them, 1 - f, so log price = log demand - ln(1 - f).
    Orders of theirs and of funds move it by log demand + f; the rest of ln(1 - f) is for them to make good.
    """
    surprise = noise if view.bar == 0.0 else 0.0
    kept = traders.persistence if view.bar == 0.0 else 1.0
    log_demand = kept * held.log_demand + traders.daily_noise * surprise
    with_funds = -view.inventory_bn / traders.capital_bn - held.ordered if traders.capital_bn > 0.0 else 0.0
    left = max(1.0 - with_funds, LEAST_LEFT)
    ordered = log_demand - math.log(left) - with_funds
    return Demand(log_demand, ordered), (ordered - held.ordered) * traders.capital_bn


class Fund(NamedTuple):
    """One value fund, with the paper's letters beside each parameter."""

    capital_bn: Annotated[float, Field("wealth at the start, and after a new beginning, W_0", "USD bn", 0.0)]
    aggressiveness: Annotated[float, Field("leverage per mispricing, in parts of value, beta", "", 0.0, 1000.0)]
    max_leverage: Annotated[float, Field("largest position over wealth, lambda_max", "x wealth", 0.0, 100.0)]
    ruin: Annotated[float, Field("wealth down to which it stays open", "x capital", 0.0, 1.0)]
    closed_days: Annotated[float, Field("sessions after which a closed fund begins anew", "sessions", 1.0, 1000.0)]
    investor_response: Annotated[float, Field("inflow for performance over the benchmark, b", "", 0.0, 10.0)]
    benchmark: Annotated[float, Field("return of a session that keeps investors, r_b", "", -1.0, 1.0)]
    memory: Annotated[float, Field("weight of the last return in performance, a", "", 0.0, 1.0)]
    pace: Annotated[float, Field("part of a wanted trade that is done in a bar", "", 0.01, 1.0)]


class Wealth(NamedTuple):
    """Wealth and stock at the last close, over capital; that close over value; stock now; performance; days closed."""

    wealth: float = 1.0
    stock_at_close: float = 0.0
    close: float = 1.0
    stock: float = 0.0
    performance: float = 0.0
    closed_for: float = 0.0


@strategy(
    clock="bar",
    source='Thurner, Farmer and Geanakoplos (2012), "Leverage Causes Fat Tails and Clustered Volatility"',
    laws=(
        Law("state_does_not_run_away", {"but": ("wealth", "stock", "stock_at_close", "performance")}),
        Law("acts_on", {"fields": ("fundamental_gap", "bar"), "alone": True}),
        Law("sized_to_its_capital", {"turnover_a_year": (2.0, 200.0)}),
    ),
    waives={"forgets_its_start": "a fund's wealth is what it has earned since it began"},
    examples=(
        Fund(20.0, 50.0, 10.0, 0.1, 5.0, investor_response=0.15, benchmark=0.005, memory=0.1, pace=0.5),
        Fund(20.0, 10.0, 3.0, 0.9, 5.0, investor_response=0.15, benchmark=0.005, memory=0.1, pace=1.0),
    ),
)
def leveraged_value(view: View, fund: Fund, held: Wealth, noise: float) -> tuple[Wealth, float]:
    """Hold stock worth the leverage that the mispricing calls for, up to the limit."""
    price = math.exp(-view.fundamental_gap)
    now = next_session(fund, held, price) if view.bar == 0.0 else held
    wealth = now.wealth + now.stock_at_close * (price - now.close)
    mispricing = max(1.0 - price, 0.0)
    leverage = min(fund.aggressiveness * mispricing, fund.max_leverage) if now.closed_for == 0.0 else 0.0
    traded = fund.pace * (max(wealth, 0.0) * leverage / price - now.stock)
    stock = now.stock + traded
    after = Wealth(now.wealth, now.stock_at_close, now.close, stock, now.performance, now.closed_for)
    return after, traded * fund.capital_bn


def next_session(fund: Fund, held: Wealth, price: float) -> Wealth:
    """Settle the last session at its close: profit, performance, what investors bring or take, and ruin."""
    if held.closed_for > 0.0:
        closed_for = held.closed_for + 1.0 if held.closed_for < fund.closed_days else 0.0
        return Wealth(1.0, held.stock, price, held.stock, 0.0, closed_for)
    profit = held.stock_at_close * (price - held.close)
    performance = (1.0 - fund.memory) * held.performance + fund.memory * profit / held.wealth
    inflow = max(fund.investor_response * (performance - fund.benchmark), -1.0) * held.wealth
    wealth = held.wealth + profit + inflow
    closed_for = 1.0 if wealth <= fund.ruin else 0.0
    return Wealth(wealth, held.stock, price, held.stock, performance, closed_for)
