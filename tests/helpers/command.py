"""The command line as a user types it: in this process, or in one of its own.

In this process a command costs what it does and not what it imports, which is mostly the larger part. What only a
process can show (an exit status, a signal, what is imported, the first start) is asked of `flowsim_process`.
"""

from __future__ import annotations

import contextlib
import io
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from flowsim.cli import main

CODE = "from flowsim.cli import main; main()"


class Ended(NamedTuple):
    """How a command ended, and what it printed."""

    returncode: int
    stdout: str
    stderr: str


def flowsim(*arguments: object, cwd: Path | None = None) -> Ended:
    """Run a command in this process, with pipes for a terminal."""
    out, err, ended = io.StringIO(), io.StringIO(), 0
    before = sys.argv
    with (
        contextlib.chdir(cwd or os.curdir),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        _logging_as_at_the_start(),
    ):
        try:
            sys.argv = ["flowsim", *map(str, arguments)]
            main()
        except SystemExit as error:
            ended = int(error.code or 0)
        finally:
            sys.argv = before
    return Ended(ended, out.getvalue(), err.getvalue())


def flowsim_process(*arguments: object, cwd: Path | None = None) -> Ended:
    """Run a command in a process of its own, where a warning is an error."""
    command = [sys.executable, "-W", "error", "-c", CODE, *map(str, arguments)]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=600)
    return Ended(done.returncode, done.stdout, done.stderr)


@contextlib.contextmanager
def _logging_as_at_the_start() -> Iterator[None]:
    """Take away what others log with, so that a command sets up its own, and give it back."""
    root, ours = logging.getLogger(), logging.getLogger("flowsim")
    handlers, level, own_level = root.handlers[:], root.level, ours.level
    root.handlers[:] = []
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        ours.setLevel(own_level)
