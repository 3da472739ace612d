"""The labels of what a chunk of days leaves behind."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Rows:
    """The recorded rows of a chunk: their dates, datetime64[D] (rows,), their bars (rows,), and the block's paths.

    `closes`, `profiles` and `chains` are the dates of the rows of the option market, of its gamma profiles, and of the
    chains that are kept.
    """

    dates: np.ndarray
    bars: np.ndarray
    paths: np.ndarray
    closes: np.ndarray
    profiles: np.ndarray
    chains: np.ndarray
