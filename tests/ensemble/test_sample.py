"""What an experiment looks at: arrays by path that are those of the tables of a run, with their signs and names."""

import numpy as np
import pytest
from helpers.made_samples import sample, us_equity

from flowsim.ensemble.laboratory import Laboratory
from flowsim.ensemble.sample import Sample
from flowsim.ensemble.simulation import simulate

SHAPE = (3, 4)


@pytest.fixture(scope="module")
def simulated() -> tuple[Sample, object]:
    """A few days of the default market, as a sample and as a run."""
    config = us_equity().override(
        "time.days=4", 'record={tables=["flows", "market", "positions", "volatility", "vix_sources"]}'
    )
    kept: list[Sample] = []
    assert Laboratory(64).plan({"arm": config}, lambda samples: kept.append(samples["arm"]), 3).blocks == [None]
    return kept[0], simulate(config, 3)


def by_path(run, table: str, column: str) -> np.ndarray:
    """Return a column of a table, (paths, days) or with a row for each name in the order of the table."""
    values = run.to_polars(table).sort("path", "date", maintain_order=True)[column].to_numpy()
    return values.reshape(*SHAPE, -1)


def test_contributions_and_flows_are_those_of_the_run(simulated) -> None:
    one, run = simulated
    assert one.sources == run.sources
    assert one.dates.tolist() == run.to_polars("market")["date"].unique().sort().to_list()
    np.testing.assert_array_equal(one.contribution, by_path(run, "flows", "contribution"))
    np.testing.assert_array_equal(one.flow, by_path(run, "flows", "flow_bn"))
    returns = by_path(run, "market", "log_return")[..., 0]
    np.testing.assert_allclose(one.returns, returns, rtol=1e-9, atol=1e-15)
    for name in ("price", "fundamental", "cut_probability"):
        np.testing.assert_array_equal(one.column(name), by_path(run, "market", name)[..., 0])
    for name in ("vix", "vix3m"):
        np.testing.assert_array_equal(one.column(name), by_path(run, "volatility", name)[..., 0])


def test_agents_are_counted_as_in_the_run(simulated) -> None:
    one, run = simulated
    table = run.to_polars("positions").filter(population="cta").sort("path", "date")
    row = list(one.config.population).index("cta")
    np.testing.assert_array_equal(one.agents_long[..., row], table["agents_long"].to_numpy().reshape(SHAPE))


def test_the_parts_of_the_gap_add_up_to_vix_less_vix3m(simulated) -> None:
    one, _ = simulated
    gap = one.column("vix") - one.column("vix3m")
    np.testing.assert_allclose(one.gap_parts.sum(axis=-1), gap, rtol=1e-6)
    assert one.parts[:4] == ["path_dependent", "sentiment", "events", "quotes"]
    assert one.parts[4:] == [name for name in one.parts if name in us_equity().population]


def test_what_belongs_to_a_source_that_is_not_there_is_zero() -> None:
    one = sample(SHAPE, flow={"cta": np.full(SHAPE, 2.0), "noise": np.full(SHAPE, -5.0), "value": np.full(SHAPE, 9.0)})
    assert one.of(one.flow, "cta").tolist() == [[2.0] * 4] * 3
    assert one.of(one.flow, "nobody").tolist() == [[0.0] * 4] * 3
    assert one.total(one.flow, ["cta", "noise", "nobody"]).tolist() == [[-3.0] * 4] * 3
    assert one.total(one.flow, []).tolist() == [[0.0] * 4] * 3


def test_the_first_days_and_paths_are_cut_from_everything() -> None:
    counted = np.arange(12.0).reshape(SHAPE)
    one = sample(
        SHAPE,
        contribution={"news": counted},
        flow={"cta": counted},
        agents_long={"cta": counted},
        market={"price": counted},
        volatility={"vix": counted},
        gap_parts={"events": counted},
    ).first(2, 3)
    assert one.dates.tolist() == sample(SHAPE).dates[:3].tolist()
    row = list(us_equity().population).index("cta")
    kept = [one.returns, one.of(one.flow, "cta"), one.agents_long[..., row], one.column("price"), one.column("vix"),
            one.gap_parts[..., one.parts.index("events")]]  # fmt: skip
    for values in kept:
        assert values.tolist() == [[0.0, 1.0, 2.0], [4.0, 5.0, 6.0]]
