"""What vendors write of contracts, in one form: dates as ISO, roots and sides by one name, strikes in index points."""

from __future__ import annotations

import datetime
import re

import polars as pl

from flowsim.chain.expiry_days import is_standard, settled_on
from flowsim.chain.moment import moment_of
from flowsim.files.dates import day_of, form_of, read_as
from flowsim.files.numbers import decimal_mark, is_nothing, number_of

Found = tuple[pl.DataFrame, list[str]]
"""Contracts, and sentences on what was read as what."""

NUMBERS = ("strike", "bid", "ask", "open_interest")
MOMENTS = {"": None, "eod": None, "1545": datetime.time(15, 45)}
_SIDES = {"C": "C", "CALL": "C", "CALLS": "C", "P": "P", "PUT": "P", "PUTS": "P"}
_TRUE = frozenset(("1", "1.0", "true", "t", "y", "yes"))
_INDEX = frozenset(("SPX", "S&P 500", "S&P 500 INDEX", "SP500", "GSPC", "INX", "108105"))
_LEAST_PAIRS = 6


def root_named(texts: pl.Series) -> pl.Series:
    """Return roots as exchanges write them: '^SPX', '$spx' and 'SPX Index' are SPX."""
    bare = texts.str.to_uppercase().str.strip_chars(" ^$.").str.replace(r"(?: INDEX| US)+$", "")
    return pl.select(
        pl.when(bare.is_in(list(_INDEX))).then(pl.lit("SPX")).otherwise(bare).alias(texts.name)
    ).to_series()


def side_named(texts: pl.Series) -> pl.Series:
    """Return C or P; what is neither stays as it is."""
    return pl.select(
        texts.str.to_uppercase().replace(list(_SIDES), list(_SIDES.values())).alias(texts.name)
    ).to_series()


def plain_numbers(contracts: pl.DataFrame, comma_likely: bool) -> Found:
    """Return numbers as Python writes them: '1.234,50' and '$1,234.50' are 1234.5; what is none stays as it is."""
    names = [name for name in NUMBERS if name in contracts.columns]
    odd = [name for name in names if _is_odd(contracts[name])]
    if not odd:
        return contracts, []
    mark = decimal_mark((text for name in odd for text in contracts[name]), comma_likely)

    def number(text: str) -> str:
        found = number_of(text, mark)
        return "" if is_nothing(text) else text if found is None else repr(found)

    columns = [pl.Series(name, [number(text) for text in contracts[name]], pl.String) for name in odd]
    return contracts.with_columns(columns), ["decimal commas"] if mark == "," else []


def _is_odd(texts: pl.Series) -> bool:
    return bool(((texts != "") & texts.cast(pl.Float64, strict=False).is_null()).any()) or bool(
        texts.str.to_lowercase().is_in(["nan"]).any()
    )


def iso_expiries(contracts: pl.DataFrame) -> Found:
    """Return expiries as YYYY-MM-DD where they are dates; a Saturday of old is the session on which it settled."""
    texts = [text for text in contracts["expiry"].unique().to_list() if text]
    form = form_of(texts) if texts else ""
    dates = {text: _date(text, form) for text in texts}
    moved = {text: settled_on(day) for text, day in dates.items() if day is not None}
    saturdays = [text for text, day in moved.items() if day != dates[text]]
    known = [text for text in texts if text in moved]
    written = contracts["expiry"].replace(known, [str(moved[text]) for text in known])
    said = [f"expiries as {form}"] if form and form != "YYYY-MM-DD" else []
    if saturdays:
        said.append(
            f"{len(saturdays)} expiries dated on Saturdays, as in {saturdays[0]}, taken for the session before, on"
            " whose opening they settled"
        )
    return contracts.with_columns(written.alias("expiry")), said


def _date(text: str, form: str) -> datetime.date | None:
    bare = re.sub(r"[T ]\d{1,2}:\d{2}.*$", "", text)
    day = read_as(bare, form)
    day = day_of(bare) if day is None and form != "" else day
    return None if day is None else datetime.date.fromordinal(day)


