"""Spoiled files of every kind end in a result that can be true, or in one sentence."""

import traceback
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from helpers.fuzzed import spoiled
from helpers.vendor_chains import AS_OF, CHAIN_FILES
from helpers.vendor_files import PRICE_FILES

from flowsim.authoring.discovery import rules_in
from flowsim.chain.vix import vix
from flowsim.config import load
from flowsim.data.prices import read_prices
from flowsim.data.volatility_file import read_volatility
from flowsim.errors import ConfigError, FlowsimError

FEW, MANY = 25, 1_000
ROOT = Path(__file__).resolve().parents[1]
VOLATILITY = "date,VIX9D,VIX,VIX3M,VIX6M\n" + "".join(
    f"2018-03-{day:02d},1{day % 10}.5,1{day % 9}.25,{15 + day % 3},16.5\n" for day in range(1, 29)
)


def closes_are_numbers(file: Path) -> None:
    prices = read_prices(file)
    assert np.isfinite(prices.close).all()
    assert (prices.close > 0.0).all()
    assert (np.diff(prices.dates).astype(int) > 0).all()


def indices_are_numbers(file: Path) -> None:
    volatility = read_volatility(file)
    for close in volatility.on(volatility.dates).values():
        assert not np.isinf(close).any()
        assert not (close < 0.0).any()


def index_is_a_number(file: Path) -> None:
    assert 0.0 <= vix(file, as_of=AS_OF).value < 1e6


def config_loads_again(file: Path) -> None:
    config = load(file)
    assert config.resolved()


KINDS: dict[str, tuple[list[str], str, Callable[[Path], object]]] = {
    "prices": (list(PRICE_FILES.values()), "csv", closes_are_numbers),
    "volatility": ([VOLATILITY], "csv", indices_are_numbers),
    "chains": (list(CHAIN_FILES.values()), "csv", index_is_a_number),
    "configs": ([file.read_text() for file in sorted((ROOT / "configs").glob("*.toml"))], "toml", config_loads_again),
    "rules": ([file.read_text() for file in sorted((ROOT / "strategies").glob("[!_]*.py"))], "py", rules_in),
}


def fault_of(kind: str, number: int, folder: Path) -> str:
    """Return how a spoiled file ends that should end otherwise; "" if it ends in a result or in a sentence."""
    texts, ending, read = KINDS[kind]
    file = folder / f"spoiled_{number}.{ending}"
    file.write_bytes(spoiled(texts[number % len(texts)], number))
    try:
        read(file)
    except FlowsimError as error:
        sentences = error.problems if isinstance(error, ConfigError) else [str(error)]
        return "" if all(one and "\n" not in one for one in sentences) else f"says {error}"
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__} in {place.filename}:{place.lineno}: {error}"
    finally:
        file.unlink()
    return ""


def faults(kind: str, count: int, folder: Path) -> dict[int, str]:
    found = {number: fault_of(kind, number, folder) for number in range(count)}
    return {number: fault for number, fault in found.items() if fault}


@pytest.mark.parametrize("kind", KINDS)
def test_a_few_spoiled_files_end_in_a_result_or_a_sentence(kind: str, tmp_path: Path) -> None:
    assert faults(kind, FEW, tmp_path) == {}


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_thousand_spoiled_files_end_in_a_result_or_a_sentence(kind: str, tmp_path: Path) -> None:
    assert faults(kind, MANY, tmp_path) == {}


def test_what_is_spoiled_is_no_longer_what_it_was() -> None:
    assert len({spoiled(VOLATILITY, number) for number in range(FEW)}) == FEW
