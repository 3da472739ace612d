"""Have numba's compiler do what a kernel needs and no more, so that the very first start takes less time.

numba makes each function callable by itself, with machine code of its own. Here functions only become code that is
linked into a kernel. What numba then does not do would change no instruction of any kernel
(tests/kernel/test_machine_code.py); of LLVM's passes over single functions fewer are run. All this takes the place of
methods of numba's objects, since there are no options for it; while `linking` lasts, and for whoever compiles something
else, numba is as it was.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from numba import types
from numba.core import codegen, typed_passes, untyped_passes
from numba.core.compiler import CompilerBase
from numba.core.compiler_lock import global_compiler_lock
from numba.core.compiler_machinery import PassManager
from numba.core.registry import cpu_target

from flowsim.kernel.numba_backend.bundle_type import WORD_BYTES, BundleType

_target: Any = cpu_target

PASSES = (
    untyped_passes.TranslateByteCode,
    untyped_passes.FixupArgs,
    untyped_passes.IRProcessing,
    untyped_passes.GenericRewrites,
    untyped_passes.ReconstructSSA,
    typed_passes.NopythonTypeInference,
    typed_passes.PreLowerStripPhis,
    typed_passes.IRLegalization,
    typed_passes.NativeLowering,
    typed_passes.NoPythonBackend,
)
"""numba's own but those for closures, generators, context managers, branches that types decide, and array expressions:
neither the engine nor a rule has any, and each analyzes the function anew."""


TIDY = 1
"""LLVM's level of optimization for a function by itself; of 0 to 3, the lowest that does anything."""


class _Passes(PassManager):
    _ENFORCING = False
    """True would rebuild what is known of a function after each pass, lest the pass forgot to."""


class Pipeline(CompilerBase):
    """Compile a function by these passes."""

    def define_pipelines(self) -> list[Any]:
        """Return the passes, as the one way to go."""
        passes = _Passes("kernel")
        for one in PASSES:
            passes.add_pass(one, one.__name__)
        passes.finalize()
        return [passes]


class _Linked(codegen.JITCodeLibrary):
    """Code that is linked into other code: optimized, and made machine code, with that and not by itself."""

    def _optimize_final_module(self) -> None:
        pass

    def _finalize_final_module(self) -> None:
        self._finalized = True

    def get_pointer_to_function(self, name: str) -> int:
        return 0


@contextmanager
def linking() -> Iterator[Any]:
    """Have numba compile no further than what can be linked; yield its generator of code."""
    context, typing = _target.target_context, _target.typing_context
    generator = context.codegen()
    with global_compiler_lock:
        # What numba sets in compiled code for the functions of Python that it may call: there are none, and no code.
        generator._library_class, generator.set_env = _Linked, lambda *_: None
        # The kernel is optimized as a whole; until then a function need only be tidied up.
        generator._function_pass_manager = partial(type(generator)._function_pass_manager, generator, opt=TIDY)
        context.declare_function, typing._resolve_user_function_type = _declared, _resolved
        try:
            yield generator
        finally:
            del generator._library_class, generator.set_env, generator._function_pass_manager
            del context.declare_function, typing._resolve_user_function_type


def _declared(module: Any, described: Any) -> Any:
    """Declare a function to LLVM, with more than numba says of it.

    A `function` (which alone is compiled knowing that its arrays do not overlap) keeps the registers to itself. The
    words of a bundle are all there, so LLVM may read one ahead of the condition under which it is used.
    """
    context = _target.target_context
    function = type(context).declare_function(context, module, described)
    if described.noalias:
        function.attributes.add("noinline")
    arguments = iter(context.call_conv.get_arguments(function))
    for argument_type in described.argtypes:
        flat = [next(arguments) for _ in context.get_arg_packer([argument_type]).argument_types]
        if isinstance(argument_type, BundleType):
            words = flat[0].attributes
            words.align, words.dereferenceable = WORD_BYTES, WORD_BYTES * argument_type.layout.n_words
    return function


_RESOLVED: dict[Any, Any] = {}


def _resolved(called: Any, arguments: Any, keywords: Any) -> Any:
    """Find what a call returns, with two shorter ways than numba's.

    It tries a dozen candidates at each operator on numbers that it meets, and compiles a function anew for each whole
    number that it is called with.
    """
    context = _target.typing_context
    if isinstance(called, types.Dispatcher):
        arguments = tuple(map(types.unliteral, arguments))
    home = getattr(called.typing_key, "__module__", "") if isinstance(called, types.Function) else ""
    if home != operator.add.__module__ or not all(isinstance(one, types.Number) for one in arguments):
        return type(context)._resolve_user_function_type(context, called, arguments, keywords)
    key = called, *arguments
    if key not in _RESOLVED:
        _RESOLVED[key] = type(context)._resolve_user_function_type(context, called, arguments, keywords)
    return _RESOLVED[key]
