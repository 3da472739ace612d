"""What compiled functions need of the machine beneath Python: each instead of a plain function of its name.

Only ``flowsim.kernel.numba_backend.compiler`` imports this.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from flowsim.kernel.marks import LANES

WHOLE = ir.IntType(64)
FLOAT = ir.DoubleType()


@intrinsic
def float_bits(_context: Any, _x: Any) -> Any:
    """Return the 64 bits of a float as an integer."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], WHOLE)

    return types.int64(types.float64), generate


@intrinsic
def bits_float(_context: Any, _bits: Any) -> Any:
    """Return the float that has these 64 bits."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], FLOAT)

    return types.float64(types.int64), generate


@intrinsic
def fused(_context: Any, _a: Any, _b: Any, _c: Any) -> Any:
    """Return a * b + c, rounded once."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.fma(*arguments)

    return types.float64(types.float64, types.float64, types.float64), generate


@intrinsic
def nearest(_context: Any, _x: Any) -> Any:
    """Round to the nearest integer, ties to even."""
    return _rounding("llvm.rint")


@intrinsic
def rounded_down(_context: Any, _x: Any) -> Any:
    """Round to the next integer below."""
    return _rounding("llvm.floor")


@intrinsic
def rounded_up(_context: Any, _x: Any) -> Any:
    """Round to the next integer above."""
    return _rounding("llvm.ceil")


def _rounding(how: str) -> Any:
    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.call(builder.module.declare_intrinsic(how, [FLOAT]), arguments)

    return types.float64(types.float64), generate


@intrinsic
def call_kernel(_context: Any, kernel, view, params, p0, state, s0, orders, agents, path0, step, k0, k1, mirror) -> Any:
    """Call one population's kernel on its slices of the flat parameter and state arrays."""
    integer, word = types.int64, types.uint64
    signature = types.void(integer, view, params, integer, state, integer, orders, *[integer] * 3, word, word, integer)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address, view_, params_, p0_, state_, s0_, orders_, *rest = arguments
        view_type, params_type, state_type, orders_type = (signature.args[i] for i in (1, 2, 4, 6))
        kernel_type = ir.FunctionType(ir.VoidType(), [FLOAT.as_pointer()] * 4 + [WHOLE] * 6)

        def data(array_type: Any, array: Any, offset: Any = None) -> Any:
            start = context.make_array(array_type)(context, builder, array).data
            return start if offset is None else builder.gep(start, [offset])

        builder.call(
            builder.inttoptr(address, kernel_type.as_pointer()),
            [
                data(view_type, view_),
                data(params_type, params_, p0_),
                data(state_type, state_, s0_),
                data(orders_type, orders_),
                *rest,
            ],
        )
        return context.get_dummy_value()

    return signature, generate


@intrinsic
def call_bundle(_context: Any, kernel, words, task, day, step, path0, live) -> Any:
    """Call a bundle's kernel by its address with the address of its words."""
    signature = types.int64(*[types.int64] * 7)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address, words_, *rest = arguments
        pointer = WHOLE.as_pointer()
        kernel_type = ir.FunctionType(WHOLE, [pointer, *[WHOLE] * 5])
        start = builder.inttoptr(words_, pointer)
        return builder.call(builder.inttoptr(address, kernel_type.as_pointer()), [start, *rest])

    return signature, generate


@intrinsic
def room_for_lanes(_context: Any) -> Any:
    """Return a pointer to room for one number a lane, on the stack of the kernel."""
    target = types.CPointer(types.float64)

    def generate(_context: Any, builder: Any, _signature: Any, _arguments: Any) -> Any:
        room = cgutils.alloca_once(builder, ir.ArrayType(FLOAT, LANES))
        room.align = 64
        return builder.bitcast(room, FLOAT.as_pointer())

    return target(), generate
