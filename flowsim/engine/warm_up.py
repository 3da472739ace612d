"""Let the rules live through real history, so that nothing of the start is guessed.

Averages, realized volatilities, trend states, positions, options and orders under way are what the same rules make of
the real closes, along which they run without moving the price. The option market joins for the last sessions only.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from flowsim.authoring.rows import ADV_BN, LOG_PRICE, MARKET_VOL, PRICE, RING
from flowsim.authoring.view import View
from flowsim.clock import sessions_after
from flowsim.clock.year import SESSIONS_PER_YEAR, YEAR
from flowsim.config.spec import MarketSpec
from flowsim.data.prices import Prices
from flowsim.engine.faults import run_error
from flowsim.engine.run_days import run_days
from flowsim.engine.warm_cache import recall, remember, standing_name
from flowsim.kernel.array_functions import log
from flowsim.kernel.bundle import TASK, bundle_kernel, pack
from flowsim.kernel.marks import LANES, NARROW_LANES, PLAIN
from flowsim.kernel.memory import copied, copied_bundle
from flowsim.kernel.rule_kernel import fields_read
from flowsim.market.arrays import MarketState, Rules, Scratch, new_scratch, new_state
from flowsim.market.day import FINE
from flowsim.market.model import Model, build_model
from flowsim.market.records import new_option_record, no_record
from flowsim.market.registry import Registry
from flowsim.market.rules import build_rules, schedule_horizon
from flowsim.market.timetable import build_timetable
from flowsim.options.arrays import INDICES, Book, Links, Listing, OptionCall, OptionRecord, Options
from flowsim.options.build import build_surface, new_book, new_option_scratch
from flowsim.options.clients import build_clients
from flowsim.options.listing import build_listing, no_listing, rows_of
from flowsim.options.phases import do_task

WINDOW = YEAR
"""Longest window of the view, in sessions: it must be full before the first rule decides."""
OPTION_SESSIONS = 378
"""Sessions of history in which options are listed: what any programme holds at the start has been opened in them, and
six half-lives of the usual demand have passed."""


def live_through(
    spec: MarketSpec, registry: Registry, kernels: list[Any], history: Prices, listing: Listing | None = None
) -> tuple[MarketState, Book]:
    """Return state and option book after the rules have followed the real closes, without moving them.

    `listing` is that of the last sessions of the history; none lists no options.
    """
    log_close = log(history.close)
    n_returns = len(log_close) - 1
    listing = listing or no_listing(1)
    joins = n_returns - (len(listing.n_expiries) - 1)
    nobody, model = registry._replace(populations=()), _model(spec, registry, history)
    state = _opening_state(spec, nobody, model, history)
    _replay(spec.only(()), nobody, [], state, history, WINDOW - 1, WINDOW)
    state = with_populations(spec, registry, model, state)
    _replay(spec, registry, kernels, state, history, WINDOW, joins)
    state = schedule_from(state, joins - WINDOW)
    book = new_book(listing, len(spec.programmes), log_close[: joins + 1])
    listed = as_replayed(spec, listing, indices_at_last=True), book
    _replay(spec, registry, kernels, state, history, joins, n_returns, listed)
    return schedule_from(state, n_returns - joins), book


def live_up_to(
    spec: MarketSpec, registry: Registry, kernels: list[Any], history: Prices, coming: np.ndarray
) -> tuple[MarketState, Listing, Book]:
    """Return state and option book after the history, with what is listed from its last close on.

    `coming` are the sessions after the history. Which contract takes which place in the book is laid out for both.
    """
    before = min(OPTION_SESSIONS, len(history) - 1 - WINDOW) if spec.options.listed else 0
    listing = build_listing(spec, np.concatenate([history.dates[len(history) - 1 - before :], coming]))
    first = rows_of(listing, 0, before)
    name = standing_name(spec, history, coming)
    state, book = _anywhere(spec, registry, _model(spec, registry, history), first)
    if not recall(name, state, book):
        state, book = live_through(spec, registry, kernels, history, first)
        remember(name, state, book)
    return state, rows_of(listing, before, before + len(coming)), book


def _anywhere(spec: MarketSpec, registry: Registry, model: Model, listing: Listing) -> tuple[MarketState, Book]:
    """Return state and book of a market's sizes."""
    agents = sum(population.state_size for population in spec.populations)
    state = new_state(registry, len(model.impact.mode_rate), schedule_horizon(spec), agents)
    return state, new_book(listing, len(spec.programmes), np.zeros(1))


def as_replayed(spec: MarketSpec, listing: Listing, *, indices_at_last: bool) -> Listing:
    """Return a listing without what makes no difference along given prices.

    Left out are the contracts of programmes that trade at random, since they are silent then, and the indices, unless a
    rule looks at one; `indices_at_last` leaves those of the last close.
    """
    silent = [spec.population(name).strategy.uses_noise for name in spec.programmes]
    slot_expiry = listing.slot_expiry.copy()
    slot_expiry[:, np.array(silent, bool)[listing.slot_programme]] = -1
    listing = listing._replace(slot_expiry=slot_expiry)
    if any(set(INDICES).intersection(fields_read(one.strategy)) for one in spec.populations):
        return listing
    unquoted = np.full_like(listing.index_expiry, -1)
    if indices_at_last:
        unquoted[-1] = listing.index_expiry[-1]
    return listing._replace(index_expiry=unquoted)


