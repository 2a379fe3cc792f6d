import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtvision.data.resizing import resize_image, resize_map, resize_sample


def sample():
    semantic = np.zeros((10, 20), "uint8")
    semantic[2:6, 4:12] = 7
    return {
        "image": np.repeat(semantic[..., None] * 30, 3, axis=-1),
        "semantic": semantic,
        "mask": semantic > 0,
        "masks": (semantic > 0)[None],
        "depth": semantic.astype("float32"),
        "heat": semantic.astype("float32"),
        "box": np.array([4, 2, 12, 6], "float32"),
        "boxes": np.array([[4, 2, 12, 6]], "float32"),
        "keypoints": np.array([[[4, 2, 1], [12, 6, 0]]], "float32"),
        "label": np.array(7),
        "absent": None,
    }


@pytest.mark.parametrize("method", ["stretch", "letterbox"])
@pytest.mark.parametrize("size", [(20, 40), (30, 40), (40, 40), (20, 60)])
def test_labels_stay_on_what_they_describe(size, method):
    small = resize_sample(sample(), size, method=method)
    assert small["image"].shape == (*size, 3)
    rows, columns = np.nonzero(small["semantic"] > 0)
    extent = [
        columns.min(),
        rows.min(),
        columns.max() + 1,
        rows.max() + 1,
    ]
    assert np.abs(small["box"] - extent).max() <= 1
    np.testing.assert_array_equal(small["boxes"][0], small["box"])
    np.testing.assert_array_equal(
        small["keypoints"][0, :, :2].ravel(), small["box"]
    )
    np.testing.assert_array_equal(small["keypoints"][0, :, 2], [1, 0])
    for name in ("mask", "depth", "heat"):
        np.testing.assert_array_equal(small[name] > 0, small["semantic"] > 0)
    np.testing.assert_array_equal(small["masks"][0], small["mask"] > 0)
    assert small["label"] == 7
    assert small["absent"] is None
    # The bright part of the image lies under the mask.
    inside = small["image"][..., 0][small["semantic"] > 0].mean()
    assert inside > 150


def test_types_stay():
    small = resize_sample(sample(), (5, 5))
    assert small["image"].dtype == np.uint8
    assert small["semantic"].dtype == np.uint8
    assert small["mask"].dtype == bool
    assert set(np.unique(small["semantic"])) <= {0, 7}


def test_letterbox_keeps_the_aspect_ratio_between_borders_of_zeros():
    image = np.full((10, 20, 3), 200, "uint8")
    result = resize_sample({"image": image}, (20, 20), method="letterbox")
    expected = np.zeros((20, 20, 3))
    expected[5:15] = 200
    np.testing.assert_array_equal(result["image"], expected)


def test_the_same_size_changes_nothing():
    before = sample()
    after = resize_sample(before, (10, 20), method="letterbox")
    for name in before:
        np.testing.assert_array_equal(after[name], before[name])


@given(
    st.integers(1, 6),
    st.integers(1, 6),
    st.integers(1, 5),
)
def test_enlarging_by_a_whole_factor_repeats_pixels(height, width, factor):
    array = np.arange(height * width).reshape(height, width)
    result = resize_map(array, (height * factor, width * factor))
    np.testing.assert_array_equal(
        result, array.repeat(factor, axis=0).repeat(factor, axis=1)
    )


@pytest.mark.parametrize("dtype", ["uint8", "float32"])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_halving_an_image_keeps_its_mean(dtype, channels):
    image = np.random.default_rng(0).uniform(0, 255, (32, 48, channels))
    small = resize_image(image.astype(dtype), (16, 24))
    assert small.dtype == dtype
    assert small.shape == (16, 24, channels)
    assert abs(small.mean() - image.mean()) < 2


def test_a_second_image_may_have_a_size_of_its_own():
    both = {
        "image": np.zeros((10, 20, 3), "uint8"),
        "left_image": np.zeros((7, 9, 1), "float32"),
    }
    assert resize_sample(both, (8, 8))["left_image"].shape == (8, 8, 1)


def test_what_a_letterbox_adds_is_not_labelled():
    sample = {
        "image": np.zeros((4, 8, 3), "uint8"),
        "semantic": np.full((4, 8), 3, "uint8"),
        "depth": np.full((4, 8), 2.0, "float32"),
        "masks": np.ones((1, 4, 8), "uint8"),
    }
    boxed = resize_sample(sample, (8, 8), method="letterbox")
    for name, inside, outside in (
        ("semantic", 3, -1),
        ("depth", 2.0, np.nan),
        ("masks", 1, 0),
    ):
        value = boxed[name].reshape(8, 8)
        np.testing.assert_array_equal(value[2:6], inside)
        np.testing.assert_array_equal(value[[0, 1, 6, 7]], outside)


def test_pairs_of_images_without_a_main_one():
    sample = {
        "first_image": np.zeros((8, 6, 3), "uint8"),
        "second_image": np.zeros((4, 4, 3), "uint8"),
        "same": np.array(1),
        "image": None,
    }
    small = resize_sample(sample, (2, 3))
    assert small["first_image"].shape == (2, 3, 3)
    assert small["second_image"].shape == (2, 3, 3)
    assert small["same"] == 1
    assert small["image"] is None


def test_key_points_without_a_label_stay_zero():
    points = np.array([[[0.0, 0, 0], [8, 2, 1]]])
    sample = {"image": np.zeros((10, 20, 3), "uint8"), "keypoints": points}
    small = resize_sample(sample, (10, 10), method="letterbox")
    assert small["keypoints"].tolist() == [[[0, 0, 0], [4, 3, 1]]]


def test_areas_of_objects_grow_as_the_image_does():
    areas = {"area": np.array([32.0, np.nan]), "lot_area": np.array(7.0)}
    small = resize_sample(sample() | areas, (20, 30))
    np.testing.assert_allclose(small["area"], [32 * 2 * 1.5, np.nan])
    assert small["lot_area"] == 7
    small = resize_sample(sample() | areas, (10, 10), method="letterbox")
    np.testing.assert_allclose(small["area"], [32 / 4, np.nan])
