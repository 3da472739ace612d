"""The arrays that the engine steps: what is known beforehand, the market's parameters, its state, and what is kept.

Everything is float64 or int64 and C-contiguous. The last axis of every state array is the lane: one of the 64 paths
that a block steps side by side. `days` counts simulated sessions, `steps` the overnight step and then the bars.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from flowsim.authoring.rows import FIRST_POPULATION, N_VIEW, RING
from flowsim.kernel.marks import LANES
from flowsim.kernel.memory import copied, zeros


class Timetable(NamedTuple):
    """What the clock and the scripts say about each day."""

    bars: np.ndarray  # (days,) int64, regular bars of the session
    kind: np.ndarray  # (days,) int64, 0 full session, 1 half day
    fraction: np.ndarray  # (kinds, steps) share of a day's business time; step 0 is overnight
    volume: np.ndarray  # (kinds, steps) share of average daily volume
    spread: np.ndarray  # (kinds, steps) share of the session's own volume
    calendar: np.ndarray  # (days + 1, calendar fields of the view)
    release_sd: np.ndarray  # (days,) standard deviation of the data surprise, log value
    statement_step: np.ndarray  # (days,) int64, step of the FOMC statement, -1 for none
    minutes_step: np.ndarray  # (days,) int64, step of the FOMC minutes, -1 for none
    scripted_cut: np.ndarray  # (days,) scripted probability of a cut, nan where chance rules
    liquidity_level: np.ndarray  # (days,) scripted level of system liquidity
    last_halt_step: np.ndarray  # (kinds,) last step before 15:25
    given_return: np.ndarray  # (days, lanes) log returns to follow when replaying; none otherwise
    steps_per_day: int  # steps of the longest session plus one for the close


class Rules(NamedTuple):
    """The populations: their kernels, parameters, and how their orders are executed."""

    kernels: Any  # (populations,) int64 addresses, or in plain Python a list of callables
    clock: np.ndarray  # (populations,) int64, rows.CLOCK_*
    agents: np.ndarray  # (populations,) int64
    uses_noise: np.ndarray  # (populations,) int64
    is_provider: np.ndarray  # (populations,) int64, 1 for the liquidity provider
    felt: np.ndarray  # (populations,) share of a flow that the price feels, 1 or 0
    exposure_row: np.ndarray  # (populations,) int64, row of `exposure` in the state, -1 for none
    key_0: np.ndarray  # (populations,) uint64
    key_1: np.ndarray  # (populations,) uint64
    params_at: np.ndarray  # (populations,) int64, offset in `params`
    state_at: np.ndarray  # (populations,) int64, offset in MarketState.agents
    params: np.ndarray  # flat: per population (fields, agents)
    lag_days: np.ndarray  # (populations,) int64
    days: np.ndarray  # (populations,) int64
    bar_weight: np.ndarray  # (populations, kinds, steps) share of the day's order
    participation_cap: np.ndarray  # (populations,) share of the bar's average volume, inf for none
    anticipation: np.ndarray  # (populations, days) USD bn traded ahead of, minus what was; (0, days) if nobody does
    maker: int  # account row of whoever takes the other side
    wishes_anew: np.ndarray  # (populations,) int64, 1 for whom what could not trade does not wait


class Model(NamedTuple):
    """The market's parameters as numbers per day, log units and fractions; see the config schema for each."""

    daily_drift: float
    daily_news_vol: float
    pass_through: float
    jumps_per_day: float
    jump_mean: float
    jump_vol: float
    reflexivity: float
    effect_per_bp: float
    statement_bp: float
    minutes_bp: float
    chair_bp: float
    governor_bp: float
    president_bp: float
    chair_per_day: float
    governor_per_day: float
    president_per_day: float
    first_expected_bp: float
    multiplier: float
    market_cap_bn: float
    adv_bn: float
    depth_elasticity: float
    depth_loading: float
    most_thinning: float
    reference_vol: float
    weight_0: float
    weight_1: float
    weight_2: float
    weight_3: float
    is_square_root: float
    square_root_scale: float
    liquidity_keep: float
    liquidity_vol: float
    sentiment_keep: float
    sentiment_response: float
    sentiment_threshold: float
    sentiment_shock_vol: float
    breakers: float
    halt_steps: float
    start_price: float
    replaying: float


class Curves(NamedTuple):
    """Small tables of the market's parameters, and the keys of its own random streams."""

    variance_keep: np.ndarray  # (4,) daily decay of each variance horizon
    mode_weight: np.ndarray  # (modes,) share of an impact that decays at each rate
    mode_rate: np.ndarray  # (modes,) per day
    keys: np.ndarray  # (4, 2) uint64: news, policy, liquidity, sentiment
    mirror: int  # 1 for antithetic pairs of paths


