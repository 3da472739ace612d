"""The command line: parse, call, print. Everything it does is a function that Python can call too.

May import every other package.
"""

from flowsim.cli.commands import app, main

__all__ = ["app", "main"]