def unit_of_strikes(contracts: pl.DataFrame) -> Found:
    """Return strikes in index points, as put-call parity says: calls less puts fall by a point for each.

    A file with strikes in thousandths of a point, as OptionMetrics' are, has a slope of a thousandth.
    """
    slope = _slope(contracts)
    for unit in (1000.0, 100.0):
        if slope is not None and 0.7 / unit < slope < 1.3 / unit:
            strike = contracts["strike"].cast(pl.Float64, strict=False) / unit
            texts = pl.Series(
                "strike", [text if n is None else repr(n) for text, n in zip(contracts["strike"], strike, strict=True)]
            )
            return contracts.with_columns(texts), [f"strikes divided by {unit:,.0f}, as put-call parity says"]
    return contracts, []


def _slope(contracts: pl.DataFrame) -> float | None:
    """Return by how much calls less puts typically fall for each unit of strike; None where too few quotes tell."""
    if not {"expiry", "strike", "cp", "bid", "ask"} <= set(contracts.columns):
        return None
    number = {name: pl.col(name).cast(pl.Float64, strict=False) for name in ("strike", "bid", "ask")}
    keys = [name for name in ("root", "underlying", "as_of", "path", "expiry") if name in contracts.columns]
    quoted = contracts.select(*keys, "cp", number["strike"], mid=0.5 * (number["bid"] + number["ask"]))
    quoted = quoted.filter((pl.col("mid") > 0.0) & (pl.col("strike") > 0.0)).unique([*keys, "strike", "cp"])
    calls, puts = (quoted.filter(pl.col("cp") == side) for side in "CP")
    pairs = calls.join(puts, on=[*keys, "strike"], suffix="_put").sort(*keys, "strike")
    apart = pairs.select(
        ((pl.col("mid") - pl.col("mid_put")).diff() / pl.col("strike").diff()).over(keys).alias("slope")
    )["slope"].drop_nulls()
    apart = apart.filter(apart.is_finite())
    return -float(apart.median()) if len(apart) >= _LEAST_PAIRS else None  # pyright: ignore[reportArgumentType]


def root_by_settlement(contracts: pl.DataFrame) -> Found:
    """Return a root for each contract of a file that names the index alone: by its flag of settlement, or by its date.

    Options of third Fridays are taken for the standard ones, settled in the morning, all others for SPXW.
    """
    if "root" in contracts.columns:
        return contracts, []
    named = "underlying" in contracts.columns
    index = contracts["underlying"] if named else pl.Series(["SPX"] * len(contracts), dtype=pl.String)
    if "am_settlement" in contracts.columns:
        morning = contracts["am_settlement"].str.to_lowercase().is_in(list(_TRUE))
        said = "roots by the flag of settlement"
    else:
        standard = [text for text in contracts["expiry"].unique().to_list() if _is_standard(text)]
        morning = contracts["expiry"].is_in(standard)
        said = "third Fridays taken for SPX, settled in the morning, and other days for SPXW"
    weekly = pl.select(pl.when(~morning & (index == "SPX")).then(pl.lit("SPXW")).otherwise(index)).to_series()
    return contracts.with_columns(weekly.alias("root")), [said if named else f"options taken for those on SPX; {said}"]


def _is_standard(text: str) -> bool:
    try:
        return is_standard(datetime.date.fromisoformat(text))
    except ValueError:
        return False


def moments(contracts: pl.DataFrame, above: datetime.datetime | None, moment: str) -> Found:
    """Return the times of the quotes as 'YYYY-MM-DD HH:MM:SS': those of the column, or that above the table."""
    if "as_of" not in contracts.columns:
        if above is None:
            return contracts, []
        return contracts.with_columns(as_of=pl.lit(_written(above))), [f"quoted at {above:%Y-%m-%d %H:%M}, New York"]
    texts = [text for text in contracts["as_of"].unique().to_list() if text]
    times = {text: found for text in texts if (found := moment_of(text, MOMENTS[moment]))}
    written = contracts["as_of"].replace(list(times), [_written(time) for time in times.values()])
    dated = [time for text, time in times.items() if ":" not in text]
    said = [f"quotes of a date alone taken at {dated[0]:%H:%M}, New York"] if dated else []
    return contracts.with_columns(written.alias("as_of")), said


def _written(time: datetime.datetime) -> str:
    return time.isoformat(" ", "seconds" if time.second else "minutes")
