"""What is simulated ahead of an outlook: each column is the statistic that its name says, and each arm its market."""

from datetime import date
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

from flowsim.config import load
from flowsim.data.prices import default_prices
from flowsim.ensemble.simulation import simulate
from flowsim.history.forward import forward, summaries, without_feedback
from flowsim.history.outlook import outlook

N_PATHS = 101
"""As many as make the path with the k-th smallest value its quantile of k / 100."""
DAYS = [date(2018, 9, 4), date(2018, 9, 5), date(2018, 9, 6)]
TURNED = np.argsort(np.random.default_rng(1).permutation(N_PATHS))


def column(values: np.ndarray) -> np.ndarray:
    """Return a value for each day of each path, from (days, paths)."""
    return values[:, TURNED].T.ravel()


@pytest.fixture(scope="module")
def made() -> SimpleNamespace:
    """A run of three days on which the k-th path has the k-th value of everything."""
    rank = np.arange(101.0)
    percent = np.stack([rank - 50.0, 2.0 * rank - 40.0, 0.1 * rank**2])
    returns = np.diff(np.log1p(percent / 100.0), axis=0, prepend=0.0)
    price = np.stack([1000.0 + rank, 2000.0 + 2.0 * rank, 3000.0 + rank])
    keys = {"path": np.repeat(np.arange(N_PATHS), 3), "date": DAYS * N_PATHS}
    market = pl.DataFrame(keys | {"price": column(price), "log_return": column(returns)})
    traded = {"cta": np.stack([rank, -3.0 * rank, 99.0 * rank]), "news": np.zeros((3, 101)), "noise": np.ones((3, 101))}
    flows = pl.concat(
        pl.DataFrame(keys | {"source": [name] * (3 * N_PATHS), "flow_bn": column(flow)})
        for name, flow in traded.items()
    )
    vix = {name: column(np.stack([k * 10.0 + rank, k * 20.0 + rank, k * 30.0 + rank])) for k, name in
           enumerate(("vix9d", "vix", "vix3m", "vix6m", "vix1y"), start=1)}  # fmt: skip
    return SimpleNamespace(
        market=market.lazy(),
        flows=flows.with_columns(pl.col("source").cast(pl.Categorical)).lazy(),
        volatility=pl.DataFrame(keys | vix).lazy(),
        populations=["cta", "noise"],
        info={"tables": ["market", "flows", "volatility"]},
    )


def test_a_fan_of_the_index_has_its_quantiles_on_each_day(made) -> None:
    assert summaries(made, [1, 2])["index"].rows() == [
        (DAYS[0], 1005.0, 1025.0, 1050.0, 1075.0, 1095.0),
        (DAYS[1], 2010.0, 2050.0, 2100.0, 2150.0, 2190.0),
        (DAYS[2], 3005.0, 3025.0, 3050.0, 3075.0, 3095.0),
    ]


def test_returns_are_in_percent_up_to_each_horizon(made) -> None:
    one, two = summaries(made, [1, 2])["returns"].rows(named=True)
    spread = np.arange(101.0).std(ddof=1)
    assert one == pytest.approx(
        {"horizon_days": 1, "mean_pct": 0.0, "sd_pct": spread, "p5": -45.0, "p95": 45.0, "worst_pct": -50.0}
    )
    assert two == pytest.approx(
        {"horizon_days": 2, "mean_pct": 60.0, "sd_pct": 2.0 * spread, "p5": -30.0, "p95": 150.0, "worst_pct": -40.0}
    )


def test_the_mean_return_is_no_median(made) -> None:
    # The mean of k^2 for k from 0 to 100 is 3350, the median 2500.
    assert summaries(made, [3])["returns"]["mean_pct"].to_list() == pytest.approx([335.0])


def test_flows_add_up_to_each_horizon_and_are_those_of_populations(made) -> None:
    assert summaries(made, [1, 2])["flows"].rows() == [
        (1, "cta", 50.0, 5.0, 95.0), (1, "noise", 1.0, 1.0, 1.0),
        (2, "cta", -100.0, -190.0, -10.0), (2, "noise", 2.0, 2.0, 2.0),
    ]  # fmt: skip


def test_the_volatility_indices_have_a_fan_each(made) -> None:
    table = summaries(made, [1, 2])["volatility"]
    assert table.filter(date=DAYS[1]).rows() == [
        (DAYS[1], name, *(base + away for away in (5.0, 25.0, 50.0, 75.0, 95.0)))
        for name, base in (("vix", 40.0), ("vix3m", 60.0), ("vix6m", 80.0), ("vix9d", 20.0))
    ]
    made.info["tables"].remove("volatility")
    assert "volatility" not in summaries(made, [1])
    made.info["tables"].append("volatility")


def test_each_arm_is_simulated_with_its_own_market_and_for_the_longest_horizon() -> None:
    fund = '{strategy="cta_momentum", agents=2, capital_bn=4000, target_vol=0.15, cap=3, horizon_days=63}'
    config = load("plain", ["time.start=2018-08-31", f"population.cta={fund}"])
    found = forward(config, default_prices(), [1, 3], 4)
    assert found.n_paths == 4
    assert found.index["arm"].unique(maintain_order=True).to_list() == ["with feedback", "without"]
    assert not found.volatility.height
    short = config.override("time.days=3")
    for arm, one in (("with feedback", short), ("without", without_feedback(short))):
        run = simulate(one, 4, prices=default_prices())
        last = run.to_polars("market").filter(pl.col("date") == pl.col("date").max())["price"]
        assert found.index.filter(arm=arm)["p50"][-1] == pytest.approx(last.median())
        total = run.to_polars("flows").filter(source="cta").group_by("path").agg(pl.col("flow_bn").sum())["flow_bn"]
        mean = found.flows.filter(arm=arm, horizon_days=3, population="cta")["mean_bn"].item()
        assert mean == pytest.approx(total.mean())
    apart = found.returns.filter(horizon_days=3)["sd_pct"]
    assert apart[0] != apart[1]


def test_the_seed_of_an_outlook_draws_its_paths() -> None:
    def simulated(**seed: int) -> pl.DataFrame:
        found = outlook("plain", default_prices(), as_of="2018-08-31", horizons=[2], n_paths=2, **seed)
        return found.forward.index

    of_config = load("plain").seed
    assert simulated().equals(simulated(seed=of_config))
    assert not simulated().equals(simulated(seed=of_config + 1))
