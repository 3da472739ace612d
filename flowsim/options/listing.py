"""The days of the option market: what is listed, held and settled on each, and which expiries make an index."""

from __future__ import annotations

import numpy as np

from flowsim.clock.vix_settlements import days_to_settlement
from flowsim.clock.year import MINUTES_PER_YEAR
from flowsim.config.spec import MarketSpec
from flowsim.options import calendar
from flowsim.options.arrays import AT_CLOSE, AT_OPEN, GUEST_FUTURES, N_TENORS, TENOR_DAYS, Listing
from flowsim.options.clients import Client, clients_of
from flowsim.options.quotes import SPACED_UP_TO_DAYS


def build_listing(spec: MarketSpec, closes: np.ndarray) -> Listing:
    """Return the calendar of the option market: row i is marked at `closes[i]`, shape (days + 1,)."""
    if not spec.options.listed:
        return no_listing(len(closes))
    clients = clients_of(spec)
    close_positions, overnight = calendar.positions(closes), spec.market.overnight_share
    events = calendar.event_variances(spec.options.meeting_move_pct / 100.0, spec.options.release_move_pct / 100.0)
    held = [calendar.holding(client.rolls(closes), close_positions) for client in clients]
    terms = calendar.index_terms(close_positions)
    marked = calendar.marked_expiries(close_positions, terms, held, overnight, events)
    minutes = calendar.minutes_between(close_positions[:, None, None], terms)
    near_next = calendar.sessions_between(close_positions[:, None, None], terms, overnight)
    pillars = calendar.at_target(near_next, minutes)
    years = marked.minutes / MINUTES_PER_YEAR
    tenor_years = np.broadcast_to(np.array(TENOR_DAYS) / 365.0, (len(closes), N_TENORS)).copy()
    tenor_event = calendar.at_target(
        calendar.events_between(close_positions[:, None, None], terms, events, overnight), minutes
    )
    rows = np.arange(len(closes))[:, None, None]
    columns = marked.columns(rows, terms)
    pillar_weight = calendar.pillar_weights(marked.sessions_left, pillars)
    of_terms = pillar_weight[rows, columns]
    return Listing(
        n_expiries=marked.n_expiries.astype(np.int64),
        pillar_weight=pillar_weight,
        event_variance=marked.event_variance,
        sessions_left=marked.sessions_left,
        years=years,
        spacing=np.searchsorted(SPACED_UP_TO_DAYS, 365.0 * years).astype(np.int64),
        reach=calendar.demand_reach(years, tenor_years, spec.options.demand_reach),
        tenor_years=tenor_years,
        tenor_event=tenor_event,
        index_expiry=columns,
        index_minutes=minutes.astype(float),
        keeps_chain=np.isin(closes, np.array(spec.record.chain_dates, "datetime64[D]")).astype(np.int64),
        index_weight=np.ascontiguousarray(np.moveaxis(calendar.at_target(np.moveaxis(of_terms, 3, 0), minutes), 0, 2)),
        guest_reach=_guest_reach(spec, closes, tenor_years),
        **_slots(spec, clients, held, marked, len(closes)),
    )


def _guest_reach(spec: MarketSpec, closes: np.ndarray, tenor_years: np.ndarray) -> np.ndarray:
    if spec.vix_products is None:
        return np.zeros((len(closes), 0, N_TENORS))
    days = days_to_settlement(closes, GUEST_FUTURES).astype(float)
    return calendar.guest_reach(days, tenor_years, spec.options.demand_reach)


