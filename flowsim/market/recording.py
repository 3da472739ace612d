"""What is kept of a run: copied out of the state, so recording can never change a result."""

from __future__ import annotations

from flowsim.authoring.rows import CUT_PROBABILITY, GAMMA_1PCT_BN, LIQUIDITY, LOG_PRICE, N_VIEW, PRICE, RV_21, SENTIMENT
from flowsim.kernel.functions import exp
from flowsim.kernel.lanes import copy, fill, take
from flowsim.kernel.marks import LANES, inline

MARKET_COLUMNS = (
    "price",
    "log_return",
    "fundamental",
    "liquidity",
    "realized_vol",
    "cut_probability",
    "sentiment",
    "net_gamma_1pct_bn",
)


@inline
def keep_row(rules, state, scratch, record):
    """Write one row of every table: the state now, flows and contributions since the last row."""
    row = record.row[0]
    record.row[0] += 1
    if record.market.shape[0] > 0:
        keep_market(state, record, row)
    if record.flow.shape[0] > 0:
        take(record.flow[row], scratch.flow_sum)
        take(record.contribution[row], scratch.contribution_sum)
    if record.published.shape[1] > 0:
        for published in range(record.published.shape[1]):
            copy(record.published[row, published], state.observables[N_VIEW + published])
    if record.exposure.shape[0] > 0:
        for account in range(state.shares.shape[0]):
            copy(record.exposure[row, account], state.shares[account])
        count_agents(rules, state, record, row)
    copy(record.log_price, state.observables[LOG_PRICE])


@inline
def keep_market(state, record, row):
    """Write the columns of MARKET_COLUMNS, in their order."""
    kept, view = record.market[row], state.observables
    for lane in range(LANES):
        kept[0, lane] = view[PRICE, lane]
        kept[1, lane] = view[LOG_PRICE, lane] - record.log_price[lane]
        kept[2, lane] = exp(state.news.log_value[lane])
        kept[3, lane] = view[LIQUIDITY, lane]
        kept[4, lane] = view[RV_21, lane]
        kept[5, lane] = view[CUT_PROBABILITY, lane]
        kept[6, lane] = view[SENTIMENT, lane]
        kept[7, lane] = view[GAMMA_1PCT_BN, lane]


@inline
def count_agents(rules, state, record, row):
    """Count the agents with a positive and with a negative exposure."""
    for population in range(rules.clock.size):
        long, short = record.agents_long[row, population], record.agents_short[row, population]
        fill(long, 0.0)
        fill(short, 0.0)
        if rules.exposure_row[population] < 0:
            continue
        agents = rules.agents[population]
        start = (rules.state_at[population] + rules.exposure_row[population] * agents) * LANES
        for agent in range(agents):
            at = start + agent * LANES
            for lane in range(LANES):
                long[lane] += 1.0 if state.agents[at + lane] > 0.0 else 0.0
                short[lane] += 1.0 if state.agents[at + lane] < 0.0 else 0.0
