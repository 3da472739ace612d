"""From a validated configuration to the arrays of the option market."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from flowsim.config import Config, Population, agent_parameters
from flowsim.kernel.jit import LANES
from flowsim.kernel.memory import zeros
from flowsim.kernel.random import stream_key
from flowsim.options import calendar
from flowsim.options.arrays import (
    AT_CLOSE,
    AT_OPEN,
    FIRST_PROGRAMME,
    N_FEATURES,
    N_GREEKS,
    N_TENORS,
    TENOR_DAYS,
    Book,
    Clients,
    Listing,
    OptionScratch,
    SurfaceModel,
)
from flowsim.options.quotes import SPACED_UP_TO_DAYS
from flowsim.package import ZERO_COST
from flowsim.strategy import Strategy

FEATURE_HALF_LIVES = (2.0, 10.0, 60.0, 3.0, 15.0)
"""Sessions: of squared returns three, of returns two (Guyon and Lekeufack 2023)."""


@dataclass(frozen=True)
class Client:
    """One agent of a programme: its parameters, and the calendar of its rolls."""

    name: str
    population: Population
    strategy: Strategy
    agent: int
    parameters: dict[str, float]

    def rolls(self, closes: np.ndarray) -> Any:
        """Return its roll calendar over the closes.

        Raises
        ------
        InputError
            If a number of the package is none that the calendar can have.
        """
        package = self.strategy.package
        assert package is not None
        return package.calendar(closes, self.parameters)


def clients_of(config: Config) -> list[Client]:
    """Return the agents of all programmes, in the order of the config."""
    found = []
    for name, population in config.population.items():
        strategy = config.strategies[population.strategy]
        if strategy.package is not None:
            rows = agent_parameters(population, strategy).T.tolist()
            for agent, row in enumerate(rows):
                named = dict(zip(strategy.parameter_names, row, strict=True))
                found.append(Client(name, population, strategy, agent, named))
    return found


def programmes_of(config: Config) -> list[str]:
    """Return the names of the programmes, in the order of the config."""
    return [name for name, p in config.population.items() if config.strategies[p.strategy].package is not None]


def hedger_of(config: Config) -> int:
    """Return the row of the population that hedges the options, -1 for none."""
    hedges = (config.strategies[population.strategy].hedges_options for population in config.population.values())
    return next((row for row, one in enumerate(hedges) if one), -1)


def build_listing(config: Config, closes: np.ndarray) -> Listing:
    """Return the calendar of the option market: row i is marked at `closes[i]`, shape (days + 1,)."""
    clients = clients_of(config) if config.options.listed else []
    if not config.options.listed:
        return _empty_listing(len(closes))
    here, overnight = calendar.positions(closes), config.market.overnight_share
    events = calendar.event_variances(config.options.meeting_move_pct / 100.0, config.options.release_move_pct / 100.0)
    held = [calendar.holding(client.rolls(closes), here) for client in clients]
    terms = calendar.index_terms(here)
    marks = calendar.marks(here, terms, held, overnight, events)
    minutes = calendar.minutes_between(here[:, None, None], terms)
    near_next = calendar.sessions_between(here[:, None, None], terms, overnight)
    pillars = calendar.at_target(near_next, minutes)
    years = marks.minutes / (1440.0 * 365.0)
    tenor_years = np.broadcast_to(np.array(TENOR_DAYS) / 365.0, (len(closes), N_TENORS)).copy()
    tenor_event = calendar.at_target(calendar.events_between(here[:, None, None], terms, events, overnight), minutes)
    every = np.arange(len(closes))[:, None, None]
    columns = marks.columns(every, terms)
    pillar_weight = calendar.pillar_weights(marks.sessions_left, pillars)
    of_terms = pillar_weight[every, columns]
    return Listing(
        n_expiries=marks.n_expiries.astype(np.int64),
        pillar_weight=pillar_weight,
        event_variance=marks.event_variance,
        sessions_left=marks.sessions_left,
        years=years,
        spacing=np.searchsorted(SPACED_UP_TO_DAYS, 365.0 * years).astype(np.int64),
        reach=calendar.demand_reach(years, tenor_years, config.options.demand_reach),
        tenor_years=tenor_years,
        tenor_event=tenor_event,
        index_expiry=columns,
        index_minutes=minutes.astype(float),
        keeps_chain=np.isin(closes, np.array(config.record.chain_dates, "datetime64[D]")).astype(np.int64),
        index_weight=np.ascontiguousarray(np.moveaxis(calendar.at_target(np.moveaxis(of_terms, 3, 0), minutes), 0, 2)),
        **_slots(config, clients, held, marks, len(closes)),
    )


def _slots(
    config: Config, clients: list[Client], held: list[calendar.Holding], marks: calendar.Marks, n_marks: int
) -> dict[str, np.ndarray]:
    """Return which slot holds which expiry on which day, and what opens at each close."""
    programmes = programmes_of(config)
    n_slots = sum(one.tranches * len(_legs(client)) for client, one in zip(clients, held, strict=True))
    expiry = np.full((n_marks, n_slots), -1, np.int64)
    settles = np.full((max(n_marks - 1, 0), n_slots), -1, np.int64)
    programme, is_call = np.zeros(n_slots, np.int64), np.zeros(n_slots)
    openings: list[np.ndarray] = []
    first_slot = 0
    for number, (client, one) in enumerate(zip(clients, held, strict=True)):
        legs = _legs(client)
        size = len(legs)
        mine = slice(first_slot, first_slot + one.tranches * size)
        programme[mine] = programmes.index(client.name)
        is_call[mine] = [leg.kind == "call" for leg in legs] * one.tranches
        opened = np.flatnonzero(one.first > 0)
        slot, first, last, key = (values[opened] for values in (one.tranche, one.first, one.last, one.keys))
        slot = first_slot + slot * size
        roll, row = _rows_held(first, last)
        held_in = marks.columns(row, key[roll])
        settled = np.flatnonzero(one.settles[opened])
        for leg in range(size):
            expiry[row, slot[roll] + leg] = held_in
            settles[last[settled], slot[settled] + leg] = np.where(key[settled] % 2 == 1, AT_CLOSE, AT_OPEN)
        opens_in = marks.columns(first, key)
        openings.append(np.stack([first, np.full_like(first, number), slot, opens_in], axis=1))
        first_slot += one.tranches * size
    return {
        "slot_expiry": expiry,
        "slot_settles": settles,
        "slot_programme": programme,
        "slot_call": is_call,
        **_openings(np.concatenate([np.zeros((0, 4), np.int64), *openings]), n_marks),
    }


def _openings(table: np.ndarray, n_marks: int) -> dict[str, np.ndarray]:
    """Return what opens at each close, from rows of mark, client, slot and expiry in any order."""
    table = table[np.lexsort(table.T[::-1])]
    return {
        # What is marked in row d + 1 opens at the close of day d.
        "opens_from": np.searchsorted(table[:, 0], np.arange(1, n_marks + 1)).astype(np.int64),
        "open_client": np.ascontiguousarray(table[:, 1]),
        "open_slot": np.ascontiguousarray(table[:, 2]),
        "open_expiry": np.ascontiguousarray(table[:, 3]),
    }


def _rows_held(first: np.ndarray, last: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return which roll and which row, for every row from the first to the last of every roll."""
    length = last - first + 1
    roll = np.repeat(np.arange(len(first)), length)
    return roll, np.arange(len(roll)) - np.repeat(np.cumsum(length) - length, length) + first[roll]


