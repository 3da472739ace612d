"""What each thing buys that flowsim does to numba and LLVM: the default market compiled and stepped without it.

Each measurement is a process of its own with an empty cache, and all but compiling and stepping is off the clock.
Processes take turns, with all parts and without each; a figure is the median over the rounds of the ratio within one.
docs/numba-backend.md says what hangs on each part.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import astuple
from importlib import import_module
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from flowsim.config import load
from flowsim.engine.blocks import Block, run_block
from flowsim.engine.prepare import prepare
from flowsim.kernel.marks import INLINE, LANES

from .targets import Figures

if TYPE_CHECKING:
    from llvmlite import ir
    from numba.core import types
    from numba.core.base import BaseContext

DEFAULT = "us_equity"
ROUNDS = 3
STEPS = 5
"""Times that a block is stepped, of which the shortest counts."""
WHOLE = "nothing"


def _without_linking() -> None:
    from numba.core import codegen

    from flowsim.kernel.numba_backend import target

    target._Generator._library_class = codegen.JITCodeLibrary


def _without_inlining() -> None:
    from flowsim.kernel.numba_backend import compiler

    compiler.OPTIONS[INLINE]["forceinline"] = False


def _without_apart() -> None:
    from flowsim.kernel.numba_backend import compiler

    compiler._without_overlaps = lambda flags: flags


def _without_wide_vectors() -> None:
    from numba.core import codegen

    from flowsim.kernel.numba_backend import target

    target._Generator._customize_tm_features = codegen.JITCPUCodegen._customize_tm_features


def _without_interleaving() -> None:
    from flowsim.kernel.numba_backend import compiler

    compiler.INTERLEAVED = compiler.LLVM_CHOOSES


def _without_constant_words() -> None:
    from flowsim.kernel.numba_backend import bundle_type, target

    def read(builder: ir.IRBuilder, words: ir.Value, place: int, as_type: ir.Type) -> ir.Value:
        word = builder.gep(words, [bundle_type._WORD(place)], inbounds=True)
        return builder.load(builder.bitcast(word, as_type.as_pointer()))

    bundle_type._read = read
    target.BundleType = type(None)  # Then no argument is one of which the length is told.


def _without_fields_by_value() -> None:
    from numba.np.arrayobj import make_array, populate_array

    from flowsim.kernel.numba_backend import bundle_type

    def read_array(
        context: BaseContext, builder: ir.IRBuilder, words: ir.Value, first: int, array_type: types.Array
    ) -> ir.Value:
        word, read = bundle_type._WORD, bundle_type._read
        item = word(context.get_abi_sizeof(context.get_data_type(array_type.dtype)))
        shape = [read(builder, words, first + 1 + axis, word) for axis in range(array_type.ndim)]
        strides, count = [], item
        for length in reversed(shape):
            strides.insert(0, count)
            count = builder.mul(count, length)
        data = read(builder, words, first, context.get_data_type(array_type.dtype).as_pointer())
        array = make_array(array_type)(context, builder)
        populate_array(array, data, shape, strides, item, None)
        return array._getvalue()

    bundle_type._read_array = read_array


PARTS: dict[str, Callable[[], None]] = {
    "code is only linked, and compiled with the kernel": _without_linking,
    "functions are pasted into their callers (`forceinline`)": _without_inlining,
    "arrays lie apart (`noalias`), and loops are called (`noinline`)": _without_apart,
    "words of a bundle are constant and all there": _without_constant_words,
    "arrays of a bundle are put together field by field": _without_fields_by_value,
    "vectors of 512 bits": _without_wide_vectors,
    "four vectors under way": _without_interleaving,
}
"""What is measured, and what takes it away."""


def what_parts_buy(progress: Callable[[int, int], None] | None = None, rounds: int = ROUNDS) -> list[Figures]:
    """Return for each part the processor time without it over that with it, of a first compile and of the days.

    `progress` is told measurements done, and of how many.
    """
    names, measured = [WHOLE, *PARTS], []
    for done in range(rounds * len(names)):
        if progress:
            progress(done, rounds * len(names))
        measured.append(_in_a_process(names[done % len(names)]))
    by_round = [measured[first : first + len(names)] for first in range(0, len(measured), len(names))]
    return [
        {"part": name, "same_bits": by_round[0][0]["bits"] == by_round[0][row]["bits"]}
        | {figure: _median_ratio(by_round, row, figure) for figure in ("compile", "days")}
        for row, name in enumerate(names)
        if name != WHOLE
    ]


def _median_ratio(by_round: list[list[Figures]], row: int, figure: str) -> float:
    return round(float(np.median([one[row][figure] / one[0][figure] for one in by_round])), 3)


def _in_a_process(part: str) -> Figures:
    task = (
        f"import json, sys; sys.path[:] = {sys.path!r}; from flowsim.cli import bench; bench.suite()\n"
        f"from {__name__} import measured_without; print(json.dumps(measured_without({part!r})))"
    )
    with TemporaryDirectory() as empty:
        environment = os.environ | {"FLOWSIM_CACHE_DIR": empty}
        command = [sys.executable, "-c", task]
        return json.loads(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout)


def measured_without(part: str) -> Figures:
    """Compile the default market without a part and step it; return processor seconds of both, and a digest."""
    import_module("flowsim.kernel.numba_backend.compiler")  # Not on the clock.
    if part != WHOLE:
        PARTS[part]()
    os.cpu_count = lambda: 1  # So no second process compiles beside this one.
    began = time.process_time()
    market = prepare(load(DEFAULT))
    next(run_block(market, Block(0, LANES), chunk_days=1))
    compiling, days, chunks = time.process_time() - began, [], []
    for _ in range(STEPS):
        began = time.thread_time()
        chunks = list(run_block(market, Block(0, LANES)))
        days.append(time.thread_time() - began)
    digest = hashlib.sha256()
    for array in _arrays([astuple(kept) for kept, _ in chunks]):
        digest.update(np.ascontiguousarray(array).tobytes())
    return {"compile": compiling, "days": min(days), "bits": digest.hexdigest()}


def _arrays(part: object) -> Iterator[np.ndarray]:
    if isinstance(part, np.ndarray):
        yield part
    elif isinstance(part, list | tuple):
        for one in part:
            yield from _arrays(one)


def as_text(figures: list[Figures]) -> str:
    """Return the figures as a Markdown table."""
    from .report import table

    cells = [[one["part"], f"{one['compile']:.2f}", f"{one['days']:.2f}"] for one in figures]
    return table(["without it: time over that with it", "first compile", "days"], cells)
