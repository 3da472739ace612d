"""The subsystems of a market at its start and on a block of paths, and how the day of the block reaches them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from flowsim.config.spec import MarketSpec
from flowsim.economy.subsystem import MACRO_LAYER
from flowsim.futures.products import VIX_PRODUCTS
from flowsim.futures.subsystem import VIX_FUTURES
from flowsim.kernel.bundle import TASK, Words, bundle_kernel, pack
from flowsim.kernel.marks import LANES, NARROW_LANES, PLAIN
from flowsim.kernel.memory import copied_bundle
from flowsim.market.calls import Calls
from flowsim.market.phases import N_PHASES
from flowsim.market.registry import Registry
from flowsim.market.subsystem import Host, Subsystem
from flowsim.options.subsystem import OPTION_MARKET
from flowsim.together.shared_news import SHARED_NEWS

SUBSYSTEMS: tuple[Subsystem, ...] = (OPTION_MARKET, VIX_PRODUCTS, VIX_FUTURES, MACRO_LAYER)
"""Those of every market, in the order in which they are called; one that has nothing to do costs nothing."""
BESIDE: tuple[Subsystem, ...] = (OPTION_MARKET, SHARED_NEWS)
"""Those of markets beside the first; options are listed on that alone."""


class Part(NamedTuple):
    """A subsystem where it stands: what is known beforehand of the coming days, and what moves."""

    subsystem: Subsystem
    known: Any
    state: Any


def registry_of(spec: MarketSpec, subsystems: Iterable[Subsystem] = ()) -> Registry:
    """Return which row of the market's arrays belongs to whom.

    Raises
    ------
    ValueError
        If two parts of the market have one name.
    """
    registry = Registry(tuple(spec.names))
    for one in subsystems:
        published = tuple(row.name for row in one.published)
        registry = registry.extended(sources=one.sources, published=published, accounts=one.accounts)
    return registry


def bundles_of(parts: Iterable[Part], host: Host) -> dict[str, object]:
    """Return what the kernels of the parts work on for one block, by name; what moves is a copy of its own."""
    bundles: dict[str, object] = {}
    for one in parts:
        host = host._replace(bundles=bundles)
        bundles[one.subsystem.name] = one.subsystem.bundle(host, one.known, copied_bundle(one.state))
    return bundles


def calls_of(
    subsystems: Iterable[Subsystem], bundles: Mapping[str, object], days: int, *, narrow: bool = False
) -> Calls:
    """Return how the day reaches the subsystems of a block on so many days: those that are ever in force.

    `narrow` works on the first `NARROW_LANES` paths only.
    """
    lanes = NARROW_LANES if narrow else LANES
    kernels, packed, takes_part, in_force, number = [], [], [], [], []
    for place, one in enumerate(subsystems):
        bundle = bundles[one.name]
        days_on = one.in_force(bundle, days)[: days + 1]
        if days_on.any():
            kernel = bundle_kernel(one.name, one.work, bundle, TASK, lanes)
            kernels.append(kernel if PLAIN else kernel.address)
            packed.append(bundle if PLAIN else pack(bundle))
            takes_part.append([int(phase in one.phases) for phase in range(N_PHASES)])
            in_force.append(days_on)
            number.append(place)
    return Calls(
        kernels if PLAIN else np.array(kernels, np.int64),
        packed if PLAIN else _addresses(packed),
        np.array(takes_part, np.int64).reshape(-1, N_PHASES),
        np.array(in_force, np.int64).reshape(-1, days + 1),
        np.array(number, np.int64),
    )


def no_calls(days: int) -> Calls:
    """Return how the day reaches no subsystem."""
    return calls_of((), {}, days)


def _addresses(packed: list[Words]) -> Words:
    """Return where words begin, in an array that keeps them alive."""
    addresses = np.array([words.ctypes.data for words in packed], np.int64).view(Words)
    addresses.bundle = packed
    return addresses
