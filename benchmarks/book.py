"""The greeks of the whole book, as dealers see them before a bar, against C."""

from __future__ import annotations

import ctypes
from collections.abc import Callable

import numpy as np

from flowsim.authoring.rows import GAMMA_1PCT_BN, HEDGE_GAP_BN, LOG_PRICE
from flowsim.kernel.marks import LANES
from flowsim.market.phases import BEFORE_BAR

from .layout import pointer, struct
from .option_state import STEP, Stopped, stopped
from .reference import FAST, STRICT, library
from .timing import in_turn, median_ratio

TIMES = 100
REPEATS = 41


def greeks_against_c() -> dict[str, object]:
    """Return nanoseconds for the greeks of one option on one path, and C's time over flowsim's.

    flowsim's is the kernel that the engine calls before each bar, by its address. Both take the book of the default
    market in the middle of a year, half a session after the mark.
    """
    at = stopped()
    works = [in_flowsim(at, TIMES), in_c(at, FAST, TIMES), in_c(at, STRICT, TIMES)]
    seconds = in_turn(works, REPEATS)
    n_options = live_options(at)
    each = seconds / (TIMES * n_options * LANES) * 1e9
    names = ("flowsim", "c", "c_same_bits")
    return {
        "options": n_options,
        "nanoseconds": dict(zip(names, np.median(each, axis=0).round(3).tolist(), strict=True)),
        "least_nanoseconds": dict(zip(names, each.min(axis=0).round(3).tolist(), strict=True)),
        "ratio_to_c": median_ratio(seconds, 1, 0),
        "ratio_to_c_of_same_bits": median_ratio(seconds, 2, 0),
    }


def live_options(at: Stopped) -> int:
    """Return the contracts of the book on the day."""
    return int((at.options.listing.slot_expiry[at.day] >= 0).sum())


def in_flowsim(at: Stopped, times: int) -> Callable[[], object]:
    """Return a function that shows dealers their hedge so many times with flowsim's kernel."""
    call = library("book.c", STRICT).call_options_often
    kernel, words = (ctypes.c_void_p(int(of_options[0])) for of_options in (at.calls.kernels, at.calls.words))
    numbers = [ctypes.c_int64(number) for number in (BEFORE_BAR, at.day, STEP, times)]
    return lambda: call(kernel, words, *numbers)


def in_c(at: Stopped, flags: tuple[str, ...], times: int) -> Callable[[], object]:
    """Return a function that does the same in C, on the same arrays."""
    listing, observables = at.options.listing, at.state.observables
    n_slots, n_columns = listing.slot_expiry.shape[1], listing.years.shape[1]
    arguments = [
        struct(listing),
        struct(at.options.book),
        ctypes.c_int64(n_slots),
        ctypes.c_int64(n_columns),
        ctypes.c_double(at.options.surface.rho),
        *map(
            pointer,
            (
                observables[LOG_PRICE],
                at.state.shares[at.options.clients.hedger],
                observables[HEDGE_GAP_BN],
                observables[GAMMA_1PCT_BN],
            ),
        ),
        ctypes.c_int64(at.day),
        ctypes.c_double(at.options.links.timetable.elapsed[0, STEP]),
        ctypes.c_int64(0),
        ctypes.c_int64(times),
    ]
    show = library("book.c", flags).publish_hedge
    return lambda: show(*arguments)
