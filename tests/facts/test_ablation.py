"""Intervals of an ablation are over what is independent, and its results are kept by digest."""

from pathlib import Path

import numpy as np
import pytest

from flowsim.config import load
from flowsim.ensemble.job import Job
from flowsim.ensemble.worker import Worker
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


def test_what_was_simulated_is_taken_from_the_folder_of_results(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    kept = Worker.kept

    def counted(worker: Worker, job: Job, *where: object) -> list[object]:
        done.append(job.digest)
        return kept(worker, job, *where)

    monkeypatch.setattr(Worker, "kept", counted)
    config = load("plain", ["time.days=63"])
    alone = ablate(config, 66)
    pieces = set(done)
    first = ablate(config, 66, results=tmp_path)
    n_done = len(done)
    again = ablate(config, 66, results=tmp_path)
    assert len(done) == n_done
    assert pieces == {file.stem for file in tmp_path.iterdir()}
    # As text, since a nan is no nan.
    assert str(alone.as_dict()) == str(first.as_dict()) == str(again.as_dict())
    # As after a kill: what is there counts, and the rest is simulated.
    missing = sorted(tmp_path.iterdir())[0]
    missing.unlink()
    assert str(ablate(config, 66, threads=1, results=tmp_path).as_dict()) == str(alone.as_dict())
    assert done[n_done:] == [missing.stem]
