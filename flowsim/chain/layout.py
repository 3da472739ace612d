"""Which column of a table of option quotes is which: one row for each contract, or calls and puts side by side."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import NamedTuple

from flowsim.chain.words import Role, role_of
from flowsim.errors import InputError
from flowsim.files.table import Table, plain

QUOTE = ("bid", "ask", "open_interest")
NAMED = ("root", "expiry", "strike", "cp", "bid", "ask", "open_interest", "as_of")
NAMED_BY_SIDE = ("call_bid", "call_ask", "put_bid", "put_ask", "call_open_interest", "put_open_interest")
"""What a user can name by `columns`."""

_SYMBOL = re.compile(r"(?:O:|\.)?([A-Z]{1,6})[ .]*(\d{6})([CP])(\d{3,9})", re.ASCII)
_SYMBOL_NAMES = frozenset(
    "symbol contract calls puts call put ticker option osi occ opra name series id code root".split()  # noqa: SIM905
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SAMPLE = 40
_MOMENTS = ("eod", "1545")
_CBOE_WIDTH = 22
_CBOE_SIDE = {"bid": 3, "ask": 4, "open_interest": 9}
"""Cboe's table of quotes, whatever language its header is in: the columns beside the symbol of each contract."""


class Symbol(NamedTuple):
    """A contract as the OCC writes it, SPXW250919C04300000; the strike in index points if it has all eight digits."""

    root: str
    expiry: str
    side: str
    strike: float | None


class Layout(NamedTuple):
    """Positions of the columns: those that a row has once, and the quote of each side; `sides` is "" for a contract.

    `symbols` are the columns of contracts' symbols. `moment` is when in the day bid and ask were taken, if their names
    say so.
    """

    once: dict[str, int]
    sides: dict[str, dict[str, int]]
    symbols: list[int]
    moment: str


def symbol_of(text: str) -> Symbol | None:
    """Return the contract that a symbol names, None if it is none."""
    found = _SYMBOL.fullmatch(text.strip().upper())
    if found is None:
        return None
    root, day, side, strike = found.groups()
    points = int(strike) / 1000.0 if len(strike) == 8 else None
    return Symbol(root, f"20{day[:2]}-{day[2:4]}-{day[4:]}", side, points)


def layout_of(table: Table, columns: Mapping[str, str]) -> Layout:
    """Return where a table has what a chain is made of; `columns` says what a user calls some of it.

    Raises
    ------
    InputError
        If something is there twice, or `columns` names what is not there.
    """
    named = _named(table, columns)
    places = range(len(table.names))
    likely = (1, 12) if len(places) == _CBOE_WIDTH else [place for place in places if _may_be_symbols(table, place)]
    symbols = [place for place in likely if _holds(table, place, symbol_of)]
    roles = {place: role for place in places if (role := _role(table, place)) and place not in symbols}
    if len(places) == _CBOE_WIDTH and len(symbols) == 2:
        once = {"expiry": 0, "strike": 11} | _once(table, roles, ("as_of",))
        sides = {side: {name: at + after for name, after in _CBOE_SIDE.items()} for side, at in (("C", 1), ("P", 12))}
        return Layout(once, sides, symbols, "")
    moment = _moment(roles)
    quotes = {
        place: role for place, role in roles.items() if role.name in QUOTE and role.beside in ({moment}, frozenset())
    }
    sides = _sides(table, quotes)
    once = _once(
        table, roles, ("root", "underlying", "expiry", "strike", "cp", "as_of", "am_settlement", "term", "path")
    )
    for name, place in named.items():
        side, _, quote = name.partition("_")
        if side in ("call", "put"):
            sides.setdefault("CP"[side == "put"], {})[quote] = place
        elif name in QUOTE:
            sides.setdefault("", {})[name] = place
        else:
            once[name] = place
    by_side = {side: found for side, found in sides.items() if side}
    return Layout(once, by_side or sides, symbols, moment)


def _named(table: Table, columns: Mapping[str, str]) -> dict[str, int]:
    known = (*NAMED, *NAMED_BY_SIDE)
    for name in columns:
        if name not in known:
            raise InputError(f"columns names {name!r}, which is not read here; name {', '.join(known)}")
    return {name: table.named(called, name) for name, called in columns.items()}


def _role(table: Table, place: int) -> Role | None:
    return role_of(" ".join(table.names[place]))


def _moment(roles: Mapping[int, Role]) -> str:
    """Return which of several quotes of a day counts: that of its end."""
    beside = {word for role in roles.values() if role.name in ("bid", "ask") for word in role.beside}
    return next((moment for moment in _MOMENTS if moment in beside), "")


def _once(table: Table, roles: Mapping[int, Role], names: tuple[str, ...]) -> dict[str, int]:
    found: dict[str, int] = {}
    for name in names:
        places = [place for place, role in roles.items() if role.name == name]
        if len(places) > 1 and name in ("as_of", "underlying"):
            # A date beside a time: the time says more. A ticker beside a symbol: the first.
            places = [place for place in places if any(":" in text for text in table.column(place)[:_SAMPLE])] or places
            places = places[:1]
        if len(places) > 1 and name == "cp":
            # The type of the instrument, "option", beside the type of the option.
            places = [place for place in places if _names_a_side(table, place)] or places
        if len(places) > 1:
            raise InputError(f"{table.source} has {len(places)} columns named {name!r}; keep one of them")
        if places:
            found[name] = places[0]
    return found


def _names_a_side(table: Table, place: int) -> bool:
    return any(text[:1].upper() in ("C", "P") for text in table.column(place)[:_SAMPLE])


def _sides(table: Table, quotes: Mapping[int, Role]) -> dict[str, dict[str, int]]:
    """Return the columns of each side: as their names say, or of two of one name those before the strike are calls."""
    strikes = [place for place in range(len(table.names)) if (role := _role(table, place)) and role.name == "strike"]
    counts = Counter(role.name for role in quotes.values() if not role.side)
    beside = len(strikes) == 1 and counts["bid"] == counts["ask"] == 2
    sides: dict[str, dict[str, int]] = {}
    for place, role in quotes.items():
        side = ("C" if place < strikes[0] else "P") if beside and not role.side else role.side
        of_side = sides.setdefault(side, {})
        if role.name in of_side:
            raise InputError(f"{table.source} has 2 columns named {role.name!r}; keep one of them")
        of_side[role.name] = place
    return sides


def _may_be_symbols(table: Table, place: int) -> bool:
    return any(word in _SYMBOL_NAMES for name in table.names[place] for word in plain(_CAMEL.sub(" ", name)).split())


def _holds(table: Table, place: int, read: Callable[[str], object | None]) -> bool:
    texts = [text for text in table.column(place)[:_SAMPLE] if text]
    return bool(texts) and sum(read(text) is not None for text in texts) > len(texts) // 2