def _replay(
    spec: MarketSpec,
    registry: Registry,
    kernels: list[Any],
    state: MarketState,
    history: Prices,
    first: int,
    last: int,
    listed: tuple[Listing, Book] | None = None,
) -> None:
    """Step a state along the returns from `first` up to `last`, keeping no record; their days count from 0.

    Raises
    ------
    RunError
        If a rule breaks.
    """
    if last == first:
        return
    dates = np.concatenate([history.dates[1:], sessions_after(history.dates[-1], 1).dates])[first : last + 1]
    returns = np.diff(log(history.close))[first:last]
    model = _model(spec, registry, history)
    timetable = build_timetable(spec, dates, 1, returns)
    rules = build_rules(spec, registry, addresses(kernels), len(returns), 1)
    if listed is None:
        listing = no_listing(len(dates))
        listed = listing, new_book(listing, len(spec.programmes), np.zeros(1))
    scratch = new_scratch(registry)
    kept = new_option_record(0, len(spec.programmes), ())
    options = option_call(new_options(spec, rules, state, scratch, listed, kept, replaying=True))
    arrays = (timetable, rules, model, state, scratch, no_record(), options)
    if run_days(*arrays, 0, len(returns), 0, LANES) != FINE:
        raise run_error(spec, scratch.fault, dates, timetable.steps_per_day, None)


def new_options(
    spec: MarketSpec,
    rules: Rules,
    state: MarketState,
    scratch: Scratch,
    listed: tuple[Listing, Book],
    record: OptionRecord,
    *,
    replaying: bool = False,
) -> Options:
    """Return the option market of a block: its calendar, its book, and the arrays of the market that it works on."""
    clients = build_clients(spec, rules.kernels, rules.state_at, rules.maker)
    links = Links(
        seen=state.seen,
        shares=state.shares,
        cash=state.cash,
        relative=scratch.relative,
        agents=state.agents,
        replaying=int(replaying),
        mirror=int(spec.antithetic),
    )
    listing, book = listed
    return Options(listing, clients, build_surface(spec), book, new_option_scratch(book), links, record)


def option_call(options: Options, *, narrow: bool = False) -> OptionCall:
    """Return how the engine reaches an option market.

    `narrow` works on the first `NARROW_LANES` paths only.
    """
    clients, n_expiries = options.clients, options.listing.n_expiries
    if not n_expiries.any():
        return no_option_call(len(n_expiries))
    kernel = bundle_kernel("option_market", do_task, options, TASK, NARROW_LANES if narrow else LANES)
    called = (kernel, options) if PLAIN else (kernel.address, pack(options))
    return OptionCall(*called, n_expiries, clients.hedger, float(clients.within_bar))


def no_option_call(n_marks: int) -> OptionCall:
    """Return how the engine reaches no option market on so many marks: never."""
    return OptionCall(None if PLAIN else 0, np.zeros(1, np.int64), np.zeros(n_marks, np.int64), -1, 0.0)


def addresses(kernels: list[Any]) -> Any:
    """Return what the engine calls: addresses of compiled kernels, or the kernels themselves in plain Python."""
    return list(kernels) if PLAIN else np.array([kernel.address for kernel in kernels], np.int64)


def with_populations(spec: MarketSpec, registry: Registry, model: Model, state: MarketState) -> MarketState:
    """Return a state with room for the populations of a market, each agent at its rule's first state."""
    view = View(*state.seen[:, 0].tolist())
    blocks = []
    for population in spec.populations:
        strategy = population.strategy
        first = [strategy.first_state(view, strategy.params(*agent)) for agent in population.parameters.T.tolist()]
        by_agent = np.array(first, float).reshape(population.agents, len(strategy.state_names))
        # Customers of the option market are asked one by one, so each has its own block of rows.
        blocks.append((by_agent if strategy.structure is not None else by_agent.T).ravel())
    agents = np.concatenate(blocks) if blocks else np.zeros(0)
    grown = new_state(registry, len(model.impact.mode_rate), schedule_horizon(spec), agents.size)
    kept = {name: getattr(state, name) for name in MarketState._fields if name in _MARKET_WIDE}
    return copied_bundle(grown._replace(agents=np.repeat(agents, LANES), **kept))


_MARKET_WIDE = ("seen", "closes", "n_closes", "news", "policy", "depth", "liquidity", "breakers")


def _model(spec: MarketSpec, registry: Registry, history: Prices) -> Model:
    return build_model(spec, registry, float(history.close[-1]), replaying=True)


def _opening_state(spec: MarketSpec, registry: Registry, model: Model, history: Prices) -> MarketState:
    """Fill the ring with the first closes of the history; variances start at their mean square."""
    state, keep = new_state(registry, len(model.impact.mode_rate), 2, 0), model.depth.variance_keep[:, None]
    log_close = log(history.close[:WINDOW])
    squares = np.diff(log_close) ** 2
    state.closes[:] = log_close[0]
    state.closes[:WINDOW] = log_close[:, None]
    state.n_closes[0] = WINDOW
    variances = state.depth.variances
    variances[:] = squares.mean()
    for square in squares:
        variances[:] = keep * variances + (1.0 - keep) * square
    state.seen[LOG_PRICE] = log_close[-1]
    state.seen[PRICE] = history.close[WINDOW - 1]
    state.seen[ADV_BN] = spec.market.adv_bn
    weighted = np.array(spec.market.depth_weights)[:, None] * variances
    state.seen[MARKET_VOL] = np.sqrt(SESSIONS_PER_YEAR * weighted.sum(axis=0))
    assert WINDOW < RING
    return state


def schedule_from(state: MarketState, day: int) -> MarketState:
    """Turn the ring of scheduled orders so that `day` becomes day 0."""
    return state._replace(schedule=copied(np.roll(state.schedule, -day, axis=1)))
