"""What travels is enough, is the same bytes for the same content, and names no place; what differs is refused."""

import json
import zlib
from pathlib import Path

import pytest
from ensemble.test_job import MINE, RULE

from flowsim.config import load
from flowsim.data.prices import default_prices
from flowsim.engine.blocks import blocks_of
from flowsim.ensemble import kit as kits
from flowsim.ensemble import station as stations
from flowsim.ensemble.job import Job
from flowsim.ensemble.kit import Probe, packed, probe_job, record_digest, stamp, unpacked
from flowsim.ensemble.station import RefusedError, Station, close, do
from flowsim.ensemble.worker import Histories, Worker
from flowsim.errors import RunError, StrategyError


def made(folder: Path, **changes: object) -> tuple[bytes, Job]:
    """Return the kit of a market with a user's rule, and a job of it."""
    folder.mkdir(exist_ok=True)
    (folder / "follower.py").write_text(RULE)
    config = load("plain", ["time.days=3", f'strategy_folders=["{folder}"]', MINE])
    histories = Histories()
    job = histories.job(config, blocks_of(70), record_digest)
    probe = probe_job(job)
    (record,) = Worker(histories).kept(probe)
    rules = {"rules": kits_texts(config)} | changes
    probed = changes.get("record", record)
    return packed([default_prices()], rules["rules"], Probe(probe.without_places().to_text(), probed)), job


def kits_texts(config):
    from flowsim.authoring.rule_texts import texts_of

    return texts_of(config.strategies.values())


def test_a_worker_without_the_folder_does_the_job_from_the_kit(tmp_path: Path) -> None:
    kit, job = made(tmp_path / "rules")
    histories = Histories()
    histories.add(default_prices())
    expected = Worker(histories).kept(job)
    text = job.without_places().to_text()
    (tmp_path / "rules" / "follower.py").unlink()
    answer = do(kit, [text])
    assert answer.blocks == expected
    assert answer.seconds > 0.0
    close(kit)


def test_no_place_is_in_what_travels(tmp_path: Path) -> None:
    kit, job = made(tmp_path / "rules")
    assert str(tmp_path) in job.config
    assert str(tmp_path) not in zlib.decompress(kit).decode() + job.without_places().to_text()
    assert (
        job.without_places().digest
        == job.digest
        == Job.from_text(job.without_places().to_text()).with_rules([tmp_path / "rules"]).digest
    )


def test_the_same_content_is_the_same_bytes_and_comes_out_as_it_went_in(tmp_path: Path) -> None:
    kit, _ = made(tmp_path / "rules")
    assert made(tmp_path / "elsewhere")[0] == kit
    prices = default_prices()
    (history,) = unpacked(kit).histories.values()
    assert (history.digest, history.source, history.trusted) == (prices.digest, prices.source, prices.trusted)
    assert unpacked(kit).stamp == stamp()
    assert len(kit) < 60_000


def test_a_worker_with_other_versions_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kit, _ = made(tmp_path / "rules")
    here = stamp() | {"numpy": "1.0"}
    monkeypatch.setattr(kits, "stamp", lambda: here)
    with pytest.raises(RefusedError, match=r"has numpy 1\.0, which is .* there; install the same versions on it"):
        Station(kit)


def test_a_worker_that_computes_other_bits_is_refused(tmp_path: Path) -> None:
    kit, _ = made(tmp_path / "rules", record="0" * 64)
    with pytest.raises(RefusedError, match=r"computes other bits: .* instead of 000000000000"):
        Station(kit)


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("../follower.py", RULE, "is not the name of a strategy file"),
        ("follower.py", "import os\n" + RULE, "imports 'os'"),
    ],
)
def test_a_hostile_rule_is_refused_there_as_it_is_here(tmp_path: Path, name: str, text: str, sentence: str) -> None:
    import hashlib

    hostile = {hashlib.sha256(text.encode()).hexdigest(): (name, text.encode())}
    kit, _ = made(tmp_path / "rules", rules=hostile)
    with pytest.raises(StrategyError) as caught:
        Station(kit)
    assert "os" in str(caught.value) or sentence in str(caught.value)


def test_a_text_that_misses_its_digest_is_refused(tmp_path: Path) -> None:
    kit, _ = made(tmp_path / "rules", rules={"0" * 64: ("follower.py", RULE.encode())})
    with pytest.raises(StrategyError, match="this text is not the one with SHA-256 000000000000"):
        Station(kit)


def test_a_market_that_breaks_or_cannot_begin_is_an_answer(tmp_path: Path) -> None:
    kit, job = made(tmp_path / "rules")
    early = Job.of(job.market.override("time.start=1999-02-01"), default_prices(), blocks_of(64), record_digest)
    answer = do(kit, [early.without_places().to_text()])
    assert isinstance(answer.blocks[0], RunError)
    assert "needs" in str(answer.blocks[0])
    close(kit)


def test_a_process_keeps_few_kits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stations, "MOST_KITS", 1)
    monkeypatch.setattr(stations, "_STATIONS", {})
    first, _ = made(tmp_path / "rules")
    other = zlib.compress(json.dumps(json.loads(zlib.decompress(first)) | {"more": 1}, sort_keys=True).encode())
    assert stations.station_of(first) is stations.station_of(first)
    stations.station_of(other)
    assert len(stations._STATIONS) == 1
