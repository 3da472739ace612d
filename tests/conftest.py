import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from flowsim.clock.sessions import session_table

# How long an example takes depends on who else uses the machine, and says nothing about the code. A developer's run
# looks for new examples each time; continuous checks (CI=1) try the same ones, so that a red run is due to the change.
settings.register_profile(
    "any_machine",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=bool(os.environ.get("CI")),
)
settings.load_profile("any_machine")


@pytest.fixture(scope="session")
def shared_folder() -> Path:
    """The folder of real data that is never part of the repository."""
    folder = Path(os.environ.get("FLOWSIM_SHARED", Path(__file__).parents[2] / "shared"))
    if not folder.is_dir():
        pytest.skip(f"needs real data in {folder}; set FLOWSIM_SHARED")
    return folder


@pytest.fixture(scope="session", autouse=True)
def _computed_sessions() -> None:
    """Compute the calendar before any test, so that none is timed with it."""
    session_table()
