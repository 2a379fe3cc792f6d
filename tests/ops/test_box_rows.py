import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteries.backend import to_numpy
from batteries.properties import cases
from mtvision.ops.box_rows import (
    count_maps,
    count_values,
    join_region,
    split_region,
)

RANDOM = np.random.default_rng(0)


@cases(20)
@given(st.lists(st.integers(1, 5), min_size=1, max_size=3))
def test_rows_come_apart_as_they_were_joined(shape):
    values = RANDOM.normal(size=(2, 3, *shape)).astype("float32")
    regions = RANDOM.uniform(0, 9, (2, 3, 4)).astype("float32")
    rows = join_region(values, regions)
    assert to_numpy(rows).dtype == np.float32
    assert count_values(rows) == shape[0]
    found = to_numpy(split_region(rows))
    np.testing.assert_array_equal(found[0], values)
    np.testing.assert_array_equal(found[1], regions)


@pytest.mark.parametrize(
    "shape",
    [(1, 3, 6276), (1, 3, 28, 28, 2), (1, 3, 30, 28, 2), (1, 3, 0, 0, 2)],
)
def test_other_shapes_are_no_maps(shape):
    with pytest.raises(ValueError, match="a loss expects rows, received"):
        count_maps(np.zeros(shape), "a loss expects rows")
