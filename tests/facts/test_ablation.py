"""Intervals of an ablation are over what is independent: paths, or pairs of mirrored ones."""

import numpy as np
import pytest

from flowsim.config import load
from flowsim.facts.ablation import CONFIDENCE, EVERYTHING, ablate
from flowsim.facts.facts import RETURN_FACTS
from flowsim.facts.histories import closes_of_market

FACT = "volatility, % a year"


@pytest.mark.parametrize(("antithetic", "n"), [("false", 6), ("true", 3)], ids=["paths", "pairs"])
def test_an_interval_is_over_paths_or_over_pairs_of_mirrored_ones(antithetic: str, n: int) -> None:
    config = load("plain", ["time.days=63", f"antithetic={antithetic}"])
    (closes,) = closes_of_market(config, 6)
    values = RETURN_FACTS[FACT](closes.returns_pct / 100.0).reshape(n, -1).mean(axis=1)
    mean, half = values.mean(), CONFIDENCE * values.std(ddof=1) / np.sqrt(n)
    found = ablate(config, 6).facts[EVERYTHING][FACT]
    assert found == pytest.approx((mean, mean - half, mean + half), rel=1e-9)
