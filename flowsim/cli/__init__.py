"""The command line: parse, call, print. Everything it does is a function that Python can call too."""

from flowsim.cli.commands import app, main

__all__ = ["app", "main"]
