"""How much memory a market takes, told before it takes it; and how much there is."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from flowsim.config.spec import MarketSpec
from flowsim.errors import InputError
from flowsim.kernel.marks import LANES
from flowsim.options import calendar
from flowsim.options.clients import Client, clients_of

_log = logging.getLogger("flowsim")

GB = 1e9
WORTH_SAYING_GB = 2.0
"""What a market needs is said from here on."""

OF_A_NUMBER = 8 * LANES
"""Bytes of a number that every path of a block has."""
COPIES_OF_STATE = 4
"""While a market is prepared: an empty one to read a remembered start into, and what grows as the rules join."""
COPIES_OF_CALENDAR = 3
"""Of the days before the start, of those after it, and of both together."""


def require_memory(spec: MarketSpec, dates: np.ndarray) -> None:
    """Refuse a market that needs more memory than there is, and say what a large one needs.

    Parameters
    ----------
    spec : MarketSpec
    dates : ndarray of datetime64[D], shape (days,)
        Sessions that options are listed on, before the start and after it.

    Raises
    ------
    InputError
        If it needs more than is free.
    """
    needed, free = bytes_to_prepare(spec, dates), free_bytes()
    if needed < WORTH_SAYING_GB * GB and needed < free:
        return
    agents = sum(one.agents for one in spec.populations)
    what = f"{agents:,} agents in {len(spec.populations)} populations need about {needed / GB:.1f} GB of memory"
    if needed > free:
        largest = max(spec.populations, key=lambda one: one.agents)
        raise InputError(
            f"{what}, and {free / GB:.1f} GB are free; lower population.{largest.name}.agents = {largest.agents}, who"
            " share its capital in equal parts, or leave populations out"
        )
    _log.info("%s", what)


def require_memory_of_blocks(bytes_of_block: int, blocks: int) -> None:
    """Refuse to step more blocks at once than memory holds.

    Raises
    ------
    InputError
        If they need more than is free.
    """
    free = free_bytes()
    if blocks * bytes_of_block > free:
        most = max(int(free // bytes_of_block), 1)
        remedy = f"choose `threads={most}`" if most < blocks else "take fewer agents"
        raise InputError(
            f"{blocks} blocks of {LANES} paths at once need {blocks * bytes_of_block / GB:.1f} GB of memory, and"
            f" {free / GB:.1f} GB are free; {remedy}"
        )


def bytes_to_prepare(spec: MarketSpec, dates: np.ndarray) -> float:
    """Return about how many bytes are taken while a market is brought to its start."""
    structures, slots = _slots(spec, dates) if spec.options.listed else (0.0, 0.0)
    state = OF_A_NUMBER * (sum(one.state_size for one in spec.populations) + 2.0 * slots)
    days = 8.0 * len(dates) * (2.0 * slots + structures)
    return COPIES_OF_STATE * state + COPIES_OF_CALENDAR * days


def _slots(spec: MarketSpec, dates: np.ndarray) -> tuple[float, float]:
    """Return how many structures the clients of the option market hold at the same time, and how many contracts.

    It is that of a few agents of each programme, as they roll on the same calendar.
    """
    structures = slots = 0.0
    clients = clients_of(spec)
    for name in spec.programmes:
        mine = [one for one in clients if one.name == name]
        few = mine[:: max(len(mine) // 8, 1)]
        open_at_once = [_open_at_once(one, dates) for one in few]
        structures += len(mine) * sum(open_at_once) / len(few)
        slots += len(mine) * sum(n * len(one.legs) for n, one in zip(open_at_once, few, strict=True)) / len(few)
    return structures, slots


def _open_at_once(client: Client, dates: np.ndarray) -> int:
    return calendar.holding(client.rolls(dates), calendar.positions(dates)).tranches


def free_bytes() -> float:
    """Return how much memory this process can still take; infinite where the system does not tell."""
    return min(_limits(), default=float("inf"))


def _limits() -> Iterator[float]:
    """Yield what the system, its control group and the process's own limit leave."""
    known = Path("/proc/meminfo")
    if known.is_file():
        rows = dict(line.split(":", 1) for line in known.read_text().splitlines())
        yield 1024.0 * float(rows["MemAvailable"].split()[0])
    elif hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        yield float(os.sysconf("SC_PHYS_PAGES")) * os.sysconf("SC_PAGE_SIZE")
    group = Path("/sys/fs/cgroup")
    try:
        used = float((group / "memory.current").read_text())
        yield float((group / "memory.max").read_text()) - used + _cached(group)
    except (OSError, ValueError):
        pass  # no control group, or "max", which is none
    try:
        import resource

        own, taken = resource.getrlimit(resource.RLIMIT_AS)[0], Path("/proc/self/statm").read_text().split()[0]
        if own != resource.RLIM_INFINITY:
            yield float(own) - float(taken) * os.sysconf("SC_PAGE_SIZE")
    except (ImportError, OSError):
        pass


def _cached(group: Path) -> float:
    """Return what the group holds of files and would give back."""
    rows = dict(line.split() for line in (group / "memory.stat").read_text().splitlines())
    return float(rows["inactive_file"])
