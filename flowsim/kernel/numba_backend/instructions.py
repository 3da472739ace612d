"""What compiled functions need of the machine beneath Python: each instead of a plain function of its name.

Only ``flowsim.kernel.numba_backend.compiler`` imports this.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.typing.templates import Signature
from numba.extending import intrinsic

from flowsim.kernel.marks import LANES

Typed: TypeAlias = tuple[Signature, Callable[..., object]]
"""Types of what an instruction takes and returns, and what writes it."""
WHOLE = ir.IntType(64)
FLOAT = ir.DoubleType()


@intrinsic
def float_bits(_context: object, _x: object) -> Typed:
    """Return the 64 bits of a float as an integer."""

    def generate(_context: object, builder: ir.IRBuilder, _signature: object, arguments: Sequence[ir.Value]) -> object:
        return builder.bitcast(arguments[0], WHOLE)

    return types.int64(types.float64), generate


@intrinsic
def bits_float(_context: object, _bits: object) -> Typed:
    """Return the float that has these 64 bits."""

    def generate(_context: object, builder: ir.IRBuilder, _signature: object, arguments: Sequence[ir.Value]) -> object:
        return builder.bitcast(arguments[0], FLOAT)

    return types.float64(types.int64), generate


@intrinsic
def fused(_context: object, _a: object, _b: object, _c: object) -> Typed:
    """Return a * b + c, rounded once."""

    def generate(_context: object, builder: ir.IRBuilder, _signature: object, arguments: Sequence[ir.Value]) -> object:
        return builder.fma(*arguments)

    return types.float64(types.float64, types.float64, types.float64), generate


@intrinsic
def nearest(_context: object, _x: object) -> Typed:
    """Round to the nearest integer, ties to even."""
    return _rounding("llvm.rint")


@intrinsic
def rounded_down(_context: object, _x: object) -> Typed:
    """Round to the next integer below."""
    return _rounding("llvm.floor")


@intrinsic
def rounded_up(_context: object, _x: object) -> Typed:
    """Round to the next integer above."""
    return _rounding("llvm.ceil")


def _rounding(how: str) -> Typed:
    def generate(_context: object, builder: ir.IRBuilder, _signature: object, arguments: Sequence[ir.Value]) -> object:
        return builder.call(builder.module.declare_intrinsic(how, [FLOAT]), arguments)

    return types.float64(types.float64), generate


@intrinsic
def call_kernel(
    _context: object, kernel, view, params, p0, state, s0, orders, agents, path0, step, k0, k1, mirror
) -> Typed:
    """Call one population's kernel on its slices of the flat parameter and state arrays."""
    integer, word = types.int64, types.uint64
    signature = types.void(integer, view, params, integer, state, integer, orders, *[integer] * 3, word, word, integer)

    def generate(context: Any, builder: ir.IRBuilder, signature: Signature, arguments: Sequence[ir.Value]) -> object:
        address, view_, params_, p0_, state_, s0_, orders_, *rest = arguments
        view_type, params_type, state_type, orders_type = (signature.args[i] for i in (1, 2, 4, 6))
        kernel_type = ir.FunctionType(ir.VoidType(), [FLOAT.as_pointer()] * 4 + [WHOLE] * 6)

        def data(array_type: types.Type, array: ir.Value, offset: ir.Value | None = None) -> ir.Value:
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
def call_bundle(_context: object, kernel, words, task, day, step, path0, live) -> Typed:
    """Call a bundle's kernel by its address with the address of its words."""
    signature = types.int64(*[types.int64] * 7)

    def generate(context: Any, builder: ir.IRBuilder, signature: Signature, arguments: Sequence[ir.Value]) -> object:
        address, words_, *rest = arguments
        pointer = WHOLE.as_pointer()
        kernel_type = ir.FunctionType(WHOLE, [pointer, *[WHOLE] * 5])
        start = builder.inttoptr(words_, pointer)
        return builder.call(builder.inttoptr(address, kernel_type.as_pointer()), [start, *rest])

    return signature, generate


@intrinsic
def room_for_lanes(_context: object) -> Typed:
    """Return a pointer to room for one number a lane, on the stack of the kernel."""
    target = types.CPointer(types.float64)

    def generate(_context: object, builder: ir.IRBuilder, _signature: object, _arguments: object) -> object:
        room = cgutils.alloca_once(builder, ir.ArrayType(FLOAT, LANES))
        room.align = 64
        return builder.bitcast(room, FLOAT.as_pointer())

    return target(), generate
