import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtvision.data.mixing.schedule import (
    draw_rows,
    even_schedule,
    tempered_shares,
)

SIZES = st.lists(st.integers(1, 10**6), min_size=1, max_size=6)


@given(
    st.lists(st.floats(1e-3, 1.0), min_size=1, max_size=6), st.integers(1, 200)
)
def test_every_beginning_has_its_shares(weights, length):
    shares = np.array(weights) / np.sum(weights)
    order = even_schedule(shares, length)
    counts = np.cumsum(order[:, None] == np.arange(len(shares)), axis=0)
    expected = shares * np.arange(1, length + 1)[:, None]
    assert np.abs(counts - expected).max() < 1


@pytest.mark.parametrize("counts", [[4, 2, 2], [5, 2, 1], [1, 1], [7], [1, 6]])
def test_batches_have_whole_shares(counts):
    size = sum(counts)
    order = even_schedule(np.array(counts) / size, 20 * size)
    for batch in order.reshape(20, size):
        assert np.bincount(batch, minlength=len(counts)).tolist() == counts


def test_a_share_of_zero_never_comes():
    assert 1 not in even_schedule(np.array([0.5, 0.0, 0.5]), 50)


@given(SIZES)
def test_the_limits_of_temperature(sizes):
    sizes = np.array(sizes, "float64")
    np.testing.assert_allclose(tempered_shares(sizes, 1), sizes / sizes.sum())
    even = tempered_shares(sizes, float("inf"))
    np.testing.assert_allclose(even, 1 / len(sizes))


@given(SIZES, st.floats(0.5, 20))
def test_temperature_is_a_power(sizes, temperature):
    powers = np.array(sizes, "float64") ** (1 / temperature)
    np.testing.assert_allclose(
        tempered_shares(sizes, temperature), powers / powers.sum(), rtol=1e-6
    )


@given(st.integers(1, 30), st.integers(0, 40), st.integers(0, 5))
def test_every_row_comes_before_any_comes_again(size, count, seed):
    drawn = [draw_rows(size, count, [seed], epoch) for epoch in range(4)]
    rows = np.concatenate(drawn)
    for start in range(0, len(rows) - size + 1, size):
        cycle = rows[start : start + size]
        assert sorted(cycle.tolist()) == list(range(size))
    again = draw_rows(size, count, [seed], 3)
    np.testing.assert_array_equal(again, drawn[3])


def test_cycles_and_seeds_differ():
    first, second = (draw_rows(50, 50, [0, 1], epoch) for epoch in (0, 1))
    assert first.tolist() != second.tolist()
    assert first.tolist() != draw_rows(50, 50, [0, 2], 0).tolist()
