"""The VIX family from a chain of option quotes, by Cboe's published method.

Source: Cboe (2022), "Volatility Index Methodology: Cboe Volatility Index", and Cboe (2019), "White Paper: Cboe
Volatility Index"; for dates before October 2014, Cboe (2009), "The CBOE Volatility Index - VIX". `docs/vix.md` says why
each expiry, settlement time and quote rule is as it is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from flowsim.chain.chain import Chain, Choice, Series, new_york_time, read_chain
from flowsim.chain.chain_file import QuotesLike
from flowsim.chain.indices import INDICES, WEEKLYS_FROM, Index, bracket
from flowsim.chain.likely import notes_on_ends, weigh_days, weigh_terms
from flowsim.clock.year import MINUTES_PER_DAY
from flowsim.data.weigh import weigh_rates
from flowsim.errors import InputError
from flowsim.pricing.strip import chain_strip, interpolated_index


@dataclass(frozen=True)
class Term:
    """One of an index's two expiries: variance a year, forward and K0 in index points, minutes to settlement."""

    label: str
    variance: float
    forward: float
    k0: float
    strip_sum: float
    minutes: float


@dataclass(frozen=True)
class VolatilityIndex:
    """An index in points, the two terms it is interpolated from, and what was passed over in their quotes."""

    index: str
    value: float
    near: Term
    next: Term
    notes: tuple[str, ...] = field(default=(), repr=False)

    def as_dict(self) -> dict[str, object]:
        """Return index, value, and near and next with their variance, forward, k0, strip_sum and minutes."""
        names = ("variance", "forward", "k0", "strip_sum", "minutes")
        near, next_ = ({name: getattr(term, name) for name in names} for term in (self.near, self.next))
        return {"index": self.index, "value": self.value, "near": near, "next": next_}

    def as_text(self) -> str:
        """Return a table of three lines below the value."""
        lines = [f"{self.index} {self.value:.2f}", f"{'':<16}{'minutes':>10}{'forward':>11}{'K0':>9}{'variance':>12}"]
        lines += [
            f"{term.label:<16}{term.minutes:>10,.0f}{term.forward:>11,.2f}{term.k0:>9,.0f}{term.variance:>12.8f}"
            for term in (self.near, self.next)
        ]
        return "\n".join(lines)


def vix(
    chain: QuotesLike | Chain,
    index: str = "VIX",
    as_of: datetime | str | None = None,
    rate_pct: float | tuple[float, float] = 0.0,
    minutes: tuple[float, float] | None = None,
    path: int | None = None,
    *,
    columns: Mapping[str, str] | None = None,
    trust_data: bool = False,
) -> VolatilityIndex:
    """Return an index of the VIX family from a chain of SPX and SPXW quotes, by Cboe's published method.

    Parameters
    ----------
    chain : path, table of pandas, polars or arrow, or Chain
        What `read_chain` takes: a file or a table of quotes as vendors write them, the folder of a run's chain, or the
        near and the next term with term, strike, call_bid, call_ask, put_bid and put_ask, as in Cboe's white paper.
    index : str
        VIX1D, VIX9D, VIX, VIX3M, VIX6M or VIX1Y.
    as_of : datetime or str, optional
        When the quotes were taken, New York time; by default that in the chain's column `as_of`. Of several times there
        it chooses one.
    rate_pct : float or (float, float)
        Interest rate in % a year, continuously compounded; one for both terms, or that of the near and the next.
    minutes : (float, float), optional
        Minutes to the settlement of the near and the next term, for a chain by term, which has no dates.
    path : int, optional
        Of the chain of a run, which has a column `path`.
    columns : mapping, optional
        What else columns are called, as in `read_chain`.
    trust_data : bool
        Take quotes, days and rates that are not likely; see `flowsim.data.weigh`.

    Returns
    -------
    VolatilityIndex
        Its `value` in points, and for each term variance, forward, K0, strip sum and minutes.

    Raises
    ------
    InputError
        At a fault of the chain, a missing expiry, or quotes too few or too wrong for the method.
    """
    if index not in INDICES:
        raise InputError(f"index = {index} is not known; choose one of {', '.join(INDICES)}")
    if not isinstance(chain, Chain):
        choice = Choice(path, None if as_of is None else new_york_time(as_of, "as_of"))
        chain = read_chain(chain, choice, columns)
    rates = _pair(rate_pct, "rate_pct", -100.0, 100.0)
    if not trust_data:
        weigh_rates(*rates)
    if chain.by_term:
        series, ahead = _given_terms(chain, INDICES[index], as_of, minutes)
        rule = []
    else:
        series, ahead, rule = _listed_terms(chain, INDICES[index], as_of, minutes, trust_data)
    a_year = INDICES[index].minutes_a_year
    near, next_ = (_term(chain.source, *each, a_year) for each in zip(series, ahead, rates, strict=True))
    if not trust_data:
        weigh_terms(chain.source, series, (near.forward, next_.forward), (near.minutes, next_.minutes))
    target = INDICES[index].target_days * MINUTES_PER_DAY
    value = interpolated_index(near.variance, near.minutes, next_.variance, next_.minutes, target)
    if math.isnan(value):
        raise InputError(
            f"{chain.source}: the variance of {index} is below zero between near {near.variance} and next"
            f" {next_.variance}; check the quotes and the minutes"
        )
    return VolatilityIndex(
        index,
        float(value),
        near,
        next_,
        (*rule, *(note for each in series for note in (*each.notes(), *notes_on_ends(each)))),
    )


