"""A subsystem that no file of the package knows: a reserve that buys falling stock, and the rumor that it will.

It tells news of its own, trades and moves the price, publishes what it holds, and breaks when its money is spent.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from flowsim.authoring.rows import DAY_RETURN
from flowsim.authoring.view import View
from flowsim.files.columns import Column
from flowsim.kernel.marks import LANES, inline
from flowsim.kernel.memory import zeros
from flowsim.kernel.random import normals, stream_key
from flowsim.market.phases import AFTER_CLOSE, AFTER_FILLS, BEFORE_BAR, MOVE, NEWS
from flowsim.market.subsystem import Subsystem

SPENT = 7
"""What breaks: more is bought than there is money for."""


class ReserveView(View):
    """What rules see in a market with a reserve."""

    reserve_held_bn: float
    closes_since_start: float


class ReserveState(NamedTuple):
    """What moves."""

    held: np.ndarray  # (lanes,) USD bn at the start price
    closes: np.ndarray  # (lanes,) sessions that are over


class Reserve(NamedTuple):
    """Everything that its kernel works on."""

    response_bn: float  # bought in a step for each 1 % that the day has lost so far
    rumor_vol: float  # standard deviation of a rumor, log return
    money_bn: float
    rumor: int  # rows: of its sources
    buying: int
    account: int  # of the ledger
    market_maker: int
    held_row: int  # of the view
    closes_row: int
    steps_per_day: int
    key: np.ndarray
    state: ReserveState
    flow: np.ndarray  # (lanes,) bought in the step
    observables: np.ndarray
    shock: np.ndarray
    trading: np.ndarray
    slope: np.ndarray
    total: np.ndarray
    relative: np.ndarray
    contribution_sum: np.ndarray
    flow_sum: np.ndarray
    shares: np.ndarray
    cash: np.ndarray


def work(reserve, phase, day, step, path0, live):
    """Do what is to be done in a phase; return 0, or 1 + what broke x 64 + its path."""
    if phase == NEWS:
        spread_rumor(reserve, day, step, path0)
    elif phase == BEFORE_BAR:
        publish(reserve)
    elif phase == MOVE:
        return buy(reserve, step, live)
    elif phase == AFTER_FILLS:
        book(reserve)
    elif phase == AFTER_CLOSE:
        for lane in range(LANES):
            reserve.state.closes[lane] += 1.0
        publish(reserve)
    return 0


@inline
def spread_rumor(reserve, day, step, path0):
    """Draw the step's rumor."""
    told = reserve.shock[reserve.rumor]
    for lane in range(LANES):
        z, _ = normals(path0 + lane, day * reserve.steps_per_day + step, 0, 0, reserve.key[0], reserve.key[1], 0)
        told[lane] = reserve.rumor_vol * z


@inline
def publish(reserve):
    """Write what it holds, and how many sessions are over, into the view."""
    for lane in range(LANES):
        reserve.observables[reserve.held_row, lane] = reserve.state.held[lane]
        reserve.observables[reserve.closes_row, lane] = reserve.state.closes[lane]


@inline
def buy(reserve, step, live):
    """Buy what the day has lost, and let that move the price."""
    contribution, flow_sum = reserve.contribution_sum[reserve.buying], reserve.flow_sum[reserve.buying]
    for lane in range(live):
        if reserve.state.held[lane] > reserve.money_bn:
            return 1 + SPENT * 64 + lane
    for lane in range(LANES):
        lost_pct = max(-100.0 * reserve.observables[DAY_RETURN, lane], 0.0)
        bought = reserve.response_bn * lost_pct * reserve.trading[lane] if step > 0 else 0.0
        moved = reserve.slope[lane] * bought
        reserve.flow[lane] = bought
        flow_sum[lane] += bought
        contribution[lane] += moved
        reserve.total[lane] += moved
    return 0


@inline
def book(reserve):
    """Book the purchase at the price of the step: the market maker sells."""
    for lane in range(LANES):
        bought, paid = reserve.flow[lane], reserve.flow[lane] * reserve.relative[lane]
        reserve.state.held[lane] += bought
        reserve.shares[reserve.account, lane] += bought
        reserve.shares[reserve.market_maker, lane] -= bought
        reserve.cash[reserve.account, lane] -= paid
        reserve.cash[reserve.market_maker, lane] += paid


class ReserveMarket(Subsystem):
    """The reserve as a part of a market."""

    name = "reserve"
    phases = (NEWS, BEFORE_BAR, MOVE, AFTER_FILLS, AFTER_CLOSE)
    work = staticmethod(work)
    sources = ("rumor", "reserve")
    published = (
        Column("reserve_held_bn", "float64", "USD bn", "index that the reserve holds", "held long"),
        Column("closes_since_start", "float64", "sessions", "sessions that are over"),
    )
    accounts = ("reserve_fund",)
    why_before = "what the reserve remembers"

    def __init__(self, response_bn=0.0, rumor_vol=0.0, money_bn=1e9, sessions=0):
        self.numbers, self.sessions = (response_bn, rumor_vol, money_bn), sessions

    def sessions_before(self, spec):
        """Return how much history it lives through."""
        return self.sessions

    def new_state(self, spec, known, log_close):
        """Return a reserve that holds nothing."""
        return ReserveState(zeros(LANES), zeros(LANES))

    def bundle(self, host, known, state):
        """Return what its kernel works on."""
        registry, scratch = host.registry, host.scratch
        return Reserve(
            *map(float, self.numbers),
            rumor=registry.sources.index("rumor"),
            buying=registry.sources.index("reserve"),
            account=registry.accounts.index("reserve_fund"),
            market_maker=host.rules.market_maker,
            held_row=registry.view.index("reserve_held_bn"),
            closes_row=registry.view.index("closes_since_start"),
            steps_per_day=host.timetable.steps_per_day,
            key=np.array(stream_key(host.spec.seed, "market:rumor"), np.uint64),
            state=state,
            flow=zeros(LANES),
            observables=host.state.observables,
            shock=scratch.shock,
            trading=scratch.trading,
            slope=scratch.slope,
            total=scratch.total,
            relative=scratch.relative,
            contribution_sum=scratch.contribution_sum,
            flow_sum=scratch.flow_sum,
            shares=host.state.shares,
            cash=host.state.cash,
        )

    def fault(self, spec, what, where):
        """Return what is wrong."""
        return f"the reserve has spent its money ({what}) on {where}; give it more"
