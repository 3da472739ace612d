"""Call a kernel from the engine: by address when compiled, as a function in plain Python."""

from __future__ import annotations

from flowsim.kernel.marks import instruction


@instruction
def call_kernel(kernel, view, params, p0, state, s0, orders, agents, path0, step, k0, k1, mirror):
    """Call one population's kernel on its slices of the flat parameter and state arrays."""
    kernel(view, params, p0, state, s0, orders, agents, path0, step, k0, k1, mirror)


@instruction
def call_bundle(kernel, words, task, day, step, path0, live):
    """Call a bundle's kernel by its address, with that of its words; in plain Python they are function and bundle."""
    return kernel(words, task, day, step, path0, live)
