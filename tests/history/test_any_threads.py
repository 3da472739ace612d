"""Whatever answers a question gives the same digits on any number of threads, ours and the libraries'."""

import os
import subprocess
import sys
from functools import cache

import pytest

QUESTIONS = {
    "outlook": """
found = fs.outlook("us_equity", horizons=(2, 5), n_paths=200, threads=threads)
tables = {name: table.write_csv() for name, table in found.tables.items()}
""",
    "replay": """
found = fs.replay("us_equity", first="2018-10-01", last="2018-12-31")
tables = {name: table.write_csv() for name, table in found.tables.items()} | {"summary": found.summary.write_csv()}
""",
    "ablate": """
found = fs.ablate(fs.load("plain", ["time.days=63"]), 200, threads=threads)
tables = {"numbers": json.dumps(found.as_dict()), "text": found.as_markdown()}
""",
    "score": """
found = fs.score(fs.load("plain", ["time.days=252"]), 140, threads=threads)
tables = {"numbers": json.dumps(found.as_dict()), "text": found.as_markdown()}
""",
    "claims": """
from dataclasses import replace
from flowsim.ensemble.laboratory import Laboratory
from flowsim.experiments.experiment import conduct
from flowsim.experiments.runner import EXPERIMENTS
one = EXPERIMENTS["3"]
one = replace(one, prepared=lambda config, whole=one: whole.prepared(config).override("time.days=252"), paths_times=1)
tables = {"finding": conduct(one, Laboratory(70, threads=threads), fs.load("us_equity")).model_dump_json()}
""",
    "attribution": """
from flowsim.run.attribution import cumulative_contributions, variance_shares
run = fs.simulate(fs.load("plain", ["time.days=63"]), 200, threads=threads)
tables = {"contributions": cumulative_contributions(run).write_csv(), "shares": variance_shares(run).write_csv()}
""",
}
PRINTED = """
import hashlib, json, sys
import flowsim as fs
threads = int(sys.argv[1])
"""
SAID = """
for name, text in tables.items():
    print("{name}", name, len(text), hashlib.sha256(text.encode()).hexdigest())
"""
LIBRARIES = ("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@cache
def answers(threads: int) -> list[str]:
    """Return name, table and digest of every answer of a process that has so many threads."""
    code = PRINTED + "".join(question + SAID.format(name=name) for name, question in QUESTIONS.items())
    few = dict.fromkeys(LIBRARIES, str(threads))
    command = [sys.executable, "-c", code, str(threads)]
    return subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ | few).stdout.splitlines()


@pytest.mark.parametrize("name", QUESTIONS)
def test_an_answer_has_the_same_digits_on_any_number_of_threads(name: str) -> None:
    alone, together = ([line for line in answers(threads) if line.startswith(name)] for threads in (1, 5))
    assert alone
    assert together == alone