def _slots(
    spec: MarketSpec,
    clients: list[Client],
    held: list[calendar.Holding],
    marked: calendar.MarkedExpiries,
    n_closes: int,
) -> dict[str, np.ndarray]:
    """Return which slot holds which expiry on which day, and what opens at each close."""
    programmes = spec.programmes
    n_slots = sum(one.tranches * len(client.legs) for client, one in zip(clients, held, strict=True))
    expiry = np.full((n_closes, n_slots), -1, np.int64)
    settles = np.full((max(n_closes - 1, 0), n_slots), -1, np.int64)
    programme, is_call = np.zeros(n_slots, np.int64), np.zeros(n_slots)
    openings: list[np.ndarray] = []
    first_slot = 0
    for number, (client, one) in enumerate(zip(clients, held, strict=True)):
        legs = client.legs
        size = len(legs)
        mine = slice(first_slot, first_slot + one.tranches * size)
        programme[mine] = programmes.index(client.name)
        is_call[mine] = [leg.kind == "call" for leg in legs] * one.tranches
        opened = np.flatnonzero(one.first > 0)
        slot, first, last, settlements = (
            values[opened] for values in (one.tranche, one.first, one.last, one.settlements)
        )
        slot = first_slot + slot * size
        roll, row = _rows_held(first, last)
        held_in = marked.columns(row, settlements[roll])
        settled = np.flatnonzero(one.settles[opened])
        for leg in range(size):
            expiry[row, slot[roll] + leg] = held_in
            settles[last[settled], slot[settled] + leg] = np.where(
                calendar.at_close(settlements[settled]), AT_CLOSE, AT_OPEN
            )
        opens_in = marked.columns(first, settlements)
        openings.append(np.stack([first, np.full_like(first, number), slot, opens_in], axis=1))
        first_slot += one.tranches * size
    return {
        "slot_expiry": expiry,
        "slot_settles": settles,
        "slot_programme": programme,
        "slot_call": is_call,
        **_openings(np.concatenate([np.zeros((0, 4), np.int64), *openings]), n_closes),
    }


def _openings(table: np.ndarray, n_closes: int) -> dict[str, np.ndarray]:
    """Return what opens at each close, from rows of close, client, slot and expiry in any order."""
    table = table[np.lexsort(table.T[::-1])]
    return {
        # What is marked in row d + 1 opens at the close of day d.
        "opens_from": np.searchsorted(table[:, 0], np.arange(1, n_closes + 1)).astype(np.int64),
        "open_client": np.ascontiguousarray(table[:, 1]),
        "open_slot": np.ascontiguousarray(table[:, 2]),
        "open_expiry": np.ascontiguousarray(table[:, 3]),
    }


def _rows_held(first: np.ndarray, last: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return which roll and which row, for every row from the first to the last of every roll."""
    length = last - first + 1
    roll = np.repeat(np.arange(len(first)), length)
    return roll, np.arange(len(roll)) - np.repeat(np.cumsum(length) - length, length) + first[roll]


def rows_of(listing: Listing, first: int, last: int) -> Listing:
    """Return the listing of the days from `first` up to `last`, counted anew from the first."""
    closes, days = slice(first, last + 1), slice(first, last)
    cut = {}
    for name, values in listing._asdict().items():
        if name in _BY_CLOSE:
            cut[name] = np.ascontiguousarray(values[closes])
        elif name == "slot_settles":
            cut[name] = np.ascontiguousarray(values[days])
        else:
            cut[name] = values
    return Listing(**cut)


_BY_CLOSE = (
    "n_expiries",
    "pillar_weight",
    "event_variance",
    "sessions_left",
    "years",
    "spacing",
    "reach",
    "tenor_years",
    "tenor_event",
    "slot_expiry",
    "opens_from",
    "index_expiry",
    "index_minutes",
    "keeps_chain",
    "index_weight",
    "guest_reach",
)


def no_listing(n_closes: int) -> Listing:
    """Return the listing of a market without options, on so many closes."""

    def integers(*shape: int) -> np.ndarray:
        return np.zeros(shape, np.int64)

    return Listing(
        n_expiries=integers(n_closes),
        pillar_weight=np.zeros((n_closes, 0, N_TENORS)),
        event_variance=np.zeros((n_closes, 0)),
        sessions_left=np.zeros((n_closes, 0)),
        years=np.zeros((n_closes, 0)),
        spacing=integers(n_closes, 0),
        reach=np.zeros((n_closes, 0, N_TENORS)),
        tenor_years=np.zeros((n_closes, N_TENORS)),
        tenor_event=np.zeros((n_closes, N_TENORS)),
        slot_expiry=integers(n_closes, 0),
        slot_settles=integers(max(n_closes - 1, 0), 0),
        slot_programme=integers(0),
        slot_call=np.zeros(0),
        opens_from=integers(n_closes),
        open_client=integers(0),
        open_slot=integers(0),
        open_expiry=integers(0),
        index_expiry=integers(n_closes, N_TENORS, 2),
        index_minutes=np.zeros((n_closes, N_TENORS, 2)),
        keeps_chain=integers(n_closes),
        index_weight=np.zeros((n_closes, N_TENORS, N_TENORS)),
        guest_reach=np.zeros((n_closes, 0, N_TENORS)),
    )
