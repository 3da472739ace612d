"""What the tables of a replay and of an outlook hold: each column with type, unit, sign and meaning."""

from __future__ import annotations

from flowsim.files.columns import Column, Table
from flowsim.history.outlook_layer import OUTLOOK_LAYER

BOUGHT, LONG = "bought", "held long"
DATE = Column("date", "date", "", "session")
POPULATION = Column("population", "name", "", "population")
INDEX = Column("index", "name", "", "volatility index, by Cboe's name")
HORIZON = Column("horizon_days", "int64", "sessions", "from the close of the outlook")
PATH_DEPENDENT = Column("path_dependent", "float64", "vol points", "level that past returns of the index explain")
REAL = Column("real", "float64", "vol points", "real close, null where none was given")
ARM = Column("arm", "name", "", '"with feedback", or "without": systematic flows are traded, and move no price')
QUANTILES = ("p5", "p25", "p50", "p75", "p95")


def _quantiles(unit: str, of: str) -> tuple[Column, ...]:
    return tuple(Column(name, "float64", unit, f"{name[1:]} % quantile over paths of {of}") for name in QUANTILES)


def _greeks(of: str) -> tuple[Column, ...]:
    return (
        Column("delta_bn", "float64", "USD bn", f"delta of what {of} hold", LONG),
        Column("gamma_1pct_bn", "float64", "USD bn", "change of that delta for a rise of 1 %", f"{of} long"),
        Column("vega_bn", "float64", "USD bn for a vol point", f"vega of what {of} hold", LONG),
        Column("vanna_bn", "float64", "USD bn for a vol point", "change of that delta for a vol point"),
        Column("charm_bn", "float64", "USD bn a session", "change of that delta as a session passes"),
        Column("value_bn", "float64", "USD bn", f"value of what {of} hold", LONG),
    )


