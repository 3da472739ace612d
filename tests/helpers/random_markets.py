"""Markets drawn at random, for laws that hold in every market: any populations, any execution, any law of impact."""

from __future__ import annotations

from math import ceil, floor

from helpers.markets import BUILT_IN, SENSIBLE, market_config, with_company
from hypothesis import strategies as st

from flowsim.config import Config

PROFILES = ("close", "open", "vwap", "twap", "safe_harbor")


def counted(strategy: str) -> tuple[int | str, ...]:
    """Return the parameters of a programme that count expiries, months or sessions."""
    structure = BUILT_IN[strategy].structure
    return () if structure is None else (structure.ahead, structure.offset, structure.sessions_ahead)


def may_run_out_next_close(strategy: str) -> bool:
    """Return whether a programme may open what settles at the next close; in one bar a day nobody could hedge it."""
    structure = BUILT_IN[strategy].structure
    return structure is not None and (
        structure.expires in ("after_event", "next_session") or structure.rolls == "daily"
    )


@st.composite
def random_values(draw: st.DrawFn, strategy: str, parameter: str) -> object:
    """Draw one to three values between half and twice a sensible one, inside the bounds of the field."""
    field, sensible = BUILT_IN[strategy].fields[parameter], SENSIBLE[strategy][parameter]
    about = sensible if isinstance(sensible, list) else [sensible]
    ends = [factor * value for value in about for factor in (0.5, 2.0)]
    low, high = max(min(ends), field.low), min(max(ends), field.high)
    if field.choices:
        values = st.sampled_from([float(choice) for choice in field.choices])
    elif parameter in counted(strategy):
        values = st.integers(ceil(low), floor(high))
    else:
        values = st.floats(low, high, allow_subnormal=False)
    return draw(st.lists(values, min_size=1, max_size=3))


@st.composite
def random_populations(draw: st.DrawFn, strategy: str) -> dict[str, object]:
    """Draw one population of a strategy, with its execution."""
    chosen, size = BUILT_IN[strategy], SENSIBLE[strategy]["capital_bn"]
    drawn = {name: draw(random_values(strategy, name)) for name in chosen.parameter_names if name != "capital_bn"}
    capital = size * draw(st.sampled_from([0.1, 0.5, 1.0, 2.0]))
    table = {"strategy": strategy, "agents": draw(st.integers(3, 5)), "capital_bn": capital} | drawn
    if chosen.provides_liquidity or chosen.hedges_options:
        return table | {"agents": 1} | {name: values[0] for name, values in drawn.items()}
    table["anticipated"] = draw(st.sampled_from([0.0, 0.0, 0.0, 0.6]))
    if chosen.clock == "day":
        table["execution"] = {
            "lag_days": draw(st.integers(1, 4)),
            "days": draw(st.integers(1, 6)),
            "profile": draw(st.sampled_from(PROFILES)),
            "participation_cap": draw(st.sampled_from([1.0, 0.2, 0.01])),
        }
    return table


@st.composite
def random_markets(draw: st.DrawFn) -> Config:
    """Draw a config of 5 to 12 days with one to six populations."""
    names = draw(st.lists(st.sampled_from(sorted(BUILT_IN)), min_size=1, max_size=6, unique=True))
    populations = {name: draw(random_populations(name)) for name in names}
    if draw(st.booleans()):
        populations = with_company(populations)
    shortest = any(may_run_out_next_close(table["strategy"]) for table in populations.values())
    impact = draw(st.sampled_from(["linear", "linear", "square_root", "propagator"]))
    for table in populations.values():
        if table["strategy"] == "option_dealer" and impact == "square_root":
            # The secant of a net flow near zero is so steep that a little gamma leaves no price that clears.
            table["within_bar"] = 0.0
    return market_config(
        populations,
        seed=draw(st.integers(0, 2**40)),
        antithetic=draw(st.booleans()),
        time={
            "days": draw(st.integers(5, 12)),
            "bars_per_day": draw(st.sampled_from([13, 26] if shortest else [1, 13, 26])),
        },
        market={
            "impact": impact,
            "multiplier": draw(st.sampled_from([0.0, 3.0, 8.0])),
            "transient_share": draw(st.floats(0, 1)),
            "overnight_share": draw(st.floats(0.01, 0.5)),
            "overnight_volume": draw(st.sampled_from([0.0, 0.1, 0.5])),
            "auction_variance_share": draw(st.floats(0, 0.3)),
            "edge_to_midday_variance": draw(st.floats(0.5, 5)),
            "anticipation_days": draw(st.integers(1, 10)),
        },
        fundamental={"jumps_per_year": draw(st.sampled_from([0, 100])), "jump_mean_bp": -500},
        liquidity={"vol": draw(st.sampled_from([0.0, 1.0])), "depth_loading": 0.2},
        sentiment={"response": draw(st.sampled_from([0.0, 1.0])), "threshold": 1.0, "shock_vol": 0.2},
    )
