"""A population: a named group of agents that share one strategy, with a number, a list or a distribution for each
of the strategy's parameters.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, ConfigDict, Discriminator, Field, Tag

from flowsim.clock.bars import EXECUTION_PROFILES
from flowsim.config.described import Table, described, fault, list_length
from flowsim.config.wording import nearest, shown

MOST_AGENTS = 10_000
MOST_CAPITAL_BN = 1e6
LARGEST = 1e9
"""No parameter of a rule is larger, whatever the rule itself says: beyond, sums of agents lose their cents."""
Number = Annotated[float, Field(ge=-LARGEST, le=LARGEST)]


def _known_profile(name: str) -> str:
    if name not in EXECUTION_PROFILES:
        raise fault(f"{shown(name)} is no execution profile; {nearest(name, EXECUTION_PROFILES)}")
    return name


class Execution(Table):
    """How an order of a day-clock strategy is worked."""

    lag_days: int = described(
        "sessions from decision to first trade",
        "sessions",
        low=1,
        high=60,
        default=1,
        why="an order never trades before the next session",
    )
    days: int = described("sessions over which the order is spread", "sessions", low=1, high=60, default=1)
    profile: Annotated[str, AfterValidator(_known_profile)] = described(
        "how a day's slice is spread over its bars", default="vwap", choices=EXECUTION_PROFILES
    )
    participation_cap: float = described(
        "largest part of average volume that a slice may be; 1 = no cap in effect",
        "as a fraction of average volume",
        low=1e-6,
        high=1,
        default=1.0,
    )


_LOW = "draws below are set to this"
_HIGH = "draws above are set to this"


class Lognormal(Table):
    """A lognormal distribution over agents."""

    dist: Literal["lognormal"] = described("the distribution's name")
    median: float = described("median", "of the parameter", above=0, high=LARGEST)
    sigma: float = described("standard deviation of the logarithm", low=0, high=5)
    low: Number | None = described(_LOW, "of the parameter", default=None)
    high: Number | None = described(_HIGH, "of the parameter", default=None)


class Normal(Table):
    """A normal distribution over agents."""

    dist: Literal["normal"] = described("the distribution's name")
    mean: Number = described("mean", "of the parameter")
    sd: float = described("standard deviation", "of the parameter", low=0, high=LARGEST)
    low: Number | None = described(_LOW, "of the parameter", default=None)
    high: Number | None = described(_HIGH, "of the parameter", default=None)


class Uniform(Table):
    """A uniform distribution over agents."""

    dist: Literal["uniform"] = described("the distribution's name")
    low: Number = described("lower end", "of the parameter")
    high: Number = described("upper end", "of the parameter")


Distribution = Lognormal | Normal | Uniform


def _is_an_interval(drawn: Distribution) -> Distribution:
    if drawn.low is not None and drawn.high is not None and drawn.low >= drawn.high:
        raise fault(f"low = {shown(drawn.low)} is not below high = {shown(drawn.high)}; exchange or widen them")
    return drawn


def _kind(value: object) -> str:
    if isinstance(value, list | tuple):
        return "list"
    return "distribution" if isinstance(value, Mapping | Distribution) else "number"


Parameter = Annotated[
    Annotated[Number, Tag("number")]
    | Annotated[tuple[Number, ...], list_length(at_least=1), Tag("list")]
    | Annotated[Distribution, Field(discriminator="dist"), AfterValidator(_is_an_interval), Tag("distribution")],
    Discriminator(_kind),
]


class Population(Table):
    """A named group of agents. Keys other than these are the parameters of its strategy.

    A list gives agent i the element i modulo its length; a distribution gives each agent one of its quantiles.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Parameter] = Field(init=False)  # pyright: ignore[reportIncompatibleVariableOverride]

    strategy: str = described("name of the rule that every agent follows")
    agents: int = described("number of agents", "agents", low=1, high=MOST_AGENTS)
    capital_bn: float = described(
        "capital of all agents together, in equal parts; 0 switches the population off",
        "USD bn",
        low=0,
        high=MOST_CAPITAL_BN,
    )
    anticipated: float = described(
        "part of a predictable flow that liquidity providers trade ahead of",
        "as a fraction of the flow",
        low=0,
        high=1,
        default=0.0,
    )
    moves_price: bool = described(
        "whether the price feels its flows; without, it trades along and moves nothing", default=True
    )
    execution: Execution | None = described("how orders of a day-clock strategy are worked", default=None)
    asset: str | None = described("market that it trades in; the first one by default", default=None)
    legs: dict[str, Annotated[float, Field(ge=0, le=MOST_CAPITAL_BN)]] | None = described(
        "capital with which the same rule trades in further markets, each for itself", "USD bn", default=None
    )

    @property
    def parameters(self) -> dict[str, Any]:
        """The strategy's own parameters: a number, a tuple of numbers, or a distribution for each."""
        return dict(self.model_extra or {})


OWN_KEYS = tuple(Population.model_fields)
