from pathlib import Path

import keras
import numpy as np
import pytest

from batteries.backend import to_numpy
from batteries.layers import check_layer
from mtvision.tasks import DecodeRegions

# torchvision 0.28, RoIHeads.postprocess_detections, with scores from 0.2,
# an IoU up to 0.4 and 12 detections. Its background is the first class.
VECTORS = np.load(Path(__file__).parents[2] / "vectors" / "region_losses.npz")
IMAGE = np.zeros((2, 48, 48, 3), "float32")


def rows(columns=16):
    """Rows of classes and of boxes of the vectors."""
    logits = VECTORS["heads/logits"]
    logits = np.concatenate([logits[..., 1:], logits[..., :1]], -1)
    parts = logits, VECTORS["heads/deltas"][..., 4:columns]
    regions = VECTORS["heads/regions"]
    return [np.concatenate([p, regions], -1).astype("float32") for p in parts]


def test_detections_of_torchvision():
    decode = DecodeRegions(
        max_detections=12, score_threshold=0.2, iou_threshold=0.4
    )
    found = to_numpy(decode(rows(), IMAGE))
    for i in range(2):
        names = "boxes", "scores", "labels"
        boxes, scores, labels = (VECTORS[f"heads/{n}{i}"] for n in names)
        np.testing.assert_allclose(found["scores"][i], scores, rtol=1e-5)
        np.testing.assert_array_equal(found["classes"][i], labels - 1)
        np.testing.assert_allclose(
            found["boxes"][i], boxes, rtol=1e-4, atol=1e-4
        )


def test_is_a_proper_layer():
    arguments = {
        "max_detections": 5,
        "score_threshold": 0.1,
        "iou_threshold": 0.3,
        "num_candidates": 7,
        "min_size": 2.0,
        "activation": "sigmoid",
        "delta_weights": (2.0, 2.0, 1.0, 1.0),
    }
    found = check_layer(DecodeRegions, arguments, rows(), differentiable=False)
    assert found["boxes"].shape == (2, 5, 4)


def test_one_box_for_all_classes():
    """As if each class had the same deltas."""
    classes, one = rows(columns=8)
    each = np.concatenate([one[..., :4]] * 3 + [one[..., 4:]], -1)
    found = to_numpy(DecodeRegions()([classes, one]))
    expected = to_numpy(DecodeRegions()([classes, each]))
    for field, values in expected.items():
        np.testing.assert_allclose(found[field], values, rtol=1e-5)
    assert (found["classes"][:, 5] >= 0).all()


def test_padding_is_never_found():
    """Not even where it takes part as the most certain of all."""
    classes, boxes = rows()
    expected = to_numpy(DecodeRegions(num_candidates=9)([classes, boxes]))
    further = np.zeros((2, 30, 8), "float32")
    further[..., 0] = 99
    classes = np.concatenate([further, classes], 1)
    boxes = np.pad(boxes, ((0, 0), (30, 0), (0, 0)))
    found = to_numpy(DecodeRegions(num_candidates=9)([classes, boxes]))
    for field, values in expected.items():
        np.testing.assert_allclose(found[field], values, rtol=1e-5)


def test_small_boxes_go():
    decode = DecodeRegions(min_size=9.0, score_threshold=0.0)
    found = to_numpy(decode(rows(), IMAGE))
    sides = found["boxes"][..., 2:] - found["boxes"][..., :2]
    is_real = found["classes"] >= 0
    assert is_real.any()
    assert (sides[is_real] >= 9).all()
    every = to_numpy(DecodeRegions(score_threshold=0.0)(rows(), IMAGE))
    assert (every["classes"] >= 0).sum() > is_real.sum()


def test_margins_are_scored_class_by_class():
    """Whatever the other classes and the background say."""
    classes, boxes = rows()
    decode = DecodeRegions(
        activation="sigmoid", score_threshold=0.0, iou_threshold=1.0
    )
    found = to_numpy(decode([classes, boxes]))
    margins = np.sort(classes[0, :, :3].ravel())[::-1]
    is_real = found["scores"][0] > 0
    assert is_real.sum() > 9
    expected = 1 / (1 + np.exp(-margins))[: is_real.sum()]
    np.testing.assert_allclose(found["scores"][0][is_real], expected, rtol=1e-5)
    classes[..., 3] += 100
    again = to_numpy(decode([classes, boxes]))
    np.testing.assert_array_equal(found["classes"], again["classes"])


def test_any_number_of_regions():
    inputs = [keras.Input((None, 8)), keras.Input((None, 16))]
    model = keras.Model(inputs, DecodeRegions()(inputs))
    found = model.predict_on_batch(rows())
    expected = to_numpy(DecodeRegions()(rows()))
    np.testing.assert_array_equal(found["classes"], expected["classes"])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: DecodeRegions(num_candidates=0), "num_candidates"),
        (lambda: DecodeRegions(min_size=-1), "min_size"),
        (lambda: DecodeRegions(activation="relu"), "'relu'"),
        (lambda: DecodeRegions()(rows()[0]), "RegionBoxesHead"),
        (lambda: DecodeRegions()(rows(columns=12)), "each of 3 classes"),
        (lambda: DecodeRegions()([rows()[0][..., :5]] * 2), r"C \+ 1 \+ 4"),
    ],
)
def test_what_cannot_be_is_said(make, message):
    with pytest.raises(ValueError, match=message):
        make()
