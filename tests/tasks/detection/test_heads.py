"""DetectionHead and SSDHead."""

import math

import keras
import numpy as np
import pytest

from batteries.backend import to_numpy
from batteries.layers import check_layer
from mtvision.tasks.detection import (
    DefaultBoxes,
    DetectionHead,
    GridAnchors,
    SSDHead,
)
from mtvision.tasks.detection.columns import join, split

BOXES = DefaultBoxes(aspect_ratios=[[2], [2, 3]])


def pyramid(size=(4, 6), channels=(5, 5), seed=0):
    random = np.random.default_rng(seed)
    shapes = [(2, *size, channels[0])]
    shapes += [(2, *(-(-n // 2) for n in size), channels[1])]
    return {
        f"P{3 + k}": random.normal(size=shape).astype("float32")
        for k, shape in enumerate(shapes)
    }


@pytest.mark.parametrize("norm", ["batch", "group"])
def test_detection_head_is_a_proper_layer(norm):
    arguments = {
        "num_classes": 3,
        "levels": ("P3", "P4"),
        "filters": 8,
        "depth": 1,
        "norm": norm,
        "anchors": GridAnchors(scales=(1.0,)),
        "prior": 0.1,
    }
    outputs = check_layer(DetectionHead, arguments, pyramid())
    assert outputs.shape == (2, 3 * (4 * 6 + 2 * 3), 4 + 3 + 4)


def test_ssd_head_is_a_proper_layer():
    arguments = {"num_classes": 3, "levels": ("P3", "P4"), "boxes": BOXES}
    inputs = pyramid(channels=(5, 7)), np.ones((2, 30, 44, 3), "float32")
    outputs = check_layer(SSDHead, arguments, inputs, without_gradient=(2,))
    assert outputs.shape == (2, 4 * 24 + 6 * 6, 4 + 4 + 4)


def test_anchors_come_along_for_any_size():
    image = {
        f"P{k}": keras.Input((None, None, 5), name=f"P{k}") for k in (3, 4)
    }
    head = DetectionHead(3, filters=4, depth=0)
    model = keras.Model(image, head(image))
    for size in ((4, 6), (3, 5)):
        maps = pyramid(size)
        shapes = {k: x.shape[1:3] for k, x in maps.items()}
        anchors = split(to_numpy(model(maps)))[2]
        expected = to_numpy(GridAnchors()(shapes))
        np.testing.assert_array_equal(anchors[0], expected)
        np.testing.assert_array_equal(anchors[1], expected)


def test_default_boxes_are_shares_of_the_image():
    head = SSDHead(3, boxes=BOXES)
    image = np.zeros((2, 30, 44, 3), "float32")
    own = split(to_numpy(head(pyramid(), image)))[2]
    shapes = {"P3": (4, 6), "P4": (2, 3)}
    np.testing.assert_allclose(own[0], to_numpy(BOXES(shapes, (30, 44))))
    without = split(to_numpy(head(pyramid())))[2]
    np.testing.assert_allclose(without[0], to_numpy(BOXES(shapes, (32, 48))))


def test_rows_are_those_of_their_anchors():
    """What changes in one cell changes the rows around that cell only."""
    head = DetectionHead(
        2, filters=4, depth=0, anchors=GridAnchors(cells=1.0, scales=(1.0,))
    )
    maps = {"P3": np.zeros((1, 5, 7, 4), "float32")}
    before = to_numpy(head(maps))
    maps["P3"][0, 3, 4] = 1
    after = to_numpy(head(maps))
    changed = np.abs(after - before).max((0, 2)) > 0
    anchors = split(after)[2][0]
    centres = (anchors[:, :2] + anchors[:, 2:]) / 2
    near = np.abs(centres - [4.5 * 8, 3.5 * 8]).max(1) <= 8
    np.testing.assert_array_equal(changed, near)


def test_levels_share_their_weights():
    head = DetectionHead(2, filters=4, depth=1)
    maps = pyramid((6, 6))
    maps["P4"] = maps["P3"]
    deltas, logits, _ = split(to_numpy(head(maps)))
    np.testing.assert_allclose(*np.split(logits, 2, axis=1), atol=1e-6)
    np.testing.assert_allclose(*np.split(deltas, 2, axis=1), atol=1e-6)


def test_classes_are_improbable_at_first():
    logits = split(to_numpy(DetectionHead(2, depth=0)(pyramid())))[1]
    assert abs(np.mean(logits) + math.log(99)) < 0.1


def test_columns():
    random = np.random.default_rng(0)
    parts = [random.normal(size=(2, 5, k)).astype("float32") for k in (4, 3)]
    anchors = random.normal(size=(5, 4)).astype("float32")
    deltas, logits, own = split(to_numpy(join(*parts, anchors)))
    np.testing.assert_array_equal(deltas, parts[0])
    np.testing.assert_array_equal(logits, parts[1])
    np.testing.assert_array_equal(own[1], anchors)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: DetectionHead(0), "num_classes"),
        (lambda: DetectionHead(3, norm="layer"), "norm"),
        (lambda: DetectionHead(3, prior=1.0), "prior"),
        (lambda: DetectionHead(3, levels=()), "levels"),
        (lambda: SSDHead(3, levels=[]), "levels"),
        (lambda: DetectionHead(3, levels=["P5"])(pyramid()), "P5"),
        (lambda: DetectionHead(3)(pyramid()["P3"]), "dict of maps"),
        (lambda: DetectionHead(3)(pyramid(channels=(5, 6))), "FeaturePyramid"),
        (lambda: SSDHead(3)(pyramid()), "2 levels"),
        (
            lambda: DetectionHead(3)(
                {**pyramid(), "P7": np.zeros((2, 1, 1, 5))}
            ),
            "P7, has a stride of 128 pixels",
        ),
        (
            lambda: SSDHead(3, boxes=BOXES, levels=["P3", "P7"])(
                {**pyramid(), "P7": np.zeros((2, 1, 1, 5))}
            ),
            "P7, has a stride of 128 pixels",
        ),
    ],
)
def test_what_cannot_be_is_said(make, message):
    with pytest.raises(ValueError, match=message):
        make()
