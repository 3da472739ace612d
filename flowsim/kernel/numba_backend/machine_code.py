"""Load machine code that was compiled before, which takes a millisecond, and no compiler.

Code is kept as the compiler's object file. Each is loaded by a loader of its own, so that equal names in two of them
never meet.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from llvmlite import binding

if TYPE_CHECKING:
    from _ctypes import _CData as CData

ENTRY = "flowsim_entry"
"""Name of the one function of an object file that is called from outside."""


class Shape(NamedTuple):
    """What a kernel takes and returns, as types of C; None returns nothing."""

    returned: type[CData] | None
    arguments: tuple[type[CData], ...]


class Kernel:
    """Machine code in memory, to be called by its address or from Python, where it lets other threads run."""

    def __init__(self, object_code: bytes, shape: Shape) -> None:
        self._loader = _new_loader()
        self._loader.add_object_file(binding.ObjectFileRef.from_data(object_code))
        self._loader.finalize_object()
        self.address: int = self._loader.get_function_address(ENTRY)
        self._shape = shape

    @cached_property
    def call(self) -> Callable[..., int]:
        """The kernel as a function of Python, which keeps its code in memory."""
        called: Any = ctypes.CFUNCTYPE(self._shape.returned, *self._shape.arguments)(self.address)
        called.loader = self._loader
        return called


def _new_loader() -> binding.ExecutionEngine:
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    machine = binding.Target.from_default_triple().create_target_machine()
    return binding.create_mcjit_compiler(binding.parse_assembly(""), machine)


def processor() -> tuple[str, str]:
    """Return name and features of the processor that code is compiled for."""
    return binding.get_host_cpu_name(), binding.get_host_cpu_features().flatten()
