"""Results of jobs in a folder, each in a file named by the digest of all that it depends on.

What is there is not simulated again, whoever asks: a digest is that of config, history, rules, blocks, version and of
what is kept, so a file can never answer another question. A file appears whole or not at all.
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import fields, is_dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from flowsim.ensemble.job import function_of, name_of
from flowsim.errors import InputError, RunError

BROKEN, MADE_OF, ARRAY, NAMED = "broken", "made of", "array", "named"


class KeptResults:
    """A folder of results; it is made when the first one is kept.

    A result is made of arrays, texts, numbers, lists, tuples, dictionaries, named tuples and dataclasses of flowsim;
    or it is a RunError, since the same market breaks again.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)

    def get(self, digest: str) -> Any | None:
        """Return the result of a digest, or None where none is kept, or its file is damaged."""
        try:
            with np.load(BytesIO(self._file(digest).read_bytes()), allow_pickle=False) as stored:
                return _joined(json.loads(str(stored["plan"])), [stored[f"a{n}"] for n in range(len(stored.files) - 1)])
        except (OSError, EOFError, BadZipFile, ValueError, LookupError, TypeError, ImportError, AttributeError):
            return None

    def put(self, digest: str, result: object) -> None:
        """Keep a result.

        Raises
        ------
        InputError
            If the folder cannot be written.
        """
        arrays: list[np.ndarray] = []
        plan = json.dumps(_split(result, arrays), ensure_ascii=False)
        named: dict[str, Any] = {f"a{n}": array for n, array in enumerate(arrays)}
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            handle, unfinished = tempfile.mkstemp(dir=self.folder, prefix=".", suffix=".tmp")
            with os.fdopen(handle, "wb") as stream:
                np.savez(stream, plan=np.array(plan), **named)
            os.replace(unfinished, self._file(digest))
        except OSError as error:
            raise InputError(f"{self.folder}: cannot be written ({error.strerror}); choose another folder") from None

    def drop(self, digest: str) -> None:
        """Let go of the result of a digest, whose file may be damaged."""
        self._file(digest).unlink(missing_ok=True)

    def _file(self, digest: str) -> Path:
        return self.folder / f"{digest}.npz"


def _split(value: object, arrays: list[np.ndarray]) -> object:
    """Return a plan of a value as plain JSON, and put the arrays of it aside."""
    if isinstance(value, np.ndarray):
        arrays.append(value)
        return {ARRAY: len(arrays) - 1}
    if isinstance(value, RunError):
        return {BROKEN: str(value)}
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, dict):
        return {NAMED: [[key, _split(one, arrays)] for key, one in value.items()]}
    if isinstance(value, list):
        return [_split(one, arrays) for one in value]
    if is_dataclass(value) and not isinstance(value, type):
        parts, name = [getattr(value, field.name) for field in fields(value)], name_of(type(value))
    elif isinstance(value, tuple):
        parts, name = list(value), name_of(type(value)) if hasattr(value, "_fields") else "tuple"
    else:
        raise TypeError(f"{type(value).__name__}: no result is made of that")
    return {MADE_OF: name, "parts": [_split(one, arrays) for one in parts]}


def _joined(plan: Any, arrays: list[np.ndarray]) -> Any:
    if isinstance(plan, list):
        return [_joined(one, arrays) for one in plan]
    if not isinstance(plan, dict):
        return plan
    if ARRAY in plan:
        return arrays[plan[ARRAY]]
    if BROKEN in plan:
        return RunError(plan[BROKEN])
    if NAMED in plan:
        return {key: _joined(one, arrays) for key, one in plan[NAMED]}
    parts, name = [_joined(one, arrays) for one in plan["parts"]], plan[MADE_OF]
    if name == "tuple":
        return tuple(parts)
    if not name.startswith("flowsim."):
        raise ValueError(f"{name} is not of flowsim")
    made = function_of(name)
    if not (isinstance(made, type) and (is_dataclass(made) or issubclass(made, tuple))):
        raise ValueError(f"{name} holds no result")
    return made(*parts)
