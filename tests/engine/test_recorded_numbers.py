"""A market that diverges without a step of its price ends in a sentence, not in tables of what is no number."""

import numpy as np
import pytest

from flowsim.config import load
from flowsim.engine import recorded
from flowsim.engine.blocks import Block, run_block
from flowsim.engine.prepare import prepare
from flowsim.errors import RunError


@pytest.fixture(scope="module")
def chunk():
    """Return what was recorded of ten days of three paths, and its labels."""
    market = prepare(load("us_equity").override("time.days=10"))
    [(kept, rows)] = run_block(market, Block(0, 3), chunk_days=10)
    return kept, rows


def with_number(array, place, number):
    changed = array.copy()
    changed[place] = number
    return changed


def test_numbers_of_an_ordinary_size_pass(chunk):
    kept, rows = chunk
    recorded.require_numbers(kept.record, kept.options, rows)


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf, 1e31])
@pytest.mark.parametrize(
    ("part", "name", "place", "words"),
    [
        ("record", "market", (4, 0, 2), "price"),
        ("record", "flow", (4, 3, 2), "a flow"),
        ("record", "contribution", (4, 0, 2), "a contribution to the return"),
        ("record", "exposure", (4, 1, 2), "a position"),
        ("options", "volatility", (4, 1, 2), "vix"),
        ("options", "index_parts", (4, 1, 2, 2), "a source of the VIX family"),
        ("options", "sums", (4, 0, 1, 2), "what customers of options hold"),
    ],
)
def test_a_number_that_is_none_is_named_with_its_path_and_its_date(chunk, part, name, place, words, number):
    kept, rows = chunk
    arrays = {"record": kept.record, "options": kept.options}
    changed = with_number(getattr(arrays[part], name), place, number)
    arrays[part] = arrays[part]._replace(**{name: changed})
    with pytest.raises(RunError) as caught:
        recorded.require_numbers(arrays["record"], arrays["options"], rows)
    assert str(caught.value).startswith(f"{words} is no finite number of an ordinary size on path 2, {rows.dates[4]}:")


def test_a_lane_without_a_path_does_not_count(chunk):
    kept, rows = chunk
    changed = with_number(kept.record.market, (4, 0, 3), np.nan)
    recorded.require_numbers(kept.record._replace(market=changed), kept.options, rows)


def test_the_earliest_is_named(chunk):
    kept, rows = chunk
    flow = with_number(kept.record.flow, (2, 0, 1), np.nan)
    market = with_number(kept.record.market, (5, 0, 0), np.nan)
    with pytest.raises(RunError, match=f"a flow .* on path 1, {rows.dates[2]}"):
        recorded.require_numbers(kept.record._replace(flow=flow, market=market), kept.options, rows)
