"""The arrays that the engine steps: what is known beforehand, the market's state, and what is kept.

Everything is float64 or int64 and C-contiguous. The last axis of every state array is the lane: one of the 64 paths
that a block steps side by side. `days` counts simulated sessions, `steps` the overnight step and then the bars.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from flowsim.authoring.rows import RING
from flowsim.files.arrays import ByLane, Floats, Integers, Lanes
from flowsim.kernel.marks import LANES
from flowsim.kernel.memory import zeros
from flowsim.market.activity import ActivityState, new_activity_state
from flowsim.market.depth import DepthState, new_depth_state
from flowsim.market.fundamental import NewsState, new_news_state
from flowsim.market.halts import BreakerState, new_breaker_state
from flowsim.market.liquidity import LiquidityState, new_liquidity_state
from flowsim.market.policy import PolicyState, new_policy_state
from flowsim.market.price import ImpactState, new_impact_state
from flowsim.market.registry import Registry


class Timetable(NamedTuple):
    """What the clock and the scripts say about each day."""

    bars: Integers  # (days,) int64, last step of the day; where the night is one step, the regular bars of the session
    kind: (
        Integers  # (days,) int64, 0 full session, 1 half day; where nights are cut into bars, one for each sort of day
    )
    night_steps: Integers  # (kinds,) int64, steps before the first bar of the session
    fraction: Floats  # (kinds, steps) share of a day's business time; the first steps are the night
    volume: Floats  # (kinds, steps) share of average daily volume
    volume_share: Floats  # (kinds, steps) share of the session's own volume
    thinness: Floats  # (kinds, steps) impact of a flow over that of one which follows the session's volume
    elapsed: Floats  # (kinds, steps) business time of the day before each step
    calendar: Floats  # (days + 1, calendar fields of the view)
    release_sd: Floats  # (days,) standard deviation of the data surprise, log value
    statement_step: Integers  # (days,) int64, step of the FOMC statement, -1 for none
    minutes_step: Integers  # (days,) int64, step of the FOMC minutes, -1 for none
    scripted_cut: Floats  # (days,) scripted probability of a cut, nan where chance rules
    liquidity_level: Floats  # (days,) scripted level of system liquidity
    last_halt_step: Integers  # (kinds,) int64, last step before 15:25
    replay_return: ByLane  # (days, lanes) log returns to follow when replaying; none otherwise
    steps_per_day: int  # steps of the longest session plus one for the close
    quiet_steps: int  # 1 where the night is one step in which but few trade, 0 where every step is a bar
    lead_step: Integers  # (kinds, steps) int64, step of a market whose night is one step that ends with this one, or -1
    lead_fraction: Floats  # (kinds, steps) its share of a day's business time in the lead; 0 for none
    lead_steps_per_day: int  # of the lead, by which draws that all markets share have their address


class Rules(NamedTuple):
    """The populations: their kernels, parameters, and how their orders are executed."""

    kernels: Any  # (populations,) int64 addresses, or in plain Python a list of callables
    clock: Integers  # (populations,) int64, rows.CLOCK_*
    agents: Integers  # (populations,) int64
    uses_noise: Integers  # (populations,) int64
    trades_overnight: Integers  # (populations,) int64
    is_provider: Integers  # (populations,) int64, 1 for the liquidity provider
    impact_share: Floats  # (populations,) share of a flow that moves the price, 1 or 0
    exposure_row: Integers  # (populations,) int64, row of `exposure` in the state, -1 for none
    key_0: np.ndarray  # (populations,) uint64
    key_1: np.ndarray  # (populations,) uint64
    params_at: Integers  # (populations,) int64, offset in `params`
    state_at: Integers  # (populations,) int64, offset in MarketState.agents
    params: Floats  # flat: per population (fields, agents)
    lag_days: Integers  # (populations,) int64
    days: Integers  # (populations,) int64
    bar_weight: Floats  # (populations, kinds, steps) share of the day's order
    participation_cap: Floats  # (populations,) share of the bar's average volume, inf for none
    anticipation: Floats  # (populations, days) USD bn traded ahead of, minus what was; (0, days) if nobody does
    first_source: int  # row of the first population among the sources
    market_maker: int  # account row of those who take the other side
    holders: int  # account row of the long-term holders
    no_backlog: Integers  # (populations,) int64, 1 for whom what could not trade does not wait


class MarketState(NamedTuple):
    """Everything that moves, for one block of paths."""

    observables: ByLane  # (view fields, lanes): what every rule may see, then what subsystems publish
    closes: ByLane  # (RING, lanes) log closes
    n_closes: Integers  # (1,) int64, closes seen so far
    activity: ActivityState
    news: NewsState
    policy: PolicyState
    depth: DepthState
    impact: ImpactState
    liquidity: LiquidityState
    breakers: BreakerState
    schedule: ByLane  # (populations, horizon, lanes) USD bn by day of execution
    today: ByLane  # (populations, lanes)
    backlog: ByLane  # (populations, lanes)
    shares: ByLane  # (accounts, lanes) USD bn at the start price
    cash: ByLane  # (accounts, lanes) USD bn
    agents: Floats  # flat: per population (fields, agents, lanes)
    ahead: ByLane  # (populations, lanes) USD bn to trade ahead of a flow, waiting for the end of a halt


class Scratch(NamedTuple):
    """Work space of one step, and sums since the last record."""

    orders: Lanes  # (lanes,)
    shock: ByLane  # (shocks, lanes) what each source from outside moves the price by in the step
    easing: Lanes  # (lanes,) bp priced in by the step
    net: Lanes  # (lanes,)
    slope: Lanes  # (lanes,)
    total: Lanes  # (lanes,)
    relative: Lanes  # (lanes,) price over the start price
    trading: Lanes  # (lanes,) 1 while the market trades, 0 in a halt
    flow: ByLane  # (populations, lanes)
    impact_flow: ByLane  # (populations, lanes)
    flow_sum: ByLane  # (sources, lanes)
    contribution_sum: ByLane  # (sources, lanes)
    fault: Integers  # (6,) int64: status, population or subsystem, lane, step, day, and what broke in a subsystem


class Record(NamedTuple):
    """What is kept of a chunk of days, one row for each recorded day or step."""

    by_step: int
    every: int
    market: ByLane  # (rows, market columns, lanes)
    flow: ByLane  # (rows, sources, lanes)
    contribution: ByLane  # (rows, sources, lanes)
    exposure: ByLane  # (rows, accounts, lanes)
    published: ByLane  # (rows, published, lanes) what subsystems publish
    agents_long: ByLane  # (rows, populations, lanes)
    agents_short: ByLane  # (rows, populations, lanes)
    row: Integers  # (1,) int64, next row
    log_price: Lanes  # (lanes,) at the last recorded row


def new_state(registry: Registry, n_modes: int, horizon: int, agents_size: int) -> MarketState:
    """Allocate the state of one block, all zero.

    `n_modes` are those of a transient impact, `horizon` the days that orders are scheduled ahead, `agents_size` the
    numbers of state of all agents.
    """
    n, n_accounts = len(registry.populations), len(registry.accounts)
    return MarketState(
        observables=zeros(len(registry.view), LANES),
        closes=zeros(RING, LANES),
        n_closes=np.zeros(1, np.int64),
        activity=new_activity_state(),
        news=new_news_state(),
        policy=new_policy_state(),
        depth=new_depth_state(),
        impact=new_impact_state(n, n_modes),
        liquidity=new_liquidity_state(),
        breakers=new_breaker_state(),
        schedule=zeros(n, horizon, LANES),
        today=zeros(n, LANES),
        backlog=zeros(n, LANES),
        shares=zeros(n_accounts, LANES),
        cash=zeros(n_accounts, LANES),
        agents=zeros(agents_size * LANES),
        ahead=zeros(n, LANES),
    )


def new_scratch(registry: Registry) -> Scratch:
    """Allocate the work space of one block."""
    n, n_sources = len(registry.populations), len(registry.sources)
    return Scratch(
        orders=zeros(LANES),
        shock=zeros(len(registry.shocks), LANES),
        easing=zeros(LANES),
        net=zeros(LANES),
        slope=zeros(LANES),
        total=zeros(LANES),
        relative=zeros(LANES),
        trading=zeros(LANES),
        flow=zeros(n, LANES),
        impact_flow=zeros(n, LANES),
        flow_sum=zeros(n_sources, LANES),
        contribution_sum=zeros(n_sources, LANES),
        fault=np.zeros(6, np.int64),
    )
