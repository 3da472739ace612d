"""The arrays of the option market: what is listed and when it rolls, its parameters, and the book of every path.

The last axis of every state array is the lane: one of the 64 paths that a block steps side by side. A *slot* is one
contract that a customer may hold: one leg of one of the structures that a client has open at the same time. Quantities
are the customers' and count, like shares, in USD bn of index at the start price; dealers hold the opposite.

A *row* of a table over days is in force during that session; its expiries were marked at the close before, and row 0
at the start.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from flowsim.files.arrays import ByLane, Floats, Integers, Lanes
from flowsim.market.arrays import Timetable

INDICES = ("vix9d", "vix", "vix3m", "vix6m", "vix1y")
TENOR_DAYS = (9.0, 30.0, 93.0, 184.0, 366.0)
"""Calendar days that each index looks ahead; the term structure has its pillars there."""
N_TENORS = len(INDICES)
N_FEATURES = 5
"""Averages that the path-dependent base looks at: three of squared returns, two of returns."""

GUEST_FUTURES = 3
"""Of the VIX futures still to settle, how many may be held by who rolls from month to month."""

AT_OPEN, AT_CLOSE = 0, 1
"""When a contract settles: on the opening print, or at the close."""


class Listing(NamedTuple):
    """What the calendar says, known beforehand."""

    n_expiries: Integers  # (days + 1,) int64 expiries marked; 0 while options are not live
    pillar_weight: Floats  # (days + 1, expiries, tenors) of each pillar's total variance in that of the expiry
    event_variance: Floats  # (days + 1, expiries) total variance of scheduled events above its mean
    sessions_left: Floats  # (days + 1, expiries) business time to settlement
    years: Floats  # (days + 1, expiries) calendar time to settlement
    spacing: Integers  # (days + 1, expiries) int64, row of quotes.SPACINGS
    reach: Floats  # (days + 1, expiries, tenors) effect of a vega at the expiry on each pillar
    tenor_years: Floats  # (days + 1, tenors) calendar time to each pillar
    tenor_event: Floats  # (days + 1, tenors) total variance of events up to each pillar, above its mean
    slot_expiry: Integers  # (days + 1, slots) int64, column of the expiry, -1 for an empty slot
    slot_settles: Integers  # (days, slots) int64 AT_OPEN, AT_CLOSE, or -1
    slot_programme: Integers  # (slots,) int64
    slot_call: Floats  # (slots,) 1 for a call, 0 for a put
    opens_from: Integers  # (days + 1,) int64, first opening of each close
    open_client: Integers  # (openings,) int64
    open_slot: Integers  # (openings,) int64, first slot of the structure
    open_expiry: Integers  # (openings,) int64, column in the next day's row
    index_expiry: Integers  # (days + 1, tenors, 2) int64, columns of the near and the next term, -1 for none
    index_minutes: Floats  # (days + 1, tenors, 2)
    keeps_chain: Integers  # (days + 1,) int64, 1 where the quoted chain of the close is recorded
    index_weight: Floats  # (days + 1, tenors, tenors) of each pillar's total variance in that of the index
    guest_reach: Floats  # (days + 1, futures, tenors) effect of a vega in a VIX future on each pillar


class Clients(NamedTuple):
    """The customers, one row for each agent of each programme, and the legs of their structures."""

    kernels: object  # (clients,) int64 addresses, or in plain Python a list of callables
    programme: Integers  # (clients,) int64
    programme_account: Integers  # (programmes,) int64, row of the population in the ledger
    uses_noise: Integers  # (clients,) int64
    key_0: np.ndarray  # (clients,) uint64
    key_1: np.ndarray  # (clients,) uint64
    params_at: Integers  # (clients,) int64, offset in `params`
    state_at: Integers  # (clients,) int64, offset in MarketState.agents
    params: Floats  # flat: per client (fields,)
    legs_from: Integers  # (clients + 1,) int64
    leg_call: Floats  # (legs,)
    leg_strike: Floats  # (legs,) strike over the index, 0 for the one at zero cost
    leg_quantity: Floats  # (legs,)
    dealer: int  # ledger account that holds the other side
    hedger: int  # population that hedges it, -1 for none
    within_bar: float  # part of a bar's move that the hedger hedges while it runs


class SurfaceModel(NamedTuple):
    """Parameters of the surface and of what moves it."""

    rho: float  # of SSVI, as eta and gamma
    eta: float
    gamma: float
    vega_depth_bn: float
    vega_depth_elasticity: float
    demand_keep: float
    carried_keep: Floats  # (tenors,) daily decay of what an index has from its real start
    carrier: int  # programme whose demand that counts as, -1 for none
    skew_response: float
    sentiment_points: float
    half_spread: float
    feature_keep: Floats  # (features,) daily decay
    base: Floats  # (tenors, 8) constant, three volatilities, fall, return, two mean returns
    tenor_loading: Floats  # (tenors,) what moves one month by a point moves each pillar by


class Book(NamedTuple):
    """What moves, for one block of paths."""

    log_strike: ByLane  # (slots, lanes)
    quantity: ByLane  # (slots, lanes) bought by customers
    features: ByLane  # (features, lanes)
    variance: ByLane  # (expiries, lanes) total at-the-money variance at the last mark
    phi: ByLane  # (expiries, lanes) of SSVI, at the last mark
    eta: Lanes  # (lanes,) of SSVI
    demand: ByLane  # (programmes, tenors, lanes) vol points, of what is held now; a guest after the programmes
    ewma_demand: ByLane  # (programmes, tenors, lanes) its exponential average
    carried: ByLane  # (tenors, lanes) vol points that the real index was above the marked one at the start, so far
    guest_vega: ByLane  # (futures, lanes) held in VIX futures, USD bn for a point: another subsystem writes it
    skew_demand: ByLane  # (2, lanes) of low strikes: now, and its exponential average
    pillar: ByLane  # (tenors, parts, lanes) of the level of each pillar, in points; no events or quotes
    parts: ByLane  # (tenors, parts, lanes) of each index, in points; they add up to it
    points: ByLane  # (tenors, lanes) the indices
    smile: ByLane  # (tenors, 2, lanes) at-the-money volatility, and that of 90 % strikes above it, in points
    greeks: ByLane  # (programmes, N_GREEKS, lanes) of the customers
    total: ByLane  # (N_GREEKS, lanes) of all customers


class OptionScratch(NamedTuple):
    """Work space."""

    order: Lanes  # (lanes,)
    cost: Lanes  # (lanes,)
    least: Lanes  # (lanes,) total variance of the expiry before
    level: Lanes  # (lanes,) forward by parity
    black_terms: ByLane  # (3, lanes) where one option stands: d1, the total vol, and one number more
    strike_grid: ByLane  # (4, lanes) rows quotes.INDEX to quotes.PER_STEP
    swap: ByLane  # (tenors, lanes) total variance-swap variance at each pillar
    marked: ByLane  # (expiries, lanes) the same of each expiry, with events
    shares: ByLane  # (tenors, parts, lanes) the same at each pillar, by part
    term: ByLane  # (2, lanes) variances of the near and the next term
    walks: ByLane  # (2, 5, lanes) both sides of a strip as far as they have been walked; see quotes.start_walks
    steps: ByLane  # (2, lanes) the strikes that they have come to, in strike steps
    start: Lanes  # (lanes,) K0, from where they began


class Links(NamedTuple):
    """The arrays of the market that the option market reads and writes."""

    timetable: Timetable
    observables: ByLane  # (view fields, lanes)
    shares: ByLane  # (accounts, lanes)
    cash: ByLane  # (accounts, lanes)
    relative: Lanes  # (lanes,) price over the start price
    agents: Floats  # flat: per population (fields, agents, lanes)
    trading: Lanes  # (lanes,) 1 while the market trades, 0 in a halt
    slope: Lanes  # (lanes,) log return per USD bn
    total: Lanes  # (lanes,) what the step has moved so far
    moved: Lanes  # (lanes,) work space
    flow: ByLane  # (populations, lanes)
    flow_sum: ByLane  # (sources, lanes)
    contribution_sum: ByLane  # (sources, lanes)
    mode_weight: Floats  # (modes,) of the impact that goes again
    transient: ByLane  # (populations, modes, lanes)
    first_source: int  # row of the first population among the sources
    replaying: int
    mirror: int  # 1 for antithetic pairs of paths


class OptionRecord(NamedTuple):
    """What is kept of a chunk of days, one row for each recorded close."""

    volatility: ByLane  # (closes, volatility columns, lanes)
    index_parts: ByLane  # (closes, tenors, parts, lanes) change since the last recorded close
    sums: ByLane  # (closes, programmes, greeks, lanes)
    gamma_profile: ByLane  # (profiles, distances, lanes)
    surface: ByLane  # (chains, expiries, 2, lanes) theta and phi at a close whose chain is kept
    level: ByLane  # (chains, lanes) log of the index then
    parts_before: ByLane  # (tenors, parts, lanes) at the last recorded close
    row: Integers  # (1,) int64, next row
    profile_row: Integers  # (1,) int64
    chain_row: Integers  # (1,) int64


class Options(NamedTuple):
    """Everything that the kernel of the option market works on."""

    listing: Listing
    clients: Clients
    surface: SurfaceModel
    book: Book
    scratch: OptionScratch
    links: Links
    record: OptionRecord


DELTA, GAMMA, VEGA, VANNA, CHARM, VALUE = 0, 1, 2, 3, 4, 5
GREEK_COLUMNS = ("delta_bn", "gamma_1pct_bn", "vega_bn", "vanna_bn", "charm_bn", "value_bn")
N_GREEKS = len(GREEK_COLUMNS)
"""Greeks of the customers' book in USD bn of index at the start price: delta; change of delta for a rise of 1 %; value
for a vol point; change of delta for a vol point; change of delta in a session; value."""

PATH_DEPENDENT, SENTIMENT, EVENTS, QUOTES, FIRST_PROGRAMME = 0, 1, 2, 3, 4
"""Parts of an index: from past returns, from panic, from scheduled events, from the discreteness of ticks and strikes;
then each programme."""
