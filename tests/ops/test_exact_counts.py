import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batteries.backend import compiled, to_numpy
from mtvision.ops import exact_counts
from mtvision.ops.exact_counts import (
    add_counts,
    cell_sums,
    total_counts,
    weighted_cells,
)

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("values", [None, "weighted"])
def test_sums_of_cells(values):
    cells = RNG.integers(0, 6, 50).astype("int32")
    if values:
        values = RNG.uniform(size=50).astype("float32")
    expected = np.bincount(cells, values, minlength=8)
    for function in (cell_sums, exact_counts._cell_sums):
        found = to_numpy(function(*_tensors(cells), 8, *_tensors(values)))
        assert found.dtype == (np.int32 if values is None else np.float32)
        np.testing.assert_allclose(found, expected, rtol=1e-6)


def _tensors(x):
    return [] if x is None else [keras.ops.convert_to_tensor(x)]


def test_totals_beyond_int32():
    add = compiled(lambda t, c, r: add_counts(t, c, r))
    totals, expected = (np.int32(0), np.int32(0), np.float32(0)), 0.0
    steps = [
        (2**31 - 2**25 - 1, 0.5),
        (2**24 - 1, 0.25),
        (1, 2.0**40),
        (7, 0.5),
    ]
    for count, rest in steps:
        totals = add(totals, np.int32(count), np.float32(rest))
        expected += count + rest
        parts = to_numpy(totals)
        assert 0 <= parts[1] < 2**24
        assert 0 <= parts[2] < 1
        assert total_counts(*parts[:2], parts[2].astype("float64")) == expected
    assert float(total_counts(*totals)) == np.float32(expected)


@given(
    st.lists(
        st.tuples(st.integers(0, 2**31 - 2**25 - 1), st.integers(0, 2**24)),
        max_size=5,
    )
)
@settings(max_examples=30, deadline=None)
def test_totals_are_those_of_whole_numbers(steps):
    totals = (0, 0, 0.0)
    for count, quarters in steps:
        totals = to_numpy(add_counts(totals, count, quarters / 4))
    total = total_counts(*(np.float64(x) for x in totals))
    assert total == sum(a + b / 4 for a, b in steps)


def test_cells_count_beyond_what_float32_can():
    number = 2**24 + 3
    cells, kept = np.zeros((1, number), "int32"), np.ones((1, number), "bool")
    counts, rest = weighted_cells(cells, kept, 1, sample_weight=[1.0])
    assert int(counts[0]) == number
    assert float(rest[0]) == 0