REPLAY_TABLES = (
    Table(
        "market",
        "session",
        (
            DATE,
            Column("close", "float64", "index points", "real close"),
            Column("log_return", "float64", "log return", "from the close before"),
            Column("rv_21", "float64", "fraction a year", "realized volatility of 21 sessions about a mean of zero"),
            Column("rv_63", "float64", "fraction a year", "the same of 63 sessions"),
            Column(
                "impact_bp",
                "float64",
                "bp per USD bn",
                "what a small flow of the session moves, by the model's law",
            ),
        ),
    ),
    Table(
        "flows",
        "session and population",
        (
            DATE,
            POPULATION,
            Column("flow_bn", "float64", "USD bn", "traded in the session; of option programmes their delta", BOUGHT),
            Column(
                "exposure_bn",
                "float64",
                "USD bn",
                "what the rules wished to hold at its close, null for those without a position",
                LONG,
            ),
        ),
    ),
    Table(
        "options",
        "session and programme",
        (DATE, Column("programme", "name", "", "population that trades options"), *_greeks("customers")),
        "Empty where no options are listed.",
    ),
    Table(
        "dealers",
        "session",
        (
            DATE,
            *_greeks("dealers"),
            Column("hedge_bn", "float64", "USD bn", "stock that dealers hold against it", LONG),
        ),
        "Empty where no options are listed.",
    ),
    Table(
        "levels",
        "session, population and speed",
        (
            DATE,
            Column("population", "name", "", "population of trend followers"),
            Column("speed", "name", "", "speed of its signal"),
            Column("level", "float64", "index points", "close of the next session at which it turns, null for none"),
        ),
        "Every few sessions in a long replay.",
    ),
    Table(
        "blackout",
        "session and population that reports earnings",
        (DATE, POPULATION, Column("share", "float64", "fraction", "share of its issuers that may not buy")),
    ),
    Table("volatility", "session and index", (DATE, INDEX, PATH_DEPENDENT, REAL)),
    Table(
        "fits",
        "index of which real closes were given",
        (
            INDEX,
            Column("r_squared", "float64", "fraction", "share of the variance of real closes that is explained"),
            Column("days", "int64", "sessions", "with both"),
        ),
    ),
)
SOURCE = Column("source", "name", "", 'systematic population, "systematic flows" for all of them, or what is left')
MULTIPLIER = Column("multiplier", "float64", "", "of the market's value, what a flow of it moves at once")
ATTRIBUTION_TABLES = (
    Table(
        "contributions",
        "session and source",
        (
            DATE,
            Column("source", "name", "", "systematic population, or what is left"),
            Column("contribution", "float64", "log return", "what it adds to the session's log return"),
        ),
        "At the multiplier of the config; over all sources they add up to the log return.",
    ),
    Table(
        "shares",
        "sample, state, horizon, source and multiplier",
        (
            Column("sample", "name", "", "years: the whole period, or a decade in it"),
            Column(
                "state",
                "name",
                "",
                "windows: all, the half that begins calm, the stressed 5 %, the largest 1 %, the worst 1 %",
            ),
            Column("horizon_days", "int64", "sessions", "length of a window"),
            SOURCE,
            MULTIPLIER,
            Column("share_pct", "float64", "%", "Cov(c, r) / Var(r); in the worst windows the sum of c over that of r"),
            Column("low_pct", "float64", "%", "lower end of its 95 % interval, null for a short period"),
            Column("high_pct", "float64", "%", "upper end of its 95 % interval, null for a short period"),
            Column("windows", "int64", "", "windows of the state, overlapping"),
        ),
        "Each source is there at the multiplier of the config alone: all shares are in proportion to it.",
    ),
    Table(
        "episodes",
        "episode, multiplier and source",
        (
            Column("episode", "name", "", "what it is called"),
            Column("first", "date", "", "close before it"),
            Column("last", "date", "", "its last close"),
            Column("index_pct", "float64", "%", "log return of the index"),
            SOURCE,
            MULTIPLIER,
            Column("contribution_pct", "float64", "%", "what of that it contributed"),
        ),
    ),
    Table(
        "dealer_parts",
        "horizon and part",
        (
            Column("horizon_days", "int64", "sessions", "length of a window"),
            Column("part", "name", "", "of what dealers trade: gamma hedging, new deals, or expiry and charm"),
            Column("share_pct", "float64", "%", "Cov(c, r) / Var(r) over the whole period"),
            Column("low_pct", "float64", "%", "lower end of its 95 % interval, null for a short period"),
            Column("high_pct", "float64", "%", "upper end of its 95 % interval, null for a short period"),
        ),
        "Empty where no options are listed. The three add up to the share of the dealers.",
    ),
)
OUTLOOK_TABLES = (
    Table(
        "state",
        "population",
        (
            POPULATION,
            Column(
                "position_bn",
                "float64",
                "USD bn",
                "what it wishes to hold, null for one without a position; of option programmes their delta",
                LONG,
            ),
        ),
    ),
    Table(
        "scenarios",
        "scenario, horizon and population",
        (
            Column("scenario", "name", "", "supposed path, in standard deviations of the horizon or % a day"),
            HORIZON,
            Column("move_pct", "float64", "%", "move of the index over the horizon"),
            POPULATION,
            Column("flow_bn", "float64", "USD bn", "traded over the horizon, orders under way included", BOUGHT),
            Column(
                "decided_bn",
                "float64",
                "USD bn",
                "change of what it wishes to hold, null for one without a position",
                BOUGHT,
            ),
        ),
    ),
    Table(
        "turning",
        "trend follower and speed",
        (
            POPULATION,
            Column("speed", "name", "", "speed of its signal"),
            Column("level", "float64", "index points", "tomorrow's close at which it turns, null for none"),
            Column("distance_pct", "float64", "%", "level from the close", "above it"),
            Column("position_bn", "float64", "USD bn", "what it wishes to hold", LONG),
            Column(
                "flow_{days}d_bn", "float64", "USD bn", "traded over a horizon if tomorrow closes just through", BOUGHT
            ),
            Column("flat_{days}d_bn", "float64", "USD bn", "traded over a horizon if the index stays", BOUGHT),
        ),
        "Columns with {days} for each horizon.",
    ),
    Table(
        "reactions",
        "population that answers to the size of a move",
        (
            POPULATION,
            Column("adds_below_pct", "float64", "%", "largest move tomorrow after which it buys, null for none"),
            Column("adds_below_vol", "float64", "fraction a year", "realized volatility after that move"),
            Column("cuts_above_pct", "float64", "%", "smallest move tomorrow after which it sells, null up to 8 %"),
            Column("cuts_above_vol", "float64", "fraction a year", "realized volatility after that move"),
            Column("vol_now", "float64", "fraction a year", "the higher of one and three months' realized volatility"),
            Column("order_calm_bn", "float64", "USD bn", "decided tomorrow if the index stands still", BOUGHT),
            Column("order_2pct_bn", "float64", "USD bn", "decided tomorrow after a fall of 2 %", BOUGHT),
        ),
    ),
    Table(
        "roll_off",
        "coming session",
        (
            DATE,
            Column("leaves_{days}d_pct", "float64", "%", "return that leaves the window at its close"),
            Column("leaves_{days}d_date", "date", "", "session of that return"),
            Column("rv_{days}", "float64", "fraction a year", "realized volatility if the last quarter's goes on"),
        ),
        "Columns with {days} for windows of 21 and 63 sessions.",
    ),
    Table("volatility", "index", (INDEX, PATH_DEPENDENT, REAL)),
    Table("forward_index", "arm and session", (ARM, DATE, *_quantiles("index points", "the index"))),
    Table(
        "forward_volatility",
        "arm, session and index",
        (ARM, DATE, INDEX, *_quantiles("vol points", "its close")),
        "Only where options are listed.",
    ),
    Table(
        "forward_flows",
        "arm, horizon and population",
        (
            ARM,
            HORIZON._replace(kind="int32"),
            POPULATION,
            Column("mean_bn", "float64", "USD bn", "mean over paths of what it trades up to the horizon", BOUGHT),
            Column("p5", "float64", "USD bn", "5 % quantile of it"),
            Column("p95", "float64", "USD bn", "95 % quantile of it"),
        ),
    ),
    Table(
        "forward_returns",
        "arm and horizon",
        (
            ARM,
            HORIZON,
            Column("mean_pct", "float64", "%", "mean over paths of the return up to the horizon"),
            Column("sd_pct", "float64", "%", "its standard deviation"),
            Column("p5", "float64", "%", "its 5 % quantile"),
            Column("p95", "float64", "%", "its 95 % quantile"),
            Column("worst_pct", "float64", "%", "the worst path"),
        ),
    ),
    Table(
        "gamma",
        "distance from spot",
        (
            Column("spot_pct", "float64", "%", "supposed move of the index from its close"),
            Column("gamma_1pct_bn", "float64", "USD bn", "dealers' gamma if it stood there", "long gamma"),
        ),
        "Only with a real chain.",
    ),
    Table("layer", "quarter", OUTLOOK_LAYER, "Only where the config has a table `macro`. Medians over paths."),
)
