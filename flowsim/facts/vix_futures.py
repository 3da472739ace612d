"""Facts of VIX futures: where they stand beside the index, how they follow it, and what the 30-day index earns.

The same functions read a run and a file of settlement prices. Days to settlement are those of the close. A change is
that of one contract: on a settlement day, of what was the second at the close before.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from flowsim.clock.vix_settlements import days_to_settlement, index_roll
from flowsim.clock.year import SESSIONS_PER_YEAR
from flowsim.facts import moments
from flowsim.facts.closes import Closes, behind
from flowsim.facts.facts import Fact, share_above
from flowsim.files.arrays import Floats
from flowsim.futures.index import first_changes, index_prices, index_returns

SPANS = ((1, 7), (8, 14), (15, 21), (22, 35))
"""Calendar days to settlement, both ends included."""


def over_vix(closes: Closes) -> Floats:
    """Return how far M1 is above the VIX, a fraction of it."""
    return closes.indices["M1"] / closes.indices["VIX"] - 1.0


def steepness(closes: Closes) -> Floats:
    """Return how far M2 is above M1, a fraction of it."""
    return closes.indices["M2"] / closes.indices["M1"] - 1.0


def on_vix(closes: Closes, low: int, high: int) -> Floats:
    """Return the slope of the change of the first contract on that of the VIX, so many days from its settlement."""
    earlier, now = first_changes(closes.dates, closes.indices["M1"], closes.indices["M2"])
    vix = closes.indices["VIX"]
    return moments.slope(closes, vix - behind(vix, 1), _between(closes, low, high, now - earlier))


def on_return(closes: Closes, low: int, high: int) -> Floats:
    """Return the slope of the change of the first contract in percent on the return in percent."""
    earlier, now = first_changes(closes.dates, closes.indices["M1"], closes.indices["M2"])
    return moments.slope(closes, closes.returns_pct, _between(closes, low, high, 100.0 * (now / earlier - 1.0)))


def rolled(closes: Closes) -> Floats:
    """Return the simple return of the 30-day index on each day."""
    return index_returns(closes.dates, closes.indices["M1"], closes.indices["M2"])


def rolled_pct_a_year(closes: Closes) -> Floats:
    """Return what the 30-day index earns in a year at its mean log return, in percent."""
    return 100.0 * np.expm1(SESSIONS_PER_YEAR * moments.mean(closes, np.log1p(rolled(closes))))


def rolled_vol_pct(closes: Closes) -> Floats:
    """Return the standard deviation of the returns of the 30-day index, in percent a year."""
    return 100.0 * np.sqrt(SESSIONS_PER_YEAR) * moments.std(closes, rolled(closes), ddof=1)


def roll_cost_pct(closes: Closes) -> Floats:
    """Return what a session's roll costs at an unchanged curve, median, %: the share rolled times M2 - M1."""
    first, second = closes.indices["M1"], closes.indices["M2"]
    roll, (held, _) = index_roll(closes.dates), index_prices(closes.dates, first, second)
    share = np.append(np.where(roll.first[:-1] == 1, np.nan, roll.weight[:-1] - roll.weight[1:]), np.nan)
    share = np.where(share > 0.0, share, np.nan)  # On the last day of a period the whole is left with the next contract
    return moments.median(closes, 100.0 * share * (second - first) / held)


def _between(closes: Closes, low: int, high: int, values: Floats) -> Floats:
    days = days_to_settlement(closes.dates, 1)[:, 0]
    return np.where((days >= low) & (days <= high), values, np.nan)


def facts() -> list[Fact]:
    """Return the facts, in the order of a printed table."""
    add = partial(Fact, group="VIX futures", indices=("M1", "M2"))
    beside = partial(Fact, group="VIX futures", indices=("VIX", "M1", "M2"))
    daily = partial(add, reach_days=1)
    return [
        beside("M1/VIX - 1 mean (%)", compute=lambda c: 100.0 * moments.mean(c, over_vix(c))),
        add("M1 < M2 fraction", compute=lambda c: share_above(c, steepness(c), 0.0)),
        add("M2/M1 - 1 mean (%)", compute=lambda c: 100.0 * moments.mean(c, steepness(c))),
        *(
            beside(f"dM1 on dVIX, {low}-{high} days", compute=partial(on_vix, low=low, high=high), reach_days=1)
            for low, high in SPANS
        ),
        *(
            daily(f"dM1 on r, {low}-{high} days (%/%)", compute=partial(on_return, low=low, high=high))
            for low, high in SPANS
        ),
        daily("30-day index mean (% p.a.)", compute=rolled_pct_a_year),
        daily("30-day index vol (% p.a.)", compute=rolled_vol_pct),
        daily(
            "30-day index on r (%/%)",
            compute=lambda c: moments.slope(c, c.returns_pct, 100.0 * rolled(c)),
        ),
        daily("30-day index roll cost median (%/day)", compute=roll_cost_pct),
    ]


VIX_FUTURES_FACTS: tuple[Fact, ...] = tuple(facts())
