"""`progress=True` shows how far something is; a function is told; nothing is said to whoever did not ask."""

import pytest
from helpers.markets import market_config

import flowsim as fs
from flowsim.ensemble.progress import shown


def test_true_says_every_tenth_and_how_long_it_still_takes(capsys) -> None:
    with shown(True, "counting") as told:
        assert told is not None
        for done in range(1, 101):
            told(done, 100)
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(",")[0] for line in lines] == [f"counting: {tenth} %" for tenth in range(10, 110, 10)]
    assert lines[-1].endswith("about 0 s left")


@pytest.mark.parametrize("progress", [None, False])
def test_nothing_is_said_to_whoever_did_not_ask(progress, capsys) -> None:
    with shown(progress, "counting") as told:
        assert told is None
    assert capsys.readouterr() == ("", "")


def test_a_run_shows_itself_or_tells_a_function(capsys) -> None:
    config = market_config(time={"days": 4})
    fs.simulate(config, 2, progress=True, threads=1)
    assert capsys.readouterr().err.splitlines()[-1].startswith("simulating: 100 %")
    told: list[tuple[int, int]] = []
    fs.simulate(config, 2, progress=lambda *heard: told.append(heard), threads=1)
    assert told[-1] == (8, 8)
