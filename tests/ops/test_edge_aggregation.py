import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteries.backend import compiled, to_numpy
from batteries.properties import cases
from mtvision.ops.edge_aggregation import aggregate_edges


def climb(row):
    """The loop of the published code."""
    sums = row.copy()
    for i in range(1, len(row)):
        if row[i] >= row[i - 1]:
            sums[i] += sums[i - 1]
    return sums


@cases(30)
@given(
    length=st.integers(1, 20),
    seed=st.integers(0, 1000),
    levels=st.integers(1, 9),
)
def test_is_the_published_loop(length, seed, levels):
    # Few levels, so that neighbours are often equal.
    rng = np.random.default_rng(seed)
    row = rng.integers(0, levels, length) / levels
    expected = row + 0.2 * (climb(row) + climb(row[::-1])[::-1] - 2 * row)
    heat = row.reshape(1, 1, -1, 1)
    across = to_numpy(aggregate_edges(heat, axis=2, weight=0.2))
    np.testing.assert_allclose(across[0, 0, :, 0], expected, rtol=1e-5)
    heat = row.reshape(1, -1, 1, 1)
    down = to_numpy(aggregate_edges(heat, axis=1, weight=0.2))
    np.testing.assert_allclose(down[0, :, 0, 0], expected, rtol=1e-5)


def test_lines_and_channels_do_not_mix():
    rng = np.random.default_rng(0)
    heat = rng.uniform(size=(2, 5, 7, 3)).astype("float32")
    run = compiled(lambda x: aggregate_edges(x, axis=1))
    whole = to_numpy(run(keras.ops.convert_to_tensor(heat)))
    part = to_numpy(aggregate_edges(heat[1:, :, 3:4, 2:], axis=1))
    np.testing.assert_allclose(whole[1:, :, 3:4, 2:], part, rtol=1e-5)


def test_an_unknown_axis_is_an_error():
    with pytest.raises(ValueError, match="axis as 1 or 2"):
        aggregate_edges(np.zeros((1, 2, 2, 1)), axis=3)
