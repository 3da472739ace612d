"""Is a chain likely: its days, its forwards, and where its strikes end."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from flowsim.clock.year import MINUTES_PER_YEAR
from flowsim.data.weigh import weigh_forwards, weigh_session
from flowsim.errors import InputError

if TYPE_CHECKING:
    from flowsim.chain.chain import Chain, Series

TICK = 0.05
"""The least price of an SPX option; a lower bid at the end of a strip is made up."""


def weigh_days(chain: Chain, series: Iterable[Series], time: datetime.datetime | None) -> None:
    """Refuse expiries that are used, or a time of the quotes, on a day without trade.

    Raises
    ------
    InputError
        At the first.
    """
    for each in series:
        if each.label in chain.day_faults:
            raise InputError(chain.day_faults[each.label])
    if time is not None:
        weigh_session(time, "as_of", chain.source)


def weigh_terms(
    source: str, series: Sequence[Series], forwards: tuple[float, float], minutes: tuple[float, float]
) -> None:
    """Refuse two terms whose forwards do not agree.

    Raises
    ------
    InputError
        If they differ by more than carry explains.
    """
    one, other = ((f"the forward of {each.label}", level) for each, level in zip(series, forwards, strict=True))
    weigh_forwards(one, other, (minutes[1] - minutes[0]) / MINUTES_PER_YEAR, source)


def notes_on_ends(series: Series) -> list[str]:
    """Return where the strikes of an expiry end at one that still has a bid: what lies beyond is missing."""
    notes = []
    for side, bids, place, end in (("puts", series.put_bid, 0, "lowest"), ("calls", series.call_bid, -1, "highest")):
        if bids[place] >= TICK:
            notes.append(
                f"{series.label}: the strip of {side} ends at {series.strike[place]:g}, the {end} strike there is,"
                f" whose bid is still {bids[place]:g}; with strikes beyond, the index would be higher"
            )
    return notes
