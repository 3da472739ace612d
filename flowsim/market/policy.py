"""Policy tone: what the market expects of the next FOMC meeting, and what a change of it does to the price.

The state is the expected change of the policy rate at the next scheduled meeting, in bp and negative for a cut. The
probability of a cut is read from it the FedWatch way, P(cut) = -expected / 25, held within [0, 1]. Speeches of the
chair, governors and regional presidents, the minutes and the statement move it by normal draws of their own size; the
statement also resolves it, to a cut with probability P(cut), and the next meeting starts from the initial probability.
Each bp of surprise easing moves the price by price_effect / 25 times the amplification (Bernanke and Kuttner 2005,
"What Explains the Stock Market's Reaction to Federal Reserve Policy?").
"""

from __future__ import annotations

from flowsim.kernel.marks import inline

MOVE_BP = 25.0
"""The step in which the policy rate is set."""


@inline
def cut_probability(expected_bp: float) -> float:
    """Return the implied probability of a 25 bp cut at the next meeting."""
    return min(max(-expected_bp / MOVE_BP, 0.0), 1.0)


@inline
def speech_bp(fraction: float, u: float, z: float, model) -> float:
    """Return the shift from at most one speech in a step: chair, governor or president, by their yearly numbers."""
    chair = model.chair_per_day * fraction
    governor = chair + model.governor_per_day * fraction
    president = governor + model.president_per_day * fraction
    size = model.chair_bp if u < chair else model.governor_bp
    size = size if u < governor else (model.president_bp if u < president else 0.0)
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
def price_effect(easing_bp: float, model) -> float:
    """Return the log return that a surprise easing of so many bp causes."""
    return model.effect_per_bp * easing_bp
