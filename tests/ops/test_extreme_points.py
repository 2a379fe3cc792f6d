import keras
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from batteries.backend import compiled, to_numpy
from batteries.properties import cases
from mtvision.ops.extreme_points import BOTTOM, LEFT, RIGHT, TOP, extreme_points


@cases(30)
@given(
    mask=hnp.arrays(
        "bool", hnp.array_shapes(min_dims=2, max_dims=2, max_side=9)
    )
)
def test_the_points_span_the_box_of_the_mask(mask):
    points, found = to_numpy(extreme_points(mask))
    assert found == mask.any()
    if not found:
        assert (points == 0).all()
        return
    y, x = np.nonzero(mask)
    assert points[LEFT, 0] == x.min()
    assert points[RIGHT, 0] == x.max() + 1
    assert points[TOP, 1] == y.min()
    assert points[BOTTOM, 1] == y.max() + 1


@cases(30)
@given(seed=st.integers(0, 1000))
def test_middle_of_the_first_run(seed):
    rng = np.random.default_rng(seed)
    mask = rng.uniform(size=(7, 7)) < 0.5
    mask[3, 3] = True
    points, _ = to_numpy(extreme_points(mask))
    row = mask[int(points[TOP, 1])]
    start = np.argmax(row)
    end = start + np.argmin([*row[start:], False])
    assert points[TOP, 0] == (start + end) / 2
    # The same mask on its side: the top becomes the left.
    turned, _ = to_numpy(extreme_points(mask.T))
    np.testing.assert_array_equal(turned[LEFT], points[TOP][::-1])
    np.testing.assert_array_equal(turned[BOTTOM], points[RIGHT][::-1])


def test_many_masks_at_once():
    masks = np.zeros((2, 3, 6, 8), "uint8")
    masks[0, 0, 1:4, 2:7] = 1
    masks[1, 2, 0, 0] = 1
    run = compiled(extreme_points)
    points, found = to_numpy(run(keras.ops.convert_to_tensor(masks)))
    assert points.shape == (2, 3, 4, 2)
    assert found.tolist() == [[True, False, False], [False, False, True]]
    square = [[4.5, 1], [2, 2.5], [4.5, 4], [7, 2.5]]
    np.testing.assert_array_equal(points[0, 0], square)
    pixel = [[0.5, 0], [0, 0.5], [0.5, 1], [1, 0.5]]
    np.testing.assert_array_equal(points[1, 2], pixel)
