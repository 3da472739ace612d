"""Call a block kernel from the engine: by address when compiled, as a function in plain Python."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from numba import types
from numba.extending import intrinsic

from flowsim.kernel.jit import PLAIN

if TYPE_CHECKING or PLAIN:

    def call_kernel(kernel, view, params, p0, state, s0, orders, agents, path0, step, k0, k1, mirror):
        """Call one population's kernel on its slices of the flat parameter and state arrays."""
        kernel(view, params, p0, state, s0, orders, agents, path0, step, k0, k1, mirror)

else:
    from llvmlite import ir

    @intrinsic
    def call_kernel(
        _context: Any,
        kernel,
        view,
        params,
        p0,
        state,
        s0,
        orders,
        agents,
        path0,
        step,
        k0,
        k1,
        mirror,
    ) -> Any:
        """Call one population's kernel on its slices of the flat parameter and state arrays."""
        integer, word = types.int64, types.uint64
        signature = types.void(
            integer, view, params, integer, state, integer, orders, *[integer] * 3, word, word, integer
        )

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            address, view_, params_, p0_, state_, s0_, orders_, *rest = arguments
            view_type, params_type, state_type, orders_type = (signature.args[i] for i in (1, 2, 4, 6))
            whole = ir.IntType(64)
            pointer = ir.DoubleType().as_pointer()
            kernel_type = ir.FunctionType(ir.VoidType(), [pointer] * 4 + [whole] * 6)

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
