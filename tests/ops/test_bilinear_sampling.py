import numpy as np
import pytest
from keras import ops

from batteries.backend import compiled, gradient, to_numpy
from mtvision.ops import roi_align, sample_bilinear

RNG = np.random.default_rng(0)
MAPS = RNG.normal(size=(2, 8, 9, 3)).astype("float32")


def test_the_worked_example():
    points = np.full((2, 1, 2), (6.5, 5.8), "float32")
    expected = (
        0.5 * 0.2 * MAPS[:, 5, 6]
        + 0.5 * 0.2 * MAPS[:, 5, 7]
        + 0.5 * 0.8 * MAPS[:, 6, 6]
        + 0.5 * 0.8 * MAPS[:, 6, 7]
    )
    found = to_numpy(sample_bilinear(MAPS, points))[:, 0]
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_it_is_a_bin_of_roi_align_with_one_sample():
    points = RNG.uniform(-2, 11, (2, 50, 2)).astype("float32")
    boxes = np.concatenate([points, points + 1], -1)
    expected = to_numpy(roi_align(MAPS, boxes, 1, sampling_ratio=1))
    found = to_numpy(sample_bilinear(MAPS, points))
    np.testing.assert_allclose(found, expected[:, :, 0, 0], atol=2e-5)


def test_gradients_and_compilation():
    points = np.array([[[2.25, 3.5]], [[0.0, 7.0]]], "float32")
    slope = gradient(lambda x: sample_bilinear(x, points), MAPS)
    np.testing.assert_allclose(slope[0].sum((0, 1)), 1.0, rtol=1e-6)
    np.testing.assert_allclose(slope[0, 3, 2], 0.75 * 0.5)
    maps = ops.convert_to_tensor(MAPS)
    slope = gradient(lambda p: sample_bilinear(maps, p)[:1], points)
    expected = np.mean(MAPS[0, 3:5, 3] - MAPS[0, 3:5, 2], 0).sum()
    np.testing.assert_allclose(slope[0, 0, 0], expected, rtol=1e-4)
    run = compiled(sample_bilinear)
    np.testing.assert_allclose(
        to_numpy(run(maps, ops.convert_to_tensor(points))),
        to_numpy(sample_bilinear(MAPS, points)),
        rtol=1e-6,
    )


def test_bad_input():
    with pytest.raises(ValueError, match="rank 4"):
        sample_bilinear(MAPS[0], np.zeros((1, 1, 2)))
    with pytest.raises(ValueError, match="x and y"):
        sample_bilinear(MAPS, np.zeros((2, 1, 3)))
