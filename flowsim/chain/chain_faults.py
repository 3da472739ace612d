"""What can be wrong with the rows and the days of a chain: a sentence with the value and the remedy, or null."""

from __future__ import annotations

import polars as pl

from flowsim.chain.expiry_days import is_standard
from flowsim.clock.sessions import is_session, session_before
from flowsim.data.weigh import INSIST

_REMEDY = "; mend it, or leave bid and ask empty where there is no quote"


def fault_of_contract(by_term: bool) -> pl.Expr:
    """Return why a row cannot be understood: its expiry or term, side, strike, or a price that is no number."""
    strike, shown = pl.col("strike"), _shown("strike")
    when = "term is '{}'; write near or next" if by_term else "expiry is '{}'; write it as YYYY-MM-DD or MM/DD/YYYY"
    return (
        pl.when(pl.col("label").is_null())
        .then(pl.format(f"the {when}", _shown("expiry")))
        .when(pl.col("side").is_null())
        .then(pl.format("the cp is '{}'; write C for a call or P for a put", _shown("cp")))
        .when(strike.is_null() | strike.is_nan())
        .then(pl.format("the strike is '{}', which is not a number; give it in index points", shown))
        .when(strike.is_infinite() | (strike <= 0.0))
        .then(pl.format("the strike is {}; give a positive number of index points", shown))
        .when(_is_text("bid"))
        .then(pl.format("the bid is '{}', which is not a number{}", _shown("bid"), pl.lit(_REMEDY)))
        .when(_is_text("ask"))
        .then(pl.format("the ask is '{}', which is not a number{}", _shown("ask"), pl.lit(_REMEDY)))
    )


def fault_of_repetition() -> pl.Expr:
    """Return where a contract was given before."""
    first = pl.col("row").first().over("label", "strike", "side")
    said = pl.format(
        "the {} is there twice, first in row {}; keep one of the two{}",
        _contract(),
        first,
        pl.when(pl.col("label").str.starts_with("SPX "))
        .then(pl.lit(", or name SPXW as the root of the one that settles at the close"))
        .otherwise(pl.lit("")),
    )
    return pl.when(pl.col("row") != first).then(said)


def fault_of_interest() -> pl.Expr:
    """Return what is wrong with a row's open interest, if it has any."""
    number, shown = pl.col("open_interest"), _shown("open_interest")
    wrong = ~(number.is_finite() & (number >= 0.0)).fill_null(value=False) & pl.col("open_interest_given").is_not_null()
    return pl.when(wrong).then(pl.format("open interest is '{}'; give contracts as a number from 0", shown))


def fault_of_quote() -> pl.Expr:
    """Return why a quote cannot be true: a price that is negative or no number, one side alone, or a crossed market."""
    bid, ask, remedy = pl.col("bid"), pl.col("ask"), pl.lit(_REMEDY)
    return (
        pl.when(~bid.is_finite() | (bid < 0.0))
        .then(pl.format("the bid of the {} is {}, which is no price{}", _contract(), bid, remedy))
        .when(~ask.is_finite() | (ask < 0.0))
        .then(pl.format("the ask of the {} is {}, which is no price{}", _contract(), ask, remedy))
        .when(bid.is_null() & (ask > 0.0))
        .then(pl.format("the {} has an ask of {} and no bid; write a bid of 0 where nobody bids", _contract(), ask))
        .when((bid > 0.0) & (ask.fill_null(0.0) == 0.0))
        .then(pl.format("the {} has a bid of {} and no ask{}", _contract(), bid, remedy))
        .when(bid > ask)
        .then(pl.format("the {} has its bid of {} above its ask of {}{}", _contract(), bid, ask, remedy))
    )


def _contract() -> pl.Expr:
    side = pl.when(pl.col("side") == "C").then(pl.lit("call")).otherwise(pl.lit("put"))
    return pl.format("{} {} of strike {}", "label", side, "strike")


def _shown(name: str) -> pl.Expr:
    return pl.col(f"{name}_given").fill_null("")


def _is_text(name: str) -> pl.Expr:
    return pl.col(name).is_null() & pl.col(f"{name}_given").is_not_null()


def faults_of_days(contracts: pl.DataFrame, source: str) -> dict[str, str]:
    """Return what is wrong with the day of an expiry, by label in the order of the file."""
    dated = contracts.filter(pl.col("settlement").is_not_null())
    first = dated.group_by("label").agg(pl.col("row", "settlement").first()).sort("row")
    faults = {}
    for label, row, settlement in first.iter_rows():
        day, root = settlement.date(), label.split(" ", 1)[0]
        if not is_session(day):
            faults[label] = (
                f"{source}, row {row}: {label} is a {day:%A} on which NYSE is closed; options of such a day expire on"
                f" the session before, write {session_before(day)}{INSIST}"
            )
        elif root == "SPX" and not is_standard(day):
            faults[label] = (
                f"{source}, row {row}: {label} is no third Friday, on which alone options of the root SPX expire; name"
                f" SPXW as the root of those that settle at the close{INSIST}"
            )
    return faults