class MarketState(NamedTuple):
    """Everything that moves, for one block of paths."""

    seen: np.ndarray  # (view fields, lanes): what every rule may see
    closes: np.ndarray  # (RING, lanes) log closes
    n_closes: np.ndarray  # (1,) int64, closes seen so far
    variances: np.ndarray  # (4, lanes) daily
    log_value: np.ndarray  # (lanes,)
    expected_bp: np.ndarray  # (lanes,)
    liquidity: np.ndarray  # (lanes,) deviation from the scripted level
    pent_up: np.ndarray  # (2, lanes) news and policy effect of a halt, waiting
    easing: np.ndarray  # (2, lanes) bp priced in since the last bar began, and since the last close
    breaker: np.ndarray  # (2, lanes) level reached today, last halted step
    transient: np.ndarray  # (populations, modes, lanes)
    decay: np.ndarray  # (modes, lanes) share of a transient impact that goes in the step under way
    schedule: np.ndarray  # (populations, horizon, lanes) USD bn by day of execution
    today: np.ndarray  # (populations, lanes)
    backlog: np.ndarray  # (populations, lanes)
    shares: np.ndarray  # (accounts, lanes) USD bn at the start price
    cash: np.ndarray  # (accounts, lanes) USD bn
    agents: np.ndarray  # flat: per population (fields, agents, lanes)
    ahead: np.ndarray  # (populations, lanes) USD bn to trade ahead of a flow, waiting for the end of a halt


class Scratch(NamedTuple):
    """Work space of one step, and sums since the last record."""

    orders: np.ndarray  # (lanes,)
    news: np.ndarray  # (lanes,)
    policy: np.ndarray  # (lanes,)
    easing: np.ndarray  # (lanes,) bp priced in by the step
    net: np.ndarray  # (lanes,)
    slope: np.ndarray  # (lanes,)
    total: np.ndarray  # (lanes,)
    relative: np.ndarray  # (lanes,) price over the start price
    open: np.ndarray  # (lanes,) 1 while the market trades, 0 in a halt
    flow: np.ndarray  # (populations, lanes)
    impact_flow: np.ndarray  # (populations, lanes)
    flow_sum: np.ndarray  # (sources, lanes)
    contribution_sum: np.ndarray  # (sources, lanes)
    fault: np.ndarray  # (5,) int64: status, population, lane, step, day


class Record(NamedTuple):
    """What is kept of a chunk of days, one row for each recorded day or step."""

    by_step: int
    every: int
    market: np.ndarray  # (rows, market columns, lanes)
    flow: np.ndarray  # (rows, sources, lanes)
    contribution: np.ndarray  # (rows, sources, lanes)
    exposure: np.ndarray  # (rows, accounts, lanes)
    agents_long: np.ndarray  # (rows, populations, lanes)
    agents_short: np.ndarray  # (rows, populations, lanes)
    row: np.ndarray  # (1,) int64, next row
    log_price: np.ndarray  # (lanes,) at the last recorded row


def new_state(n_populations: int, n_modes: int, horizon: int, agents_size: int) -> MarketState:
    """Allocate the state of one block, all zero."""
    n_accounts = n_populations + 2
    return MarketState(
        seen=zeros(N_VIEW, LANES),
        closes=zeros(RING, LANES),
        n_closes=np.zeros(1, np.int64),
        variances=zeros(4, LANES),
        log_value=zeros(LANES),
        expected_bp=zeros(LANES),
        liquidity=zeros(LANES),
        pent_up=zeros(2, LANES),
        easing=zeros(2, LANES),
        breaker=zeros(2, LANES),
        transient=zeros(n_populations, n_modes, LANES),
        decay=zeros(n_modes, LANES),
        schedule=zeros(n_populations, horizon, LANES),
        today=zeros(n_populations, LANES),
        backlog=zeros(n_populations, LANES),
        shares=zeros(n_accounts, LANES),
        cash=zeros(n_accounts, LANES),
        agents=zeros(agents_size * LANES),
        ahead=zeros(n_populations, LANES),
    )


def new_scratch(n_populations: int) -> Scratch:
    """Allocate the work space of one block."""
    n_sources = n_populations + FIRST_POPULATION
    return Scratch(
        orders=zeros(LANES),
        news=zeros(LANES),
        policy=zeros(LANES),
        easing=zeros(LANES),
        net=zeros(LANES),
        slope=zeros(LANES),
        total=zeros(LANES),
        relative=zeros(LANES),
        open=zeros(LANES),
        flow=zeros(n_populations, LANES),
        impact_flow=zeros(n_populations, LANES),
        flow_sum=zeros(n_sources, LANES),
        contribution_sum=zeros(n_sources, LANES),
        fault=np.zeros(5, np.int64),
    )


def copy_state(state: MarketState) -> MarketState:
    """Return an independent copy of a block's state."""
    return MarketState(*map(copied, state))


def floats(parameters: Model) -> Model:
    """Return the market's parameters with every number as a float, as the compiled engine expects."""
    return Model(*(float(value) for value in parameters))
