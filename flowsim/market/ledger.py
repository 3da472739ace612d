"""The ledger: every buy has a seller, and cash and shares add up to zero over all accounts.

Whoever provides liquidity (`rules.market_maker`) takes the other side of every fill. When it lays off inventory,
long-term holders take it. Shares are counted in USD bn at the start price, so a holding is a fixed share of the market
whatever the price does; cash is in USD bn at the price of the fill. Option programmes trade no stock: their
premiums and payoffs go straight between them and the dealers (flowsim/options).
"""

from __future__ import annotations

from flowsim.authoring.rows import CLOCK_ROLL, INVENTORY_BN, PRICE
from flowsim.kernel.marks import LANES, inline


@inline
def post_fills(rules, start_price, state, scratch):
    """Book the fills of a step at its price."""
    price, relative = state.observables[PRICE], scratch.relative
    for lane in range(LANES):
        relative[lane] = price[lane] / start_price
    for population in range(rules.clock.size):
        if rules.clock[population] == CLOCK_ROLL:
            continue
        other_side = rules.holders if rules.is_provider[population] == 1 else rules.market_maker
        flow = scratch.flow[population]
        for lane in range(LANES):
            paid = flow[lane] * relative[lane]
            state.shares[population, lane] += flow[lane]
            state.shares[other_side, lane] -= flow[lane]
            state.cash[population, lane] -= paid
            state.cash[other_side, lane] += paid
    for lane in range(LANES):
        state.observables[INVENTORY_BN, lane] = state.shares[rules.market_maker, lane]
