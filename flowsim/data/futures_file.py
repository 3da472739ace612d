"""Settlement prices of VIX futures on disk: one column for each month, M1 the next to settle, empty where none is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from flowsim.data.columns import date_column, require_known_columns
from flowsim.data.volatility_file import closes_in
from flowsim.data.weigh import weigh_volatility
from flowsim.data.words import DAILY, DATE
from flowsim.errors import InputError
from flowsim.files.arrays import Days, Floats
from flowsim.files.daily_file import daily_table
from flowsim.files.table import Table, plain, say_once
from flowsim.files.table_file import read_table

if TYPE_CHECKING:
    from flowsim.files.frames import Frame

FuturesLike: TypeAlias = "Futures | str | Path | Frame"
"""What futures are taken from: read already, or a path or table of pandas, polars or arrow."""

MONTHS = tuple(f"M{month}" for month in range(1, 9))
NAMES_OF_MONTHS = {name: frozenset(plain(f"{word}{name[1:]}") for word in ("m", "vx", "ux", "f")) for name in MONTHS}


@dataclass(frozen=True, eq=False)
class Futures:
    """Settlement prices in points, oldest first.

    `dates` is datetime64[D] of shape (n,); `prices` is float64 (n, 8), M1 to M8 by the months still to settle after the
    close, nan where one has no price. `source` is the file's name, `read_as` a sentence on how it was read.
    """

    dates: Days
    prices: Floats
    source: str
    read_as: str = ""


def read_futures(
    futures: FuturesLike, columns: Mapping[str, str] | None = None, *, trust_data: bool = False
) -> Futures:
    """Return the settlement prices of a file or table.

    Parameters
    ----------
    futures : Futures, path, or table of pandas, polars or arrow
        CSV, Parquet or Excel file with a column of dates and columns M1 to M8, or VX1, UX1, F1 and so on; the first two
        must be there. Months are counted: M3 is empty where the third month is not listed.
    columns : mapping, optional
        What else they are called, such as ``{"M1": "front"}``.
    trust_data : bool
        Take prices outside 2 to 200 points.

    Raises
    ------
    InputError
        If it is no such table, or one of its dates or prices is wrong or out of order; the message names file, row,
        value and remedy.
    """
    if isinstance(futures, Futures):
        return futures
    named = columns or {}
    require_known_columns(named, (DATE, *MONTHS))
    table = read_table(futures, "VIX futures", DAILY, name="futures")
    date = date_column(table, named)
    found = _months(table, date, named)
    daily = daily_table(table, date, found)
    dates = np.array(daily.days, np.int64).astype("datetime64[D]")
    prices = np.full((len(dates), len(MONTHS)), np.nan)
    for name in found:
        prices[:, MONTHS.index(name)] = closes_in(name, daily)
        if not trust_data:
            weigh_volatility(name, prices[:, MONTHS.index(name)], dates, daily.rows, table.source)
    called = ", ".join(f"{name} in '{table.called(place)}'" for name, place in found.items())
    said = f"{table.source}: {called} from {dates[0]} to {dates[-1]}; {daily.said}"
    say_once(said)
    source = Path(futures).name if isinstance(futures, str | Path) else table.source
    return Futures(dates, prices, source, said)


def _months(table: Table, date: int, named: Mapping[str, str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for name in MONTHS:
        places = [place for place in table.find(NAMES_OF_MONTHS[name]) if place != date]
        if name in named:
            found[name] = table.named(named[name], name)
        elif len(places) > 1:
            raise InputError(f"{table.source} has {len(places)} columns named {name!r}; keep one of them")
        elif places:
            found[name] = places[0]
    for name in MONTHS[:2]:
        if name not in found:
            raise InputError(
                f"{table.source} has no column named {name} among {table.listed_names()}; call it so, or name it by"
                f" `columns={{'{name}': 'NAME'}}`"
            )
    return found
