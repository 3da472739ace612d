"""Whatever stands at a key, the answer is a config or one-line messages that name a key."""

import copy
import datetime as dt
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowsim.config import from_dict, load
from flowsim.errors import ConfigError

WORDS = st.sampled_from(["dist", "lognormal", "low", "median", "linear", "toy_hedger", "extends", "plain", "x y", ""])
SCALARS = (
    WORDS
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.just(10**400)
    | st.dates()
    | st.just(dt.datetime(2019, 1, 2, 9, 30))
    | st.just(dt.time(9, 30))
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4), max_leaves=6
)


def paths_of(value: object, prefix: tuple = ()) -> list[tuple]:
    found = [prefix] if prefix else []
    for key, child in value.items() if isinstance(value, dict) else ():
        found += paths_of(child, (*prefix, key))
    return found


def problems_of(table: dict) -> list[str]:
    try:
        config = from_dict(table)
    except ConfigError as error:
        return error.problems or ["an error without a problem"]
    assert from_dict(config.resolved()) == config
    return []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(data=st.data())
def test_any_value_at_any_key_gives_a_config_or_messages(folder: Path, data: st.DataObject) -> None:
    table = load("market.toml").resolved()
    table["policy"]["script"] = [{"date": "2019-01-04", "cut_probability": 0.5}]
    changed = copy.deepcopy(table)
    *above, key = data.draw(st.sampled_from(paths_of(table)))
    node = changed
    for step in above:
        node = node[step]
    node[data.draw(st.just(key) | WORDS)] = data.draw(VALUES)
    for problem in problems_of(changed):
        assert "\n" not in problem
        assert ": " in problem
