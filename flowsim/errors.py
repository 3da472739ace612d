"""The errors a user can meet: one sentence each, with the place, the value and the remedy."""

from __future__ import annotations


class FlowsimError(Exception):
    """Base of every error that flowsim raises on purpose. `exit_code` is the command line's exit status."""

    exit_code = 2


class InputError(FlowsimError):
    """Refuse a file, an option or a value that the user gave."""


class ConfigError(InputError):
    """Refuse a configuration; `problems` holds one sentence for each fault found."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(self.problems))

    def __reduce__(self) -> tuple[type[ConfigError], tuple[list[str]]]:
        """Arrive from another process as it was raised there: an exception is made anew from its message."""
        return type(self), (self.problems,)


class StrategyError(InputError):
    """Refuse a strategy file or a rule in it; the message names file and line."""


class RunError(FlowsimError):
    """Report a run that failed inside; what was finished is kept on disk."""

    exit_code = 3
