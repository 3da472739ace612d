"""From a config's units to those of the engine, which counts in sessions."""

from __future__ import annotations

SESSIONS_PER_YEAR = 252.0
