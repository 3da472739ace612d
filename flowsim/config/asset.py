"""A market beside the first: its clock, its prices, what of the others' news it shares, and what it has of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, create_model

from flowsim.config.described import Table, described
from flowsim.config.schema import Fundamental, Market, Sentiment

LEAD = "equity"
"""Name of the first market: the one that the tables of a config without a name of their own describe."""
MADE = "made"
"""Instead of a file of closes: they are made of other markets' and of chance."""
OF_THE_LEAD = ("payrolls_bp", "cpi_bp", "gdp_bp", "reflexivity")
"""What a market has of the lead by `release_loading`, since data are released once."""


def _changes_to(table: type[Table], name: str, without: tuple[str, ...] = ()) -> Any:
    """Return a table of the same keys, none of which is required: what is left out is the lead's."""
    fields: dict[str, Any] = {}
    for key, field in table.model_fields.items():
        if key not in without:
            kind: Any = Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation
            said: Any = {"description": field.description, "json_schema_extra": field.json_schema_extra}
            fields[key] = (kind | None, Field(None, **said))
    of_all = f"What differs from [{table.__name__.lower()}]; what is left out is the same."
    return create_model(name, __base__=Table, __doc__=of_all, **fields)


if TYPE_CHECKING:
    MarketChanges = FundamentalChanges = SentimentChanges = Table
else:
    MarketChanges = _changes_to(Market, "MarketChanges")
    FundamentalChanges = _changes_to(Fundamental, "FundamentalChanges", OF_THE_LEAD)
    SentimentChanges = _changes_to(Sentiment, "SentimentChanges")


class Hours(Table):
    """The hours outside New York's session of a market that never closes."""

    night_variance: float = described(
        "variance of an hour on a weeknight over that of an hour of the session, on average", "x", above=0, high=10
    )
    weekend_variance: float = described("the same over weekends and holidays", "x", above=0, high=10)
    night_volume: float = described(
        "volume of an hour on a weeknight over that of an hour of the session, on average", "x", above=0, high=10
    )
    weekend_volume: float = described("the same over weekends and holidays", "x", above=0, high=10)


Correlation = Annotated[float, Field(ge=-1, le=1)]


class Asset(Table):
    """A market beside the first, on the same clock: bonds, gold, bitcoin."""

    clock: Literal["session", "always"] = described(
        "whether its night is one step, as the first market's is, or bars of an hour in which everybody trades",
        default="session",
    )
    prices: Annotated[str, Field(min_length=1)] | None = described(
        "file of its daily closes before the start, relative to the config; without one its past is made of the first"
        " market's by its loading and its size of news",
        default=None,
    )
    start_price: float = described("close at the start where the past is made", "index points", above=0, default=100.0)
    news: dict[str, Correlation] = described(
        "correlation of its news with those of a market before it; what is left is its own news",
        default={},
    )
    release_loading: float = described(
        "its move for the first market's at a release of data", "x", low=-10, high=10, default=0.0
    )
    jump_loading: float = described("its jump for a jump of the first market", "x", low=-10, high=10, default=0.0)
    policy_effect_pct: float = described(
        "price effect of 25 bp of easing priced in", "percent", low=-10, high=10, default=0.0
    )
    depth_loading: float = described("log depth per unit of system liquidity", low=-5, high=5, default=0.0)
    hours: Hours | None = described('the hours outside the session, with clock = "always"', default=None)
    market: MarketChanges = described("how orders move its price", default=MarketChanges())
    fundamental: FundamentalChanges = described("its own news", default=FundamentalChanges())
    sentiment: SentimentChanges = described("its panic", default=SentimentChanges())
