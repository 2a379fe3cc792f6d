import numpy as np
import pytest

from batteries.backend import to_numpy
from batteries.layers import check_layer
from mtvision.tasks.yolo import DecodeYOLO
from mtvision.tasks.yolo.columns import join


def predictions():
    """Three anchors: two alike, of probability 0.9 and 0.8 and classes 0.5
    and 0.8; one at the image's edge with 0.25 and 0.5, 0.2.
    """
    p = np.array([[0.9, 0.8, 0.25]])
    classes = np.array([[[0.5, 0.8], [0.5, 0.8], [0.5, 0.2]]])
    deltas = np.zeros((1, 3, 4))
    deltas[0, 2, 2] = np.log(2)
    cells = np.array([[16, 16, 32, 32]] * 2 + [[32, 0, 48, 16]], "float32")
    sizes = np.array([[8, 4], [8, 5], [10, 6]], "float32")
    p, classes = np.log(p / (1 - p)), np.log(classes / (1 - classes))
    parts = (x.astype("float32") for x in (p, classes, deltas, cells, sizes))
    return to_numpy(join(*parts))


def test_scores_boxes_and_suppression():
    found = to_numpy(DecodeYOLO(max_detections=5)(predictions()))
    np.testing.assert_allclose(
        found["scores"][0], [0.72, 0.45, 0.125, 0.05, 0], atol=1e-6
    )
    assert found["classes"][0].tolist() == [1, 0, 0, 1, -1]
    near, edge = [20, 22, 28, 26], [30, 5, 50, 11]
    np.testing.assert_allclose(
        found["boxes"][0], [near, near, edge, edge, [0] * 4], atol=1e-4
    )


def test_thresholds():
    decode = DecodeYOLO(max_detections=5, score_threshold=0.2)
    found = to_numpy(decode(predictions()))
    assert found["classes"][0].tolist() == [1, 0, -1, -1, -1]
    loose = DecodeYOLO(max_detections=6, iou_threshold=0.9)
    found = to_numpy(loose(predictions()))
    assert (found["classes"] >= 0).all()
    few = DecodeYOLO(max_detections=5, num_candidates=1)
    assert (to_numpy(few(predictions()))["classes"] >= 0).sum() == 1


def test_boxes_are_cut_at_the_image():
    image = np.zeros((1, 24, 44, 3), "float32")
    found = to_numpy(DecodeYOLO(max_detections=4)(predictions(), image))
    assert found["boxes"][0, 0].tolist() == pytest.approx([20, 22, 28, 24])
    assert found["boxes"][0, 2].tolist() == pytest.approx([30, 5, 44, 11])


def test_layer():
    arguments = {
        "max_detections": 4,
        "score_threshold": 0.2,
        "iou_threshold": 0.4,
        "num_candidates": 6,
    }
    check_layer(DecodeYOLO, arguments, predictions(), differentiable=False)
    with pytest.raises(ValueError, match=r"11 \+ C"):
        DecodeYOLO()(np.zeros((1, 3, 9)))