def rows_of(listing: Listing, first: int, last: int) -> Listing:
    """Return the listing of the days from `first` up to `last`, counted anew from the first."""
    marks, days = slice(first, last + 1), slice(first, last)
    cut = {}
    for name, values in listing._asdict().items():
        if name in _BY_MARK:
            cut[name] = np.ascontiguousarray(values[marks])
        elif name == "slot_settles":
            cut[name] = np.ascontiguousarray(values[days])
        else:
            cut[name] = values
    return Listing(**cut)


_BY_MARK = (
    "n_expiries",
    "pillar_weight",
    "event_variance",
    "sessions_left",
    "years",
    "spacing",
    "reach",
    "tenor_years",
    "tenor_event",
    "slot_expiry",
    "opens_from",
    "index_expiry",
    "index_minutes",
    "keeps_chain",
    "index_weight",
)


def _legs(client: Client) -> tuple[Any, ...]:
    assert client.strategy.package is not None
    return client.strategy.package.legs


def _empty_listing(n_marks: int) -> Listing:
    """Return the listing of a market without options."""

    def integers(*shape: int) -> np.ndarray:
        return np.zeros(shape, np.int64)

    return Listing(
        n_expiries=integers(n_marks),
        pillar_weight=np.zeros((n_marks, 0, N_TENORS)),
        event_variance=np.zeros((n_marks, 0)),
        sessions_left=np.zeros((n_marks, 0)),
        years=np.zeros((n_marks, 0)),
        spacing=integers(n_marks, 0),
        reach=np.zeros((n_marks, 0, N_TENORS)),
        tenor_years=np.zeros((n_marks, N_TENORS)),
        tenor_event=np.zeros((n_marks, N_TENORS)),
        slot_expiry=integers(n_marks, 0),
        slot_settles=integers(max(n_marks - 1, 0), 0),
        slot_programme=integers(0),
        slot_call=np.zeros(0),
        opens_from=integers(n_marks),
        open_client=integers(0),
        open_slot=integers(0),
        open_expiry=integers(0),
        index_expiry=integers(n_marks, N_TENORS, 2),
        index_minutes=np.zeros((n_marks, N_TENORS, 2)),
        keeps_chain=integers(n_marks),
        index_weight=np.zeros((n_marks, N_TENORS, N_TENORS)),
    )


