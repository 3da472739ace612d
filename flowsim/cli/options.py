"""Messages name the arguments of Python in backticks, as in `out`; on the command line they name its options."""

from __future__ import annotations

import re

OPTIONS = {
    "as_of": "--as-of",
    "cluster": "--cluster",
    "columns": "--columns",
    "episodes": "--episode",
    "every": "--every",
    "first": "--from",
    "futures": "--futures",
    "last": "--to",
    "minutes": "--minutes",
    "multipliers": "--multipliers",
    "n_paths": "--paths",
    "only": "--only",
    "out": "--out",
    "overrides": "--set",
    "path": "--path",
    "placebos": "--placebos",
    "prices": "--prices",
    "profiles": "--profiles",
    "ranges": "--ranges",
    "resume": "--resume",
    "shard": "--shard",
    "steps": "--steps",
    "targets": "--targets",
    "threads": "--threads",
    "trials": "--trials",
    "trust_data": "--trust-data",
    "volatility": "--vol",
    "workers": "--workers",
}
"""By the argument that a message may name, the option that sets it."""


def as_options(message: str) -> str:
    """Return a message with options instead of arguments: `out` is --out, and `n_paths=0` is --paths 0."""
    names = "|".join(OPTIONS)
    return re.sub(rf"`({names})(?:=([^`]*))?`", _option, message)


def _option(found: re.Match[str]) -> str:
    name, value = found.groups()
    if value in (None, "True"):
        return OPTIONS[name]
    # A mapping such as {'date': 'Day'} is typed as date=Day.
    typed = re.sub(r"[{}' ]", "", value).replace(":", "=") if value.startswith("{") else value
    return f"{OPTIONS[name]} {typed}"
