"""Files that commands read: prices and volatility indices, with the names that the user gives their columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from flowsim.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from flowsim.data.prices import Prices
    from flowsim.data.volatility_file import Volatility

PRICES = ("date", "close")
VOLATILITY = ("VIX9D", "VIX", "VIX3M", "VIX6M", "vol_date")
"""Names that --columns takes for the files of --prices and of --vol."""


class Columns(NamedTuple):
    """What the columns of the files are called, by file."""

    prices: dict[str, str]
    volatility: dict[str, str]


def columns_from(text: str | None, *, prices: bool, volatility: bool = False) -> Columns:
    """Return what ``--columns date=NAME,close=NAME,VIX=NAME`` says of the files that are there.

    Raises
    ------
    InputError
        If a part is not such, or belongs to a file that is not named.
    """
    found = Columns({}, {})
    known = {name.lower(): name for name in (*PRICES, *VOLATILITY)}
    for part in text.split(",") if text is not None else ():
        wanted, _, given = (word.strip() for word in part.partition("="))
        name = known.get(wanted.lower())
        if name is None or not given:
            raise InputError(
                f"--columns {text}: {part!r} is no part such as date=NAME; what can be named is"
                f" {', '.join(known.values())}"
            )
        option, there = ("--prices", prices) if name in PRICES else ("--vol", volatility)
        if not there:
            raise InputError(f"--columns {text}: {name} is a column of {option}; give the file by {option}")
        (found.prices if name in PRICES else found.volatility)["date" if name == "vol_date" else name] = given
    return found


def prices_from(file: Path | None, columns: Columns) -> Prices | None:
    """Read a price history, if a file of one is named."""
    from flowsim.data.prices import read_prices

    return None if file is None else read_prices(file, columns.prices)


def volatility_from(files: list[Path] | None, columns: Columns) -> Volatility | None:
    """Read volatility indices, if files of them are named."""
    from flowsim.data.volatility_file import read_volatility

    return read_volatility(files, columns.volatility) if files else None
