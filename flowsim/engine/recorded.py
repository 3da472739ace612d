"""Whether what was recorded of a chunk of days is numbers: a market may diverge without a step of its price."""

from __future__ import annotations

import numpy as np

from flowsim.engine.rows import Rows
from flowsim.errors import RunError
from flowsim.market.arrays import Record
from flowsim.market.recording import MARKET_COLUMNS
from flowsim.options.arrays import OptionRecord
from flowsim.options.record import VOLATILITY_COLUMNS

LARGEST = 1e30
"""Numbers beyond are no amounts, prices or volatilities of anything, though they are finite."""

OF_THE_MARKET = {
    "market": "the market",
    "flow": "a flow",
    "contribution": "a contribution to the return",
    "exposure": "a position",
}
OF_OPTIONS = {
    "volatility": "volatility",
    "index_parts": "a source of the VIX family",
    "sums": "what customers of options hold",
    "gamma_profile": "dealers' gamma",
    "surface": "implied variance",
}
"""What is recorded, as a person reads it."""

COLUMNS = {"market": MARKET_COLUMNS, "volatility": VOLATILITY_COLUMNS}


def require_numbers(record: Record, options: OptionRecord, rows: Rows) -> None:
    """Refuse a chunk of days in which anything that was kept is not a number of an ordinary size.

    The largest and the smallest of an array tell it at the speed of memory; only where they do not is it looked at
    closer.

    Raises
    ------
    RunError
        If something is not; names it, its path and its date, the earliest if there are several.
    """
    dated = {"gamma_profile": rows.profiles, "surface": rows.chains}
    kept = [(name, words, getattr(record, name), rows.dates) for name, words in OF_THE_MARKET.items()]
    kept += [(name, words, getattr(options, name), dated.get(name, rows.closes)) for name, words in OF_OPTIONS.items()]
    found = []
    for name, words, numbers, dates in kept:
        if numbers.size and not -LARGEST < numbers.min() <= numbers.max() < LARGEST:
            broken = np.argwhere(~(np.abs(numbers[..., : len(rows.paths)]) < LARGEST))
            found += [(dates[row], name, words, column, lane) for row, column, *_, lane in broken[:1].tolist()]
    if found:
        date, name, words, column, lane = min(found)
        what = COLUMNS[name][column] if name in COLUMNS else words
        raise RunError(
            f"{what} is no finite number of an ordinary size on path {rows.paths[lane]}, {date}: the market has come"
            " apart; bring the config's most extreme values back toward those of us_equity"
        )
