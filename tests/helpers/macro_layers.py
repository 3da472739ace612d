"""Macro layers to look at: from a start sheet, with settings, run quarter by quarter."""

import numpy as np

from flowsim.kernel.memory import copied_bundle
from flowsim.macro.identities import Quarter, broken
from flowsim.macro.numbers import Change, laid_out, numbers_in, sheet
from flowsim.macro.quarter import one_quarter
from flowsim.macro.quarters import quarter_number
from flowsim.macro.start import started
from flowsim.macro.state import draws_of, layer_of, nothing_given, on_lanes

FIRST = quarter_number("2026Q3", "test")


def begun(quarters, settings=(), later=(), sheet_settings=(), lanes=1):
    """Return a layer before its first quarter; what `later` sets was not known when the start was solved."""
    known = [Change(key, None, value) for key, value in dict(settings).items()]
    numbers, given = laid_out(FIRST, quarters, known), nothing_given(quarters)
    state, solved = started(numbers, sheet("sheet_2026") | dict(sheet_settings), given, FIRST)
    changed = [*known, *(Change(key, None, value) for key, value in dict(later).items())]
    opened = layer_of(laid_out(FIRST, quarters, changed), solved, given, draws_of(1, FIRST, 1.0), state)
    return on_lanes(opened, lanes)


def live(layer, quarters, *, rng=None, check=False):
    """Run quarters, with shocks where there is a generator, and yield the layer after each; books are checked."""
    lanes = layer.found.output.size
    for place in range(quarters):
        if rng is not None:
            layer.shocks[:] = rng.normal(size=layer.shocks.shape)
        before = copied_bundle(layer.state) if check else layer.state
        one_quarter(layer, place, lanes)
        if check:
            assert broken(Quarter(before, layer, place), lanes) == []
        yield layer


def after(quarters, settings=(), later=()):
    """Return a layer after so many quarters without shocks."""
    layer = begun(quarters, settings, later)
    for _ in live(layer, quarters):
        pass
    return layer


def drawn_settings(rng):
    """Return a value inside its range for every number that has one."""
    ranges = {one.key: (one.low, one.high) for one in numbers_in("numbers") if one.low is not None}
    drawn = {key: float(rng.uniform(low, high)) for key, (low, high) in ranges.items()}
    for key in ("capex.service_lag", "vehicles.tenor", "power.lag"):
        drawn[key] = float(np.round(drawn[key]))
    return drawn
