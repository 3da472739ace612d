"""What happens to the market from outside in a step: news of value, and what the Fed says."""

from __future__ import annotations

import math

from flowsim.authoring.rows import CUT_PROBABILITY, EASING_BP, FUNDAMENTAL_GAP, LOG_PRICE, RETURN_63D
from flowsim.kernel.lanes import fill
from flowsim.kernel.marks import LANES, inline
from flowsim.kernel.random import normals, uniforms
from flowsim.market.fundamental import diffusion, jump, release
from flowsim.market.policy import (
    MOVE_BP,
    after_talk,
    cut_probability,
    decided_bp,
    price_effect,
    speech_bp,
)

NEWS_KEY, POLICY_KEY = 0, 1
BAR_CLOCKS, DAY_CLOCK = 0, 1
"""Rows of the easing that a rule has not seen yet, for rules on a bar clock and on the day clock."""


@inline
def move_value(timetable, model, curves, state, scratch, day, step, path0):
    """Move the fundamental value of every path, and pass it on to the price as news.

    When replaying, the night's news is the real return of the day, and value keeps its distance from the price.
    """
    if model.replaying > 0.0:
        at_night = 1.0 if step == 0 else 0.0
        for lane in range(LANES):
            given = at_night * timetable.given_return[day, lane]
            state.log_value[lane] = state.seen[FUNDAMENTAL_GAP, lane] + state.seen[LOG_PRICE, lane] + given
            scratch.news[lane] = given
        return
    fraction = timetable.fraction[timetable.kind[day], step]
    release_sd = timetable.release_sd[day] if step == 0 else 0.0
    counter = day * timetable.steps_per_day + step
    key_0, key_1 = curves.keys[NEWS_KEY, 0], curves.keys[NEWS_KEY, 1]
    return_63d = state.seen[RETURN_63D]
    for lane in range(LANES):
        z_news, z_release = normals(path0 + lane, counter, 0, 0, key_0, key_1, curves.mirror)
        change = diffusion(fraction, z_news, model)
        change += release(release_sd, return_63d[lane], z_release, model) if release_sd > 0.0 else 0.0
        scratch.news[lane] = change
    if model.jumps_per_day > 0.0:
        for lane in range(LANES):
            u, _ = uniforms(path0 + lane, counter, 0, 1, key_0, key_1)
            z_jump, _ = normals(path0 + lane, counter, 0, 2, key_0, key_1, curves.mirror)
            scratch.news[lane] += jump(fraction, u, z_jump, model)
    _reach_the_price(model, state, scratch, step)


@inline
def _reach_the_price(model, state, scratch, step):
    """Turn the change of value into news of the step; during a halt it waits."""
    for lane in range(LANES):
        change = scratch.news[lane]
        state.log_value[lane] += change
        waiting = state.pent_up[0, lane] + model.pass_through * change
        trading = step > state.breaker[1, lane]
        scratch.news[lane] = waiting if trading else 0.0
        state.pent_up[0, lane] = 0.0 if trading else waiting


@inline
def move_policy(timetable, model, curves, state, scratch, day, step, path0):
    """Move the expected change at the next meeting by speeches, minutes, statements, or the script.

    During a halt its effect on the price waits, as news does.
    """
    if model.replaying > 0.0:
        fill(scratch.policy, 0.0)
        fill(scratch.easing, 0.0)
        return
    counter = day * timetable.steps_per_day + step
    key_0, key_1 = curves.keys[POLICY_KEY, 0], curves.keys[POLICY_KEY, 1]
    fraction = timetable.fraction[timetable.kind[day], step]
    scripted = timetable.scripted_cut[day]
    by_chance = math.isnan(scripted)
    statement, minutes = timetable.statement_step[day] == step, timetable.minutes_step[day] == step
    for lane in range(LANES):
        expected = state.expected_bp[lane]
        u_speech, u_decision = uniforms(path0 + lane, counter, 0, 0, key_0, key_1)
        z_speech, z_release = normals(path0 + lane, counter, 0, 1, key_0, key_1, curves.mirror)
        shift = speech_bp(fraction, u_speech, z_speech, model)
        shift += model.minutes_bp * z_release if minutes else 0.0
        talked = after_talk(expected, shift)
        talked = talked if by_chance else -MOVE_BP * scripted
        surprise = decided_bp(talked, u_decision) - talked + model.statement_bp * z_release if statement else 0.0
        scratch.easing[lane] = expected - talked - surprise
        state.expected_bp[lane] = model.first_expected_bp if statement and by_chance else talked
        waiting = state.pent_up[1, lane] + price_effect(scratch.easing[lane], model)
        trading = step > state.breaker[1, lane]
        scratch.policy[lane] = waiting if trading else 0.0
        state.pent_up[1, lane] = 0.0 if trading else waiting


@inline
def show_policy(state, scratch):
    """Let rules see what the step priced in: the odds, and the easing since they were last asked."""
    for lane in range(LANES):
        for clock in range(2):
            state.easing[clock, lane] += scratch.easing[lane]
        state.seen[EASING_BP, lane] = state.easing[BAR_CLOCKS, lane]
        state.seen[CUT_PROBABILITY, lane] = cut_probability(state.expected_bp[lane])
