"""How a key of the configuration is described: its meaning, unit, bounds and source sit on the field itself."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import Annotated, Any, Protocol

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError, PydanticUndefined

from flowsim.clock.sessions import require_session
from flowsim.errors import InputError

SENTENCE = "sentence"  # the error type of a fault that our own validators put into words


class Table(BaseModel):
    """One table of the configuration: frozen, no unknown keys, no conversion between types, no NaN."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


def described(
    meaning: str,
    unit: str = "",
    *,
    low: float | None = None,
    high: float | None = None,
    above: float | None = None,
    source: str = "",
    default: object = PydanticUndefined,
    choices: tuple[object, ...] = (),
    why: str = "",
) -> Any:
    """Declare a key with its meaning, unit and closed interval (`above` is an exclusive lower bound).

    `source` names the author, year and title behind the mechanism that the key belongs to. `choices` is for show,
    and checked elsewhere. `why` ends the message that a value outside the bounds gets. Everything reaches the JSON
    Schema, from which the reference is generated.
    """
    shown = {"unit": unit, "source": source, "enum": list(choices), "why": why}
    extra = {name: value for name, value in shown.items() if value}
    return Field(default, description=meaning, ge=low, le=high, gt=above, json_schema_extra=extra)


def fault(sentence: str) -> PydanticCustomError:
    """Return the error to raise in a validator whose whole message is `sentence`."""
    return PydanticCustomError(SENTENCE, "{sentence}", {"sentence": sentence})


def list_length(*, exactly: int | None = None, at_least: int = 0) -> FieldInfo:
    """Return the mark, inside ``Annotated[tuple[...], ...]``, of a TOML list that is kept as a tuple."""
    least = at_least if exactly is None else exactly
    return Field(strict=False, min_length=least, max_length=exactly)


class Dated(Protocol):
    """An entry of a script."""

    date: dt.date


def _rising(dates: tuple[dt.date, ...]) -> tuple[dt.date, ...]:
    for earlier, later in pairwise(dates):
        if later <= earlier:
            raise fault(f"{later} does not come after {earlier}; list each date once, in ascending order")
    return dates


def _rising_entries(entries: tuple[Dated, ...]) -> tuple[Dated, ...]:
    _rising(tuple(entry.date for entry in entries))
    return entries


ASCENDING, ASCENDING_DATES = AfterValidator(_rising_entries), AfterValidator(_rising)


def _from_text(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        return value


def _session(date: dt.date) -> dt.date:
    try:
        require_session(date, "date")
    except InputError as error:
        raise fault(str(error).removeprefix("date = ")) from None
    return date


Session = Annotated[dt.date, AfterValidator(_session), BeforeValidator(_from_text)]
