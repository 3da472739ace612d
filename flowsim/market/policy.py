"""Policy tone: what the market expects of the next FOMC meeting, and what a change of it does to the price.

The state is the expected change of the policy rate at the next scheduled meeting, in bp and negative for a cut. The
probability of a cut is read from it the FedWatch way, P(cut) = -expected / 25, held within [0, 1]. Speeches of the
chair, governors and regional presidents, the minutes and the statement move it by normal draws of their own size; the
statement also resolves it, to a cut with probability P(cut), and the next meeting starts from the initial probability.
Each bp of surprise easing moves the price by price_effect / 25 times the amplification (Bernanke and Kuttner 2005,
"What Explains the Stock Market's Reaction to Federal Reserve Policy?").
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from flowsim.authoring.rows import CUT_PROBABILITY, EASING_BP
from flowsim.clock.year import SESSIONS_PER_YEAR
from flowsim.config.spec import MarketSpec
from flowsim.files.arrays import ByLane, Lanes
from flowsim.kernel.lanes import copy, fill
from flowsim.kernel.marks import LANES, inline
from flowsim.kernel.memory import zeros
from flowsim.kernel.random import normals, stream_key, uniforms

MOVE_BP = 25.0
"""The step in which the policy rate is set."""
BAR_CLOCKS, DAY_CLOCK = 0, 1
"""Rows of the easing that a rule has not seen yet, for rules on a bar clock and on the day clock."""


class PolicyModel(NamedTuple):
    """How the expected rate moves, and what that does to the price; see the config's table `policy`."""

    effect_per_bp: float  # log return for a bp of easing priced in
    statement_bp: float
    minutes_bp: float
    chair_bp: float
    governor_bp: float
    president_bp: float
    chair_per_day: float
    governor_per_day: float
    president_per_day: float
    first_expected_bp: float
    key: np.ndarray  # (2,) uint64, of the random stream
    source: int  # row among the sources of a price move


class PolicyState(NamedTuple):
    """What is expected, and what of it has not moved the price yet."""

    expected_bp: Lanes  # (lanes,)
    pending: Lanes  # (lanes,) effect on the price of a halt, waiting
    easing: ByLane  # (2, lanes) bp priced in since the last bar began, and since the last close


def build_policy(spec: MarketSpec, source: int) -> PolicyModel:
    """Return how the expected rate moves, with the row of policy among the sources."""
    policy = spec.policy
    return PolicyModel(
        effect_per_bp=policy.price_effect_pct / 100.0 / 25.0 * policy.amplification,
        statement_bp=policy.statement_bp,
        minutes_bp=policy.minutes_bp,
        chair_bp=policy.chair_bp,
        governor_bp=policy.governor_bp,
        president_bp=policy.president_bp,
        chair_per_day=policy.chair_speeches_per_year / SESSIONS_PER_YEAR,
        governor_per_day=policy.governor_speeches_per_year / SESSIONS_PER_YEAR,
        president_per_day=policy.president_speeches_per_year / SESSIONS_PER_YEAR,
        first_expected_bp=-25.0 * policy.initial_cut_probability,
        key=np.array(stream_key(spec.seed, "market:policy"), np.uint64),
        source=source,
    )


def new_policy_state() -> PolicyState:
    """Allocate the state of one block, all zero."""
    return PolicyState(expected_bp=zeros(LANES), pending=zeros(LANES), easing=zeros(2, LANES))


@inline
def move_policy(timetable, model, policy, state, scratch, day, step, path0):
    """Move the expected change at the next meeting by speeches, minutes, statements, or the script.

    During a halt its effect on the price waits, as news does.
    """
    told, easing, trading = scratch.shock[policy.source], scratch.easing, scratch.trading
    if model.replaying == 1:
        fill(told, 0.0)
        fill(easing, 0.0)
        return
    lead_step = timetable.lead_step[timetable.kind[day], step]
    if lead_step < 0:
        fill(told, 0.0)
        fill(easing, 0.0)
        return
    counter = day * timetable.lead_steps_per_day + lead_step
    key_0, key_1 = policy.key[0], policy.key[1]
    fraction = timetable.lead_fraction[timetable.kind[day], step]
    scripted = timetable.scripted_cut[day]
    by_chance = math.isnan(scripted)
    statement, minutes = timetable.statement_step[day] == step, timetable.minutes_step[day] == step
    for lane in range(LANES):
        expected = state.expected_bp[lane]
        u_speech, u_decision = uniforms(path0 + lane, counter, 0, 0, key_0, key_1)
        z_speech, z_release = normals(path0 + lane, counter, 0, 1, key_0, key_1, model.mirror)
        shift = speech_bp(fraction, u_speech, z_speech, policy)
        shift += policy.minutes_bp * z_release if minutes else 0.0
        talked = after_talk(expected, shift)
        talked = talked if by_chance else -MOVE_BP * scripted
        surprise = decided_bp(talked, u_decision) - talked + policy.statement_bp * z_release if statement else 0.0
        easing[lane] = expected - talked - surprise
        state.expected_bp[lane] = policy.first_expected_bp if statement and by_chance else talked
        waiting = state.pending[lane] + price_effect(easing[lane], policy)
        told[lane] = waiting if trading[lane] > 0.0 else 0.0
        state.pending[lane] = 0.0 if trading[lane] > 0.0 else waiting


@inline
def publish_policy(state, observables, easing):
    """Let rules see what the step priced in: the odds, and the easing since they were last asked."""
    for lane in range(LANES):
        for clock in range(2):
            state.easing[clock, lane] += easing[lane]
        observables[EASING_BP, lane] = state.easing[BAR_CLOCKS, lane]
        observables[CUT_PROBABILITY, lane] = cut_probability(state.expected_bp[lane])


@inline
def publish_easing_since_bar(state, observables):
    """Let rules on a bar clock see the easing since they were last asked again: the close showed that of the day."""
    copy(observables[EASING_BP], state.easing[BAR_CLOCKS])


@inline
def publish_easing_of_the_day(state, observables):
    """Let rules on the day clock see the easing since the last close."""
    copy(observables[EASING_BP], state.easing[DAY_CLOCK])
    fill(state.easing[DAY_CLOCK], 0.0)


@inline
def cut_probability(expected_bp: float) -> float:
    """Return the implied probability of a 25 bp cut at the next meeting."""
    return min(max(-expected_bp / MOVE_BP, 0.0), 1.0)


@inline
def speech_bp(fraction: float, u: float, z: float, policy) -> float:
    """Return the shift from at most one speech in a step: chair, governor or president, by their yearly numbers."""
    chair = policy.chair_per_day * fraction
    governor = chair + policy.governor_per_day * fraction
    president = governor + policy.president_per_day * fraction
    size = policy.chair_bp if u < chair else policy.governor_bp
    size = size if u < governor else (policy.president_bp if u < president else 0.0)
    return size * z


@inline
def after_talk(expected_bp: float, shift_bp: float) -> float:
    """Return the expected change after a shift of tone, held between a full cut and no cut."""
    return min(max(expected_bp + shift_bp, -MOVE_BP), 0.0)


@inline
def decided_bp(expected_bp: float, u: float) -> float:
    """Return the decision of a meeting: a cut with the probability that was priced in."""
    return -MOVE_BP if u < cut_probability(expected_bp) else 0.0


@inline
def price_effect(easing_bp: float, policy) -> float:
    """Return the log return that a surprise easing of so many bp causes."""
    return policy.effect_per_bp * easing_bp
