"""Small sweeps of the plain market, which take a tenth of a second an arm."""

from __future__ import annotations

from typing import Any

WILD = ["fundamental.jumps_per_year=100", "fundamental.jump_vol_bp=3000"]
"""Jumps of a third of the price, eight a month: some path in some block breaks within a quarter."""


def small(**changes: Any) -> dict[str, Any]:
    """Return a sweep over the size of news, with an arm of its own, as a mapping."""
    return {
        "description": "a small sweep",
        "config": "plain",
        "set": ["time.days=42"],
        "paths": 100,
        "seeds": [1, 2],
        "design": {"values": {"fundamental.daily_news_vol": [0.003, 0.006, 0.012]}},
        "arm": [{"name": "jumps", "set": ["fundamental.jumps_per_year=12"]}],
        "outcomes": {"names": ["return_pct", "es95_pct", "vol_pct", "share_news_pct"], "horizons": [21, 42]},
    } | changes
