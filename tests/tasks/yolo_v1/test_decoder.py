import numpy as np
import pytest

from batteries.backend import to_numpy
from batteries.layers import check_layer
from mtvision.tasks.yolo_v1 import DecodeYOLOv1

SIZE = (40, 80)  # height, width


def two_boxes():
    """One cell of 2 x 2 with two boxes, confidences 0.9 and 0.6, and the
    classes 0.5, -1 and 1.5.
    """
    grids = np.zeros((1, 2, 2, 13), "float32")
    grids[0, 1, 0, :5] = [0.5, 0.25, 0.5, 0.5, 0.9]
    grids[0, 1, 0, 5:10] = [0.0, 0.0, 0.25, 0.5, 0.6]
    grids[0, 1, 0, 10:] = [0.5, -1.0, 1.5]
    return grids


# Cell of 40 x 20 pixels at (0, 20): centres (20, 25) and (0, 20), sizes
# 20 x 10 and 5 x 10; the second is cut at the image's left edge.
FIRST, SECOND = [10, 20, 30, 30], [0, 15, 2.5, 25]


def test_scores_are_class_times_confidence():
    decode = DecodeYOLOv1(SIZE, max_detections=5)
    found = to_numpy(decode(two_boxes()))
    np.testing.assert_allclose(
        found["boxes"][0], [FIRST, SECOND, FIRST, SECOND, [0] * 4], atol=1e-5
    )
    np.testing.assert_allclose(
        found["scores"][0], [0.9, 0.6, 0.45, 0.3, 0], atol=1e-6
    )
    assert found["classes"][0].tolist() == [2, 2, 0, 0, -1]


def test_suppression_is_by_class():
    grids = two_boxes()
    grids[0, 1, 0, 5:9] = [0.5, 0.25, 0.5, 0.52]  # nearly the first box
    found = to_numpy(DecodeYOLOv1(SIZE, max_detections=5)(grids))
    assert found["classes"][0].tolist() == [2, 0, -1, -1, -1]
    high = DecodeYOLOv1(SIZE, max_detections=5, score_threshold=0.5)
    assert to_numpy(high(grids))["classes"][0].tolist() == [2] + [-1] * 4


def test_layer():
    arguments = {
        "image_size": SIZE,
        "boxes_per_cell": 1,
        "max_detections": 4,
        "score_threshold": 0.2,
        "iou_threshold": 0.4,
        "num_candidates": 6,
    }
    check_layer(DecodeYOLOv1, arguments, two_boxes(), differentiable=False)


def test_two_negative_factors_are_no_score():
    grids = -np.ones((1, 3, 3, 12), "float32")
    assert (to_numpy(DecodeYOLOv1(60)(grids))["classes"] == -1).all()


def test_wrong_sizes():
    decode = DecodeYOLOv1(SIZE)
    with pytest.raises(ValueError, match=r"image_size=\(40, 80\)"):
        decode(two_boxes(), np.zeros((1, 80, 80, 3)))
    decode(two_boxes(), np.zeros((1, 40, 80, 3)))
    with pytest.raises(ValueError, match=r"5 \* 2 \+ C"):
        decode(np.zeros((1, 2, 2, 10)))
