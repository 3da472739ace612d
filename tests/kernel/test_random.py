"""Random numbers: the published generator, the documented addresses, and the distributions they claim.

Statistical tests run on fixed seeds, so they either always pass or never; each states the rate at which a sound
generator would fail it on a seed that nobody has tried.
"""

import itertools

import numpy as np
import pytest
from helpers.compiled import draws, philox_words
from twin import plain_random

from flowsim.kernel.random import stream_key

# kat_vectors of Random123 1.14 (Salmon, Moraes, Dror and Shaw), lines "philox4x32 10".
KNOWN_ANSWERS = [
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]
A_MILLIONTH = 1e-6
"""False-alarm rate of each statistical test here, unless it says otherwise."""


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN_ANSWERS)
def test_philox_gives_the_published_answers(
    counter: tuple[int, ...], key: tuple[int, ...], answer: tuple[int, ...]
) -> None:
    assert plain_random.philox(counter, key) == answer
    assert tuple(philox_words(np.array(counter, np.uint64), np.array(key, np.uint64)).tolist()) == answer


def test_any_address_gives_the_draws_of_the_plain_generator() -> None:
    paths, steps, agents = (0, 1, 2, 7, 2**31 - 1), (0, 13, 378_000), (0, 3, 9_999)
    key = stream_key(3, "population:trend")
    assert key == plain_random.stream_key(3, "population:trend")
    for draw, mirror in ((0, 0), (2, 0), (1, 1)):
        uniform, normal = draws(key, paths, steps, agents, draw, mirror)
        plain = plain_random.Stream(key, bool(mirror))
        for (i, path), (j, step), (k, agent) in itertools.product(*map(enumerate, (paths, steps, agents))):
            assert tuple(uniform[i, j, k]) == plain.uniforms(path, step, agent, draw)
            assert tuple(normal[i, j, k]) == pytest.approx(plain.normals(path, step, agent, draw), rel=1e-13, abs=1e-15)


def test_normals_are_normal_and_uniforms_uniform() -> None:
    from scipy.stats import kstest

    uniform, normal = draws(stream_key(1, "market:news"), np.arange(500), np.arange(400))
    assert kstest(normal.ravel(), "norm").pvalue > A_MILLIONTH
    assert kstest(uniform.ravel(), "uniform").pvalue > A_MILLIONTH


@pytest.mark.parametrize("axis", ["path", "step", "agent", "one draw"])
def test_neighbors_on_every_axis_are_uncorrelated(axis: str) -> None:
    _, normal = draws(stream_key(1, "population:noise"), np.arange(300), np.arange(100), np.arange(10))
    position = ["path", "step", "agent", "one draw"].index(axis)
    lagged = np.moveaxis(normal, position, 0)
    first, second = lagged[:-1].ravel(), lagged[1:].ravel()
    # 1.0 / sqrt(n) is the standard error of a correlation; 4.89 of them are exceeded one time in a million.
    assert abs(np.corrcoef(first, second)[0, 1]) < 4.89 / np.sqrt(first.size)


def test_streams_of_different_names_seeds_and_draws_are_uncorrelated() -> None:
    addresses = [(stream_key(seed, name), draw) for seed in (1, 2) for name in ("a", "b") for draw in (0, 1)]
    columns = [draws(key, np.arange(300), np.arange(100), draw=draw)[1][..., 0].ravel() for key, draw in addresses]
    correlation = np.corrcoef(columns) - np.eye(len(columns))
    # 28 pairs at one in a million each: 3 in 100,000.
    assert np.abs(correlation).max() < 4.89 / np.sqrt(columns[0].size)


def test_uniforms_never_reach_the_ends_even_when_every_bit_is_the_same() -> None:
    lowest, highest = 0.5 / 2**52, (2**52 - 0.5) / 2**52
    assert lowest > 0.0
    assert highest < 1.0
    uniform, _ = draws(stream_key(5, "ends"), np.arange(1000), np.arange(1000))
    assert lowest <= uniform.min()
    assert uniform.max() <= highest


def test_uniforms_stand_at_the_middle_of_cells_of_52_bits() -> None:
    uniform, _ = draws(stream_key(5, "cells"), np.arange(100), np.arange(10))
    cells = uniform * 2**52 - 0.5
    np.testing.assert_array_equal(cells, np.round(cells))


def test_an_odd_path_mirrors_the_normals_of_the_even_path_before_it_and_no_other() -> None:
    key = stream_key(1, "market:news")
    _, mirrored = draws(key, np.arange(64), np.arange(20), mirror=1)
    _, alone = draws(key, np.arange(32), np.arange(20), mirror=0)
    np.testing.assert_array_equal(mirrored[1::2], -mirrored[::2])
    np.testing.assert_array_equal(mirrored[::2], alone)


def test_antithetic_pairs_cancel_in_the_mean() -> None:
    _, normal = draws(stream_key(1, "market:news"), np.arange(64), np.arange(20), mirror=1)
    assert normal.sum(axis=0) == pytest.approx(0.0, abs=1e-13)
