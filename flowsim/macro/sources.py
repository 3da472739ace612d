"""Where every number of the layer comes from, and what turns on those that are choices.

A scan runs the layer without shocks at both ends of the range of each choice. The start is solved anew, so that the
first quarter meets its targets whatever the number is; what differs is where the economy goes from there.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence

import polars as pl

from flowsim.errors import InputError
from flowsim.macro.alone import FIRST, begin, quarter_by_quarter
from flowsim.macro.columns import MACRO_COLUMNS, read
from flowsim.macro.numbers import STATUSES, Change, Number, numbers_in
from flowsim.macro.quarters import quarter_number
from flowsim.macro.scenario import BASELINE, load_scenario
from flowsim.macro.state import nothing_given

TABLES = {
    "numbers": "parameters",
    "sheet_2026": "start at the end of 2026Q2",
    "sheet_2018": "start at the end of 2018, for history",
    "history": "output that history gives",
}
"""The shipped tables of numbers, and what each is."""
OUTCOMES = ("output_bn", "builder_debt_bn", "vehicle_debt_bn", "buybacks_bn", "lenders_loss_bn", "labor_share_pct")
"""What a scan looks at, in its last quarter; losses are summed over the run."""


def sources(status: str | None = None) -> pl.DataFrame:
    """Return every number with its status, or those of one status.

    Returns
    -------
    polars.DataFrame
        table, key, from, value, unit, low, high, status, as_of, source, meaning.

    Raises
    ------
    InputError
        If the status is none of filed, published, derived and choice.
    """
    if status is not None and status not in STATUSES:
        raise InputError(f"`status` {status!r} is not known; choose one of {', '.join(STATUSES)}")
    rows = [{"table": table} | one._asdict() for table in TABLES for one in numbers_in(table)]
    found = pl.DataFrame(rows, infer_schema_length=None).rename({"start": "from"})
    return found if status is None else found.filter(pl.col("status") == status)


def scanned_choices(
    scenario: str = BASELINE,
    *,
    keys: Collection[str] | None = None,
    quarters: int = 12,
    progress: Callable[[int, int], None] | None = None,
) -> pl.DataFrame:
    """Return what each choice does to the outcomes of a scenario over its range, from its low end to its high one.

    Parameters
    ----------
    scenario : str
        A built-in name or a file.
    keys : collection of str, optional
        Keys of the choices to scan; all by default.
    quarters : int
        Quarters to run; outcomes are those of the last.
    progress : callable, optional
        Told how many of how many choices are done.

    Returns
    -------
    polars.DataFrame
        key, low, high, and for each outcome how much it is higher at the high end than at the low one. A number whose
        end makes the targets of the start impossible has nulls there.
    """
    choices = [one for one in _scannable(quarters) if keys is None or one.key in keys]
    rows = []
    for place, one in enumerate(choices):
        low, high = (_outcomes(scenario, quarters, one, end) for end in (one.low, one.high))
        known = low is not None and high is not None
        changes = {name: high[name] - low[name] if known else None for name in OUTCOMES}  # type: ignore[index]
        rows.append({"key": one.place, "low": one.low, "high": one.high} | changes)
        if progress is not None:
            progress(place + 1, len(choices))
    return pl.DataFrame(rows, infer_schema_length=None)


def _scannable(quarters: int) -> Iterator[Number]:
    """Yield the choices that have a range and hold in the quarters of the run."""
    numbers = numbers_in("numbers")
    for place, one in enumerate(numbers):
        ends = _ends(numbers[place + 1 :], one.key)
        begins = quarter_number(one.start, one.key) if one.start else 0
        if one.status == "choice" and one.low is not None and begins < FIRST + quarters and ends > FIRST:
            yield one


def _ends(later: Sequence[Number], key: str) -> int:
    """Return the quarter in which the next step of a key's script begins."""
    return min((quarter_number(one.start, key) for one in later if one.key == key and one.start), default=10**6)


def _outcomes(scenario: str, quarters: int, one: Number, value: float | None) -> dict[str, float] | None:
    start = quarter_number(one.start, one.key) if one.start else None
    changes = load_scenario(scenario).changes
    try:
        layer = begin(
            [Change(one.key, start, float(value or 0.0))], changes, nothing_given(quarters), FIRST, shocks=False
        )
    except InputError:
        return None
    found, lost = {}, 0.0
    for _, _, _, after in quarter_by_quarter(layer, 1):
        found = {name: float(values[0]) for name, values in read(MACRO_COLUMNS, after, 1).items()}
        lost += found["lenders_loss_bn"]
    return found | {"lenders_loss_bn": lost}
