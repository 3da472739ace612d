"""Which column of a daily table is which: by what the user names, by what vendors call them, and by what is in them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from flowsim.data.words import CLOSE, CLOSES, DATE, DATES, INDICES, NAMES_OF_INDICES, SP500, TIMES
from flowsim.errors import InputError
from flowsim.files.dates import is_date
from flowsim.files.table import Table, plain

_SAMPLE = 50


def require_known_columns(columns: Mapping[str, str], wanted: tuple[str, ...]) -> None:
    """Refuse the names of columns that nobody asks for.

    Raises
    ------
    InputError
        If one is not among `wanted`.
    """
    for name in columns:
        if name not in wanted:
            raise InputError(f"columns names {name!r}, which is not read here; name {', '.join(wanted)}")


def date_column(table: Table, named: Mapping[str, str]) -> int:
    """Return the position of the dates: the column that is named so, else the only one that holds dates.

    Raises
    ------
    InputError
        If no column can be told to be it.
    """
    if DATE in named:
        return table.named(named[DATE], DATE)
    for words in (DATES, TIMES):
        found = table.find(words)
        if len(found) > 1:
            found = [place for place in found if _holds_dates(table, place)] or found
        if found:
            return found[0]
    found = [place for place in range(len(table.names)) if _holds_dates(table, place)]
    if len(found) != 1:
        raise InputError(
            f"{table.source} has no column of dates among {table.listed_names()}; call it 'date', or name it by"
            " `columns={'date': 'NAME'}`"
        )
    return found[0]


def close_column(table: Table, date: int, named: Mapping[str, str]) -> int:
    """Return the position of the closes of one index.

    It is the column that is named so, or the one that vendors call so; of several tickers that of the S&P 500; of a
    table of two columns the other one.

    Raises
    ------
    InputError
        If no column can be told to be it.
    """
    if CLOSE in named:
        return table.named(named[CLOSE], CLOSE)
    others = [place for place in range(len(table.names)) if place != date]
    indices = [place for place in others if _is_index(table, place)]
    found: list[int] = []
    for words in (*CLOSES, SP500):
        candidates = [place for place in table.find(words) if place in others]
        if len(candidates) > 1:
            candidates = [one for one in candidates if one in table.find(SP500)] or candidates
        found = found or candidates
    if not found and len(others) == 1:
        found = others
    if len(found) > 1 and indices:
        found = [place for place in found if place not in indices]
    if len(found) != 1:
        what = f"{len(found)} columns that could be the close" if found else "no column named 'close'"
        shown = ", ".join(f"'{table.called(place)}'" for place in found) if found else table.listed_names()
        raise InputError(
            f"{table.source} has {what} among {shown}; name the one that counts by `columns={{'close': 'NAME'}}`"
        )
    return found[0]


def index_columns(table: Table, date: int, named: Mapping[str, str]) -> dict[str, int]:
    """Return the positions of the volatility indices in a table; the closes of a single one go by the file's name.

    Raises
    ------
    InputError
        If there is none, or one is there twice.
    """
    found: dict[str, int] = {}
    for index in INDICES:
        places = [place for place in table.find(NAMES_OF_INDICES[index]) if place != date]
        if len(places) > 1:
            closes = set(table.find(CLOSES[0])) | set(table.find(CLOSES[1]))
            places = [place for place in places if place in closes] or places
        if len(places) > 1 and index not in named:
            raise InputError(f"{table.source} has {len(places)} columns named {index!r}; keep one of them")
        if places:
            found[index] = places[0]
    found |= {index: table.named(named[index], index) for index in INDICES if index in named}
    if found:
        return found
    index = index_in_name(table.source)
    if index is not None:
        return {index: close_column(table, date, named)}
    raise InputError(
        f"{table.source} has no column named {', '.join(INDICES[:-1])} or {INDICES[-1]} among {table.listed_names()};"
        " call it so, or name it by `columns={'VIX': 'NAME'}`"
    )


def index_in_name(source: str) -> str | None:
    """Return the volatility index that a file is named after: 'VIX3M_History.csv', '^vix_d.csv', 'VIXCLS.csv'."""
    words = plain(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", Path(source).name.split(".", 1)[0].removeprefix("^")))
    for index in sorted(INDICES, key=len, reverse=True):
        names = NAMES_OF_INDICES[index]
        if any(re.search(rf"(?:^|\s){re.escape(name)}(?:\s|$)", words) for name in names):
            return index
    return None


def _is_index(table: Table, place: int) -> bool:
    return any(place in table.find(NAMES_OF_INDICES[index]) for index in INDICES)


def _holds_dates(table: Table, place: int) -> bool:
    texts = [text for text in table.column(place)[:_SAMPLE] if text]
    return bool(texts) and sum(map(is_date, texts)) > len(texts) // 2
