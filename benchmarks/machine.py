"""Describe the machine that figures come from."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path


def machine(compiler: str) -> dict[str, str | int | None]:
    """Return processor, cores, and the versions that matter for speed."""
    told = subprocess.run([compiler, "--version"], capture_output=True, text=True, check=False).stdout
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "numba": version("numba"),
        "numpy": version("numpy"),
        "compiler": told.splitlines()[0] if told else compiler,
    }


def _processor() -> str:
    """Return the model's name and, where the system tells, its family and model numbers."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    told = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    numbers = ", ".join(f"{key} {told[key]}" for key in ("cpu family", "model") if key in told)
    return f"{told.get('model name', platform.machine())} ({numbers})" if numbers else platform.machine()
