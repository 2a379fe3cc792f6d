from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keras import ops

from batteries.backend import compiled, gradient, to_numpy
from batteries.properties import cases
from mtvision.ops.keypoint_targets import keypoint_targets, keypoints_of_maps

# torchvision 0.28.0, keypoints_to_heatmap and heatmaps_to_keypoints.
FOLDER = Path(__file__).parents[1] / "vectors"
VECTORS = dict(np.load(FOLDER / "region_targets.npz"))


@pytest.mark.parametrize(("case", "size"), [("kp", 14), ("kp2", 56)])
def test_places_equal_torchvision(case, size):
    points, regions = VECTORS[f"{case}_keypoints"], VECTORS[f"{case}_rois"]
    expected = VECTORS[f"{case}_heatmap_idx{size}"], VECTORS[f"{case}_valid"]
    # Objects in another order than the regions that are matched with them.
    matches = np.random.default_rng(0).permutation(len(points))
    run = compiled(lambda *given: keypoint_targets(*given, size))
    shuffled = np.empty_like(points)
    shuffled[matches] = points
    places, valid = run(shuffled[None], regions[None], matches[None])
    np.testing.assert_array_equal(to_numpy(places)[0], expected[0])
    np.testing.assert_array_equal(to_numpy(valid)[0], expected[1] > 0)


@pytest.mark.parametrize("case", ["kp", "kp2"])
def test_peaks_equal_torchvision(case):
    maps, regions = VECTORS[f"{case}_maps"], VECTORS[f"{case}_rois"]
    maps = np.moveaxis(maps, 1, -1)
    run = compiled(lambda m, r: keypoints_of_maps(m, r, max_side=75))
    points, scores = run(maps[None], regions[None])
    np.testing.assert_allclose(
        to_numpy(points)[0], VECTORS[f"{case}_xy"], atol=1e-4
    )
    np.testing.assert_allclose(
        to_numpy(scores)[0], VECTORS[f"{case}_scores"], atol=1e-4
    )


def test_each_image_has_its_own():
    random = np.random.default_rng(0)
    maps = random.normal(size=(2, 2, 5, 5, 3)).astype("float32")
    regions = np.float32([[[0, 0, 20, 9], [3, 3, 9, 9]]] * 2)
    regions[1] += 7
    points, scores = keypoints_of_maps(maps, regions)
    for image in range(2):
        alone = keypoints_of_maps(maps[image][None], regions[image][None])
        np.testing.assert_allclose(
            to_numpy(points)[image], to_numpy(alone[0])[0], rtol=1e-5
        )
        np.testing.assert_allclose(
            to_numpy(scores)[image], to_numpy(alone[1])[0], rtol=1e-5
        )


@cases(15)
@given(
    x=st.floats(0, 1),
    y=st.floats(0, 1),
    width=st.integers(14, 90),
    height=st.integers(14, 90),
)
def test_there_and_back(x, y, width, height):
    """A point comes back to within a cell and a pixel.

    In a region of fewer pixels than cells, a peak of one cell may lie between
    the pixels, and be lost.
    """
    size = 14
    region = np.float32([[[5, 7, 5 + width, 7 + height]]])
    point = np.float32([[[[5 + x * width, 7 + y * height, 1]]]])
    places, valid = keypoint_targets(point, region, [[0]], size)
    assert to_numpy(valid).all()
    maps = np.eye(size * size, dtype="float32")[int(places[0, 0, 0])] * 9
    maps = maps.reshape((1, 1, size, size, 1))
    found, _ = keypoints_of_maps(maps, region, max_side=60)
    error = np.abs(to_numpy(found)[0, 0, 0, :2] - point[0, 0, 0, :2])
    assert (error <= np.array([width, height]) / size + 1).all()


def test_a_large_region_is_found_in_steps():
    maps = np.zeros((1, 1, 8, 8, 1), "float32")
    maps[0, 0, 6, 1] = 1
    region = np.float32([[[0, 0, 800, 800]]])
    points, _ = keypoints_of_maps(maps, region, max_side=8)
    np.testing.assert_allclose(to_numpy(points)[0, 0, 0], [150, 650, 1])


def test_what_is_not_known_is_not_valid():
    points = np.float32(
        [[[[2, 2, 2], [2, 2, 0], [np.nan, 2, 2], [2, 2, np.nan], [9, 2, 1]]]]
    )
    regions = np.float32([[[0, 0, 4, 4], [0, 0, 0, 0], [0, 0, 4, 4]]])
    places, valid = keypoint_targets(points, regions, [[0, 0, -1]], 4)
    assert (
        to_numpy(valid)[0].tolist()
        == [[True] + [False] * 4] + [[False] * 5] * 2
    )
    assert to_numpy(places)[0, 0].tolist() == [10, 0, 0, 0, 0]
    assert not to_numpy(places)[0, 1:].any()


def test_rows_of_padding_are_zeros():
    maps = np.ones((1, 2, 4, 4, 2), "float32")
    regions = np.float32([[[0, 0, 0, 0], [np.nan, 0, 4, 4]]])
    for each in keypoints_of_maps(maps, regions, max_side=9):
        assert not to_numpy(each).any()


def test_no_gradient():
    region = np.float32([[[0, 0, 4, 4]]])
    maps = np.random.default_rng(0).normal(size=(1, 1, 4, 4, 2))

    def total(maps):
        scores = keypoints_of_maps(maps, region, max_side=9)[1]
        return ops.sum(scores) + 0 * ops.sum(maps)

    slope = gradient(total, maps)
    assert not slope.any()


def test_wrong_arguments():
    region, points = np.zeros((1, 1, 4)), np.zeros((1, 1, 5, 3))
    with pytest.raises(ValueError, match="size"):
        keypoint_targets(points, region, [[0]], 0)
    with pytest.raises(ValueError, match=r"keypoints \(B, M, K, 3\)"):
        keypoint_targets(points[0], region, [[0]], 9)
    with pytest.raises(ValueError, match=r"maps \(B, R, S, S, K\)"):
        keypoints_of_maps(np.zeros((1, 4, 4, 1)), region)
    with pytest.raises(ValueError, match="max_side"):
        keypoints_of_maps(np.zeros((1, 1, 4, 4, 1)), region, max_side=0)
