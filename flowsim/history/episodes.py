"""Stretches of real history that desks talk about, from the close before the first move to the last close."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from flowsim.clock import DateLike, as_day
from flowsim.errors import InputError


class Episode(NamedTuple):
    """What happened from the close of one session to that of a later one."""

    name: str
    first: str
    last: str


EPISODES = (
    Episode("autumn 2008", "2008-09-12", "2008-10-10"),
    Episode("August 2011", "2011-07-22", "2011-08-08"),
    Episode("February 2018", "2018-01-26", "2018-02-08"),
    Episode("December 2018", "2018-12-03", "2018-12-24"),
    Episode("March 2020", "2020-02-19", "2020-03-23"),
    Episode("August 2024", "2024-07-16", "2024-08-05"),
    Episode("April 2025", "2025-03-25", "2025-04-08"),
    Episode("autumn 2025", "2025-10-28", "2025-11-20"),
)


class Stretch(NamedTuple):
    """An episode in a replay: its sessions are those from `begin` up to `end`."""

    episode: Episode
    begin: int
    end: int


def stretches(dates: np.ndarray, chosen: Sequence[Sequence[DateLike]]) -> list[Stretch]:
    """Return where episodes lie among sessions.

    They are those chosen; by default those of `EPISODES` that lie within the sessions, or else the whole period.

    Raises
    ------
    InputError
        If a chosen one is no pair of dates, or does not lie within the sessions.
    """
    if not chosen:
        whole = _named((dates[0], dates[-1]))
        known = [_place(dates, one) for one in EPISODES if _inside(dates, one)] or [_place(dates, whole)]
        return [one for one in known if one.begin < one.end]
    found = [_place(dates, _named(pair)) for pair in chosen]
    for one in found:
        if one.begin >= one.end or not _inside(dates, one.episode):
            raise InputError(
                f"`episodes`: {one.episode.first},{one.episode.last} is not two dates in their order within {dates[0]}"
                f" to {dates[-1]}, which is what is replayed; choose others, or a longer period"
            )
    return found


def _named(pair: Sequence[DateLike]) -> Episode:
    if isinstance(pair, str) or len(pair) != 2:
        raise InputError(f"`episodes`: {pair!r} is not two dates, the close before an episode and its last")
    first, last = (str(as_day(day, "`episodes`")) for day in pair)
    return Episode(f"{first} to {last}", first, last)


def _inside(dates: np.ndarray, episode: Episode) -> bool:
    return bool(dates[0] <= np.datetime64(episode.first) and np.datetime64(episode.last) <= dates[-1])


def _place(dates: np.ndarray, episode: Episode) -> Stretch:
    begin, end = np.searchsorted(dates, np.array([episode.first, episode.last], "datetime64[D]"), "right")
    return Stretch(episode, int(begin), int(end))
