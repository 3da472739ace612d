"""Call compiled code by its address, and see memory as an array by its address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from numba import types
from numba.extending import intrinsic
from numba.np.arrayobj import get_cfarray_intrinsic

from flowsim.kernel.jit import PLAIN

if TYPE_CHECKING or PLAIN:

    def call_bundle(kernel, words, task, day, elapsed, path0, live, counter):
        """Call a bundle's kernel; in plain Python `words` is the bundle."""
        return kernel(words, task, day, elapsed, path0, live, counter)

else:
    from llvmlite import ir

    @intrinsic
    def call_bundle(_context: Any, kernel, words, task, day, elapsed, path0, live, counter) -> Any:
        """Call a bundle's kernel by its address with the address of its words."""
        whole = types.int64
        signature = whole(whole, words, whole, whole, types.float64, whole, whole, whole)

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            address, words_, *rest = arguments
            start = context.make_array(signature.args[1])(context, builder, words_).data
            integer = ir.IntType(64)
            kernel_type = ir.FunctionType(
                integer, [start.type, integer, integer, ir.DoubleType(), integer, integer, integer]
            )
            return builder.call(builder.inttoptr(address, kernel_type.as_pointer()), [start, *rest])

        return signature, generate


def _pointer_to(number: Any) -> Any:
    @intrinsic
    def pointer(_context: Any, _address: Any) -> Any:
        target = types.CPointer(number)

        def generate(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
            return builder.inttoptr(arguments[0], context.get_value_type(target))

        return target(types.int64), generate

    return pointer


float_pointer = _pointer_to(types.float64)
integer_pointer = _pointer_to(types.int64)
word_pointer = _pointer_to(types.uint64)
"""An address as a pointer to numbers of a type."""

array_at = get_cfarray_intrinsic("C", None)
"""A pointer and a shape as an array: what is inside of numba's ``carray``, whose own call cannot return an array that
nobody counts references to."""
