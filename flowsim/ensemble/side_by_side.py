"""Markets that are looked at beside one another, simulated at the same time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from flowsim.ensemble.executor import Counter, Executor, Progress
from flowsim.errors import RunError

Result = TypeVar("Result")


def side_by_side(
    markets: Mapping[str, Callable[[], Result]],
    whole: str,
    *,
    threads: int | None = None,
    progress: Progress | None = None,
) -> tuple[dict[str, Result], dict[str, str]]:
    """Return the result of every market, and the message of every one that came apart, both in the order given.

    Parameters
    ----------
    markets : mapping
        What to do for each, by name; each in one thread.
    whole : str
        The market that must hold.
    threads : int, optional
        Markets at work at the same time; as many as there are processors by default. Never changes a result.
    progress : callable, optional
        Is told markets done and in all.

    Raises
    ------
    RunError
        If the whole market comes apart.
    """
    counter = Counter(len(markets), progress)

    def attempt(name: str) -> Result | RunError:
        try:
            found: Result | RunError = markets[name]()
        except RunError as error:
            if name == whole:
                raise
            found = error
        counter.add(1)
        return found

    with Executor(threads) as executor:
        found = dict(zip(markets, executor.map(attempt, markets), strict=True))
    results = {name: one for name, one in found.items() if not isinstance(one, RunError)}
    return results, {name: str(one) for name, one in found.items() if isinstance(one, RunError)}
