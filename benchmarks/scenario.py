"""The market that the C reference steps by hand, and the arrays of one block of its paths."""

from __future__ import annotations

from pathlib import Path

from flowsim.config import load
from flowsim.market.arrays import MarketState, Record, Scratch, copy_state, new_scratch
from flowsim.market.prepare import Market, new_record, prepare
from flowsim.market.rows import LOG_PRICE

FILE = Path(__file__).resolve().parent / "scenario.toml"
TABLES = ("market", "flows", "positions")

Arrays = tuple[MarketState, Scratch, Record]


def scenario(agents: int) -> Market:
    """Return the market of scenario.toml with so many agents in each population."""
    names = load(FILE).population
    return prepare(load(FILE, [f"population.{name}.agents={agents}" for name in names]))


def fresh_block(market: Market) -> Arrays:
    """Return what a block of paths needs at its start: state, work space, and a record of every day."""
    n = len(market.populations)
    record = new_record(len(market.dates), n, TABLES, by_step=False, every=1)
    block = copy_state(market.start), new_scratch(n), record
    start_again(market, block)
    return block


def start_again(market: Market, block: Arrays) -> None:
    """Put a block back to the start; its arrays stay where they are."""
    state, scratch, record = block
    for array, first in zip(state, market.start, strict=True):
        array[...] = first
    for array in scratch:
        array[...] = 0
    record.row[0] = 0
    record.log_price[:] = market.start.seen[LOG_PRICE]
