import numpy as np
import pytest

from batteries.backend import to_numpy
from mtvision.ops.region_warping import enlarge_boxes, warp_regions
from mtvision.ops.resizing import resize_bilinear

RNG = np.random.default_rng(0)
IMAGES = RNG.uniform(0, 255, (2, 24, 32, 3)).astype("float32")


def test_the_whole_image_is_the_image():
    box = np.array([[[0, 0, 32, 24]]] * 2, "float32")
    same = to_numpy(warp_regions(IMAGES, box, (24, 32), sampling_ratio=1))
    np.testing.assert_allclose(same[:, 0], IMAGES, atol=1e-3)
    # Larger, it is what is resized.
    large = to_numpy(warp_regions(IMAGES, box, (48, 64), sampling_ratio=1))
    expected = to_numpy(resize_bilinear(IMAGES, (48, 64)))
    np.testing.assert_allclose(large[:, 0], expected, atol=1e-2)


def test_a_region_on_pixels_is_a_cut():
    boxes = np.array([[[4, 2, 12, 10]], [[20, 16, 28, 24]]], "float32")
    cut = to_numpy(warp_regions(IMAGES, boxes, 8, sampling_ratio=1))
    np.testing.assert_allclose(cut[0, 0], IMAGES[0, 2:10, 4:12], atol=1e-3)
    np.testing.assert_allclose(cut[1, 0], IMAGES[1, 16:24, 20:28], atol=1e-3)


def test_context_is_so_many_pixels_of_the_picture():
    """The region fills what the context leaves; outside there is the fill."""
    boxes = np.array([[[0, 0, 8, 4]]] * 2, "float32")
    fill = (7.0, 8.0, 9.0)
    options = {"context": 2, "fill": fill, "sampling_ratio": 1}
    picture = to_numpy(warp_regions(IMAGES, boxes, (8, 12), **options))[:, 0]
    np.testing.assert_allclose(
        picture[:, 2:6, 2:10], IMAGES[:, :4, :8], atol=1e-3
    )
    np.testing.assert_allclose(
        picture[:, 2:, 2:], IMAGES[:, :6, :10], atol=1e-3
    )
    # One pixel around the image is its border's.
    np.testing.assert_allclose(picture[:, 0], [[fill] * 12] * 2, atol=1e-3)
    np.testing.assert_allclose(picture[:, :, 0], [[fill] * 8] * 2, atol=1e-3)


def test_context_of_the_paper():
    """R-CNN scales a region by 227 / (227 - 2 x 16) about its centre."""
    box = np.array([10.0, 20.0, 110.0, 70.0])
    scale = 227 / (227 - 32)
    centre, half = [60, 45], np.array([50, 25]) * scale
    expected = np.concatenate([centre - half, centre + half])
    found = to_numpy(enlarge_boxes(box, 16, (227, 227)))
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_regions_that_are_none_are_finite():
    boxes = [[[0, 0, 0, 0], [np.nan] * 4, [90, 90, 99, 99], [9, 9, 2, 2]]] * 2
    picture = to_numpy(
        warp_regions(IMAGES, np.array(boxes, "float32"), 8, fill=5.0)
    )
    assert np.isfinite(picture).all()
    np.testing.assert_allclose(picture[:, 2], 5.0)


def test_what_cannot_be_is_said():
    boxes = np.zeros((2, 1, 4), "float32")
    with pytest.raises(ValueError, match="context=4 for 8 x 9"):
        warp_regions(IMAGES, boxes, (8, 9), context=4)
    with pytest.raises(ValueError, match="context"):
        warp_regions(IMAGES, boxes, 8, context=1.5)
