"""A bundle of arrays is one row of words to compiled code: what it reads from there is what plain Python reads."""

from __future__ import annotations

import ctypes
import gc
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowsim.kernel.bundle import WORDS, bundle_kernel, pack
from flowsim.kernel.layout import Array, Layout, Number, layout_of
from flowsim.kernel.marks import PLAIN
from flowsim.kernel.numba_backend.machine_code import Shape

SHAPE = Shape(ctypes.c_double, (WORDS, ctypes.c_int64, ctypes.c_int64, ctypes.c_int64))


class Inner(NamedTuple):
    count: int
    cube: np.ndarray
    keys: np.ndarray


class Outer(NamedTuple):
    scale: float
    row: np.ndarray
    inner: Inner
    table: np.ndarray
    shift: int


def add_up(bundle, i, j, k):
    inner = bundle.inner
    bundle.row[i] += bundle.scale
    lengths = inner.cube.size + 10.0 * inner.cube.shape[1] + bundle.table.shape[0]
    row = bundle.table[j]
    keys = float(inner.keys[0] & np.uint64(0xFF))
    return bundle.row[i] + inner.cube[i, j, k] + row[k] * inner.count + lengths + keys - bundle.shift


def a_bundle(draw_from, lengths=(2, 3, 4)):
    numbers = np.random.default_rng(draw_from)
    first, second, third = lengths
    inner = Inner(
        count=int(numbers.integers(-9, 9)),
        cube=numbers.normal(size=lengths),
        keys=numbers.integers(0, 1 << 60, 3).astype(np.uint64),
    )
    return Outer(
        scale=float(numbers.normal()),
        row=numbers.normal(size=first),
        inner=inner,
        table=numbers.normal(size=(second, third)),
        shift=int(numbers.integers(-9, 9)),
    )


@pytest.fixture(autouse=True)
def empty_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("FLOWSIM_CACHE_DIR", str(tmp_path))


def called(kernel, bundle, *places):
    return kernel(bundle, *places) if PLAIN else kernel.call(pack(bundle).ctypes.data_as(WORDS), *places)


def test_the_words_of_a_small_bundle():
    bundle = Outer(0.5, np.zeros(2), Inner(7, np.zeros((1, 2, 3)), np.zeros(4, np.uint64)), np.zeros((5, 6)), -8)
    words = pack(bundle).tolist()
    at = [array.ctypes.data for array in (bundle.row, bundle.inner.cube, bundle.inner.keys, bundle.table)]
    half = int(np.float64(0.5).view(np.int64))
    assert words == [half, at[0], 2, 7, at[1], 1, 2, 3, at[2], 4, at[3], 5, 6, -8]
    layout = layout_of(bundle)
    assert layout.n_words == len(words)
    assert [layout.find(name)[0] for name in Outer._fields] == [0, 1, 3, 10, 13]
    inner = (("count", Number("integer")), ("cube", Array("float64", 3)), ("keys", Array("uint64", 1)))
    assert layout.find("inner") == (3, Layout("Inner", inner))
    assert layout.find("outer") is None


def test_an_array_with_gaps_is_refused():
    with pytest.raises(ValueError, match=r"shape \(2,\) is not C-contiguous"):
        pack(a_bundle(1)._replace(row=np.zeros(4)[::2]))


def test_words_keep_the_arrays_alive_whose_places_they_hold():
    bundle = a_bundle(1)
    words, row, cube = pack(bundle), weakref.ref(bundle.row), weakref.ref(bundle.inner.cube)
    del bundle
    gc.collect()
    assert row() is not None
    assert cube() is not None
    del words
    gc.collect()
    assert row() is None


@pytest.mark.skipif(PLAIN, reason="nothing is compiled with NUMBA_DISABLE_JIT=1")
def test_threads_that_ask_for_the_same_kernel_at_once_get_one(monkeypatch):
    loads = []

    def load_slowly(name, shape, compile_it):
        loads.append(name)
        time.sleep(0.05)
        return object()

    monkeypatch.setattr("flowsim.kernel.bundle.kept_or_compiled", load_slowly)
    together = threading.Barrier(4)

    def ask(_):
        together.wait()
        return bundle_kernel("asked_for_at_once", add_up, a_bundle(0), SHAPE)

    with ThreadPoolExecutor(4) as pool:
        kernels = set(pool.map(ask, range(4)))
    assert (len(kernels), len(loads)) == (1, 1)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 1000), lengths=st.tuples(*[st.integers(1, 5)] * 3), data=st.data())
def test_compiled_code_reads_what_python_reads(seed, lengths, data):
    places = [data.draw(st.integers(0, length - 1)) for length in lengths]
    kernel = bundle_kernel("add_up", add_up, a_bundle(0), SHAPE)
    compiled, plain = a_bundle(seed, lengths), a_bundle(seed, lengths)
    assert called(kernel, compiled, *places) == add_up(plain, *places)
    assert np.array_equal(compiled.row, plain.row)


@pytest.mark.skipif(PLAIN, reason="nothing is compiled with NUMBA_DISABLE_JIT=1")
def test_a_field_that_a_bundle_lacks_is_named():
    from numba.core.errors import TypingError

    def asks(bundle, i, j, k):
        return bundle.scale + bundle.inner.weight

    with pytest.raises(TypingError, match=r"Unknown attribute 'weight' of type Inner"):
        bundle_kernel("asks", asks, a_bundle(0), SHAPE)
