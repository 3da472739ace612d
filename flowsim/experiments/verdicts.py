"""Verdicts, computed from intervals and from nothing else.

A criterion compares an effect with a bound. It is met when the whole interval is beyond the bound, fails when the
interval rules out any effect beyond it that would count, and is open otherwise. A claim whose criteria are all met is
reproduced, one whose criteria all fail is not, and one with both is partly reproduced. It is undecided when an open
criterion could change that, or when a third of the paths comes to another verdict than the whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from flowsim.ensemble.intervals import Interval

Verdict = Literal["reproduced", "partly", "not reproduced", "undecided"]
REPRODUCED: Verdict = "reproduced"
PARTLY: Verdict = "partly"
NOT_REPRODUCED: Verdict = "not reproduced"
UNDECIDED: Verdict = "undecided"


NEGLIGIBLE_PCT, SMALL_PCT = 2.0, 10.0
"""Below these an effect is called negligible and small, whatever its interval. A choice."""


class Scale(NamedTuple):
    """How an effect is told in percent: its distance from `neutral`, so many percent for each unit."""

    neutral: float
    pct_per_unit: float


RATIO, PERCENT = Scale(1.0, 100.0), Scale(0.0, 1.0)
"""Of an effect that is a ratio of one market to another, and of one that is in percent already."""


def size_class(pct: float) -> str:
    """Return in a word how large an effect is."""
    if not abs(pct) >= 0.0:
        return "unknown"
    return "negligible" if abs(pct) < NEGLIGIBLE_PCT else "small" if abs(pct) < SMALL_PCT else "large"


class Criterion(NamedTuple):
    """A bound for one effect, in the words of the experiment.

    `beyond` says on which side of `bound` the claim wants the effect; `counts` is the smallest distance beyond the
    bound that a desk would call an effect, in the unit of the effect. `assumed` names the input that decides it, if one
    does. `scale` is how its size is told, if it has one.
    """

    effect: str
    says: str
    beyond: Literal["above", "below"]
    bound: float
    counts: float = 0.0
    assumed: str = ""
    scale: Scale | None = None

    def met(self, effect: Interval) -> bool | None:
        """Tell whether the criterion is met; None while that is open."""
        sign = 1.0 if self.beyond == "above" else -1.0
        near, far = sorted((sign * (effect.low - self.bound), sign * (effect.high - self.bound)))
        if near > 0.0:
            return True
        return False if far < self.counts or far <= 0.0 else None


def verdict_of(met: Sequence[bool | None]) -> Verdict:
    """Return the verdict on criteria of which some may be open."""
    yes, no, is_open = True in met, False in met, None in met
    if yes and no:
        return PARTLY
    if is_open or not met:
        return UNDECIDED
    return REPRODUCED if yes else NOT_REPRODUCED


def agreed(whole: Verdict, parts: Sequence[Verdict]) -> Verdict:
    """Return the verdict on the whole if every part of the paths comes to the same one."""
    return whole if all(part == whole for part in parts) else UNDECIDED
