"""Option programmes checked against what is listed, and against the bars in which dealers can hedge them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from flowsim.authoring.structure import Structure
from flowsim.clock import may_settle_at_next_close, roll_fault
from flowsim.config.draws import agent_values
from flowsim.config.wording import Path, Problem


class Number(NamedTuple):
    """A number of one agent's structure, and the path of the key that gives it."""

    path: Path
    value: int


def structure_problems(
    parameters: Mapping[str, object], n_agents: int, structure: Structure, *, once_a_day: bool
) -> Iterator[Problem]:
    """Return the first reason why what a population deals in is not listed, or cannot be hedged.

    Parameters
    ----------
    parameters : mapping
        Numbers, tuples and distributions by name, those of the structure among them.
    n_agents : int
    structure : Structure
        Of the population's strategy.
    once_a_day : bool
        Whether dealers hedge it in one bar a day.
    """
    for numbers in _numbers_of_agents(parameters, n_agents, structure):
        ahead, month_offset, sessions_ahead = (number.value for number in numbers.values())
        if fault := roll_fault(structure.rolls, structure.expires, ahead, month_offset, sessions_ahead):
            key, said = fault
            yield Problem(numbers[key].path, f"{numbers[key].value} {said}")
            return
        if once_a_day and may_settle_at_next_close(structure.rolls, structure.expires, ahead, sessions_ahead):
            yield Problem(
                (),
                "what it opens at a close may settle at the next, and with time.bars_per_day = 1 dealers have no bar to"
                " hedge it in; take more bars or longer options, or set capital_bn = 0",
            )
            return


def _numbers_of_agents(
    parameters: Mapping[str, object], n_agents: int, structure: Structure
) -> Iterator[dict[str, Number]]:
    named = {"ahead": structure.ahead, "month_offset": structure.offset, "sessions_ahead": structure.sessions_ahead}
    columns = {key: _column(parameters, n_agents, value) for key, value in named.items()}
    for agent in range(n_agents):
        yield {key: column[agent] for key, column in columns.items()}


def _column(parameters: Mapping[str, object], n_agents: int, given: int | str) -> list[Number]:
    """Return the number of each agent: the structure's own, or that of a parameter."""
    if isinstance(given, int):
        return [Number(("strategy",), given)] * n_agents
    value = parameters[given]
    numbers = [round(number) for number in agent_values(given, value, n_agents).tolist()]
    length = len(value) if isinstance(value, tuple) else 0
    return [Number((given, i % length) if length else (given,), number) for i, number in enumerate(numbers)]
