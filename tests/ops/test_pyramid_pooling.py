import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteries.backend import gradient, to_numpy
from batteries.properties import cases
from mtvision.ops.pyramid_pooling import spatial_pyramid_pool, whole_map
from mtvision.ops.roi_pool import roi_pool


@cases(30)
@given(
    seed=st.integers(0, 10**6),
    levels=st.sampled_from([(1, 2, 3, 6), (6, 1), (4, 3, 2, 1), (5,), (8, 2)]),
)
def test_every_level_is_the_pool_of_that_size(seed, levels):
    """Negative features, boxes beyond the map and without area among them."""
    random = np.random.default_rng(seed)
    features = random.normal(-1, 1, (2, 9, 11, 3)).astype("float32")
    boxes = random.uniform(-30, 120, (2, 6, 4)).astype("float32")
    boxes[:, :4, 2:] = boxes[:, :4, :2] + random.uniform(0, 90, (2, 4, 2))
    boxes[0, 0], boxes[1, 0] = 0, np.nan
    pooled = to_numpy(
        spatial_pyramid_pool(features, boxes, levels, spatial_scale=1 / 8)
    )
    each = [
        to_numpy(roi_pool(features, boxes, level, spatial_scale=1 / 8))
        for level in levels
    ]
    each = [x.reshape(2, 6, -1, 3) for x in each]
    np.testing.assert_array_equal(pooled, np.concatenate(each, axis=2))


@cases(20)
@given(
    height=st.integers(1, 13),
    width=st.integers(1, 13),
    seed=st.integers(0, 10**6),
)
def test_the_windows_of_the_paper(height, width, seed):
    """From floor(i a / n) to ceil((i + 1) a / n), of a pixels and n bins."""
    random = np.random.default_rng(seed)
    features = random.normal(size=(2, height, width, 3)).astype("float32")
    pooled = spatial_pyramid_pool(features, whole_map(features), (1, 2, 3, 6))
    expected = [
        features[:, rows, columns].max(axis=(1, 2))
        for n in (1, 2, 3, 6)
        for rows in windows(height, n)
        for columns in windows(width, n)
    ]
    np.testing.assert_array_equal(
        to_numpy(pooled)[:, 0], np.stack(expected, axis=1)
    )


def windows(pixels, bins):
    return [
        slice(i * pixels // bins, -(-(i + 1) * pixels // bins))
        for i in range(bins)
    ]


def test_no_boxes_at_all():
    features = np.ones((2, 5, 7, 3), "float32")
    boxes = np.zeros((2, 0, 4), "float32")
    pooled = to_numpy(spatial_pyramid_pool(features, boxes, (1, 2)))
    assert pooled.shape == (2, 0, 5, 3)


def test_the_slope_of_each_bin_goes_to_its_maximum():
    features = np.random.default_rng(0).permutation(64).reshape(1, 8, 8, 1)

    def total(x):
        return keras.ops.sum(spatial_pyramid_pool(x, whole_map(x), (1, 2, 4)))

    slopes = gradient(total, features)[0, ..., 0]
    np.testing.assert_allclose(slopes.sum(), 21, rtol=1e-6)
    # The highest of all is that of a bin of every level.
    np.testing.assert_allclose(slopes.ravel()[features.argmax()], 3)


@pytest.mark.parametrize("levels", [(), 3, (1, 0), (1.5,)])
def test_what_cannot_be_is_said(levels):
    features = np.zeros((1, 8, 8, 3), "float32")
    with pytest.raises(ValueError, match="levels"):
        spatial_pyramid_pool(features, whole_map(features), levels)
