"""How much of a change of the price is a change of value, by horizon, and how far the price is from it.

The share of the variance of price changes that changes of value explain rises with the horizon where prices follow
fundamentals (Bai, Philippon and Savov 2016, "Have Financial Markets Become More Informative?"). Hasbrouck's information
share is no finding here: value does not answer to the price, so that the only trend that both have is that of value.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from flowsim.ensemble.intervals import Floats, Interval, PerPath, interval
from flowsim.ensemble.sample import PerPathByName, Samples
from flowsim.experiments.findings import Table
from flowsim.experiments.statistics import correlation

GAP = "log price less log value, standard deviation over days of a path, %"


def explained(days: int) -> str:
    """Name the share at a horizon."""
    return f"price changes of {days} d explained by changes of value, %"


def informativeness(samples: Samples, *, horizons: Sequence[int]) -> PerPathByName:
    """Measure the only arm: R squared of price on value by horizon, in percent, and how far they are apart."""
    (sample,) = samples.values()
    value, price = np.log(sample.column("fundamental")), np.log(sample.column("price"))
    found = {explained(days): PerPath.mean(100.0 * _r_squared(value, price, days)) for days in horizons}
    return found | {GAP: PerPath.mean(100.0 * (price - value).std(axis=1))}


def _r_squared(value: Floats, price: Floats, days: int) -> Floats:
    """Return the R squared of price changes on value changes of each path; nan where one stands still."""
    return correlation(value[:, days:] - value[:, :-days], price[:, days:] - price[:, :-days]) ** 2


def informativeness_table(parts: PerPathByName) -> Table:
    """Return the shares and the gap as a table with their intervals."""
    rows: list[list[str | float | None]] = []
    for name, part in parts.items():
        found = interval(part)
        rows.append([name, found.value, (found.high - found.low) / 2.0])
    return Table(
        name="Price informativeness (Bai, Philippon & Savov 2016)", columns=["quantity", "value", "±"], rows=rows
    )


def tell_informativeness(parts: PerPathByName, horizons: Sequence[int]) -> str:
    """Say in a sentence how much of price changes value explains, from the shortest horizon to the longest."""
    shares: list[Interval] = [interval(parts[explained(days)]) for days in (horizons[0], horizons[-1])]
    gap = interval(parts[GAP])
    return (
        f"Changes of value explain {shares[0].value:.0f} % of price changes of {horizons[0]} d and"
        f" {shares[1].value:.0f} % of {horizons[-1]} d; the price is {gap.value:.0f} % off its value (one standard"
        " deviation)."
    )
