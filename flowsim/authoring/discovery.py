"""Find strategy files, read them, and collect what they declare."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import logging
import sys
import traceback
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

from flowsim.authoring.declaration import Strategy
from flowsim.authoring.rule_source import check_source
from flowsim.errors import StrategyError

_log = logging.getLogger("flowsim")


def discover(folders: Iterable[Path] = ()) -> dict[str, Strategy]:
    """Return every strategy by name: the built-in ones, then those of the Python files in `folders`.

    Raises
    ------
    StrategyError
        If a folder or file cannot be read, a file fails to import, or two strategies share a name.
    """
    found: dict[str, Strategy] = {}
    builtin = Path(next(iter(importlib.import_module("flowsim.strategies").__path__)))
    for file in sorted(builtin.glob("[!_]*.py")):
        _collect(found, importlib.import_module(f"flowsim.strategies.{file.stem}"))
    for folder in folders:
        if not folder.is_dir():
            raise StrategyError(f"{folder}: no such folder; strategy_folders takes folders that hold strategy files")
        for file in strategy_files(folder):
            _collect(found, load_file(file))
    return found


def strategy_files(folder: Path) -> list[Path]:
    """Return the strategy files of a folder: its Python files that are neither hidden by a `_` nor tests."""
    return [file for file in sorted(folder.glob("[!_]*.py")) if not file.name.startswith(("test_", "conftest."))]


def rules_in(file: Path) -> list[Strategy]:
    """Return the strategies that one file declares, in its order.

    Raises
    ------
    StrategyError
        If the file has a fault or declares no rule.
    """
    found: dict[str, Strategy] = {}
    _collect(found, load_file(file))
    return list(found.values())


def load_file(file: Path) -> ModuleType:
    """Read a strategy file, refuse what a rule must not do, and run it, under a name that clashes with no package.

    The log says which file is run.

    Raises
    ------
    StrategyError
        If the file has a fault or declares no rule; names file and line.
    """
    file = file.absolute()
    check_source(file)
    text = file.read_bytes()
    name = f"flowsim_rules_{file.stem}_{hashlib.sha256(text).hexdigest()[:16]}"
    loaded = sys.modules.get(name)
    if loaded is not None and loaded.__file__ == str(file):
        return loaded
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None:
        raise StrategyError(f"{file}: not a Python file; name one that ends in .py")
    module = importlib.util.module_from_spec(spec)
    _log.info("running the strategy file %s", file)
    sys.modules[name] = module
    try:
        # Not by the spec's loader: it would run an older text of the same second and length from its bytecode cache.
        exec(compile(text, str(file), "exec", dont_inherit=True), module.__dict__)
    except Exception as error:
        del sys.modules[name]
        if isinstance(error, StrategyError):
            raise
        raise StrategyError(f"{file}:{last_line_in(error, file) or 1}: {type(error).__name__}: {error}") from None
    if not any(hasattr(member, "__flowsim_strategy__") for member in vars(module).values()):
        raise StrategyError(
            f"{file}:1: no rule in this file; write one below @strategy(...), as flowsim rules new does"
        )
    return module


def last_line_in(error: BaseException, file: Path) -> int | None:
    """Return the line of a file at which an error was raised, or None if it was raised without running the file."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename) == file]
    return lines[-1] if lines else None


def _collect(found: dict[str, Strategy], module: ModuleType) -> None:
    for member in vars(module).values():
        declared = getattr(member, "__flowsim_strategy__", None)
        if declared is None or member.__module__ != module.__name__:
            continue
        if declared.name in found and found[declared.name].file != declared.file:
            raise StrategyError(
                f"{declared.file}:{declared.line}: a strategy named {declared.name!r} is already in"
                f" {found[declared.name].file}; give one of them another name"
            )
        found[declared.name] = declared
