"""Where VIX futures clear when products rebalance, in plain Python: by halving, and by what each trades."""

from __future__ import annotations


def rebalancing(leverage: float, assets: float, index_return: float) -> float:
    """Return what a product buys to have its leverage again: what it should hold less what it holds, USD bn."""
    after = assets * (1.0 + leverage * index_return)
    return leverage * after - leverage * assets * (1.0 + index_return)


def excess(
    y: float,
    before: float,
    products: list[tuple[float, float]],
    price: float,
    points_per_vega: float,
    forced: float = 0.0,
) -> float:
    """Return how far a price y times that of the last close is above what it would be with all trades at it.

    In a rise a vega of 1 bn adds the same points at each level, in a fall the same percent.
    """
    bought = sum(rebalancing(leverage, assets, y - 1.0) for leverage, assets in products)
    at = y if before + forced * points_per_vega / price**2 > 0.0 else 1.0
    moved = points_per_vega * (bought / (at * price) + forced / price) / price
    return y - (1.0 + before + moved)


def clears_at(
    before: float, products: list[tuple[float, float]], price: float, points_per_vega: float, forced: float = 0.0
) -> float:
    """Return the highest y at which it clears, found by halving from far above down to where trades push no further."""
    high = 10.0
    while excess(high - 0.01, before, products, price, points_per_vega, forced) > 0.0 and high > 0.02:
        high -= 0.01
    low = high - 0.01
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (
            (low, middle) if excess(middle, before, products, price, points_per_vega, forced) > 0.0 else (middle, high)
        )
    return high
