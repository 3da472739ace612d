"""What the tables of a forward test hold: each column with type, unit and meaning."""

from __future__ import annotations

from flowsim.files.columns import Column, Table

UNITS = "% or vol points"
_KEYS = (
    Column("quantity", "name", "", "return to the horizon, realized volatility on the way, or the VIX at the horizon"),
    Column("horizon_days", "int64", "sessions", "from the close that is forecast from"),
    Column("model", "name", "", "who forecasts: the market, or a rival"),
)
_DATES = Column("dates", "int64", "", "that are counted")
_BOUNDS = (
    Column("low", "float64", "", "lower end of what chance allows at 95 % where the forecast is right"),
    Column("high", "float64", "", "upper end of it"),
    Column("inside", "bool", "", "whether it lies there"),
)


def _less(score: str, unit: str) -> tuple[Column, ...]:
    return (
        Column(score, "float64", unit, "mean over dates; smaller is better"),
        Column(f"{score}_market_less", "float64", unit, "the market's less this one on the same dates", "market worse"),
        Column(f"{score}_low", "float64", unit, "lower end of its 95 % interval (Diebold and Mariano)"),
        Column(f"{score}_high", "float64", unit, "upper end of its 95 % interval"),
    )


BACKTEST_TABLES = (
    Table(
        "forecasts",
        "date, model, quantity and horizon",
        (
            Column("date", "date", "", "session after whose close it was forecast"),
            _KEYS[2],
            *_KEYS[:2],
            Column("came", "float64", UNITS, "what came"),
            Column("rank_share", "float64", "fraction", "of the forecast below what came"),
            *(Column(f"p{share}", "float64", UNITS, f"level of {share} % of the forecast") for share in (1, 5, 95, 99)),
            Column("p50", "float64", UNITS, "median of the forecast"),
            Column("crps", "float64", UNITS, "continuous ranked probability score"),
            Column("log_score", "float64", "", "minus the log of the density of what came"),
        ),
    ),
    Table(
        "coverage",
        "quantity, horizon, model and level",
        (
            *_KEYS,
            Column("level_pct", "float64", "%", "of the forecast below the level"),
            Column("below_pct", "float64", "%", "dates on which what came was below it"),
            Column("low_pct", "float64", "%", "lower end of what chance allows at 95 %, by the binomial distribution"),
            Column("high_pct", "float64", "%", "upper end of it"),
            _BOUNDS[2],
            _DATES,
        ),
    ),
    Table(
        "shortfall",
        "horizon, model and level of the return",
        (
            *_KEYS,
            Column("level_pct", "float64", "%", "of the forecast below the level"),
            Column("ratio", "float64", "", "cumulative violation beyond it over its mean (Du and Escanciano)"),
            *_BOUNDS,
            _DATES,
        ),
    ),
    Table(
        "scores",
        "quantity, horizon and model",
        (
            *_KEYS,
            _DATES,
            *_less("crps", UNITS),
            *_less("log_score", ""),
            Column("uniform_p", "float64", "", "p-value of uniform rank shares (Kolmogorov and Smirnov)"),
        ),
    ),
)
"""Tables of `flowsim backtest`."""
