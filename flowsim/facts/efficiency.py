"""Facts of efficiency: how much of the next day is known at the close, and what the best rule on past prices earns.

The next return, in deviations of the 21 returns before it, is regressed on what is known at the close: returns of one
day to three months, falls and rises beyond two deviations and their age, the fall from the last high, how volatility
stands, and, where indices are read too, the VIX. The regression is cross-fitted: what is said of a path was learned
from the other half of the paths, and of a single history from its other four fifths. So noise that is learned counts
against the fit, and in a market without memory the share explained lies below zero.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from flowsim.clock.year import SESSIONS_PER_YEAR
from flowsim.facts import moments
from flowsim.facts.after_shocks import MONTH, deviation, move
from flowsim.facts.closes import Closes, ahead, behind, sum_until
from flowsim.facts.facts import Fact
from flowsim.files.arrays import Flags, Floats

QUARTER = 63
SHOCK = 2.0
"""Deviations beyond which a move is one that rules may answer in their own way."""
LARGEST = 10.0
"""What a rule sees is cut here, so that no single day decides a fit."""
RIDGE_DAYS = 100.0
"""Every coefficient is drawn to zero as by so many days on which nothing followed."""
STRETCHES = 5
"""A single history is cut into so many stretches, each of which is foretold from the others."""


def known_share_pct(closes: Closes, *, with_vix: bool) -> Floats:
    """Return what share of the variance of the next scaled return the fit foretells, in percent; below 0 for none."""
    foretold, following, _ = _foretold(closes, with_vix)
    missed, around = closes.means((following - foretold) ** 2, (following - moments.unweighted_mean(following)) ** 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        return 100.0 * (1.0 - missed / around)


def best_rule_sharpe(closes: Closes) -> Floats:
    """Return the Sharpe ratio a year of holding the next scaled return by what past returns foretell of it.

    The position is the forecast less its mean, so that being long on average earns nothing; trading costs nothing.
    """
    foretold, following, usual = _foretold(closes, with_vix=False)
    gain = (foretold - usual) * following
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.sqrt(SESSIONS_PER_YEAR) * moments.mean(closes, gain) / moments.std(closes, gain)


def _foretold(closes: Closes, with_vix: bool) -> tuple[Floats, Floats, Floats]:
    """Return the forecast of the next scaled return, that return, and the forecast's mean, each (..., days)."""
    returns = np.atleast_2d(closes.returns_pct)
    series = list(_of_past_returns(returns))
    if with_vix:
        series += _of_vix(returns, np.atleast_2d(closes.indices["VIX"]))
    following = ahead(returns, 1) / deviation(returns)
    foretold, usual = cross_fitted(np.stack(series, axis=-1).clip(-LARGEST, LARGEST), following)
    shape = closes.returns_pct.shape
    return foretold.reshape(shape), following.reshape(shape), usual.reshape(shape)


def cross_fitted(known: Floats, following: Floats) -> tuple[Floats, Floats]:
    """Return a linear forecast of each day, learned elsewhere, and the mean of what it was learned from.

    Parameters
    ----------
    known : array of shape (paths, days, features)
    following : array of shape (paths, days)
        What is foretold; nan where it is not known.
    """
    constant = np.ones((*following.shape, 1))
    x = np.concatenate([constant, known], axis=-1)
    there = np.isfinite(x.sum(axis=-1))
    learned = there & np.isfinite(following)
    x, y = np.where(there[..., None], x, 0.0), np.where(learned, following, 0.0)
    foretold, usual = np.full(following.shape, np.nan), np.full(following.shape, np.nan)
    for fold in _folds(*following.shape):
        others = x[learned & ~fold]
        if len(others) > x.shape[-1]:
            answer = y[learned & ~fold]
            shrunk = RIDGE_DAYS * np.diag((others.std(axis=0)) ** 2)
            # Not by matrix products: they wait for all their threads, on a busy machine for seconds.
            squares = np.einsum("ni,nj->ij", others, others) + shrunk
            weights = np.linalg.lstsq(squares, np.einsum("ni,n->i", others, answer), rcond=None)[0]
            told = fold & there
            foretold[told], usual[told] = np.einsum("ni,i->n", x[told], weights), answer.mean()
    return foretold, usual


def _folds(n_paths: int, n_days: int) -> Iterator[Flags]:
    """Yield flags (paths, days) of what is foretold together: halves of the paths, or stretches of a single one."""
    if n_paths > 1:
        number = np.broadcast_to(np.arange(n_paths)[:, None] % 2, (n_paths, n_days))
    else:
        number = np.arange(n_days)[None] * STRETCHES // n_days
    for fold in range(int(number.max()) + 1):
        yield np.equal(number, fold)


def _of_past_returns(returns: Floats) -> Iterator[Floats]:
    """Yield what past returns say at each close, in deviations of a day, (paths, days) each."""
    scale, moved = deviation(returns), move(returns)
    for lag in range(5):
        yield behind(returns, lag) / scale if lag else returns / scale
    for days in (5, MONTH, QUARTER):
        yield sum_until(returns, days) / (scale * np.sqrt(days))
    moved = np.where(np.isfinite(moved), moved, 0.0)
    for shock in (np.minimum(moved + SHOCK, 0.0), np.maximum(moved - SHOCK, 0.0)):
        yield shock
        for first, last in ((1, 1), (2, 5), (6, MONTH)):
            yield behind(sum_until(shock, last - first + 1), first)
    yield np.minimum(moved + SHOCK + 1.0, 0.0)
    yield fall_from_high(returns) / (scale * np.sqrt(MONTH))
    heat = 0.5 * np.log(sum_until(returns**2, 5).clip(1e-12) / 5.0) - np.log(scale)
    slow = np.log(scale) - 0.5 * np.log(sum_until(returns**2, QUARTER).clip(1e-12) / QUARTER)
    yield from (heat, slow, slow * returns / scale)


def _of_vix(returns: Floats, vix: Floats) -> list[Floats]:
    """Return what the VIX says: what it asks above realized volatility, and its change in a day and in a week."""
    level = np.log(vix)
    asked = level - np.log(deviation(returns) * np.sqrt(SESSIONS_PER_YEAR))
    return [asked, 10.0 * (level - behind(level, 1)), 5.0 * (level - behind(level, 5))]


def fall_from_high(returns: Floats) -> Floats:
    """Return how far the log price stands below its highest close of a quarter, in percent (not positive)."""
    price = np.cumsum(returns, axis=-1)
    high = np.full(price.shape, np.nan)
    if price.shape[-1] >= QUARTER:
        windows = np.lib.stride_tricks.sliding_window_view(price, QUARTER, axis=-1)
        high[..., QUARTER - 1 :] = windows.max(axis=-1)
    return price - high


def facts() -> list[Fact]:
    """Return the facts, in the order of a printed table."""
    add = partial(Fact, group="efficiency", reach_days=QUARTER + MONTH)
    return [
        add("next day known from past returns (% of variance)", compute=partial(known_share_pct, with_vix=False)),
        add(
            "next day known from past returns and VIX (% of variance)",
            compute=partial(known_share_pct, with_vix=True),
            indices=("VIX",),
        ),
        add("Sharpe ratio of the best rule on past returns", compute=best_rule_sharpe),
    ]