def build_clients(config: Config, kernels: Any, state_at: np.ndarray, maker: int) -> Clients:
    """Return the customers; `kernels` and `state_at` are the populations', `maker` the market maker's account."""
    clients, programmes = clients_of(config), programmes_of(config)
    names = list(config.population)
    legs = [leg for client in clients for leg in _legs(client)]
    owners = [client for client in clients for _ in _legs(client)]
    rows = [names.index(client.name) for client in clients]
    parameters = [np.array(list(client.parameters.values())) for client in clients]
    keys = [stream_key(config.seed, f"population:{client.name}:{client.agent}") for client in clients]
    hedger = hedger_of(config)
    called = [kernels[row] for row in rows]
    sizes = [len(client.strategy.state_names) for client in clients]
    return Clients(
        kernels=called if isinstance(kernels, list) else np.array(called, np.int64),
        programme=_integers(programmes.index(client.name) for client in clients),
        programme_account=_integers(names.index(name) for name in programmes),
        uses_noise=_integers(client.strategy.uses_noise for client in clients),
        key_0=np.array([key[0] for key in keys], np.uint64),
        key_1=np.array([key[1] for key in keys], np.uint64),
        params_at=_integers(np.cumsum([0, *(len(p) for p in parameters)])[: len(clients)]),
        state_at=_integers(state_at[row] + c.agent * size for row, c, size in zip(rows, clients, sizes, strict=True)),
        params=np.concatenate(parameters) if parameters else np.zeros(0),
        legs_from=_integers(np.cumsum([0, *(len(_legs(client)) for client in clients)])),
        leg_call=np.array([float(leg.kind == "call") for leg in legs]),
        leg_strike=np.array([_strike(leg.strike, owner) for leg, owner in zip(legs, owners, strict=True)]),
        leg_quantity=np.array([float(leg.quantity) for leg in legs]),
        dealer=hedger if hedger >= 0 else maker,
        hedger=hedger,
        within_bar=_within_bar(config, names[hedger]) if hedger >= 0 else 0.0,
    )


