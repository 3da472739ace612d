"""Files that commands read: prices and volatility indices, with the names that the user gives their columns."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from flowsim.config.asset import LEAD
from flowsim.errors import InputError

if TYPE_CHECKING:
    from flowsim.data.prices import Prices, PricesLike
    from flowsim.data.volatility_file import Volatility

PRICES = ("date", "close")
VOLATILITY = ("VIX1D", "VIX9D", "VIX", "VIX3M", "VIX6M", "vol_date")
CHAIN = ("root", "expiry", "strike", "cp", "bid", "ask", "open_interest", "as_of")
CHAIN += ("call_bid", "call_ask", "put_bid", "put_ask", "call_open_interest", "put_open_interest")
"""Names that --columns takes for the files of --prices, of --vol and of a chain."""

_MARKET = re.compile("[a-z][a-z0-9_]*=")


class Columns(NamedTuple):
    """What the columns of the files are called, by file."""

    prices: dict[str, str]
    volatility: dict[str, str]
    chain: dict[str, str]


def columns_from(text: str | None, *, prices: bool = False, volatility: bool = False, chain: bool = False) -> Columns:
    """Return what ``--columns date=NAME,close=NAME,VIX=NAME`` says of the files that are there.

    Raises
    ------
    InputError
        If a part is not such, or belongs to a file that is not named.
    """
    found = Columns({}, {}, {})
    known = {name.lower(): name for name in (*PRICES, *VOLATILITY, *CHAIN)}
    for part in text.split(",") if text is not None else ():
        wanted, _, given = (word.strip() for word in part.partition("="))
        name = known.get(wanted.lower())
        if name is None or not given:
            raise InputError(
                f"--columns {text}: {part!r} is no part such as date=NAME; what can be named is"
                f" {', '.join(known.values())}"
            )
        option, there, of_file = next(
            file
            for names, file in (
                (PRICES, ("--prices", prices, found.prices)),
                (VOLATILITY, ("--vol", volatility, found.volatility)),
                (CHAIN, ("a chain", chain, found.chain)),
            )
            if name in names
        )
        if not there:
            raise InputError(f"--columns {text}: {name} is a column of {option}; give that file too")
        of_file["date" if name == "vol_date" else name] = given
    return found


def prices_from(file: Path | None, columns: Columns, trust_data: bool = False) -> Prices | None:
    """Read a price history, if a file of one is named."""
    from flowsim.data.prices import read_prices

    return None if file is None else read_prices(file, columns.prices, trust_data=trust_data)


def prices_by_market_from(
    files: list[str] | None, columns: Columns, trust_data: bool = False
) -> dict[str, PricesLike] | None:
    """Read the price histories of ``--prices FILE`` and ``--prices MARKET=FILE``, if any are named.

    Raises
    ------
    InputError
        If a market is named twice, or a file cannot be read.
    """
    from flowsim.data.prices import read_prices

    found: dict[str, PricesLike] = {}
    for text in files or ():
        name, _, file = text.rpartition("=") if _MARKET.match(text) else ("", "", text)
        market = name or LEAD
        if market in found:
            raise InputError(f"--prices {text}: market {market} has prices already; name each market once")
        found[market] = read_prices(Path(file), columns.prices, trust_data=trust_data)
    return found or None


def volatility_from(files: list[Path] | None, columns: Columns, trust_data: bool = False) -> Volatility | None:
    """Read volatility indices, if files of them are named."""
    from flowsim.data.volatility_file import read_volatility

    return read_volatility(files, columns.volatility, trust_data=trust_data) if files else None
