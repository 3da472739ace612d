"""A market has the same bits whatever its processor can do: numpy's, the C library's and the compiler's ways to go.

What a processor lacks is switched off in a process of its own. One without AVX-512 cannot be made to have it, so that
the sources are read too: nothing that a run is built from may call what goes another way there.
"""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DIGESTS = """
import sys
from flowsim import load, simulate
for name in ("us_equity", "plain"):
    # Lognormal parameters of many agents, normal ones in both tails, and impact that decays in every mode.
    drawn = ["population.tone.agents=40"] if name == "us_equity" else []
    run = simulate(load(name, ["time.days=5", "market.impact=propagator", *drawn]), 2, threads=1)
    for table, written in run.info["tables"].items():
        print(name, table, written["sha256"])
"""
WAYS = {
    "numpy without AVX-512": {"NPY_DISABLE_CPU_FEATURES": "X86_V4,AVX512_ICL,AVX512_SPR"},
    "numpy without AVX2": {"NPY_DISABLE_CPU_FEATURES": "X86_V3"},
    "the C library without fused multiply-add": {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-AVX512F"},
}
ROOMS = ("market", "options", "config", "engine", "authoring", "clock", "pricing", "history")
NAMES = {"exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "power", "pow", "float_power", "sin", "cos", "tan"}
NAMES |= {"tanh", "sinh", "cosh", "arctan", "logspace", "geomspace", "dot", "vdot", "matmul", "inner", "einsum", "cbrt"}


def digests(**environment: str) -> str:
    command = [sys.executable, "-c", DIGESTS]
    return subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ | environment).stdout


@pytest.fixture(scope="module")
def here() -> str:
    return digests()


@pytest.mark.parametrize("way", WAYS)
def test_a_run_has_the_same_digests_where_a_processor_can_less(here, way):
    assert digests(**WAYS[way]) == here


@pytest.mark.slow
def test_a_run_has_the_same_digests_compiled_for_any_processor(here, tmp_path):
    assert digests(NUMBA_CPU_NAME="generic", FLOWSIM_CACHE_DIR=str(tmp_path)) == here


def other_bits(source: str) -> list[str]:
    """Return what in a source differs between processors: functions of numpy and the C library, products, powers."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in ("np", "math"):
            found += [f"{node.value.id}.{node.attr}"] if node.attr in NAMES else []
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
            found.append("@")
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
            squared = isinstance(node.right, ast.Constant) and node.right.value == 2
            whole = isinstance(node.left, ast.Constant) and isinstance(node.left.value, int)
            found += [] if squared or whole else ["**"]
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_nothing_that_a_run_is_built_from_differs_between_processors(room):
    files = sorted((ROOT / "flowsim" / room).glob("*.py"))
    assert files
    assert {file.name: found for file in files if (found := other_bits(file.read_text()))} == {}


def test_what_differs_between_processors_is_seen_in_a_source():
    source = "np.exp(x), math.log(2.0), a @ b, c ** -0.4, d ** 3, e ** 2, exp(x), np.sqrt(x)"
    assert sorted(other_bits(source)) == ["**", "**", "@", "math.log", "np.exp"]
