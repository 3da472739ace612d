"""What the picture of a forward test draws, number by number."""

import datetime

import polars as pl
import pytest
from helpers.drawn import bars, legend_of, panel
from matplotlib.colors import to_hex

from flowsim.forecasts.backtest import Backtest
from flowsim.plot.backtest import backtest_picture
from flowsim.plot.style import ALERT, INDEX, INK

DAYS = [datetime.date(2018, 1, 2) + datetime.timedelta(days=30 * n) for n in range(40)]
KEYS = {"quantity": "return", "horizon_days": 21}


@pytest.fixture(scope="module")
def drawn():
    came = [8.0 if n == 3 else 1.0 for n in range(40)]
    rank = [0.05 if n < 12 else 0.15 + 0.1 * (n % 9) for n in range(40)]
    levels = {"p1": [-5.0] * 40, "p5": [-4.0] * 40, "p50": [0.5] * 40, "p95": [4.0] * 40, "p99": [5.0] * 40}
    forecasts = pl.DataFrame({"date": DAYS, "came": came, "rank_share": rank, **levels}).with_columns(
        pl.lit("market").alias("model"), pl.lit("return").alias("quantity"), pl.lit(21).alias("horizon_days")
    )
    rows = [
        KEYS | {"model": "market", "crps": 2.0, "crps_market_less": None, "crps_low": None, "crps_high": None},
        KEYS | {"model": "GARCH", "crps": 4.0, "crps_market_less": -1.0, "crps_low": -2.0, "crps_high": -0.5},
        KEYS | {"model": "history", "crps": 2.0, "crps_market_less": 0.5, "crps_low": 0.2, "crps_high": 0.8},
    ]
    empty = pl.DataFrame()
    return backtest_picture(Backtest("made", 21, 128, (21,), forecasts, empty, empty, pl.DataFrame(rows), {}))


def test_what_came_is_marked_where_it_lies_beyond_the_forecast(drawn) -> None:
    fan = panel(drawn, "Return, 21 days ahead")
    dots = {to_hex(line.get_color()): list(line.get_ydata()) for line in fan.lines if line.get_marker() == "o"}
    assert dots[ALERT.lower()] == [8.0]
    assert dots[INK.lower()] == [1.0] * 39
    assert ("beyond 1 or 99 %", ALERT) in legend_of(fan)


def test_a_tenth_with_more_dates_than_chance_allows_is_marked(drawn) -> None:
    ranks = panel(drawn, "Rank of what came")
    assert bars(ranks, ALERT) == [(0.0, 12.0)]
    assert len(bars(ranks, INDEX)) == 9


def test_scores_are_in_percent_of_the_rivals_and_red_where_the_market_is_worse(drawn) -> None:
    beside = panel(drawn, "CRPS beside rivals")
    assert [text.get_text() for text in beside.get_yticklabels()] == ["GARCH, 21 d", "history, 21 d"]
    spans = [(tuple(line.get_xdata()), to_hex(line.get_color())) for line in beside.lines if len(line.get_xdata()) == 2]
    assert spans[:2] == [((-50.0, -12.5), INDEX.lower()), ((10.0, 40.0), ALERT.lower())]
    assert [float(line.get_xdata()[0]) for line in beside.lines if line.get_marker() == "o"] == [-25.0, 25.0]
