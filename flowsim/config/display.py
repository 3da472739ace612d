"""What sources, populations and indices are called in pictures, pages and sentences."""

from __future__ import annotations

AS_DESKS_WRITE = {
    "cta": "CTAs",
    "vol_control": "Vol control",
    "risk_parity": "Risk parity",
    "buyback": "Buybacks",
    "leveraged_etf": "Leveraged ETFs",
    "dip_buyers": "Dip buyers",
    "noise": "Noise traders",
    "value": "Value investors",
    "passive": "Passive inflows",
    "pension": "Pensions",
    "liquidity": "System liquidity",
    "dealer": "Dealers",
    "panic": "Panic sellers",
    "liquidity_provider": "Liquidity providers",
    "put_hedge": "Put hedges",
    "overwrite": "Overwriting",
    "collar": "Collars",
    "month_end_hedge": "Month-end hedges",
    "event_hedge": "Event hedges",
    "data_hedge": "Data hedges",
    "short_dated": "Short-dated",
    "zero_day": "Same-day options",
    "option_noise": "Option noise",
    "vol_selling": "Vol selling",
}
"""Built-in populations; any other is called by its words."""


def display_name(name: str) -> str:
    """Return what a population or another source is called: "CTAs" for cta, "My traders" for my_traders."""
    words = name.replace("_", " ").strip() or name
    return AS_DESKS_WRITE.get(name, words[:1].upper() + words[1:])


def name_in_sentence(name: str) -> str:
    """Return what it is called inside of a sentence: "CTAs" for cta, "vol control" for vol_control."""
    words = display_name(name)
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]
