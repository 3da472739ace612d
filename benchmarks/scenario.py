"""The market that the C reference steps by hand, and the arrays of one block of its paths."""

from __future__ import annotations

from pathlib import Path

from flowsim.authoring.rows import LOG_PRICE
from flowsim.config import load
from flowsim.engine.prepare import Market, prepare
from flowsim.kernel.memory import arrays_in
from flowsim.market.arrays import MarketState, Record, Scratch
from flowsim.market.calls import Calls
from flowsim.market.records import new_record

FILE = Path(__file__).resolve().parent / "scenario.toml"
TABLES = ("market", "flows", "positions")

Arrays = tuple[MarketState, Scratch, Record, Calls]


def scenario(agents: int) -> Market:
    """Return the market of scenario.toml with so many agents in each population."""
    names = load(FILE).population
    return prepare(load(FILE, [f"population.{name}.agents={agents}" for name in names]))


def fresh_block(market: Market) -> Arrays:
    """Return what a block of paths needs at its start: state, work space, a record of every day, and no options."""
    record = new_record(len(market.dates), market.registry, TABLES, by_step=False, every=1)
    state, scratch, bundles = market.new_block()
    block = state, scratch, record, market.calls(bundles)
    start_again(market, block)
    return block


def start_again(market: Market, block: Arrays) -> None:
    """Put a block back to the start; its arrays stay where they are."""
    state, scratch, record, _ = block
    for array, first in zip(arrays_in(state), arrays_in(market.start), strict=True):
        array[...] = first
    for array in scratch:
        array[...] = 0
    record.row[0] = 0
    record.log_price[:] = market.start.observables[LOG_PRICE]