def term_structure(
    chain: QuotesLike | Chain,
    as_of: datetime | str | None = None,
    rate_pct: float | tuple[float, float] = 0.0,
    path: int | None = None,
    *,
    columns: Mapping[str, str] | None = None,
    trust_data: bool = False,
) -> dict[str, VolatilityIndex | str]:
    """Return every index of the family from one chain, by name from the shortest: `vix` with each as `index`.

    Where the chain does not give one, its place holds the sentence that says why.

    Raises
    ------
    InputError
        At a fault of the chain, or where it gives none of them.
    """
    if not isinstance(chain, Chain):
        choice = Choice(path, None if as_of is None else new_york_time(as_of, "as_of"))
        chain = read_chain(chain, choice, columns)
    found: dict[str, VolatilityIndex | str] = {}
    for name in INDICES:
        try:
            found[name] = vix(chain, name, as_of, rate_pct, trust_data=trust_data)
        except InputError as error:
            found[name] = str(error)
    if all(isinstance(one, str) for one in found.values()):
        raise InputError(str(found["VIX"]))
    return found


def _listed_terms(
    chain: Chain, index: Index, as_of: datetime | str | None, minutes: tuple[float, float] | None, trust_data: bool
) -> tuple[list[Series], list[float], list[str]]:
    """Return the near and the next term, the minutes to each, and by which rule of old they were chosen, if by one."""
    if minutes is not None:
        raise InputError(f"{chain.source} has dates of expiry, which give the minutes; leave out `minutes`")
    time = chain.as_of if as_of is None else new_york_time(as_of, "as_of")
    if time is None:
        raise InputError(
            f"{chain.source} does not say when its quotes were taken; give `as_of` as 'YYYY-MM-DD HH:MM', New York time"
        )
    by_settlement = {series.settlement: series for series in chain.series if series.settlement is not None}
    try:
        pair = bracket(list(by_settlement), time, index, chain.source)
    except InputError as error:
        # Where an expiry has the wrong root or day, that is what is missing.
        raise InputError(next(iter(chain.day_faults.values()), str(error))) from None
    if not trust_data:
        weigh_days(chain, [by_settlement[end] for end in pair], time)
    series = [by_settlement[end] for end in pair]
    of_old = [
        f"before {WEEKLYS_FROM} VIX was made of the first two third Fridays at least a week ahead, without weeklys;"
        f" here {series[0].label} and {series[1].label}"
    ]
    ahead = [index.minutes_to(end, time) for end in pair]
    return series, ahead, of_old if index.on(time.date()) != index else []


def _given_terms(
    chain: Chain, index: Index, as_of: datetime | str | None, minutes: tuple[float, float] | None
) -> tuple[list[Series], list[float]]:
    if as_of is not None or minutes is None:
        raise InputError(
            f"{chain.source} has terms and no dates of expiry; give `minutes` for near and next, and no `as_of`"
        )
    terms = {series.label: series for series in chain.series}
    for label in ("near", "next"):
        if label not in terms:
            raise InputError(f"{chain.source} has no rows of the term {label}; add its quotes")
    near, next_ = _pair(minutes, "minutes", 0.0, math.inf)
    target = index.target_days * MINUTES_PER_DAY
    # On a roll day the near term is still some hours more than the target ahead.
    if not (0.0 < near < min(next_, target + MINUTES_PER_DAY) and target <= next_):
        raise InputError(
            f"minutes = {near:g},{next_:g} do not lie on either side of the {target:g} that {index.name} looks ahead;"
            " give those of the near and the next term"
        )
    return [terms["near"], terms["next"]], [near, next_]


def _term(source: str, series: Series, minutes: float, rate_pct: float, minutes_a_year: float) -> Term:
    """Return one term's variance, or say why its quotes do not give one."""
    if series.fault:
        raise InputError(series.fault)
    years = minutes / minutes_a_year
    quotes = (series.strike, series.call_bid, series.call_ask, series.put_bid, series.put_ask)
    strip = chain_strip(*quotes, math.exp(rate_pct / 100.0 * years), years)
    place = f"{source}, {series.label}"
    if math.isnan(strip.forward):
        raise InputError(f"{place}: no strike has quotes of both its call and its put; put-call parity needs one")
    if math.isnan(strip.k0):
        raise InputError(f"{place}: no strike is at or below the forward of {strip.forward:.2f}; add lower strikes")
    for kept, side, where in ((strip.n_puts, "puts", "below"), (strip.n_calls, "calls", "above")):
        if kept < 2:
            raise InputError(
                f"{place}: {side} {where} K0 = {strip.k0:g} that have a bid, before two in a row have none, number"
                f" {kept:.0f}; the strip needs two on each side"
            )
    if math.isnan(strip.strip_sum):
        raise InputError(f"{place}: call or put of K0 = {strip.k0:g} has no quote; the method needs both")
    if strip.variance <= 0.0:
        raise InputError(f"{place}: the quotes give a variance of {strip.variance:.3g}; check them and the rate")
    variance, level, k0, total = map(float, strip[:4])
    return Term(series.label, variance, level, k0, total, minutes)


def _pair(value: float | tuple[float, float], what: str, lowest: float, highest: float) -> tuple[float, float]:
    """Return two numbers within bounds, the same twice if one is given."""
    pair = tuple(value) if isinstance(value, tuple | list) else (value, value)
    try:
        near, next_ = map(float, pair)
    except (TypeError, ValueError):
        raise InputError(f"{what} = {value} is not one number or two; give near and next") from None
    for number in (near, next_):
        if not (math.isfinite(number) and lowest <= number <= highest):
            raise InputError(f"{what} = {number} is outside {lowest:g} to {highest:g}; give near and next")
    return near, next_
