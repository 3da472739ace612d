"""Run the benchmarks that stand beside the package in a checkout. They are not part of an installed wheel."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from flowsim.errors import InputError

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"


def run(progress: Callable[[int, int], None] | None = None) -> dict[str, object]:
    """Measure the engine against C and the alternatives, and what starting and threads cost; takes some minutes.

    `progress` is told parts done, and of how many.

    Raises
    ------
    InputError
        If flowsim is not run from a checkout, or the machine has no C compiler.
    """
    return suite().run(progress)


def as_text(figures: dict[str, object]) -> str:
    """Return the figures of `run` as Markdown tables."""
    suite()
    from flowsim_benchmarks.report import as_text as text  # type: ignore[import-not-found]

    return text(figures)


def run_parts(progress: Callable[[int, int], None] | None = None) -> list[dict[str, object]]:
    """Measure what each part of the compiler's back end buys; takes half an hour.

    Raises
    ------
    InputError
        If flowsim is not run from a checkout.
    """
    suite()
    from flowsim_benchmarks.compiler_parts import what_parts_buy  # type: ignore[import-not-found]

    return what_parts_buy(progress)


def parts_as_text(figures: list[dict[str, object]]) -> str:
    """Return the figures of `run_parts` as a Markdown table."""
    suite()
    from flowsim_benchmarks.compiler_parts import as_text as text  # type: ignore[import-not-found]

    return text(figures)


def suite() -> ModuleType:
    """Return the package of benchmarks.

    Raises
    ------
    InputError
        If there is none beside flowsim.
    """
    name = "flowsim_benchmarks"
    if name not in sys.modules:
        entry = FOLDER / "__init__.py"
        if not entry.is_file():
            raise InputError(
                f"{FOLDER}: the benchmarks are not part of an installed flowsim; run `flowsim bench` from a checkout"
            )
        found = importlib.util.spec_from_file_location(name, entry, submodule_search_locations=[str(FOLDER)])
        assert found is not None
        assert found.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(found)
        found.loader.exec_module(sys.modules[name])
    return sys.modules[name]
