"""Shapley shares of the variance over groups of populations, by switching every subset of them on.

The share of group k is the mean, over the orders in which groups can join, of what it adds to the variance on joining
(Shapley 1953, "A Value for n-Person Games"). Ablation counts what a group makes others do, and the exact attribution
does not; where the two differ, the difference is feedback.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from math import factorial

import numpy as np

from flowsim.ensemble.intervals import Floats, PerPath

Subset = frozenset[str]


def subsets(groups: Sequence[str]) -> list[Subset]:
    """Return every subset of the groups, the smallest first."""
    return [frozenset(chosen) for size in range(len(groups) + 1) for chosen in combinations(groups, size)]


def shapley_values(worth: Mapping[Subset, Floats], groups: Sequence[str]) -> dict[str, Floats]:
    """Return each group's value by path from the worth of every subset by path, (paths,)."""
    n = len(groups)
    values = {}
    for group in groups:
        added = np.zeros_like(worth[frozenset()])
        for subset in worth:
            if group not in subset:
                weight = factorial(len(subset)) * factorial(n - len(subset) - 1) / factorial(n)
                added = added + weight * (worth[subset | {group}] - worth[subset])
        values[group] = added
    return values


def shapley_shares(worth: Mapping[Subset, Floats], groups: Sequence[str]) -> dict[str, PerPath]:
    """Return each group's value in percent of the worth of all; what no group adds is "nobody"; they add up to 100."""
    whole = worth[frozenset(groups)]
    values = shapley_values(worth, groups)
    return {name: PerPath(100.0 * value, whole) for name, value in [*values.items(), ("nobody", worth[frozenset()])]}
