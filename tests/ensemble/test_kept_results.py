"""A result goes into a file named by its digest, and comes out as it was; what is no result of flowsim does not."""

import json
from pathlib import Path

import numpy as np
import pytest

from flowsim.ensemble.intervals import PerPath
from flowsim.ensemble.kept_results import KeptResults
from flowsim.errors import InputError, RunError
from flowsim.facts.closes import Closes
from flowsim.facts.measure import PathFacts

DAYS = np.array(["2019-01-02", "2019-01-03", "2019-01-04"], "datetime64[D]")
RESULTS = {
    "parts by path": {"gap, bp": PerPath(np.array([1.5, np.nan]), np.ones(2)), "öl": PerPath(np.zeros(2), np.ones(2))},
    "a tuple": (np.arange(6.0).reshape(2, 3), {"news": np.array([0.1, 0.2])}),
    "facts": PathFacts({"skew": np.array([-0.5])}, {"VIX mean": "no options"}),
    "closes": Closes.dated(DAYS, np.array([[0.5, -0.25]]), {"VIX": np.array([[12.0, 13.0]])}),
    "plain values": [1, 2.5, "three", None, {"four": []}],
}


def as_text(value: object) -> str:
    """Return a value with the type of all that it is made of, and every bit of its arrays."""
    if isinstance(value, np.ndarray):
        return f"{value.dtype}{value.shape}{value.tobytes().hex()}"
    if isinstance(value, dict):
        return f"{[(key, as_text(one)) for key, one in value.items()]}"
    if isinstance(value, list | tuple):
        return f"{type(value).__name__}{[as_text(one) for one in value]}"
    if hasattr(value, "__dataclass_fields__"):
        return f"{type(value).__name__}{[as_text(getattr(value, name)) for name in value.__dataclass_fields__]}"
    return repr(value)


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_comes_out_as_it_went_in(tmp_path: Path, name: str) -> None:
    kept = KeptResults(tmp_path / "new" / "folder")
    assert kept.get("abc") is None
    kept.put("abc", RESULTS[name])
    assert as_text(KeptResults(tmp_path / "new" / "folder").get("abc")) == as_text(RESULTS[name])
    assert [file.name for file in kept.folder.iterdir()] == ["abc.npz"]


def test_how_a_market_breaks_is_a_result(tmp_path: Path) -> None:
    KeptResults(tmp_path).put("abc", RunError("path 3 broke"))
    found = KeptResults(tmp_path).get("abc")
    assert isinstance(found, RunError)
    assert str(found) == "path 3 broke"


@pytest.mark.parametrize("content", [b"", b"no zip", None])
def test_a_damaged_file_is_as_if_it_were_not_there(tmp_path: Path, content: bytes | None) -> None:
    kept = KeptResults(tmp_path)
    kept.put("abc", RESULTS["a tuple"])
    whole = (tmp_path / "abc.npz").read_bytes()
    (tmp_path / "abc.npz").write_bytes(whole[: len(whole) // 2] if content is None else content)
    assert kept.get("abc") is None


@pytest.mark.parametrize("name", ["os:system", "subprocess:Popen", "flowsim.run.manifest:write_json", "flowsim:load"])
def test_a_file_cannot_call_what_makes_no_result(tmp_path: Path, name: str) -> None:
    np.savez(tmp_path / "abc.npz", plan=np.array(json.dumps({"made of": name, "parts": ["echo no"]})))
    assert KeptResults(tmp_path).get("abc") is None


def test_what_no_result_is_made_of_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="no result is made of that"):
        KeptResults(tmp_path).put("abc", {"a": {1, 2}})


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"file: cannot be written .*choose another folder"):
        KeptResults(tmp_path / "file").put("abc", 1.0)