def _strike(strike: str, client: Client) -> float:
    return 0.0 if strike == ZERO_COST else client.parameters[strike]


def _within_bar(config: Config, name: str) -> float:
    population = config.population[name]
    strategy = config.strategies[population.strategy]
    within = agent_parameters(population, strategy)[strategy.parameter_names.index("within_bar"), 0]
    return float(within) if population.moves_price else 0.0


def build_surface(config: Config) -> SurfaceModel:
    """Return the parameters of the surface in the engine's units."""
    options = config.options
    base = [options.vix9d, options.vix, options.vix3m, options.vix6m]
    return SurfaceModel(
        skew_correlation=options.skew_correlation,
        curvature=options.curvature,
        curvature_exponent=options.curvature_exponent,
        vega_depth_bn=options.vega_depth_bn,
        demand_keep=_keep(options.demand_half_life_days),
        skew_response=options.skew_response,
        sentiment_points=options.sentiment_points,
        half_spread=options.half_spread_pct / 100.0,
        feature_keep=np.array([_keep(days) for days in FEATURE_HALF_LIVES]),
        base=np.array([*base, calendar.extrapolated(options.vix3m, options.vix6m)]),
        tenor_loading=calendar.tenor_loading(np.array(TENOR_DAYS) / 365.0),
    )


def new_book(listing: Listing, n_programmes: int, log_close: np.ndarray) -> Book:
    """Return an empty book, its averages at what past closes (n,) make them."""
    n_slots, n_columns = len(listing.slot_programme), listing.sessions_left.shape[1]
    book = Book(
        log_strike=zeros(n_slots, LANES),
        quantity=zeros(n_slots, LANES),
        features=zeros(N_FEATURES, LANES),
        variance=zeros(n_columns, LANES),
        wing=zeros(n_columns, LANES),
        curvature=zeros(LANES),
        demand=zeros(n_programmes, N_TENORS, LANES),
        usual=zeros(n_programmes, N_TENORS, LANES),
        skew_demand=zeros(2, LANES),
        pillar=zeros(N_TENORS, FIRST_PROGRAMME + n_programmes, LANES),
        parts=zeros(N_TENORS, FIRST_PROGRAMME + n_programmes, LANES),
        points=zeros(N_TENORS, LANES),
        smile=zeros(N_TENORS, 2, LANES),
        greeks=zeros(n_programmes, N_GREEKS, LANES),
        total=zeros(N_GREEKS, LANES),
    )
    returns = np.diff(log_close)
    for feature, half_life in enumerate(FEATURE_HALF_LIVES):
        values = returns**2 if feature < 3 else returns
        keep, average = _keep(half_life), float(values.mean()) if len(values) else 0.0
        for value in values.tolist():
            average = keep * average + (1.0 - keep) * value
        book.features[feature] = average
    return book


def new_option_scratch(book: Book) -> OptionScratch:
    """Allocate the work space of one block with such a book."""
    return OptionScratch(
        order=zeros(LANES),
        cost=zeros(LANES),
        least=zeros(LANES),
        level=zeros(LANES),
        places=zeros(3, LANES),
        money=zeros(4, LANES),
        swap=zeros(N_TENORS, LANES),
        marked=zeros(*book.variance.shape),
        shares=zeros(*book.pillar.shape),
        term=zeros(2, LANES),
        walks=zeros(2, 5, LANES),
        steps=zeros(2, LANES),
        start=zeros(LANES),
    )


def _keep(half_life: float) -> float:
    return math.exp(-math.log(2.0) / half_life)


def _integers(values: Any) -> np.ndarray:
    return np.array([int(value) for value in values], np.int64)
