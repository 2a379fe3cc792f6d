import numpy as np
import pytest

from mtvision.ops.object_field_checks import (
    check_keypoints,
    check_keypoints_near,
    check_mask_size,
    check_masks,
)


def masks(dtype="float32"):
    return {
        "classes": np.array([[0, -1], [1, 0]]),
        "masks": np.ones((2, 2, 4, 4), dtype),
    }


@pytest.mark.parametrize("value", [np.nan, 0.3, -1, 255])
def test_masks_hold_zeros_and_ones(value):
    truth = masks()
    truth["masks"][1, 1, 2, 3] = value
    message = f"'masks' of sample 1 hold {value:g}, in object 1.*Expected"
    with pytest.raises(ValueError, match=message):
        check_masks(truth)


def test_whole_numbers_beyond_one_are_no_mask():
    truth = masks("uint8")
    check_masks(truth)
    truth["masks"] *= 255
    with pytest.raises(ValueError, match="sample 0 hold 255, in object 0"):
        check_masks(truth)


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int32", "float32"])
@pytest.mark.parametrize("count", [0, 2])
def test_masks_of_all_kinds(dtype, count):
    truth = {k: v[:, :count] for k, v in masks(dtype).items()}
    check_masks(truth)


@pytest.mark.parametrize("filling", [np.nan, -1])
def test_a_missing_mask_passes(filling):
    truth = masks()
    truth["masks"][1, 0] = filling
    truth["masks"][0, 1] = 0.7  # of padding
    check_masks(truth)


def test_mask_size():
    check_mask_size(masks(), None)
    check_mask_size(masks(), (4, 4))
    with pytest.raises(ValueError, match=r"\(4, 4\) pixels, the images \(4, 8"):
        check_mask_size(masks(), (4, 8))


def keypoints():
    points = np.float32([[5, 6, 2], [30, 40, 1], [0, 0, 0]])
    return {
        "classes": np.array([[0, -1], [1, 0]]),
        "keypoints": np.broadcast_to(points, (2, 2, 3, 3)).copy(),
    }


@pytest.mark.parametrize("value", [7, -1, 0.5, np.nan])
def test_visibilities(value):
    truth = keypoints()
    truth["keypoints"][1, 1, 0, 2] = value
    message = f"sample 1 have the visibility {value:g}, of point 0 of object 1"
    with pytest.raises(ValueError, match=message):
        check_keypoints(truth)


def test_visible_points_have_a_place():
    truth = keypoints()
    truth["keypoints"][1, 0, 2, :2] = np.nan
    check_keypoints(truth)
    truth["keypoints"][1, 0, 1, 0] = np.nan
    with pytest.raises(ValueError, match="sample 1 have point 1 of object 0"):
        check_keypoints(truth)


def test_points_as_shares():
    truth = keypoints()
    truth["keypoints"][..., :2] /= 100
    with pytest.raises(ValueError, match="'keypoints'.*shares of the image"):
        check_keypoints(truth)
    truth["keypoints"][0, 0, 0, 0] = 1.5
    check_keypoints(truth)
    # One point may lie in the first pixel.
    truth["keypoints"][..., 2] = 0
    truth["keypoints"][0, 0, 1] = 0.4, 0.5, 2
    check_keypoints(truth)


@pytest.mark.parametrize("filling", [np.nan, -1])
def test_missing_points_pass(filling):
    truth = keypoints()
    truth["keypoints"][1, 0] = filling
    truth["keypoints"][0, 1] = 5000  # of padding
    check_keypoints(truth)
    check_keypoints_near(truth, (64, 32))


def test_points_far_from_the_image():
    truth = keypoints()
    for place in ((-31, 127), (63, -63), (63, 127)):
        truth["keypoints"][1, 1, 1, :2] = place
        check_keypoints_near(truth, (64, 32))
    for place in ((-33, 9), (65, 9), (9, -65), (9, 129), (5000, 5000)):
        truth["keypoints"][1, 1, 1, :2] = place
        message = r"sample 1 have point 1 of object 1 at.*64 x 32 pixels"
        with pytest.raises(ValueError, match=message):
            check_keypoints_near(truth, (64, 32))
        check_keypoints_near(truth, None)
    truth["keypoints"][1, 1, 1, 2] = 0
    check_keypoints_near(truth, (64, 32))


def test_no_objects():
    truth = {k: v[:, :0] for k, v in keypoints().items()}
    check_keypoints(truth)
    check_keypoints_near(truth, (64, 32))
