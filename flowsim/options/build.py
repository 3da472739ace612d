"""From what a market is made of to the arrays that the option market moves: surface, book, and work space."""

from __future__ import annotations

import numpy as np

from flowsim.clock.year import YEAR
from flowsim.config.spec import MarketSpec
from flowsim.kernel.array_functions import kept_of
from flowsim.kernel.marks import LANES
from flowsim.kernel.memory import zeros
from flowsim.options import calendar
from flowsim.options.arrays import (
    FIRST_PROGRAMME,
    N_FEATURES,
    N_GREEKS,
    N_TENORS,
    TENOR_DAYS,
    Book,
    Listing,
    OptionScratch,
    SurfaceModel,
)

FEATURE_HALF_LIVES = (2.0, 10.0, 60.0, 3.0, 15.0)
"""Sessions: of squared returns three, of returns two (Guyon and Lekeufack 2023)."""


def build_surface(spec: MarketSpec) -> SurfaceModel:
    """Return the parameters of the surface in the engine's units."""
    options = spec.options
    base = [options.vix9d, options.vix, options.vix3m, options.vix6m]
    return SurfaceModel(
        rho=options.skew_correlation,
        eta=options.curvature,
        gamma=options.curvature_exponent,
        vega_depth_bn=options.vega_depth_bn,
        vega_depth_elasticity=options.vega_depth_elasticity,
        demand_keep=kept_of(options.demand_half_life_days),
        carried_keep=np.array([kept_of(days * YEAR / 365.0) for days in TENOR_DAYS]),
        carrier=carrier_of(spec),
        skew_response=options.skew_response,
        sentiment_points=options.sentiment_points,
        half_spread=options.half_spread_pct / 100.0,
        feature_keep=np.array([kept_of(days) for days in FEATURE_HALF_LIVES]),
        base=np.array([*base, calendar.extrapolated(options.vix3m, options.vix6m)]),
        tenor_loading=calendar.tenor_loading(np.array(TENOR_DAYS) / 365.0),
    )


def carrier_of(spec: MarketSpec) -> int:
    """Return the programme whose demand is what real indices have beyond marked ones, -1 where none trades at random.

    It is everybody else's, and so the first that trades at random.
    """
    random = [spec.population(name).strategy.uses_noise for name in spec.programmes]
    return random.index(True) if any(random) else -1


def new_book(listing: Listing, n_programmes: int, log_close: np.ndarray) -> Book:
    """Return an empty book, its averages at what past closes (n,) make them."""
    n_slots, n_columns = len(listing.slot_programme), listing.sessions_left.shape[1]
    guests = listing.guest_reach.shape[1]
    n_demand = n_programmes + (guests > 0)
    book = Book(
        log_strike=zeros(n_slots, LANES),
        quantity=zeros(n_slots, LANES),
        features=zeros(N_FEATURES, LANES),
        variance=zeros(n_columns, LANES),
        phi=zeros(n_columns, LANES),
        eta=zeros(LANES),
        demand=zeros(n_demand, N_TENORS, LANES),
        ewma_demand=zeros(n_demand, N_TENORS, LANES),
        guest_vega=zeros(guests, LANES),
        carried=zeros(N_TENORS, LANES),
        skew_demand=zeros(2, LANES),
        pillar=zeros(N_TENORS, FIRST_PROGRAMME + n_demand, LANES),
        parts=zeros(N_TENORS, FIRST_PROGRAMME + n_demand, LANES),
        points=zeros(N_TENORS, LANES),
        smile=zeros(N_TENORS, 2, LANES),
        greeks=zeros(n_programmes, N_GREEKS, LANES),
        total=zeros(N_GREEKS, LANES),
    )
    returns = np.diff(log_close)
    for feature, half_life in enumerate(FEATURE_HALF_LIVES):
        values = returns**2 if feature < 3 else returns
        keep, average = kept_of(half_life), float(values.mean()) if len(values) else 0.0
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
        black_terms=zeros(3, LANES),
        strike_grid=zeros(4, LANES),
        swap=zeros(N_TENORS, LANES),
        marked=zeros(*book.variance.shape),
        shares=zeros(*book.pillar.shape),
        term=zeros(2, LANES),
        walks=zeros(2, 5, LANES),
        steps=zeros(2, LANES),
        start=zeros(LANES),
    )
