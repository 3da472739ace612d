"""A target of numba's for kernels, beside its own: what is compiled for it is compiled as kernels need it.

numba lets a target have its own types, its own generator of code, and its own form of a compiled function. So nothing
of numba's is replaced, and a function that somebody else compiles in the same process is what it would be without us.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from llvmlite import ir
from numba import jit
from numba.core import codegen, config, cpu
from numba.core.dispatcher import Dispatcher
from numba.core.registry import CPUTarget, cpu_target
from numba.core.runtime.nrt import rtsys
from numba.core.target_extension import CPU, dispatcher_registry, jit_registry, target_registry
from numba.core.utils import threadsafe_cached_property

from flowsim.kernel.numba_backend.bundle_type import WORD_BYTES, BundleType

NAME = "flowsim_kernels"
WIDE_VECTORS = "-prefer-256-bit"
"""Left alone, LLVM takes vectors of 256 bits on Intel's processors, for fear of lower clocks; the default market then
takes a tenth longer. Results are the same bits."""

_settings: Any = config
_jit: Any = jit
_numba_target: Any = cpu_target


class _Linked(codegen.JITCodeLibrary):
    """Code that is linked into other code: optimized, and made machine code, with that and not by itself."""

    def _optimize_final_module(self) -> None:
        pass

    def _finalize_final_module(self) -> None:
        self._finalized = True

    def get_pointer_to_function(self, name: str) -> int:
        return 0


class _Generator(codegen.JITCPUCodegen):
    """numba's generator of code, whose libraries are only linked."""

    _library_class = _Linked

    def _customize_tm_features(self) -> str:
        features = super()._customize_tm_features()
        wide = _settings.CPU_FEATURES is None and "+avx512f" in features.split(",")
        return f"{features},{WIDE_VECTORS}" if wide else features

    def set_env(self, env_name: str, env: object) -> None:
        """Set nothing: it would be for functions of Python that compiled code may call, and there is no code yet."""


_cpu_context: Any = cpu.CPUContext


class _Context(_cpu_context):
    """What is known of compiled functions, and how they are declared."""

    def init(self) -> None:
        """Take the generator of code for kernels."""
        super().init()
        self._internal_codegen = _Generator(NAME)

    def load_additional_registries(self) -> None:
        """Have numba's own target set up first what is set up once for a process."""
        rtsys.initialize(_numba_target.target_context)
        super().load_additional_registries()

    def declare_function(self, module: ir.Module, fndesc: Any) -> ir.Function:
        """Declare a function to LLVM, with more than numba says of it.

        A `function` (which alone is compiled knowing that its arrays do not overlap) keeps the registers to itself. The
        words of a bundle are all there, so LLVM may read one ahead of the condition under which it is used.
        """
        declared = super().declare_function(module, fndesc)
        if fndesc.noalias:
            declared.attributes.add("noinline")
        arguments = iter(self.call_conv.get_arguments(declared))
        for argument_type in fndesc.argtypes:
            flat = [next(arguments) for _ in self.get_arg_packer([argument_type]).argument_types]
            if isinstance(argument_type, BundleType):
                words = flat[0].attributes
                words.align, words.dereferenceable = WORD_BYTES, WORD_BYTES * argument_type.layout.n_words
        return declared


class _KernelTarget(CPUTarget):
    @threadsafe_cached_property
    def _toplevel_target_context(self) -> _Context:
        return _Context(self.typing_context, self._target_name)


class KernelDispatcher(Dispatcher):
    """A function that is compiled for kernels, for each combination of types that it is called with."""

    targetdescr = _KernelTarget(NAME)


class _Kernels(CPU):
    """What this target is called among numba's; what is implemented for the processor holds for it."""


target_registry[NAME] = _Kernels
dispatcher_registry[_Kernels] = KernelDispatcher
jit_registry[_Kernels] = partial(_jit, _target=NAME)

TARGET: Any = KernelDispatcher.targetdescr
