import math

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteries.backend import compiled, to_numpy
from batteries.properties import cases
from mtvision.ops.keypoint_maps import draw_keypoint_maps, find_keypoint_peaks

SIZE = (7, 9)


def test_gaussians_by_hand():
    points = np.array([[[2.3, 4.0], [-1.0, 0.5]]], "float32")
    maps = to_numpy(draw_keypoint_maps(points, SIZE, sigma=1.5))
    assert maps.shape == (1, *SIZE, 2)
    for k, (x, y) in enumerate(points[0]):
        for row, column in np.ndindex(*SIZE):
            away = (row - y) ** 2 + (column - x) ** 2
            expected = math.exp(-away / (2 * 1.5**2))
            assert maps[0, row, column, k] == pytest.approx(expected, abs=1e-6)


@cases(40)
@given(
    # From border to border of the map.
    x=st.floats(-0.5, SIZE[1] - 0.5, allow_subnormal=False),
    y=st.floats(-0.5, SIZE[0] - 0.5, allow_subnormal=False),
    sigma=st.floats(0.8, 4.0),
)
def test_what_is_drawn_is_found_wherever_it_lies(x, y, sigma):
    maps = draw_keypoint_maps([[[x, y]]], SIZE, sigma=sigma)
    points, _ = find_keypoint_peaks(maps)
    np.testing.assert_allclose(to_numpy(points)[0, 0], [x, y], atol=2e-3)


def test_values_are_those_of_the_highest_cells():
    maps = np.random.default_rng(0).normal(size=(3, *SIZE, 4))
    points, values = map(to_numpy, find_keypoint_peaks(maps))
    np.testing.assert_allclose(values, maps.max(axis=(1, 2)), rtol=1e-6)
    for sample, k in np.ndindex(3, 4):
        plane = maps[sample, :, :, k]
        y, x = np.unravel_index(plane.argmax(), SIZE)
        assert np.abs(points[sample, k] - [x, y]).max() <= 0.5


@pytest.mark.parametrize("size", [(1, 1), (1, 5), (2, 2), (5, 2)])
def test_small_flat_and_empty_maps(size):
    for value in (0.0, 1.0, -3.0):
        points, values = find_keypoint_peaks(np.full((1, *size, 2), value))
        assert np.isfinite(to_numpy(points)).all()
        assert (to_numpy(points) == 0).all()
        assert (to_numpy(values) == value).all()


def test_compiled():
    maps = np.random.default_rng(1).random((2, *SIZE, 3)).astype("float32")
    expected = to_numpy(find_keypoint_peaks(maps)[0])
    found = compiled(lambda x: find_keypoint_peaks(x)[0])
    found = to_numpy(found(keras.ops.convert_to_tensor(maps)))
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_wrong_rank():
    with pytest.raises(ValueError, match=r"maps \(B, h, w, K\)"):
        find_keypoint_peaks(np.zeros((7, 9, 1)))
